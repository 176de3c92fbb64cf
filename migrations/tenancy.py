"""Tables of user data: distributed by user where the database is a Citus cluster, with row-level security everywhere.

Migrations keep these rules, so that they run in a cluster, too: a new table of user data goes to `user_table` before
the next one is made, and has its foreign key to `users` from there; ADD CONSTRAINT stands alone in its ALTER TABLE; an
identity column comes with its table; no triggers; a foreign key has neither SET NULL nor ON UPDATE CASCADE; what
`ALTER COLUMN … SET STORAGE` says is said of new tables alone.
"""

from alembic import op
from sqlalchemy import text


def user_table(table: str, privileges: str, *, names_user: bool = False) -> None:
    """Make a new, empty table with a `user_id` one of user data, on which `fitness_app` has the privileges.

    With `names_user`, a foreign key leads to `users`; a table that has one, and one to a distributed table as well,
    could not be distributed.
    """
    if _is_distributed():
        op.execute(f"SELECT create_distributed_table('{table}', 'user_id', colocate_with => 'changesets')")
        op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO fitness_app")
    if names_user:
        op.execute(f"""
            ALTER TABLE {table} ADD CONSTRAINT {table}_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
        """)
    protect(table, privileges)


def _is_distributed() -> bool:
    connection = op.get_bind()
    if not connection.scalar(text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")):
        return False
    return connection.scalar(
        text("SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = CAST('changesets' AS regclass))")
    )


def protect(table: str, privileges: str) -> None:
    """Grant `fitness_app` the privileges on the table, limited to rows of the transaction's user.

    Without a user the setting is empty or missing: the comparison is null, and no row is visible or writable.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"""
        CREATE POLICY {table}_of_user ON {table} TO fitness_app
        USING (user_id = nullif(current_setting('fitness.user_id', true), '')\\:\\:bigint)
        WITH CHECK (user_id = nullif(current_setting('fitness.user_id', true), '')\\:\\:bigint)
        """
    )
    op.execute(f"GRANT {privileges} ON {table} TO fitness_app")
