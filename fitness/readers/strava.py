"""Read the activities.csv of a Strava export: bytes in, runs and activities of other sports out.

The columns have changed over the years, from 10 to 103, and are named in the language of the account. Five names occur
twice: first the value as the website shows it, then as it is stored. No column marks treadmill runs.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from fitness.caches import kept_by_text
from fitness.ranges import FARTHEST_METRES, FIRST_YEAR, LAST_YEAR, LONGEST_NAME, LONGEST_NOTE, LONGEST_SECONDS
from fitness.readers import tables, times
from fitness.readers.other_sports import workout_of
from fitness.readers.records import (
    BadValue,
    OtherSport,
    ParsedRun,
    ParsedWorkout,
    Problem,
    Record,
    RunType,
    Skipped,
    shown,
)
from fitness.readers.strava_values import SOURCE, heart_rate, id_of_run, keys_of, miles, title
from fitness.readers.tables import ColumnsMissing
from fitness.readers.values import name, text, written_number
from fitness.units import METRES_PER_MILE

_TAG = re.compile(r"<[^<>]*>")
_LONGEST_ID = 18  # digits
# In a long list most times and distances come more than once.
_kept = kept_by_text(most=16_384, longest=20)
_GROUPED = re.compile(r"[0-9]{1,3}([,.])[0-9]{3}(?:\1[0-9]{3})*(?!\1)(?:[,.][0-9]+)?")

# Without blanks, in lower case: English, German, French, Spanish; then guesses in Dutch, Italian and Portuguese.
_RUNS = {
    *("run", "trailrun", "lauf", "laufen", "traillauf"),
    *("courseàpied", "course", "trail", "courseàpiedentrail", "coursesursentier", "footing"),
    *("carrera", "carreraapie", "correr", "carreradetrail", "carreradetrailrunning", "carrerademontaña"),
    *("carrerapormontaña", "trailrunning"),
    *("hardlopen", "hardloopsessie", "corsa", "corrida"),
}
_VIRTUAL_RUNS = {
    *("virtualrun", "virtuellerlauf", "courseàpiedvirtuelle", "coursevirtuelle", "carreravirtual"),
    "virtuelehardloopsessie",
}
_LIFTING = {
    *("weighttraining", "gewichtstraining", "krafttraining", "musculation", "entraînementauxpoids"),
    *("entrenamientoconpesas", "pesas"),
}
_MAYBE_RUN = re.compile(r"\brun|run\b|\bjog|lauf|\bcours|\bfooting|carrera|\bcorr")
_OTHER_SPORT = re.compile(r"(?:ski|eis|inline|lang|roll|schneeschuh)\w*lauf")


class _Words(NamedTuple):
    """The column names in one language or period; `metres`: the first distance is in metres."""

    id: str
    date: str
    kind: str
    elapsed: str
    distance: str
    moving: str
    heart_rate: str
    name: str
    gear: str
    description: str
    max_heart_rate: str = "max heart rate"
    metres: bool = False


_ENGLISH = _Words(
    "activity id",
    "activity date",
    "activity type",
    "elapsed time",
    "distance",
    "moving time",
    "average heart rate",
    "activity name",
    "activity gear",
    "activity description",
)
_OF_2018 = _Words(
    "id",
    "date",
    "type",
    "elapsed_time",
    "distance",
    "moving_time",
    "average_heartrate",
    "name",
    "gear",
    "description",
    metres=True,
)
_KNOWN_KINDS = {"aktivitätsart", "type d'activité", "tipo de actividad"}
"""The heading of the kinds of activity in the languages whose words for them are known, besides English."""
_MOST_LIKE_IT = 79  # columns; no other file has as many as this one has had since 2021


class _Row(NamedTuple):
    """The cells of an activity, without blanks around them; one of an absent column is empty.

    `shown_distance` is in km, or in metres if `_Columns.metres`; `distance` is always in metres.
    """

    id: str
    date: str
    kind: str
    shown_elapsed: str
    shown_distance: str
    name: str
    description: str
    gear: str
    elapsed: str
    moving: str
    distance: str
    heart_rate: str
    max_heart_rate: str
    filename: str


_make = tuple.__new__  # `_Row._make` counts the cells, too, which takes as long


class _Columns(NamedTuple):
    """Where each cell of a _Row is. An absent optional one points at the empty cell at the end of each record.

    `known`: the activity types of this language are known, so that a type that is not a run is another sport.
    `english`: they are those of the API. `absent` has the fields of a run that no column has.
    """

    id: int
    date: int
    kind: int
    shown_elapsed: int
    shown_distance: int
    name: int
    description: int
    gear: int
    elapsed: int
    moving: int
    distance: int
    heart_rate: int
    max_heart_rate: int
    filename: int
    metres: bool
    known: bool
    english: bool
    absent: frozenset[str] = frozenset()

    @property
    def read(self) -> tuple[int, ...]:
        return self[:13]  # whether the name of a file is whole, its archive says

    @property
    def cells(self) -> Callable[[list[str]], tuple[str, ...]]:
        """What returns the cells of a _Row from those of a record."""
        return itemgetter(*self[: len(_Row._fields)])

    numbers = ()  # which are read with a decimal comma in any case: some languages write one


_TEN_COLUMNS = _Columns(
    id=0,
    date=1,
    name=2,
    kind=3,
    description=4,
    shown_elapsed=5,
    shown_distance=6,
    gear=8,
    elapsed=10,
    moving=10,
    distance=10,
    heart_rate=10,
    max_heart_rate=10,
    filename=9,
    metres=False,
    known=True,
    english=False,
)


def rows(stream: BinaryIO) -> Iterator[tuple[Record, str]]:
    """Yield one record for each row below the header of an activities.csv, with the name of the activity's file or "".

    A run becomes a ParsedRun with the id that it has in the API, too, another activity an OtherSport; one that came
    before in the file becomes Skipped; what cannot be read becomes a Problem, and so does, in a language of which only
    the headings' places are known, a kind of activity that may be a run or not. All runs are outdoors but virtual ones.
    Only blank rows are passed over. Rows count as in tables.Table. Where columns contradict each other, the run has the
    values that can be true, and a remark. Of the file only the ids of the activities stay in memory. The stream must be
    seekable, and is left open.

    Raises UnreadableFile at the first `next()` if the file has unknown columns, and later if it is broken.
    """
    row_of: dict[int, int] = {}
    with tables.opened(stream, find_columns) as table:
        for first, found in table.batches():
            if isinstance(found, str):
                yield Problem(first, None, found), ""
                continue
            columns, cells_of = table.columns, table.columns.cells
            for row, cells in enumerate(found, first):
                said = _make(_Row, map(str.strip, cells_of(cells)))
                yield _read_row(row, said, columns, row_of), said.filename


def find_columns(heading: list[str]) -> _Columns:
    """Find the columns by their names, else by the names that occur twice; raise ColumnsMissing for other files."""
    names = [" ".join(_TAG.sub("", cell).replace("’", "'").split()).casefold() for cell in heading]
    for words in (_ENGLISH, _OF_2018):
        if words.id in names and words.date in names:
            return _columns_by_name(names, words, heading)
    known = len(names) > 3 and names[3] in _KNOWN_KINDS
    # Max Heart Rate and Activity Private Note were added in 2021; the order of the columns after them has not changed.
    headings = all(names[:7]) and not names[0].isdecimal()  # otherwise the file has lost its header row
    for second in (13, 11):
        if headings and len(names) >= second + 19 and [names[second + 2], names[second + 4]] == names[5:7]:
            return _TEN_COLUMNS._replace(
                gear=second - 2,
                elapsed=second + 2,
                moving=second + 3,
                distance=second + 4,
                heart_rate=second + 18,
                max_heart_rate=second + 17,
                filename=second - 1,
                known=known,
            )
    if known and len(names) == 10:
        return _TEN_COLUMNS
    advice = " If it is one, set Strava to English and export again." if len(names) >= _MOST_LIKE_IT else ""
    present = len({_ENGLISH.kind, _ENGLISH.elapsed, _ENGLISH.distance} & set(names))
    raise ColumnsMissing("Strava's activities.csv", ["Activity ID", "Activity Date"], present, heading, advice)


def _columns_by_name(names: Sequence[str], words: _Words, heading: list[str]) -> _Columns:
    missing = [word for word in (words.kind, words.elapsed, words.distance) if word not in names]
    if missing:
        raise ColumnsMissing("Strava's activities.csv", [word.title() for word in missing], 5 - len(missing), heading)

    def place(name: str, occurrence: int = 0) -> int:
        places = [place for place, found in enumerate(names) if found == name]
        return places[occurrence] if len(places) > occurrence else len(names)

    in_columns = {"name": words.name, "shoe_name": words.gear, "notes": words.description}
    return _Columns(
        id=place(words.id),
        date=place(words.date),
        kind=place(words.kind),
        shown_elapsed=place(words.elapsed),
        shown_distance=place(words.distance),
        name=place(words.name),
        description=place(words.description),
        gear=place(words.gear),
        elapsed=place(words.elapsed, 1),
        moving=place(words.moving),
        distance=place(words.distance, 1),
        heart_rate=place(words.heart_rate),
        max_heart_rate=place(words.max_heart_rate, 1),
        filename=place("filename"),
        metres=words.metres,
        known=True,
        english=True,
        absent=frozenset(field for field, word in in_columns.items() if word not in names),
    )


def _read_row(row: int, said: _Row, columns: _Columns, row_of: dict[int, int]) -> Record:
    """Parse one record; add the id of a readable activity to `row_of`."""
    is_id = said.id.isdecimal() and said.id.isascii() and len(said.id) <= _LONGEST_ID
    activity_id = int(said.id) if is_id else None
    run_id = id_of_run(activity_id) if activity_id else None
    try:
        run_type = _run_type(said.kind[:100], columns.known)
        if activity_id in row_of:
            return Skipped(row, run_id, f"The same activity as row {row_of[activity_id]}.")
        if run_type is None:
            workout = _read_other_sport(row, said, columns, activity_id)
            if activity_id and isinstance(workout, ParsedWorkout):
                row_of[activity_id] = row
            return OtherSport(row, run_id, said.kind, workout)
        if not activity_id or run_id is None:
            raise BadValue(f"Activity ID: {shown(said.id)} is not a number.")
        duration, odd_time = _duration(said)
        distance, odd_distance = _miles(said, columns, duration)
        rate, odd_rate = _heart_rate(said)
        run = ParsedRun(
            row,
            run_id,
            _instant(said.date),
            run_type,
            distance,
            duration,
            rate,
            name(said.gear, "Activity Gear"),
            title(said.name, "Activity Name"),
            text(said.description, "Activity Description", LONGEST_NOTE),
            _remark(odd_distance, odd_time, odd_rate),
            _unsaid(said, columns),
            keys=keys_of(activity_id, said.filename),
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))
    row_of[activity_id] = row
    return run


def _read_other_sport(row: int, said: _Row, columns: _Columns, activity_id: int | None) -> ParsedWorkout | Problem:
    """Parse one activity that is not a run."""
    sport = " ".join(said.kind.split())[:LONGEST_NAME]
    try:
        if not activity_id:
            raise BadValue(f"Activity ID: {shown(said.id)} is not a number.")
        duration, odd_time = _duration(said)
        distance, odd_distance = _miles_of_other_sport(said, columns)
        rate, odd_rate = _heart_rate(said)
        return workout_of(
            row,
            SOURCE,
            str(activity_id),
            sport,
            _instant(said.date),
            seconds=duration,
            elapsed_seconds=_seconds(said.elapsed) or _seconds(said.shown_elapsed) or None,
            miles=distance,
            heart_rate=rate,
            title=title(said.name, "Activity Name"),
            notes=text(said.description, "Activity Description", LONGEST_NOTE),
            lifting="".join(sport.casefold().split()) in _LIFTING,
            remark=_remark(odd_distance, odd_time, odd_rate),
            unsaid=_unsaid_of_workout(_unsaid(said, columns), columns.english and sport not in _COARSE),
        )._replace(keys=keys_of(activity_id, said.filename))
    except BadValue as error:
        return Problem(row, id_of_run(activity_id) if activity_id else None, str(error))


def _remark(*odd: str | None) -> str | None:
    return " ".join(filter(None, odd)) if any(odd) else None


_AS_WORKOUT = {
    "name": "title",
    "notes": "notes",
    "duration": "duration_seconds",
    "distance": "distance_miles",
    "avg_heart_rate": "avg_heart_rate",
    "type": "sport",
    "time_zone": "time_zone",
}


_COARSE = {"Ride", "E-Bike Ride", "Rowing", "Workout"}
"""Types of activity that stand for several sports of the API, such as Ride for GravelRide."""


@lru_cache(maxsize=64)
def _unsaid_of_workout(unsaid: frozenset[str], says_sport: bool) -> frozenset[str]:
    """Return the fields of a workout of which a file says nothing, or less than the API, from those of a run.

    In other languages than English a sport has other names than in the API.
    """
    return frozenset(_AS_WORKOUT[field] for field in unsaid if field in _AS_WORKOUT) - {"sport" if says_sport else ""}


def _unsaid(said: _Row, columns: _Columns) -> frozenset[str]:
    """Return the fields of which a row does not say what the API does, but less, or nothing."""
    return _poorer(columns.absent, not said.moving, not columns.metres and not said.distance)


@lru_cache(maxsize=64)
def _poorer(absent: frozenset[str], *rough: bool) -> frozenset[str]:
    # The file does not tell a treadmill from a road, rounds heart rates, and names no zone.
    return frozenset({"type", "avg_heart_rate", "time_zone", *absent, *compress(("duration", "distance"), rough)})


@lru_cache(maxsize=256)
def _run_type(kind: str, known: bool) -> RunType | None:
    """Return the run type of an activity type, or None for another sport."""
    word = kind.casefold()
    key = "".join(word.split())
    if not key:
        raise BadValue("Activity Type: empty.")
    if key in _RUNS:
        return "Outdoor Run"
    if key in _VIRTUAL_RUNS:
        return "Treadmill Run"
    if known and (_OTHER_SPORT.search(word) or not _MAYBE_RUN.search(word)):
        return None
    raise BadValue(f"Activity Type: {shown(kind)} is unknown: if it is a run, set Strava to English and export again.")


def _instant(written: str) -> datetime:
    """Return a date as the site writes it in one of several languages, which is UTC where it does not say otherwise."""
    found = times.time(written, UTC)
    if found is None:
        raise BadValue(
            f"Activity Date: {shown(written)} is not a date like “Nov 2, 2025, 12:05:31 PM”"
            f" from {FIRST_YEAR} to {LAST_YEAR}."
        )
    return found.astimezone(UTC)


SLOWEST, FASTEST = 0.3, 12.0
"""Metres a second between which a run is plausible."""
NEVER_SLOWER = 0.05
"""Metres a second below which a distance is in kilometres, where that makes it plausible."""


def _miles(said: _Row, columns: _Columns, seconds: float) -> tuple[float, str | None]:
    """Return the distance in miles: what is kept, else what is shown; and a remark where they contradict each other."""
    kept, shown_ = said.distance, said.shown_distance
    if not kept:
        return miles(_shown_metres(shown_, columns)), None
    metres = _plain_number(kept, "Distance", FARTHEST_METRES, "metres")
    if not shown_:
        return _only_kept(metres, seconds)
    first = _shown_km(shown_)
    if first is None:
        return miles(metres), None
    if columns.metres or _agree(metres, first * 1_000) or _agree(metres, first * METRES_PER_MILE):
        return miles(metres), None
    if _agree(first, metres * 1_000):
        return miles(first), "The two Distance columns stand in each other's place."
    contradiction = f"Distance: {kept} metres and {shown_} km contradict each other"
    for sane in (metres, first * 1_000):
        if _is_plausible(sane, seconds):
            return miles(sane), f"{contradiction}; the time fits {sane:,.6g} metres."
    raise BadValue(f"{contradiction}, and neither fits the time of {seconds:,.6g} seconds.")


def _miles_of_other_sport(said: _Row, columns: _Columns) -> tuple[float | None, str | None]:
    """Return the distance in miles, None where there is none, and a remark where the columns are swapped.

    The shown distance is in km, or for swims and such in metres: only the kept one can be trusted, where there is one.
    """
    kept, shown_ = said.distance, said.shown_distance
    if not kept:
        return (miles(_shown_metres(shown_, columns)) if shown_ else None), None
    metres = _plain_number(kept, "Distance", FARTHEST_METRES, "metres")
    first = _shown_km(shown_)
    if first is None or columns.metres or _agree(metres, first * 1_000) or not _agree(first, metres * 1_000):
        return miles(metres), None
    return miles(first), "The two Distance columns stand in each other's place."


def _only_kept(metres: float, seconds: float) -> tuple[float, str | None]:
    """Return a distance that is not shown as well, in miles: it may be what is shown, in the other's place."""
    if metres and seconds and metres / seconds < NEVER_SLOWER and _is_plausible(metres * 1_000, seconds):
        return miles(metres * 1_000), f"Distance: {metres:,.6g} metres in {seconds:,.6g} seconds cannot be, km can."
    return miles(metres), None


