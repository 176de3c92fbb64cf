"""Read the CSV file that Hevy's app and website export: bytes in, workouts out.

One row per set, the newest workout first, unless a spreadsheet sorted it otherwise. There are no ids, weights and
distances are in the units of the account, and times are local wall time to the minute, in the words of the app's
language (English, German, Spanish and Korean are read). A workout without sets has no row, and the numbers of
stair machines are not exported.
"""

from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fitness.caches import kept_by_text
from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_NAME, LONGEST_NOTE, MOST_SETS
from fitness.readers import tables, times
from fitness.readers.hevy_values import DistanceUnit, needed_name, parsed_set, whole, within, workout_id
from fitness.readers.reader import Answers, Reader
from fitness.readers.records import (
    BadValue,
    ParsedExercise,
    ParsedSet,
    ParsedWorkout,
    Problem,
    Skipped,
    UnreadableFile,
    WeightUnit,
    Zone,
    shown,
)
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import text
from fitness.units import KG_PER_LB

MOST_WORKOUTS = 200_000
"""In a file."""
KEPT_KEYS = 16_384
"""How many of its workouts are not read anew in the second reading: 10 MB."""
MOST_OPEN_SETS = 1_000_000
"""How many sets of a file are in memory, where the rows of its workouts do not stand together."""

_WEIGHTS: dict[str, WeightUnit] = {"weight_kg": "kg", "weight_lbs": "lb"}
_DISTANCES: dict[str, DistanceUnit] = {"distance_km": "km", "distance_miles": "miles"}
_NEEDED = ("title", "start_time", "end_time", "exercise_title", "set_index", "set_type", "reps", "duration_seconds")
_NUMBERS = {"set_index", "reps", "duration_seconds", "rpe", "superset_id", *_WEIGHTS, *_DISTANCES}
_READ = {*_NEEDED, *_NUMBERS, "description", "exercise_notes"}


def parse_export(stream: BinaryIO, answers: Answers) -> Generator[ParsedWorkout | Skipped | Problem]:
    """Yield each workout of the file, and a Problem for each row that cannot be read; the rest of its workout goes in.

    Weights stay in the unit of the header, distances become miles. Times are in the zone of the answers: if an hour
    occurs twice, when clocks go back, the first one is used, unless the workout would end before it starts; a time that
    clocks skip is read as if they had not been put forward yet.

    A workout is all rows of one title, start and end, wherever they stand. It has no external id; its id is made of
    title and start (see export_id), and those that share both are counted, the one that ends last first. One that comes
    a second time with the same sets, as in files that were joined, becomes Skipped; single rows that come twice are
    left out, and a remark says so. A workout has the row of its first set, and its problems come before it. Rows count
    as in tables.Table. The file is read twice; in memory are the workouts of which rows are still to come.

    Raises UnreadableFile, at the first `next()`, when it is no CSV file, lacks a needed column, or is too large.
    """
    key_of = lru_cache(maxsize=KEPT_KEYS)(partial(_key, answers=answers))
    survey = _Survey()
    with closing(_sections(stream, key_of)) as sections:
        for found in sections:
            if isinstance(found, _Section):
                survey.add(found)
    stream.seek(0)
    with closing(_sections(stream, key_of)) as sections:
        yield from _workouts(sections, survey)


class _Key(NamedTuple):
    """What tells workouts apart; `zone` is that of the start, where it is known."""

    title: str | None
    start: datetime
    end: datetime | None
    zone: Zone | None


class _Section(NamedTuple):
    """Rows of one workout that stand together, each with its number, and what they all say of it.

    A row that cannot be read, or a heading that comes again, ends a section.
    """

    key: _Key
    said: tuple[str, ...]
    part: int
    columns: "_Columns"
    rows: list[tuple[int, list[str]]]

    def goes_on_with(self, other: "_Section") -> bool:
        """Return whether the rows of another section, which stand behind these, belong to this one."""
        return (self.said, self.part) == (other.said, other.part) and len(self.rows) < MOST_SETS


def _sections(stream: BinaryIO, key_of: Callable[..., _Key]) -> Generator[_Section | Problem]:
    with tables.opened(stream, find_columns) as table:
        section: _Section | None = None
        for found in _parts(table, key_of):
            if section and isinstance(found, _Section) and section.goes_on_with(found):
                section.rows.extend(found.rows)
                continue
            if section:
                yield section
            section = found if isinstance(found, _Section) else None
            if isinstance(found, Problem):
                yield found
        if section:
            yield section


