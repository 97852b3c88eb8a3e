"""One result of OpenAI's organization costs, in canonical columns."""

from typing import Final

from ingest.formats.provider_buckets import Result
from ingest.formats.provider_fields import exact_amount, exact_quantity, text_dimension
from ingest.formats.record_rows import Row
from ingest.records import FieldError

DIMENSIONS: Final = ("project_id", "user_id", "line_item", "api_key_id", "api_source")
# What follows the model's name in a line item: "gpt-5-mini-2025-08-07, cached input".
TOKEN_CLASSES: Final = {
    "input": "uncached_input_tokens",
    "cached input": "cache_read_input_tokens",
    "output": "output_tokens",
}
# Words of line items that are not tokens; OpenAI promises no spelling, so matching is loose.
KINDS: Final = {"web search": "web_search", "code interpreter": "code_execution"}


def cost_rows(number: int, result: Result) -> list[Row]:
    """The provider cost of a result; its line item stays as it is, whatever it says.

    Raises:
        FieldError: No amount, or a field that is not what it means.
    """
    fields = result.fields
    amount = fields.get("amount")
    if not isinstance(amount, dict):
        raise FieldError("amount", "no amount", "missing_value")
    currency = text_dimension(amount, "currency")
    if currency is None:
        raise FieldError("amount.currency", "no currency", "missing_value")
    item, unit = text_dimension(fields, "line_item"), text_dimension(fields, "quantity_unit")
    model, token_class = _model(item)
    row: Row = {
        "line_number": number,
        "natural_key": result.natural_key,
        "window_start_at": result.started_at,
        "window_end_at": result.ended_at,
        "provider_name": "openai",
        "project_id": text_dimension(fields, "project_id"),
        "api_key_id": text_dimension(fields, "api_key_id"),
        "user_id": text_dimension(fields, "user_id"),
        "line_item": item,
        "cost_kind": _kind(item, token_class, unit),
        "token_class": token_class,
        "request_model": model,
        "quantity": exact_quantity(fields.get("quantity"), "quantity"),
        "quantity_unit": unit,
        "cost_amount": exact_amount(amount.get("value"), "amount.value"),
        "cost_currency": currency.upper(),
        "quality_flags": "",
    }
    return [row]


def _model(item: str | None) -> tuple[str | None, str | None]:
    """Model and token class, where a line item is of the known shape."""
    model, comma, kind = (item or "").rpartition(", ")
    token_class = TOKEN_CLASSES.get(kind)
    return (model, token_class) if comma and model and token_class else (None, None)


def _kind(item: str | None, token_class: str | None, unit: str | None) -> str | None:
    if token_class or (unit and unit.endswith("tokens")):
        return "tokens"
    text = (item or "").lower()
    return next((kind for word, kind in KINDS.items() if word in text), "other" if text else None)
