"""LiteLLM's model_prices_and_context_window.json as sheets of the price book.

The file states prices per token as JSON numbers and has no dates. Its keys name a tier or context
in their endings: input_cost_per_token_above_200k_tokens_priority.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from pipelines.price_book import ALWAYS, DAY_MINUTES, unit_price

# Class -> the key of its price, without endings.
KEYS: Final[Mapping[str, str]] = {
    "uncached_input": "input_cost_per_token",
    "uncached_audio_input": "input_cost_per_audio_token",
    "uncached_image_input": "input_cost_per_image_token",
    "cache_read_input": "cache_read_input_token_cost",
    "cache_read_audio_input": "cache_read_input_audio_token_cost",
    "cache_read_image_input": "cache_read_input_image_token_cost",
    "cache_write_input": "cache_creation_input_token_cost",
    "cache_write_1h_input": "cache_creation_input_token_cost_above_1hr",
    "output": "output_cost_per_token",
    "reasoning_output": "output_cost_per_reasoning_token",
    "audio_output": "output_cost_per_audio_token",
    "image_output": "output_cost_per_image_token",
    "request": "input_cost_per_request",
}
ENDINGS: Final = {"standard": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
CONTEXT: Final = re.compile(r"_above_(\d+)k_tokens")
SEARCHES: Final = "search_context_cost_per_query"
# LiteLLM's provider names where genai-prices has others; a longer name may follow.
PROVIDERS: Final[Mapping[str, str]] = {
    "bedrock": "aws",
    "azure_ai": "azure",
    "vertex_ai": "google",
    "gemini": "google",
    "xai": "x-ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
}

Entry = Mapping[str, Any]


def sheets_of(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of every model that the file sells by the token or request.

    Models keep LiteLLM's names, without the provider's prefix; `listed_as` is the whole name.
    """
    for name, entry in content.items():
        if name == "sample_spec" or not isinstance(entry, dict):
            continue
        listed = str(entry.get("litellm_provider", ""))
        key = {
            "listed_as": name,
            "provider_name": provider_of(listed),
            "model_name": _plain(name, listed),
        }
        for tier, ending in ENDINGS.items():
            for row in _rows(entry, ending):
                yield {**key, "service_tier": tier, **row}


def provider_of(listed: str) -> str:
    """The provider as the price book names it."""
    for prefix, provider in PROVIDERS.items():
        if listed == prefix or listed.startswith((f"{prefix}_", f"{prefix}-")):
            return provider
    return listed


def _plain(name: str, listed: str) -> str:
    prefix, _, rest = name.partition("/")
    return rest if rest and (prefix == listed or listed.startswith(prefix)) else name


def _rows(entry: Entry, ending: str) -> Iterator[dict[str, Any]]:
    contexts = sorted({0, *_thresholds(entry, ending)})
    base = _prices(entry, "", ending)
    # A tier that names no price of its own for what it sells is not on sale.
    if not {"uncached_input", "output", "request"} & base.keys():
        return
    kept = {} if not ending else _prices(entry, "", "")
    for threshold in contexts:
        above = f"_above_{threshold // 1000}k_tokens" if threshold else ""
        prices = {**kept, **base, **(_prices(entry, above, ending) if above else {})}
        standard = [name for name in prices if ending and name not in base]
        yield {
            "context_threshold_tokens": threshold,
            "window_start_minute": 0,
            "window_end_minute": DAY_MINUTES,
            "valid_from": ALWAYS,
            "valid_to": None,
            "standard_classes": " ".join(standard) or None,
            **{f"{name}_unit_price_usd": unit_price(price) for name, price in prices.items()},
        }


def _thresholds(entry: Entry, ending: str) -> Iterator[int]:
    for key, value in entry.items():
        found = CONTEXT.search(key)
        if found and value is not None and key.endswith(f"_tokens{ending}"):
            yield int(found[1]) * 1000


def _prices(entry: Entry, above: str, ending: str) -> dict[str, Decimal]:
    keyed = {name: entry.get(f"{key}{above}{ending}") for name, key in KEYS.items()}
    found = {name: value for name, value in keyed.items() if isinstance(value, Decimal)}
    searches = entry.get(SEARCHES)
    if not above and not ending and isinstance(searches, dict) and searches:
        sizes = set(searches.values())
        # One price whatever the size of the search, or none that a count alone could use.
        if len(sizes) == 1 and isinstance(price := sizes.pop(), Decimal):
            found["web_search"] = price
    return found
