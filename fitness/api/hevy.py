"""Import a Hevy export, sync with Hevy."""

from fitness.readers.hevy import READER
from fitness.sync.hevy import sync_workouts
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("hevy", __name__, url_prefix="/hevy", description="Import and sync from Hevy")


add_upload(
    blp,
    READER,
    summary="Import a Hevy export",
    description="""Send the CSV file that the app or the website exports, in kilograms or pounds, kilometres or miles,
with English, German, Spanish or Korean dates. Each workout is imported once, with its exercises and sets, in whatever
order the rows are. Existing workouts are updated, except fields that you have edited. Workouts from a sync are not
updated, as the file has less detail. The file's times have no zone: without `timezone`, and without a zone in your
settings, the answer is 422. `found` counts workouts, `failed` counts rows.""",
)
add_sync(
    blp,
    summary="Sync with Hevy",
    description="""The first sync, and one with `full_sync`, fetches all workouts, page by page. Later syncs fetch what
was changed or deleted since one day before the last successful sync. Each workout is imported once, with its exercises
and sets, even if a file brought it before. Existing workouts are updated, except fields that you have edited; all
exercises and sets of a workout count as one field. New exercises get the body part and modality of Hevy's templates.
Workouts deleted at Hevy are deleted here, unless you have edited them. If that would delete more than a tenth of the
workouts from Hevy, the response is 409; repeat the call with `allow_deletes`.""",
    sync=sync_workouts,
)
