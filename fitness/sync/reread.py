"""Read the files of a record again, with the readers of today."""

from typing import Any
from uuid import UUID

from fitness.db import activity_files, activity_sources, workouts_import
from fitness.db.activity_keys import FILE
from fitness.db.best_sources import FILES, GUESSED, Source
from fitness.db.history.versioned import Versioned
from fitness.db.runs import MEASURED, RUNS
from fitness.errors import NotFound
from fitness.readers.records import ParsedRun, ParsedWorkout
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from fitness.sync.stored_files import Read, read_stored

OF_FILE = ("points_id", "device")
"""The fields in which the file of an account's export counts, whatever the account says."""


def reread(kind: Versioned[Any, Any], record_id: Any, report: Report, *, actor: str) -> Report:
    """Load what the files of a record say of it, in the bound transaction; return the report.

    A file that came in the export of an account speaks for that account, in what this does not say itself. What was
    reverted is not read again. Raises NotFound if the record has no files, and UnreadableFile.
    """
    places = activity_files.list_places(str(record_id))
    if not places:
        raise NotFound("File not found")
    report.has_rows = False
    for link in places:
        for reader, record, key in read_stored(link):
            source = activity_sources.find_source_of_file(kind, record_id, key)
            if source is None:
                continue
            if source.key.startswith(FILE) or reader.source not in FILES:
                load_activities([record], report, source=reader.source, actor=actor)
            elif isinstance(record, ParsedRun) == (kind is RUNS):
                _load_for(source, record, report, actor=actor)
    return report


def _load_for(source: Source, record: Read, report: Report, *, actor: str) -> None:
    """Load what an account says by the file of its export."""
    if isinstance(record, ParsedRun):
        lacking = [name for name in MEASURED if name in OF_FILE or _is_open(source, name)]
        said = record._replace(id=source.key.replace(":", "_", 1))
        load_activities([said], report, source=source.name, actor=actor, sent=lacking)
    elif isinstance(record.workout, ParsedWorkout):
        lacking = [name for name in workouts_import.MEASURED if _is_open(source, name)]
        unsaid = frozenset(workouts_import.PROVIDER_FIELDS) - {*OF_FILE, *lacking}
        workout = record.workout._replace(id=UUID(source.key.partition(":")[2]), unsaid=unsaid)
        load_activities([record._replace(workout=workout)], report, source=source.name, actor=actor)


def _is_open(source: Source, name: str) -> bool:
    """Say whether a source neither says nor guesses a field."""
    return source.values.get(name) is None and name not in source.values.get(GUESSED, ())
