"""What a database that is sharded by user needs.

The bytes of an account are those of the texts of its versions, and 100 for all else of each: a statement that stores a
version cannot return more than that there. Statements set `updated_at` of credentials themselves.
"""

from alembic import op
from sqlalchemy import text

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

HISTORIES = ("shoes_history", "runs_history", "exercises_history", "workouts_history", "planned_workouts_history")


def upgrade() -> None:
    op.execute("DROP TRIGGER oauth_credentials_updated_at ON oauth_credentials")
    op.execute("DROP FUNCTION oauth_credentials_set_updated_at()")
    _count({table: _texts(table) for table in (*HISTORIES, "added_sets")})


def downgrade() -> None:
    op.execute("""
        CREATE FUNCTION oauth_credentials_set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.updated_at := now();
            RETURN NEW;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER oauth_credentials_updated_at BEFORE UPDATE ON oauth_credentials
        FOR EACH ROW EXECUTE FUNCTION oauth_credentials_set_updated_at()
    """)
    # The release before counts the text of the whole row, in which an instant has its zone.
    op.execute("SET LOCAL TimeZone = 'UTC'")
    _count(dict.fromkeys((*HISTORIES, "added_sets"), "octet_length(CAST(t AS text))"))


def _texts(table: str) -> str:
    """Return the SQL of the bytes of a row `t`."""
    columns = op.get_bind().execute(
        text("""
            SELECT attname
            FROM pg_attribute
            WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
              AND atttypid IN (CAST('text' AS regtype), CAST('json' AS regtype), CAST('jsonb' AS regtype))
        """),
        {"table": table},
    )
    return " + ".join(["100", *(f"coalesce(octet_length(CAST(t.{name} AS text)), 0)" for (name,) in columns)])


def _count(sizes: dict[str, str]) -> None:
    """Count the bytes of all accounts anew; `sizes` maps a table to the SQL of the bytes of its row `t`."""
    rows = " UNION ALL ".join(f"SELECT user_id, {size} AS size FROM {table} AS t" for table, size in sizes.items())
    op.execute(f"""
        UPDATE change_counters AS c
        SET bytes = counted.bytes, most_bytes = NULL
        FROM (SELECT v.user_id, sum(v.size) AS bytes FROM ({rows}) AS v GROUP BY v.user_id) AS counted
        WHERE counted.user_id = c.user_id
    """)
