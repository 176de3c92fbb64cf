"""Runs and workouts have the time zone in which they began, and where it came from; files have their number of laps."""

from alembic import op

from migrations import as_of

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLES = ("runs", "runs_history", "workouts", "workouts_history")
ZONE = """
    CASE jsonb_typeof(time_zone)
        WHEN 'object' THEN (
            time_zone - 'name' - 'source' = '{}'
            AND char_length(time_zone ->> 'name') BETWEEN 1 AND 100
            AND time_zone ->> 'source' IN ('provider', 'file', 'answer', 'account', 'person')
        ) IS TRUE
        ELSE time_zone IS NULL
    END
"""


def upgrade() -> None:
    as_of.drop_views()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN time_zone jsonb")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_time_zone_range CHECK ({ZONE})")
    # The versions of workouts in progress are amended.
    op.execute("GRANT UPDATE (time_zone) ON workouts_history TO fitness_app")
    as_of.create_views(revision)
    op.execute("ALTER TABLE record_files ADD COLUMN laps integer")
    op.execute("ALTER TABLE record_files ADD CONSTRAINT record_files_laps_range CHECK (laps BETWEEN 0 AND 1000000)")
    op.execute("GRANT UPDATE (laps) ON record_files TO fitness_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (laps) ON record_files FROM fitness_app")
    op.execute("ALTER TABLE record_files DROP COLUMN laps")
    as_of.drop_views()
    op.execute("REVOKE UPDATE (time_zone) ON workouts_history FROM fitness_app")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN time_zone")
    as_of.create_views(down_revision)
