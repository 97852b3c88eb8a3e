"""One company with every kind of charge, built, published and exported once; tests read it."""

import sys
from collections.abc import Mapping, Sequence
from csv import DictReader
from datetime import UTC, datetime
from pathlib import Path

import pytest

# The makers of companies, of which these tests need one of their own.
sys.path.insert(0, str(Path(__file__).parents[1] / "warehouse"))

from built_once import built_once
from focus_company import found_company
from warehouse_factory import Company

from pipelines.exports.focus import DATASETS, export_focus
from pipelines.publish import publish
from pipelines.settings import Settings

Rows = Sequence[Mapping[str, str]]


@pytest.fixture(scope="session")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company after its build and publication; tests only read it."""

    def build(folder: Path) -> None:
        company = found_company(folder)
        publish(Settings.from_environment(company.data), stamp=datetime(2026, 3, 3, tzinfo=UTC))

    folder = built_once(tmp_path_factory, "sold", build)
    return Company(data=folder / "data", project=folder / "dbt_project")


@pytest.fixture(scope="session")
def settings(sold: Company) -> Settings:
    return Settings.from_environment(sold.data)


@pytest.fixture(scope="session")
def folder(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both versions as CSV, all months."""
    folder = tmp_path_factory.mktemp("focus")
    for version in DATASETS:
        export_focus(settings, folder, version=version, file_format="csv", months=[])
    return folder


@pytest.fixture(scope="session")
def charges(folder: Path) -> Rows:
    """FOCUS 1.4 Cost and Usage as a reader of the file sees it."""
    return read(folder / "focus_1.4_cost_and_usage.csv")


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(DictReader(file))
