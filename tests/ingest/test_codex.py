"""Codex rollouts: each response once, whoever repeats it."""

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from translated import CANARIES, GOLDEN, check_golden, input_file, ndjson, translate

from ingest.landing import land
from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES
from ingest.source import Reject
from ingest.sources.codex import SOURCE, read

FOLDER = GOLDEN / "codex"
NEW = FOLDER / "new.jsonl"
RECORDED_FORKS = FOLDER / "recorded_forks"
THREAD = "01990000-0000-7000-8000-00000000000"
ROOT, FORK, GRANDCHILD = sorted(FOLDER.glob("rollout-*.jsonl"))
Rows = list[dict[str, Any]]


def read_file(path: Path) -> tuple[pl.DataFrame, list[Reject]]:
    return translate(read, input_file(path, "codex"))


def read_rows(path: Path, rows: Rows) -> tuple[pl.DataFrame, list[Reject]]:
    path.write_bytes(ndjson(rows))
    return read_file(path)


def rows_of(path: Path) -> Rows:
    return [json.loads(text) for text in path.read_text().splitlines() if text.endswith("}")]


def count(number: int, total: int, **info: Any) -> dict[str, Any]:
    """A token_count whose response used `number` of `total` input tokens so far."""
    usage = {
        "total_token_usage": {"input_tokens": total},
        "last_token_usage": {"input_tokens": number},
    }
    payload = {"type": "token_count", "info": usage | info}
    return {"timestamp": "2026-05-04T10:00:00.000Z", "type": "event_msg", "payload": payload}


def record(response_id: str | None, number: int, total: int) -> dict[str, Any]:
    payload = {
        "response_id": response_id,
        "usage": {"input_tokens": number},
        "thread_token_usage": {"input_tokens": total},
    }
    time = "2026-05-04T10:00:00.000Z"
    return {"timestamp": time, "type": "token_usage_record", "payload": payload}


def meta(thread: str, **more: Any) -> dict[str, Any]:
    payload = {"id": thread, "model_provider": "openai", "timestamp": "2026-05-04T10:00:00.482Z"}
    return {"type": "session_meta", "payload": payload | more}


def turn(started_at: str) -> dict[str, Any]:
    """The start of a turn; a copy of it has the line's new time, and the turn's old one."""
    seconds = int(datetime.fromisoformat(started_at).timestamp())
    payload = {"type": "task_started", "turn_id": "t", "started_at": seconds}
    return {"timestamp": "2026-05-04T10:00:00.000Z", "type": "event_msg", "payload": payload}


def keys(path: Path, rows: Rows) -> list[str]:
    frame, rejects = read_rows(path, rows)
    assert rejects == []
    return frame["natural_key"].to_list()


def test_a_new_rollout_counts_its_records_and_not_the_token_counts_beside_them() -> None:
    check_golden(read, "codex", input_file(NEW, "codex"))


def test_history_that_forks_replay_has_the_event_ids_of_the_original_however_deep() -> None:
    frames = {path: read_file(path)[0] for path in (ROOT, FORK, GRANDCHILD)}
    assert all(read_file(path)[1] == [] for path in frames)
    ids = [set(frame["event_id"]) for frame in frames.values()]
    assert [len(found) for found in ids] == [2, 3, 4]
    assert ids[0] < ids[1] < ids[2]
    events = pl.concat(frames.values()).unique("event_id")
    outputs = events.select(pl.sum_horizontal(OUTPUT_TOKEN_CLASSES)).to_series()
    assert sorted(outputs) == [50, 100, 200, 300]
    assert [frame["is_sidechain"].unique().to_list() for frame in frames.values()] == [
        [False],
        [True],
        [True],
    ]


def test_a_fork_of_an_older_version_that_does_not_name_its_parent_is_told_by_the_copied_head(
    tmp_path: Path,
) -> None:
    rows = rows_of(FORK)
    del rows[0]["payload"]["forked_from_id"]
    frame, _ = read_rows(tmp_path / FORK.name, rows)
    assert set(read_file(ROOT)[0]["event_id"]) < set(frame["event_id"])


def test_a_fork_whose_copied_history_lost_its_records_counts_its_own_responses_alone() -> None:
    frames = []
    for name, inputs in (("parent", [8000, 9500]), ("fork", [1000]), ("fork_of_fork", [300])):
        file = input_file(RECORDED_FORKS / f"{name}.jsonl", "codex")
        frame, rejects = translate(read, file)
        assert (frame["reported_input_tokens"].to_list(), rejects) == (inputs, [])
        frames.append(frame)
    assert pl.concat(frames)["event_id"].n_unique() == 4
    check_golden(read, "codex/recorded_forks", input_file(RECORDED_FORKS / "fork.jsonl", "codex"))


