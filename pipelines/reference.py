"""The generated parts of the documentation: `python -m pipelines.reference` writes them anew."""

import re
from collections.abc import Mapping
from pathlib import Path

from ingest.ledgers import ledger_docs
from ingest.sources import SOURCES
from pipelines.metrics_page import metrics_table
from pipelines.settings import REPOSITORY

README = REPOSITORY / "README.md"
LEDGERS = REPOSITORY / "docs" / "ledgers.md"
METRICS = REPOSITORY / "docs" / "metrics.md"


def sources_table() -> str:
    """Every built-in source as a Markdown table."""
    rows = "\n".join(
        f"| [`{source.name}`]({source.docs}) | {source.description} "
        f"| {', '.join(f'`{table}`' for table in source.tables)} |"
        for source in SOURCES.values()
    )
    return f"| folder below `inputs/` | what it reads | lands in |\n|---|---|---|\n{rows}\n"


def generated_parts() -> Mapping[Path, Mapping[str, str]]:
    """File -> name of the part -> its text."""
    return {
        README: {"sources": sources_table()},
        LEDGERS: {"ledgers": ledger_docs()},
        METRICS: {"metrics": metrics_table()},
    }


def with_part(text: str, name: str, part: str) -> str:
    """The text with what stands between the markers of a part replaced."""
    begin, end = f"<!-- {name}: generated -->\n", f"<!-- /{name} -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no markers for the part {name}")
    return pattern.sub(lambda _: begin + part + end, text)


if __name__ == "__main__":
    for path, parts in generated_parts().items():
        content = path.read_text(encoding="utf-8")
        for part_name, part_text in parts.items():
            content = with_part(content, part_name, part_text)
        path.write_text(content, encoding="utf-8")
