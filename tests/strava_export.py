"""Write an export as Strava packs it, of as many activities as wanted: the list, and a file for each of them.

Of ten files about eight are GPX, two FIT and one in a while TCX; of ten activities four are runs, as in exports of
people. All of it is made up, the same at each call, and the points lie in the open sea.
"""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from tests.readers.fit import writer
from tests.readers.strava.tables import HEADING

FIRST = datetime(2020, 1, 1, 6, 30, tzinfo=UTC)
SPORTS = ("Run", "Ride", "Walk", "Run", "Ride", "Hike", "Run", "Ride", "Trail Run", "Workout")
METRES_A_SECOND = 3.0


def write(into: BinaryIO, activities: int, *, points: int = 600) -> None:
    """Write a ZIP of so many activities, a day apart, each of so many points, a second apart."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("activities.csv", _list(activities, points))
        for number in range(activities):
            ending, content = _file(number, points)
            archive.writestr(f"activities/{_upload(number)}.{ending}.gz", gzip.compress(content, mtime=0))


def _list(activities: int, points: int) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADING)
    rows.writerows(_row(number, points) for number in range(activities))
    return text.getvalue()


def _row(number: int, points: int) -> list[str]:
    start, seconds, metres = _start(number), points - 1, METRES_A_SECOND * (points - 1)
    cells = [""] * len(HEADING)
    cells[:7] = [
        str(9_000_000_000 + number), f"{start:%b} {start.day}, {start:%Y, %I:%M:%S %p}", f"Day {number + 1}",
        SPORTS[number % len(SPORTS)], "", str(seconds), f"{metres / 1000:.2f}",
    ]  # fmt: skip
    cells[12] = f"activities/{_upload(number)}.{_ending(number)}.gz"
    cells[15:18] = [f"{seconds}.0", f"{seconds}.0", f"{metres}"]
    return cells


def _start(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def _upload(number: int) -> int:
    return 8_000_000_000 + number


def _ending(number: int) -> str:
    return "tcx" if number % 25 == 24 else "fit" if number % 5 == 4 else "gpx"


def _file(number: int, points: int) -> tuple[str, bytes]:
    ending = _ending(number)
    return ending, {"gpx": _gpx, "tcx": _tcx, "fit": _fit}[ending](number, points)


def _points(number: int, points: int) -> Iterator[tuple[datetime, float, float, int]]:
    """Yield time, latitude, metres from the start, and heart rate of each point."""
    for second in range(points):
        metres = METRES_A_SECOND * second
        yield _start(number) + timedelta(seconds=second), 30 + metres / 111_195, metres, 120 + second % 40


def _gpx(number: int, points: int) -> bytes:
    written = "".join(
        f'<trkpt lat="{lat:.6f}" lon="-40.0"><ele>{second % 30}</ele><time>{time:%Y-%m-%dT%H:%M:%SZ}</time><extensions>'
        f"<hr>{rate}</hr></extensions></trkpt>"
        for second, (time, lat, _, rate) in enumerate(_points(number, points))
    )
    return f'<?xml version="1.0"?><gpx creator="Made"><trk><trkseg>{written}</trkseg></trk></gpx>'.encode()


def _tcx(number: int, points: int) -> bytes:
    written = "".join(
        f"<Trackpoint><Time>{time:%Y-%m-%dT%H:%M:%SZ}</Time><DistanceMeters>{metres}</DistanceMeters><HeartRateBpm><Value>"
        f"{rate}</Value></HeartRateBpm></Trackpoint>"
        for time, _, metres, rate in _points(number, points)
    )
    begun = f"{_start(number):%Y-%m-%dT%H:%M:%SZ}"
    return (
        f'{" " * 10}<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running"><Id>{begun}</Id>'
        f'<Lap StartTime="{begun}"><TotalTimeSeconds>{points - 1}</TotalTimeSeconds><DistanceMeters>'
        f"{METRES_A_SECOND * (points - 1)}</DistanceMeters><Track>{written}</Track></Lap></Activity></Activities>"
        "</TrainingCenterDatabase>"
    ).encode()


def _fit(number: int, points: int) -> bytes:
    start = int(_start(number).timestamp()) - writer.EPOCH
    metres = METRES_A_SECOND * (points - 1)
    return writer.file(
        writer.activity(),
        writer.points(points, start=start, heart_rate=140),
        writer.session(start=start, seconds=points - 1, metres=metres),
    )
