"""The log as it was at an instant, and when the version of a workout in progress began."""

from alembic import op

from migrations import as_of

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE workouts_history ADD COLUMN begun_at timestamptz")
    # Version 1 began when the workout was created; of other versions that grew until now, the begin is not known.
    op.execute("""
        UPDATE workouts_history AS h
        SET begun_at = w.created_at
        FROM workouts AS w
        WHERE w.user_id = h.user_id
          AND w.id = h.workout_id
          AND h.version_number = 1
          AND h.changed_at > w.created_at
    """)
    op.execute("GRANT UPDATE (begun_at) ON workouts_history TO fitness_app")
    op.execute("CREATE SCHEMA as_of")
    op.execute("GRANT USAGE ON SCHEMA as_of TO fitness_app")
    op.execute("""
        CREATE FUNCTION as_of.now() RETURNS timestamptz
        LANGUAGE sql STABLE PARALLEL SAFE
        RETURN current_setting('fitness.as_of')::timestamptz
    """)
    op.execute("CREATE INDEX runs_history_changed_at_idx ON runs_history (user_id, changed_at, run_id)")
    as_of.create_views(revision)


def downgrade() -> None:
    as_of.drop_views()
    op.execute("DROP INDEX runs_history_changed_at_idx")
    op.execute("DROP FUNCTION as_of.now()")
    op.execute("DROP SCHEMA as_of")
    op.execute("ALTER TABLE workouts_history DROP COLUMN begun_at")
