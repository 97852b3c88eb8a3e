"""The ledgers and their columns, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Kind = Literal[
    "text", "gpu_uuid", "gpu_indices", "integer", "number", "decimal", "date", "timestamp"
]

KIND_TEXT: Final[Mapping[Kind, str]] = {
    "text": "text",
    "gpu_uuid": "GPU-<uuid>",
    "gpu_indices": "whole numbers with spaces between",
    "integer": "whole number",
    "number": "number",
    "decimal": "decimal",
    "date": "YYYY-MM-DD",
    "timestamp": "ISO 8601 time with zone",
}
DTYPES: Final[Mapping[Kind, pl.DataType]] = {
    "text": pl.String(),
    "gpu_uuid": pl.String(),
    "gpu_indices": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a ledger.

    Attributes:
        name: In the CSV header.
        kind: How its text is read.
        is_required: Whether every row states it.
        doc: Meaning and unit.
        choices: The only values it may have; empty: any.
        precision: Digits of a decimal, `places` of them after the point.
        landed_as: Its name in Parquet, if another.
        landed_exponent: Its decimal is landed times ten to this power.
    """

    name: str
    kind: Kind = "text"
    is_required: bool = True
    doc: str
    choices: tuple[str, ...] = ()
    precision: int = 18
    places: int = 2
    landed_as: str | None = None
    landed_exponent: int = 0

    @property
    def landed_name(self) -> str:
        """Its name in Parquet."""
        return self.landed_as or self.name

    @property
    def dtype(self) -> pl.DataType:
        """Its type in Parquet."""
        if self.kind == "decimal":
            return pl.Decimal(self.precision, self.places - self.landed_exponent)
        return DTYPES[self.kind]

    @property
    def kind_text(self) -> str:
        """Its type in words."""
        return " or ".join(f"`{choice}`" for choice in self.choices) or KIND_TEXT[self.kind]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One CSV file that the user keeps."""

    name: str
    doc: str
    columns: tuple[Column, ...]


def _money(name: str, doc: str, *, places: int = 2) -> Column:
    return Column(name=name, kind="decimal", places=places, doc=doc)


def _period(*, is_open_start: bool = False) -> tuple[Column, Column]:
    return (
        Column(
            name="valid_from",
            kind="date",
            is_required=not is_open_start,
            doc="First day, from 00:00 UTC" + ("; empty: always" if is_open_start else ""),
        ),
        Column(
            name="valid_to",
            kind="date",
            is_required=False,
            doc="Day on which it no longer holds, from 00:00 UTC; empty: still holds",
        ),
    )


_ALL: Final = (
    Ledger(
        name="gpu_fleet",
        doc="One row per GPU that the company owns or owned.",
        columns=(
            Column(name="gpu_uuid", kind="gpu_uuid", doc="As `nvidia-smi -L` shows it"),
            Column(name="host_name", doc="As telemetry names the host"),
            Column(name="gpu_index", kind="integer", doc="Index on the host, from 0"),
            Column(name="gpu_model", doc="Such as H100-SXM5-80GB"),
            Column(name="memory_gib", kind="integer", doc="Memory, GiB"),
            Column(name="purchase_date", kind="date", doc="Day of purchase"),
            Column(name="in_service_date", kind="date", doc="Amortization begins on this day"),
            Column(
                name="retired_date",
                kind="date",
                is_required=False,
                doc="First day out of service; empty: in service",
            ),
            _money(
                "purchase_price_usd", "Price of the GPU and its share of the server, US dollars"
            ),
            _money("residual_value_usd", "Value after the useful life, US dollars"),
            Column(name="useful_life_months", kind="integer", doc="Months of amortization"),
            Column(name="rated_power_watts", kind="number", doc="Power limit, watts"),
        ),
    ),
    Ledger(
        name="deployments",
        doc="One row per model or training job and the GPUs of one host that it holds. "
        "Two rows may not hold the same GPU at the same time.",
        columns=(
            Column(name="deployment_id", doc="Your own name for it, unique"),
            Column(name="workload", choices=("inference", "training"), doc="What the GPUs do"),
            Column(name="model_name", doc="As the inference server and the gateway name it"),
            Column(name="host_name", doc="A host of gpu_fleet"),
            Column(name="gpu_indices", kind="gpu_indices", doc="Such as `0 1 2 3`"),
            Column(name="team_id", is_required=False, doc="Who pays; required for training"),
            Column(
                name="tensor_parallel_size",
                kind="integer",
                is_required=False,
                doc="GPUs that share a layer",
            ),
            Column(
                name="pipeline_parallel_size",
                kind="integer",
                is_required=False,
                doc="Stages of layers",
            ),
            Column(name="quantization", is_required=False, doc="Such as none, fp8, awq"),
            Column(name="started_at", kind="timestamp", doc="When it took the GPUs"),
            Column(
                name="ended_at",
                kind="timestamp",
                is_required=False,
                doc="When it gave them back; empty: it still holds them",
            ),
        ),
    ),
    Ledger(
        name="teams",
        doc="One row per team that costs are attributed to.",
        columns=(
            Column(name="team_id", doc="As the logs name it, unique"),
            Column(name="team_name", doc="For people"),
            Column(name="cost_center", is_required=False, doc="As accounting names it"),
        ),
    ),
    Ledger(
        name="api_keys",
        doc="Which team a key belongs to, where the log itself names no team.",
        columns=(
            Column(name="api_key_id", doc="The key's hash as logged, never the key itself"),
            Column(name="team_id", doc="A team of teams"),
            *_period(is_open_start=True),
        ),
    ),
    Ledger(
        name="quotas",
        doc="One row per limit on consumption.",
        columns=(
            Column(name="quota_id", doc="Your own name for it"),
            Column(
                name="scope_kind",
                choices=("organization", "team", "model", "provider"),
                doc="Whose consumption counts",
            ),
            Column(
                name="scope_id",
                is_required=False,
                doc="The team, model or provider; empty for the organization",
            ),
            Column(
                name="measure",
                choices=("tokens", "usd", "requests", "gpu_hours"),
                doc="What is counted",
            ),
            Column(
                name="limit_value", kind="decimal", precision=38, places=12, doc="Limit per period"
            ),
            Column(name="period_kind", choices=("day", "week", "month"), doc="When it resets, UTC"),
            *_period(),
        ),
    ),
    Ledger(
        name="contract_prices",
        doc="Prices agreed with a provider; they override list prices.",
        columns=(
            Column(name="contract_id", doc="As the contract is called; may cover many prices"),
            Column(name="provider_name", doc="Such as openai, anthropic"),
            Column(name="model_name", doc="As the provider names it"),
            Column(
                name="token_class",
                choices=("uncached_input", "cache_read_input", "cache_write_input", "output"),
                doc="What the price is for",
            ),
            Column(
                name="price_usd_per_million_tokens",
                kind="decimal",
                places=6,
                landed_as="unit_price_usd",
                landed_exponent=-6,
                doc="US dollars for a million tokens; landed as unit_price_usd for one",
            ),
            *_period(),
        ),
    ),
    Ledger(
        name="opex",
        doc="Monthly costs of running the fleet, beside energy.",
        columns=(
            Column(name="opex_id", doc="Your own name for it"),
            Column(
                name="category",
                choices=("colocation", "maintenance", "staff", "software", "network", "other"),
                doc="What it pays for",
            ),
            Column(
                name="host_name",
                is_required=False,
                doc="The host it is for; empty: the whole fleet, as overhead",
            ),
            _money("amount_usd_per_month", "US dollars a month"),
            *_period(),
        ),
    ),
    Ledger(
        name="electricity_tariffs",
        doc="Price of energy and the data center's overhead on it.",
        columns=(
            Column(name="tariff_id", doc="Your own name for it"),
            Column(name="host_name", is_required=False, doc="The host; empty: every host"),
            _money("price_usd_per_kwh", "US dollars per kilowatt-hour", places=6),
            Column(
                name="power_usage_effectiveness_ratio",
                kind="decimal",
                precision=9,
                places=4,
                doc="Energy of the data center per energy of the servers, 1 or more",
            ),
            *_period(),
        ),
    ),
    Ledger(
        name="provider_accounts",
        doc="What is reconciled as one account, where that is not simply the provider. "
        "Of several rows that fit, the one with the most columns filled holds, then the first.",
        columns=(
            Column(name="account_id", doc="Your own name for it; several rows may share it"),
            Column(name="provider_name", doc="Such as openai; unknown where the log names none"),
            Column(name="source", is_required=False, doc="Such as claude_code; empty: any"),
            Column(
                name="source_instance",
                is_required=False,
                doc="The folder below the source's folder in inputs; empty: any",
            ),
            Column(name="project_id", is_required=False, doc="As the log names it; empty: any"),
        ),
    ),
    Ledger(
        name="volume_sources",
        doc="Which source counts for an account, where the usual precedence is not right. "
        "On a day without rows of it the usual precedence holds.",
        columns=(
            Column(name="account_id", doc="A provider, or an account of provider_accounts"),
            Column(name="source", doc="Such as litellm, or the name of a declared mapping"),
            *_period(),
        ),
    ),
)

LEDGERS: Final[Mapping[str, Ledger]] = {ledger.name: ledger for ledger in _ALL}
