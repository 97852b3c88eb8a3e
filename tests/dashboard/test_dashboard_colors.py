import re
from itertools import combinations

import pytest

from pipelines.dashboard.page import FOLDER

_STYLE = (FOLDER / "page.css").read_text()
_LIGHT, _DARK = _STYLE.split("prefers-color-scheme: dark")


def _colors(style: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", style))


def _luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("style", [_LIGHT, _DARK], ids=["light", "dark"])
def test_text_and_lines_can_be_read_by_weak_eyes(style: str) -> None:
    """WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what a chart is drawn with."""
    colors = _colors(style)
    for text in ("ink", "muted", "accent", "alarm"):
        assert _contrast(colors[text], colors["paper"]) >= 4.5, text
    drawn = [name for name in colors if re.fullmatch(r"c\d|grey\d", name)]
    assert len(drawn) == 12
    for name in drawn:
        assert _contrast(colors[name], colors["paper"]) >= 3, name


def test_no_two_series_have_one_color() -> None:
    for style in (_LIGHT, _DARK):
        colors = [value for name, value in _colors(style).items() if re.match(r"c\d|grey", name)]
        assert all(one != other for one, other in combinations(colors, 2))
