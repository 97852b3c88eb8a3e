"""A small line without axes, as SVG: it needs no script and paints with the text."""

from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT = 120, 28


def sparkline_svg(values: Sequence[float | None], title: str) -> str:
    """Draw values from left to right; None leaves a gap. Fewer than two known ones: nothing."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1
    step = _WIDTH / (len(values) - 1)
    path, pen_is_down = [], False
    for place, value in enumerate(values):
        if value is not None:
            y = _HEIGHT - 2 - (value - low) / span * (_HEIGHT - 4)
            path.append(f"{'L' if pen_is_down else 'M'}{place * step:.1f} {y:.1f}")
        pen_is_down = value is not None
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'preserveAspectRatio="none" aria-label="{escape(title)}">'
        f'<path d="{" ".join(path)}"/></svg>'
    )
