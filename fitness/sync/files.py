"""Files of any kind that is read, into the database."""

from collections.abc import Mapping
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from fitness import signals
from fitness.readers.reader import Answers, Question, Reader
from fitness.sync.activities_import import load_activities
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_export

LOADERS = {"runs": load_activities, "workouts": load_export, "planned workouts": load_planned_workouts}

WHICH_ZONE = Question(
    "timezone", "The times in this file name no zone: say in which one they are, such as Europe/Berlin", (), ()
)


def zone_of(reader: Reader, named: str | None) -> ZoneInfo | None:
    """Return the zone of a file's local times, from the name of the one that was said, or of the person's own.

    None where it has times of day and nobody knows their zone. Mere days are in UTC then.
    """
    zone = named or (None if reader.zone == "times" else "UTC")
    return ZoneInfo(zone) if zone else None


def answers_or_questions(reader: Reader, stream: BinaryIO, given: Mapping[str, str | None]) -> Answers | list[Question]:
    """Return what a person said of a file, by the fields of Answers and `timezone`, or what must still be said."""
    asked = [question for question in reader.questions(stream) if not given.get(question.field)]
    stream.seek(0)
    zone = zone_of(reader, given.get("timezone"))
    if zone is None:
        asked.append(WHICH_ZONE)
    if asked or zone is None:
        return asked
    said: dict[str, Any] = {name: answer for name, answer in given.items() if name != "timezone"}
    return Answers(zone, **said)


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
