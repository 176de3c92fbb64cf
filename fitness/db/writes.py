"""What a transaction has written, and its place in the order of all writes of the user.

Each user has a counter in `change_counters`. A transaction that changed something increases it by 1 as its last
statement, in the same message as COMMIT: it holds the lock on the counter only while it commits, so an edit does not
wait for a long import, and positions become visible in their order. `writes` has the position of each transaction that
stored versions, see `fitness.db.history.feed`.

The same row counts the versions of the user and their bytes, and refuses what exceeds a quota, see `fitness.db.quotas`.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any, LiteralString, TypeAlias

from fitness.db.quotas import Quota, Usage

QUIET = frozenset(
    {
        "api_tokens",
        "drop_files",
        "drop_pieces",
        "drops",
        "idempotency_keys",
        "import_answers",
        "job_parts",
        "jobs",
        "mail_codes",
        "oauth_applications",
        "oauth_credentials",
        "oauth_states",
        "passkeys",
        "provider_events",
        "recovery_codes",
        "refresh_tokens",
        "runs_without_points",
        "second_factors",
        "security_events",
        "sessions",
        "sync_metadata",
        "workouts_without_points",
    }
)
"""Tables whose changes do not count: no answer that has an ETag of the counter shows them."""

_TABLE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


def counts(statement: str) -> bool:
    """Return whether a statement that has changed rows counts as a change."""
    table = _TABLE.match(statement)
    return table is None or table[1] not in QUIET


def _count(values: LiteralString) -> LiteralString:
    return (
        "INSERT INTO change_counters AS c (user_id, position, versions, bytes, most_versions, most_bytes) "
        + values
        + """
        ON CONFLICT (user_id) DO UPDATE
        SET position = c.position + 1, versions = c.versions + excluded.versions, bytes = c.bytes + excluded.bytes,
            most_versions = excluded.most_versions, most_bytes = excluded.most_bytes
        """
    )


COUNT = _count("VALUES (%(user_id)s, 1, %(versions)s, %(bytes)s, %(most_versions)s, %(most_bytes)s)")
PLACE: LiteralString = """
    INSERT INTO writes (user_id, position, write_id, noun, first_id, last_id, versions)
    SELECT %(user_id)s, c.position, %(write_id)s, %(noun)s, %(first_id)s, %(last_id)s, %(versions)s
    FROM change_counters AS c
    WHERE c.user_id = %(user_id)s
    RETURNING 1
    """


@cache
def _of_late(
    history: LiteralString, key: LiteralString, size: LiteralString
) -> tuple[LiteralString, LiteralString, LiteralString]:
    """Return COUNT, PLACE and what selects the `Version` of one late version: they look for it in the history."""
    found: LiteralString = f"""
        {history} AS h
        WHERE h.user_id = %(user_id)s AND h.{key} = %(record_id)s AND h.version_number = %(version_number)s
        """
    count = _count(
        f"""
        SELECT %(user_id)s, 1, %(versions)s::bigint + 1, %(bytes)s + {size}, %(most_versions)s, %(most_bytes)s
        FROM {found}
        """
    )
    place: LiteralString = f"""
        INSERT INTO writes (user_id, position, write_id, noun, first_id, last_id, versions)
        SELECT %(user_id)s, c.position, %(write_id)s, %(noun)s, h.history_id, h.history_id, 1
        FROM change_counters AS c, {found} AND c.user_id = %(user_id)s
        RETURNING 1
        """
    return count, place, f"SELECT h.history_id, {size}, h.change_type = 'deletion' FROM {found}"


@dataclass(frozen=True, slots=True)
class Late:
    """A version that nobody has waited for: where it stands in the history, and its size.

    `size_of` is the SQL of its bytes, `size` how many they are, more or less.
    """

    noun: str
    history: LiteralString
    key: LiteralString
    record_id: Any
    version_number: int
    is_deletion: bool
    size_of: LiteralString
    size: int

    def where(self) -> dict[str, Any]:
        """Return the parameters that find it."""
        return {"record_id": self.record_id, "version_number": self.version_number}

    def statements(self) -> tuple[LiteralString, LiteralString, LiteralString]:
        """Return what counts it, what gives it its position, and what selects it as a `Version`."""
        return _of_late(self.history, self.key, self.size_of)


@dataclass(slots=True)
class Stored:
    """The versions of one noun that a transaction stored: their lowest and highest history id, and how many."""

    first_id: int
    last_id: int
    versions: int


Version: TypeAlias = tuple[int, int, bool]
"""A version that a statement has stored: its history id, the bytes that it adds, whether it is a deletion."""


@dataclass(slots=True)
class Written:
    """What a transaction has written so far: whether anything that counts, and its versions by noun.

    `late` are versions whose numbers are not known; if there is only one, its place is found in the history. `added` is
    what it adds to the versions of the user; `grows`: it does more than delete, so that quotas apply.
    """

    anything: bool = False
    write_id: int = 0
    stored: dict[str, Stored] = field(default_factory=dict)
    late: list[Late] = field(default_factory=list)
    added: Usage = field(default_factory=Usage)
    grows: bool = False

    def go_back(self, before: "Written") -> None:
        """Forget what was written since this was `before`: it was rolled back."""
        for one in fields(self):
            setattr(self, one.name, getattr(before, one.name))

    def begin_versions(self) -> int:
        """Return the number that the transaction's versions carry; it is random, so no other transaction has it."""
        self.write_id = self.write_id or secrets.randbits(63)
        return self.write_id

    def add_versions(self, noun: str, versions: Sequence[Version], *, amended: bool) -> None:
        """Note the versions that a statement has stored; `amended`: in the place of those that were there."""
        if not versions:
            return
        ids, sizes, deletions = zip(*versions, strict=True)
        first, last = min(ids), max(ids)
        stored = self.stored.setdefault(noun, Stored(first, last, 0))
        stored.first_id, stored.last_id = min(stored.first_id, first), max(stored.last_id, last)
        stored.versions += len(ids)
        self.add(
            0 if amended else len(ids),
            sum(sizes),
            grows=not all(deletions),
        )

    def add(self, versions: int, size: int, *, grows: bool = True) -> None:
        """Note what the transaction adds to the versions of the user, and to their bytes."""
        self.added.versions += versions
        self.added.bytes += size
        self.grows = self.grows or grows

    def add_late(self, version: Late) -> None:
        """Note a version that is stored without waiting for its number."""
        self.late.append(version)
        self.grows = self.grows or not version.is_deletion

    @property
    def has_single_version(self) -> bool:
        """Whether all that was stored is one late version."""
        return len(self.late) == 1 and not self.stored

    def in_all(self) -> Usage:
        """Return what the transaction adds, with its late versions."""
        return Usage(self.added.versions + len(self.late), self.added.bytes + sum(late.size for late in self.late))

    def placing(self, user_id: int, quota: Quota) -> list[tuple[LiteralString, dict[str, Any]]]:
        """Return the statements and parameters that give the transaction its position, if it changed anything.

        The first one fails if the transaction exceeds the quota.
        """
        if not self.anything:
            return []
        params = {
            "user_id": user_id,
            "versions": self.added.versions,
            "bytes": self.added.bytes,
            "most_versions": quota.versions if self.grows else None,
            "most_bytes": quota.bytes if self.grows else None,
        }
        if self.has_single_version:
            (late,) = self.late
            count, place, _ = late.statements()
            params |= {"write_id": self.write_id, "noun": late.noun, **late.where()}
            return [(count, params), (place, params)]
        return [
            (COUNT, params),
            *(
                (PLACE, {"user_id": user_id, "write_id": self.write_id, "noun": noun, **asdict(stored)})
                for noun, stored in self.stored.items()
            ),
        ]
