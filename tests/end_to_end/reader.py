"""A reader in a process of its own: opens the current snapshot over and over until told to stop."""

import json
import sys
from pathlib import Path
from time import sleep

import duckdb


def read_until_told(data: Path, stop: Path) -> dict[str, object]:
    """What happened: how often it was read, which snapshots were seen, every error."""
    current = data / "published" / "current.duckdb"
    reads, seen, errors = 0, set(), []
    while not stop.exists():
        try:
            with duckdb.connect(current, read_only=True) as connection:
                rows = connection.execute(
                    "select published_at::varchar, (select sum(total_tokens) from fct_usage_hourly)"
                    " from meterhouse_snapshot"
                ).fetchall()
        except duckdb.Error as error:
            errors.append(str(error))
        else:
            reads += 1
            seen.add((rows[0][0], int(rows[0][1])))
        sleep(0.05)
    return {"reads": reads, "seen": sorted(seen), "errors": errors}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read_until_told(Path(sys.argv[1]), Path(sys.argv[2]))))
