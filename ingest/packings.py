"""Archives and compressions that are not read, told by their first bytes and never by a name."""

from typing import Final

from ingest.inflate import DamagedCompressionError, open_decompressed
from ingest.objects import InputPath
from ingest.source import Reject

BZIP2: Final = b"BZh"
BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17rE8P\x90")  # a block, or the end of an empty file
TAR: Final = slice(257, 262)
HEAD_BYTES: Final = 263
# What a file begins with -> what it is.
COMPRESSIONS: Final = {
    b"\xfd7zXZ\0": "xz",
    b"\x04\x22\x4d\x18": "lz4",
    b"LZIP\x01": "lzip",
    b"\x1f\x9d": "compress (.Z)",
    b"\xff\x06\0\0sNaPpY": "snappy",
}
ARCHIVES: Final = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
}


def packing_reject(path: InputPath) -> Reject | None:
    """The one reject of a file that is packed in a way that is not read; None of any other.

    What gzip or zstd hold is looked at, so that a .tar.gz is told too.
    """
    with open_decompressed(path) as stream:
        try:
            head = stream.read(HEAD_BYTES)
        except DamagedCompressionError:
            return None
    if head.startswith(BZIP2) and head[4:10] in BZIP2_BLOCKS:
        return _compressed("bzip2")
    if head[TAR] == b"ustar" and b"\0" in head[: TAR.start]:
        return _archived("a tar archive")
    for told, packings in ((_compressed, COMPRESSIONS), (_archived, ARCHIVES)):
        for magic, name in packings.items():
            if head.startswith(magic):
                return told(name)
    return None


def _compressed(name: str) -> Reject:
    return _reject(f"the file is compressed with {name}", "compress it with gzip or zstd instead")


def _archived(name: str) -> Reject:
    return _reject(f"the file is {name}", "unpack it; each of its files may be .gz or .zst")


def _reject(message: str, remedy: str) -> Reject:
    return Reject(
        line_number=None,
        column_name=None,
        reason_code="unread_packing",
        message=f"{message}, which is not read",
        remedy=remedy,
    )
