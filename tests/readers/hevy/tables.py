"""Tables as Hevy exports them."""

import csv
import io
from zoneinfo import ZoneInfo

from fitness.readers.hevy import parse_export
from fitness.readers.reader import Answers

CHICAGO = ZoneInfo("America/Chicago")


def read(content, time_zone=CHICAGO):
    """Parse bytes, or text as UTF-8, into a list."""
    return list(parse_export(io.BytesIO(content.encode() if isinstance(content, str) else content), Answers(time_zone)))


HEADING = [
    "title", "start_time", "end_time", "description", "exercise_title", "superset_id", "exercise_notes", "set_index",
    "set_type", "weight_kg", "reps", "distance_km", "duration_seconds", "rpe",
]  # fmt: skip
PLAIN = {
    "title": "Legs",
    "start_time": "29 Oct 2025, 17:31",
    "end_time": "29 Oct 2025, 18:24",
    "exercise_title": "Squat (Barbell)",
    "set_index": "0",
    "set_type": "normal",
    "weight_kg": "100",
    "reps": "5",
}


def table(*rows, heading=HEADING, **format_):
    """Return CSV text: the heading, and a line for each dict of cells."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **format_})
    writer.writerow(heading)
    writer.writerows([[row.get(name, "") for name in heading] for row in rows])
    return text.getvalue()


def read_row(time_zone=CHICAGO, **cells):
    """Parse one plain set with some cells changed."""
    (record,) = read(table(PLAIN | cells), time_zone)
    return record
