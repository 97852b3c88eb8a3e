"""Dagster, dbt and Great Expectations report to nobody, by what the repository ships."""

import json
import subprocess
import sys
from pathlib import Path

from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef
from dbt.cli.flags import Flags
from dbt.cli.types import Command
from deliveries import LAST_DAY
from product import REPOSITORY, environment
from stories import Undisturbed

from pipelines.dagster_run import _instance
from pipelines.settings import Settings

# Audits one real day and lists the connections that were tried meanwhile.
AUDIT_LISTENING = """
import json, sys
from datetime import date
from pathlib import Path
tried = []
def listen(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        tried.append([event, repr(arguments)])
sys.addaudithook(listen)
from pipelines.quality import audit
results = audit(Path(sys.argv[1]), {"usage_events": [date.fromisoformat(sys.argv[2])]})
judged = [r for r in results if r.table_name == "usage_events"]
print(json.dumps({"tried": tried, "judged": len(judged)}))
"""


def test_dagster_of_the_command_line_sends_no_telemetry(tmp_path: Path) -> None:
    with _instance(Settings(data=tmp_path)) as instance:
        assert instance.telemetry_enabled is False


def test_dagster_of_the_web_page_sends_no_telemetry(tmp_path: Path) -> None:
    shipped = InstanceRef.from_dir(str(tmp_path), config_dir=str(REPOSITORY))
    with DagsterInstance.from_ref(shipped) as instance:
        assert instance.telemetry_enabled is False


def test_dbt_sends_no_usage_statistics_and_looks_for_no_newer_version() -> None:
    project = str(REPOSITORY / "dbt_project")
    flags = Flags.from_dict(Command.PARSE, {"project_dir": project, "profiles_dir": project})
    assert flags.SEND_ANONYMOUS_USAGE_STATS is False
    assert flags.VERSION_CHECK is False


def test_great_expectations_tries_no_connection_while_it_audits(undisturbed: Undisturbed) -> None:
    landing = undisturbed.data / "landing"
    audited = subprocess.run(
        [sys.executable, "-c", AUDIT_LISTENING, str(landing), LAST_DAY.isoformat()],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=REPOSITORY,
        timeout=120,
    )
    assert audited.returncode == 0, audited.stderr
    said = json.loads(audited.stdout.splitlines()[-1])
    assert said["judged"] > 5
    assert said["tried"] == []
