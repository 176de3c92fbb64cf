"""Imports from Strava."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.api.blueprint import Blueprint
from fitness.api.uploads import add_upload
from fitness.db.runs import TOLD
from fitness.providers.strava.export import parse_export
from fitness.sync.load import Report, load_runs

blp = Blueprint("strava", __name__, url_prefix="/strava", description="Imports from Strava")

EXPORT_TELLS = tuple(field for field in TOLD if field not in {"type", "avg_heart_rate"})
"""The export does not tell a treadmill from a road, and rounds heart rates: of a known run, it has no say in these."""


def _load(stream: BinaryIO, zone: ZoneInfo, actor: str, dry_run: bool) -> Report:
    """Times are UTC in this file: the zone is not asked."""
    return load_runs(parse_export(stream), Report(dry_run=dry_run), source="Strava", actor=actor, told=EXPORT_TELLS)


add_upload(
    blp,
    summary="Import a Strava export",
    description="""The whole ZIP archive, or the activities.csv in it, of any year since 2018, in English or German.
Runs go in, once each, with their shoes; those that are here already follow the file in what you have not changed. Other
activities are counted as skipped, and rows that cannot be read are listed. The file does not tell a treadmill.""",
    load=_load,
)
