"""The mappings that docs/your-own-data.md shows are those that read the files it names."""

import re
from pathlib import Path

import msgspec
import pytest
from sample_folders import SAMPLES, land_sample, landed

from ingest.mapping_checks import read_spec
from ingest.mapping_spec import MappingSpec
from ingest.mapping_targets import MEASURES

DOCS = Path(__file__).parents[2] / "docs" / "your-own-data.md"
EXAMPLE = re.compile(r"`data/sample/(\w+)/mappings/(\w+)\.toml`:\n\n((?:(?: {4}.*)?\n)+)")
SHOWN = {name: (sample, toml) for sample, name, toml in EXAMPLE.findall(DOCS.read_text())}
TOTALS = {
    "azure_llm_2023": ("usage_events", 19_366, "other_output_tokens", 4_088_665),
    "mooncake_fast25": ("usage_events", 12_031, "other_output_tokens", 4_122_048),
    "pdu": ("power_samples", 2_343, "power_watts", 6_413_326.1),
}


def shown(name: str, folder: Path) -> Path:
    """The mapping as a reader of the documentation would save it."""
    path = folder / "mappings" / f"{name}.toml"
    path.parent.mkdir()
    path.write_text(re.sub("^ {4}", "", SHOWN[name][1], flags=re.MULTILINE))
    return path


def test_the_documentation_shows_three_examples() -> None:
    assert list(SHOWN) == list(TOTALS)


@pytest.mark.parametrize("name", TOTALS)
def test_a_shown_mapping_reads_its_file_to_the_last_row(name: str, tmp_path: Path) -> None:
    mappings = shown(name, tmp_path).parent
    land_sample(SHOWN[name][0], tmp_path, mappings)
    table, rows, column, total = TOTALS[name]
    found = landed(tmp_path, table, name)
    assert (found.height, found[column].sum()) == (rows, pytest.approx(total, rel=1e-12))


@pytest.mark.parametrize("name", TOTALS)
def test_a_shown_mapping_is_the_one_that_ships_with_its_file(name: str, tmp_path: Path) -> None:
    def without_prose(path: Path) -> MappingSpec:
        return msgspec.structs.replace(read_spec(path), description="", docs="")

    shipped = SAMPLES / SHOWN[name][0] / "mappings" / f"{name}.toml"
    assert without_prose(shown(name, tmp_path)) == without_prose(shipped)


def test_the_documentation_lists_every_unit_of_a_reading() -> None:
    rows = re.findall(r"^\| (`[a-z_]+_\w+`.*) \| (`.*`) \|$", DOCS.read_text(), re.MULTILINE)
    told = {
        ending: re.findall(r"`(\w+)`", units)
        for columns, units in rows
        for ending in MEASURES
        if f"{ending}`" in columns
    }
    assert told == {e: list(units) for e, units in MEASURES.items() if len(units) > 1}
