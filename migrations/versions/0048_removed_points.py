"""Points that a person has removed from one record stay as long as another record names them.

A record and its versions go on naming removed points; that they are gone for this record is said here. What sources say
of activities counts for the quota.
"""

from alembic import op

from migrations.tenancy import user_table

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE removed_points (
            user_id bigint NOT NULL,
            record_id text NOT NULL,
            points_id text NOT NULL,
            CONSTRAINT removed_points_pkey PRIMARY KEY (user_id, record_id, points_id),
            CONSTRAINT removed_points_points_id_fkey
                FOREIGN KEY (user_id, points_id) REFERENCES activity_points (user_id, points_id) ON DELETE CASCADE,
            CONSTRAINT removed_points_record_id_range CHECK (char_length(record_id) <= 200),
            CONSTRAINT removed_points_points_id_range CHECK (points_id ~ '^[0-9a-f]{64}$')
        )
    """)
    user_table("removed_points", "SELECT, INSERT, DELETE")
    _count_sources("+")


def _count_sources(sign: str) -> None:
    """Add what sources say of activities to the bytes that count for the quota of an account, or take it away."""
    op.execute(f"""
        UPDATE change_counters AS c
        SET bytes = c.bytes {sign} said.bytes, most_bytes = NULL
        FROM (
            SELECT user_id, sum(
                100 + coalesce(octet_length(run_id), 0) + octet_length(key) + octet_length(source)
                + octet_length(CAST(provider_values AS text))
            ) AS bytes
            FROM activity_sources
            GROUP BY user_id
        ) AS said
        WHERE said.user_id = c.user_id
    """)


def downgrade() -> None:
    _count_sources("-")
    # What a person has removed must not come back.
    op.execute("""
        DELETE FROM activity_points AS p
        USING removed_points AS r
        WHERE r.user_id = p.user_id
          AND r.points_id = p.points_id
    """)
    op.execute("DROP TABLE removed_points")
