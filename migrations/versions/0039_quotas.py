"""The versions of each user are counted, and their bytes with those of added sets; quotas limit both.

The text of a version has the same size whether it was compressed or not.
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

HISTORIES = ("shoes_history", "runs_history", "exercises_history", "workouts_history", "planned_workouts_history")


def upgrade() -> None:
    op.execute("""
        ALTER TABLE change_counters
        ADD COLUMN versions bigint NOT NULL DEFAULT 0,
        ADD COLUMN bytes bigint NOT NULL DEFAULT 0,
        ADD COLUMN most_versions bigint,
        ADD COLUMN most_bytes bigint,
        ADD CONSTRAINT change_counters_versions_quota CHECK (versions <= most_versions),
        ADD CONSTRAINT change_counters_bytes_quota CHECK (bytes <= most_bytes)
    """)
    # As the program counts: the text of an instant has its zone.
    op.execute("SET LOCAL TimeZone = 'UTC'")
    sizes = " UNION ALL ".join(
        f"SELECT user_id, octet_length(CAST(t AS text)) AS size, {is_version} AS is_version FROM {table} AS t"
        for table, is_version in (*((history, True) for history in HISTORIES), ("added_sets", False))
    )
    op.execute(f"""
        INSERT INTO change_counters (user_id, versions, bytes)
        SELECT v.user_id, count(*) FILTER (WHERE v.is_version), sum(v.size)
        FROM ({sizes}) AS v
        GROUP BY v.user_id
        ON CONFLICT (user_id) DO UPDATE SET versions = excluded.versions, bytes = excluded.bytes
    """)


def downgrade() -> None:
    op.execute("""
        ALTER TABLE change_counters
        DROP COLUMN versions,
        DROP COLUMN bytes,
        DROP COLUMN most_versions,
        DROP COLUMN most_bytes
    """)
