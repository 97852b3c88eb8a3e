"""`meterhouse prices import`: a newer price list, of which only what is new enters the book."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_atomically
from pipelines.price_book import csv_text, read_book
from pipelines.price_changes import changed_models, new_periods
from pipelines.price_files import PriceFile, read_price_file
from pipelines.publish import read_current
from pipelines.settings import Settings

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did.

    Attributes:
        file: The list that was read.
        written: The file of new periods; None where nothing is new.
        effective: First day (UTC) that it may change.
        changed: Models whose price changes.
        added: Models that the book did not have.
        tells_ambiguous: Whether models were not picked by hand.
    """

    file: PriceFile
    written: Path | None
    effective: date
    changed: int = 0
    added: int = 0
    tells_ambiguous: bool = True

    def lines(self) -> Iterator[str]:
        """What a person wants to know."""
        if self.written is None:
            yield f"Nothing new: the book asks the same from {self.effective} on."
        else:
            yield (
                f"From {self.effective} on {self.changed} models ask something else and "
                f"{self.added} are new: {self.written}"
            )
            yield "meterhouse run builds with them; days before keep their prices."
        if self.file.ambiguous and self.tells_ambiguous:
            names = ", ".join(self.file.ambiguous[:SHOWN])
            more = ", …" if len(self.file.ambiguous) > SHOWN else ""
            count = len(self.file.ambiguous)
            yield f"Left out, since no single price fits: {count} ({names}{more})"


def import_prices(
    settings: Settings,
    path: Path,
    *,
    effective: date | None = None,
    restate: bool = False,
    models: Collection[str] = (),
    now: datetime | None = None,
) -> Imported:
    """Add the periods of a newer price list to the data folder's book.

    Args:
        settings: Whose data folder.
        path: A file of genai-prices or LiteLLM.
        effective: First day (UTC) that may change; without it today, or the day after the last
            published one if that is later.
        restate: Whether days that are already published may change too. What they cost before is
            kept as what was believed until now.
        models: Only these, as the list names them; empty: all.
        now: The time of the import, naive UTC.

    Raises:
        MeterhouseError: The file cannot be used, or a published day would change.
    """
    moment = (now or datetime.now(UTC).replace(tzinfo=None)).replace(microsecond=0)
    published = _last_published_day(settings)
    first = effective or _first_free_day(moment.date(), published)
    if published and first <= published and not restate:
        raise MeterhouseError(
            f"{first} is published already (through {published}); its costs would change.",
            f"Leave --effective-from out, name a day after {published}, or state --restate.",
        )
    book = read_book(settings)
    file = read_price_file(path, _after(moment, book), book)
    rows = file.rows.filter(pl.col("model_name").is_in(list(models))) if models else file.rows
    found = new_periods(book, rows, first)
    if found.is_empty():
        return Imported(file=file, written=None, effective=first)
    written = settings.prices / f"{moment:%Y-%m-%dT%H%M%S}-{file.sha256[:8]}.csv"
    written.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(written, csv_text(found).encode())
    changed, added = changed_models(found, book)
    return Imported(
        file=file,
        written=written,
        effective=first,
        changed=changed,
        added=added,
        tells_ambiguous=not models,
    )


def _after(moment: datetime, book: pl.DataFrame) -> datetime:
    """A time later than all that is believed, so that the newest list is the newest."""
    newest = book.get_column("believed_from").max()
    return max(moment, newest + timedelta(seconds=1)) if isinstance(newest, datetime) else moment


def _first_free_day(today: date, published: date | None) -> date:
    return max(today, published + timedelta(days=1)) if published else today


def _last_published_day(settings: Settings) -> date | None:
    if not settings.current.exists():
        return None
    with read_current(settings) as connection:
        ((day,),) = connection.execute("select max(usage_date) from fct_usage_events").fetchall()
    return day if isinstance(day, date) else None
