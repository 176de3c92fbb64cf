"""The tables with rows of users: those that an archive of an account holds, and those that it leaves out."""

from typing import Any

from fitness.db.history.versioned import Versioned
from fitness.db.nouns import NOUNS
from fitness.db.tables import Table


def _tables_of(noun: Versioned[Any, Any]) -> tuple[Table, ...]:
    """Return the tables of a noun with history: its records, their versions, and what depends on the records."""
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
"""What an archive holds beside the profile: each table behind those that it refers to."""

COUNTERS = {counter for table in TABLES for counter in table.numbers.values()}
"""The tables whose numbers others hold."""

LEFT_OUT = {
    "users": "The profile goes along; what makes the account is the new account's own.",
    "refresh_tokens": "Sessions are secret, and end with the account.",
    "api_tokens": "Tokens are secret, and end with the account.",
    "oauth_credentials": "Secret: whoever moves connects anew.",
    "oauth_states": "Secret, and good for minutes.",
    "sync_metadata": "What a connection remembers: the first sync after connecting anew reads everything again.",
    "provider_events": "What a connection has yet to do.",
}
"""The other tables with rows of users, and why an archive does not hold them."""
