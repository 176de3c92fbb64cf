"""The tables with user data: those in the archive of an account, and those left out."""

from typing import Any

from fitness.db.history.versioned import Versioned
from fitness.db.nouns import NOUNS
from fitness.db.tables import Table


def _tables_of(noun: Versioned[Any, Any]) -> tuple[Table, ...]:
    """Return the tables of a noun with history: records, versions, and dependent tables."""
    numbered = noun.id_type == "bigint"
    return (
        Table(
            noun.table,
            numbered=numbered,
            numbers={"id": noun.table} if numbered else {},
            later=noun.refers_to_itself,
        ),
        Table(
            noun.history,
            ("history_id",),
            numbered=True,
            numbers={"changeset_id": "changesets", **({noun.key: noun.table} if numbered else {})},
        ),
        *noun.dependents,
    )


TABLES = (
    Table(
        "changesets",
        ("changeset_id",),
        numbered=True,
        numbers=dict.fromkeys(("changeset_id", "reverts", "reverted_by"), "changesets"),
        later=("reverts", "reverted_by"),
    ),
    *(table for noun in NOUNS for table in _tables_of(noun)),
)
"""The tables of an archive, besides the profile; each comes after those that it refers to."""

COUNTERS = {counter for table in TABLES for counter in table.numbers.values()}
"""The tables whose numbers other tables refer to."""

LEFT_OUT = {
    "users": "The profile is included; the rest belongs to the new account.",
    "refresh_tokens": "Sessions are secret and end with the account.",
    "api_tokens": "Tokens are secret and end with the account.",
    "oauth_credentials": "Secret; connect again after the import.",
    "oauth_states": "Secret and valid for minutes only.",
    "sync_metadata": "State of syncs; the first sync after connecting again fetches everything.",
    "idempotency_keys": "Answers of the last day, for requests that are sent again.",
    "provider_events": "Pending events of a connection.",
}
"""The other tables with user data → why the archive does not include them."""
