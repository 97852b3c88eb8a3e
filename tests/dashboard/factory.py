"""Small warehouses with the columns of the marts, made by arithmetic: no random numbers."""

from datetime import date
from pathlib import Path

import duckdb
import yaml

from pipelines.settings import DBT_PROJECT

HOSTILE_TEAM = "</script><script>alert(1)</script> & <b>Söhne</b>"

_MARTS = DBT_PROJECT / "models/marts"

FIRST_DAY = date(2026, 3, 1)
LAST_DAY = date(2026, 8, 27)

_SCHEMA = """
create table dim_teams(team_id varchar, team_name varchar, cost_center varchar);
create table dim_models(model_id varchar, provider_name varchar, model_name varchar,
  is_self_hosted boolean, first_used_date date, last_used_date date);
create table dim_prices(provider_name varchar, model_name varchar, price_source varchar,
  price_snapshot varchar, price_snapshot_sha256 varchar, believed_from timestamp);
create table fct_usage_hourly(hour_start_at timestamp, usage_date date, provider_name varchar,
  model_name varchar, team_id varchar, is_self_hosted boolean, request_count bigint,
  failed_request_count bigint, input_tokens bigint, output_tokens bigint, total_tokens bigint);
create table fct_charges_hourly(hour_start_at timestamp, usage_date date, charge_kind varchar,
  provider_name varchar, model_name varchar, team_id varchar, pricing_status varchar,
  input_tokens bigint, output_tokens bigint, total_tokens bigint, list_cost_usd decimal(38,12),
  input_cost_usd decimal(38,12), output_cost_usd decimal(38,12),
  effective_cost_usd decimal(38,12), reported_cost_usd decimal(38,12));
create table fct_gpu_hours(hour_start_at timestamp, usage_date date, gpu_uuid varchar,
  host_name varchar, gpu_model varchar, deployment_id varchar, workload varchar,
  model_name varchar, team_id varchar, allocation_status varchar, idle_cause varchar,
  asset_cost_usd decimal(38,12), allocated_cost_usd decimal(38,12),
  idle_cost_usd decimal(38,12), overhead_cost_usd decimal(38,12), gpu_utilization_ratio double,
  power_watts double, telemetry_coverage_ratio double);
create table fct_gpu_allocations_hourly(hour_start_at timestamp, usage_date date,
  gpu_uuid varchar, host_name varchar, allocation_status varchar, idle_cause varchar,
  gpu_hours decimal(38,12), direct_cost_usd decimal(38,12));
create table fct_token_costs_daily(usage_date date, provider_name varchar, model_name varchar,
  team_id varchar, is_self_hosted boolean, request_count bigint, input_tokens bigint,
  output_tokens bigint, total_tokens bigint, unpriced_tokens bigint,
  input_cost_usd decimal(38,12), output_cost_usd decimal(38,12),
  effective_cost_usd decimal(38,12), cost_usd_per_million_tokens double,
  input_cost_usd_per_million_tokens double, output_cost_usd_per_million_tokens double);
create table fct_quota_consumption_daily(quota_id varchar, scope_kind varchar, scope_id varchar,
  measure varchar, period_kind varchar, period_start_date date, period_end_date date,
  usage_date date, quota_limit_value decimal(38,12), quota_used_value decimal(38,12),
  quota_used_to_date_value decimal(38,12), quota_used_ratio double, only_provider_name varchar,
  only_model_name varchar);
create table fct_forecasts_daily(forecast_origin_date date, series_kind varchar, team_id varchar,
  provider_name varchar, model_name varchar, measure varchar, forecast_date date,
  horizon_days bigint, method_name varchar, forecast_value double, lower_80_value double,
  upper_80_value double,
  lower_95_value double, upper_95_value double, naive_value double, cumulative_value double,
  cumulative_lower_80_value double, cumulative_upper_80_value double,
  cumulative_lower_95_value double, cumulative_upper_95_value double);
create table fct_quota_exhaustion(quota_id varchar, limit_kind varchar, scope_kind varchar,
  scope_id varchar, period_start_date date, is_running boolean, quota_limit_value decimal(38,12),
  exhaustion_probability double, exhaustion_date_p50 date, reason varchar);
create table fct_unpriced_usage(usage_date date, provider_name varchar, model_name varchar,
  request_count bigint, total_tokens bigint, reason varchar);
create table fct_data_quality_results(run_id varchar, checked_at timestamp, table_name varchar,
  usage_date date, expectation_name varchar, column_name varchar, severity varchar,
  is_success boolean, failing_row_count bigint, observed_value varchar, failing_rows varchar);
create table fct_cost_drivers(scope_kind varchar, team_id varchar, period_kind varchar,
  from_period_start_date date, to_period_start_date date, to_period_end_date date, driver varchar,
  provider_name varchar, model_name varchar, token_class varchar, change_usd decimal(38,12),
  change_tokens double, from_cost_usd decimal(38,12), to_cost_usd decimal(38,12),
  is_current boolean);
create table fct_price_index(scope_kind varchar, period_kind varchar, period_start_date date,
  formula varchar, contributor_kind varchar, base_period_start_date date, index_ratio double,
  annualized_inflation_ratio double, unit_value_index_ratio double, is_current boolean);
create table fct_quota_inflation_index(scope_kind varchar, period_kind varchar,
  period_start_date date, measure varchar, contributor_kind varchar, index_ratio double,
  annualized_inflation_ratio double, is_current boolean);
comment on table fct_token_costs_daily is 'One row for each day, provider, model and team.';
comment on column fct_token_costs_daily.effective_cost_usd is
  'Amortized cost in USD; empty where the model''s price is unknown.';
comment on column fct_token_costs_daily.cost_usd_per_million_tokens is
  'effective_cost_usd for one million tokens.';
comment on column fct_charges_hourly.effective_cost_usd is
  'What the hour cost after amortization, in USD.';
comment on column fct_gpu_hours.idle_cost_usd is 'Cost of GPU hours that nobody used, in USD.';
comment on column fct_gpu_allocations_hourly.direct_cost_usd is
  'amortized + lease + energy + opex.';
comment on column fct_quota_consumption_daily.quota_used_ratio is
  'Used in the period so far, divided by the limit.';
"""

