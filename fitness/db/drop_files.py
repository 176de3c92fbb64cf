"""The files of drops, and their pieces, which are deleted once a file is loaded.

A file is `incomplete` until all of its bytes are here, then `waiting`. Later it is `loaded`, `refused`, or `asked`
while it has an open question. Call these functions while the drop is locked.
"""

from collections.abc import Collection, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_all, fetch_one, stream
from fitness.db.fields import columns

ENDED = frozenset({"loaded", "refused"})
"""The states of a file that nothing more comes of."""


@dataclass(frozen=True, slots=True)
class DropFile:
    """A file of a drop, or of a ZIP in it, its `container`; `outcome` is what came of it, see `fitness.sync.drops`.

    Its `role` is `new` before it was looked at, then `file`, `export` for what is or lists a whole export, of which so
    many records were `taken`, or `archive` for a ZIP whose files have lines of their own.
    """

    number: int
    container: int | None
    role: str
    taken: int
    sha256: str | None
    name: str
    size: int
    received: int
    state: str
    outcome: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """How much was sent for a drop: files, their bytes, and the highest number."""

    files: int
    bytes: int
    highest: int


_SELECT: LiteralString = (
    "SELECT "
    + columns(DropFile, "f")
    + " FROM drop_files AS f WHERE f.user_id = %(user_id)s AND f.import_id = %(import_id)s "
)


def list_files(import_id: int) -> list[DropFile]:
    """Return the files of a drop in the order in which they were sent."""
    return fetch_all(DropFile, _SELECT + "ORDER BY f.number", import_id=import_id)


def get_file(import_id: int, sha256: str) -> DropFile | None:
    """Return the file of a drop that has the hash, or None."""
    return fetch_one(DropFile, _SELECT + "AND f.sha256 = %(sha256)s", import_id=import_id, sha256=sha256)


def list_waiting(import_id: int, limit: int) -> list[DropFile]:
    """Return up to `limit` files that are to be loaded, whole exports first, as they take others with them."""
    return fetch_all(
        DropFile,
        _SELECT + "AND f.state = 'waiting' ORDER BY f.role <> 'export', f.number LIMIT %(limit)s",
        import_id=import_id,
        limit=limit,
    )


def count_sent(import_id: int) -> Sent:
    """Return how much was sent for a drop."""
    sent = fetch_one(
        Sent,
        """
        SELECT count(*) AS files, coalesce(sum(f.size), 0)::bigint AS bytes, coalesce(max(f.number), 0) AS highest
        FROM drop_files AS f
        WHERE f.user_id = %(user_id)s
          AND f.import_id = %(import_id)s
        """,
        import_id=import_id,
    )
    assert sent is not None
    return sent


def add_file(import_id: int, number: int, *, sha256: str, name: str, size: int) -> DropFile:
    """Add a file of which nothing is here yet, and return it."""
    added = fetch_one(
        DropFile,
        """
        INSERT INTO drop_files AS f (user_id, import_id, number, sha256, name, size)
        VALUES (%(user_id)s, %(import_id)s, %(number)s, %(sha256)s, %(name)s, %(size)s)
        RETURNING """
        + columns(DropFile, "f"),
        import_id=import_id,
        number=number,
        sha256=sha256,
        name=name,
        size=size,
    )
    assert added is not None
    return added


def add_members(import_id: int, container: int, number: int, members: Mapping[str, int]) -> None:
    """Add the files of a ZIP, by names and sizes, with numbers from `number` on."""
    execute(
        """
        INSERT INTO drop_files (user_id, import_id, number, container, role, name, size, received, state)
        SELECT %(user_id)s, %(import_id)s, m.number, %(container)s, 'file', m.name, m.size, m.size, 'waiting'
        FROM unnest(%(numbers)s::integer[], %(names)s::text[], %(sizes)s::bigint[]) AS m (number, name, size)
        ON CONFLICT (user_id, import_id, number) DO NOTHING
        """,
        import_id=import_id,
        container=container,
        numbers=list(range(number, number + len(members))),
        names=list(members),
        sizes=list(members.values()),
    )


