"""A packed file that is not read is one reject that names its packing, whatever its name."""

import bz2
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from landed import RECORDS, WHOLE, land_records, rejects, table
from translated import ndjson, put, spend_log

from ingest.landing import land
from ingest.packings import packing_reject
from ingest.source import Source
from ingest.sources import SOURCES

BODY = ndjson([spend_log(number) for number in range(2000)])


def zipped(body: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.ndjson", body)
    return stream.getvalue()


def tarred(body: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo("log.ndjson")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    return stream.getvalue()


def seven_zipped(body: bytes) -> bytes:
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + lzma.compress(body)


PACKINGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "bz2": (bz2.compress, "the file is compressed with bzip2, which is not read"),
    "xz": (lzma.compress, "the file is compressed with xz, which is not read"),
    "zip": (zipped, "the file is a zip archive or an Excel workbook, which is not read"),
    "7z": (seven_zipped, "the file is a 7z archive, which is not read"),
    "tar": (tarred, "the file is a tar archive, which is not read"),
}


@pytest.mark.parametrize("sources", [RECORDS, WHOLE], ids=["records", "whole"])
@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("ending", ["ndjson", "ndjson.gz"])
def test_a_packed_file_is_one_reject(
    tmp_path: Path, packing: str, sources: dict[str, Source], ending: str
) -> None:
    pack, message = PACKINGS[packing]
    put(tmp_path, f"inputs/litellm/a.{ending}", pack(BODY))
    put(tmp_path, "inputs/litellm/b.ndjson", BODY[: BODY.index(b"\n") + 1])
    report = land_records(tmp_path, sources)
    assert (report.rows_landed, report.rows_rejected) == (1, 1)
    (found,) = rejects(tmp_path).select("line_number", "reason_code", "message").rows()
    assert found == (None, "unread_packing", message)
    (line,) = report.lines()
    assert line.startswith(f"litellm/a.{ending}: {message}; ")
    assert "gzip" in line or "unpack" in line


@pytest.mark.parametrize("source", ["dcgm_exporter", "slurm_sacct", "focus", "vllm_bench"])
def test_it_is_so_for_every_kind_of_format(tmp_path: Path, source: str) -> None:
    put(tmp_path, f"inputs/{source}/a.log", bz2.compress(b"x" * 10**6))
    report = land(tmp_path / "inputs", tmp_path / "landing", SOURCES)
    assert report.rejects["reason_code"].to_list() == ["unread_packing"]


def test_empty_archives_are_told_and_files_named_like_one_are_read(tmp_path: Path) -> None:
    for body in (bz2.compress(b""), zipped(b"")[-22:], lzma.compress(b"")):
        assert packing_reject(put(tmp_path, "x", body)) is not None
    put(tmp_path, "inputs/litellm/a.tar.bz2", BODY)
    assert land_records(tmp_path).rows_landed == 2000
    assert table(tmp_path).height == 2000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"BZh9 is how it begins\n",
        b"PK,name\n1,2\n",
        b"x" * 257 + b"ustar" + b"x" * 100,
        b"7z,a\n",
        b"\xef\xbb\xbfid\n",
        "å".encode("utf-16"),
    ],
)
def test_no_text_is_taken_for_an_archive(tmp_path: Path, body: bytes) -> None:
    assert packing_reject(put(tmp_path, "x", body)) is None