# Twelve models: more than colours. 'mystery-1' has no price. Tokens grow and dip on Sundays.
_USAGE = """
insert into dim_teams select 'team-' || i, case i when 3 then $hostile when 4 then 'Search'
  when 5 then 'Search' else 'Team ' || chr(64 + i::int) end, null from range(1, 11) r(i);
create temp table models as select * from (values
  ('self_hosted', 'qwen3-32b', true, 0.41), ('self_hosted', 'llama-3.3-70b', true, 0.87),
  ('self_hosted', 'mistral-small-24b', true, 0.22), ('self_hosted', 'gpt-oss-120b', true, 0.65),
  ('self_hosted', 'embeddings-large', true, 0.03), ('openai', 'gpt-5', false, 3.4),
  ('openai', 'gpt-5-mini', false, 0.7), ('anthropic', 'claude-sonnet-4-5', false, 5.2),
  ('anthropic', 'claude-haiku-4-5', false, 1.6), ('azure', 'gpt-5', false, 3.5),
  ('openai', 'mystery-1', false, null), ('', '', false, null)
) m(provider_name, model_name, is_self_hosted, price);
insert into fct_token_costs_daily
with days as (select d::date as day, (d::date - $first::date) as n
  from range($first::timestamp, $last::timestamp + interval 1 day, interval 1 day) r(d)),
teams as (select 'team-' || i as team_id, i from range(1, 11) r(i)
  union all select 'unattributed', 0.4),
tokens as (select day, m.*, team_id,
    (1e6 * (1 + n / 90) * (1 + i % 4) * (case when dayofweek(day) = 0 then 0.4 else 1 end)
     * (1 + 0.2 * sin(n + i)) / (1 + length(model_name) % 5))::bigint as tokens, n
  from days, models m, teams where hash(team_id || model_name) % 3 > 0),
costs as (select *, (tokens * price * (1 + 0.1 * sin(n / 9.0)) / 1e6)::decimal(38,12) as cost
  from tokens)
select day, provider_name, model_name, team_id, is_self_hosted, tokens // 1500,
  tokens - tokens // 5, tokens // 5, tokens, case when price is null then tokens else 0 end,
  (cost * 0.5)::decimal(38,12), cost - (cost * 0.5)::decimal(38,12), cost, cost * 1e6 / tokens,
  cost * 0.5e6 / tokens, cost * 0.5e6 / tokens
from costs;
insert into fct_usage_hourly select usage_date, usage_date, provider_name, model_name, team_id,
  is_self_hosted, request_count, 0, input_tokens, output_tokens, total_tokens
  from fct_token_costs_daily;
insert into fct_charges_hourly select usage_date, usage_date,
  if(is_self_hosted, 'own_gpu_allocated', 'cloud_tokens'), provider_name, model_name, team_id,
  case when is_self_hosted then 'own_gpu' when effective_cost_usd is null then 'unpriced'
  else 'list' end, input_tokens, output_tokens, total_tokens, effective_cost_usd, input_cost_usd,
  output_cost_usd, effective_cost_usd, null from fct_token_costs_daily;
insert into fct_unpriced_usage select usage_date, provider_name, model_name, sum(request_count),
  sum(total_tokens), 'no price list names this model' from fct_token_costs_daily
  where effective_cost_usd is null group by all;
"""

