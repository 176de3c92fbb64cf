"""Imports from MapMyFitness."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.readers import mapmyfitness
from fitness.sync.report import Report
from fitness.sync.runs_import import load_runs
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import add_upload

blp = Blueprint("mmf", __name__, url_prefix="/mmf", description="Imports from MapMyFitness")


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_runs(mapmyfitness.parse(stream, zone), Report(dry_run=dry_run), source="MapMyFitness", actor=actor)


add_upload(
    blp,
    summary="Import a MapMyFitness export",
    description="""Send the CSV file of the workout history. Each run is imported once, with the shoe named in its
notes. Existing runs are updated, except fields that you have edited. Other workouts are counted as skipped; rows that
cannot be read are listed. The file has days without times: a run is stored at noon of its day.""",
    load=_load,
)
