"""The filters of a page as a plain form: it works without a script."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from html import escape

from pipelines.dashboard.blocks import Page
from pipelines.dashboard.explorer import word
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.view import Filter, View
from pipelines.dashboard.whatif import DRIVERS
from pipelines.metrics import metric
from pipelines.serve.addresses import address, dimensions, explorable

_QUICK_DAYS = (7, 30, 90)
_NAMES = ("team", "model", "provider", "host")


def form_html(page: Page, view: View, asked: Filter) -> str:
    """Lay out the filters that the page heeds, as they are now; without any nothing."""
    heeded = set(page.filters)
    if not heeded:
        return ""
    parts = []
    if "period" in heeded:
        parts += [_date("first", "From", view), _date("last", "to", view)]
    if "before" in heeded:
        parts += [_date("before_first", "Compare with", view), _date("before_last", "to", view)]
    parts += [_names(name, view) for name in _NAMES if name in heeded]
    if "explorer" in heeded:
        parts += _explorer(asked)
    if "scenario" in heeded:
        parts += _scenario(asked)
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name in _NAMES
        if name not in heeded and (value := getattr(asked, name))
    )
    quick = _quick(page, view, asked) if "period" in heeded else ""
    reset = f'<a href="/{page.name}">No filter</a>'
    return (
        f'<form class="filters" method="get" action="/{page.name}">{"".join(parts)}{kept}'
        f"<button>Show</button><span>{quick}{reset}</span></form>{_unheeded(page, asked)}"
    )


def _date(name: str, label: str, view: View) -> str:
    value = getattr(view.filter, name) or ""
    return f'<label>{label} <input type="date" name="{name}" value="{value}"></label>'


def _names(name: str, view: View) -> str:
    rows = [row for row in rows_of(view, "choices") if row["kind"] == name]
    options = [("", f"every {name}"), *((str(row["value"]), str(row["label"])) for row in rows)]
    chosen = getattr(view.filter, name) or ""
    if chosen and chosen not in {value for value, _ in options}:
        options.append((chosen, chosen))
    return _select(name, name.capitalize(), options, chosen)


def _explorer(asked: Filter) -> list[str]:
    measures = [(one.name, one.title) for one in explorable()]
    by = [(one, word(one)) for one in dimensions(metric(asked.metric))]
    return [
        _select("metric", "Metric", measures, asked.metric),
        _select("by", "by", by, asked.by),
    ]


def _scenario(asked: Filter) -> list[str]:
    drivers = [("", "nothing"), *((one, one.replace("_", " ")) for one in DRIVERS)]
    times = "" if asked.times is None else f"{asked.times:g}"
    return [
        _select("driver", "What if", drivers, asked.driver or ""),
        f'<label>times <input type="number" name="times" value="{times}" '
        'min="0" max="100" step="any" placeholder="1.5"></label>',
    ]


def _select(name: str, label: str, options: Iterable[Sequence[str]], chosen: str) -> str:
    shown = "".join(
        f'<option value="{escape(value)}"{" selected" * (value == chosen)}>{escape(text)}</option>'
        for value, text in options
    )
    return f'<label>{label} <select name="{name}">{shown}</select></label>'


def _quick(page: Page, view: View, asked: Filter) -> str:
    (facts,) = rows_of(view, "state")
    last = facts["data_through"]
    if not isinstance(last, date):
        return ""
    links = []
    for label, chosen in _periods(last, with_before="before" in page.filters):
        where = address(f"/{page.name}", asked, chosen)
        links.append(f'<a href="{escape(where)}">{label}</a>')
    return "".join(links)


def _periods(last: date, *, with_before: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Give common periods; this month is compared with as many days of the one before."""
    none = {"before_first": "", "before_last": ""}
    for days in _QUICK_DAYS:
        yield f"{days} days", none | {"first": str(last - timedelta(days - 1)), "last": str(last)}
    first = last.replace(day=1)
    before = (first - timedelta(1)).replace(day=1)
    until = min(before + (last - first), first - timedelta(1))
    compared = {"before_first": str(before), "before_last": str(until)} if with_before else none
    yield "this month", compared | {"first": str(first), "last": str(last)}


def _unheeded(page: Page, asked: Filter) -> str:
    """Say which chosen filters do not narrow this page."""
    names = [name for name in _NAMES if name not in page.filters and getattr(asked, name)]
    if not names:
        return ""
    return f"<p>Not narrowed by {', '.join(names)}: these figures are not told by it.</p>"
