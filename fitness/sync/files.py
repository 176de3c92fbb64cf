"""Files of any kind that is read, into the database."""

from typing import BinaryIO

from fitness import signals
from fitness.readers.reader import Answers, Reader
from fitness.sync.activities_import import load_activities
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_export

LOADERS = {"runs": load_activities, "workouts": load_export, "planned workouts": load_planned_workouts}


def load_file(reader: Reader, stream: BinaryIO, report: Report, *, answers: Answers, actor: str) -> Report:
    """Store what a file holds, in the bound transaction; return the report. Raises UnreadableFile.

    The report names the zone of its local times where the file has such.
    """
    report.time_zone = None if reader.zone == "none" else answers.zone.key
    before, outcome = report.changed, "failed"
    try:
        LOADERS[reader.noun](reader.parse(stream, answers), report, source=reader.source, actor=actor)
        outcome = "stored" if report.changed > before else "unchanged"
    finally:
        if not report.dry_run:
            signals.file_loaded.send(source=reader.source, outcome=outcome)
    return report
