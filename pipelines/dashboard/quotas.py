"""Quotas of the running period: used so far, where they go, and which may run out."""

from collections import defaultdict
from collections.abc import Sequence

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Plot, Section, day, label, measured, number
from pipelines.dashboard.fans import BOUNDS, fan, fan_text
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import line_rows, position
from pipelines.dashboard.view import View

_QUOTAS = "fct_quota_consumption_daily"
_FORECASTS = "fct_forecasts_daily"
_EXHAUSTION = "fct_quota_exhaustion"
_EXHAUSTION_DAILY = "fct_quota_exhaustion_daily"
_CONSUMERS = "fct_quota_consumers_daily"

# More charts than this help nobody; the table below them holds every quota, worst first.
_QUOTA_CHARTS = 12

_ALARMS = ("over the limit", "expected to exceed", "may exceed")


def quotas(view: View) -> Section:
    """Quotas of the running period, with the forecast fan to its end."""
    rows = rows_of(view, "quotas")
    burn: dict[object, list[Row]] = defaultdict(list)
    for row in rows_of(view, "quota_burn"):
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
        rows=rows,
        empty="No quotas: write them in ledgers/quotas.csv to follow them here.",
        table_is_open=True,
        columns=_QUOTA_COLUMNS,
    )


def _limit_in_words(row: Row) -> str:
    amount = text.measured(row["measure"])(row["limit_value"])
    measure = "" if row["measure"] == "usd" else f" {text.measure_name(row['measure'])}"
    return f"{amount}{measure} a {row['period']}"


# What to act on comes first: on a narrow screen the rest is scrolled to.
_QUOTA_COLUMNS = (
    label("quota", "quota", (_QUOTAS, "quota_id")),
    label("outlook", "outlook", (_EXHAUSTION, "exhaustion_probability")),
    number("exceeded", "chance to exceed", text.chance, (_EXHAUSTION, "exhaustion_probability")),
    day("exceeded_by", "in half of the futures by", (_EXHAUSTION, "exhaustion_date_p50")),
    number("used_ratio", "used of limit", text.percent, (_QUOTAS, "quota_used_ratio")),
    measured("used", "used", (_QUOTAS, "quota_used_to_date_value")),
    measured("at_end", "expected at the end", (_FORECASTS, "cumulative_value"), missing="—"),
    number(
        "limit_value", "limit", text.words, (_QUOTAS, "quota_limit_value"), show_row=_limit_in_words
    ),
)


def is_at_risk(quota: Row) -> bool:
    """Tell whether a quota is exceeded, or may be before its period ends."""
    return quota["outlook"] in _ALARMS


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
            "text": show(day["used"]) if day["used"] is not None else fan_text(day, show),
        }
        | {bound: day[bound] for bound in BOUNDS}
        for day in days
    ]
    heading = f"{quota['quota']}"
    spec = fan(
        rows,
        title=f"Quota {heading}",
        axis="USD" if is_money else text.measure_name(quota["measure"]),
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


def exhaustion(view: View) -> Section:
    """The chance of each quota to have run out, by day."""
    rows = rows_of(view, "exhaustion")
    spec = charts.lines(
        line_rows(rows, time="day", value="chance", show=text.percent),
        title="Chance that a quota has run out",
        axis="chance to have run out by then",
        axis_format=".0%",
    )
    return Section(
        name="exhaustion",
        heading="When quotas run out",
        lead="Out of joint futures of all series: the part of them in which the quota has run out "
        "by the day. Quotas with the greatest chance, to the end of their period.",
        plots=[Plot(name="exhaustion", heading="Chance by day", spec=spec)],
        rows=rows,
        empty="No quota has a chance of 1% or more to run out, or none has a forecast.",
        columns=(
            label("series", "quota", (_QUOTAS, "quota_id")),
            day("day", "day", (_EXHAUSTION_DAILY, "forecast_date")),
            number("chance", "chance", text.chance, (_EXHAUSTION_DAILY, "exhaustion_probability")),
            measured("low", "used, low (10%)", (_EXHAUSTION_DAILY, "used_value_p10")),
            measured("middle", "middle", (_EXHAUSTION_DAILY, "used_value_p50")),
            measured("high", "high (90%)", (_EXHAUSTION_DAILY, "used_value_p90")),
            measured("limit_value", "limit", (_EXHAUSTION, "quota_limit_value")),
        ),
    )


def consumers(view: View) -> Section:
    """Who uses each quota in its running period."""
    return Section(
        name="consumers",
        heading="Who uses the quotas",
        lead="The largest users, models and deployments of each quota in its running period. One "
        "kind adds up to the quota; kinds do not add up with each other.",
        rows=rows_of(view, "quota_consumers"),
        empty="Nobody used a quota in its running period.",
        columns=(
            label("quota", "quota", (_CONSUMERS, "quota_id")),
            label("kind", "kind", (_CONSUMERS, "consumer_kind")),
            label("consumer", "who", (_CONSUMERS, "consumer_id")),
            measured("used", "used", (_CONSUMERS, "used_value")),
            number("used_ratio", "of the limit", text.percent, (_CONSUMERS, "used_value")),
            number("refused", "refused", text.count, (_CONSUMERS, "throttled_request_count")),
        ),
    )