_GPUS = """
insert into fct_gpu_hours
select h, h::date, 'GPU-' || host || '-' || gpu, 'gpu-host-' || host,
  if(host = 4, 'A100 80GB', 'H100'), null, null, null, null,
  if(cause is null, 'allocated', 'idle'), cause, 3.125, if(cause is null, 3, 0),
  if(cause is null, 0, 3), 0.125,
  case when host = 2 and h between '2026-05-01' and '2026-05-20' then null
    when cause is null then 0.55 + 0.3 * sin(host + epoch(h) / 400000) else 0.0 end, 400, 1
from (select h, host, gpu, case when gpu = 7 then 'no_deployment'
      when gpu > 4 and hour(h) < 6 then 'no_load' end as cause
  from range($first::timestamp, $last::timestamp + interval 1 day, interval 6 hour) r(h),
    range(1, 5) hs(host), range(8) g(gpu));
insert into fct_gpu_allocations_hourly select hour_start_at, usage_date, gpu_uuid, host_name,
  allocation_status, idle_cause, 1, allocated_cost_usd + idle_cost_usd from fct_gpu_hours;
insert into fct_token_costs_daily select usage_date, 'self_hosted', '', 'unattributed', true, 0,
  null, null, null, 0, null, null, sum(idle_cost_usd + overhead_cost_usd), null, null, null
from fct_gpu_hours group by all;
insert into fct_charges_hourly select hour_start_at, usage_date, kind, 'self_hosted', '',
  'unattributed', 'own_gpu', 0, 0, 0, null, null, null, sum(cost), null
from (select *, unnest([{'kind': 'own_gpu_idle', 'cost': idle_cost_usd},
  {'kind': 'own_gpu_overhead', 'cost': overhead_cost_usd}], recursive := true)
  from fct_gpu_hours) group by all;
"""

