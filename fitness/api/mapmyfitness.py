"""Imports from MapMyFitness."""

from fitness.readers.mapmyfitness import READER
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

blp = Blueprint("mmf", __name__, url_prefix="/mmf", description="Imports from MapMyFitness")


add_upload(
    blp,
    READER,
    summary="Import a MapMyFitness export",
    description="""The CSV file of the workout history. Runs go in, once each, with the shoes that their notes name;
those that are here already follow the file in what you have not changed. Other workouts are counted as skipped, and
rows that cannot be read are listed. The file knows days and no times: a run is stored at noon of its
day, in `timezone`, else in your zone, else in UTC.""",
)
