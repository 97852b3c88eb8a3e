import hmac
import stat
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from landed import everything, land_records, rejects, table
from translated import GOLDEN, ndjson, put, spend_log

from ingest.errors import MeterhouseError
from ingest.landing import read_manifests
from ingest.ledgers import land_ledgers
from ingest.mapping import load_mappings
from ingest.privacy import Identities, identities_of
from ingest.sources import SOURCES
from pipelines.intake import identities, source_options
from pipelines.settings import Settings

KEY = bytes(range(32))
LOG = "inputs/litellm/a.ndjson"
PEOPLE = {"user": "ann@example.com", "end_user": "bert", "api_key": "k-hash", "session_id": "s-17"}


def test_nobody_who_reads_landing_can_tell_or_try_who_someone_is(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, **PEOPLE), spend_log(2)]))
    plain = tmp_path / "plain"
    put(plain, LOG, ndjson([spend_log(1, **PEOPLE), spend_log(2)]))
    land_records(plain)
    assert b"ann@example.com" in everything(plain / "landing")
    land_records(tmp_path, identities=Identities(KEY))
    written = everything(tmp_path / "landing")
    assert not any(person.encode() in written for person in PEOPLE.values())
    assert not any(event.encode() in written for event in table(plain)["event_id"])
    known, nobody = table(tmp_path).sort("user_id", nulls_last=True).to_dicts()
    assert known["user_id"] == hmac.digest(KEY, b"ann@example.com", "sha256").hex()
    assert nobody["user_id"] is None


def test_the_same_person_has_the_same_hash_whichever_file_names_them(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, **PEOPLE)]))
    put(tmp_path, "inputs/litellm/b.ndjson", ndjson([spend_log(2, **PEOPLE)]))
    land_records(tmp_path, identities=Identities(KEY))
    assert table(tmp_path)["user_id"].n_unique() == 1


def test_keys_in_the_ledger_still_match_those_of_events(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, **PEOPLE)]))
    put(tmp_path, "ledgers/teams.csv", b"team_id,team_name\nsearch,Search\n")
    put(tmp_path, "ledgers/api_keys.csv", b"api_key_id,team_id,valid_from\nk-hash,search,\n")
    hasher = Identities(KEY)
    land_records(tmp_path, identities=hasher)
    keys = land_ledgers(tmp_path / "ledgers", tmp_path / "landing", hasher)["api_keys"]
    assert keys["api_key_id"].to_list() == table(tmp_path)["api_key_id"].to_list()
    assert b"k-hash" not in everything(tmp_path / "landing")


@pytest.mark.parametrize("written", ["sk-proj-SECRET", "Bearer sk-proj-SECRET", "gsk_SECRET"])
def test_a_raw_key_is_landed_as_its_hash_wherever_it_comes_from(
    tmp_path: Path, written: str
) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, api_key=written), spend_log(2, api_key="key_7")]))
    put(tmp_path, "ledgers/teams.csv", b"team_id,team_name\nsearch,Search\n")
    ledger = f"api_key_id,team_id,valid_from\n{written},search,\n"
    put(tmp_path, "ledgers/api_keys.csv", ledger.encode())
    land_records(tmp_path)
    keys = land_ledgers(tmp_path / "ledgers", tmp_path / "landing")["api_keys"]
    hashed = sha256(written.removeprefix("Bearer ").encode()).hexdigest()
    assert set(table(tmp_path)["api_key_id"]) == {hashed, "key_7"}
    assert keys["api_key_id"].to_list() == [hashed]
    assert b"SECRET" not in everything(tmp_path / "landing")


def test_a_mapped_column_of_keys_is_hashed_too(tmp_path: Path) -> None:
    toml = b"""format = "csv"
role = "request_log"
natural_key = ["id"]
[columns]
started_at = "time"
api_key_id = "key"
input_tokens = "tokens"
"""
    put(tmp_path, "mappings/chat.toml", toml)
    log = b"id,time,key,tokens\na,2026-05-04T10:00:00Z,sk-proj-SECRET,5\n"
    put(tmp_path, "inputs/chat/a.csv", log)
    land_records(tmp_path, load_mappings(tmp_path / "mappings"))
    assert table(tmp_path)["api_key_id"].to_list() == [sha256(b"sk-proj-SECRET").hexdigest()]
    assert b"SECRET" not in everything(tmp_path / "landing")


