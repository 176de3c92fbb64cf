"""The whole schema as SQLAlchemy Core metadata; `alembic check` compares it with the database.

The program never queries through it. Roles, grants, row-level security, check constraints and the only trigger are SQL
in the migrations. Distances are miles, durations seconds, times `timestamptz`.
"""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.schema import SchemaItem

metadata = MetaData()

Instant = DateTime(timezone=True)


def _user_id() -> Column[int]:
    return Column("user_id", BigInteger, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, Identity(always=True), nullable=False)


def _uuid(name: str) -> Column:
    return Column(name, Uuid, server_default=text("gen_random_uuid()"), nullable=False)


def _times() -> list[Column]:
    return [
        Column("created_at", Instant, server_default=text("now()"), nullable=False),
        Column("updated_at", Instant, server_default=text("now()"), nullable=False),
    ]


def _versioned() -> list[Column]:
    """Return the columns that every record with a history has."""
    return [
        Column("version", Integer, server_default=text("1"), nullable=False),
        Column("last_edited_at", Instant),
        Column("last_edited_by", Text),
        Column("deleted_at", Instant),
    ]


def _version_of(key: str, key_type: type) -> list[Column]:
    """Return the first columns of every history table: the record and the version number."""
    return [
        _user_id(),
        _number("history_id"),
        Column(key, key_type, nullable=False),
        Column("version_number", Integer, nullable=False),
        Column("change_type", Text, nullable=False),
    ]


def _change() -> list[Column]:
    """Return the last columns of every history table: who, when and why."""
    return [
        Column("changed_at", Instant, server_default=text("now()"), nullable=False),
        Column("changed_by", Text),
        Column("change_reason", Text),
        Column("changeset_id", BigInteger),
        Column("write_id", BigInteger, server_default=text("0"), nullable=False),
    ]


def _history_keys(table: str, key: str, of: str) -> list[SchemaItem]:
    return [
        PrimaryKeyConstraint("user_id", "history_id", name=f"{table}_pkey"),
        UniqueConstraint("user_id", key, "version_number", name=f"{table}_{key}_version_number_key"),
        _references(table, key, of, "id", ondelete="CASCADE"),
        _references(table, "changeset_id", "changesets", "changeset_id"),
        Index(
            f"{table}_changeset_id_idx",
            "user_id",
            "changeset_id",
            key,
            "version_number",
            postgresql_where=text("changeset_id IS NOT NULL"),
        ),
    ]


def _measured() -> list[Column]:
    """Return the columns of what a device measured of a run."""
    numbers = ("elapsed", "ascent", "calories", "max_heart_rate", "avg_cadence", "avg_power", "temperature")
    return [*(Column(name, Double) for name in numbers), *_recorded()]


def _recorded() -> list[Column]:
    """Return the columns of the device that recorded a run or workout, of its points, and of the zone of its start."""
    return [Column("device", Text), Column("points_id", Text), Column("time_zone", JSONB)]


def _of_user(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_id"], ["users.user_id"], name=f"{table}_user_id_fkey", ondelete="CASCADE")


def _references(table: str, column: str, target: str, target_column: str, ondelete: str | None = None):
    return ForeignKeyConstraint(
        ["user_id", column],
        [f"{target}.user_id", f"{target}.{target_column}"],
        name=f"{table}_{column}_fkey",
        ondelete=ondelete,
    )


def _duplicate_of(table: str) -> list[SchemaItem]:
    """Return the keys of the column with the record that counts instead."""
    return [
        _references(table, "duplicate_of", table, "id"),
        Index(
            f"{table}_duplicate_of_idx",
            "user_id",
            "duplicate_of",
            postgresql_where=text("duplicate_of IS NOT NULL"),
        ),
    ]


users = Table(
    "users",
    metadata,
    Column("user_id", BigInteger, Identity(always=True), nullable=False),
    Column("email", Text, nullable=False),
    Column("username", Text),
    Column("name", Text, nullable=False),
    Column("hashed_password", Text),
    Column("google_id", Text),
    Column("profile_image_url", Text),
    Column("birth_year", SmallInteger),
    Column("birth_month", SmallInteger),
    Column("sex", Text),
    Column("time_zone", Text),
    Column("max_heart_rate", SmallInteger),
    Column("resting_heart_rate", SmallInteger),
    Column("lactate_threshold_heart_rate", SmallInteger),
    Column("is_active", Boolean, server_default=text("true"), nullable=False),
    *_times(),
    Column("units", Text, server_default=text("'miles'"), nullable=False),
    Column("import_other_sports", Boolean, server_default=text("true"), nullable=False),
    Column("email_verified_at", Instant),
    _uuid("passkey_handle"),
    Column("sync_points", Boolean, server_default=text("false"), nullable=False),
    Column("week_start", Text, server_default=text("'monday'"), nullable=False),
    Column("weekly_goal_miles", Double),
    PrimaryKeyConstraint("user_id", name="users_pkey"),
    UniqueConstraint("google_id", name="users_google_id_key"),
    Index("users_email_key", text("address_key(email)"), unique=True),
    Index("users_username_lower_key", text("lower(username)"), unique=True),
    Index("users_passkey_handle_key", "passkey_handle", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    _user_id(),
    _number("id"),
    Column("family_id", Uuid, nullable=False),
    Column("device", Text),
    Column("address", Text),
    Column("last_used_at", Instant, server_default=text("now()"), nullable=False),
    Column("confirmed_at", Instant, server_default=text("now()"), nullable=False),
    Column("ends_at", Instant, nullable=False),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="sessions_pkey"),
    UniqueConstraint("user_id", "family_id", name="sessions_family_id_key"),
    _of_user("sessions"),
)

security_events = Table(
    "security_events",
    metadata,
    _user_id(),
    _number("id"),
    Column("event", Text, nullable=False),
    Column("detail", Text),
    Column("device", Text),
    Column("address", Text),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "id", name="security_events_pkey"),
    _of_user("security_events"),
)

