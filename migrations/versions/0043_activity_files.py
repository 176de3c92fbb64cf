"""Runs and workouts can come from files of activities, workouts from files of lifting apps, too."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE runs
        DROP CONSTRAINT runs_source_check,
        ADD CONSTRAINT runs_source_check CHECK (
            source IN (
                'MapMyFitness', 'Strava', 'Manual', 'FIT', 'GPX', 'TCX', 'Runkeeper', 'Polar', 'Google Fit'
            )
        )
    """)
    op.execute("""
        ALTER TABLE workouts
        DROP CONSTRAINT workouts_source_check,
        ADD CONSTRAINT workouts_source_check CHECK (
            source IN (
                'Manual', 'Hevy', 'Strava', 'MapMyFitness', 'FIT', 'GPX', 'TCX', 'Runkeeper', 'Polar', 'Google Fit',
                'Strong', 'FitNotes', 'Fitbod', 'StrongLifts'
            )
        )
    """)


def downgrade() -> None:
    # Fails, and changes nothing, while there are records from files: they would be lost.
    op.execute("""
        ALTER TABLE workouts
        DROP CONSTRAINT workouts_source_check,
        ADD CONSTRAINT workouts_source_check CHECK (source IN ('Manual', 'Hevy', 'Strava', 'MapMyFitness'))
    """)
    op.execute("""
        ALTER TABLE runs
        DROP CONSTRAINT runs_source_check,
        ADD CONSTRAINT runs_source_check CHECK (source IN ('MapMyFitness', 'Strava', 'Manual'))
    """)
