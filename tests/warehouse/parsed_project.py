"""The dbt project, parsed once for every company that a process builds with it."""

import os
from functools import cache
from pathlib import Path
from typing import Any

# In the parsed project this stands for the data folder. dbt takes three seconds to parse anew for
# each folder, though nothing but the places of the sources depends on it.
ANY_COMPANY = "/the/data/of/any/company"


def manifest_for(project: Path, data: Path) -> Any:
    """What dbt parses for this data folder; a copy, since building writes into it.

    Raises:
        AssertionError: dbt cannot parse the project; the message says why.
    """
    manifest = _parsed(project).deepcopy()
    for source in manifest.sources.values():
        for meta in (source.meta, source.config.meta):
            meta["external_location"] = meta["external_location"].replace(ANY_COMPANY, str(data))
    return manifest


@cache
def _parsed(project: Path) -> Any:
    from dbt.cli.main import dbtRunner

    os.environ["METERHOUSE_DATA"] = ANY_COMPANY
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    outcome = dbtRunner().invoke(["parse", *folders, "--no-write-json", "--log-level", "none"])
    assert outcome.success, str(outcome.exception)
    return outcome.result
