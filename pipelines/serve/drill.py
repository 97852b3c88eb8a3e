"""The rows behind a figure: charges of an hour, and what each of them is made of."""

import io

from rich.console import Console

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Column, Page, Section, label, number
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.view import View
from pipelines.explain import drawn, explain
from pipelines.settings import Settings

_CHARGES = "fct_charges_hourly"
_WIDTH = 150


def charges(view: View) -> Section:
    """The dearest charges of the period under the filters."""
    rows = rows_of(view, "charges")
    whole = ""
    if rows:
        count, total = text.count(rows[0]["charges"]), text.money(rows[0]["sum_usd"])
        whole = f"{count} charges, {total} together; the dearest {len(rows):,} are listed. "
    return Section(
        name="charges",
        heading="Charges",
        lead=f"{whole}Each is an hour of one team and model; its id leads to what it is made of, "
        "down to log lines, prices and rules.",
        rows=rows,
        empty="No charges in these days, under these filters.",
        table_is_open=True,
        columns=(
            Column(
                key="hour_start_at",
                heading="hour (UTC)",
                show=text.moment,
                term=(_CHARGES, "hour_start_at"),
            ),
            label("charge_kind", "kind", (_CHARGES, "charge_kind")),
            label("provider_name", "provider", (_CHARGES, "provider_name")),
            label("model_name", "model", (_CHARGES, "model_name")),
            label("team_id", "team", (_CHARGES, "team_id")),
            number("total_tokens", "tokens", text.count, (_CHARGES, "total_tokens")),
            number("effective_cost_usd", "cost", text.money, (_CHARGES, "effective_cost_usd")),
            label("charge_id", "explain", (_CHARGES, "charge_id"), link=_explanation),
        ),
    )


CHARGES = Page(
    name="charges",
    heading="Charges",
    sections=(charges,),
    filters=("period", "team", "model", "provider"),
)


def _explanation(row: Row) -> str:
    return f"/explain?id={row['charge_id']}"


def explanation(settings: Settings, cost_id: str) -> str:
    """Draw what a charge or request is made of, as text.

    Raises:
        MeterhouseError: No row has this id.
    """
    page = io.StringIO()
    Console(file=page, width=_WIDTH, highlight=False, color_system=None).print(
        drawn(explain(settings, cost_id))
    )
    return page.getvalue()
