"""JSON from outside: files, and the values in them."""

from collections.abc import Mapping
from typing import Any, BinaryIO

import orjson

from fitness.readers import zips
from fitness.readers.records import UnreadableFile
from fitness.readers.values import is_number

MOST_BYTES = 32 * 1024 * 1024
"""How large a file may be: it takes ten times as much memory."""
_HEAD_BYTES = 4_096


def recognise(stream: BinaryIO, *, keys: tuple[bytes, ...], file: str) -> None:
    """Raise UnreadableFile for a file, as it is or packed by gzip, that is no JSON object or lacks these keys."""
    with zips.unpacked(stream) as content:
        head = content.read(_HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"{") or any(b'"%s"' % key not in head for key in keys):
        raise UnreadableFile(f"This is not {file}.")


def read(data: bytes) -> dict[str, Any]:
    """Return the object in a file; raise UnreadableFile if it is broken."""
    found = value(data)
    if not isinstance(found, dict):
        raise UnreadableFile("The file is no JSON object.")
    return found


def value(data: bytes) -> Any:
    """Return what a file holds, of any kind; raise UnreadableFile if it is broken."""
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"The file is cut or broken in line {error.lineno:,}.") from error


def objects(found: object) -> list[Mapping[str, Any]]:
    """Return the objects in what should be a list of them."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def number(found: object) -> float | None:
    """Return what is a number; None for everything else, and for an integer that is too large for a float."""
    try:
        return float(found) if is_number(found) else None
    except OverflowError:
        return None


def text(found: object) -> str | None:
    """Return what is a text, without blanks around it; None for everything else, and for none."""
    return found.strip() or None if isinstance(found, str) else None
