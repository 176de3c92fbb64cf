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
from dataclasses import asdict, dataclass, field
from typing import Any, LiteralString, TypeAlias

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


COUNT: LiteralString = """
    INSERT INTO change_counters AS c (user_id, position, versions, bytes, most_versions, most_bytes)
    VALUES (%(user_id)s, 1, %(versions)s, %(bytes)s, %(most_versions)s, %(most_bytes)s)
    ON CONFLICT (user_id) DO UPDATE
    SET position = c.position + 1, versions = c.versions + excluded.versions, bytes = c.bytes + excluded.bytes,
        most_versions = excluded.most_versions, most_bytes = excluded.most_bytes
    """
PLACE: LiteralString = """
    INSERT INTO writes (user_id, position, write_id, noun, first_id, last_id, versions)
    SELECT %(user_id)s, c.position, %(write_id)s, %(noun)s, %(first_id)s, %(last_id)s, %(versions)s
    FROM change_counters AS c
    WHERE c.user_id = %(user_id)s
    """


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

    def placing(self, user_id: int, quota: Quota) -> list[tuple[LiteralString, dict[str, Any]]]:
        """Return the statements and parameters that give the transaction its position, if it changed anything.

        The first one fails if the transaction exceeds the quota.
        """
        count = {
            "user_id": user_id,
            "versions": self.added.versions,
            "bytes": self.added.bytes,
            "most_versions": quota.versions if self.grows else None,
            "most_bytes": quota.bytes if self.grows else None,
        }
        places = [
            {"user_id": user_id, "write_id": self.write_id, "noun": noun, **asdict(stored)}
            for noun, stored in self.stored.items()
        ]
        return [*([(COUNT, count)] if self.anything else []), *((PLACE, place) for place in places)]
