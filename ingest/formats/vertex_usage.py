"""Gemini's usageMetadata to disjoint token classes."""

from typing import Any, Final

from ingest.formats.record_fields import whole
from ingest.formats.usage_rows import Event, sum_of, unknown_tokens
from ingest.tokens import reported_details

COUNTS: Final = (
    "promptTokenCount",
    "cachedContentTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)
# Text and documents are what is left of a total; the others have classes of their own.
INPUT_KINDS: Final = ("audio", "image", "video")
OUTPUT_KINDS: Final = ("audio", "image")
KINDS: Final = ("TEXT", "DOCUMENT", "AUDIO", "IMAGE", "VIDEO", "MODALITY_UNSPECIFIED")
DETAILS: Final = (
    "promptTokensDetails",
    "cacheTokensDetails",
    "candidatesTokensDetails",
    "toolUsePromptTokensDetails",
    "thoughtsTokensDetails",
)
KNOWN: Final = frozenset((*COUNTS, *(f"{details}.{kind}" for details in DETAILS for kind in KINDS)))


def token_columns(usage: dict[str, Any] | None) -> tuple[Event, list[str]]:
    """Token classes and reported totals of a usageMetadata object, and quality flags.

    The reported totals are those of the whole input (prompt and tool use) and the whole output
    (candidates and thoughts), which Gemini reports in parts; the parts are in reported_details.
    """
    if not usage:
        return {}, []
    counts = _counts(usage)
    prompt, cached, candidates, thoughts, tools, total = (counts.get(name) for name in COUNTS)
    flags = unknown_tokens(counts, KNOWN)
    # Usually candidates exclude thoughts. Where the total adds up without them, they include them.
    visible, asked = candidates or 0, (prompt or 0) + (tools or 0)
    is_inclusive = bool(thoughts) and total == asked + visible
    if total is not None and not is_inclusive and total != asked + visible + (thoughts or 0):
        flags.append("residual")
    output = candidates if is_inclusive else sum_of(candidates, thoughts)
    inputs, input_flags = _input_classes(prompt, cached, counts)
    outputs, output_flags = _output_classes(output, candidates, thoughts, counts)
    columns = {
        **inputs,
        "tool_use_input_tokens": tools,
        **outputs,
        "reported_input_tokens": sum_of(prompt, tools),
        "reported_output_tokens": output,
        "reported_total_tokens": total,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "inclusive",
    }
    return columns, list(dict.fromkeys([*flags, *input_flags, *output_flags]))


def _counts(usage: dict[str, Any]) -> dict[str, int]:
    """Every token count under its dotted path; lists by modality under `<list>.<MODALITY>`."""
    counts: dict[str, int] = {}
    for name, value in usage.items():
        if isinstance(value, list):
            for part in value:
                if isinstance(part, dict) and isinstance(part.get("modality"), str):
                    path = f"{name}.{part['modality']}"
                    counts[path] = counts.get(path, 0) + (whole(part.get("tokenCount"), path) or 0)
        elif value is not None and "token" in name.casefold():
            count = whole(value, name)
            if count is not None:
                counts[name] = count
    return counts


def _input_classes(
    prompt: int | None, cached: int | None, counts: dict[str, int]
) -> tuple[Event, list[str]]:
    """The prompt by cache and modality; cached tokens and modalities are both parts of it."""
    if prompt is None:
        return {"cache_read_input_tokens": cached}, []
    read_left = None if cached is None else min(cached, prompt)
    flags = ["clamped"] if read_left != cached else []
    left = prompt - (read_left or 0)
    columns: Event = {}
    for kind in INPUT_KINDS:
        amount = counts.get(f"promptTokensDetails.{kind.upper()}")
        if amount is None:
            continue
        if "cacheTokensDetails" in {name.partition(".")[0] for name in counts}:
            read = min(counts.get(f"cacheTokensDetails.{kind.upper()}", 0), amount)
        else:
            # Not told: taken as uncached as far as there are uncached tokens.
            read = max(amount - left, 0) if read_left else 0
            flags += ["inferred_cross"] if read_left and amount else []
        fresh, held = min(amount - read, left), min(read, read_left or 0)
        flags += ["clamped"] if fresh + held < amount else []
        left -= fresh
        columns[f"uncached_{kind}_input_tokens"] = fresh
        if read_left is not None:
            read_left -= held
            columns[f"cache_read_{kind}_input_tokens"] = held
    return {**columns, "uncached_input_tokens": left, "cache_read_input_tokens": read_left}, flags


def _output_classes(
    output: int | None, candidates: int | None, thoughts: int | None, counts: dict[str, int]
) -> tuple[Event, list[str]]:
    if output is None:
        return {}, []
    reasoning = None if thoughts is None else min(thoughts, output)
    left, flags = output - (reasoning or 0), [] if reasoning == thoughts else ["clamped"]
    columns: Event = {"reasoning_output_tokens": reasoning}
    for kind in OUTPUT_KINDS:
        amount = counts.get(f"candidatesTokensDetails.{kind.upper()}")
        if amount is not None:
            columns[f"{kind}_output_tokens"] = min(amount, left)
            flags += ["clamped"] if amount > left else []
            left -= min(amount, left)
    # Without candidates nothing was reported but thoughts.
    columns["other_output_tokens"] = None if candidates is None and not left else left
    return columns, flags