def test_a_fork_that_a_version_with_records_made_has_no_events_before_its_first_response(
    tmp_path: Path,
) -> None:
    head = meta("b", forked_from_id="a", cli_version="0.159.0-alpha.2")
    assert keys(tmp_path / "b.jsonl", [head, meta("a"), count(5, 5), count(7, 12)]) == []


def test_copies_that_a_fork_of_an_unknown_version_landed_go_once_it_grows_a_record(
    tmp_path: Path,
) -> None:
    path = tmp_path / "inputs" / "codex" / "b.jsonl"
    path.parent.mkdir(parents=True)
    rows = [meta("b", forked_from_id="a"), meta("a"), count(5, 5), count(7, 12)]
    found = []
    for own in ([], [record("r", 3, 3), count(3, 15)]):
        path.write_bytes(ndjson(rows + own))
        land(tmp_path / "inputs", tmp_path / "landing", {"codex": SOURCE})
        landed = pl.read_parquet(tmp_path / "landing/usage_events/*/*/*.parquet")
        found.append(landed["natural_key"].to_list())
    assert found == [["a input_tokens=5", "a input_tokens=12"], ["r"]]


@pytest.mark.parametrize("version", ["0.158.9", "0.0.0", None, 7])
def test_a_fork_without_records_of_another_version_keeps_the_event_ids_of_its_copies(
    tmp_path: Path, version: object
) -> None:
    rows = [meta("b", forked_from_id="a", cli_version=version), meta("a"), count(5, 5)]
    assert keys(tmp_path / "b.jsonl", rows) == ["a input_tokens=5"]


def test_own_turns_from_before_an_upgrade_count_in_a_fork_that_goes_on_with_records(
    tmp_path: Path,
) -> None:
    copied = [meta("a"), turn("2026-05-04T09:30:00+00:00"), count(5, 5), count(7, 12)]
    # A limit's news repeats the last count; it is no response.
    own = [turn("2026-05-04T10:00:00+00:00"), count(7, 12), count(4, 16)]
    rows = [meta("b", forked_from_id="a"), *copied, *own, record("r", 2, 2), count(2, 18)]
    assert keys(tmp_path / "b.jsonl", rows) == ["a input_tokens=16", "r"]


@pytest.mark.parametrize(
    ("created", "started_at"),
    [("soon", 1777888800), (None, 1777888800), ("2026-05-04T10:00:00Z", 1777888800000)],
)
def test_turns_of_a_fork_with_records_that_cannot_be_placed_in_time_are_copies(
    tmp_path: Path, created: object, started_at: object
) -> None:
    start = turn("2026-05-04T10:00:00+00:00")
    start["payload"]["started_at"] = started_at
    rows = [meta("b", forked_from_id="a", timestamp=created), start, count(5, 5), record("r", 2, 2)]
    assert keys(tmp_path / "b.jsonl", rows) == ["r"]


def test_a_count_ahead_of_its_record_is_told_where_it_lacks_cache_writes(tmp_path: Path) -> None:
    own = record("r", 5, 5)
    for part in ("usage", "thread_token_usage"):
        own["payload"][part]["cache_write_input_tokens"] = 2
    assert keys(tmp_path / "a.jsonl", [meta("a"), count(5, 5), own]) == ["r"]


def test_unrelated_threads_with_equal_counts_are_different_events(tmp_path: Path) -> None:
    first, _ = read_rows(tmp_path / "a.jsonl", [meta("a"), count(5, 5)])
    second, _ = read_rows(tmp_path / "b.jsonl", [meta("b"), count(5, 5)])
    assert first["event_id"].item() != second["event_id"].item()


def test_a_field_that_a_newer_version_adds_as_zero_does_not_make_a_copy_a_new_event(
    tmp_path: Path,
) -> None:
    total = {"input_tokens": 5, "cache_write_input_tokens": 0}
    rows = [meta("a"), count(5, 5), count(5, 5, total_token_usage=total)]
    frame, _ = read_rows(tmp_path / "a.jsonl", rows)
    assert frame["event_id"].n_unique() == 1


def test_turns_from_before_an_upgrade_count_in_a_file_that_goes_on_with_records(
    tmp_path: Path,
) -> None:
    rows = [meta("a"), count(5, 5), count(7, 12), record("r", 7, 12), record("s", 2, 14)]
    rows += [count(2, 14), count(2, 99)]
    frame, _ = read_rows(tmp_path / "a.jsonl", rows)
    assert frame["natural_key"].to_list() == ["a input_tokens=5", "r", "s"]


def test_a_record_without_response_id_is_keyed_by_its_place_in_the_thread(tmp_path: Path) -> None:
    frame, rejects = read_rows(tmp_path / "a.jsonl", [meta("a"), record(None, 3, 8)])
    assert (frame["natural_key"].to_list(), rejects) == (["a input_tokens=8"], [])


