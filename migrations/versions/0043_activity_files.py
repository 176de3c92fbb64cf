"""Runs and workouts can come from files of activities, workouts from files of lifting apps, too."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


OF_RUNS = ("MapMyFitness", "Strava", "Manual")
OF_WORKOUTS = ("Manual", "Hevy", "Strava", "MapMyFitness")
OF_ACTIVITIES = ("FIT", "GPX", "TCX", "Runkeeper", "Polar", "Google Fit")
OF_LIFTS = ("Strong", "FitNotes", "Fitbod", "StrongLifts")


def upgrade() -> None:
    _set_sources("runs", (*OF_RUNS, *OF_ACTIVITIES))
    _set_sources("workouts", (*OF_WORKOUTS, *OF_ACTIVITIES, *OF_LIFTS))


def downgrade() -> None:
    # Fails, and changes nothing, while there are records from files: they would be lost.
    _set_sources("workouts", OF_WORKOUTS)
    _set_sources("runs", OF_RUNS)


def _set_sources(table: str, sources: tuple[str, ...]) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_source_check")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_source_check CHECK (source IN {sources})")
