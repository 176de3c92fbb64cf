"""Files of any kind that is read, into the database."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness import signals
from fitness.readers.reader import Reader
from fitness.sync.activities_import import load_activities
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_export

LOADERS = {"runs": load_activities, "workouts": load_export, "planned workouts": load_planned_workouts}


def load_file(reader: Reader, stream: BinaryIO, report: Report, *, zone: ZoneInfo, actor: str) -> Report:
    """Store what a file holds, in the bound transaction; return the report. Raises UnreadableFile.

    `zone` is that of its local times, which the report names where the file has such.
    """
    report.time_zone = None if reader.zone == "none" else zone.key
    before, outcome = report.changed, "failed"
    try:
        LOADERS[reader.noun](reader.parse(stream, zone), report, source=reader.source, actor=actor)
        outcome = "stored" if report.changed > before else "unchanged"
    finally:
        if not report.dry_run:
            signals.file_loaded.send(source=reader.source, outcome=outcome)
    return report