def set_roles(import_id: int, roles: Mapping[int, str]) -> None:
    """Store the roles of files, by their numbers; an archive is loaded with this, but its pieces stay."""
    execute(
        """
        UPDATE drop_files AS f
        SET role = r.role, state = CASE WHEN r.role = 'archive' THEN 'loaded' ELSE f.state END
        FROM unnest(%(numbers)s::integer[], %(roles)s::text[]) AS r (number, role)
        WHERE f.user_id = %(user_id)s
          AND f.import_id = %(import_id)s
          AND f.number = r.number
        """,
        import_id=import_id,
        numbers=list(roles),
        roles=list(roles.values()),
    )


def set_taken(import_id: int, number: int, taken: int, outcome: Mapping[str, Any]) -> None:
    """Store how many records of a whole export were loaded, and what came of them, or of a ZIP as such."""
    _set(import_id, number, "taken = %(taken)s, outcome = %(outcome)s", taken=taken, outcome=Jsonb(dict(outcome)))


def _set(import_id: int, number: int, assignments: LiteralString, **values: Any) -> None:
    execute(
        "UPDATE drop_files SET "
        + assignments
        + " WHERE user_id = %(user_id)s AND import_id = %(import_id)s AND number = %(number)s",
        import_id=import_id,
        number=number,
        **values,
    )


def list_heads(import_id: int, size: int) -> dict[int, bytes]:
    """Return the first bytes of the files of a drop whose pieces are here, by their numbers."""
    return dict(
        fetch_all(
            tuple,
            """
            SELECT p.number, substring(p.content FROM 1 FOR %(size)s::integer)
            FROM drop_pieces AS p
            WHERE p.user_id = %(user_id)s
              AND p.import_id = %(import_id)s
              AND p.first_byte = 0
            """,
            import_id=import_id,
            size=size,
        )
    )


def delete_pieces(import_id: int) -> None:
    """Delete all pieces of a drop."""
    execute("DELETE FROM drop_pieces WHERE user_id = %(user_id)s AND import_id = %(import_id)s", import_id=import_id)


def delete_file(import_id: int, number: int) -> None:
    """Delete a file with its pieces."""
    execute(
        "DELETE FROM drop_files WHERE user_id = %(user_id)s AND import_id = %(import_id)s AND number = %(number)s",
        import_id=import_id,
        number=number,
    )


def set_received(import_id: int, number: int, *, received: int, state: str) -> None:
    """Store how much of a file is here."""
    _set(import_id, number, "received = %(received)s, state = %(state)s", received=received, state=state)


def set_outcomes(import_id: int, outcomes: Iterable[tuple[int, str, dict[str, Any]]]) -> None:
    """Store what came of files: number, state, outcome."""
    numbers, states, results = zip(*outcomes, strict=True)
    execute(
        """
        UPDATE drop_files AS f
        SET state = o.state, outcome = o.outcome
        FROM unnest(%(numbers)s::integer[], %(states)s::text[], %(outcomes)s::jsonb[]) AS o (number, state, outcome)
        WHERE f.user_id = %(user_id)s
          AND f.import_id = %(import_id)s
          AND f.number = o.number
        """,
        import_id=import_id,
        numbers=list(numbers),
        states=list(states),
        outcomes=[Jsonb(result) for result in results],
    )


def delete_pieces_of(import_id: int, numbers: Iterable[int]) -> None:
    """Delete the pieces of files."""
    execute(
        """
        DELETE FROM drop_pieces
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
          AND number = ANY(%(numbers)s)
        """,
        import_id=import_id,
        numbers=list(numbers),
    )