def test_turning_it_on_hashes_what_was_landed_in_the_clear(tmp_path: Path) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, **PEOPLE)]))
    land_records(tmp_path)
    land_records(tmp_path, identities=Identities(KEY))
    assert b"ann@example.com" not in everything(tmp_path / "landing")
    (manifest,) = read_manifests(tmp_path / "landing")
    assert manifest.identity_key_id == Identities(KEY).key_id
    assert len(Identities(KEY).key_id) == 8


def test_turning_it_on_hashes_what_is_gone_from_the_inputs_and_counts_it_once(
    tmp_path: Path,
) -> None:
    put(tmp_path, LOG, ndjson([spend_log(1, **PEOPLE), spend_log(2, **PEOPLE)]))
    land_records(tmp_path)
    before = {manifest.key for manifest in read_manifests(tmp_path / "landing")}
    (tmp_path / LOG).unlink()
    again = [spend_log(number, **PEOPLE) for number in (3, 1, 2)]
    put(tmp_path, "inputs/litellm/export.ndjson", ndjson(again))
    for _ in range(2):
        land_records(tmp_path, identities=Identities(KEY))
    written = everything(tmp_path / "landing")
    assert not any(person.encode() in written for person in PEOPLE.values())
    assert table(tmp_path)["event_id"].n_unique() == 3
    manifests = read_manifests(tmp_path / "landing")
    assert {manifest.identity_key_id for manifest in manifests} == {Identities(KEY).key_id}
    assert before.isdisjoint(manifest.key for manifest in manifests)  # their days are built anew


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    first = identities_of(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert identities_of(path).key_id == first.key_id
    assert identities_of(tmp_path / "other.key").key_id != first.key_id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "identity.key"
    identities_of(path)
    path.chmod(mode)
    with pytest.raises(MeterhouseError, match="chmod 600"):
        identities_of(path)


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "\N{BULLET}" * 64])
def test_a_broken_key_is_not_replaced_silently(tmp_path: Path, text: str) -> None:
    path = tmp_path / "identity.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(MeterhouseError, match="64 hex digits"):
        identities_of(path)
    assert path.read_text() == text


def test_the_switch_is_off_until_stated_and_is_no_source(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    assert identities(settings) is None
    put(tmp_path, "sources.toml", b'[privacy]\nhash_identities = "false"\n')
    assert identities(settings) is None
    assert not (tmp_path / "identity.key").exists()
    toml = b'[privacy]\nhash_identities = "true"\n[litellm]\ntime_zone = "UTC"\n'
    put(tmp_path, "sources.toml", toml)
    assert identities(settings) is not None
    assert source_options(settings) == {"litellm": {"time_zone": "UTC"}}


@pytest.mark.parametrize("line", ['hash_identities = "yes"', 'hash_identity = "true"'])
def test_a_misspelled_switch_does_not_leave_identities_in_the_clear(
    tmp_path: Path, line: str
) -> None:
    put(tmp_path, "sources.toml", f"[privacy]\n{line}\n".encode())
    with pytest.raises(MeterhouseError, match="hash_identities"):
        identities(Settings(data=tmp_path))


SESSION = GOLDEN / "claude_code" / "session.jsonl"
PROJECT = "-home-ann-secretproj"


@pytest.mark.parametrize("folder", [PROJECT, f"laptop/{PROJECT}", f"{PROJECT}/s1/subagents"])
def test_a_folder_named_for_a_users_path_is_told_as_a_hash(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"inputs/claude_code/{folder}/s.jsonl", SESSION.read_bytes())
    report = land_records(tmp_path, SOURCES)
    assert b"secretproj" not in everything(tmp_path / "landing")
    assert "secretproj" not in f"{report.landed} {list(report.lines())} {report.unchanged}"
    assert rejects(tmp_path)["file_name"].str.ends_with("/s.jsonl").all()


def test_an_upgrade_takes_the_path_back_and_counts_nothing_twice(tmp_path: Path) -> None:
    before = {
        **SOURCES,
        "claude_code": replace(SOURCES["claude_code"], path_folders=False, version=3),
    }
    for folder in (PROJECT, f"laptop/{PROJECT}"):
        put(tmp_path, f"inputs/claude_code/{folder}/s.jsonl", SESSION.read_bytes())
    land_records(tmp_path, before)
    assert b"secretproj" in everything(tmp_path / "landing")
    rows = table(tmp_path).height
    land_records(tmp_path, SOURCES)
    assert b"secretproj" not in everything(tmp_path / "landing")
    assert table(tmp_path).height == rows
    assert land_records(tmp_path, SOURCES).rows_landed == 0
