"""Who asks which model for what: the streams of requests that add up to the company's traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from data.simulator import company

SizeProfile = Literal["chat", "long"]


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Requests of one key to one model, alike in size and time of day.

    Attributes:
        name: Names its random numbers; never reuse one.
        per_day: Requests (or batches) on a weekday at the start.
        from_day: First day, as offset from the start.
        until_day: First day without it, None for open end.
        size: Which measured lengths it draws from.
        size_factor: Multiplies those prompt lengths.
        output_factor: Multiplies those answer lengths.
        reuse_factor: Multiplies the measured reuse of prefixes: 0 = no cached prompt tokens.
        gateway_cache_ratio: Share answered from the gateway's own cache.
        batch_tokens: Median tokens of one batch; None for single requests.
        is_nightly: Batches start at night rather than all day.
    """

    name: str
    key: str
    model: str
    per_day: float
    from_day: int = 0
    until_day: int | None = None
    size: SizeProfile = "chat"
    size_factor: float = 1.0
    output_factor: float = 1.0
    reuse_factor: float = 0.8
    reasoning_ratio: float = 0.0
    gateway_cache_ratio: float = 0.0
    batch_tokens: float | None = None
    is_nightly: bool = False

    @property
    def provider(self) -> str:
        """self_hosted, or the cloud provider's id in the price list."""
        if self.model in company.MODELS:
            return "self_hosted"
        return "anthropic" if self.model.startswith("claude") else "openai"

    def is_active(self, offset: int) -> bool:
        """Whether it sends requests on that day."""
        return self.from_day <= offset and (self.until_day is None or offset < self.until_day)


_SWITCH = company.MODEL_SWITCH_DAY
_ROTATION = company.KEY_ROTATION_DAY
_SEARCH = company.SEARCH_MOVES_TO_OPENAI_DAY
_LARGE = company.LARGE_MODEL_DAY

SELF_HOSTED_STREAMS: Sequence[Stream] = (
    Stream(
        name="search-answers",
        key="search-prod",
        model="qwen3-32b",
        per_day=190,
        gateway_cache_ratio=0.05,
    ),
    Stream(
        name="data-assist",
        key="data-batch",
        model="qwen3-32b",
        per_day=110,
    ),
    Stream(
        name="support-llama-a",
        key="support-2025",
        model="llama-3.3-70b",
        per_day=170,
        until_day=_ROTATION,
    ),
    Stream(
        name="support-llama-b",
        key="support-2026",
        model="llama-3.3-70b",
        per_day=180,
        from_day=_ROTATION,
        until_day=_SWITCH,
    ),
    Stream(
        name="support-oss",
        key="support-2026",
        model="gpt-oss-120b",
        per_day=190,
        from_day=_SWITCH,
    ),
    Stream(
        name="ci-review",
        key="platform-ci",
        model="qwen2.5-coder-32b",
        per_day=190,
        size_factor=2.5,
    ),
    Stream(
        name="marketing-draft",
        key="marketing",
        model="mistral-small-3.2-24b",
        per_day=110,
        gateway_cache_ratio=0.03,
    ),
    Stream(
        name="legacy-cron",
        key="legacy-cron",
        model="mistral-small-3.2-24b",
        per_day=24,
        reuse_factor=0.2,
    ),
    Stream(
        name="research-chat",
        key="research",
        model="qwen3-235b-a22b",
        per_day=90,
        from_day=_LARGE,
        size_factor=2.0,
    ),
    Stream(
        name="data-nightly",
        key="data-batch",
        model="qwen3-32b",
        per_day=26,
        batch_tokens=3.3e6,
        reuse_factor=0.35,
        is_nightly=True,
    ),
    Stream(
        name="search-index",
        key="search-index",
        model="qwen3-32b",
        per_day=12,
        batch_tokens=3.0e6,
        reuse_factor=0.35,
    ),
    Stream(
        name="growth-scoring",
        key="growth",
        model="mistral-small-3.2-24b",
        per_day=14,
        batch_tokens=2.2e6,
        reuse_factor=0.35,
        is_nightly=True,
    ),
    Stream(
        name="ci-nightly",
        key="platform-ci",
        model="qwen2.5-coder-32b",
        per_day=9,
        batch_tokens=2.6e6,
        reuse_factor=0.35,
        is_nightly=True,
    ),
    Stream(
        name="research-llama",
        key="research",
        model="llama-3.3-70b",
        per_day=20,
        batch_tokens=3.4e6,
        reuse_factor=0.35,
        until_day=_SWITCH,
    ),
    Stream(
        name="research-oss",
        key="research",
        model="gpt-oss-120b",
        per_day=20,
        batch_tokens=3.6e6,
        reuse_factor=0.35,
        from_day=_SWITCH,
    ),
    Stream(
        name="research-large",
        key="research",
        model="qwen3-235b-a22b",
        per_day=16,
        batch_tokens=3.6e6,
        reuse_factor=0.35,
        from_day=_LARGE,
    ),
)

