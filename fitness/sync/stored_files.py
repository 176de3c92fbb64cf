"""The activities of files that are stored with the records that were read from them."""

import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fitness.db import activity_files
from fitness.db.activity_files import NewLink
from fitness.readers.reader import Answers, Reader
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, ParsedRun

Read = ParsedRun | OtherSport


def read_stored(link: NewLink) -> Iterator[tuple[Reader, Read, str]]:
    """Yield the activity that a record was read from, with the reader and the key of its file."""
    content = activity_files.get_content(link.record_id, link.sha256)
    assert content is not None
    stream = io.BytesIO(content)
    reader = recognise(stream)
    for record in reader.parse(stream, Answers(ZoneInfo("UTC"))):
        original = getattr(getattr(record, "workout", record), "original", None)
        if original and original.place == link.place:
            yield reader, record, original.key
