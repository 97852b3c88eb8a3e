"""`meterhouse prices MODEL`: which price a model has on a day, and who says so."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rich.table import Table

from ingest.errors import MeterhouseError
from ingest.ledger_prices import PRICED_CLASSES
from pipelines.price_book import DAY_MINUTES, Row, read_book, read_imports
from pipelines.prices import PROVIDER_IDS, known_model
from pipelines.publish import read_current
from pipelines.settings import Settings

RANKS = {"contract": 0, "list": 1, "override": 2}
COUNTED = ("request", "web_search")
PUBLISHED = "select * from dim_prices where believed_to is null and price_source != 'mixed'"


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One class's price of one row."""

    row: Row
    token_class: str

    @property
    def place(self) -> tuple[Any, ...]:
        """What only one source prices."""
        names = ("provider_name", "model_name", "service_tier", "context_threshold_tokens")
        return (*(self.row[name] for name in names), self.token_class)

    @property
    def billed_as(self) -> str | None:
        """The class whose price it has; None where it has its own."""
        pairs = (self.row["billed_as_others"] or "").split()
        return dict(pair.split("=") for pair in pairs).get(self.token_class)

    @property
    def rank(self) -> tuple[bool, int]:
        """Own prices first, whoever states them; then contract, list, override."""
        return self.billed_as is not None, RANKS[self.row["price_source"]]


def price_table(settings: Settings, model: str, day: date, provider: str | None) -> Table:
    """Every price of a model on a UTC day, class by class.

    Args:
        settings: Whose data folder; without a published snapshot the list alone is known.
        model: As logs, the price list or a ledger name it.
        day: UTC.
        provider: Only this provider's; None: of all.

    Raises:
        MeterhouseError: No model has this name; the nearest ones are told.
    """
    rows = _rows(settings)
    named = [row for row in rows if _fits(row, model, provider)]
    if not named:
        raise _unknown(rows, model, provider)
    held = [row for row in named if _holds(row, day)]
    if not held:
        first = min(row["valid_from"] for row in named)
        raise MeterhouseError(f"{model} has no price on {day}; its first one is of {first}.")
    table = Table(title=f"{model} on {day}", title_justify="left")
    if _is_waiting(settings, rows):
        table.caption = "A newer list is imported; meterhouse run builds with it."
    for heading in ("provider", "model", "tier", "class", "USD per million", "source", "period"):
        table.add_column(heading)
    table.add_column("rule")
    for asked in _holding(held):
        table.add_row(*_cells(asked))
    return table


def _rows(settings: Settings) -> list[dict[str, Any]]:
    if settings.current.exists():
        with read_current(settings) as connection:
            found = connection.execute(PUBLISHED)
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    else:
        rows = []
    listed = [row for row in rows if row["price_source"] == "list"]
    return rows if listed else [*rows, *_listed(settings)]


def _listed(settings: Settings) -> Iterator[dict[str, Any]]:
    for row in read_book(settings).iter_rows(named=True):
        yield {**row, "price_source": "list", "stated_by": None, "billed_as_others": None}


def _is_waiting(settings: Settings, rows: Iterable[Row]) -> bool:
    """Whether prices were imported that the published snapshot does not have."""
    imported = read_imports(settings).get_column("believed_from").max()
    known = {row["believed_from"] for row in rows if row["price_source"] == "list"}
    return imported is not None and imported not in known


def _fits(row: Row, model: str, provider: str | None) -> bool:
    asked = PROVIDER_IDS.get(provider, provider) if provider else row["provider_name"]
    if row["provider_name"] not in (asked, provider):
        return False
    if row["model_name"].lower() == model.lower():
        return True
    return known_model(row["provider_name"], model) == (row["provider_name"], row["model_name"])


def _holds(row: Row, day: date) -> bool:
    end = row["valid_to"]
    return bool(row["valid_from"] <= day and (end is None or day < end))


def _holding(rows: Iterable[Row]) -> list[_Asked]:
    """The price of each class from the first source that has one, in the order of classes."""
    asked = [
        _Asked(row=row, token_class=name)
        for row in rows
        for name in PRICED_CLASSES
        if row[f"{name}_unit_price_usd"] is not None
    ]
    best: dict[tuple[Any, ...], tuple[bool, int]] = {}
    for one in asked:
        best[one.place] = min(one.rank, best.get(one.place, one.rank))
    return sorted(
        (one for one in asked if one.rank == best[one.place]),
        key=lambda one: (
            *one.place[:-1],
            PRICED_CLASSES.index(one.token_class),
            one.row["window_start_minute"],
        ),
    )


def _cells(asked: _Asked) -> tuple[str, ...]:
    row, name = asked.row, asked.token_class
    per = Decimal(1000) if name in COUNTED else Decimal(1_000_000)
    price = f"{(row[f'{name}_unit_price_usd'] * per).normalize():f}"
    source = row["stated_by"] or row["price_snapshot"]
    ends = f"until {row['valid_to']}" if row["valid_to"] else "still holds"
    return (
        row["provider_name"],
        row["model_name"],
        row["service_tier"],
        name,
        f"{price} per thousand" if name in COUNTED else price,
        f"{row['price_source']} {source}",
        f"from {row['valid_from']}, {ends}",
        "; ".join(_rules(asked)),
    )


def _rules(asked: _Asked) -> Iterator[str]:
    row = asked.row
    if row["context_threshold_tokens"]:
        yield f"more than {row['context_threshold_tokens']:,} input tokens"
    start, end = row["window_start_minute"], row["window_end_minute"]
    if (start, end) != (0, DAY_MINUTES):
        yield f"{start // 60:02}:{start % 60:02} to {end // 60:02}:{end % 60:02} UTC"
    if asked.billed_as:
        yield f"at the price of {asked.billed_as}"


def _unknown(rows: Iterable[Row], model: str, provider: str | None) -> MeterhouseError:
    names = {row["model_name"] for row in rows if not provider or _is_of(row, provider)}
    near = difflib.get_close_matches(model, sorted(names), n=5, cutoff=0.5)
    remedy = f"Did you mean {', '.join(near)}?" if near else "State its price in price_overrides."
    return MeterhouseError(f"No price list or ledger knows a model {model}.", remedy)


def _is_of(row: Row, provider: str) -> bool:
    return row["provider_name"] in (provider, PROVIDER_IDS.get(provider, provider))
