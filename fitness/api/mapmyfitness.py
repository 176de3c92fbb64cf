"""Imports from MapMyFitness."""

from fitness.readers.mapmyfitness import READER
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

blp = Blueprint("mmf", __name__, url_prefix="/mmf", description="Imports from MapMyFitness")


add_upload(
    blp,
    READER,
    summary="Import a MapMyFitness export",
    description="""Send the CSV file of the workout history. Each run is imported once, with the shoe named in its
notes, and each other workout as one, unless `other_sports` or your setting `import_other_sports` is false. Existing
records are updated, except fields that you have edited. Rows that cannot be read are listed. The file has days
without times: a run is stored at noon of its day, in `timezone`, else in your zone, else in UTC.""",
)
