"""The tables of docs/focus.md: `python -m pipelines.exports.focus_page` writes them anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml  # type: ignore[import-untyped]

from pipelines.reference import with_part
from pipelines.settings import REPOSITORY

PAGE: Final = REPOSITORY / "docs" / "focus.md"
MODELS: Final = REPOSITORY / "dbt_project" / "models" / "exports"
FILES: Final = ("focus_cost_and_usage.yml", "focus_other_datasets.yml")
# The first word of a column's description.
SUPPORT: Final = ("Supported", "Partly", "Empty")


def columns_of() -> Mapping[str, Mapping[str, str]]:
    """Dataset (the dbt model's name) -> column -> its description."""
    return {
        model["name"]: {column["name"]: column["description"] for column in model["columns"]}
        for file in FILES
        for model in yaml.safe_load((MODELS / file).read_text(encoding="utf-8"))["models"]
    }


def page_parts() -> Mapping[str, str]:
    """Name of a generated part -> its Markdown: how many columns, and each with its reason."""
    datasets = columns_of()
    return {"totals": _totals(datasets), **{name: _table(datasets[name]) for name in datasets}}


def _totals(datasets: Mapping[str, Mapping[str, str]]) -> str:
    lines = ["| dataset | columns | supported | partly | empty |", "|---|---:|---:|---:|---:|"]
    for name, columns in datasets.items():
        counts = [sum(text.startswith(f"{word}.") for text in columns.values()) for word in SUPPORT]
        numbers = " | ".join(map(str, [len(columns), *counts]))
        lines.append(f"| `{name}` | {numbers} |")
    return "\n".join(lines) + "\n"


def _table(columns: Mapping[str, str]) -> str:
    lines = ["| column | | how, or why not |", "|---|---|---|"]
    for name, text in sorted(columns.items()):
        support, _, reason = text.partition(". ")
        lines.append(f"| `{name}` | {support.lower()} | {reason} |")
    return "\n".join(lines) + "\n"


def written(page: Path) -> str:
    """The page's text with its generated parts as they are now."""
    text = page.read_text(encoding="utf-8")
    for name, part in page_parts().items():
        text = with_part(text, name, part)
    return text


if __name__ == "__main__":
    PAGE.write_text(written(PAGE), encoding="utf-8")
