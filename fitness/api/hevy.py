"""Import a Hevy export, sync with Hevy."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.readers.hevy import parse_export
from fitness.sync.hevy import sync_workouts
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_workouts
from fitness.web.blueprint import Blueprint
from fitness.web.syncs import add_sync
from fitness.web.uploads import add_upload

blp = Blueprint("hevy", __name__, url_prefix="/hevy", description="Import and sync from Hevy")


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_workouts(parse_export(stream, zone), Report(dry_run=dry_run), source="Hevy", actor=actor)


add_upload(
    blp,
    summary="Import a Hevy export",
    description="""Send the CSV file that the app or the website exports, in kilograms or pounds, kilometres or miles,
with English, German, Spanish or Korean dates. Each workout is imported once, with its exercises and sets. Existing
workouts are updated, except fields that you have edited. Workouts from a sync are not updated, as the file has less
detail. `found` counts workouts and unreadable rows.""",
    load=_load,
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
