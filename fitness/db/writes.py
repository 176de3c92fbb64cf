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
from dataclasses import dataclass, field
from typing import TypeAlias

from fitness.db.prepared import Call, Prepared
from fitness.db.quotas import Quota, Usage

QUIET = frozenset(
    {
        "api_tokens",
        "idempotency_keys",
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
        "second_factors",
        "security_events",
        "sessions",
        "sync_metadata",
    }
)
"""Tables whose changes do not count: no answer that has an ETag of the counter shows them."""

_TABLE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


def counts(statement: str) -> bool:
    """Return whether a statement that has changed rows counts as a change."""
    table = _TABLE.match(statement)
    return table is None or table[1] not in QUIET


COUNT = Prepared(
    b"count_write",
    b"""
    INSERT INTO change_counters AS c (user_id, position, versions, bytes, most_versions, most_bytes)
    VALUES ($1, 1, $2, $3, $4, $5)
    ON CONFLICT (user_id) DO UPDATE
    SET position = c.position + 1, versions = c.versions + excluded.versions, bytes = c.bytes + excluded.bytes,
        most_versions = excluded.most_versions, most_bytes = excluded.most_bytes
    """,
)
PLACE = Prepared(
    b"place_write",
    b"""
    INSERT INTO writes (user_id, position, write_id, noun, first_id, last_id, versions)
    SELECT $1, c.position, $2, $3, $4, $5, $6
    FROM change_counters AS c
    WHERE c.user_id = $1
    RETURNING 1
    """,
)


@dataclass(slots=True)
class Stored:
    """The versions of one noun that a transaction stored: their lowest and highest history id, and how many."""

    first_id: int
    last_id: int
    versions: int

    def params(self) -> list[bytes]:
        return [b"%d" % number for number in (self.first_id, self.last_id, self.versions)]


Version: TypeAlias = tuple[int, int, bool]
"""A version that a statement has stored: its history id, the bytes that it adds, whether it is a deletion."""


@dataclass(slots=True)
class Written:
    """What a transaction has written so far: whether anything that counts, and its versions by noun.

    `added` is what it adds to the versions of the user; `grows`: it does more than delete, so that quotas apply.
    """

    anything: bool = False
    write_id: int = 0
    stored: dict[str, Stored] = field(default_factory=dict)
    added: Usage = field(default_factory=Usage)
    grows: bool = False

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

    def placing(self, user_id: int, quota: Quota) -> list[Call]:
        """Return the statements and parameters that give the transaction its position, if it changed anything.

        The first one fails if the transaction exceeds the quota.
        """
        user = b"%d" % user_id
        limits = (quota.versions, quota.bytes) if self.grows else (None, None)
        most = [None if limit is None else b"%d" % limit for limit in limits]
        added = [b"%d" % self.added.versions, b"%d" % self.added.bytes]
        count: list[Call] = [(COUNT, [user, *added, *most])] if self.anything else []
        return count + [
            (PLACE, [user, b"%d" % self.write_id, noun.encode(), *stored.params()])
            for noun, stored in self.stored.items()
        ]
