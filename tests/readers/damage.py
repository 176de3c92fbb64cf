"""Damaged copies of export files: twelve things that people, spreadsheets and broken downloads do to them.

`python -m tests.readers.damage FILE…` prints, for each file and each damage, what is read of the copy.
"""

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fitness.readers.reader import Answers, Reader
from fitness.readers.recognition import recognise
from fitness.readers.records import Problem, Skipped, UnreadableFile
from tests.readers.records import runs_only

Rows = list[list[str]]
ZONE = ZoneInfo("America/Chicago")

# Columns that change places (of Strava, which has two of the name Distance, their contents), and one that is removed.
SWAPPED: dict[str, tuple[str, str] | tuple[int, int]] = {
    "Strava": (6, 17), "MapMyFitness": (4, 5), "Hevy": ("weight_", "reps"), "TrainingPeaks": ("Title", "WorkoutDay"),
}  # fmt: skip
REMOVED = {
    "Strava": "Average Heart Rate", "MapMyFitness": "Avg Heart Rate", "Hevy": "rpe", "TrainingPeaks": "CoachComments",
}  # fmt: skip
GARBAGE: Rows = [["lorem ipsum"], ["?"] * 3, ["Total", "1"]]
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")


def rows_of(content: bytes) -> Rows:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(rows: Rows, **format_: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, **{"lineterminator": "\n", **format_}).writerows(rows)
    return text.getvalue().encode()


def with_commas(rows: Rows) -> Rows:
    return [[cell.replace(".", ",") if _DECIMAL.fullmatch(cell) else cell for cell in row] for row in rows]


def cut(content: bytes, _: str) -> bytes:
    """The end is missing: the last line break, and two characters before it."""
    return content.rstrip(b"\r\n")[:-2]


def joined(content: bytes, _: str) -> bytes:
    """The file twice, with its heading in the middle."""
    return content + content


def sorted_otherwise(content: bytes, _: str) -> bytes:
    """The rows in the reverse order."""
    heading, *rows = rows_of(content)
    return written([heading, *reversed(rows)])


def saved_by_a_spreadsheet(content: bytes, _: str) -> bytes:
    """As a Western European spreadsheet saves it: semicolons, decimal commas, a byte order mark, CRLF."""
    return b"\xef\xbb\xbf" + written(with_commas(rows_of(content)), delimiter=";", lineterminator="\r\n")


def in_utf_16(content: bytes, _: str) -> bytes:
    """As spreadsheets save "Unicode text": UTF-16 with tabs."""
    return written(rows_of(content), delimiter="\t", lineterminator="\r\n").decode().encode("utf-16")


def with_old_line_ends(content: bytes, _: str) -> bytes:
    """The line ends of old Macs."""
    return written(rows_of(content), lineterminator="\r")


def with_trailing_cells(content: bytes, _: str) -> bytes:
    """An empty cell too many in each row but the heading."""
    heading, *rows = rows_of(content)
    return written([heading, *([*row, ""] for row in rows)])


def with_rows_twice(content: bytes, _: str) -> bytes:
    """Each row is followed by itself."""
    heading, *rows = rows_of(content)
    return written([heading, *(row for row in rows for _ in range(2))])


def with_swapped_columns(content: bytes, source: str) -> bytes:
    """The contents of two columns in each other's place; of files that say nothing twice, with their headings."""
    rows = rows_of(content)
    heading = rows[0]
    places = [one if isinstance(one, int) else _place(heading, one) for one in SWAPPED[source]]
    first, second = places
    for row in rows if isinstance(SWAPPED[source][0], str) else rows[1:]:
        row[first], row[second] = row[second], row[first]
    return written(rows)


def with_a_column_removed(content: bytes, source: str) -> bytes:
    """Without a column that may be missing."""
    rows = rows_of(content)
    place = _place(rows[0], REMOVED[source])
    return written([row[:place] + row[place + 1 :] for row in rows])


def with_decimal_commas(content: bytes, _: str) -> bytes:
    """Decimal commas, though commas separate the cells, too."""
    return written(with_commas(rows_of(content)))


def with_garbage(content: bytes, _: str) -> bytes:
    """Three rows in the middle that are none."""
    heading, *rows = rows_of(content)
    middle = len(rows) // 2
    return written([heading, *rows[:middle], *GARBAGE, *rows[middle:]])


def _place(heading: list[str], name: str) -> int:
    return next(place for place, cell in enumerate(heading) if cell.startswith(name))


DAMAGES: dict[str, Callable[[bytes, str], bytes]] = {
    damage.__name__: damage
    for damage in (
        cut, joined, sorted_otherwise, saved_by_a_spreadsheet, in_utf_16, with_old_line_ends, with_trailing_cells,
        with_rows_twice, with_swapped_columns, with_a_column_removed, with_decimal_commas, with_garbage,
    )
}  # fmt: skip


def read(content: bytes) -> tuple[Reader, list[Any]]:
    """Return the reader that knows a file, and the records in it."""
    stream = io.BytesIO(content)
    reader = recognise(stream)
    return reader, runs_only(reader.parse(stream, Answers(ZONE, "kg")))


def good(records: list[Any]) -> list[Any]:
    """Return what goes in, in one order, and of it what the tables store."""
    found = [record for record in records if not isinstance(record, Problem | Skipped)]
    other = {"row": 0, "remark": None, "unsaid": frozenset()}
    plain = [one._replace(**{name: other[name] for name in other.keys() & set(one._fields)}) for one in found]
    return sorted(plain, key=lambda one: str(one.id))


def outcome(content: bytes, damage: str) -> str:
    """Return in a few words what is read of a damaged file."""
    reader, records = read(content)
    try:
        _, damaged = read(DAMAGES[damage](content, reader.source))
    except UnreadableFile as refused:
        return f"refused: {refused}"
    kinds = Counter(type(record) for record in damaged)
    before = Counter(type(record) for record in records)
    said = ["same" if good(damaged) == good(records) else f"{len(good(damaged))} of {len(good(records))}, changed"]
    said += [f"{kinds[Problem] - before[Problem]} problems"] * (kinds[Problem] > before[Problem])
    said += [f"{kinds[Skipped] - before[Skipped]} more skipped"] * (kinds[Skipped] > before[Skipped])
    remarks = sum(bool(getattr(record, "remark", None)) for record in damaged)
    said += [f"{remarks} remarks"] * bool(remarks)
    return ", ".join(said)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        for name in DAMAGES:
            print(f"{path.name} | {name} | {outcome(path.read_bytes(), name)}")
