"""Tables as MapMyFitness exports them."""

import csv
import io
from zoneinfo import ZoneInfo

from fitness.readers.mapmyfitness import parse
from fitness.readers.reader import Answers

CHICAGO = ZoneInfo("America/Chicago")
HEADING = [
    "Date Submitted", "Workout Date", "Activity Type", "Calories Burned (kCal)", "Distance (mi)",
    "Workout Time (seconds)", "Avg Pace (min/mi)", "Max Pace (min/mi)", "Avg Speed (mi/h)", "Max Speed (mi/h)",
    "Avg Heart Rate", "Steps", "Notes", "Source", "Link",
]  # fmt: skip
PLAIN = {
    "Date Submitted": "May 6, 2025",
    "Workout Date": "May 6, 2025",
    "Activity Type": "Run",
    "Distance (mi)": "3.1",
    "Workout Time (seconds)": "1500",
    "Avg Heart Rate": "151",
    "Link": "http://www.mapmyfitness.com/workout/8700100201",
}


def read(content, time_zone=CHICAGO):
    """Parse bytes, or text as UTF-8, into a list."""
    return list(parse(io.BytesIO(content.encode() if isinstance(content, str) else content), Answers(time_zone)))


def table(*rows, heading=HEADING, **format_):
    """Return CSV text: the heading, and a line for each dict of cells."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **format_})
    writer.writerow(heading)
    writer.writerows([[row.get(name, "") for name in heading] for row in rows])
    return text.getvalue()
