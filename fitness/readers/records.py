"""The records that the parsers of all providers hand on.

Distances are miles, durations seconds, instants aware UTC. Nothing here knows SQL or HTTP.
"""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

RunType = Literal["Outdoor Run", "Treadmill Run"]
SetType = Literal["normal", "warmup", "failure", "dropset"]
WeightUnit = Literal["kg", "lb"]
Modality = Literal["BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT"]


# Tuples, because an upload makes 100,000 of them: a NamedTuple takes 0.26 µs, a frozen dataclass with slots 0.95 µs.
class ParsedRun(NamedTuple):
    """One run of a provider, within the ranges that the database accepts.

    `remark` is a sentence for a person on what was read otherwise than it stands in the file. `unsaid` are the fields
    of which the file says nothing, or less than the provider: they are for a new run, and change no known one.
    """

    row: int
    id: str
    datetime_utc: datetime
    type: RunType
    distance: float
    duration: float
    avg_heart_rate: float | None = None
    shoe_name: str | None = None
    name: str | None = None
    notes: str | None = None
    remark: str | None = None
    unsaid: frozenset[str] = frozenset()


class ParsedSet(NamedTuple):
    """One set of an exercise, named as the columns of strength_sets are, so that `_asdict()` is the JSON of one.

    `weight` is in `weight_unit` and below 0 for assistance. Its place in ParsedExercise.sets numbers it.
    """

    set_type: SetType
    weight: float | None
    weight_unit: WeightUnit
    reps: int | None
    rpe: float | None
    duration_seconds: float | None
    distance_miles: float | None
    superset_id: int | None
    note: str | None


class ParsedExercise(NamedTuple):
    """One block of sets of an exercise; `template_id` is what the provider calls the exercise, where it is known."""

    name: str
    template_id: str | None
    note: str | None
    sets: tuple[ParsedSet, ...]


class ParsedWorkout(NamedTuple):
    """One workout of a provider, within the ranges that the database accepts.

    The blocks are in the order of the workout, and so are the sets of each; an exercise that was done twice, with
    another in between, is two blocks. `updated_at` is when the provider last changed it, where that is known. `remark`
    is as for runs.
    """

    row: int
    id: UUID
    external_id: str | None
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    notes: str | None
    exercises: tuple[ParsedExercise, ...]
    updated_at: datetime | None = None
    remark: str | None = None


class DeletedWorkout(NamedTuple):
    """A workout that is gone at the provider; `id` is the one that it bore as a ParsedWorkout."""

    row: int
    id: UUID
    external_id: str
    deleted_at: datetime | None


class ParsedTemplate(NamedTuple):
    """What a provider knows of an exercise; `body_part` and `modality` are words of the exercise catalog."""

    row: int
    template_id: str
    name: str
    body_part: str | None
    modality: Modality | None
    is_custom: bool


class ParsedPlannedWorkout(NamedTuple):
    """One planned workout of a provider, within the ranges that the database accepts.

    The id is made of the day, the title, and the `number` among those of the same day and title. `values` are named as
    the columns of planned_workouts are, without those that the file does not have.
    """

    row: int
    id: str
    number: int
    values: dict[str, str | float | None]


class Skipped(NamedTuple):
    """A record that was understood and is left out on purpose; `detail` says why."""

    row: int
    id: str | None
    detail: str


class Problem(NamedTuple):
    """A record that could not be read; `detail` is a sentence for a person. The id is None where it is unknown."""

    row: int
    id: str | None
    detail: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message is a sentence for a person."""


class BadValue(ValueError):
    """A value that cannot be used; the message is a sentence for a person."""


def shown(text: str) -> str:
    """Return a value's text for a message: quoted, and cut when it is long."""
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