def wait_again(import_id: int, states: Collection[str]) -> None:
    """Let the files in these states wait again, as answers may have come."""
    execute(
        """
        UPDATE drop_files
        SET state = 'waiting'
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
          AND state = ANY(%(states)s)
        """,
        import_id=import_id,
        states=list(states),
    )


def find_overlapping(import_id: int, number: int, *, first_byte: int, size: int) -> tuple[int, int] | None:
    """Return the first byte and size of a piece of a file that shares bytes with another one, or None.

    One that begins at the same byte is the same piece, sent again; those within the other one are a part of it.
    """
    return fetch_one(
        tuple,
        """
        SELECT p.first_byte, p.size
        FROM drop_pieces AS p
        WHERE p.user_id = %(user_id)s
          AND p.import_id = %(import_id)s
          AND p.number = %(number)s
          AND p.first_byte <> %(first_byte)s
          AND p.first_byte < %(first_byte)s::bigint + %(size)s
          AND p.first_byte + p.size > %(first_byte)s
          AND (p.first_byte < %(first_byte)s OR p.first_byte + p.size > %(first_byte)s::bigint + %(size)s)
        LIMIT 1
        """,
        import_id=import_id,
        number=number,
        first_byte=first_byte,
        size=size,
    )


def delete_within(import_id: int, number: int, *, first_byte: int, size: int) -> None:
    """Delete the pieces of a file that begin within another one, which is the same piece again or has them as parts."""
    execute(
        """
        DELETE FROM drop_pieces
        WHERE user_id = %(user_id)s
          AND import_id = %(import_id)s
          AND number = %(number)s
          AND first_byte >= %(first_byte)s
          AND first_byte < %(first_byte)s::bigint + %(size)s
        """,
        import_id=import_id,
        number=number,
        first_byte=first_byte,
        size=size,
    )


def add_piece(import_id: int, number: int, *, first_byte: int, content: bytes) -> int:
    """Store a piece of a file; return how many bytes of it are here."""
    execute(
        """
        INSERT INTO drop_pieces (user_id, import_id, number, first_byte, size, content)
        VALUES (%(user_id)s, %(import_id)s, %(number)s, %(first_byte)s, %(size)s, %(content)s)
        """,
        import_id=import_id,
        number=number,
        first_byte=first_byte,
        size=len(content),
        content=content,
    )
    received = fetch_one(
        int,
        """
        SELECT sum(p.size)::bigint
        FROM drop_pieces AS p
        WHERE p.user_id = %(user_id)s
          AND p.import_id = %(import_id)s
          AND p.number = %(number)s
        """,
        import_id=import_id,
        number=number,
    )
    return received or 0


def list_contents(import_id: int, numbers: Collection[int]) -> dict[int, bytes]:
    """Return the contents of files by their numbers."""
    rows = fetch_all(
        tuple,
        """
        SELECT p.number, string_agg(p.content, '' ORDER BY p.first_byte)
        FROM drop_pieces AS p
        WHERE p.user_id = %(user_id)s
          AND p.import_id = %(import_id)s
          AND p.number = ANY(%(numbers)s)
        GROUP BY p.number
        """,
        import_id=import_id,
        numbers=list(numbers),
    )
    return dict(rows)


def stream_pieces(import_id: int, number: int) -> Generator[bytes]:
    """Yield the content of a file, piece by piece."""
    return stream(
        bytes,
        """
        SELECT p.content
        FROM drop_pieces AS p
        WHERE p.user_id = %(user_id)s
          AND p.import_id = %(import_id)s
          AND p.number = %(number)s
        ORDER BY p.first_byte
        """,
        fetched=2,  # most files are one piece, which is all of them then
        import_id=import_id,
        number=number,
    )


def sum_stored() -> int:
    """Return the bytes of all pieces of the user."""
    stored = fetch_one(int, "SELECT sum(p.size)::bigint FROM drop_pieces AS p WHERE p.user_id = %(user_id)s")
    return stored or 0
