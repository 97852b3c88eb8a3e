"""The worked examples of docs/inflation.md are what the code computes."""

import math
import re

import numpy as np
import pytest

from pipelines.inflation.bilateral import FORMULAS, unit_value
from pipelines.inflation.drivers import COUNTED
from pipelines.inflation.facts import TOKEN_CLASSES
from pipelines.inflation.story import TITLES
from pipelines.inflation.two_stage import Demand, split_change
from pipelines.settings import REPOSITORY

TEXT = (REPOSITORY / "docs/inflation.md").read_text(encoding="utf-8")


def part(name: str) -> str:
    return TEXT.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+\.\d+", text)]


def test_the_causes_of_the_example_are_computed_so() -> None:
    none = (math.nan, math.nan)
    before = Demand(
        activity=np.array((100, 20.0)),
        requests=np.array((1500.0, 500.0, 0.0)),
        factors=np.array(
            (((1000, 300), (800, 200), none), ((3e-6, 15e-6), (0.5e-6, 1.5e-6), none))
        ),
    )
    after = Demand(
        activity=np.array((130, 30.0)),
        requests=np.array((2340.0, 0.0, 1560.0)),
        factors=np.array(
            (((2000, 360), none, (3000, 1200)), ((2.4e-6, 12e-6), none, (5e-6, 25e-6)))
        ),
    )
    causes = split_change(before, after)
    expected = [
        *causes.activity,
        *causes.factors[:, 0].ravel(),
        causes.mix[0],
        causes.exit[1],
        causes.entry[2],
        causes.total,
    ]
    printed = numbers(part("causes"))
    assert printed == pytest.approx(expected, abs=5.1e-7)
    assert sum(printed[:-1]) == pytest.approx(printed[-1], abs=1e-5)
    assert f"${before.total:.2f} to ${after.total:.2f}" in " ".join(TEXT.split())


def test_the_index_of_the_example_rises_and_its_unit_value_falls() -> None:
    rows = re.findall(r"^\| \w+ \| (\d+) \| ([\d.]+) \| (\d+) \| ([\d.]+) \|$", part("index"), re.M)
    q0, p0, q1, p1 = np.array(rows, dtype=float).T
    index, unit = numbers(part("index"))[-2:]
    for formula in ("tornqvist", "fisher"):
        assert FORMULAS[formula](p0, q0, p1, q1) == pytest.approx(index)
    assert unit_value(p0, q0, p1, q1) == pytest.approx(unit)


def test_the_page_names_every_cause_and_every_kind_of_token() -> None:
    named = set(re.findall(r"`([a-z_]+)`", TEXT))
    other = {"other_output", "reasoning_output"}  # in words: output and reasoning
    assert set(TITLES) | set(COUNTED) <= named
    assert set(TOKEN_CLASSES) - other <= named
