"""Runs and workouts can come from the exports of Garmin and Apple Health, and from tables of any kind, too."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


OF_RUNS = ("MapMyFitness", "Strava", "Manual")
OF_WORKOUTS = ("Manual", "Hevy", "Strava", "MapMyFitness")
OF_ACTIVITIES = ("FIT", "GPX", "TCX", "Runkeeper", "Polar", "Google Fit")
OF_LIFTS = ("Strong", "FitNotes", "Fitbod", "StrongLifts")
OF_EXPORTS = ("Garmin", "Apple Health", "CSV")


def upgrade() -> None:
    _set_sources("runs", (*OF_RUNS, *OF_ACTIVITIES, *OF_EXPORTS))
    _set_sources("workouts", (*OF_WORKOUTS, *OF_ACTIVITIES, *OF_LIFTS, *OF_EXPORTS))


def downgrade() -> None:
    # Fails, and changes nothing, while there are records of these sources: they would be lost.
    _set_sources("workouts", (*OF_WORKOUTS, *OF_ACTIVITIES, *OF_LIFTS))
    _set_sources("runs", (*OF_RUNS, *OF_ACTIVITIES))


def _set_sources(table: str, sources: tuple[str, ...]) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_source_check")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_source_check CHECK (source IN {sources})")
