"""How values read on the page; what is unknown is said in words and never shown as zero."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

Show = Callable[[object], str]

NOT_PRICED = "not priced"
NOT_REPORTED = "not reported"
_MINUS = "\N{MINUS SIGN}"


def money(value: object) -> str:
    """Show US dollars to the cent; smaller amounts keep two significant digits."""
    if value is None:
        return NOT_PRICED
    amount = _decimal(value)
    sign = _MINUS if amount < 0 else ""
    amount = abs(amount)
    if amount and amount < Decimal("0.01"):
        places = 1 - amount.adjusted()
        return f"{sign}${amount:.{places}f}"
    return f"{sign}${amount:,.2f}"


def signed_money(value: object) -> str:
    """Show a change in US dollars with its sign."""
    return f"+{money(value)}" if value is not None and _decimal(value) > 0 else money(value)


def rate(value: object) -> str:
    """Show US dollars per million tokens to three significant digits or the cent."""
    if value is None:
        return NOT_PRICED
    amount = _decimal(value)
    places = 2 if not amount else max(2, 2 - amount.adjusted())
    return f"${amount:,.{places}f}"


def count(value: object) -> str:
    """Show a whole number with separators of thousands."""
    return NOT_REPORTED if value is None else f"{_decimal(value):,.0f}"


def short_count(value: object) -> str:
    """Show a large number to three digits: 8.95 billion."""
    if value is None:
        return NOT_REPORTED
    number = _decimal(value)
    for size, word in ((12, "trillion"), (9, "billion"), (6, "million")):
        if abs(number) >= 10**size:
            scaled = number / 10**size
            return f"{scaled:.{max(0, 2 - scaled.adjusted())}f} {word}"
    return f"{number:,.0f}"


def percent(value: object) -> str:
    """Show a ratio as percent."""
    return NOT_REPORTED if value is None else f"{_decimal(value) * 100:,.1f}%"


def chance(value: object) -> str:
    """Show a probability as percent; without one nothing was forecast."""
    return "no forecast" if value is None else percent(value)


def signed_percent(value: object) -> str:
    """Show a change as percent with its sign."""
    if value is None:
        return NOT_REPORTED
    ratio = _decimal(value)
    return f"{_MINUS if ratio < 0 else '+'}{abs(ratio) * 100:,.1f}%"


def day(value: object) -> str:
    """Show a UTC day."""
    return value.isoformat() if isinstance(value, date) else "—"


def moment(value: object) -> str:
    """Show a naive UTC time to the minute."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else "—"


def words(value: object) -> str:
    """Show text as it is."""
    return "—" if value is None or value == "" else str(value)


def passed(value: object) -> str:
    """Show whether a check passed."""
    return "passed" if value else "failed"


def measured(measure: object) -> Show:
    """Give the way a quota of this measure reads."""
    return money if measure == "usd" else count


def rows(number: int) -> str:
    """Say how many rows there are."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def change(now: object, before: object) -> str:
    """Say how an amount differs from the one before, in percent."""
    if now is None or before is None or not _decimal(before):
        return "no earlier period to compare"
    ratio = (_decimal(now) - _decimal(before)) / _decimal(before)
    sign = _MINUS if ratio < 0 else "+"
    return f"{sign}{abs(ratio) * 100:.1f}% against the 30 days before"


def _decimal(value: object) -> Decimal:
    # str() of a double is its shortest exact spelling; Decimal(double) would show binary noise.
    return value if isinstance(value, Decimal) else Decimal(str(value))
