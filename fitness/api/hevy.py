"""Imports from Hevy."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.api.blueprint import Blueprint
from fitness.api.uploads import add_upload
from fitness.providers.hevy.export import parse_export
from fitness.sync.load import Report, load_workouts

blp = Blueprint("hevy", __name__, url_prefix="/hevy", description="Imports from Hevy")


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    return load_workouts(parse_export(stream, zone), Report(dry_run=dry_run), source="Hevy", actor=actor)


add_upload(
    blp,
    summary="Import a Hevy export",
    description="""The CSV file that the app or the web page exports, in kilograms or pounds, kilometres or miles, with
English, German, Spanish or Korean dates. Workouts go in, once each, with their exercises and sets; those that are here
already stay as they are. `found` counts workouts, and rows that cannot be read.""",
    load=_load,
)
