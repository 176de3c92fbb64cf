"""What a transaction has written, and its place in the order of all writes of the user.

Each user has a counter in `change_counters`. A transaction that changed something increases it by 1 as its last
statement, in the same message as COMMIT: it holds the lock on the counter only while it commits, so an edit does not
wait for a long import, and positions become visible in their order. `writes` has the position of each transaction that
stored versions, see `fitness.db.history.feed`.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from fitness.db.prepared import Prepared

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
    INSERT INTO change_counters AS c (user_id, position)
    VALUES ($1, 1)
    ON CONFLICT (user_id) DO UPDATE SET position = c.position + 1
    """,
)
PLACE = Prepared(
    b"place_write",
    b"""
    INSERT INTO writes (user_id, position, write_id, noun, first_id, last_id, versions)
    SELECT $1, c.position, $2, $3, $4, $5, $6
    FROM change_counters AS c
    WHERE c.user_id = $1
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


@dataclass(slots=True)
class Written:
    """What a transaction has written so far: whether anything that counts, and its versions by noun."""

    anything: bool = False
    write_id: int = 0
    stored: dict[str, Stored] = field(default_factory=dict)

    def begin_versions(self) -> int:
        """Return the number that the transaction's versions carry; it is random, so no other transaction has it."""
        self.write_id = self.write_id or secrets.randbits(63)
        return self.write_id

    def add_versions(self, noun: str, history_ids: Iterable[int]) -> None:
        """Note the versions that a statement has stored."""
        for history_id in history_ids:
            stored = self.stored.setdefault(noun, Stored(history_id, history_id, 0))
            stored.first_id = min(stored.first_id, history_id)
            stored.last_id = max(stored.last_id, history_id)
            stored.versions += 1

    def placing(self, user_id: int) -> list[tuple[Prepared, list[bytes]]]:
        """Return the statements and parameters that give the transaction its position, if it changed anything."""
        user = b"%d" % user_id
        count = [(COUNT, [user])] if self.anything else []
        return count + [
            (PLACE, [user, b"%d" % self.write_id, noun.encode(), *stored.params()])
            for noun, stored in self.stored.items()
        ]
