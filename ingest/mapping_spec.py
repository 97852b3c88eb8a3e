"""What a declared mapping may state: the keys of mappings/<name>.toml."""

import json
from hashlib import sha256
from typing import Literal

import msgspec

from ingest.mapping_targets import MappedTable
from ingest.source import Role


class ColumnSpec(
    msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True
):
    """Where a canonical column comes from: a column of the log, in a unit, or a constant.

    Attributes:
        column: Of the log.
        unit: Of its values; for a time, of its count since 1970 or since `origin`.
        origin: When a count of time begins, ISO 8601; for logs that count from their own start.
        format: How the log writes a time that is not ISO 8601, in the codes of strptime.
        constant: The value of every row.
    """

    column: str | None = None
    unit: str | None = None
    origin: str | None = None
    format: str | None = None
    constant: str | int | bool | None = None


class MappingSpec(
    msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True
):
    """One declared mapping.

    Attributes:
        format: csv (with a header), ndjson, json (one document: a list of records, or an object
            whose values are records) or parquet.
        columns: Canonical column -> column of the log; in JSON `usage.prompt_tokens` is a field
            of an object.
        table: The canonical table that the rows belong to.
        natural_key: Columns of the log that name one request; or "line" where the log has no id.
            Only usage_events have one.
        input_semantics: Whether input_tokens includes cached tokens; required where they are
            mapped.
        output_semantics: Whether output_tokens includes reasoning_output_tokens.
        time_zone: Of times without an offset.
        role: What the log stands for beside other logs of the same requests; by default
            request_log, and telemetry for samples.
        delimiter: Of a CSV file.
        description: One line for people.
        docs: Where the log is documented.
    """

    format: Literal["csv", "ndjson", "json", "parquet"]
    columns: dict[str, str | ColumnSpec]
    table: MappedTable = "usage_events"
    natural_key: list[str] | Literal["line"] | None = None
    input_semantics: Literal["inclusive", "excludes_cache", "excludes_cache_read"] | None = None
    output_semantics: Literal["inclusive", "excludes_reasoning"] = "inclusive"
    time_zone: str | None = None
    role: Role | None = None
    delimiter: str = ","
    description: str = "a log described by a declared mapping"
    docs: str = ""

    def targets(self) -> dict[str, ColumnSpec]:
        """Canonical column -> where it comes from."""
        return {
            target: ColumnSpec(column=spec) if isinstance(spec, str) else spec
            for target, spec in self.columns.items()
        }

    def required(self) -> tuple[str, ...]:
        """Mapped columns without whose value a row is rejected: they place it in time."""
        if self.table == "gpu_samples":
            return ("sampled_at", "gpu_uuid")
        if self.table == "power_samples":
            return ("sampled_at",)
        is_told_by_end = "started_at" not in self.columns and "ended_at" in self.columns
        return ("ended_at", "request_duration") if is_told_by_end else ("started_at",)

    def version(self) -> int:
        """Changes when anything that the mapping states changes, but not with its comments."""
        stated = json.dumps(msgspec.to_builtins(self), sort_keys=True)
        return int(sha256(stated.encode()).hexdigest()[:8], 16)
