"""The short table that ends a run: what the published snapshot says."""

from collections.abc import Iterator

import duckdb
from rich.table import Table

from pipelines.dbt_manifest import project_variable
from pipelines.publish import read_current
from pipelines.settings import Settings

# Money is rounded once, here, for reading; the marts keep twelve places.
FIGURES = """
with
    last as (select max(usage_date) as last_date from fct_token_costs_daily),
    tokens as (
        select costs.* from fct_token_costs_daily as costs
        cross join last where usage_date > last_date - interval 30 day
    ),
    gpus as (
        select hours.* from fct_gpu_hours as hours
        cross join last where usage_date > last_date - interval 30 day
    ),
    figures as (
        select
            (select last_date from last) as last_date,
            (select sum(request_count) from tokens) as requests,
            (select sum(total_tokens) from tokens) as tokens,
            (select sum(unpriced_tokens) from tokens) as unpriced_tokens,
            (select sum(effective_cost_usd) from tokens where not is_self_hosted) as cloud_usd,
            (select sum(asset_cost_usd) from gpus) as gpu_usd,
            (select sum(idle_cost_usd) from gpus) as idle_usd
    )
select
    strftime(last_date, '%Y-%m-%d'), format('{:,}', requests::bigint),
    format('{:,}', tokens::bigint), format('{:,}', unpriced_tokens::bigint),
    format('${:,.2f}', round(cloud_usd, 2)::double),
    format('${:,.2f}', round(gpu_usd, 2)::double),
    format('${:,.2f}', round(idle_usd, 2)::double)
from figures
"""
UNIT_COSTS = """
select
    if(is_self_hosted, 'Own GPUs per million, all in', 'Cloud per million tokens'),
    format('${:,.2f}', sum(effective_cost_usd)::double * 1e6 / sum(total_tokens - unpriced_tokens))
from fct_token_costs_daily
where usage_date > (select max(usage_date) from fct_token_costs_daily) - interval 30 day
group by is_self_hosted
having sum(total_tokens - unpriced_tokens) > 0
order by is_self_hosted desc
"""
UNPRICED_RATIO = """
select
    sum(unpriced_tokens)::double / nullif(sum(total_tokens), 0)
from fct_token_costs_daily
where not is_self_hosted
    and usage_date > (select max(usage_date) from fct_token_costs_daily) - interval 30 day
"""
LABELS = (
    "Data through",
    "Requests, last 30 days",
    "Tokens, last 30 days",
    "  of which without a price",
    "Cloud tokens",
    "Own GPUs",
    "  of which idle",
)


def summary_table(settings: Settings) -> Table:
    """Headline figures of the newest snapshot."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    with read_current(settings) as connection:
        figures = connection.execute(FIGURES).fetchall()[0]
        for label, value in [*zip(LABELS, figures, strict=True), *_unit_costs(connection)]:
            table.add_row(label, value or "unknown")
        for line in _alarms(connection):
            table.add_row(line, "", style="yellow")
    return table


def _alarms(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A line where too many cloud tokens have no price; dbt warns of the same."""
    limit = project_variable("unpriced_alarm_ratio")
    ((ratio,),) = connection.execute(UNPRICED_RATIO).fetchall()
    if ratio is not None and ratio > limit:
        yield (
            f"{ratio:.1%} of the cloud tokens have no price, more than {limit:.1%}: "
            "see fct_unpriced_usage, state prices in ledgers/price_overrides.csv"
        )


def _unit_costs(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(UNIT_COSTS).fetchall()
