"""What a ledger is: a CSV file with typed, documented columns."""

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


def money(name: str, doc: str, *, places: int = 2, is_required: bool = True) -> Column:
    """A column of US dollars."""
    return Column(name=name, kind="decimal", places=places, is_required=is_required, doc=doc)


def ratio(name: str, doc: str, *, places: int = 6, is_required: bool = True) -> Column:
    """A column that multiplies; 1 leaves as it is."""
    return Column(
        name=name, kind="decimal", precision=12, places=places, is_required=is_required, doc=doc
    )


def optional(name: str, doc: str) -> Column:
    """A text that a row may leave empty."""
    return Column(name=name, is_required=False, doc=doc)


def period(*, is_open_start: bool = False) -> tuple[Column, Column]:
    """The half-open period in which a row holds."""
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
