"""What a GPU's life costs, year by year, worked out with fractions and apart from the warehouse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Final

# IRS Publication 946, tables, per cent of the cost by recovery year.
_TABLES: Final = """\
macrs_3_year_half_year 33.33 44.45 14.81 7.41
macrs_5_year_half_year 20.00 32.00 19.20 11.52 11.52 5.76
macrs_7_year_half_year 14.29 24.49 17.49 12.49 8.93 8.92 8.93 4.46
macrs_5_year_mid_quarter_1 35.00 26.00 15.60 11.01 11.01 1.38
macrs_5_year_mid_quarter_2 25.00 30.00 18.00 11.37 11.37 4.26
macrs_5_year_mid_quarter_3 15.00 34.00 20.40 12.24 11.30 7.06
macrs_5_year_mid_quarter_4 5.00 38.00 22.80 13.68 10.94 9.58
"""
MACRS: Final[Mapping[str, Sequence[str]]] = {
    method: rates for method, *rates in map(str.split, _TABLES.splitlines())
}
HOUR: Final = timedelta(hours=1)
Units = Callable[[datetime, datetime], Fraction]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens to a GPU at the start of a day."""

    day: date
    kind: str
    amount: Fraction | None = None
    share: Fraction = Fraction(1)
    residual: Fraction | None = None
    months: int | None = None
    method: str | None = None
    units: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How what is left becomes cost, from the clock's start."""

    method: str
    clock: datetime
    end: datetime
    months: Fraction
    book: Fraction
    residual: Fraction
    units: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Charge:
    """An amount that lies evenly between two moments."""

    start: datetime
    end: datetime
    usd: Fraction


@dataclass(kw_only=True)
class Life:
    """A GPU's charges, disposals (book value, proceeds) and the book value that remains."""

    charges: list[Charge]
    disposals: list[tuple[Fraction, Fraction]]
    added: Fraction
    book: Fraction


def midnight(day: date) -> datetime:
    """The day's first moment."""
    return datetime.combine(day, time())


def later(moment: datetime, months: int) -> datetime:
    """So many calendar months later; the last day of a month stays inside the month."""
    year, month = divmod(moment.month - 1 + months, 12)
    first = moment.replace(year=moment.year + year, month=month + 1, day=1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(moment.day, length))


def _months_between(start: datetime, end: datetime) -> Fraction:
    """Whole months, and hours of a month of 744."""
    whole = 0
    while later(start, whole + 1) <= end:
        whole += 1
    rest = (end - later(start, whole)) / HOUR
    return max(whole + Fraction(int(rest * 1000 / 744), 1000), Fraction(0))


def _years(terms: Terms) -> list[tuple[datetime, datetime, Fraction]]:
    """Begin, end and weight of each year of the clock."""
    if terms.method.startswith("macrs_"):
        first = terms.clock.year
        return [
            (
                terms.clock if number == 0 else datetime(first + number, 1, 1),  # noqa: DTZ001
                datetime(first + number + 1, 1, 1),  # noqa: DTZ001
                Fraction(rate),
            )
            for number, rate in enumerate(MACRS[terms.method])
        ]
    if terms.method == "straight_line":
        return [(terms.clock, terms.end, Fraction(1))] if terms.clock < terms.end else []
    years, number = [], 0
    while later(terms.clock, 12 * number) < terms.end:
        left = terms.months - 12 * number
        stop = min(later(terms.clock, 12 * (number + 1)), terms.end)
        years.append((later(terms.clock, 12 * number), stop, left * min(left, Fraction(12))))
        number += 1
    return years


def _part_left(year: tuple[datetime, datetime, Fraction], start: datetime) -> Fraction:
    return Fraction((year[1] - max(start, year[0])) // HOUR, (year[1] - year[0]) // HOUR)


def plan(terms: Terms, start: datetime) -> list[Charge]:
    """The charges from a moment on, if nothing happens any more."""
    keeps = Fraction(0) if terms.method.startswith("macrs_") else terms.residual
    left = max(terms.book - keeps, Fraction(0))
    years = [year for year in _years(terms) if year[1] > start]
    if not years:
        return [Charge(start=start, end=start + HOUR, usd=left)]
    if terms.method == "double_declining":
        return _declining(terms, years, start, left)
    weights = [year[2] * _part_left(year, start) for year in years]
    return [
        Charge(start=max(start, year[0]), end=year[1], usd=left * weight / sum(weights))
        for year, weight in zip(years, weights, strict=True)
    ]


def _declining(
    terms: Terms, years: list[tuple[datetime, datetime, Fraction]], start: datetime, left: Fraction
) -> list[Charge]:
    charges, book, rate = [], terms.book, 24 / terms.months
    for year in years:
        part = _part_left(year, start)
        # the balance that the year would have begun with to be where it is now
        gone = 1 - rate * (1 - part)
        usd = left if year is years[-1] or gone <= 0 else min(left, book / gone * rate * part)
        charges.append(Charge(start=max(start, year[0]), end=year[1], usd=usd))
        book, left = book - usd, left - usd
    return charges


def live(
    terms: Terms, events: Sequence[Event], left_at: datetime, units: Units | None = None
) -> Life:
    """Walk through the events; nothing is charged after `left_at`."""
    life = Life(charges=[], disposals=[], added=Fraction(0), book=terms.book)
    now = terms.clock
    for event in sorted(events, key=lambda event: event.day):
        then = max(midnight(event.day), now)
        terms = _charge(life, terms, now, then, left_at, units)
        terms = _happen(life, terms, event, then)
        now = then
    terms = _charge(life, terms, now, datetime.max, left_at, units)  # noqa: DTZ901
    life.book = terms.book
    return life


def _charge(
    life: Life, terms: Terms, start: datetime, end: datetime, left_at: datetime, units: Units | None
) -> Terms:
    end = min(end, left_at)
    if end <= start:
        return terms
    if terms.method.startswith("units_of_"):
        assert units is not None
        assert terms.units is not None
        done = min(units(start, end), terms.units)
        usd = max(terms.book - terms.residual, Fraction(0)) * done / terms.units
        life.charges.append(Charge(start=start, end=end, usd=usd))
        rest = max(terms.units - done, Fraction(1, 10**6))
        return replace(terms, book=terms.book - usd, units=rest)
    book = terms.book
    for one in plan(terms, start):
        if one.start < end:
            stop = min(one.end, end)
            usd = one.usd * Fraction((stop - one.start) // HOUR, (one.end - one.start) // HOUR)
            life.charges.append(Charge(start=one.start, end=stop, usd=usd))
            book -= usd
    return replace(terms, book=book)


def _happen(life: Life, terms: Terms, event: Event, then: datetime) -> Terms:
    if event.kind == "disposal":
        life.disposals.append((terms.book * event.share, event.amount or Fraction(0)))
        terms = replace(
            terms,
            book=terms.book * (1 - event.share),
            residual=terms.residual * (1 - event.share),
        )
    if event.kind == "upgrade":
        life.added += event.amount or Fraction(0)
        terms = replace(terms, book=terms.book + (event.amount or Fraction(0)))
    method = event.method or terms.method
    is_new = method != terms.method or (
        event.months is not None and not terms.method.startswith("macrs_")
    )
    end = later(then, event.months) if event.months is not None else terms.end
    return replace(
        terms,
        method=method,
        end=end,
        clock=then if is_new else terms.clock,
        months=_months_between(then, end) if is_new else terms.months,
        residual=terms.residual if event.residual is None else event.residual,
        units=terms.units if event.units is None else event.units,
    )
