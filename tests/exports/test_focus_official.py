"""FOCUS 1.2 by the FinOps Foundation's own validator: `make focus-validate`, which sets it up."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

VALIDATOR = os.environ.get("FOCUS_VALIDATOR_PYTHON")
CHECK = Path(__file__).with_name("official_validator.py")


@pytest.mark.skipif(not VALIDATOR, reason="needs Python 3.12 and much else: make focus-validate")
def test_the_official_validator_finds_no_failure(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # FOCUS allows names of virtual currencies; the validator knows three letters of ISO 4217.
    file = tmp_path / "national_currencies.csv"
    charges = pl.read_csv(folder / "focus_1.2_cost_and_usage.csv", infer_schema=False)
    charges.filter(pl.col("PricingCurrency") == "USD").write_csv(file)
    checked = subprocess.run(
        [sys.executable, str(CHECK), str(VALIDATOR), str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    with capfd.disabled():
        print(f"\n{checked.stdout}{checked.stderr}")  # noqa: T201
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(not VALIDATOR, reason="needs Python 3.12 and much else: make focus-validate")
def test_the_official_validator_finds_a_wrong_value(folder: Path, tmp_path: Path) -> None:
    text = (folder / "focus_1.2_cost_and_usage.csv").read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text.replace(",Usage-Based,", ",Sometimes,", 1), encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, str(CHECK), str(VALIDATOR), str(wrong)], capture_output=True, check=False
    )
    assert checked.returncode == 1
