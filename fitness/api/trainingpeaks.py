"""Import a plan from TrainingPeaks."""

from fitness.readers.trainingpeaks import READER
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

# A blueprint of its own, as uploads may be larger than the bodies of the other planned-workout calls.
blp = Blueprint("trainingpeaks", __name__, url_prefix="/planned-workouts", description="Import of plans")


add_upload(
    blp,
    READER,
    path="/import",
    summary="Import a plan",
    description="""A CSV file as TrainingPeaks exports it, or one with some of its columns: `Title`, `WorkoutType` and
`WorkoutDay` must be there. Planned workouts go in, once for each day and title; those that are here already follow the
file in what you have not changed. Rows that were done without having been planned are counted as skipped, and rows that
cannot be read are listed. The file's days have no zone.""",
)