_QUOTAS = """
create temp table quotas as select * from (values
  ('organization-usd', 'organization', null, 'usd', 'month', 60000.0),
  ('team-a-tokens', 'team', 'team-1', 'tokens', 'month', 900000000.0),
  ('team-b-tokens', 'team', 'team-2', 'tokens', 'month', 250000000.0),
  ('gpt-5-usd', 'model', 'gpt-5', 'usd', 'month', 15000.0),
  ('openai-requests', 'provider', 'openai', 'requests', 'week', 700000.0),
  ('openai-usd', 'provider', 'openai', 'usd', 'month', 90000.0),
  ('hostile-daily', 'team', 'team-3', 'tokens', 'day', 40000000.0)
) q(quota_id, scope_kind, scope_id, measure, period_kind, quota_limit_value);
insert into fct_quota_consumption_daily
with daily as (select q.*, usage_date, date_trunc(period_kind, usage_date)::date as starts,
    sum(case measure when 'usd' then coalesce(effective_cost_usd, 0)
      when 'requests' then request_count else total_tokens end) as used
  from quotas q join fct_token_costs_daily c on q.scope_kind = 'organization'
    or c.team_id = q.scope_id or c.model_name = q.scope_id or c.provider_name = q.scope_id
  group by all),
running as (select *, sum(used) over (partition by quota_id, starts order by usage_date) as total
  from daily)
select quota_id, scope_kind, scope_id, measure, period_kind, starts,
  (starts + case period_kind when 'day' then interval 1 day when 'week' then interval 7 day
   else interval 1 month end)::date, usage_date, quota_limit_value, used, total,
  total / quota_limit_value, null, null from running;
insert into fct_quota_exhaustion
select quota_id, 'stated', 'model', any_value(scope_id), max(period_start_date), true, null,
  0.934, $last::date + 1, null
from fct_quota_consumption_daily where scope_kind = 'model' group by quota_id;
insert into fct_quota_exhaustion values ('', 'capacity', 'host', 'gpu-01', $last::date, true,
  192, 0.4, $last::date + 20, null);
"""

# Growth of users, a longer context, cheaper GPUs and a model given up: 1,000 USD to 1,310.
_CAUSES = """
insert into fct_cost_drivers
select 'organization', '', 'days_28', $last::date - 55, $last::date - 27, $last::date + 1, driver,
  provider, model, class, usd, usd * 1e6, 1000, 1310, true
from (values ('active_users', '', '', '', 250.0), ('requests_per_user', '', '', '', -40.0),
  ('tokens_per_request', 'openai', 'gpt-5', 'uncached_input', 180.0),
  ('tokens_per_request', 'openai', 'gpt-5', 'other_output', 20.0),
  ('gpu_idle', 'self_hosted', 'qwen3-32b', 'other_output', -60.0),
  ('model_exit', 'openai', 'mystery-1', '', -39.996), ('residual', '', '', '', -0.004)
) v(driver, provider, model, class, usd);
insert into fct_price_index
select 'organization', 'week', $first::date + 7 * w::int, 'tornqvist_chained', 'total', $first,
  1 - w / 100, if(w < 4, null, -0.4), 1 - w / 50, true
from range(20) r(w);
insert into fct_quota_inflation_index
select 'organization', 'week', $first::date + 7 * w::int, measure, 'total', 1 + w / 20,
  if(w < 4, null, 1.5), true
from range(20) r(w), (values ('total_tokens'), ('allocation_cost_usd')) m(measure);
"""

_FORECASTS = """
insert into fct_forecasts_daily
with series as (
  select unnest([{'k': 'organization', 't': '', 'p': '', 'm': ''},
    {'k': 'team', 't': team_id, 'p': '', 'm': ''},
    {'k': 'provider', 't': '', 'p': provider_name, 'm': ''},
    {'k': 'model', 't': '', 'p': '', 'm': model_name}], recursive := true),
    usage_date, total_tokens, coalesce(effective_cost_usd, 0) as cost
  from fct_token_costs_daily),
levels as (select k, t, p, m, unnest([{'measure': 'total_tokens', 'x': sum(total_tokens) / 28.0},
    {'measure': 'effective_cost_usd', 'x': (sum(cost) / 28.0)::double}], recursive := true)
  from series where usage_date > $last::date - 28 group by k, t, p, m)
select $last::date + 1, k, t, p, m, measure, $last::date + h::int, h, 'arithmetic',
  x * (1 + h / 200.0), x * (1 + h / 200.0) * 0.8, x * (1 + h / 200.0) * 1.2,
  x * (1 + h / 200.0) * 0.65, x * (1 + h / 200.0) * 1.35, x, total, total * 0.9, total * 1.1,
  total * 0.8, total * 1.2
from levels, range(1, 91) r(h), lateral (select x * (h + h * (h + 1) / 400.0) as total);
"""

