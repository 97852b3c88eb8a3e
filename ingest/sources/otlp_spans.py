"""OpenTelemetry traces as the collector's file exporter writes them: GenAI model calls."""

from collections.abc import Iterator
from typing import Final

import msgspec

from ingest.formats.event_batches import usage_batches
from ingest.formats.otlp_attributes import Attribute, Attributes
from ingest.formats.otlp_span import FLAGS, SPAN, event_columns, translate
from ingest.formats.otlp_tokens import Origin
from ingest.formats.otlp_trace import Place, apart_from_places, place_of
from ingest.formats.record_rows import Row
from ingest.readers import lines
from ingest.records import RECORD_ERRORS, reject_record
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import TimestampError

NAME: Final = "otlp_spans"
EXCLUSIVE_SCOPES: Final = "exclusive_scopes"


class _Resource(msgspec.Struct):
    attributes: list[Attribute] | None = None


class _Scope(msgspec.Struct):
    name: str | None = None


class _ScopeSpans(msgspec.Struct):
    scope: _Scope | None = None
    spans: list[msgspec.Raw] | None = None


class _ResourceSpans(msgspec.Struct):
    resource: _Resource | None = None
    scopeSpans: list[_ScopeSpans] | None = None  # noqa: N815 - the protocol's names


class _Export(msgspec.Struct):
    resourceSpans: list[_ResourceSpans] | None = None  # noqa: N815


_EXPORT: Final = msgspec.json.Decoder(_Export)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of exported traces; each span is rejected or landed by itself.

    Only model calls count: spans of agents, tools and workflows repeat what is below them. All
    spans land in trace_spans, so that of nested model calls one counts. In sources.toml
    `exclusive_scopes` names, with commas, the instrumentations whose input tokens leave cached
    tokens out.
    """
    rows = apart_from_places(file, NAME, _rows(file))
    yield from usage_batches(file, NAME, rows, event_columns, FLAGS)


def _rows(file: InputFile) -> Iterator[Row | Place | Reject]:
    exclusive = {name.strip() for name in file.options.get(EXCLUSIVE_SCOPES, "").split(",")}
    other = 0
    for item in lines(file):
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            export = _EXPORT.decode(text)
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
            continue
        other += export.resourceSpans is None
        yield from _spans(number, export, exclusive)
    if other:
        yield Reject(
            line_number=None,
            column_name=None,
            reason_code="no_spans",
            message=f"{other} lines hold no traces but metrics, logs or something else",
            remedy="export traces alone into this folder; metrics repeat the same tokens",
        )


def _spans(number: int, export: _Export, exclusive: set[str]) -> Iterator[Row | Place | Reject]:
    for group in export.resourceSpans or ():
        try:
            resource = Attributes(group.resource.attributes if group.resource else None)
            service = resource.text("service.name")
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
            continue
        for scoped in group.scopeSpans or ():
            name = scoped.scope.name if scoped.scope else None
            origin = Origin(service_name=service, is_exclusive=bool(name) and name in exclusive)
            for text in scoped.spans or ():
                yield from _span(number, text, origin)


def _span(number: int, text: msgspec.Raw, origin: Origin) -> Iterator[Row | Place | Reject]:
    row = None
    try:
        span = SPAN.decode(text)
    except RECORD_ERRORS as error:
        yield reject_record(error, number)
        return
    try:
        row = translate(number, span, origin)
    except TimestampError as error:
        yield error.reject(number, "startTimeUnixNano")
    except RECORD_ERRORS as error:
        yield reject_record(error, number)
    if row is not None:
        yield row
    place = place_of(number, span, is_call=row is not None)
    if place is not None:
        yield place


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events", "trace_spans"),
    version=2,
    description="OpenTelemetry GenAI spans: OTLP/JSON lines of the collector's file exporter",
    docs="https://github.com/open-telemetry/semantic-conventions-genai",
    read=read,
)
