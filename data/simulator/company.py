"""The declared facts of Larkfield Labs, an invented company: machines, models, prices, teams.

Days are offsets from the first simulated day, so that the story keeps its shape for any start.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

COMPANY_NAME = "Larkfield Labs"

# Where people work, for the daily cycle: hours east of UTC.
WORKING_UTC_OFFSET_HOURS = 2
USER_GROWTH_PER_DAY = 0.003
CONTEXT_GROWTH_PER_DAY = 0.0012
WEEKEND_LEVEL = 0.35  # interactive requests on Saturday and Sunday, weekday = 1
WEEKEND_BATCH_LEVEL = 0.8

# The story, in days from the start.
LARGE_MODEL_DAY = 24  # h100-02 was bought but stood unused until then
KEY_ROTATION_DAY = 56
SEARCH_MOVES_TO_OPENAI_DAY = 77
CONTRACT_CHANGE_DAY = 84
MODEL_SWITCH_DAY = 91  # llama-3.3-70b gives its GPUs to gpt-oss-120b
TARIFF_CHANGE_DAY = 105
WEEKDAY_REPLICA_DAY = 126  # growth: h100-03 serves gpt-oss-120b from Monday to Friday
TEXT_SCRAPE_HOST = "h100-01"
TEXT_SCRAPE_DAYS = (3, 4)  # that host was scraped as text, not through Prometheus
RESTARTS = {("mistral-small-3.2-24b", 5): 12, ("qwen3-32b", 60): 12}  # day: quarter of an hour
DIRECT_TRAFFIC_MODEL = "qwen3-32b"  # this share of its tokens bypasses the gateway
DIRECT_TRAFFIC_RATIO = 0.01

TRAINING_HOURS = (6, 20)  # on Saturdays, UTC
TRAINING_TEAM = "team-research"
TRAINING_HOST = "h100-03"


# What owning costs; prices are invented.
USEFUL_LIFE_MONTHS = 60
RESIDUAL_RATIO = Decimal("0.10")
MAINTENANCE_RATIO_PER_YEAR = Decimal("0.12")
COLOCATION_USD_PER_MONTH = Decimal("1500.00")  # of a server
SUMMER_USD_PER_KWH = Decimal("0.121")
WINTER_USD_PER_KWH = Decimal("0.148")
PUE_RATIO = Decimal("1.30")  # power of the whole site per power of the machines
# Two people's time and the software they need, for the whole fleet.
STAFF_USD_PER_MONTH = Decimal("24000.00")
SOFTWARE_USD_PER_MONTH = Decimal("2600.00")
BOOKS_OPENED_DAY = -980  # older than anything that is billed


@dataclass(frozen=True, kw_only=True)
class Host:
    """One server; prices are for the whole of it."""

    name: str
    gpu_model: str
    gpu_count: int = 8
    memory_gib: int = 80
    purchase_day: int
    in_service_day: int
    price_usd: Decimal
    rated_power_watts: float
    empty_power_watts: float  # no model loaded
    idle_power_watts: float  # model loaded, no request
    busy_power_watts: float


def _h100(name: str, purchase_day: int, in_service_day: int) -> Host:
    return Host(
        name=name,
        gpu_model="NVIDIA H100 80GB HBM3",
        purchase_day=purchase_day,
        in_service_day=in_service_day,
        price_usd=Decimal("250000.00"),
        rated_power_watts=700.0,
        empty_power_watts=72.0,
        idle_power_watts=112.0,
        busy_power_watts=690.0,
    )


HOSTS = (
    _h100("h100-01", -240, -212),
    _h100("h100-02", -28, -4),
    _h100("h100-03", -120, -95),
    Host(
        name="a100-01",
        gpu_model="NVIDIA A100-SXM4-80GB",
        purchase_day=-980,
        in_service_day=-950,
        price_usd=Decimal("118000.00"),
        rated_power_watts=400.0,
        empty_power_watts=54.0,
        idle_power_watts=68.0,
        busy_power_watts=392.0,
    ),
)
A100_HOST = "a100-01"
A100_TIME_ZONE = "America/Phoenix"  # where the old host stands; its nvidia-smi log is local time


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """A model that the company runs itself; speeds are of one replica."""

    name: str
    quantization: str
    tokens_per_second: float  # prompt and generated, when nothing else limits it
    prefill_tokens_per_second: float  # of one request inside a full batch
    seconds_per_output_token: float
    reasoning_ratio: float = 0.0


MODELS = {
    model.name: model
    for model in (
        ServedModel(
            name="qwen3-32b",
            quantization="none",
            tokens_per_second=3200,
            prefill_tokens_per_second=1900,
            seconds_per_output_token=0.011,
            reasoning_ratio=0.35,
        ),
        ServedModel(
            name="llama-3.3-70b",
            quantization="none",
            tokens_per_second=2900,
            prefill_tokens_per_second=1600,
            seconds_per_output_token=0.014,
        ),
        ServedModel(
            name="gpt-oss-120b",
            quantization="mxfp4",
            tokens_per_second=4200,
            prefill_tokens_per_second=2600,
            seconds_per_output_token=0.008,
            reasoning_ratio=0.45,
        ),
        ServedModel(
            name="qwen3-235b-a22b",
            quantization="fp8",
            tokens_per_second=3900,
            prefill_tokens_per_second=2100,
            seconds_per_output_token=0.013,
            reasoning_ratio=0.4,
        ),
        ServedModel(
            name="qwen2.5-coder-32b",
            quantization="awq",
            tokens_per_second=1900,
            prefill_tokens_per_second=1200,
            seconds_per_output_token=0.013,
        ),
        ServedModel(
            name="mistral-small-3.2-24b",
            quantization="none",
            tokens_per_second=1500,
            prefill_tokens_per_second=1100,
            seconds_per_output_token=0.015,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class ListPrice:
    """A cloud model's list price from a date on, USD per million tokens.

    Above `threshold_tokens` of input the whole request is priced at `*_above`.
    """

    valid_from: date
    uncached: float
    cache_read: float
    cache_write: float | None
    output: float
    threshold_tokens: int | None = None
    input_above_ratio: float = 2.0
    output_above_ratio: float = 1.5


def _sol(valid_from: date, uncached: float, output: float) -> ListPrice:
    return ListPrice(
        valid_from=valid_from,
        uncached=uncached,
        cache_read=uncached / 10,
        cache_write=uncached * 1.25,
        output=output,
        threshold_tokens=272_000,
    )


def _claude(uncached: float, output: float) -> tuple[ListPrice, ...]:
    price = ListPrice(
        valid_from=date(2026, 3, 13),
        uncached=uncached,
        cache_read=uncached / 10,
        cache_write=uncached * 1.25,
        output=output,
    )
    return (price,)


# What the gateway's own estimate uses; a test compares these with the published price list.
LIST_PRICES: dict[tuple[str, str], tuple[ListPrice, ...]] = {
    ("openai", "gpt-5.6-sol"): (
        _sol(date(2026, 1, 1), 5.0, 30.0),
        _sol(date(2026, 8, 21), 4.0, 20.0),
    ),
    ("openai", "gpt-5.6-luna"): (
        _sol(date(2026, 1, 1), 1.0, 6.0),
        _sol(date(2026, 7, 30), 0.2, 1.2),
    ),
    ("anthropic", "claude-sonnet-4-6"): _claude(3.0, 15.0),
    ("anthropic", "claude-opus-4-8"): _claude(5.0, 25.0),
    ("anthropic", "claude-haiku-4-5"): _claude(1.0, 5.0),
}
UNPRICED_MODEL = "larkfield-router-preview"  # a private preview: no list has a price for it

TEAMS = (
    ("team-platform", "Platform Engineering", "CC-110"),
    ("team-search", "Search", "CC-120"),
    ("team-support", "Customer Support", "CC-210"),
    ("team-data", "Data Platform", "CC-130"),
    ("team-research", "Research", "CC-140"),
    ("team-legal", "Legal", "CC-310"),
    ("team-marketing", "Marketing", "CC-220"),
    ("team-growth", "Growth", "CC-230"),
)


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A virtual key of the gateway; days bound its validity where it was rotated."""

    alias: str
    team_id: str | None  # None: a forgotten script whose owner nobody knows
    from_day: int | None = None
    until_day: int | None = None

    @property
    def hashed(self) -> str:
        """The SHA-256 under which the gateway logs the key."""
        return hashlib.sha256(f"sk-larkfield-{self.alias}".encode()).hexdigest()


API_KEYS = {
    key.alias: key
    for key in (
        ApiKey(alias="platform-agents", team_id="team-platform"),
        ApiKey(alias="platform-ci", team_id="team-platform"),
        ApiKey(alias="search-prod", team_id="team-search"),
        ApiKey(alias="search-index", team_id="team-search"),
        ApiKey(alias="support-2025", team_id="team-support", until_day=KEY_ROTATION_DAY),
        ApiKey(alias="support-2026", team_id="team-support", from_day=KEY_ROTATION_DAY),
        ApiKey(alias="data-batch", team_id="team-data"),
        ApiKey(alias="research", team_id="team-research"),
        ApiKey(alias="legal-review", team_id="team-legal"),
        ApiKey(alias="marketing", team_id="team-marketing"),
        ApiKey(alias="growth", team_id="team-growth"),
        ApiKey(alias="legacy-cron", team_id=None),
    )
}


def gpu_uuid(host_name: str, gpu_index: int) -> str:
    """The GPU's identity: the same for every seed."""
    return f"GPU-{uuid.uuid5(uuid.NAMESPACE_DNS, f'{gpu_index}.{host_name}.larkfield.example')}"
