"""Read the CSV files of Strong: bytes and answers in, workouts out.

One row per set. There are three headings: that of Android (semicolons, units in the headings), that of the iPhone (no
unit anywhere, which is asked for), and one with a unit in each row. Times are local.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO

from fitness.ranges import LONGEST_NOTE
from fitness.readers import lifts, tables
from fitness.readers.lifts import Lift
from fitness.readers.named_columns import NamedColumns, find_named
from fitness.readers.reader import Answers, Question, Reader
from fitness.readers.records import BadValue, ParsedWorkout, Problem, SetType, Skipped, WeightUnit, shown
from fitness.readers.values import local_instant, text

_NEEDED = ("date", "workout name", "exercise name", "set order", "reps")
_UNIT_OF_HEADING: dict[str, WeightUnit] = {"weight (kg)": "kg", "weight (lbs)": "lb", "weight (lb)": "lb"}
_DISTANCES = {"distance (meters)": "m", "distance (km)": "km", "distance (miles)": "mi", "distance (mi)": "mi"}
_OPTIONAL = (
    "workout #", "duration", "duration (sec)", "weight", "weight unit", *_UNIT_OF_HEADING, "distance", "distance unit",
    *_DISTANCES, "seconds", "notes", "workout notes", "rpe",
)  # fmt: skip
_NUMBERS = {"weight", "reps", "rpe", "distance", "seconds", *_UNIT_OF_HEADING, *_DISTANCES}
_SET_TYPES: dict[str, SetType] = {"w": "warmup", "d": "dropset", "f": "failure"}
_REST, _NOTE = "rest timer", "note"
_SAMPLES = 3


def find_columns(heading: list[str]) -> NamedColumns:
    """Find the columns in a header row; raise ColumnsMissing for other files."""
    return find_named(heading, "an export of Strong", _NEEDED, _OPTIONAL, _NUMBERS)


def questions(stream: BinaryIO) -> Sequence[Question]:
    """Return the question for the unit of the weights, with the first of them read both ways, if the file has none."""
    with tables.opened(stream, find_columns) as table:
        columns = table.columns
        if columns.has("weight unit", *_UNIT_OF_HEADING):
            return ()
        examples: list[str] = []
        for _, cells in table:
            if isinstance(cells, list) and (weight := columns.cell(cells, "weight")).strip("0."):
                exercise = columns.cell(cells, "exercise name")
                examples.append(f"{exercise}: {weight} kg or {weight} lb")
            if len(examples) == _SAMPLES:
                break
    return (
        Question(
            "weight_unit", "Are the weights in this file kilograms or pounds? It does not say so.", ("kg", "lb"),
            tuple(examples),
        ),
    )  # fmt: skip


def parse(stream: BinaryIO, answers: Answers) -> Iterator[ParsedWorkout | Skipped | Problem]:
    """Yield the workouts of a file, in the zone of the answers; weights without a unit have that of the answers.

    Raises UnreadableFile at the first `next()` for a file of another kind.
    """
    return lifts.workouts_of(_lifts(stream, answers), "Strong")


def _lifts(stream: BinaryIO, answers: Answers) -> Iterator[Lift | Skipped | Problem]:
    with tables.opened(stream, find_columns) as table:
        last: Lift | None = None
        for row, cells in table:
            if isinstance(cells, str):
                yield Problem(row, None, cells)
                continue
            try:
                order = table.columns.cell(cells, "set order").casefold()
                if order == _REST:
                    continue
                if order == _NOTE:
                    last = _with_note(last, table.columns.cell(cells, "notes"))
                    continue
                if last is not None:
                    yield last
                    last = None
                last = _lift(row, cells, table.columns, answers, order)
            except BadValue as error:
                yield Problem(row, None, str(error))
        if last is not None:
            yield last


def _with_note(lift: Lift | None, note: str) -> Lift | None:
    """Return the set before a note with the note."""
    if lift is None or not note:
        return lift
    both = "\n".join(filter(None, (lift.set.note, note)))
    return lift._replace(set=lift.set._replace(note=text(both, "Notes", LONGEST_NOTE)))


def _lift(row: int, cells: list[str], columns: NamedColumns, answers: Answers, order: str) -> Lift:
    if order not in _SET_TYPES and not order.isdecimal():
        raise BadValue(f"Set Order: {shown(order)} is not known.")
    written, title = columns.cell(cells, "date"), columns.cell(cells, "workout name")
    of_heading: list[WeightUnit] = [unit for name, unit in _UNIT_OF_HEADING.items() if columns.has(name)]
    unit: WeightUnit | None = of_heading[0] if of_heading else answers.weight_unit
    if of_row := columns.cell(cells, "weight unit"):
        unit = lifts.weight_unit_of(of_row)
    weight = columns.cell(cells, "weight", *_UNIT_OF_HEADING)
    if unit is None and weight.strip("0."):
        raise BadValue("Weight: the file does not say whether it is kilograms or pounds.")
    of_distance = next((unit for name, unit in _DISTANCES.items() if columns.has(name)), "m")
    start = local_instant(written, answers.zone)
    return Lift(
        row,
        f"{written}:{title}",
        start,
        lifts.exercise_of(columns.cell(cells, "exercise name")),
        lifts.set_of(
            weight=weight,
            weight_unit=unit or "kg",
            reps=columns.cell(cells, "reps"),
            set_type=_SET_TYPES.get(order, "normal"),
            rpe=columns.cell(cells, "rpe"),
            seconds=lifts.seconds_of(columns.cell(cells, "seconds"), "Seconds"),
            miles=lifts.miles_of(
                columns.cell(cells, "distance", *_DISTANCES), columns.cell(cells, "distance unit") or of_distance
            ),
            note=columns.cell(cells, "notes"),
        ),
        lifts.title_of(title, "Workout Name"),
        text(columns.cell(cells, "workout notes"), "Workout Notes", LONGEST_NOTE),
        lifts.seconds_of(columns.cell(cells, "duration (sec)", "duration"), "Duration"),
        answers.zone_of(start),
    )


READER = Reader(
    "Strong",
    "an export of Strong (CSV)",
    "workouts",
    partial(tables.recognise, find=find_columns),
    parse,
    zone="times",
    questions=questions,
)
