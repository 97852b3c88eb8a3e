"""Sections that look ahead and back at what was foretold: demand, past forecasts, backtests."""

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Plot, Section, day, label, measured, number
from pipelines.dashboard.fans import BOUNDS, fan, fan_text
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import line_rows, newest_first, position
from pipelines.dashboard.view import View

_FORECASTS = "fct_forecasts_daily"
_VINTAGES = "fct_forecast_vintages"
_BACKTESTS = "fct_forecast_backtests"
_MEASURES = (
    ("total_tokens", "Tokens a day", ",.3~s"),
    ("effective_cost_usd", "Cost a day, in USD", "$,.2~s"),
)


def demand(view: View) -> Section:
    """Tokens and cost of the organization: the past, and 90 days of forecast."""
    rows = rows_of(view, "demand")
    plots = []
    for measure, heading, axis_format in _MEASURES:
        part = [_demand_row(row) for row in rows if row["measure"] == measure]
        if all(row["known"] is None and row["expected"] is None for row in part):
            continue
        spec = fan(
            part,
            title=f"{heading}, with forecast",
            axis=heading,
            axis_format=axis_format,
            limit=False,
        )
        plots.append(Plot(name=f"demand-{measure}", heading=heading, spec=spec))
    has_forecast = any(row["expected"] is not None for row in rows)
    lead = f"{_whose(view).capitalize()}. "
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
        rows=newest_first(rows, "day"),
        empty="No usage yet.",
        columns=_DEMAND_COLUMNS,
    )


_DEMAND_COLUMNS = (
    day("day", "day", (_FORECASTS, "forecast_date")),
    label("measure", "measure", (_FORECASTS, "measure")),
    measured("known", "known", ("fct_token_costs_daily", "total_tokens")),
    measured("expected", "forecast", (_FORECASTS, "forecast_value")),
    measured("lower_80", "80% from", (_FORECASTS, "lower_80_value")),
    measured("upper_80", "80% to", (_FORECASTS, "upper_80_value")),
    measured("lower_95", "95% from", (_FORECASTS, "lower_95_value")),
    measured("upper_95", "95% to", (_FORECASTS, "upper_95_value")),
    measured("naive", "naive baseline", (_FORECASTS, "naive_value")),
    label("method_name", "method", (_FORECASTS, "method_name")),
)


def _demand_row(row: Row) -> Row:
    show = text.measured(row["measure"])
    is_past = row["expected"] is None
    return {
        "day": text.day(row["day"]),
        "day_text": text.day(row["day"]),
        "known": position(row["known"]),
        "expected": row["expected"],
        "naive": row["naive"],
        "text": show(row["known"]) if is_past else fan_text(row, show),
    } | {bound: row[bound] for bound in BOUNDS}


def vintages(view: View) -> Section:
    """Past forecasts beside what came."""
    rows = rows_of(view, "vintages")
    plots = []
    for measure, heading, axis_format in _MEASURES:
        part = [row for row in rows if row["measure"] == measure]
        if len({row["series"] for row in part}) > 1:
            shown = line_rows(part, time="day", value="value", show=text.measured(measure))
            spec = charts.lines(
                shown, title=f"{heading}: past forecasts", axis=heading, axis_format=axis_format
            )
            plots.append(Plot(name=f"vintages-{measure}", heading=heading, spec=spec))
    return Section(
        name="vintages",
        heading="Past forecasts beside what came",
        lead=f"The last published forecasts of {_whose(view)}, kept as they were, and what came "
        "since.",
        plots=plots,
        rows=newest_first([row for row in rows if row["came"] is not None], "day"),
        empty="No past forecast has met its days yet: the next runs will tell.",
        columns=(
            day("day", "day", (_VINTAGES, "forecast_date")),
            label("measure", "measure", (_VINTAGES, "measure")),
            label("series", "foretold on", (_VINTAGES, "forecast_origin_date")),
            measured("value", "forecast", (_VINTAGES, "forecast_value")),
            measured("came", "what came", (_VINTAGES, "actual_value")),
            number("error", "error", text.changed, (_VINTAGES, "actual_value")),
        ),
    )


def backtests(view: View) -> Section:
    """How good each method was on past days, for the whole organization."""
    return Section(
        name="backtests",
        heading="How good forecasts were",
        lead=f"Each method repeated on past days of {_whose(view)}, as if they were not known. The "
        "published forecast is 'forecast'. Skill above zero beats the naive baseline; 80% of the "
        "days should lie in the 80% interval.",
        rows=rows_of(view, "backtests"),
        empty="No backtest yet: it needs some weeks of history.",
        table_is_open=True,
        columns=(
            label("measure", "measure", (_BACKTESTS, "measure")),
            label("method", "method", (_BACKTESTS, "method_name")),
            label("chosen", "chosen", (_BACKTESTS, "chosen_method_name")),
            number("wql", "quantile loss", text.share, (_BACKTESTS, "wql")),
            number("mase", "scaled error", text.three_digits, (_BACKTESTS, "mase")),
            number("skill", "skill", text.changed, (_BACKTESTS, "skill_ratio")),
            number("covered_80", "80% interval", text.share, (_BACKTESTS, "coverage_80_ratio")),
            number("covered_95", "95% interval", text.share, (_BACKTESTS, "coverage_95_ratio")),
            number("days", "days", text.count, (_BACKTESTS, "scored_day_count")),
        ),
    )


def _whose(view: View) -> str:
    """Name the series: forecasts are made for each of these alone, not for their combinations."""
    asked = view.filter
    named = (("team", asked.team), ("model", asked.model), ("provider", asked.provider))
    return next((f"the {kind} {name}" for kind, name in named if name), "the whole organization")
