"""Tables as Strava exports them."""

import csv
import io
from datetime import UTC, datetime

from fitness.readers.records import ParsedRun
from fitness.readers.strava_export import parse_export
from tests.samples import DATA

HEADING = next(csv.reader((DATA / "strava_export_activities.csv").read_text().splitlines()))


def cells_of(places: dict[int, str], width=103):
    return [places.get(place, "") for place in range(width)]


PLAIN = cells_of(
    {0: "7001", 1: "Nov 2, 2025, 12:05:31 PM", 2: "Loop", 3: "Run", 4: "Wet", 5: "2790", 6: "8.04", 11: "Ghost",
     15: "2790.0", 16: "2712.0", 17: "8046.7", 31: "143.2"}
)  # fmt: skip
LOOP = ParsedRun(
    2, "strava_7001", datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC), "Outdoor Run", 4.999987573, 2712.0, 143.2, "Ghost",
    "Loop", "Wet", unsaid=frozenset({"type", "avg_heart_rate", "time_zone"}), keys=("strava:7001",),
)  # fmt: skip


def table(*rows, heading=HEADING):
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([heading, *rows])
    return content.getvalue().encode()


def read(content: bytes):
    return list(parse_export(io.BytesIO(content)))


def read_row(places: dict[int, str], heading=HEADING):
    """Parse the plain run with the cells at some places changed."""
    (record,) = read(table([places.get(place, cell) for place, cell in enumerate(PLAIN)], heading=heading))
    return record
