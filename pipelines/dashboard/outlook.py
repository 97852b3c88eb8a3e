"""Sections that look ahead: quotas with their fans, and the demand of the next 90 days."""

from collections import defaultdict
from collections.abc import Sequence

import duckdb

from pipelines.dashboard import charts, text
from pipelines.dashboard.layout import Column, Plot, Section
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.sections import newest_first, number, position

_QUOTAS = "fct_quota_consumption_daily"
_FORECASTS = "fct_forecasts_daily"
_EXHAUSTION = "fct_quota_exhaustion"

# More charts than this help nobody; the table below them holds every quota, worst first.
_QUOTA_CHARTS = 12

_BOUNDS = ("lower_80", "upper_80", "lower_95", "upper_95")
_ALARMS = ("over the limit", "expected to exceed", "may exceed")


def quotas(connection: duckdb.DuckDBPyConnection) -> Section:
    """Quotas of the running period, with the forecast fan to its end."""
    rows = rows_of(connection, "quotas")
    burn: dict[object, list[Row]] = defaultdict(list)
    for row in rows_of(connection, "quota_burn"):
        burn[row["quota"]].append(row)
    return Section(
        name="quotas",
        heading="Quotas of the running period",
        lead="Used so far (solid), forecast (dashed) with its 80% and 95% intervals, limit "
        "(colored line). Intervals are those of the sum of the days, out of joint futures, and "
        "so is the chance to exceed.",
        plots=[
            _quota_plot(place, row, burn[row["quota"]])
            for place, row in enumerate(rows[:_QUOTA_CHARTS])
        ],
        rows=[_in_words(row) for row in rows],
        empty="No quotas: write them in ledgers/quotas.csv to follow them here.",
        table_is_open=True,
        columns=_QUOTA_COLUMNS,
    )


# What to act on comes first: on a narrow screen the rest is scrolled to.
_QUOTA_COLUMNS = (
    Column(key="quota", heading="quota", show=text.words, term=(_QUOTAS, "quota_id")),
    Column(
        key="outlook",
        heading="outlook",
        show=text.words,
        term=(_EXHAUSTION, "exhaustion_probability"),
    ),
    number("exceeded", "chance to exceed", text.chance, (_EXHAUSTION, "exhaustion_probability")),
    Column(
        key="exceeded_by",
        heading="in half of the futures by",
        show=text.day,
        term=(_EXHAUSTION, "exhaustion_date_p50"),
    ),
    number("used_ratio", "used of limit", text.percent, (_QUOTAS, "quota_used_ratio")),
    number("used", "used", text.words, (_QUOTAS, "quota_used_to_date_value")),
    number("at_end", "expected at the end", text.words, (_FORECASTS, "cumulative_value")),
    number("limit_value", "limit", text.words, (_QUOTAS, "quota_limit_value")),
    Column(key="period", heading="each", show=text.words, term=(_QUOTAS, "period_kind")),
    Column(key="measure", heading="measure", show=text.words, term=(_QUOTAS, "measure")),
)


def is_at_risk(quota: Row) -> bool:
    """Tell whether a quota is exceeded, or may be before its period ends."""
    return quota["outlook"] in _ALARMS


def _in_words(row: Row) -> Row:
    show = text.measured(row["measure"])
    at_end = row["at_end"]
    return row | {
        "limit_value": show(row["limit_value"]),
        "used": show(row["used"]),
        "at_end": "no forecast" if at_end is None else show(at_end),
    }


