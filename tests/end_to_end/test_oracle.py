"""500 charges of a published company, recomputed from landing files to the last digit."""

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest
from oracle import Oracle
from stories import Undisturbed

CHARGES = """
select * from fct_charges_hourly
where effective_cost_usd is not null and charge_kind = ?
order by charge_id
"""
KINDS = {
    "cloud_tokens": 250,
    "own_gpu_allocated": 150,
    "own_gpu_idle": 50,
    "own_gpu_overhead": 50,
}


@pytest.fixture(scope="module")
def oracle(undisturbed: Undisturbed) -> Oracle:
    return Oracle(undisturbed.data)


@pytest.mark.parametrize("kind", KINDS)
def test_charges_are_what_the_logs_and_ledgers_say(
    undisturbed: Undisturbed, oracle: Oracle, kind: str
) -> None:
    charges = published(undisturbed.data, kind)
    chance = random.Random(17)  # noqa: S311 - the same sample every time
    sample = chance.sample(charges, min(len(charges), KINDS[kind]))
    assert len(sample) >= KINDS[kind] // 2
    wrong = {
        row["charge_id"]: (row["effective_cost_usd"], recomputed)
        for row in sample
        if row["effective_cost_usd"] != (recomputed := oracle.charge(row))
    }
    assert wrong == {}


def published(data: Path, kind: str) -> list[dict[str, Any]]:
    with duckdb.connect(data / "published" / "current.duckdb", read_only=True) as connection:
        found = connection.execute(CHARGES, [kind])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
