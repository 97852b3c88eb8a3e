"""Where a steady series stepped to another level: what came before says little of what comes now.

Held GPU hours and memory stay where they are until a deployment comes or goes, and then differ at
once. Averages over four weeks and smoothings take as many weeks to learn it, and no past error
tells in time that they are wrong. Only steady series are judged: those whose weeks vary have weeks
that pass, and starting anew from them is worse (NN5: MASE 0.73 instead of 0.69).
"""

import numpy as np

from pipelines.forecasting.panel import Floats

WEEK = 7
# Before it the changes of so many weeks must have been seen.
MIN_WEEKS = 4
# What weeks of a steady series usually change by at most, and a step at least, of its level.
STEADY_SHARE = 0.01
STEP_SHARE = 0.1


def days_since_step(filled: Floats) -> Floats:
    """How many days ago each series last stepped, at least a week; infinite: never.

    Args:
        filled: Series x days of gapless history, NaN before a series begins.
    """
    count, days = filled.shape
    since = np.full(count, np.inf)
    if days < (MIN_WEEKS + 1) * WEEK:
        return since
    weeks = np.lib.stride_tricks.sliding_window_view(filled, WEEK, axis=1).sum(axis=2)
    # Of each day: how much the week before it differs from the week from it on.
    change = np.abs(weeks[:, WEEK:] - weeks[:, :-WEEK])
    level = np.maximum(weeks[:, WEEK:], weeks[:, :-WEEK])
    seen = change[:, ::-WEEK]
    enough = np.isfinite(seen).sum(axis=1) >= MIN_WEEKS
    usual = np.full(count, np.inf)
    usual[enough] = np.nanmedian(seen[enough], axis=1)
    steady = usual[:, None] <= STEADY_SHARE * level
    stepped = steady & (change > STEP_SHARE * level)
    for row in np.flatnonzero(stepped.any(axis=1)):
        last = np.flatnonzero(stepped[row])[-1]
        # The days around a step differ as well; it is where they differ most.
        near = slice(max(last - WEEK + 1, 0), last + 1)
        first = near.start + int(np.argmax(np.where(stepped[row, near], change[row, near], 0)))
        # change[k] compares the weeks before and from day k + 7 on.
        since[row] = days - (first + WEEK)
    return since
