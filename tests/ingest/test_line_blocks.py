import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from translated import input_file

from ingest import line_blocks, readers
from ingest.inflate import DamagedCompressionError, open_decompressed
from ingest.line_blocks import Block, LinePart
from ingest.readers import lines
from ingest.source import InputFile

LONG = b"x" * 40
LINES = st.sampled_from(
    [b'{"a":1}', b"{}", b'{"a":"}', b'{"}', b"", b" ", b"}", b"{", LONG, b"[1]", b"{}\r", b"\r"]
)
EACH = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def taken_apart(parts: Iterator[LinePart]) -> list[object]:
    return [
        item for part in parts for item in (part.lines() if isinstance(part, Block) else [part])
    ]


def read_at_once(file: InputFile) -> list[object]:
    """What the lines of a file are, told from all of its bytes."""
    content, fault = b"", None
    with open_decompressed(file.path) as stream:
        try:
            while part := stream.read1(1):
                content += part
        except DamagedCompressionError as error:
            fault, content = error, content[: content.rfind(b"\n") + 1]
    if file.first_line == 1 and content.startswith(readers.UTF16_BOMS):
        return [readers.utf16()]
    raws = content[file.first_byte : file.end_byte].split(b"\n")
    found: list[object] = []
    for number, raw in enumerate(raws, file.first_line):
        line = raw.removeprefix(readers.BOM) if number == 1 else raw
        if len(line) >= readers.LINE_LIMIT_BYTES:
            found.append(readers.too_long(number))
        elif line.strip():
            found.append((number, line.rstrip(b"\r\n")))
    is_reached = file.end_byte is None or file.end_byte > len(content)
    if fault and is_reached:
        found.append(readers.damaged(fault, file.first_line + len(raws) - 1))
    return found


@EACH
@given(
    texts=st.lists(LINES, max_size=12),
    end=st.sampled_from([b"\n", b"\r\n"]),
    is_ended=st.booleans(),
    start=st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe"]),
    packed_cut=st.sampled_from([None, 0, 9, 20]),
    block_bytes=st.sampled_from([1, 7, 16, 2**18]),
)
def test_lines_and_blocks_taken_apart_are_the_lines_of_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: list[bytes],
    end: bytes,
    is_ended: bool,
    start: bytes,
    packed_cut: int | None,
    block_bytes: int,
) -> None:
    # Where damage lies inside a faulty first line, either of its two rejects will do.
    assume(not packed_cut or (LONG not in texts and start != b"\xff\xfe"))
    monkeypatch.setattr(readers, "BLOCK_BYTES", block_bytes)
    for module in (line_blocks, readers):
        monkeypatch.setattr(module, "LINE_LIMIT_BYTES", 32)
    content = start + end.join(texts) + (end if is_ended else b"")
    if packed_cut is not None:
        packed = gzip.compress(content, mtime=0)
        content = packed[: len(packed) - packed_cut]
    path = tmp_path / "log"
    path.write_bytes(content)
    whole = input_file(path)
    for file in (whole, replace(whole, first_byte=4, first_line=2, end_byte=30)):
        found = list(lines(file))
        assert taken_apart(line_blocks.line_blocks(file)) == found
        if file is whole or not packed_cut:
            assert found == read_at_once(file)


def test_a_log_of_objects_is_blocks_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"a":1}\n' * 100_000)
    parts = list(line_blocks.line_blocks(input_file(path)))
    assert all(isinstance(part, Block) for part in parts)
    assert len(parts) == 4


@pytest.mark.parametrize("first", [b'{"a":"}', b'{"a":[{}', b'{"a":{}', b'{"a":1}{', b'{"a":1},{}'])
@pytest.mark.parametrize(
    "second", [b'{"}', b'{"c":1}]}', b'{"c":1}}', b'{"c":1}{"d":1}', b'{"a":1}']
)
def test_no_run_of_lines_hides_a_broken_one_from_a_decoder_of_many(
    first: bytes, second: bytes
) -> None:
    """A decoder that counts as many values as lines has read each line by itself."""
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])

    def sound(line: bytes) -> bool:
        try:
            decoder.decode(line)
        except msgspec.DecodeError:
            return False
        return True

    for texts in ([first, second], [second, first], [first, first], [first, second, second]):
        text = b"\n".join(texts)
        try:
            count = len(decoder.decode_lines(text))
        except msgspec.DecodeError:
            count = -1
        assert (count == len(texts)) == all(map(sound, texts))