def _parts(table: tables.Table["_Columns"], key_of: Callable[..., _Key]) -> Iterator[_Section | Problem]:
    """Yield the rows of each batch as sections."""
    for number, found in table.batches():
        if isinstance(found, str):
            yield Problem(number, None, found)
            continue
        for said, alike in groupby(found, table.columns.key_cells):
            rows = list(enumerate(alike, number))
            number += len(rows)
            try:
                yield _Section(key_of(*said), said, table.part, table.columns, rows)
            except BadValue as error:
                yield from (Problem(row, None, str(error)) for row, _ in rows)


@dataclass(slots=True)
class _Survey:
    """What must be known of a whole file before its first workout is complete.

    Kept by hashes, which take little memory: where two meet, a workout is only complete later than it could be.
    """

    last_rows: dict[int, int] = field(default_factory=dict)
    ends: dict[int, tuple[datetime | None, ...]] = field(default_factory=dict)

    def add(self, section: _Section) -> None:
        key, hashed = section.key, hash(section.key)
        if hashed not in self.last_rows:
            if len(self.last_rows) == MOST_WORKOUTS:
                raise UnreadableFile(f"More than {MOST_WORKOUTS:,} workouts in the file.")
            ends = self.ends.setdefault(hash(key[:2]), ())
            self.ends[hash(key[:2])] = (*ends, key.end)
        self.last_rows[hashed] = section.rows[-1][0]

    def id_of(self, key: _Key) -> UUID:
        """Return the id of a workout, counted among those that share its title and start, the latest end first."""
        earliest = datetime.min.replace(tzinfo=UTC)
        ends = sorted(set(self.ends[hash(key[:2])]), key=lambda end: end or earliest, reverse=True)
        return export_id(key.title, key.start, ends.index(key.end) + 1)


def _workouts(sections: Iterator[_Section | Problem], survey: _Survey) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield each workout as soon as its last row was read."""
    unfinished: dict[_Key, _Workout] = {}
    before: tuple[int, _Key] | None = None
    open_sets = 0
    for found in sections:
        if isinstance(found, Problem):
            yield found
            continue
        key, columns = found.key, found.columns
        workout = unfinished.get(key)
        begins = before != (found.part, key)
        before = found.part, key
        for number, cells in found.rows:
            try:
                if workout is None:
                    workout = unfinished[key] = _Workout(key, _note(columns.description(cells), "description"))
                if begins:
                    workout.begin_section()
                    begins = False
                workout.add(
                    number, _content(_BETWEEN.join((columns.weight, columns.distance, *columns.set_cells(cells))))
                )
                open_sets += 1
            except BadValue as error:
                yield Problem(number, None, str(error))
        if survey.last_rows[hash(key)] <= found.rows[-1][0] and unfinished.pop(key, None) and workout:
            open_sets -= len(workout.rows)
            yield from workout.parsed(survey.id_of(key))
        elif open_sets > MOST_OPEN_SETS:
            raise UnreadableFile("The rows of the workouts are too far from each other: sort the file by start_time.")


def export_id(title: str | None, start_ts: datetime, repeat: int = 1) -> UUID:
    """Return the id of an exported workout, from its title and start minute; `repeat` counts workouts that share both.

    Workouts from the API have other ids, made from Hevy's ids; title and start minute show which ones are the same.
    """
    count = f":{repeat}" if repeat > 1 else ""
    return workout_id(f"{title or ''}:{start_ts.astimezone(UTC):%Y-%m-%dT%H:%MZ}{count}")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The column names in the header, and the columns and units of weight and distance.

    The functions return cells of a row: those that tell workouts apart, those that `_content` reads, the description.
    """

    names: list[str]
    weight: str
    distance: str
    key_cells: Callable[[list[str]], tuple[str, ...]]
    set_cells: Callable[[list[str]], tuple[str, ...]]
    description: Callable[[list[str]], str]

    @property
    def read(self) -> Collection[int]:
        return self._places(_READ)

    @property
    def numbers(self) -> Collection[int]:
        return self._places(_NUMBERS)

    def _places(self, wanted: Collection[str]) -> Collection[int]:
        return [place for place, name in enumerate(self.names) if name in wanted]


class _Block(NamedTuple):
    """What is said of sets of one exercise without another between them."""

    name: str
    note: str | None
    superset_id: int | None


class _Content(NamedTuple):
    """The set of a row: where in its block it stands, and a hash of all, the same in whatever units."""

    block: _Block
    place: int
    set: ParsedSet
    fingerprint: int


