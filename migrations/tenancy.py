"""The second lock: row-level security on a table of user data, for the role that requests assume."""

from alembic import op


def protect(table: str, privileges: str) -> None:
    """Let `fitness_app` have the privileges on the table, but only on rows of the transaction's user.

    Without a user the setting is empty or absent, the comparison null, and no row visible or writable.
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
