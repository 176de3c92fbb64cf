"""Row-level security on tables of user data, for the role that requests use."""

from alembic import op


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