@dataclass(slots=True)
class _Workout:
    """A workout while its rows are read; `first` is the row of its first set, a section is rows that stand together."""

    key: _Key
    notes: str | None
    first: int = 0
    rows: list[_Content] = field(default_factory=list)
    repeated: int = 0
    _seen: dict[int, int] = field(default_factory=dict)  # how often a section before this one says the same
    _here: dict[int, int] = field(default_factory=dict)
    _last: int | None = None

    def begin_section(self) -> None:
        for fingerprint, count in self._here.items():
            self._seen[fingerprint] = max(self._seen.get(fingerprint, 0), count)
        self._here.clear()
        self._last = None

    def add(self, number: int, added: _Content) -> None:
        """Add the set of a row; raise BadValue when it is one too many.

        Left out is a row like the one right before it, and in a later section one that an earlier section had as well.
        """
        fingerprint = added.fingerprint
        count = self._here[fingerprint] = self._here.get(fingerprint, 0) + 1
        if fingerprint == self._last or count <= self._seen.get(fingerprint, 0):
            self.repeated += 1
        elif len(self.rows) == MOST_SETS:
            raise BadValue(f"{added.block.name}: More than {MOST_SETS:,} sets in the workout.")
        else:
            self.first = self.first or number
            self.rows.append(added)
        self._last = fingerprint

    def parsed(self, id: UUID) -> Iterator[ParsedWorkout | Skipped]:
        """Yield the workout, unless no row of it could be read, and what of it the file has a second time."""
        if not self.rows:
            return
        copies, rest = divmod(self.repeated, len(self.rows))
        remarks = [f"{self.repeated} rows that say the same as others were left out."] if rest else []
        exercises = tuple(
            ParsedExercise(block.name, None, block.note, tuple(sets)) for block, sets in self._blocks_in_order()
        )
        yield ParsedWorkout(
            self.first,
            id,
            None,
            self.key.title,
            self.key.start,
            self.key.end,
            self.notes,
            exercises,
            remark=" ".join([*remarks, *self._too_long()]) or None,
            time_zone=self.key.zone,
        )
        if not rest:
            for _ in range(copies):
                yield Skipped(self.first, str(id), "The same workout again.")

    def _blocks_in_order(self) -> list[tuple[_Block, list[ParsedSet]]]:
        blocks = _blocks(self.rows)
        if len({block for block, _ in blocks}) == len(blocks):  # each block stands together, its indexes rise
            return blocks
        return _blocks(self._in_order())

    def _in_order(self) -> list[_Content]:
        """Return the rows as they were done, where they were sorted otherwise: sets of a block stand together again.

        In a file that was turned round, indexes fall and never rise. Else the order of the exercises is lost. A block
        whose indexes repeat was done more than once, and stays as it stands.
        """
        places: dict[_Block, list[int]] = {}
        for row in self.rows:
            places.setdefault(row.block, []).append(row.place)
        steps = [after.place - one.place for one, after in pairwise(self.rows) if one.block == after.block]
        turned = min(steps, default=0) < 0 and max(steps) <= 0
        rows = self.rows[::-1] if turned else self.rows
        ordered: list[_Content] = []
        gathered: set[_Block] = set()
        for row in rows:
            if len(set(places[row.block])) < len(places[row.block]):
                ordered.append(row)
            elif row.block not in gathered:
                gathered.add(row.block)
                ordered += sorted((one for one in rows if one.block == row.block), key=lambda one: one.place)
        return ordered

    def _too_long(self) -> Iterator[str]:
        """Yield a remark where a set took longer than the workout."""
        if self.key.end is None:
            return
        seconds = (self.key.end - self.key.start).total_seconds()
        longest = max(self.rows, key=_seconds)
        if _seconds(longest) > seconds + 60:  # start and end are cut to minutes
            yield (
                f"{longest.block.name}: set {longest.place + 1} took {longest.set.duration_seconds:,.0f} seconds, the"
                f" workout {seconds:,.0f}."
            )


def _seconds(row: _Content) -> float:
    return row.set.duration_seconds or 0


def _blocks(rows: list[_Content]) -> list[tuple[_Block, list[ParsedSet]]]:
    """Return the sets by blocks. An index that does not rise begins one anew, and whatever else is said of a block."""
    blocks: list[tuple[_Block, list[ParsedSet]]] = []
    last_index = -1
    for block, place, done, _ in rows:
        if not blocks or block != blocks[-1][0] or place <= last_index:
            blocks.append((block, []))
        blocks[-1][1].append(done)
        last_index = place
    return blocks


