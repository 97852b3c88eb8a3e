"""What users tune by environment variables: a wrong value is said in one line."""

from pathlib import Path

import pytest

from ingest.errors import MeterhouseError
from pipelines.settings import Settings


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("METERHOUSE_START_DATE", "1 June", "YYYY-MM-DD"),
        ("METERHOUSE_SNAPSHOTS_KEPT", "0", "1 or more"),
        ("METERHOUSE_MEMORY_LIMIT", "2", "1500MB"),
        ("METERHOUSE_MEMORY_LIMIT", "80%", "1500MB"),
        ("METERHOUSE_MEMORY_LIMIT", "", "1500MB"),
    ],
)
def test_a_wrong_variable_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(MeterhouseError, match=f"{name}='{value}'.*{remedy}"):
        Settings.from_environment()


@pytest.mark.parametrize("size", ["1500MB", "8GiB", "0.5 TB"])
def test_a_size_may_have_any_unit(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv("METERHOUSE_MEMORY_LIMIT", size)
    assert Settings.from_environment(Path("data")).data.is_absolute()