def _is_plausible(metres: float, seconds: float) -> bool:
    return bool(seconds) and SLOWEST <= metres / seconds <= FASTEST


def _shown_metres(shown_: str, columns: _Columns) -> float:
    if columns.metres:
        return _plain_number(shown_, "Distance", FARTHEST_METRES, "metres")
    return _shown_number(shown_, "Distance", FARTHEST_METRES / 1_000, "km") * 1_000


@_kept
def _shown_km(written: str) -> float | None:
    """Return the kilometres in a cell that is only compared with another; None where it cannot be read."""
    try:
        return _shown_number(written, "Distance", FARTHEST_METRES, "km")
    except BadValue:
        return None


def _agree(metres: float, others: float) -> bool:
    """Say whether two distances are one, of which the other may be cut to two decimals of a kilometre or a mile."""
    return abs(metres - others) <= 20 + 0.01 * max(metres, others)


def _duration(said: _Row) -> tuple[float, str | None]:
    """Return the seconds in motion, or where there are none those from start to end, which the former cannot pass."""
    moving = said.moving
    seconds = _seconds(moving)
    if seconds is None and moving:
        seconds = _plain_number(moving, "Moving Time", LONGEST_SECONDS, "seconds")  # says what is wrong with it
    if seconds:
        elapsed, shown_elapsed = _seconds(said.elapsed), _seconds(said.shown_elapsed)
        least = min(elapsed or seconds, shown_elapsed or seconds)
        if seconds <= least + 1:
            return seconds, None
        return least, f"Moving Time: {moving} of {least:.6g} elapsed seconds cannot be; the elapsed ones were taken."
    written = said.elapsed or said.shown_elapsed
    if moving and not written:
        return 0.0, None
    return _plain_number(written, "Elapsed Time", LONGEST_SECONDS, "seconds"), None


