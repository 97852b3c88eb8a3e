"""How values read on the page; what is unknown is said in words and never shown as zero."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

Show = Callable[[object], str]

NOT_PRICED = "not priced"
NOT_REPORTED = "not reported"
_MINUS = "\N{MINUS SIGN}"
_LEAST_RATIO = Decimal("0.0005")


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


def unit_price(value: object) -> str:
    """Show a price of the price book; without one the class is not priced."""
    return "—" if value is None else rate(value)


def count(value: object) -> str:
    """Show a whole number with separators of thousands."""
    return NOT_REPORTED if value is None else f"{_decimal(value):,.0f}"


def some(value: object) -> str:
    """Show a whole number where there is one."""
    return "" if value is None else count(value)


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


def measure(value: object, unit: str) -> str:
    """Show an amount of some unit: whole tokens, requests and hours, three digits of a rate."""
    if value is None:
        return NOT_REPORTED
    number = _decimal(value)
    if " per " not in unit or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.{max(0, 2 - number.adjusted())}f}"


def three_digits(value: object) -> str:
    """Show a rate to three digits."""
    return measure(value, "one per other")


def watts(value: object) -> str:
    """Show electric power."""
    return NOT_REPORTED if value is None else f"{_decimal(value):,.0f} W"


def percent(value: object) -> str:
    """Show a ratio as percent."""
    if value is None:
        return NOT_REPORTED
    ratio = _decimal(value)
    return "<0.1%" if 0 < ratio < _LEAST_RATIO else f"{ratio * 100:,.1f}%"


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


def month(value: object) -> str:
    """Show the month that begins on a UTC day."""
    return f"{value:%Y-%m}" if isinstance(value, date) else "—"


def moment(value: object) -> str:
    """Show a naive UTC time to the minute."""
    return f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else "—"


def words(value: object) -> str:
    """Show text as it is."""
    return "—" if value is None or value == "" else str(value)


def passed(value: object) -> str:
    """Show whether a check passed."""
    return "passed" if value else "failed"


def measure_name(measure: object) -> str:
    """Name a measure for people."""
    return "cost" if measure == "usd" else str(measure).replace("_", " ").replace("gpu", "GPU")


def measured(measure: object) -> Show:
    """Give the way a quota of this measure reads."""
    return money if measure in ("usd", "effective_cost_usd") else count


def rows(number: int) -> str:
    """Say how many rows there are."""
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def change_ratio(now: object, before: object) -> Decimal | None:
    """Give how an amount differs from the one before, as a ratio; None where there is none."""
    if now is None or before is None or not _decimal(before):
        return None
    return (_decimal(now) - _decimal(before)) / abs(_decimal(before))


def ratio_of(part: object, whole: object) -> Decimal | None:
    """Give a part of a whole as a ratio, for reading; None where it is not known."""
    if part is None or not whole:
        return None
    return _decimal(part) / _decimal(whole)


def share(value: object) -> str:
    """Show a part of the whole as percent; where parts do not add up there is none."""
    return "" if value is None else percent(value)


def changed(value: object) -> str:
    """Show a change as percent with its sign; nothing where there was nothing before."""
    return "" if value is None else signed_percent(value)


def change(now: object, before: object, than: str) -> str:
    """Say how an amount differs from the one before, in percent."""
    ratio = change_ratio(now, before)
    return f"nothing {than} to compare" if ratio is None else f"{signed_percent(ratio)} {than}"


def _decimal(value: object) -> Decimal:
    # str() of a double is its shortest exact spelling; Decimal(double) would show binary noise.
    return value if isinstance(value, Decimal) else Decimal(str(value))
