"""Runs and workouts have what a device measured besides distance and time; their points and files are kept beside them.

A record and its versions name their points by a hash, without a foreign key: points can be removed for good, and a
version that names them stays.
"""

from alembic import op

from migrations import as_of
from migrations.ranges import INSTANT
from migrations.tenancy import user_table

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

NUMBERS = {
    "elapsed": (0, 3_600_000),
    "ascent": (0, 100_000),
    "calories": (0, 100_000),
    "max_heart_rate": (20, 300),
    "avg_cadence": (0, 300),
    "avg_power": (0, 5_000),
    "temperature": (-90, 90),
}
"""Column → lowest and highest value."""
TEXTS = {"device": "char_length(device) BETWEEN 1 AND 200", "points_id": "points_id ~ '^[0-9a-f]{64}$'"}
"""Column → what holds for it."""
IN_RUNS = (*NUMBERS, *TEXTS)
IN_SESSIONS = ("ascent", "max_heart_rate", "avg_cadence", "avg_power", "temperature")
CREATED = INSTANT.format("created_at")
COLUMNS = {
    "runs": IN_RUNS,
    "runs_history": IN_RUNS,
    "workouts": tuple(TEXTS),
    "workouts_history": tuple(TEXTS),
    "cardio_sessions": IN_SESSIONS,
}


def upgrade() -> None:
    as_of.drop_views()
    for table, columns in COLUMNS.items():
        added = (f"ADD COLUMN {name} {'text' if name in TEXTS else 'double precision'}" for name in columns)
        op.execute(f"ALTER TABLE {table} {', '.join(added)}")
        for name in columns:
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_range CHECK ({_holds(name)})")
    # The versions of workouts in progress are amended.
    op.execute("GRANT UPDATE (device, points_id) ON workouts_history TO fitness_app")
    as_of.create_views(revision)
    _create_tables()


def _holds(column: str) -> str:
    return TEXTS.get(column) or "{} BETWEEN {} AND {}".format(column, *NUMBERS[column])


def _create_tables() -> None:
    op.execute(f"""
        CREATE TABLE activity_points (
            user_id bigint NOT NULL,
            points_id text NOT NULL,
            content bytea NOT NULL,
            laps jsonb NOT NULL DEFAULT '[]',
            pauses jsonb NOT NULL DEFAULT '[]',
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT activity_points_pkey PRIMARY KEY (user_id, points_id),
            CONSTRAINT activity_points_points_id_range CHECK (points_id ~ '^[0-9a-f]{{64}}$'),
            CONSTRAINT activity_points_created_at_range CHECK ({CREATED})
        )
    """)
    # The content is packed already.
    op.execute("ALTER TABLE activity_points ALTER COLUMN content SET STORAGE EXTERNAL")
    user_table("activity_points", "SELECT, INSERT, DELETE", names_user=True)
    op.execute("""
        CREATE TABLE activity_efforts (
            user_id bigint NOT NULL,
            points_id text NOT NULL,
            effort text NOT NULL,
            seconds real NOT NULL,
            CONSTRAINT activity_efforts_pkey PRIMARY KEY (user_id, points_id, effort),
            CONSTRAINT activity_efforts_points_id_fkey
                FOREIGN KEY (user_id, points_id) REFERENCES activity_points (user_id, points_id) ON DELETE CASCADE,
            CONSTRAINT activity_efforts_points_id_range CHECK (points_id ~ '^[0-9a-f]{64}$'),
            CONSTRAINT activity_efforts_effort_range CHECK (char_length(effort) <= 50),
            CONSTRAINT activity_efforts_seconds_range CHECK (seconds BETWEEN 0 AND 3600000)
        )
    """)
    user_table("activity_efforts", "SELECT, INSERT, DELETE")
    op.execute(f"""
        CREATE TABLE activity_files (
            user_id bigint NOT NULL,
            sha256 text NOT NULL,
            kind text NOT NULL,
            size integer NOT NULL,
            content bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT activity_files_pkey PRIMARY KEY (user_id, sha256),
            CONSTRAINT activity_files_sha256_range CHECK (sha256 ~ '^[0-9a-f]{{64}}$'),
            CONSTRAINT activity_files_kind_range CHECK (char_length(kind) <= 50),
            CONSTRAINT activity_files_size_range CHECK (size BETWEEN 0 AND 67108864),
            CONSTRAINT activity_files_created_at_range CHECK ({CREATED})
        )
    """)
    # The content is packed already.
    op.execute("ALTER TABLE activity_files ALTER COLUMN content SET STORAGE EXTERNAL")
    user_table("activity_files", "SELECT, INSERT, DELETE", names_user=True)
    # `place` numbers the activities in the file, from 1 on.
    op.execute(f"""
        CREATE TABLE record_files (
            user_id bigint NOT NULL,
            record_id text NOT NULL,
            sha256 text NOT NULL,
            place integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT record_files_pkey PRIMARY KEY (user_id, record_id, sha256, place),
            CONSTRAINT record_files_sha256_fkey
                FOREIGN KEY (user_id, sha256) REFERENCES activity_files (user_id, sha256) ON DELETE CASCADE,
            CONSTRAINT record_files_sha256_range CHECK (sha256 ~ '^[0-9a-f]{{64}}$'),
            CONSTRAINT record_files_record_id_range CHECK (char_length(record_id) <= 200),
            CONSTRAINT record_files_place_range CHECK (place BETWEEN 1 AND 1000000000),
            CONSTRAINT record_files_created_at_range CHECK ({CREATED})
        )
    """)
    user_table("record_files", "SELECT, INSERT, DELETE")


def downgrade() -> None:
    op.execute("""
        UPDATE change_counters AS c
        SET bytes = c.bytes - stored.bytes, most_bytes = NULL
        FROM (
            SELECT s.user_id, sum(s.size) AS bytes
            FROM (
                SELECT user_id, 100 + octet_length(points_id) + octet_length(content)
                    + octet_length(CAST(laps AS text)) + octet_length(CAST(pauses AS text)) AS size
                FROM activity_points
                UNION ALL
                SELECT user_id, 100 + octet_length(sha256) + octet_length(kind) + octet_length(content)
                FROM activity_files
            ) AS s
            GROUP BY s.user_id
        ) AS stored
        WHERE stored.user_id = c.user_id
    """)
    for table in ("record_files", "activity_files", "activity_efforts", "activity_points"):
        op.execute(f"DROP TABLE {table}")
    as_of.drop_views()
    op.execute("REVOKE UPDATE (device, points_id) ON workouts_history FROM fitness_app")
    for table, columns in COLUMNS.items():
        dropped = (f"DROP COLUMN {name}" for name in columns)
        op.execute(f"ALTER TABLE {table} {', '.join(dropped)}")
    as_of.create_views(down_revision)