@_kept
def _seconds(written: str) -> float | None:
    """Return the seconds in a cell; None where it is empty or cannot be read."""
    if not written:
        return None
    try:
        return _plain_number(written, "Elapsed Time", LONGEST_SECONDS, "seconds")
    except BadValue:
        return None


def _heart_rate(said: _Row) -> tuple[float | None, str | None]:
    """Return the average heart rate, and a remark where it stands in the place of the highest."""
    average = _rate(said.heart_rate, "Average Heart Rate")
    if average is None:
        return None, None
    try:
        highest = _rate(said.max_heart_rate, "Max Heart Rate")
    except BadValue:
        highest = None
    if highest is None or average <= highest + 1:
        return average, None
    return highest, "Average and Max Heart Rate stand in each other's place."


def _rate(written: str, column: str) -> float | None:
    written = written.strip()
    return heart_rate(_plain_number(written, column, 10_000, "beats per minute")) if written else None


def _plain_number(written: str, name: str, most: float, unit: str) -> float:
    """Parse a stored number: a decimal point, or a comma in some languages, without thousands separators."""
    if "," in written and "." not in written:
        written = written.replace(",", ".")
    return written_number(written, name, most, unit)


def _shown_number(written: str, name: str, most: float, unit: str) -> float:
    """Parse a shown number: it has at most two decimals, so a mark before three digits separates thousands."""
    grouped = _GROUPED.fullmatch(written)
    return _plain_number(written.replace(grouped[1], "") if grouped else written, name, most, unit)