def find_columns(heading: list[str]) -> _Columns:
    """Find the columns in a header row; raise ColumnsMissing naming every needed one that is missing."""
    names = [cell.strip().casefold() for cell in heading]
    weight = next((name for name in names if name in _WEIGHTS), None)
    distance = next((name for name in names if name in _DISTANCES), None)
    missing = [name for name in _NEEDED if name not in names]
    missing += [" or ".join(units) for found, units in ((weight, _WEIGHTS), (distance, _DISTANCES)) if found is None]
    if weight is None or distance is None or missing:
        raise ColumnsMissing("a Hevy export", missing, len(_NEEDED) + 2 - len(missing), heading)

    def cells(*wanted: str) -> Callable[[list[str]], Any]:
        # The cell behind the last one is empty: it stands for columns that are not there, see tables.Table.
        return itemgetter(*(names.index(name) if name in names else len(names) for name in wanted))

    return _Columns(
        names,
        weight,
        distance,
        cells("title", "start_time", "end_time"),
        cells(
            "exercise_title", "exercise_notes", "set_index", "set_type", weight, "reps", "rpe", "duration_seconds",
            distance, "superset_id",
        ),
        cells("description"),
    )  # fmt: skip


def _key(title: str, start_time: str, end_time: str, answers: Answers) -> _Key:
    start, end = _times(start_time, end_time, answers.zone)
    return _Key(text(title, "title", LONGEST_NAME), start.astimezone(UTC), end, answers.zone_of(start))


_BETWEEN = "\0"  # which no cell has: see tables


# People do the same sets again and again: reading each of them anew would be a third of an import.
@kept_by_text(most=32_768, longest=500)
def _content(cells: str) -> _Content:
    """Read a set from the names of its columns of weight and distance and its cells; raise BadValue for a bad one."""
    (
        weight_column, distance_column, exercise, notes, set_index, set_type, weight, reps, rpe, duration, distance,
        superset_id,
    ) = cells.split(_BETWEEN)  # fmt: skip
    name = needed_name(exercise, "exercise_title")
    with within(name):
        place = whole(_value(set_index), "set_index", MOST_SETS)
        if place is None:
            raise BadValue("set_index: missing.")
        with within(f"set {place + 1}"):
            found = parsed_set(
                set_type=set_type,
                weight=_value(weight),
                weight_unit=_WEIGHTS[weight_column],
                reps=_value(reps),
                rpe=_value(rpe),
                duration_seconds=_value(duration),
                distance=_value(distance),
                distance_unit=_DISTANCES[distance_column],
                superset_id=_value(superset_id),
            )
        block = _Block(name, _note(notes, "exercise_notes"), found.superset_id)
    return _Content(block, place, found, _fingerprint(block, place, found))


def _fingerprint(block: _Block, place: int, one: ParsedSet) -> int:
    """Return a hash of a set; kilograms count to a tenth, miles to a hundredth."""
    kg = one.weight and round(one.weight * (KG_PER_LB if one.weight_unit == "lb" else 1), 1)
    miles = one.distance_miles and round(one.distance_miles, 2)
    fingerprint = (place, one.set_type, kg, one.reps, one.rpe, one.duration_seconds, miles, block.name)
    return hash(repr(fingerprint))  # of text, as numbers like -1 and -2 have the same


def _value(cell: str) -> float | str | None:
    """Return the number in a cell, or None if it is empty; other text is returned for the error message."""
    cell = cell.strip()
    try:
        return float(cell) if cell and "_" not in cell else cell or None  # float() reads 1_000 as a thousand
    except ValueError:
        return cell


def _note(cell: str, column: str) -> str | None:
    r"""Return a multi-line text; the Android app writes line breaks as \n."""
    return text(cell.replace("\\n", "\n"), column, LONGEST_NOTE)


def _times(start_time: str, end_time: str, time_zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return the start in its zone, and the end in UTC, None if it is empty."""
    with within("start_time"):
        start = _local(start_time, time_zone)
    if not end_time.strip():
        return start, None
    with within("end_time"):
        end = _local(end_time, time_zone)
        for fold in (0, 1):
            if (instant := end.replace(fold=fold).astimezone(UTC)) >= start:
                return start, instant
        raise BadValue("before the start_time.")


def _local(written: str, time_zone: ZoneInfo) -> datetime:
    """Return a time to the minute, in the zone that it names itself or else in the given one."""
    found = times.time(written, time_zone)
    if found is None:
        raise BadValue(f"{shown(written)} is not a time like “29 Oct 2025, 17:31” from {FIRST_YEAR} to {LAST_YEAR}.")
    return found.replace(second=0)


READER = Reader(
    "Hevy",
    "a Hevy export (CSV)",
    "workouts",
    partial(tables.recognise, find=find_columns),
    parse_export,
    zone="times",
)
