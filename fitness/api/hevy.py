"""Imports from Hevy, and syncs with it."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.readers.hevy import parse_export
from fitness.sync.hevy import sync_workouts
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_workouts
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("hevy", __name__, url_prefix="/hevy", description="Imports from Hevy, and syncs with it")


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_workouts(parse_export(stream, zone), Report(dry_run=dry_run), source="Hevy", actor=actor)


add_upload(
    blp,
    summary="Import a Hevy export",
    description="""The CSV file that the app or the web page exports, in kilograms or pounds, kilometres or miles, with
English, German, Spanish or Korean dates. Workouts go in, once each, with their exercises and sets; those that are here
already follow the file in what you have not changed, but for those that a sync brought: the file tells less of them.
`found` counts workouts, and rows that cannot be read.""",
    load=_load,
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
