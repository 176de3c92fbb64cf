"""The records that the parsers of all providers hand on.

Distances are miles, durations seconds, instants aware UTC. No SQL, no HTTP.
"""

from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple
from uuid import UUID

RunType = Literal["Outdoor Run", "Treadmill Run"]
SetType = Literal["normal", "warmup", "failure", "dropset"]
WeightUnit = Literal["kg", "lb"]
DistanceUnit = Literal["km", "mi"]
WorkoutType = Literal["STRENGTH", "CARDIO"]
Modality = Literal["BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT"]
ZoneSource = Literal["provider", "file", "answer", "account"]


class Zone(NamedTuple):
    """The time zone in which an activity began: its IANA name, or an offset from UTC such as +05:30.

    `source` says where it came from: the provider or the file named it, or the file's local times were read in it, as
    the person said of the file or in the profile.
    """

    name: str
    source: ZoneSource

    def stored(self) -> dict[str, str]:
        """Return it as it is stored; of many rows, ten times as fast as `_asdict`."""
        return {"name": self.name, "source": self.source}


class StoredPoints(NamedTuple):
    """The points of an activity as they are stored, see `stored_points`; laps are objects, pauses pairs of instants.

    `id` is the SHA-256 of all of it before it is packed. `efforts` maps the names of stretches to the seconds of the
    fastest one.
    """

    id: str
    content: bytes
    laps: list[dict[str, float | None]]
    pauses: list[tuple[float, float]]
    efforts: dict[str, float]


class Original(NamedTuple):
    """The file that an activity was read from, unpacked; the activity is number `place` of so many `activities`.

    `laps` is how many the activity has there.
    """

    kind: str
    sha256: str
    content: bytes
    place: int = 1
    activities: int = 1
    laps: int = 0

    @classmethod
    def of(cls, kind: str, content: bytes, *, activities: int) -> "Original":
        """Return a file as that of its first activity."""
        return cls(kind, sha256(content).hexdigest(), content, activities=activities)

    @property
    def key(self) -> str:
        """The name that no other activity has."""
        return f"file:{self.sha256}" if self.activities == 1 else f"file:{self.sha256}#{self.place}"


# Tuples, because an upload makes 100,000 of them: a NamedTuple takes 0.26 µs, a frozen dataclass with slots 0.95 µs.
class ParsedRun(NamedTuple):
    """One run of a provider, within the ranges that the database accepts.

    `remark` is a sentence for a person on what was read otherwise than it stands in the file. `unsaid` are the fields
    of which the file says nothing, or less than the provider: they are for a new run, and change no known one. `keys`
    are names that no other activity has: "file:<SHA-256>", "strava:<id>", "device:<serial number>:<start>", ….
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
    elapsed: float | None = None
    ascent: float | None = None
    calories: float | None = None
    max_heart_rate: float | None = None
    avg_cadence: float | None = None
    avg_power: float | None = None
    temperature: float | None = None
    device: str | None = None
    time_zone: Zone | None = None
    keys: tuple[str, ...] = ()
    points: StoredPoints | None = None
    original: Original | None = None


class ParsedSet(NamedTuple):
    """A set of an exercise. Fields have the names of the columns of strength_sets, so that `_asdict()` is its JSON.

    `weight` is in `weight_unit` and below 0 for assistance. The position in ParsedExercise.sets is the set's number.
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
    """A block of sets of an exercise; `template_id` is the provider's id of the exercise, if known."""

    name: str
    template_id: str | None
    note: str | None
    sets: tuple[ParsedSet, ...]


class ParsedCardio(NamedTuple):
    """A cardio session. Fields have the names of the columns of cardio_sessions, so that `_asdict()` is its JSON."""

    sport: str
    distance_miles: float | None
    duration_seconds: float | None
    avg_heart_rate: float | None
    ascent: float | None = None
    max_heart_rate: float | None = None
    avg_cadence: float | None = None
    avg_power: float | None = None
    temperature: float | None = None


class ParsedWorkout(NamedTuple):
    """A workout as a provider sent it, within the ranges of the database.

    The blocks are in the order of the workout, and so are the sets of each; an exercise that was done twice, with
    another in between, is two blocks. `updated_at` is when the provider last changed it, where that is known. `remark`,
    `unsaid` and `keys` are as for runs; `unsaid` also names fields of the cardio session.
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
    workout_type: WorkoutType = "STRENGTH"
    cardio_session: ParsedCardio | None = None
    unsaid: frozenset[str] = frozenset()
    calories_burned: float | None = None
    device: str | None = None
    time_zone: Zone | None = None
    keys: tuple[str, ...] = ()
    points: StoredPoints | None = None
    original: Original | None = None


class DeletedWorkout(NamedTuple):
    """A workout that was deleted at the provider; `id` is the same as in its ParsedWorkout."""

    row: int
    id: UUID
    external_id: str
    deleted_at: datetime | None


class ParsedTemplate(NamedTuple):
    """An exercise at a provider; `body_part` and `modality` use the words of the exercise catalog.

    `is_assisted`: its weights are assistance instead of load; None if the provider does not say so.
    """

    row: int
    template_id: str
    name: str
    body_part: str | None
    modality: Modality | None
    is_custom: bool
    is_assisted: Literal[True] | None = None


class ParsedPlannedWorkout(NamedTuple):
    """A planned workout as a provider sent it, within the ranges of the database.

    The id is made from day, title, and `number`, which counts those with the same day and title. `values` has the names
    of the columns of planned_workouts, without those that the file does not have.
    """

    row: int
    id: str
    number: int
    values: dict[str, str | float | None]


class Skipped(NamedTuple):
    """A record that is left out on purpose; `detail` has the reason."""

    row: int
    id: str | None
    detail: str


class Problem(NamedTuple):
    """A record that could not be read; `detail` is a sentence for a person. The id is None if unknown."""

    row: int
    id: str | None
    detail: str


class OtherSport(NamedTuple):
    """An activity that is no run, as it is stored if the person wants other sports: `workout`.

    `id` is the id that it had as a run, as people can change the type of an activity; `sport` is as the provider wrote
    it. `as_run` is the activity as a run, if its file does not say the sport, as one that is cut does not.
    """

    row: int
    id: str | None
    sport: str
    workout: ParsedWorkout | Problem
    as_run: ParsedRun | None = None

    @property
    def skipped(self) -> Skipped:
        """What it is if the person wants only runs."""
        return Skipped(self.row, self.id, f"Not a run: {shown(self.sport)}.")


Record = ParsedRun | OtherSport | Skipped | Problem
"""What comes of one activity of a provider or of a file."""


def weight_of(record: object) -> int:
    """Return the bytes of the file and of the points that come with a record."""
    parsed = record.workout if isinstance(record, OtherSport) else record
    if not isinstance(parsed, (ParsedRun, ParsedWorkout)) or not (parsed.original or parsed.points):
        return 0
    return len(parsed.original.content if parsed.original else b"") + len(
        parsed.points.content if parsed.points else b""
    )


class UnreadableFile(ValueError):
    """The whole file cannot be read; the message is a sentence for a person."""


class OfAnotherKind(UnreadableFile):
    """The files in an archive are no export of the kind that is asked about."""


class BadValue(ValueError):
    """A value that cannot be used; the message is a sentence for a person."""


def shown(text: str) -> str:
    """Return a text for a message: in quotes, cut if it is long, with ? for half a character."""
    text = text[:61].encode(errors="replace").decode()
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