# Idle GPUs and overhead are rows of their own here, so the parts of a row are the row itself.
_DERIVED = """
update fct_charges_hourly set charge_id = left(md5(concat_ws(' ', hour_start_at, charge_kind,
  provider_name, model_name, team_id, pricing_status)), 16);
update fct_token_costs_daily set allocation_cost_usd = effective_cost_usd,
  amortized_training_cost_usd = 0, shared_idle_cost_usd = 0, shared_overhead_cost_usd = 0;
insert into fct_token_class_costs_daily by name
with classes as (select *, unnest([
    {'token_class': 'uncached_input', 'tokens': input_tokens - input_tokens // 4,
     'class_cost_usd': input_cost_usd},
    {'token_class': 'cache_read_input', 'tokens': input_tokens // 4,
     'class_cost_usd': if(input_cost_usd is null, null, 0)},
    {'token_class': 'output', 'tokens': output_tokens, 'class_cost_usd': output_cost_usd}],
    recursive := true) from fct_token_costs_daily where total_tokens > 0)
select usage_date, provider_name, model_name, team_id, is_self_hosted, token_class, tokens,
  if(class_cost_usd is null, tokens, 0) as unpriced_tokens, class_cost_usd as effective_cost_usd
from classes;
update fct_quota_consumption_daily set boost_value = 0, rollover_value = 0, is_rate = false;
update fct_gpu_allocations_hourly set holder_id = '', overhead_cost_usd = 0.125;
update fct_gpu_hours set energy_joules = 4e6, energy_cost_usd = 0.1;
update fct_usage_hourly set uncached_input_tokens = input_tokens - input_tokens // 4,
  cache_read_input_tokens = input_tokens // 4;
insert into fct_gpu_efficiency_hourly by name select hour_start_at, usage_date, host_name,
  '' as holder_id, 1 as gpu_hours, gpu_utilization_ratio, 1 as gpu_utilization_coverage_ratio
  from fct_gpu_hours;
"""

_QUALITY = """
insert into fct_data_quality_results values
('r1', '2026-08-26 01:00', 'usage_events', '2026-08-26', 'expect_column_values_to_not_be_null',
 'team_id', 'critical', false, 12, '12', 'spend.ndjson:3'),
('r2', '2026-08-28 01:00', 'usage_events', '2026-08-26', 'expect_column_values_to_not_be_null',
 'team_id', 'critical', true, 0, '0', null),
('r2', '2026-08-28 01:00', 'usage_events', '2026-08-27', 'expect_column_values_to_be_between',
 'output_tokens', 'warning', false, 2, '<img src=x onerror=alert(1)>',
 'spend.ndjson:17, spend.ndjson:22'),
('r2', '2026-08-28 01:00', 'gpu_samples', null, 'expect_table_row_count_to_be_between', null,
 'info', true, 0, '4800', null);
"""


def make_warehouse(
    path: Path,
    *,
    usage: bool = True,
    gpus: bool = True,
    quotas: bool = True,
    forecasts: bool = True,
    causes: bool = True,
) -> None:
    """Write a warehouse; what is switched off leaves its tables empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = {
        _USAGE: usage,
        _GPUS: gpus,
        _QUOTAS: quotas,
        _FORECASTS: forecasts,
        _QUALITY: usage,
        _CAUSES: causes and usage,
    }
    known = {"hostile": HOSTILE_TEAM, "first": FIRST_DAY, "last": LAST_DAY}
    with duckdb.connect(path) as connection:
        connection.execute(_SCHEMA)
        for script in (script for script, wanted in parts.items() if wanted):
            for statement in duckdb.extract_statements(script):
                names = statement.named_parameters
                connection.execute(statement, {name: known[name] for name in names})
        _complete(connection)


def _complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what the contracts of the marts name: tables without rows, columns without values."""
    for path in sorted(_MARTS.glob("*.yml")):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            columns = [f"{one['name']} {one['data_type']}" for one in model["columns"]]
            table = model["name"]
            connection.execute(f"create table if not exists {table} ({', '.join(columns)})")
            for column in columns:
                connection.execute(f"alter table {table} add column if not exists {column}")
    for statement in duckdb.extract_statements(_DERIVED):
        connection.execute(statement)
