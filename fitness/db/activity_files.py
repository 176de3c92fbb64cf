"""The files that activities were read from, byte for byte, each once, and the records that were read from them."""

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from fitness.db import stored_once
from fitness.db.bound import note_growth
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.fields import arrays, listed, names_of, size, unnested
from fitness.db.later import fetch_later


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to store: its hash, its kind, its size unpacked, and its content packed by gzip."""

    sha256: str
    kind: str
    size: int
    content: bytes

    @classmethod
    def of(cls, sha256: str, kind: str, content: bytes) -> "NewFile":
        """Return a file from its unpacked content."""
        return cls(sha256, kind, len(content), gzip.compress(content, _LEVELS.get(kind, _LEVEL), mtime=0))


@dataclass(frozen=True, slots=True)
class NewLink:
    """That a record was read from a file, where it is number `place` of its activities; `laps` is how many it has."""

    record_id: str
    sha256: str
    place: int
    laps: int | None = None


@dataclass(frozen=True, slots=True)
class ActivityFile:
    """A file of a record; `size` is that of the file as it was.

    `laps` is how many the record has there; None if it was read before they were counted.
    """

    sha256: str
    kind: str
    size: int
    created_at: datetime
    laps: int | None


_LINK: LiteralString = f"""
    INSERT INTO record_files AS t (user_id, {listed(names_of(NewLink))})
    SELECT %(user_id)s, new.*
    FROM {unnested(NewLink, names_of(NewLink))}
    ON CONFLICT (user_id, record_id, sha256, place) DO UPDATE
    SET laps = excluded.laps
    WHERE t.laps IS NULL
    RETURNING 1
    """

_GZIP = 16 + zlib.MAX_WBITS
_LEVEL = 4
"""Takes half the time of 6, and 2 to 10 % more room."""
_LEVELS = {"FIT": 1}
"""Kinds of files of which a higher level takes longer, and no less room: they are bytes, not text."""
_DELETE: LiteralString = """
    DELETE FROM activity_files AS f
    WHERE f.user_id = %(user_id)s
      AND f.sha256 = %(sha256)s
      AND NOT EXISTS (
        SELECT
        FROM record_files AS l
        WHERE l.user_id = %(user_id)s AND l.sha256 = f.sha256
      )
    RETURNING """ + size(NewFile, "f")


def find_stored(hashes: Sequence[str]) -> Callable[[], list[str]]:
    """Ask with the next message which of the files with these hashes are stored; return what returns their hashes."""
    return fetch_later(
        str,
        "SELECT f.sha256 FROM activity_files AS f WHERE f.user_id = %(user_id)s AND f.sha256 = ANY(%(hashes)s)",
        hashes=list(hashes),
    )


def store_files(files: Sequence[NewFile], links: Sequence[NewLink]) -> None:
    """Store what is not there yet, with the next message."""
    stored_once.store("activity_files", NewFile, files)
    fetch_later(int, _LINK, **arrays(NewLink, names_of(NewLink), links))


def list_files(record_id: str) -> list[ActivityFile]:
    """Return the files that a record was read from, oldest first."""
    return fetch_all(
        ActivityFile,
        """
        SELECT f.sha256, f.kind, f.size, f.created_at, r.laps
        FROM activity_files AS f
        JOIN (
            SELECT l.sha256, max(l.laps) AS laps
            FROM record_files AS l
            WHERE l.user_id = %(user_id)s AND l.record_id = %(record_id)s
            GROUP BY l.sha256
        ) AS r ON r.sha256 = f.sha256
        WHERE f.user_id = %(user_id)s
        ORDER BY f.created_at, f.sha256
        """,
        record_id=record_id,
    )


def list_places(record_id: str) -> list[NewLink]:
    """Return which activities of which files a record was read from, the oldest file first."""
    return fetch_all(
        NewLink,
        """
        SELECT l.record_id, l.sha256, l.place, l.laps
        FROM record_files AS l
        WHERE l.user_id = %(user_id)s
          AND l.record_id = %(record_id)s
        ORDER BY l.created_at, l.sha256, l.place
        """,
        record_id=record_id,
    )


def get_content(record_id: str, sha256: str) -> bytes | None:
    """Return a file of a record, byte for byte as it was, or None if it has no such file."""
    found = fetch_one(
        tuple,
        """
        SELECT f.content, f.size
        FROM activity_files AS f
        WHERE f.user_id = %(user_id)s
          AND f.sha256 = %(sha256)s
          AND EXISTS (
            SELECT
            FROM record_files AS l
            WHERE l.user_id = %(user_id)s AND l.record_id = %(record_id)s AND l.sha256 = f.sha256
          )
        """,
        record_id=record_id,
        sha256=sha256,
    )
    return None if found is None else unpacked(*found)


def unpacked(content: bytes, size: int) -> bytes:
    """Return the file of so many bytes that is packed in a `content`, no more than that."""
    return zlib.decompressobj(_GZIP).decompress(content, size + 1)


def remove_file(record_id: str, sha256: str) -> bool:
    """Remove a file of a record for good; return whether there was one. It stays for other records of the file."""
    removed = fetch_all(
        int,
        """
        DELETE FROM record_files
        WHERE user_id = %(user_id)s
          AND record_id = %(record_id)s
          AND sha256 = %(sha256)s
        RETURNING 1
        """,
        record_id=record_id,
        sha256=sha256,
    )
    if removed:
        sizes = fetch_all(int, _DELETE, sha256=sha256)
        note_growth(0, -sum(sizes), grows=False)
    return bool(removed)


def get_size() -> int:
    """Return the bytes of all files, as they count for the quota."""
    return stored_once.total_size("activity_files", NewFile)