CLOUD_STREAMS: Sequence[Stream] = (
    Stream(
        name="agents-sonnet",
        key="platform-agents",
        model="claude-sonnet-4-6",
        per_day=340,
        size="long",
        size_factor=9.0,
        output_factor=3.0,
        reuse_factor=1.0,
    ),
    Stream(
        name="agents-opus",
        key="platform-agents",
        model="claude-opus-4-8",
        per_day=170,
        size="long",
        size_factor=9.0,
        output_factor=4.0,
        reuse_factor=1.0,
    ),
    Stream(
        name="search-sonnet",
        key="search-prod",
        model="claude-sonnet-4-6",
        per_day=220,
        until_day=_SEARCH,
        size="long",
        size_factor=2.5,
        reuse_factor=0.5,
    ),
    Stream(
        name="search-luna",
        key="search-prod",
        model="gpt-5.6-luna",
        per_day=220,
        from_day=_SEARCH,
        size="long",
        size_factor=2.5,
        reuse_factor=0.5,
        reasoning_ratio=0.2,
    ),
    Stream(
        name="legal-review",
        key="legal-review",
        model="gpt-5.6-sol",
        per_day=170,
        size="long",
        size_factor=14.0,
        output_factor=3.0,
        reuse_factor=0.2,
        reasoning_ratio=0.4,
    ),
    Stream(
        name="research-papers",
        key="research",
        model="gpt-5.6-sol",
        per_day=170,
        size="long",
        size_factor=14.0,
        output_factor=3.0,
        reuse_factor=0.3,
        reasoning_ratio=0.5,
    ),
    Stream(
        name="support-haiku",
        key="support-2025",
        model="claude-haiku-4-5",
        per_day=110,
        until_day=_ROTATION,
    ),
    Stream(
        name="support-haiku-b",
        key="support-2026",
        model="claude-haiku-4-5",
        per_day=115,
        from_day=_ROTATION,
    ),
    Stream(
        name="marketing-luna",
        key="marketing",
        model="gpt-5.6-luna",
        per_day=120,
        gateway_cache_ratio=0.04,
        reasoning_ratio=0.2,
    ),
    Stream(
        name="growth-sol",
        key="growth",
        model="gpt-5.6-sol",
        per_day=90,
        size_factor=3.0,
        reasoning_ratio=0.3,
    ),
    Stream(
        name="support-router",
        key="support-2025",
        model=company.UNPRICED_MODEL,
        per_day=40,
        until_day=_ROTATION,
    ),
    Stream(
        name="support-router-b",
        key="support-2026",
        model=company.UNPRICED_MODEL,
        per_day=45,
        from_day=_ROTATION,
    ),
)

STREAMS: Sequence[Stream] = (*SELF_HOSTED_STREAMS, *CLOUD_STREAMS)
