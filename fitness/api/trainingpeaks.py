"""Imports of plans from TrainingPeaks."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.readers import trainingpeaks
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

# Apart from the other calls of planned workouts, whose bodies need not be as large.
blp = Blueprint("trainingpeaks", __name__, url_prefix="/planned-workouts", description="Imports of plans")


def _load(stream: BinaryIO, _zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_planned_workouts(
        trainingpeaks.parse(stream), Report(dry_run=dry_run), source="TrainingPeaks", actor=actor
    )


add_upload(
    blp,
    path="/import",
    summary="Import a plan",
    description="""A CSV file as TrainingPeaks exports it, or one with some of its columns: `Title`, `WorkoutType` and
`WorkoutDay` must be there. Planned workouts go in, once for each day and title; those that are here already follow the
file in what you have not changed. Rows that were done without having been planned are counted as skipped, and rows that
cannot be read are listed. The file's days have no zone.""",
    load=_load,
)
