"""The whole schema at a glance, as SQLAlchemy Core metadata; `alembic check` compares it with the database.

The program itself never queries through it. Roles, grants, row-level security, check constraints and the one
trigger are SQL in the migrations. Distances are miles, durations seconds, times `timestamptz`.
"""

from sqlalchemy import (
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
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

Instant = DateTime(timezone=True)


def _user_id() -> Column[int]:
    return Column("user_id", BigInteger, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, Identity(always=True), nullable=False)


def _times() -> list[Column]:
    return [
        Column("created_at", Instant, server_default=text("now()"), nullable=False),
        Column("updated_at", Instant, server_default=text("now()"), nullable=False),
    ]


def _of_user(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["user_id"], ["users.user_id"], name=f"{table}_user_id_fkey", ondelete="CASCADE")


def _references(table: str, column: str, target: str, target_column: str, ondelete: str | None = None):
    return ForeignKeyConstraint(
        ["user_id", column],
        [f"{target}.user_id", f"{target}.{target_column}"],
        name=f"{table}_{column}_fkey",
        ondelete=ondelete,
    )


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
    Column("is_admin", Boolean, server_default=text("false"), nullable=False),
    *_times(),
    PrimaryKeyConstraint("user_id", name="users_pkey"),
    UniqueConstraint("google_id", name="users_google_id_key"),
    Index("users_email_lower_key", text("lower(email)"), unique=True),
    Index("users_username_lower_key", text("lower(username)"), unique=True),
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
    Index("refresh_tokens_family_id_idx", "user_id", "family_id"),
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
    _number("changeset_id"),
    Column("kind", Text, nullable=False),
    Column("source", Text),
    Column("actor", Text),
    Column("reason", Text),
    Column("counts", JSONB, server_default=text("'{}'"), nullable=False),
    Column("reverts", BigInteger),
    Column("reverted_by", BigInteger),
    *_times(),
    PrimaryKeyConstraint("user_id", "changeset_id", name="changesets_pkey"),
    _of_user("changesets"),
    _references("changesets", "reverts", "changesets", "changeset_id"),
    _references("changesets", "reverted_by", "changesets", "changeset_id"),
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
    Column("version", Integer, server_default=text("1"), nullable=False),
    Column("last_edited_at", Instant),
    Column("last_edited_by", Text),
    Column("deleted_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="shoes_pkey"),
    UniqueConstraint("user_id", "name", name="shoes_user_id_name_key"),
    _of_user("shoes"),
    _references("shoes", "merged_into", "shoes", "id"),
)

shoes_history = Table(
    "shoes_history",
    metadata,
    _user_id(),
    _number("history_id"),
    Column("shoe_id", Text, nullable=False),
    Column("version_number", Integer, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("retired_at", Date),
    Column("notes", Text),
    Column("retirement_notes", Text),
    Column("merged_into", Text),
    Column("changed_at", Instant, server_default=text("now()"), nullable=False),
    Column("changed_by", Text),
    Column("change_reason", Text),
    Column("changeset_id", BigInteger),
    PrimaryKeyConstraint("user_id", "history_id", name="shoes_history_pkey"),
    UniqueConstraint("user_id", "shoe_id", "version_number", name="shoes_history_shoe_id_version_number_key"),
    _references("shoes_history", "shoe_id", "shoes", "id", ondelete="CASCADE"),
    _references("shoes_history", "changeset_id", "changesets", "changeset_id"),
    Index(
        "shoes_history_changeset_id_idx",
        "user_id",
        "changeset_id",
        postgresql_where=text("changeset_id IS NOT NULL"),
    ),
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
    Column("version", Integer, server_default=text("1"), nullable=False),
    Column("last_edited_at", Instant),
    Column("last_edited_by", Text),
    Column("deleted_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="runs_pkey"),
    _of_user("runs"),
    _references("runs", "shoe_id", "shoes", "id"),
    Index(
        "runs_user_id_client_uuid_key",
        "user_id",
        "client_uuid",
        unique=True,
        postgresql_where=text("client_uuid IS NOT NULL"),
    ),
    Index("runs_datetime_utc_idx", "user_id", "datetime_utc"),
    Index("runs_shoe_id_idx", "user_id", "shoe_id", postgresql_where=text("shoe_id IS NOT NULL")),
)

runs_history = Table(
    "runs_history",
    metadata,
    _user_id(),
    _number("history_id"),
    Column("run_id", Text, nullable=False),
    Column("version_number", Integer, nullable=False),
    Column("change_type", Text, nullable=False),
    Column("datetime_utc", Instant, nullable=False),
    Column("type", Text, nullable=False),
    Column("distance", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("source", Text, nullable=False),
    Column("avg_heart_rate", Double),
    Column("shoe_id", Text),
    Column("name", Text),
    Column("notes", Text),
    Column("changed_at", Instant, server_default=text("now()"), nullable=False),
    Column("changed_by", Text),
    Column("change_reason", Text),
    Column("changeset_id", BigInteger),
    PrimaryKeyConstraint("user_id", "history_id", name="runs_history_pkey"),
    UniqueConstraint("user_id", "run_id", "version_number", name="runs_history_run_id_version_number_key"),
    _references("runs_history", "run_id", "runs", "id", ondelete="CASCADE"),
    _references("runs_history", "changeset_id", "changesets", "changeset_id"),
    Index(
        "runs_history_changeset_id_idx",
        "user_id",
        "changeset_id",
        postgresql_where=text("changeset_id IS NOT NULL"),
    ),
)

synced_runs = Table(
    "synced_runs",
    metadata,
    _user_id(),
    _number("id"),
    Column("run_id", Text, nullable=False),
    Column("run_version", Integer, nullable=False),
    Column("google_event_id", Text),
    Column("synced_at", Instant),
    Column("sync_status", Text, nullable=False),
    Column("error_message", Text),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="synced_runs_pkey"),
    UniqueConstraint("user_id", "run_id", name="synced_runs_user_id_run_id_key"),
    _references("synced_runs", "run_id", "runs", "id", ondelete="CASCADE"),
)

sync_metadata = Table(
    "sync_metadata",
    metadata,
    _user_id(),
    Column("provider", Text, nullable=False),
    Column("last_synced_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "provider", name="sync_metadata_pkey"),
    _of_user("sync_metadata"),
)

oauth_credentials = Table(
    "oauth_credentials",
    metadata,
    _user_id(),
    _number("id"),
    Column("provider", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret", Text, nullable=False),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text, nullable=False),
    Column("expires_at", Instant),
    *_times(),
    PrimaryKeyConstraint("user_id", "id", name="oauth_credentials_pkey"),
    UniqueConstraint("user_id", "provider", name="oauth_credentials_user_id_provider_key"),
    _of_user("oauth_credentials"),
)
