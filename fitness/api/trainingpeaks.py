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
    description="""Send a CSV file exported by TrainingPeaks, or one with some of its columns: `Title`, `WorkoutType`
and `WorkoutDay` are required. Planned workouts are imported once per day and title. Existing ones are updated, except
fields that you have edited. Rows of workouts that were done but not planned are counted as skipped; rows that cannot be
read are listed. Days have no time zone.""",
)
