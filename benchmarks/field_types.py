"""The fields that our readers take of a log, as DuckDB is told to read them."""

from msgspec import inspect

from ingest.formats.litellm_plain import PlainRow

ROWS = {"litellm": PlainRow}
# Of a column that may have several types the last in order of name holds them all.
TYPES = {
    inspect.BoolType: "BOOLEAN",
    inspect.IntType: "BIGINT",
    inspect.NoneType: "",
    inspect.RawType: "DECIMAL(38, 12)",
    inspect.StrType: "VARCHAR",
}


def fields_of(name: str) -> str:
    """A call of read_json, for a file that is a parameter, with all fields and their types."""
    fields = _fields(inspect.type_info(ROWS[name]))
    stated = ", ".join(f"\"{field}\": '{kind}'" for field, kind in fields.items())
    return f"read_json(?, format = 'newline_delimited', columns = {{{stated}}})"


def _fields(row: inspect.Type) -> dict[str, str]:
    """Types by name, but of fields that can be nothing but null, or must not be there."""
    if not isinstance(row, inspect.StructType):
        raise TypeError(row)
    types = {field.name: _type(field.type) for field in row.fields if field.name != "data"}
    return {name: kind for name, kind in types.items() if kind}


def _type(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.UnionType):
        return max(map(_type, kind.types))
    if isinstance(kind, inspect.StructType):
        fields = ", ".join(f'"{name}" {of}' for name, of in _fields(kind).items())
        return f"STRUCT({fields})"
    return TYPES[type(kind)]
