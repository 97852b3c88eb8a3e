"""The one error that people see: what is wrong, where, and what to do."""

from collections.abc import Sequence


class MeterhouseError(Exception):
    """A fault the user can remedy; the command line prints its lines and no traceback."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines: Sequence[str] = lines
