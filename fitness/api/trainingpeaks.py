"""Import a plan from TrainingPeaks."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.readers import trainingpeaks
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

# A blueprint of its own, as uploads may be larger than the bodies of the other planned-workout calls.
blp = Blueprint("trainingpeaks", __name__, url_prefix="/planned-workouts", description="Import of plans")


def _load(stream: BinaryIO, _zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_planned_workouts(
        trainingpeaks.parse(stream), Report(dry_run=dry_run), source="TrainingPeaks", actor=actor
    )


add_upload(
    blp,
    path="/import",
    summary="Import a plan",
    description="""Send a CSV file exported by TrainingPeaks, or one with some of its columns: `Title`, `WorkoutType`
and `WorkoutDay` are required. Planned workouts are imported once per day and title. Existing ones are updated, except
fields that you have edited. Rows of workouts that were done but not planned are counted as skipped; rows that cannot be
read are listed. Days have no time zone.""",
    load=_load,
)
