"""The series that are reported: the organization, its teams, models and providers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.forecasting.panel import NOT_ADDITIVE, Key, Panel

SERIES_COLUMNS = ("series_kind", "team_id", "provider_name", "model_name")

TOTALS: Mapping[str, Callable[[Key], Key]] = {
    "organization": lambda _: ("", "", ""),
    "team": lambda key: (key[0], "", ""),
    "provider": lambda key: ("", key[1], ""),
    "model": lambda key: ("", "", key[2]),
    "team_model": lambda key: (key[0], "", key[2]),
}


@dataclass(frozen=True, kw_only=True)
class Series:
    """One reported series.

    Attributes:
        kind: 'organization', 'team', 'provider', 'model' or 'team_model'.
        key: Team, provider, model; '' where the kind has none.
        rows: The rows of the panel that it sums.
    """

    kind: str
    key: Key
    rows: Sequence[int]

    @property
    def names(self) -> dict[str, str]:
        """The values of `SERIES_COLUMNS`."""
        return dict(zip(SERIES_COLUMNS, (self.kind, *self.key), strict=True))


def series_of(panel: Panel) -> list[Series]:
    """Every series to report of one measure, totals of it included where it can be summed."""
    if panel.measure in NOT_ADDITIVE:
        return [Series(kind=_kind(key), key=key, rows=[row]) for row, key in enumerate(panel.keys)]
    found = []
    for kind, total_of in TOTALS.items():
        groups: dict[Key, list[int]] = {}
        for row, key in enumerate(panel.keys):
            groups.setdefault(total_of(key), []).append(row)
        found += [
            Series(kind=kind, key=key, rows=rows)
            for key, rows in groups.items()
            if not panel.retired.issuperset(rows)
        ]
    return found


def _kind(key: Key) -> str:
    team, provider, model = key
    if team:
        return "team_model" if model else "team"
    if provider:
        return "provider"
    return "model" if model else "organization"
