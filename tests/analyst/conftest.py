"""A small published company for what needs no dbt: a few marts, with comments."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.publish import publish
from pipelines.settings import Settings

_MARTS = """
create table dim_teams as select * from (values ('a', 'Alpha', 'CC-1'), ('b', '=2+3', null))
  t(team_id, team_name, cost_center);
create table dim_metrics(metric_name varchar, title varchar, unit varchar, mart varchar,
  description varchar);
insert into dim_metrics values ('spend_usd', 'Spend', 'USD', 'fct_charges_hourly', 'Idle is in.');
create table fct_charges_hourly(hour_start_at timestamp, usage_date date, team_id varchar,
  effective_cost_usd decimal(38, 12), is_idle boolean);
insert into fct_charges_hourly
  select timestamp '2026-01-01' + interval 1 hour * i, date '2026-01-01' + (i // 24)::int,
    if(i % 2 = 0, 'a', 'b'), if(i = 0, null, 0.1), i = 1 from range(1440) r(i);
comment on table dim_teams is 'Teams.';
comment on table fct_charges_hourly is 'Money by hour.';
comment on column fct_charges_hourly.is_idle is 'Whether nobody used it.';
comment on column dim_teams.team_id is 'The team.';
comment on column fct_charges_hourly.team_id is 'The team.';
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "company")
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(settings.warehouse) as connection:
        connection.execute(_MARTS)
    publish(settings, stamp=datetime(2026, 3, 2))  # noqa: DTZ001 naive UTC by contract
    return settings
