"""The metrics layer: each number is defined once, in `dbt_project/seeds/metrics.csv`.

A metric is a sum, or a ratio of two sums; never an average of ratios. A query over it is composed
here, so that dashboard, exports, documentation and analysts compute the same.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from ingest.errors import MeterhouseError
from pipelines.settings import DBT_PROJECT

DEFINITIONS = DBT_PROJECT / "seeds" / "metrics.csv"

# Names of a team's row in dim_teams, by which everything with a team_id may be grouped too.
TEAM_COLUMNS = ("team_name", "cost_center")
TIME_GRAINS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One definition.

    Attributes:
        name: As queries name it; also the name of the column that `metric_query` returns.
        title: As people read it.
        description: What it says, in a sentence or two.
        unit: Such as 'USD', 'ratio' (0.1 is 10 %), 'USD per million tokens'.
        better: 'lower' or 'higher'; '' where neither is.
        mart: The table it is computed from.
        numerator_sql: An aggregate over rows of the mart.
        denominator_sql: The aggregate it is divided by; '' for sums and latest values.
        filter_sql: Which rows count; '' for all.
        date_column: The day of a row.
        dimensions: Columns of the mart by which it may be grouped and filtered.
        required_dimensions: Those of them by which it must be: values of different ones do not add.
    """

    name: str
    title: str
    description: str
    unit: str
    better: str
    mart: str
    numerator_sql: str
    denominator_sql: str
    filter_sql: str
    date_column: str
    dimensions: tuple[str, ...]
    required_dimensions: tuple[str, ...]

    @property
    def groupings(self) -> tuple[str, ...]:
        """Everything that `by` may name: grains of time, columns of the mart, names of teams."""
        names = tuple(n for n in TEAM_COLUMNS if n not in self.dimensions)
        return (*TIME_GRAINS, *self.dimensions, *(names if "team_id" in self.dimensions else ()))

    @property
    def value_sql(self) -> str:
        """The number itself: NULL where nothing is known or the denominator is zero."""
        if not self.denominator_sql:
            return self.numerator_sql
        return f"({self.numerator_sql})::double / nullif({self.denominator_sql}, 0)::double"


@dataclass(frozen=True, kw_only=True)
class Query:
    """One SELECT and what its question marks stand for."""

    sql: str
    parameters: tuple[object, ...]


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric by its name, in the order of the definitions."""
    with DEFINITIONS.open(encoding="utf-8", newline="") as file:
        return {row["metric_name"]: _metric(row) for row in csv.DictReader(file)}


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        MeterhouseError: There is none.
    """
    if name not in metrics():
        raise MeterhouseError(
            f"There is no metric {name!r}. The metrics are: {', '.join(metrics())}."
        )
    return metrics()[name]


def metric_query(
    name: str,
    by: Sequence[str] = (),
    *,
    first: date | None = None,
    last: date | None = None,
    where: Mapping[str, object] | None = None,
) -> Query:
    """Compose the one SELECT that answers for a metric.

    Args:
        name: The metric.
        by: Grains of time ('day', 'week', 'month', 'quarter', 'year': the first day of each) and
            dimensions; the rows are ordered by them. Required dimensions are added.
        first: First day that counts (UTC).
        last: Last day that counts.
        where: Dimension -> value, list of values, or None for rows without one.

    Returns:
        The query: a column for each grouping, then the metric by its name.

    Raises:
        MeterhouseError: No such metric, or it does not have a dimension.
    """
    chosen = metric(name)
    # Grouping twice by one name would be an error of SQL, and asks for nothing more.
    groups = tuple(dict.fromkeys((*by, *chosen.required_dimensions)))
    _check(chosen, [*groups, *(where or {})])
    conditions, parameters = _conditions(chosen, first, last, where or {})
    columns = [f"{_grouping(chosen, group)} as {_name(group)}" for group in groups]
    needs_teams = any(group in TEAM_COLUMNS for group in (*groups, *(where or {})))
    joined = " left join dim_teams as teams using (team_id)" if needs_teams else ""
    sql = (
        f"select {', '.join([*columns, f'{chosen.value_sql} as {_name(name)}'])}\n"
        f"from {chosen.mart} as facts{joined if 'team_id' in chosen.dimensions else ''}"
    )
    if conditions:
        sql += f"\nwhere {' and '.join(conditions)}"
    if groups:
        sql += "\ngroup by all\norder by " + ", ".join(f"{_name(g)} nulls last" for g in groups)
    return Query(sql=sql, parameters=tuple(parameters))


def _conditions(
    chosen: Metric, first: date | None, last: date | None, where: Mapping[str, object]
) -> tuple[list[str], list[object]]:
    conditions = [f"({chosen.filter_sql})"] if chosen.filter_sql else []
    parameters: list[object] = []
    for day, sign in ((first, ">="), (last, "<=")):
        if day is not None:
            conditions.append(f"facts.{chosen.date_column} {sign} ?")
            parameters.append(day)
    for column, value in where.items():
        if value is None:
            conditions.append(f"{_grouping(chosen, column)} is null")
            continue
        values = list(value) if isinstance(value, list | tuple) else [value]
        conditions.append(f"{_grouping(chosen, column)} in ({', '.join('?' * len(values))})")
        parameters.extend(values)
    return conditions, parameters


def _check(chosen: Metric, names: Sequence[str]) -> None:
    for name in names:
        if name not in chosen.groupings:
            raise MeterhouseError(
                f"{chosen.name} cannot be told by {name!r}. "
                f"It can be told by: {', '.join(chosen.groupings)}."
            )


def _grouping(chosen: Metric, name: str) -> str:
    if name in TIME_GRAINS:
        return f"date_trunc('{name}', facts.{chosen.date_column})::date"
    if name in TEAM_COLUMNS and name not in chosen.dimensions:
        return f"teams.{name}"
    return f"facts.{_name(name)}"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _metric(row: Mapping[str, str]) -> Metric:
    lists = {key: tuple(filter(None, row[key].split(", "))) for key in _LISTS}
    texts = {key: value for key, value in row.items() if key not in {*_LISTS, "metric_name"}}
    return Metric(name=row["metric_name"], **texts, **lists)  # type: ignore[arg-type]


_LISTS = ("dimensions", "required_dimensions")
