"""The table of the metrics, as the documentation shows it."""

from pipelines.metrics import Metric, metrics


def metrics_table() -> str:
    """Every metric with its formula, as Markdown."""
    return "\n".join(_entry(metric) for metric in metrics().values())


def _entry(metric: Metric) -> str:
    formula = metric.numerator_sql
    if metric.denominator_sql:
        formula += f"\n/ {metric.denominator_sql}"
    formula += f"\nfrom {metric.mart}"
    if metric.filter_sql:
        formula += f"\nwhere {metric.filter_sql}"
    told_by = ", ".join(
        f"**`{name}`**" if name in metric.required_dimensions else f"`{name}`"
        for name in metric.dimensions
    )
    better = f" Better when {metric.better}." if metric.better else ""
    return (
        f"### `{metric.name}`\n\n**{metric.title}**, {metric.unit}. "
        f"{metric.description}{better}\n\n"
        f"```sql\n{formula}\n```\n\n"
        f"By {told_by or 'time alone'}; its day is `{metric.date_column}`.\n"
    )
