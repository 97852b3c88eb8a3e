"""`meterhouse whatif`: a scenario against the published company."""

from pathlib import Path

from rich.console import Console

from pipelines.publish import read_current
from pipelines.scenarios.chart import write_chart
from pipelines.scenarios.comparison import compare
from pipelines.scenarios.history import company_drivers, company_limits, usual_ranges
from pipelines.scenarios.report import tables
from pipelines.scenarios.shocks import read_scenario
from pipelines.settings import Settings


def what_if(
    settings: Settings, file: Path, *, days: int, chart: Path | None, console: Console
) -> None:
    """Print what a scenario does to quotas and demand, and draw it if asked to.

    Args:
        settings: Of the company; the current snapshot is read.
        file: The scenario, see `read_scenario`.
        days: Days to look ahead, at least 1.
        chart: A picture to write.
        console: Where to print.

    Raises:
        MeterhouseError: Nothing is published, or the scenario is wrong.
    """
    scenario = read_scenario(file)
    with read_current(settings) as connection:
        baseline = company_drivers(connection, horizon_days=days)
        limits = company_limits(connection)
        ranges = usual_ranges(connection)
    comparison = compare(baseline, scenario, limits, ranges)
    for table in tables(scenario.name, comparison, days):
        console.print(table)
        console.print()
    left_out = [limit.quota_id for limit in limits if not limit.is_followed()]
    if left_out:
        console.print(f"Not followed, for their demand is not forecast: {', '.join(left_out)}")
    if chart is not None:
        write_chart(chart, scenario.name, comparison, baseline)
        console.print(f"Chart  {chart}")