def _quota_plot(place: int, quota: Row, days: Sequence[Row]) -> Plot:
    show = text.measured(quota["measure"])
    is_money = quota["measure"] == "usd"
    rows = [
        {
            "day": text.day(day["day"]),
            "day_text": text.day(day["day"]),
            "known": position(day["used"]),
            "expected": day["expected"],
            "naive": None,
            "limit": position(quota["limit_value"]),
            "text": show(day["used"]) if day["used"] is not None else _fan_text(day, show),
        }
        | {bound: day[bound] for bound in _BOUNDS}
        for day in days
    ]
    heading = f"{quota['quota']}"
    spec = charts.fan(
        rows,
        title=f"Quota {heading}",
        axis="USD" if is_money else str(quota["measure"]),
        axis_format="$,.2~s" if is_money else ",.3~s",
        limit=True,
    )
    return Plot(
        name=f"quota-{place}",
        heading=heading,
        spec=spec,
        is_alarm=is_at_risk(quota),
        note=f"{quota['scope']}: {text.percent(quota['used_ratio'])} used, {quota['outlook']}",
    )


def _fan_text(row: Row, show: text.Show) -> str:
    return (
        f"{show(row['expected'])} expected; 80%: {show(row['lower_80'])} to "
        f"{show(row['upper_80'])}; 95%: {show(row['lower_95'])} to {show(row['upper_95'])}"
    )


def demand(connection: duckdb.DuckDBPyConnection) -> Section:
    """Tokens and cost of the organization: the past, and 90 days of forecast."""
    rows = rows_of(connection, "demand")
    plots = []
    for measure, heading, axis_format in (
        ("total_tokens", "Tokens a day", ",.3~s"),
        ("effective_cost_usd", "Cost a day, in USD", "$,.2~s"),
    ):
        part = [_demand_row(row) for row in rows if row["measure"] == measure]
        if all(row["known"] is None and row["expected"] is None for row in part):
            continue
        spec = charts.fan(
            part,
            title=f"{heading}, with forecast",
            axis=heading,
            axis_format=axis_format,
            limit=False,
        )
        plots.append(Plot(name=f"demand-{measure}", heading=heading, spec=spec))
    has_forecast = any(row["expected"] is not None for row in rows)
    lead = "The whole organization. "
    lead += (
        "Forecast (dashed) with its 80% and 95% intervals, and the naive baseline (dotted) that "
        "it has to beat."
        if has_forecast
        else "There is no forecast yet: it needs some weeks of history."
    )
    return Section(
        name="demand",
        heading="Volume and forecast",
        lead=lead,
        plots=plots,
        rows=newest_first([_forecast_in_words(row) for row in rows], "day"),
        empty="No usage yet.",
        columns=_DEMAND_COLUMNS,
    )


_DEMAND_COLUMNS = (
    Column(key="day", heading="day", show=text.day, term=(_FORECASTS, "forecast_date")),
    Column(key="measure", heading="measure", show=text.words, term=(_FORECASTS, "measure")),
    number("known", "known", text.words, ("fct_token_costs_daily", "total_tokens")),
    number("expected", "forecast", text.words, (_FORECASTS, "forecast_value")),
    number("lower_80", "80% from", text.words, (_FORECASTS, "lower_80_value")),
    number("upper_80", "80% to", text.words, (_FORECASTS, "upper_80_value")),
    number("lower_95", "95% from", text.words, (_FORECASTS, "lower_95_value")),
    number("upper_95", "95% to", text.words, (_FORECASTS, "upper_95_value")),
    number("naive", "naive baseline", text.words, (_FORECASTS, "naive_value")),
    Column(key="method_name", heading="method", show=text.words, term=(_FORECASTS, "method_name")),
)


def _demand_row(row: Row) -> Row:
    show = text.money if row["measure"] == "effective_cost_usd" else text.count
    is_past = row["expected"] is None
    return {
        "day": text.day(row["day"]),
        "day_text": text.day(row["day"]),
        "known": position(row["known"]),
        "expected": row["expected"],
        "naive": row["naive"],
        "text": show(row["known"]) if is_past else _fan_text(row, show),
    } | {bound: row[bound] for bound in _BOUNDS}


def _forecast_in_words(row: Row) -> Row:
    show = text.money if row["measure"] == "effective_cost_usd" else text.count
    figures = ("known", "expected", "naive", *_BOUNDS)
    return row | {key: "" if row[key] is None else show(row[key]) for key in figures}
