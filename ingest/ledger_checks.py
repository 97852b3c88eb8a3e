"""What must hold between the cells of a row, the rows of a ledger, and the ledgers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from ingest.ledger_asset_checks import asset_event_faults
from ingest.ledger_row_checks import Row, period_columns

ROW_NUMBER: Final = "row_number"

Rows = Mapping[str, Sequence[Row]]

PRICED: Final = (
    "provider_name",
    "model_name",
    "token_class",
    "service_tier",
    "context_over_tokens",
)
# Ledger -> columns that name one thing: it may not be there twice.
UNIQUE: Final[Mapping[str, tuple[str, ...]]] = {
    "gpu_fleet": ("gpu_uuid",),
    "gpu_asset_events": ("event_id",),
    "deployments": ("deployment_id",),
    "training_amortizations": ("model_name", "trained_model_name"),
    "provisioned_throughput": ("reservation_id",),
    "fx_rates": ("currency_code", "valid_from"),
    "journal_accounts": ("entry_kind",),
    "tco_options": ("comparison_id", "option_id"),
    "tco_equivalents": ("model_name", "equivalent_provider_name", "equivalent_model_name"),
    "credit_purchases": ("purchase_id",),
    "teams": ("team_id",),
    "quota_boosts": ("boost_id",),
    "provider_accounts": ("provider_name", "source", "source_instance", "project_id"),
}
# Ledger -> columns that name one thing at a time: its periods may not overlap.
ONE_AT_A_TIME: Final[Mapping[str, tuple[str, ...]]] = {
    "gpu_fleet": ("host_name", "gpu_index"),
    "api_keys": ("api_key_id",),
    "quotas": ("quota_id",),
    "contract_prices": PRICED,
    "price_overrides": PRICED,
    "regional_uplifts": ("provider_name", "model_name", "region_name"),
    "opex": ("opex_id",),
    "electricity_tariffs": ("host_name", "weekdays", "from_hour", "to_hour"),
    "energy_gap_fills": ("host_name",),
    "grid_carbon_intensities": ("host_name",),
    "shared_cost_rules": ("charge_kind", "team_id"),
    "volume_sources": ("account_id",),
    "credit_rates": ("service_provider_name", "sku_id"),
}
# Ledgers whose rows may name a host, a GPU or a team of another ledger.
HOSTED: Final = ("opex", "electricity_tariffs", "energy_gap_fills", "grid_carbon_intensities")
LISTED: Final = ("gpu_asset_events", "opex")
OWNED: Final = ("deployments", "api_keys", "gpu_job_owners", "shared_cost_rules")
ALWAYS: Final = datetime(1, 1, 1)  # noqa: DTZ001 - naive UTC
FOREVER: Final = datetime(9999, 12, 31)  # noqa: DTZ001


def cross_checks(rows: Rows) -> list[str]:
    """Faults between rows and between ledgers; one line each, naming file, row and column."""
    faults: list[str] = []
    for ledger, columns in UNIQUE.items():
        faults += _duplicates(ledger, columns, rows[ledger])
    for ledger, columns in ONE_AT_A_TIME.items():
        keyed = [(tuple(row[name] for name in columns), row) for row in rows[ledger]]
        faults += _overlaps(ledger, ", ".join(columns), keyed)
    faults += _overfull_gpus(rows["deployments"])
    faults += _strange_gpus(rows)
    faults += _strange_events(rows)
    faults += _strange_hosts(rows)
    faults += _strange_teams(rows)
    faults += _strange_quotas(rows)
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
    start, end = period_columns(ledger)
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


def _overfull_gpus(deployments: Sequence[Row]) -> Iterator[str]:
    """Rows that begin while others leave too little of one of their GPUs; each row once."""
    by_gpu: dict[tuple[object, ...], list[tuple[datetime, datetime, Row]]] = {}
    for gpu, row in _held_gpus(deployments):
        by_gpu.setdefault(gpu, []).append((*_period("deployments", row), row))
    told: set[int] = set()
    for holders in by_gpu.values():
        for start in sorted({start for start, _, _ in holders}):
            present = [other for begin, end, other in holders if begin <= start < end]
            held = sum((other["gpu_share_ratio"] or Decimal(1)) for other in present)
            last = max(other[ROW_NUMBER] for other in present)
            if held > 1 and last not in told:
                told.add(last)
                others = sorted(o[ROW_NUMBER] for o in present if o[ROW_NUMBER] != last)
                yield (
                    f"ledgers/deployments.csv:{last}: gpu_indices: the same as in row "
                    f"{', '.join(map(str, others))} at the same time; end one period before the "
                    "other begins, or state gpu_share_ratio so that they fit on the GPU"
                )


def _strange_gpus(rows: Rows) -> Iterator[str]:
    uuids = {row["gpu_uuid"] for row in rows["gpu_fleet"]}
    for ledger in LISTED:
        for row in rows[ledger]:
            if row["gpu_uuid"] is not None and row["gpu_uuid"] not in uuids:
                yield (
                    f"{_place(ledger, row, 'gpu_uuid')}: gpu_fleet has no {row['gpu_uuid']}; "
                    "add it there or correct it"
                )
    fleet = {(row["host_name"], row["gpu_index"]) for row in rows["gpu_fleet"]}
    for (host, index), row in _held_gpus(rows["deployments"]):
        if (host, index) not in fleet:
            yield (
                f"{_place('deployments', row, 'gpu_indices')}: gpu_fleet has no GPU {index} on "
                f"host {host}; add it there or correct the index"
            )


def _strange_events(rows: Rows) -> Iterator[str]:
    ledger = "gpu_asset_events"
    for row, fault in asset_event_faults(rows["gpu_fleet"], rows[ledger]):
        yield f"ledgers/{ledger}.csv:{row[ROW_NUMBER]}: {fault}"


def _strange_hosts(rows: Rows) -> Iterator[str]:
    hosts = {row["host_name"] for row in rows["gpu_fleet"]}
    for ledger in HOSTED:
        for row in rows[ledger]:
            if row["host_name"] is not None and row["host_name"] not in hosts:
                yield (
                    f"{_place(ledger, row, 'host_name')}: gpu_fleet has no host "
                    f"{row['host_name']}; add it there or correct the name"
                )


def _strange_teams(rows: Rows) -> Iterator[str]:
    teams = {row["team_id"] for row in rows["teams"]}
    for ledger in OWNED:
        for row in rows[ledger]:
            if row["team_id"] is not None and row["team_id"] not in teams:
                yield (
                    f"{_place(ledger, row, 'team_id')}: teams has no team {row['team_id']}; "
                    "add it there or correct it"
                )


def _strange_quotas(rows: Rows) -> Iterator[str]:
    quotas = {row["quota_id"] for row in rows["quotas"]}
    for row in rows["quota_boosts"]:
        if row["quota_id"] not in quotas:
            yield (
                f"{_place('quota_boosts', row, 'quota_id')}: quotas has no quota "
                f"{row['quota_id']}; add it there or correct it"
            )
