"""A comparison as a picture: probability of exceeding each quota, by day, before and after."""

from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from ingest.errors import MeterhouseError
from pipelines.scenarios.comparison import Comparison
from pipelines.scenarios.drivers import Drivers

KINDS = ("html", "png", "svg")
BASELINE, SCENARIO = "#7f8790", "#0b6bcb"


def write_chart(file: Path, name: str, comparison: Comparison, baseline: Drivers) -> None:
    """Draw the exceedance curves of all quotas, those that move most first.

    Args:
        file: Its suffix says how: .html (one file that needs no network), .png or .svg.
        name: Of the scenario.
        comparison: What to draw.
        baseline: For its days.

    Raises:
        MeterhouseError: The suffix is another one, or there is no quota to draw.
    """
    kind = file.suffix.removeprefix(".")
    if kind not in KINDS:
        raise MeterhouseError(f"{file}: name it .html, .png or .svg")
    rows = [
        {
            "quota": after.quota_id,
            "day": day.isoformat(),
            "probability": float(share),
            "case": case,
        }
        for before, first, after, second in comparison.quotas
        for case, outlook in (("baseline", first), ("scenario", second))
        for day, share in zip(baseline.days, outlook.exceeded_by_day, strict=True)
    ]
    if not rows:
        raise MeterhouseError(f"{file}: no quota to draw; write some in ledgers/quotas.csv")
    chart = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(grid=False, tickCount=4)),
            y=alt.Y(
                "probability:Q",
                title="used up by then",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color(
                "case:N",
                title=None,
                scale=alt.Scale(domain=["baseline", "scenario"], range=[BASELINE, SCENARIO]),
            ),
            strokeDash=alt.StrokeDash("case:N", title=None, legend=None),
            facet=alt.Facet("quota:N", title=None, columns=3),
        )
        .properties(width=240, height=130, title=f"{name}: probability that a quota is used up")
    )
    spec = chart.to_dict() | {"datasets": {"rows": rows}}
    file.write_bytes(_drawn(spec, kind))


def _drawn(spec: dict[str, Any], kind: str) -> bytes:
    release = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    if kind == "png":
        return vl_convert.vegalite_to_png(spec, vl_version=release, scale=2)
    if kind == "svg":
        return vl_convert.vegalite_to_svg(spec, vl_version=release).encode()
    return vl_convert.vegalite_to_html(spec, vl_version=release, bundle=True).encode()
