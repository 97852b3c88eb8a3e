"""One simulated company, and the same files as another day's accidents deliver them."""

import gzip
import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2026, 5, 18)
DAYS = 10
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
LATE_DAY = FIRST_DAY + timedelta(days=2)
GATEWAY = Path("inputs/litellm/gateway-1")
OF_THE_USER = ("inputs", "ledgers", "mappings", "sources.toml")


def spend_log(day: date) -> Path:
    """The gateway's log of a day, below the company's folder."""
    return GATEWAY / f"spend_logs_{day}.ndjson.gz"


def copy_of_what_the_user_keeps(origin: Path, target: Path) -> None:
    """Inputs and ledgers without anything that a run made."""
    target.mkdir()
    for name in OF_THE_USER:
        if (origin / name).is_dir():
            shutil.copytree(origin / name, target / name)
        elif (origin / name).exists():
            shutil.copy2(origin / name, target / name)


def rearrange(data: Path) -> None:
    """Split, shuffle, repeat and recompress some files; the rows stay the same."""
    _split(data / spend_log(FIRST_DAY))
    _shuffle(data / spend_log(FIRST_DAY + timedelta(days=1)))
    _as_two_members(data / spend_log(FIRST_DAY + timedelta(days=3)))
    again = data / spend_log(FIRST_DAY + timedelta(days=4))
    shutil.copy2(again, again.with_name("delivered_twice.ndjson.gz"))
    _recompressed(data / spend_log(FIRST_DAY + timedelta(days=5)))
    engines = data / "inputs/vllm/h100" / f"metrics_{FIRST_DAY}.prom.gz"
    shutil.copy2(engines, engines.with_name("a_copy.prom.gz"))


def hold_back(data: Path, later: Path) -> None:
    """Take one source's old day and everything of the last day out of the inputs."""
    late = {data / spend_log(LATE_DAY), *(data / "inputs").rglob(f"*{LAST_DAY}*")}
    for path in late:
        target = later / path.relative_to(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def deliver(later: Path, data: Path) -> int:
    """Bring what was held back; how many files that is."""
    files = [path for path in later.rglob("*") if path.is_file()]
    for path in files:
        shutil.copy2(path, data / path.relative_to(later))
    return len(files)


def deliver_reversed_request(data: Path, day: date = LAST_DAY) -> Path:
    """A well-formed request of a day that ends before it begins, in a file of its own."""
    row = json.loads(_lines(data / spend_log(day))[0])
    row |= {"request_id": "reversed", "startTime": row["endTime"], "endTime": row["startTime"]}
    path = data / GATEWAY / "reversed.ndjson"
    path.write_text(json.dumps(row) + "\n")
    return path


def _lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes(gzip.compress("".join(lines).encode()))


def _split(path: Path) -> None:
    lines = _lines(path)
    _write(path.with_name("a_second_half.ndjson.gz"), lines[len(lines) // 2 :])
    _write(path, lines[: len(lines) // 2])


def _shuffle(path: Path) -> None:
    lines = _lines(path)
    random.Random(7).shuffle(lines)  # noqa: S311 an order, not a secret
    _write(path, lines)


def _as_two_members(path: Path) -> None:
    content = gzip.decompress(path.read_bytes())
    middle = len(content) // 2  # inside a line
    path.write_bytes(gzip.compress(content[:middle]) + gzip.compress(content[middle:]))


def _recompressed(path: Path) -> None:
    content = gzip.decompress(path.read_bytes())
    path.with_name("uncompressed_copy.ndjson").write_bytes(content)
