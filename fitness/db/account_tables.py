"""The tables with user data: those in the archive of an account, and those left out."""

from typing import Any, LiteralString

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
            per_user=numbered,
            numbers=dict.fromkeys(("id", *noun.refers_to_itself), noun.table) if numbered else {},
            later=noun.refers_to_itself,
        ),
        Table(
            noun.history,
            ("history_id",),
            numbered=True,
            numbers=dict.fromkeys((noun.key, *noun.refers_to_itself), noun.table) if numbered else {},
        ),
        *_merges_of(noun),
        *noun.dependents,
    )


def _merges_of(noun: Versioned[Any, Any]) -> tuple[Table, ...]:
    """Return the table of what changesets changed in the base of merges, if the noun has it."""
    if not noun.follows_provider:
        return ()
    numbers: dict[LiteralString, LiteralString] = {noun.key: noun.table} if noun.id_type == "bigint" else {}
    return (Table(noun.table + "_merges", ("changeset_id", noun.key), numbers=numbers),)


TABLES = (
    Table("changesets", ("changeset_id",), later=("reverts", "reverted_by")),
    Table("bookmarks", numbered=True),
    Table("import_answers", ("kind",)),
    Table("activity_points", ("points_id",), binary=("content",)),
    Table("activity_efforts", ("points_id", "effort")),
    Table("removed_points", ("record_id", "points_id")),
    Table("activity_files", ("sha256",), binary=("content",)),
    Table("record_files", ("record_id", "sha256", "place")),
    *(table for noun in NOUNS for table in _tables_of(noun)),
    Table("activity_keys", ("key",)),
    Table("activity_sources", ("key", "changeset_id")),
    Table("separations", ("changeset_id", "key")),
    Table("writes", ("position", "noun"), derived=("first_id", "last_id", "versions")),
)
"""The tables of an archive, besides the profile; each comes after those that it refers to."""

FORMER = (
    Table("workout_selections", numbered=True, numbers={"workout_id": "planned_workouts"}),
    Table("plan_links", ("planned_workout_id",), numbers={"planned_workout_id": "planned_workouts"}),
)
"""Tables of archives of before migration 0026; `complete` of their noun takes their rows over."""

LOADED = (*TABLES, *FORMER)
"""The tables that an archive may have, of this version or an earlier one."""

COUNTERS = {counter for table in TABLES for counter in table.numbers.values()}
"""The tables whose numbers other tables refer to."""

LEFT_OUT = {
    "users": "The profile is included; the rest belongs to the new account.",
    **{table.name: "Its rows have become columns of planned workouts." for table in FORMER},
    "change_counters": "The counter goes on behind the positions of the archive, in a new epoch.",
    "refresh_tokens": "Sessions are secret and end with the account.",
    "sessions": "Sessions are secret and end with the account.",
    "security_events": "Devices and addresses of logins here; an archive has the training, and may be given away.",
    "second_factors": "Secret; set one up again for the new account.",
    "recovery_codes": "Secret; they belong to the second factor.",
    "passkeys": "They belong to this server's address; add them again for the new account.",
    "mail_codes": "Secret and valid for days only.",
    "api_tokens": "Tokens are secret and end with the account.",
    "oauth_credentials": "Secret; connect again after the import.",
    "oauth_applications": "Secret; enter it again after the import.",
    "oauth_states": "Secret and valid for minutes only.",
    "sync_metadata": "State of syncs; the first sync after connecting again fetches everything.",
    "idempotency_keys": "Answers of the last day, for requests that are sent again.",
    "provider_events": "Pending events of a connection.",
    "runs_without_points": "What Strava has no points of; it is asked again after connecting again.",
    "workouts_without_points": "What Strava has no points of; it is asked again after connecting again.",
    "jobs": "Imports and syncs that have not ended, and results that are kept for a day; what they stored is included.",
    "job_parts": "The uploaded files of jobs that have not ended.",
    "drops": "Imports of several files; what they stored is included.",
    "drop_files": "What came of the files of such imports; it is kept for a day.",
    "drop_pieces": "The uploaded files of imports that have not ended.",
}
"""The other tables with user data → why the archive does not include them."""
