"""The account at a provider that a sync read, and the one whose calendar has an event: a person may connect another."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

TABLES = ("changesets", "synced_runs", "synced_workouts")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN account_id text")
        op.execute(f"""
            ALTER TABLE {table}
            ADD CONSTRAINT {table}_account_id_range CHECK (char_length(account_id) <= 200)
        """)
    # What came while the connection was another one, nobody knows any more.
    op.execute("""
        UPDATE changesets AS c
        SET account_id = left(o.account_id, 200)
        FROM oauth_credentials AS o
        WHERE o.user_id = c.user_id
          AND o.provider = lower(c.source)
          AND c.kind = 'sync'
          AND c.created_at >= o.created_at
    """)
    for table in TABLES[1:]:
        op.execute(f"""
            UPDATE {table} AS s
            SET account_id = left(o.account_id, 200)
            FROM oauth_credentials AS o
            WHERE o.user_id = s.user_id
              AND o.provider = 'google'
              AND s.synced_at >= o.created_at
        """)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN account_id")