def test_a_time_without_a_zone_is_read_in_the_zone_that_its_reject_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(ndjson([meta("a"), count(5, 5) | {"timestamp": "2026-05-04T12:00:00"}]))
    _, rejects = read_file(path)
    assert [(one.line_number, one.reason_code) for one in rejects] == [(2, "naive_timestamp")]
    assert '[codex] time_zone = "..."' in rejects[0].remedy
    frame, rejects = translate(read, input_file(path, "codex", time_zone="Europe/Berlin"))
    assert (frame["started_at"].item().isoformat(), rejects) == ("2026-05-04T10:00:00", [])


def test_a_compressed_rollout_gives_the_same_events(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl.zst").write_bytes(zstandard.compress(ROOT.read_bytes()))
    (tmp_path / "r.jsonl.gz").write_bytes(gzip.compress(ROOT.read_bytes()))
    plain, _ = read_file(ROOT)
    for path in tmp_path.iterdir():
        assert read_file(path)[0].equals(plain)


def test_without_a_head_the_thread_is_told_by_the_file_name_or_the_lines_are_rejected(
    tmp_path: Path,
) -> None:
    rows = rows_of(ROOT)[1:]
    named, _ = read_rows(tmp_path / ROOT.name, rows)
    assert set(named["event_id"]) == set(read_file(ROOT)[0]["event_id"])
    nameless, rejects = read_rows(tmp_path / "x.jsonl", rows)
    assert nameless.height == 0
    assert {(one.column_name, one.reason_code) for one in rejects} == {
        ("session_meta", "missing_value")
    }


def test_a_model_that_was_not_named_is_flagged_and_not_guessed(tmp_path: Path) -> None:
    frame, _ = read_rows(tmp_path / "a.jsonl", [meta("a"), count(5, 5)])
    assert frame["response_model"].item() is None
    assert frame["quality_flags"].item().to_list() == ["no_model"]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (count(-5, 5), "input_tokens", "bad_value"),
        (count(10**30, 5), "input_tokens", "bad_value"),
        (count(5, 5, last_token_usage=None), "payload.info.last_token_usage", "missing_value"),
        (count(5, 5) | {"timestamp": None}, "timestamp", "missing_value"),
        (count(5, 5) | {"timestamp": "soon"}, "timestamp", "bad_timestamp"),
        ({"type": "turn.completed", "usage": {"input_tokens": 5}}, "timestamp", "no_timestamp"),
        ({"type": "token_usage_record", "payload": {}}, "usage", "missing_value"),
    ],
)
def test_a_broken_usage_line_is_one_reject_and_its_neighbors_load(
    tmp_path: Path, row: dict[str, Any], column: str, reason: str
) -> None:
    rows = [meta("a"), count(1, 1), row]
    frame, rejects = read_rows(tmp_path / "a.jsonl", rows)
    assert frame.height == 1
    assert [(r.line_number, r.column_name, r.reason_code) for r in rejects] == [(3, column, reason)]


@pytest.mark.parametrize("path", [ROOT, FORK, GRANDCHILD, NEW])
def test_no_prompt_or_path_leaves_a_rollout(path: Path) -> None:
    frame, rejects = read_file(path)
    written = frame.write_json() + repr(rejects)
    assert any(canary in path.read_bytes() for canary in CANARIES)
    assert not any(canary.decode() in written for canary in CANARIES)


@settings(deadline=None, max_examples=40)  # the cores are shared
@given(
    st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 10**6))] * 5), min_size=1, max_size=6),
    st.integers(0, 6),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
)
def test_classes_add_up_and_a_cut_loses_nothing_before_it(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[tuple[int | None, ...]],
    cut: int,
    line_end: bytes,
    has_bom: bool,
) -> None:
    names = ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
    rows = []
    for number, values in enumerate(counts):
        usage = dict(zip((*names, "reasoning_output_tokens"), values, strict=True))
        row = record(f"r{number}", 0, number + 1)
        rows.append(row | {"payload": row["payload"] | {"usage": usage, "new_field": {"x": None}}})
    path = tmp_path_factory.mktemp("codex") / "a.jsonl"
    texts = [json.dumps(row).encode() for row in [meta("a"), *rows]]
    texts[-1] = texts[-1][: len(texts[-1]) - cut]
    path.write_bytes(b"\xef\xbb\xbf" * has_bom + line_end.join(texts))
    frame, rejects = read_file(path)
    assert len(rejects) == (1 if cut else 0)
    assert frame.height == len(rows) - (1 if cut else 0)
    for row, values in zip(frame.to_dicts(), counts, strict=False):
        assert sum(row[name] or 0 for name in INPUT_TOKEN_CLASSES) == (values[0] or 0)
        assert sum(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES) == (values[3] or 0)
