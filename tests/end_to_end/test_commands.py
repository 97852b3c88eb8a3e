"""The verbs of the command line, their exit codes and their errors."""

from hashlib import sha256
from pathlib import Path

import pytest
from deliveries import copy_of_what_the_user_keeps
from product import meterhouse
from stories import Begun, Undisturbed

VERBS = ("run", "simulate", "doctor", "rejects", "dashboard", "serve", "why", "sql", "sample-gpus")


@pytest.fixture(scope="module")
def help_text() -> str:
    shown = meterhouse("--help")
    assert shown.exit_code == 0
    return shown.text


@pytest.mark.parametrize("verb", VERBS)
def test_help_explains_every_verb(help_text: str, verb: str) -> None:
    [line] = [line for line in help_text.splitlines() if line.strip(" │").startswith(f"{verb} ")]
    assert len(line.partition(f" {verb} ")[2].strip(" │")) > 20


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run",), "inputs"),
        (("dashboard",), "Nothing has been published"),
        (("why", "--from", "tomorrow"), "Nothing has been published"),
        (("rejects",), "meterhouse run"),
        (("simulate", "--scale", "0.2", "--days", "3"), "already exists"),
    ],
)
def test_user_error_is_said_without_a_traceback(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    verb, *rest = arguments
    if verb == "simulate":
        (tmp_path / "inputs").mkdir()
    said = meterhouse(verb, "--data", tmp_path, *rest)
    assert said.exit_code == 2, said.text
    assert says in said.text
    assert "Traceback" not in said.text
    assert len(said.lines) <= 3


def test_doctor_finds_nothing_wrong_after_a_run(undisturbed: Undisturbed) -> None:
    examined = meterhouse("doctor", "--data", undisturbed.data)
    assert examined.exit_code == 0, examined.text
    assert not examined.lines_with("FAULT")
    assert examined.lines_with(str(undisturbed.data / "published"))


def test_doctor_names_each_fault_of_a_folder_with_its_remedy(begun: Begun, tmp_path: Path) -> None:
    data = tmp_path / "company"
    copy_of_what_the_user_keeps(begun.data, data)
    (data / "inputs" / "chat_logs").mkdir()
    (data / "sources.toml").write_text('[nvidia-smi]\ntime_zone = "UTC"\n')
    teams = data / "ledgers" / "teams.csv"
    teams.write_text(teams.read_text().replace("team_name", "name", 1))
    (data / "ledgers" / "quota.csv").write_text("quota_id\n")
    (data / "published").mkdir()
    (data / "published" / "wh-1.duckdb").write_bytes(b"no database")
    (data / "published" / "current.duckdb").symlink_to("wh-1.duckdb")
    examined = meterhouse("doctor", "--data", data)
    assert examined.exit_code == 1
    faults = examined.lines_with("FAULT")
    for part, remedy in (
        ("inputs/chat_logs", "mapping"),
        ("[nvidia-smi]", "nvidia_smi"),
        ("teams.csv:1", "team_name"),
        ("quota.csv", "did you mean quotas"),
        ("published", "meterhouse run"),
    ):
        assert [line for line in faults if part in line and remedy in line], (part, examined.text)
    assert "Traceback" not in examined.text


def test_doctor_says_that_a_mapping_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "chat.toml").write_text('format = "xml"\n')
    examined = meterhouse("doctor", "--data", tmp_path)
    assert examined.exit_code == 1
    assert [line for line in examined.lines_with("FAULT") if "chat.toml" in line]


def test_doctor_says_that_there_is_no_folder(tmp_path: Path) -> None:
    examined = meterhouse("doctor", "--data", tmp_path / "nowhere")
    assert examined.exit_code == 1
    assert examined.lines_with("FAULT folder")
    assert not (tmp_path / "nowhere").exists()


def test_sampling_where_there_is_no_gpu_gives_one_clear_message(tmp_path: Path) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has an NVIDIA GPU")
    said = meterhouse("sample-gpus", "--data", tmp_path, "--duration", "1")
    assert said.exit_code == 2
    assert said.lines[0].startswith("NVML cannot read this machine's GPUs")
    assert len(said.lines) == 2
    assert "Traceback" not in said.text
    assert not (tmp_path / "inputs").exists()


def test_dashboard_verb_writes_the_page_anew(undisturbed: Undisturbed) -> None:
    page = undisturbed.data / "published" / "dashboard.html"
    before = page.read_bytes()
    page.unlink()
    written = meterhouse("dashboard", "--data", undisturbed.data)
    assert written.exit_code == 0, written.text
    assert written.lines_with(str(page))
    # Not the pages themselves: pytest would spend half an hour on how megabytes differ.
    assert sha256(page.read_bytes()).hexdigest() == sha256(before).hexdigest()
