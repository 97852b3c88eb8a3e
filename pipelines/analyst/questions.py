"""The twenty questions of docs/questions.md: `python -m pipelines.analyst.questions` answers them.

The page is their only place; its queries are run on the newest snapshot of the data folder, and
what they answer is written below them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.analyst.answers import markdown
from pipelines.publish import read_current
from pipelines.settings import REPOSITORY, Settings

PAGE = REPOSITORY / "docs" / "questions.md"
_QUESTION = re.compile(
    r"^## (?P<number>\d+)\. (?P<title>.+?)\n.*?```sql\n(?P<sql>.+?)\n```\n\n"
    r"<!-- answer -->\n(?P<answer>.*?)<!-- /answer -->",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, its query, and the answer that the page shows as Markdown."""

    number: int
    title: str
    sql: str
    answer: str


def questions(text: str) -> list[Question]:
    """Every question of the page, in order."""
    return [
        Question(
            number=int(found["number"]),
            title=found["title"],
            sql=found["sql"],
            answer=found["answer"],
        )
        for found in _QUESTION.finditer(text)
    ]


def answered(text: str, connection: duckdb.DuckDBPyConnection) -> str:
    """The page with the answers that a snapshot gives."""

    def with_answer(found: re.Match[str]) -> str:
        cursor = connection.execute(found["sql"])
        names = [name for name, *_ in cursor.description or ()]
        before = text[found.start() : found.start("answer")]
        return before + markdown(names, cursor.fetchall()) + "<!-- /answer -->"

    return _QUESTION.sub(with_answer, text)


def write_answers(settings: Settings, page: Path = PAGE) -> None:
    """Run every query on the newest snapshot and write the answers into the page."""
    with read_current(settings) as connection:
        text = answered(page.read_text(encoding="utf-8"), connection)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_answers(Settings.from_environment())
