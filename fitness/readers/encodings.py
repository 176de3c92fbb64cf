"""Which encoding a text file has, and which files are no text at all."""

import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from fitness.deadline import go_on
from fitness.readers import zips
from fitness.readers.records import UnreadableFile

_LINE_BYTES = 65_536
_BLOCK_BYTES = 512 * 1024
_HEAD_BYTES = 4_096
_UTF8_MARK = b"\xef\xbb\xbf"

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Bytes above 127 that make no sense as Windows-1252, the encoding of Western European spreadsheets: other encodings use
# the same bytes for other letters. Letters stand beside plain ones (but the word à), signs do not stand inside words
# (but ’), raised figures follow a figure or an m.
_LETTERS = rb"\xc0-\xd6\xd8-\xf6\xf8-\xff"
_SIGNS = rb"\x80\x85\x91\x93-\x97\xa0\xa7\xa9\xab\xae\xb0\xb4\xb7\xbb-\xbe"
_NOT_WESTERN = re.compile(
    rb"(?<![A-Za-z])[" + _LETTERS.replace(rb"\xd8-\xf6", rb"\xd8-\xdf\xe1-\xf6") + rb"](?![A-Za-z])"
    rb"|[A-Za-z]\xe0[" + _LETTERS + rb"]"
    rb"|[A-Za-z][" + _SIGNS + rb"][A-Za-z]"
    rb"|(?<![0-9m])[\xb2\xb3]|[\xb2\xb3][A-Za-z]"
    rb"|(?<=[A-Za-z])[\xa1\xbf]|[\xa1\xbf](?![A-Za-z" + _LETTERS + rb"])"
    rb"|[^\x00-\x7f\x92\xb2\xb3\xa1\xbf" + _LETTERS + _SIGNS + rb"]"
)


def begin(stream: BinaryIO) -> None:
    """Go to the start of a text, behind the marks of UTF-8: a program may put one before a file that has one."""
    start = stream.seek(0)
    while stream.read(len(_UTF8_MARK)) == _UTF8_MARK:
        start += len(_UTF8_MARK)
    stream.seek(start)


def find(stream: BinaryIO, *, top_only: bool = False) -> str:
    """Return the encoding of a text: UTF-8, UTF-16, or Windows-1252 where its bytes can be nothing else.

    Where they can be, it is UTF-8, and the lines in which it is not are bad ones. Reads the stream from its start to
    its end; with `top_only`, a block of it, whose encoding is that of the whole unless a later line says otherwise.
    Raises UnreadableFile for what is no table in a text file, by what it begins with.
    """
    begin(stream)
    head = stream.read(_HEAD_BYTES)
    _refuse_packed(head)
    if wide := _utf_16(head):
        _refuse_other_texts(head.decode(wide, "replace"))
        return wide
    first_line = re.split(rb"[\r\n]", head.strip(), maxsplit=1)[0]
    if _CONTROL.search(first_line):
        raise UnreadableFile("This is not a text file.")
    _refuse_other_texts(head.decode("utf-8", "replace"))
    stream.seek(0)
    encoding = _eight_bit(stream, most_blocks=1 if top_only else None)
    if encoding == "utf-8-sig" and not _is_utf8(first_line[:1_000], cut=len(first_line) > 1_000):
        raise UnreadableFile("This is not a text file in UTF-8; save it as “CSV UTF-8”.")
    return encoding


def _eight_bit(stream: BinaryIO, *, most_blocks: int | None) -> str:
    bad = utf8 = False
    western = True
    for line in _lines_to_look_at(islice(_blocks(stream), most_blocks)):
        if _is_utf8(line):
            utf8 = True
        else:
            bad = True
            western = western and not _NOT_WESTERN.search(line)
        if bad and (utf8 or not western):
            break
    return "cp1252" if bad and western and not utf8 else "utf-8-sig"


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the stream in blocks that end with a line, unless that is very long."""
    while block := stream.read(_BLOCK_BYTES):
        go_on()
        yield block + stream.readline(_LINE_BYTES)


def _lines_to_look_at(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines that are not ASCII; blocks that are take no time for each of their lines."""
    for block in blocks:
        if not block.isascii():
            lines = io.BytesIO(block)
            while line := lines.readline(_LINE_BYTES):
                if not line.isascii():
                    yield line


def _utf_16(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding, nulls in (("utf-16-le", head[1:40:2]), ("utf-16-be", head[0:40:2])):
        if nulls and len(head) >= len("sep=,") * 2 and nulls.count(0) == len(nulls):  # no mark, but plain letters
            return encoding
    return None


def _is_utf8(text: bytes, *, cut: bool = False) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return cut and error.end == len(text)
    return True


def _refuse_packed(head: bytes) -> None:
    if head.startswith((zips.ZIP, zips.EMPTY_ZIP, b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("This is an Excel workbook or an archive: open it and save it as CSV (UTF-8).")
    if head.lstrip().startswith(b"%PDF"):
        raise UnreadableFile("This is a PDF, not a CSV file.")


def _refuse_other_texts(head: str) -> None:
    begins = head.removeprefix("\ufeff").strip()
    if not begins:
        raise UnreadableFile("The file is empty.")
    if begins.startswith("<"):
        raise UnreadableFile("This is a web page or XML, not a CSV file.")
    if begins.startswith(("{", "[")):
        raise UnreadableFile("This is JSON, not a CSV file.")