second_factors = Table(
    "second_factors",
    metadata,
    _user_id(),
    Column("secret", Text, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger, server_default=text("0"), nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", name="second_factors_pkey"),
    _of_user("second_factors"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _user_id(),
    Column("code_hash", Text, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "code_hash", name="recovery_codes_pkey"),
    _of_user("recovery_codes"),
)

passkeys = Table(
    "passkeys",
    metadata,
    _user_id(),
    _number("id"),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("last_used_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="passkeys_pkey"),
    UniqueConstraint("user_id", "credential_id", name="passkeys_user_id_credential_id_key"),
    _of_user("passkeys"),
)

mail_codes = Table(
    "mail_codes",
    metadata,
    _user_id(),
    Column("code_hash", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "code_hash", name="mail_codes_pkey"),
    _of_user("mail_codes"),
    Index("mail_codes_code_hash_idx", "code_hash"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    _user_id(),
    Column("token_hash", Text, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "token_hash", name="refresh_tokens_pkey"),
    _of_user("refresh_tokens"),
    _references("refresh_tokens", "family_id", "sessions", "family_id", ondelete="CASCADE"),
    Index("refresh_tokens_family_id_idx", "user_id", "family_id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _user_id(),
    _number("id"),
    Column("token_hash", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    *_times(),
    Column("reason", Text),
    PrimaryKeyConstraint("user_id", "id", name="api_tokens_pkey"),
    _of_user("api_tokens"),
    Index("api_tokens_token_hash_idx", "token_hash"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    Column("key", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("key", name="rate_limits_pkey"),
    Index("rate_limits_expires_at_idx", "expires_at"),
)

changesets = Table(
    "changesets",
    metadata,
    _user_id(),
    # Numbered by the program; the sequence is that of the release before.
    Column("changeset_id", BigInteger, Identity(), nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text),
    Column("actor", Text),
    Column("reason", Text),
    Column("counts", JSONB, server_default=text("'{}'"), nullable=False),
    Column("reverts", BigInteger),
    Column("reverted_by", BigInteger),
    *_times(),
    Column("kept", JSONB, server_default=text("'[]'"), nullable=False),
    Column("synced_before", Instant),
    Column("back_to", Instant),
    Column("account_id", Text),
    PrimaryKeyConstraint("user_id", "changeset_id", name="changesets_pkey"),
    _of_user("changesets"),
    _references("changesets", "reverts", "changesets", "changeset_id"),
    _references("changesets", "reverted_by", "changesets", "changeset_id"),
    Index("changesets_rewinds_idx", "user_id", "created_at", postgresql_where=text("kind = 'rewind'")),
    Index("changesets_reverts_idx", "user_id", "reverts", postgresql_where=text("reverts IS NOT NULL")),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    _user_id(),
    _number("id"),
    Column("name", Text, nullable=False),
    Column("instant", Instant, server_default=text("now()"), nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "id", name="bookmarks_pkey"),
    UniqueConstraint("user_id", "name", name="bookmarks_user_id_name_key"),
    _of_user("bookmarks"),
)

change_counters = Table(
    "change_counters",
    metadata,
    _user_id(),
    Column("position", BigInteger, server_default=text("0"), nullable=False),
    Column("epoch", BigInteger, server_default=text("0"), nullable=False),
    Column("versions", BigInteger, server_default=text("0"), nullable=False),
    Column("bytes", BigInteger, server_default=text("0"), nullable=False),
    Column("most_versions", BigInteger),
    Column("most_bytes", BigInteger),
    PrimaryKeyConstraint("user_id", name="change_counters_pkey"),
    _of_user("change_counters"),
)

writes = Table(
    "writes",
    metadata,
    _user_id(),
    Column("position", BigInteger, nullable=False),
    Column("noun", Text(collation="C"), nullable=False),
    Column("write_id", BigInteger, nullable=False),
    Column("first_id", BigInteger, server_default=text("0"), nullable=False),
    Column("last_id", BigInteger, server_default=text("0"), nullable=False),
    Column("versions", BigInteger, server_default=text("0"), nullable=False),
    PrimaryKeyConstraint("user_id", "position", "noun", name="writes_pkey"),
)

shoes = Table(
    "shoes",
    metadata,
    _user_id(),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("retired_at", Date),
    Column("notes", Text),
    Column("retirement_notes", Text),
    Column("merged_into", Text),
    *_versioned(),
    *_times(),
    Column("name_key", Text),
    PrimaryKeyConstraint("user_id", "id", name="shoes_pkey"),
    _of_user("shoes"),
    _references("shoes", "merged_into", "shoes", "id"),
    Index("shoes_name_key_key", "user_id", "name_key", unique=True, postgresql_where=text("name_key IS NOT NULL")),
)

shoes_history = Table(
    "shoes_history",
    metadata,
    *_version_of("shoe_id", Text),
    Column("name", Text, nullable=False),
    Column("retired_at", Date),
    Column("notes", Text),
    Column("retirement_notes", Text),
    Column("merged_into", Text),
    *_change(),
    *_history_keys("shoes_history", "shoe_id", "shoes"),
)

runs = Table(
    "runs",
    metadata,
    _user_id(),
    Column("id", Text, nullable=False),
    Column("datetime_utc", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("distance", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("source", Text, nullable=False),
    Column("avg_heart_rate", Double),
    Column("shoe_id", Text),
    Column("name", Text),
    Column("notes", Text),
    Column("client_uuid", Uuid),
    Column("provider_values", JSONB),
    *_versioned(),
    *_times(),
    Column("conflicts", JSONB),
    Column("duplicate_of", Text),
    *_measured(),
    PrimaryKeyConstraint("user_id", "id", name="runs_pkey"),
    _of_user("runs"),
    _references("runs", "shoe_id", "shoes", "id"),
    *_duplicate_of("runs"),
    Index(
        "runs_user_id_client_uuid_key",
        "user_id",
        "client_uuid",
        unique=True,
        postgresql_where=text("client_uuid IS NOT NULL"),
    ),
    Index("runs_datetime_utc_idx", "user_id", "datetime_utc", postgresql_where=text("deleted_at IS NULL")),
    Index("runs_deleted_idx", "user_id", "datetime_utc", postgresql_where=text("deleted_at IS NOT NULL")),
    Index("runs_shoe_id_idx", "user_id", "shoe_id", postgresql_where=text("shoe_id IS NOT NULL")),
)


def _merges(noun: str, key: str, key_type: type) -> Table:
    """Return the table of what changesets changed in the base of merges of a noun's records."""
    table = f"{noun}_merges"
    return Table(
        table,
        metadata,
        _user_id(),
        Column("changeset_id", BigInteger, nullable=False),
        Column(key, key_type, nullable=False),
        Column("fields", ARRAY(Text), nullable=False),
        Column("values_before", JSONB, nullable=False),
        Column("values_after", JSONB, server_default=text("'{}'"), nullable=False),
        Column("conflicts_before", JSONB, nullable=False),
        Column("conflicts_after", JSONB, server_default=text("'{}'"), nullable=False),
        Column("created_at", Instant, server_default=text("now()"), nullable=False),
        PrimaryKeyConstraint("user_id", "changeset_id", key, name=f"{table}_pkey"),
        _references(table, "changeset_id", "changesets", "changeset_id", ondelete="CASCADE"),
        _references(table, key, noun, "id", ondelete="CASCADE"),
        Index(f"{table}_{key}_idx", "user_id", key),
    )


runs_merges = _merges("runs", "run_id", Text)

runs_history = Table(
    "runs_history",
    metadata,
    *_version_of("run_id", Text),
    Column("datetime_utc", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("distance", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("source", Text, nullable=False),
    Column("avg_heart_rate", Double),
    Column("shoe_id", Text),
    Column("name", Text),
    Column("notes", Text),
    *_change(),
    Column("duplicate_of", Text),
    *_measured(),
    *_history_keys("runs_history", "run_id", "runs"),
    Index("runs_history_changed_at_idx", "user_id", "changed_at", "run_id"),
    Index("runs_history_datetime_utc_idx", "user_id", "datetime_utc", "changed_at"),
)


def _distinct(of: str, key: str, key_type: type) -> Table:
    """Return the table of the pairs of a noun's records that are different."""
    table, other_key = f"distinct_{of}", f"other_{key}"
    return Table(
        table,
        metadata,
        _user_id(),
        Column(key, key_type, nullable=False),
        Column(other_key, key_type, nullable=False),
        Column("created_at", Instant, server_default=text("now()"), nullable=False),
        PrimaryKeyConstraint("user_id", key, other_key, name=f"{table}_pkey"),
        _references(table, key, of, "id", ondelete="CASCADE"),
        _references(table, other_key, of, "id", ondelete="CASCADE"),
    )


distinct_runs = _distinct("runs", "run_id", Text)
distinct_workouts = _distinct("workouts", "workout_id", Uuid)
distinct_planned_workouts = _distinct("planned_workouts", "planned_workout_id", BigInteger)


def _synced(table: str, key: str, key_type: type, version: str, of: str) -> Table:
    """Return the table of the calendar state of a noun's records."""
    return Table(
        table,
        metadata,
        _user_id(),
        _number("id"),
        Column(key, key_type, nullable=False),
        Column(version, Integer, nullable=False),
        Column("google_event_id", Text),
        Column("synced_at", Instant),
        Column("sync_status", Text, nullable=False),
        Column("error_message", Text),
        *_times(),
        Column("attempt", Integer, server_default=text("1"), nullable=False),
        Column("account_id", Text),
        PrimaryKeyConstraint("user_id", "id", name=f"{table}_pkey"),
        UniqueConstraint("user_id", key, name=f"{table}_user_id_{key}_key"),
        _references(table, key, of, "id", ondelete="CASCADE"),
    )


synced_runs = _synced("synced_runs", "run_id", Text, "run_version", of="runs")
synced_workouts = _synced("synced_workouts", "workout_id", Uuid, "workout_version", of="workouts")

activity_points = Table(
    "activity_points",
    metadata,
    _user_id(),
    Column("points_id", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("laps", JSONB, server_default=text("'[]'"), nullable=False),
    Column("pauses", JSONB, server_default=text("'[]'"), nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "points_id", name="activity_points_pkey"),
    _of_user("activity_points"),
)

activity_efforts = Table(
    "activity_efforts",
    metadata,
    _user_id(),
    Column("points_id", Text, nullable=False),
    Column("effort", Text, nullable=False),
    Column("seconds", REAL, nullable=False),
    PrimaryKeyConstraint("user_id", "points_id", "effort", name="activity_efforts_pkey"),
    _references("activity_efforts", "points_id", "activity_points", "points_id", ondelete="CASCADE"),
)

removed_points = Table(
    "removed_points",
    metadata,
    _user_id(),
    Column("record_id", Text, nullable=False),
    Column("points_id", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "record_id", "points_id", name="removed_points_pkey"),
    _references("removed_points", "points_id", "activity_points", "points_id", ondelete="CASCADE"),
)

activity_files = Table(
    "activity_files",
    metadata,
    _user_id(),
    Column("sha256", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "sha256", name="activity_files_pkey"),
    _of_user("activity_files"),
)

record_files = Table(
    "record_files",
    metadata,
    _user_id(),
    Column("record_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    Column("laps", Integer),
    PrimaryKeyConstraint("user_id", "record_id", "sha256", "place", name="record_files_pkey"),
    _references("record_files", "sha256", "activity_files", "sha256", ondelete="CASCADE"),
)

sync_metadata = Table(
    "sync_metadata",
    metadata,
    _user_id(),
    Column("provider", Text, nullable=False),
    Column("last_synced_at", Instant),
    *_times(),
    Column("last_error", Text),
    Column("last_error_at", Instant),
    Column("retry_at", Instant),
    Column("resume_at", Instant),
    Column("lease_id", Uuid),
    Column("lease_until", Instant),
    Column("found", Integer, server_default=text("0"), nullable=False),
    Column("ended_at", Instant),
    Column("deletes_refused", Boolean, server_default=text("false"), nullable=False),
    Column("list_began_at", Instant),
    Column("next_page", Integer),
    Column("turned_back", Boolean, server_default=text("false"), nullable=False),
    PrimaryKeyConstraint("user_id", "provider", name="sync_metadata_pkey"),
    _of_user("sync_metadata"),
)

provider_events = Table(
    "provider_events",
    metadata,
    _user_id(),
    Column("provider", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("received_at", Instant, server_default=text("clock_timestamp()"), nullable=False),
    Column("problem", Text),
    Column("tries", Integer, server_default=text("0"), nullable=False),
    PrimaryKeyConstraint("user_id", "provider", "object_id", name="provider_events_pkey"),
    _of_user("provider_events"),
)

jobs = Table(
    "jobs",
    metadata,
    _user_id(),
    _number("job_id"),
    Column("path", Text, nullable=False),
    Column("content_type", Text),
    Column("found", Integer, server_default=text("0"), nullable=False),
    Column("attempts", Integer, server_default=text("0"), nullable=False),
    Column("lease_id", Uuid),
    Column("lease_until", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("status", SmallInteger),
    Column("result", JSON),
    *_times(),
    PrimaryKeyConstraint("user_id", "job_id", name="jobs_pkey"),
    _of_user("jobs"),
    Index("jobs_unfinished_idx", "user_id", "job_id", postgresql_where=text("ended_at IS NULL")),
)

job_parts = Table(
    "job_parts",
    metadata,
    _user_id(),
    Column("job_id", BigInteger, nullable=False),
    Column("part", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id", "job_id", "part", name="job_parts_pkey"),
    _references("job_parts", "job_id", "jobs", "job_id", ondelete="CASCADE"),
)

drops = Table(
    "drops",
    metadata,
    _user_id(),
    _number("import_id"),
    Column("state", Text, server_default=text("'open'"), nullable=False),
    Column("changeset_id", BigInteger),
    Column("counts", JSONB, server_default=text("'{}'"), nullable=False),
    Column("answers", JSONB, server_default=text("'{}'"), nullable=False),
    *_times(),
    PrimaryKeyConstraint("user_id", "import_id", name="drops_pkey"),
    _of_user("drops"),
    _references("drops", "changeset_id", "changesets", "changeset_id"),
)

drop_files = Table(
    "drop_files",
    metadata,
    _user_id(),
    Column("import_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("container", Integer),
    Column("role", Text, server_default=text("'new'"), nullable=False),
    Column("taken", Integer, server_default=text("0"), nullable=False),
    Column("sha256", Text),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, server_default=text("0"), nullable=False),
    Column("state", Text, server_default=text("'incomplete'"), nullable=False),
    Column("outcome", JSONB, server_default=text("'{}'"), nullable=False),
    PrimaryKeyConstraint("user_id", "import_id", "number", name="drop_files_pkey"),
    UniqueConstraint("user_id", "import_id", "sha256", name="drop_files_user_id_import_id_sha256_key"),
    _references("drop_files", "import_id", "drops", "import_id", ondelete="CASCADE"),
)

drop_pieces = Table(
    "drop_pieces",
    metadata,
    _user_id(),
    Column("import_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("first_byte", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id", "import_id", "number", "first_byte", name="drop_pieces_pkey"),
    ForeignKeyConstraint(
        ["user_id", "import_id", "number"],
        ["drop_files.user_id", "drop_files.import_id", "drop_files.number"],
        name="drop_pieces_number_fkey",
        ondelete="CASCADE",
    ),
)

import_answers = Table(
    "import_answers",
    metadata,
    _user_id(),
    Column("kind", Text, nullable=False),
    Column("answers", JSONB, nullable=False),
    *_times(),
    Column("used", JSONB, server_default=text("'{}'"), nullable=False),
    PrimaryKeyConstraint("user_id", "kind", name="import_answers_pkey"),
    _of_user("import_answers"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, nullable=False),
    Column("lease_id", Uuid, nullable=False),
    Column("lease_until", Instant, nullable=False),
    PrimaryKeyConstraint("name", name="leases_pkey"),
)

webhook_subscriptions = Table(
    "webhook_subscriptions",
    metadata,
    Column("provider", Text, nullable=False),
    Column("subscription_id", BigInteger, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    Column("secret_hash", Text),
    PrimaryKeyConstraint("provider", name="webhook_subscriptions_pkey"),
)

oauth_credentials = Table(
    "oauth_credentials",
    metadata,
    _user_id(),
    _number("id"),
    Column("provider", Text, nullable=False),
    Column("client_id", Text),
    Column("client_secret", Text),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text),
    Column("expires_at", Instant),
    *_times(),
    Column("scope", Text),
    Column("account_id", Text),
    Column("refused_at", Instant),
    PrimaryKeyConstraint("user_id", "id", name="oauth_credentials_pkey"),
    UniqueConstraint("user_id", "provider", name="oauth_credentials_user_id_provider_key"),
    _of_user("oauth_credentials"),
    Index("oauth_credentials_account_id_idx", "provider", "account_id"),
)

oauth_applications = Table(
    "oauth_applications",
    metadata,
    _user_id(),
    Column("provider", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret", Text, nullable=False),
    *_times(),
    PrimaryKeyConstraint("user_id", "provider", name="oauth_applications_pkey"),
    _of_user("oauth_applications"),
)

oauth_states = Table(
    "oauth_states",
    metadata,
    _user_id(),
    Column("state_hash", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("code_verifier", Text),
    Column("expires_at", Instant, nullable=False),
    *_times(),
    Column("browser_hash", Text),
    PrimaryKeyConstraint("user_id", "state_hash", name="oauth_states_pkey"),
    _of_user("oauth_states"),
)

login_steps = Table(
    "login_steps",
    metadata,
    Column("step_hash", Text, nullable=False),
    Column("browser_hash", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("step_hash", name="login_steps_pkey"),
    Index("login_steps_expires_at_idx", "expires_at"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("code_hash", name="invitations_pkey"),
)

exercise_catalog = Table(
    "exercise_catalog",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("body_part", Text, nullable=False),
    Column("modality", Text, nullable=False),
    PrimaryKeyConstraint("id", name="exercise_catalog_pkey"),
    Index("exercise_catalog_name_lower_key", text("lower(name)"), unique=True),
)

exercises = Table(
    "exercises",
    metadata,
    _user_id(),
    _uuid("id"),
    Column("catalog_id", Uuid),
    Column("name", Text, nullable=False),
    Column("body_part", Text),
    Column("modality", Text),
    Column("notes", Text),
    *_versioned(),
    *_times(),
    Column("external_id", Text),
    Column("name_key", Text),
    Column("is_assisted", Boolean),
    Column("merged_into", Uuid),
    PrimaryKeyConstraint("user_id", "id", name="exercises_pkey"),
    _of_user("exercises"),
    _references("exercises", "merged_into", "exercises", "id"),
    Index("uq_exercises_user_name_lower", "user_id", text("lower(name)"), unique=True),
    Index("exercises_name_key_key", "user_id", "name_key", unique=True, postgresql_where=text("name_key IS NOT NULL")),
    Index(
        "exercises_external_id_key",
        "user_id",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index(
        "exercises_catalog_id_key",
        "user_id",
        "catalog_id",
        unique=True,
        postgresql_where=text("catalog_id IS NOT NULL"),
    ),
)

exercises_history = Table(
    "exercises_history",
    metadata,
    *_version_of("exercise_id", Uuid),
    Column("name", Text, nullable=False),
    Column("body_part", Text),
    Column("modality", Text),
    Column("notes", Text),
    *_change(),
    Column("is_assisted", Boolean),
    Column("merged_into", Uuid),
    *_history_keys("exercises_history", "exercise_id", "exercises"),
)

exercise_names = Table(
    "exercise_names",
    metadata,
    _user_id(),
    Column("name_key", Text, nullable=False),
    Column("exercise_id", Uuid, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "name_key", name="exercise_names_pkey"),
    _references("exercise_names", "exercise_id", "exercises", "id", ondelete="CASCADE"),
)

workouts = Table(
    "workouts",
    metadata,
    _user_id(),
    _uuid("id"),
    Column("workout_type", Text, nullable=False),
    Column("title", Text),
    Column("start_ts", Instant, nullable=False),
    Column("end_ts", Instant),
    Column("finished_at", Instant),
    Column("calories_burned", Double),
    Column("notes", Text),
    Column("source", Text, server_default=text("'Manual'"), nullable=False),
    Column("external_id", Text),
    Column("provider_values", JSONB),
    Column("client_uuid", Uuid),
    Column("client_request", Text),
    Column("live_edits", Integer, server_default=text("0"), nullable=False),
    Column("parts_changed_at", Instant),
    *_versioned(),
    *_times(),
    Column("conflicts", JSONB),
    Column("duplicate_of", Uuid),
    *_recorded(),
    PrimaryKeyConstraint("user_id", "id", name="workouts_pkey"),
    *_duplicate_of("workouts"),
    _of_user("workouts"),
    Index(
        "uq_workouts_user_client_uuid_not_null",
        "user_id",
        "client_uuid",
        unique=True,
        postgresql_where=text("client_uuid IS NOT NULL"),
    ),
    Index(
        "workouts_external_id_key",
        "user_id",
        "source",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index("workouts_deleted_idx", "user_id", "start_ts", postgresql_where=text("deleted_at IS NOT NULL")),
    Index(
        "workouts_user_time",
        "user_id",
        text("start_ts DESC"),
        postgresql_include=["id", "workout_type", "end_ts", "finished_at", "calories_burned", "deleted_at"],
        postgresql_where=text("deleted_at IS NULL"),
    ),
)

workouts_merges = _merges("workouts", "workout_id", Uuid)


def _of_activity(table: str) -> list[SchemaItem]:
    """Return the keys and indexes of a table whose rows belong to a run or a workout, and to a changeset."""
    columns = {"run_id": "runs", "workout_id": "workouts"}
    return [
        _references(table, "changeset_id", "changesets", "changeset_id", ondelete="CASCADE"),
        *(_references(table, column, noun, "id", ondelete="CASCADE") for column, noun in columns.items()),
        *(
            Index(f"{table}_{column}_idx", "user_id", column, postgresql_where=text(f"{column} IS NOT NULL"))
            for column in columns
        ),
        Index(f"{table}_changeset_id_idx", "user_id", "changeset_id"),
    ]


def _without_points(of: str, key: str, key_type: type) -> Table:
    """Return the table of the records of a noun of which their provider has no points."""
    table = f"{of}_without_points"
    return Table(
        table,
        metadata,
        _user_id(),
        Column(key, key_type, nullable=False),
        Column("created_at", Instant, server_default=text("now()"), nullable=False),
        PrimaryKeyConstraint("user_id", key, name=f"{table}_pkey"),
        _references(table, key, of, "id", ondelete="CASCADE"),
    )


runs_without_points = _without_points("runs", "run_id", Text)
workouts_without_points = _without_points("workouts", "workout_id", Uuid)

activity_keys = Table(
    "activity_keys",
    metadata,
    _user_id(),
    Column("key", Text, nullable=False),
    Column("run_id", Text),
    Column("workout_id", Uuid),
    Column("changeset_id", BigInteger, nullable=False),
    Column("reason", Text),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    Column("source_key", Text),
    PrimaryKeyConstraint("user_id", "key", name="activity_keys_pkey"),
    *_of_activity("activity_keys"),
)

activity_sources = Table(
    "activity_sources",
    metadata,
    _user_id(),
    Column("key", Text, nullable=False),
    Column("changeset_id", BigInteger, nullable=False),
    Column("run_id", Text),
    Column("workout_id", Uuid),
    Column("source", Text, nullable=False),
    Column("provider_values", JSONB, nullable=False),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "key", "changeset_id", name="activity_sources_pkey"),
    *_of_activity("activity_sources"),
)

separations = Table(
    "separations",
    metadata,
    _user_id(),
    Column("changeset_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("run_id", Text),
    Column("workout_id", Uuid),
    Column("new_run_id", Text),
    Column("new_workout_id", Uuid),
    Column("created_at", Instant, server_default=text("now()"), nullable=False),
    PrimaryKeyConstraint("user_id", "changeset_id", "key", name="separations_pkey"),
    _references("separations", "changeset_id", "changesets", "changeset_id", ondelete="CASCADE"),
    *(
        _references("separations", column, noun, "id", ondelete="CASCADE")
        for noun, columns in {"runs": ("run_id", "new_run_id"), "workouts": ("workout_id", "new_workout_id")}.items()
        for column in columns
    ),
)

workouts_history = Table(
    "workouts_history",
    metadata,
    *_version_of("workout_id", Uuid),
    Column("workout_type", Text, nullable=False),
    Column("title", Text),
    Column("start_ts", Instant, nullable=False),
    Column("end_ts", Instant),
    Column("finished_at", Instant),
    Column("calories_burned", Double),
    Column("notes", Text),
    Column("source", Text, nullable=False),
    Column("exercise_executions", JSON, nullable=False),
    Column("cardio_session", JSON),
    Column("rep_session", JSON),
    *_change(),
    Column("duplicate_of", Uuid),
    Column("begun_at", Instant),
    *_recorded(),
    Column("working_exercise_id", ARRAY(Uuid)),
    Column("working_set_index", ARRAY(Integer)),
    Column("working_weight", ARRAY(Double)),
    Column("working_weight_unit", ARRAY(Text)),
    Column("working_reps", ARRAY(Integer)),
    Column("working_distance_miles", ARRAY(Double)),
    *_history_keys("workouts_history", "workout_id", "workouts"),
    # Without the times of change: a version in progress, which grows, then gets no new entries in the indexes.
    Index("workouts_history_start_ts_idx", "user_id", "start_ts"),
)

exercise_executions = Table(
    "exercise_executions",
    metadata,
    _user_id(),
    Column("workout_id", Uuid, nullable=False),
    Column("exercise_id", Uuid, nullable=False),
    Column("execution_order", Integer, nullable=False),
    Column("note", Text),
    *_times(),
    PrimaryKeyConstraint("user_id", "workout_id", "exercise_id", name="exercise_executions_pkey"),
    _references("exercise_executions", "workout_id", "workouts", "id", ondelete="CASCADE"),
    _references("exercise_executions", "exercise_id", "exercises", "id"),
    Index("exercise_executions_exercise_id_idx", "user_id", "exercise_id", "workout_id"),
)

strength_sets = Table(
    "strength_sets",
    metadata,
    _user_id(),
    _uuid("id"),
    Column("workout_id", Uuid, nullable=False),
    Column("exercise_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("set_index", Integer, nullable=False),
    Column("set_type", Text, server_default=text("'normal'"), nullable=False),
    Column("weight", Double),
    Column("weight_unit", Text, server_default=text("'lb'"), nullable=False),
    Column("reps", Integer),
    Column("forced_reps", Integer),
    Column("rpe", Double),
    Column("duration_seconds", Double),
    Column("distance_miles", Double),
    Column("superset_id", Integer),
    Column("note", Text),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="strength_sets_pkey"),
    UniqueConstraint(
        "user_id",
        "workout_id",
        "exercise_id",
        "set_index",
        name="strength_sets_set_index_key",
        postgresql_include=["set_type", "weight", "weight_unit", "reps", "distance_miles"],
    ),
    ForeignKeyConstraint(
        ["user_id", "workout_id", "exercise_id"],
        ["exercise_executions.user_id", "exercise_executions.workout_id", "exercise_executions.exercise_id"],
        name="strength_sets_exercise_execution_fkey",
        ondelete="CASCADE",
    ),
    Index("strength_sets_workout_order", "user_id", "workout_id", "set_index"),
)

added_sets = Table(
    "added_sets",
    metadata,
    _user_id(),
    Column("client_uuid", Uuid, nullable=False),
    Column("request", Text, nullable=False),
    Column("answer", JSONB),
    *_times(),
    PrimaryKeyConstraint("user_id", "client_uuid", name="added_sets_pkey"),
    _of_user("added_sets"),
)

cardio_sessions = Table(
    "cardio_sessions",
    metadata,
    _user_id(),
    _uuid("id"),
    Column("workout_id", Uuid, nullable=False),
    Column("distance_miles", Double),
    Column("duration_seconds", Double),
    Column("speed_mph", Double),
    Column("incline_percent", Double),
    Column("avg_heart_rate", Double),
    *_times(),
    Column("sport", Text),
    *(Column(name, Double) for name in ("ascent", "max_heart_rate", "avg_cadence", "avg_power", "temperature")),
    PrimaryKeyConstraint("user_id", "id", name="cardio_sessions_pkey"),
    UniqueConstraint("user_id", "workout_id", name="cardio_sessions_workout_id_key"),
    _references("cardio_sessions", "workout_id", "workouts", "id", ondelete="CASCADE"),
)

rep_sessions = Table(
    "rep_sessions",
    metadata,
    _user_id(),
    _uuid("id"),
    Column("workout_id", Uuid, nullable=False),
    Column("exercise_type", Text, nullable=False),
    Column("reps_count", Integer, nullable=False),
    Column("duration_seconds", Integer, nullable=False),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="rep_sessions_pkey"),
    UniqueConstraint("user_id", "workout_id", name="rep_sessions_workout_id_key"),
    _references("rep_sessions", "workout_id", "workouts", "id", ondelete="CASCADE"),
)


def _selection_and_link() -> list[Column]:
    """Return the columns of what a person makes of a planned workout, and of what fulfils it."""
    return [
        Column("is_selected", Boolean, server_default=text("true"), nullable=False),
        Column("current_plan_day", Date),
        Column("time_of_day", Text),
        Column("workout_location", Text),
        Column("user_notes", Text),
        Column("run_id", Text),
        Column("workout_id", Uuid),
    ]


planned_workouts = Table(
    "planned_workouts",
    metadata,
    _user_id(),
    # Numbered by the program; the sequence is that of the release before.
    Column("id", BigInteger, Identity(), nullable=False),
    Column("title", Text, nullable=False),
    Column("workout_type", Text, nullable=False),
    Column("description", Text),
    Column("originally_planned_day", Date, nullable=False),
    Column("planned_duration_hours", Double),
    Column("planned_distance_meters", Double),
    Column("coach_comments", Text),
    Column("tss", Double),
    Column("intensity_factor", Double),
    Column("is_custom", Boolean, server_default=text("true"), nullable=False),
    Column("external_id", Text),
    Column("provider_values", JSONB),
    Column("conflicts", JSONB),
    Column("client_uuid", Uuid),
    *_versioned(),
    *_times(),
    Column("duplicate_of", BigInteger),
    *_selection_and_link(),
    PrimaryKeyConstraint("user_id", "id", name="planned_workouts_pkey"),
    *_duplicate_of("planned_workouts"),
    _references("planned_workouts", "run_id", "runs", "id"),
    _references("planned_workouts", "workout_id", "workouts", "id"),
    *(
        Index(f"planned_workouts_{name}_idx", "user_id", name, postgresql_where=text(f"{name} IS NOT NULL"))
        for name in ("run_id", "workout_id")
    ),
    _of_user("planned_workouts"),
    Index(
        "planned_workouts_external_id_key",
        "user_id",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index(
        "planned_workouts_client_uuid_key",
        "user_id",
        "client_uuid",
        unique=True,
        postgresql_where=text("client_uuid IS NOT NULL"),
    ),
    Index("planned_workouts_originally_planned_day_idx", "user_id", "originally_planned_day"),
)

planned_workouts_merges = _merges("planned_workouts", "planned_workout_id", BigInteger)

planned_workouts_history = Table(
    "planned_workouts_history",
    metadata,
    *_version_of("planned_workout_id", BigInteger),
    Column("title", Text, nullable=False),
    Column("workout_type", Text, nullable=False),
    Column("description", Text),
    Column("originally_planned_day", Date, nullable=False),
    Column("planned_duration_hours", Double),
    Column("planned_distance_meters", Double),
    Column("coach_comments", Text),
    Column("tss", Double),
    Column("intensity_factor", Double),
    Column("is_custom", Boolean, nullable=False),
    *_change(),
    Column("duplicate_of", BigInteger),
    *_selection_and_link(),
    *_history_keys("planned_workouts_history", "planned_workout_id", "planned_workouts"),
)

# The tables of selections and links of before migration 0026, which a later release drops.
workout_selections = Table(
    "workout_selections",
    metadata,
    _user_id(),
    _number("id"),
    Column("workout_id", BigInteger, nullable=False),
    Column("is_selected", Boolean, server_default=text("true"), nullable=False),
    Column("current_plan_day", Date),
    Column("time_of_day", Text),
    Column("workout_location", Text),
    Column("user_notes", Text),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="workout_selections_pkey"),
    UniqueConstraint("user_id", "workout_id", name="uq_workout_selections_workout_id"),
    _references("workout_selections", "workout_id", "planned_workouts", "id", ondelete="CASCADE"),
)

plan_links = Table(
    "plan_links",
    metadata,
    _user_id(),
    Column("planned_workout_id", BigInteger, nullable=False),
    Column("run_id", Text),
    Column("workout_id", Uuid),
    *_times(),
    PrimaryKeyConstraint("user_id", "planned_workout_id", name="plan_links_pkey"),
    UniqueConstraint("user_id", "run_id", name="plan_links_run_id_key"),
    UniqueConstraint("user_id", "workout_id", name="plan_links_workout_id_key"),
    _references("plan_links", "planned_workout_id", "planned_workouts", "id", ondelete="CASCADE"),
    _references("plan_links", "run_id", "runs", "id", ondelete="CASCADE"),
    _references("plan_links", "workout_id", "workouts", "id", ondelete="CASCADE"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _user_id(),
    Column("key", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    *_times(),
    PrimaryKeyConstraint("user_id", "key", name="idempotency_keys_pkey"),
    _of_user("idempotency_keys"),
    Index("idempotency_keys_created_at_idx", "user_id", "created_at"),
)
