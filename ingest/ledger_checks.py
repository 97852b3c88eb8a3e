"""What must hold between the cells of a row, the rows of a ledger, and the ledgers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

ROW_NUMBER: Final = "row_number"

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

# Ledger -> columns that name one thing: it may not be there twice.
UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "gpu_fleet": ("gpu_uuid",),
    "deployments": ("deployment_id",),
    "teams": ("team_id",),
    "provider_accounts": ("provider_name", "source", "source_instance", "project_id"),
}
# Ledger -> columns that name one thing at a time: its periods may not overlap.
ONE_AT_A_TIME: Final[Mapping[str, tuple[str, ...]]] = {
    "gpu_fleet": ("host_name", "gpu_index"),
    "api_keys": ("api_key_id",),
    "quotas": ("quota_id",),
    "contract_prices": ("provider_name", "model_name", "token_class"),
    "opex": ("opex_id",),
    "electricity_tariffs": ("host_name",),
    "volume_sources": ("account_id",),
}
PERIODS: Final[Mapping[str, tuple[str, str]]] = {
    "gpu_fleet": ("in_service_date", "retired_date"),
    "deployments": ("started_at", "ended_at"),
}
DEFAULT_PERIOD: Final = ("valid_from", "valid_to")
ALWAYS: Final = datetime(1, 1, 1)  # noqa: DTZ001 - naive UTC
FOREVER: Final = datetime(9999, 12, 31)  # noqa: DTZ001


def row_faults(ledger: str, row: Row) -> Iterator[str]:
    """Faults between the cells of one row: column and what to do."""
    start, end = PERIODS.get(ledger, DEFAULT_PERIOD)
    if row.get(start) is not None and row.get(end) is not None and row[end] <= row[start]:
        yield f"{end}: not after {start}; the end is exclusive, so it must be later"
    if ledger == "gpu_fleet":
        if row["residual_value_usd"] > row["purchase_price_usd"]:
            yield "residual_value_usd: more than purchase_price_usd; correct one of them"
        if row["useful_life_months"] == 0:
            yield "useful_life_months: 0; state the months of amortization"
    if ledger == "deployments" and row["workload"] == "training" and row["team_id"] is None:
        yield "team_id: empty; a training job states the team that pays"
    if ledger == "quotas" and (row["scope_kind"] == "organization") != (row["scope_id"] is None):
        yield "scope_id: state it for a team, model or provider; leave it empty for organization"
    if ledger == "electricity_tariffs" and row["power_usage_effectiveness_ratio"] < 1:
        yield "power_usage_effectiveness_ratio: below 1; it is total energy over server energy"


def cross_checks(rows: Rows) -> list[str]:
    """Faults between rows and between ledgers; one line each, naming file, row and column."""
    faults: list[str] = []
    for ledger, columns in UNIQUE.items():
        faults += _duplicates(ledger, columns, rows[ledger])
    for ledger, columns in ONE_AT_A_TIME.items():
        keyed = [(tuple(row[name] for name in columns), row) for row in rows[ledger]]
        faults += _overlaps(ledger, ", ".join(columns), keyed)
    faults += _overlaps("deployments", "gpu_indices", _held_gpus(rows["deployments"]))
    faults += _strange_gpus(rows)
    faults += _strange_hosts(rows)
    faults += _strange_teams(rows)
    return faults


def _place(ledger: str, row: Row, column: str) -> str:
    return f"ledgers/{ledger}.csv:{row[ROW_NUMBER]}: {column}"


def _duplicates(ledger: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Iterator[str]:
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(row[name] for name in columns)
        other = first.setdefault(key, row)
        if other is not row:
            yield (
                f"{_place(ledger, row, ', '.join(columns))}: the same as in row "
                f"{other[ROW_NUMBER]}; remove one of them"
            )


def _moment(value: date | None, open_end: datetime) -> datetime:
    if value is None:
        return open_end
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _period(ledger: str, row: Row) -> tuple[datetime, datetime]:
    start, end = PERIODS.get(ledger, DEFAULT_PERIOD)
    return _moment(row[start], ALWAYS), _moment(row[end], FOREVER)


def _overlaps(
    ledger: str, columns: str, keyed: Sequence[tuple[tuple[object, ...], Row]]
) -> Iterator[str]:
    """Pairs of rows with one key whose half-open periods meet; each pair once."""
    by_key: dict[tuple[object, ...], list[tuple[datetime, datetime, Row]]] = {}
    for key, row in keyed:
        by_key.setdefault(key, []).append((*_period(ledger, row), row))
    told: set[tuple[int, int]] = set()
    for periods in by_key.values():
        periods.sort(key=lambda period: period[:2])
        longest = periods[0]
        for period in periods[1:]:
            first, second = sorted((longest[2][ROW_NUMBER], period[2][ROW_NUMBER]))
            if period[0] < longest[1] and (first, second) not in told:
                told.add((first, second))
                yield (
                    f"ledgers/{ledger}.csv:{second}: {columns}: the same as in row {first} at the "
                    "same time; end one period before the other begins"
                )
            longest = max(longest, period, key=lambda period: period[1])


def _held_gpus(deployments: Sequence[Row]) -> list[tuple[tuple[object, ...], Row]]:
    return [
        ((row["host_name"], int(index)), row)
        for row in deployments
        for index in row["gpu_indices"].split()
    ]


def _strange_gpus(rows: Rows) -> Iterator[str]:
    fleet = {(row["host_name"], row["gpu_index"]) for row in rows["gpu_fleet"]}
    for (host, index), row in _held_gpus(rows["deployments"]):
        if (host, index) not in fleet:
            yield (
                f"{_place('deployments', row, 'gpu_indices')}: gpu_fleet has no GPU {index} on "
                f"host {host}; add it there or correct the index"
            )


def _strange_hosts(rows: Rows) -> Iterator[str]:
    hosts = {row["host_name"] for row in rows["gpu_fleet"]}
    for ledger in ("opex", "electricity_tariffs"):
        for row in rows[ledger]:
            if row["host_name"] is not None and row["host_name"] not in hosts:
                yield (
                    f"{_place(ledger, row, 'host_name')}: gpu_fleet has no host "
                    f"{row['host_name']}; add it there or correct the name"
                )


def _strange_teams(rows: Rows) -> Iterator[str]:
    teams = {row["team_id"] for row in rows["teams"]}
    for ledger in ("deployments", "api_keys"):
        for row in rows[ledger]:
            if row["team_id"] is not None and row["team_id"] not in teams:
                yield (
                    f"{_place(ledger, row, 'team_id')}: teams has no team {row['team_id']}; "
                    "add it there or correct it"
                )
