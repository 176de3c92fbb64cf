"""Read the files of a record again, with the readers of today."""

import io
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from fitness.db import activity_files
from fitness.errors import NotFound
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Record
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report


def reread(record_id: str, report: Report, *, actor: str) -> Report:
    """Load what the files of a record say of it, in the bound transaction; return the report.

    Raises NotFound if it has no files, and UnreadableFile.
    """
    places = activity_files.list_places(record_id)
    if not places:
        raise NotFound("File not found")
    report.has_rows = False
    for link in places:
        content = activity_files.get_content(record_id, link.sha256)
        assert content is not None
        stream = io.BytesIO(content)
        reader = recognise(stream)
        records = _at(link.place, reader.parse(stream, Answers(ZoneInfo("UTC"))))
        load_activities(records, report, source=reader.source, actor=actor)
    return report


def _at(place: int, records: Iterable[Record]) -> Iterator[Record]:
    """Yield the record of one activity of a file."""
    for record in records:
        parsed = record.workout if isinstance(record, OtherSport) else record
        if isinstance(parsed, ParsedRun | ParsedWorkout) and parsed.original and parsed.original.place == place:
            yield record
