"""Imports from Hevy, and syncs with it."""

from fitness.readers.hevy import READER
from fitness.sync.hevy import sync_workouts
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("hevy", __name__, url_prefix="/hevy", description="Imports from Hevy, and syncs with it")


add_upload(
    blp,
    READER,
    summary="Import a Hevy export",
    description="""The CSV file that the app or the web page exports, in kilograms or pounds, kilometres or miles, with
English, German, Spanish or Korean dates. Workouts go in, once each, with their exercises and sets; those that are here
already follow the file in what you have not changed, but for those that a sync brought: the file tells less of them.
The rows of a workout may stand in any order, and one that the file has twice goes in once. The file's times name no
zone: without `timezone`, and without one of yours, the answer is 422. `found` counts workouts, `failed` rows.""",
)
add_sync(
    blp,
    summary="Sync with Hevy",
    description="""Fetches all workouts page by page at first, and with `full_sync`; later what was changed or deleted
since the last sync that ended well, a day earlier to be safe. Workouts go in, once each, with their exercises and sets,
also those that a file brought before; those that are here already follow Hevy in what you have not changed, what was
done in them being one field. New exercises have the body part and modality of Hevy's templates. Workouts that Hevy has
no more are deleted here, unless you have edited them; for more than a tenth of those that came from Hevy the answer is
409, until `allow_deletes` says that this is right.""",
    sync=sync_workouts,
)
