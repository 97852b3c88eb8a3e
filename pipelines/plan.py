"""What a run has to rebuild: the days that new files touch, or everything when the rules changed.

The plan compares landing's manifests, the ledgers, the price table and the dbt project with what
the last successful build saw (state/built.json). Losing that file costs one full rebuild.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

import polars as pl

from ingest.files import write_atomically, write_parquet_atomically
from ingest.landing import Manifest, read_manifests
from pipelines.dbt_manifest import digest, project_files
from pipelines.price_book import imported_files
from pipelines.settings import Settings

# A difference between two samples belongs to the day it ends on, so a late sample also moves the
# first difference of the day after.
DIFFERENCED_TABLES = frozenset({"engine_samples", "gpu_samples"})

ANNOUNCED = "announced.json"
BUILT = "built.json"

Days = Mapping[str, list[str]]  # canonical table -> ISO dates


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a build takes into account."""

    manifests: Mapping[str, Days]
    ledgers: str
    rules: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run's work.

    Attributes:
        touched: UTC days with new or changed rows, by canonical table: what the audit judges.
        dates: UTC days that dbt rebuilds, in order.
        rebuild_reasons: Why every day is rebuilt; empty when only the touched ones are.
        seen: What a successful build will have seen.
    """

    touched: Mapping[str, frozenset[date]]
    dates: tuple[date, ...]
    rebuild_reasons: tuple[str, ...]
    seen: Seen

    @property
    def is_empty(self) -> bool:
        """Nothing arrived and nothing changed since the last successful build."""
        return not self.dates and not self.rebuild_reasons


def make_plan(settings: Settings, requested: Iterable[date] = ()) -> Plan:
    """Compare what landed with what the last build saw.

    Args:
        settings: Whose data folder.
        requested: UTC days to rebuild although nothing new arrived for them.
    """
    manifests, built = read_manifests(settings.landing), _last_build(settings)
    seen = _look(settings, manifests)
    reasons = tuple(_rebuild_reasons(settings, seen, built))
    before = {} if reasons or built is None else _standing(built.manifests, manifests)
    touched = _touched(before, seen.manifests)
    return Plan(
        touched=touched,
        dates=tuple(sorted(_dates(touched, seen) | set(requested))),
        rebuild_reasons=reasons,
        seen=seen,
    )


def announce(settings: Settings, plan: Plan) -> None:
    """Fix the work of this run: what dbt rebuilds, and what is built once that is published."""
    write_parquet_atomically(
        pl.DataFrame({"event_date": plan.dates}, schema={"event_date": pl.Date}),
        settings.state / "touched_dates.parquet",
    )
    work = {"rebuild_reasons": plan.rebuild_reasons, "seen": vars(plan.seen)}
    write_atomically(
        settings.state / ANNOUNCED, json.dumps(work, indent=1, sort_keys=True).encode()
    )


def rebuilds_everything(settings: Settings) -> bool:
    """Whether the announced work is a full rebuild."""
    return bool(json.loads((settings.state / ANNOUNCED).read_text())["rebuild_reasons"])


def work_key(plan: Plan) -> str:
    """Tells this work from any other: what is rebuilt, why, and from what."""
    days = [day.isoformat() for day in plan.dates]
    work = {"dates": days, "rebuild_reasons": plan.rebuild_reasons, "seen": vars(plan.seen)}
    return sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()


def mark_built(settings: Settings) -> None:
    """Record that the announced work is published; files that landed since are not in it."""
    work = json.loads((settings.state / ANNOUNCED).read_text())
    text = json.dumps(work["seen"], indent=1, sort_keys=True)
    write_atomically(settings.state / BUILT, text.encode())


def published_manifests(settings: Settings) -> frozenset[str]:
    """Keys of the manifests whose rows the last published build took into account."""
    built = _last_build(settings)
    return frozenset(built.manifests) if built else frozenset()


def _look(settings: Settings, manifests: Iterable[Manifest]) -> Seen:
    return Seen(
        manifests={m.key: _days(m) for m in manifests},
        ledgers=digest(sorted((settings.landing / "_ledgers").glob("*.parquet"))),
        rules=digest(
            [
                *project_files("models", "macros", "seeds", "dbt_project.yml"),
                *imported_files(settings),
            ]
        ),
    )


def _days(manifest: Manifest) -> dict[str, list[str]]:
    return {table: [day.isoformat() for day in days] for table, days in manifest.dates.items()}


def _last_build(settings: Settings) -> Seen | None:
    path = settings.state / BUILT
    if not path.exists() or not settings.warehouse.exists():
        return None
    return Seen(**json.loads(path.read_text()))


def _standing(built: Mapping[str, Days], manifests: Iterable[Manifest]) -> dict[str, Days]:
    """What was built, without parts that were merged since into another that was built too.

    Their rows have not changed, so they touch no day.
    """
    merged = {
        f"{m.source}/{m.source_version}/{one}"
        for m in manifests
        if m.key in built
        for one in m.replaces
    }
    return {key: days for key, days in built.items() if key not in merged}


def _rebuild_reasons(settings: Settings, seen: Seen, built: Seen | None) -> Iterator[str]:
    if built is None:
        yield "the warehouse is new" if not settings.warehouse.exists() else "no build is on record"
        return
    if seen.ledgers != built.ledgers:
        yield "a ledger changed"
    if seen.rules != built.rules:
        yield "the rules or the price table changed"


def _touched(before: Mapping[str, Days], after: Mapping[str, Days]) -> dict[str, frozenset[date]]:
    """Days of every manifest that came or went since the last build."""
    touched: dict[str, set[date]] = {}
    for key in before.keys() ^ after.keys():
        for table, days in (after[key] if key in after else before[key]).items():
            touched.setdefault(table, set()).update(map(date.fromisoformat, days))
    return {table: frozenset(days) for table, days in touched.items()}


def _dates(touched: Mapping[str, frozenset[date]], seen: Seen) -> set[date]:
    known = {
        date.fromisoformat(day)
        for tables in seen.manifests.values()
        for days in tables.values()
        for day in days
    }
    following = {
        day + timedelta(days=1) for table in DIFFERENCED_TABLES for day in touched.get(table, ())
    }
    return set().union(*touched.values()) | (following & known)
