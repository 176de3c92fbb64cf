"""Made-up training: what it is in plain Python, how it comes into the database, and how it is made at random."""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

POUND = 0.45359237
EXERCISES = {"Bench Press": "Chest", "Squat": "Legs", "Lunge": "Legs", "Zercher Carry": None, "Dip (Assisted)": "Chest"}
FAR_EAST, FAR_WEST = "Pacific/Kiritimati", "Etc/GMT+12"  # UTC+14 and UTC-12
METRICS = (
    "seconds/total",
    "mileage/total",
    "mileage/by-day",
    "mileage/by-week",
    "mileage/by-month",
    "mileage/rolling-by-day",
    "mileage/by-shoe",
    "records",
    "streaks",
    "trimp/by-day",
    "training-load/by-day",
)
"""The statistics of runs, below `/v1/metrics/`."""


def exercise_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


@dataclass
class Set:
    """A set of a workout; where the exercise is `assisted`, its weight is assistance."""

    weight: float | None = 100.0
    reps: int | None = 5
    set_type: str = "normal"
    weight_unit: str = "lb"
    distance_miles: float | None = None
    assisted: bool = False

    @property
    def pounds(self) -> float | None:
        """The weight as it was entered."""
        return self.weight / POUND if self.weight and self.weight_unit == "kg" else self.weight

    @property
    def load(self) -> float:
        """Pounds; below zero for assistance."""
        pounds = self.pounds or 0
        return -abs(pounds) if self.assisted else pounds

    @property
    def volume(self) -> float:
        return max(self.load, 0) * (self.reps or 0)

    @property
    def one_rep_max(self) -> float | None:
        """The estimated load in pounds, where there is one."""
        if not self.reps or self.load <= 0:
            return None
        return self.load * (1 if self.reps == 1 else 1 + self.reps / 30)


@dataclass
class Workout:
    """A workout and what was done in it."""

    start_ts: datetime
    sets: dict[str, list[Set]] = field(default_factory=dict)
    minutes: int | None = 60
    calories: float | None = None
    cardio: tuple[float | None, float | None] | None = None  # miles and seconds
    counted: tuple[str, int, int] | None = None  # what, how many, seconds
    finished: bool = True
    deleted: bool = False
    id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        for name, sets in self.sets.items():
            for one in sets:
                one.assisted = "Assisted" in name

    @property
    def workout_type(self) -> str:
        return "CARDIO" if self.cardio else "REPS" if self.counted else "STRENGTH"

    @property
    def seconds(self) -> float:
        told = (self.cardio and self.cardio[1], self.counted and self.counted[2], (self.minutes or 0) * 60)
        return next(seconds for seconds in told if seconds is not None)

    def day(self, zone: str) -> date:
        return self.start_ts.astimezone(ZoneInfo(zone)).date()


def store_workouts(owner: psycopg.Connection, person: Any, workouts: list[Workout]) -> None:
    """Store workouts of a person instead of those of before."""
    user = person.user_id
    owner.execute("DELETE FROM workouts WHERE user_id = %s", [user])
    owner.execute("DELETE FROM exercises WHERE user_id = %s", [user])
    cursor = owner.cursor()
    cursor.executemany(
        "INSERT INTO exercises (user_id, id, name, body_part) VALUES (%s, %s, %s, %s)",
        [(user, exercise_id(name), name, body_part) for name, body_part in EXERCISES.items()],
    )
    cursor.executemany(
        """
        INSERT INTO workouts (
            user_id, id, workout_type, start_ts, end_ts, finished_at, deleted_at, calories_burned, title
        )
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'Evening')
        """,
        [
            (
                user, w.id, w.workout_type, w.start_ts,
                None if w.minutes is None else w.start_ts + timedelta(minutes=w.minutes),
                w.start_ts if w.finished else None, w.start_ts if w.deleted else None, w.calories,
            )
            for w in workouts
        ],
    )  # fmt: skip
    done = [(user, w.id, exercise_id(name), order) for w in workouts for order, name in enumerate(w.sets, 1)]
    cursor.executemany(
        "INSERT INTO exercise_executions (user_id, workout_id, exercise_id, execution_order) VALUES (%s, %s, %s, %s)",
        done,
    )
    cursor.executemany(
        """
        INSERT INTO strength_sets (
            user_id, workout_id, exercise_id, position, set_index, set_type, weight, weight_unit, reps,
            distance_miles
        )
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            (
                user, w.id, exercise_id(name), index, index, one.set_type, one.weight, one.weight_unit, one.reps,
                one.distance_miles,
            )
            for w in workouts for name, sets in w.sets.items() for index, one in enumerate(sets)
        ],
    )  # fmt: skip
    cursor.executemany(
        "INSERT INTO cardio_sessions (user_id, workout_id, distance_miles, duration_seconds) VALUES (%s, %s, %s, %s)",
        [(user, w.id, *w.cardio) for w in workouts if w.cardio],
    )
    cursor.executemany(
        "INSERT INTO rep_sessions (user_id, workout_id, exercise_type, reps_count, duration_seconds) "
        "VALUES (%s, %s, %s, %s, %s)",
        [(user, w.id, *w.counted) for w in workouts if w.counted],
    )


@dataclass
class Run:
    """A run; `copy_of` is the number of the run, among those it is stored with, that it is marked a duplicate of."""

    datetime_utc: datetime
    distance: float = 5.0
    duration: float = 2400.0
    type: str = "Outdoor Run"
    source: str = "Strava"
    avg_heart_rate: float | None = None
    shoe: str | None = None
    deleted: bool = False
    copy_of: int | None = None
    id: str = field(default_factory=lambda: f"manual_{uuid4()}")

    def day(self, zone: str) -> date:
        return self.datetime_utc.astimezone(ZoneInfo(zone)).date()

    @property
    def pace(self) -> float | None:
        return self.duration / self.distance if self.distance and self.duration else None


RETIRED = {"Ghost": None, "Pegasus": date(2024, 3, 1), "Ride": None, "Unworn": None}
"""Shoes, and when each was retired."""


def original(run: Run, runs: list[Run]) -> Run | None:
    """Return the run that it is marked a duplicate of."""
    other = None if run.copy_of is None else runs[run.copy_of % len(runs)]
    return None if other is run else other


def counted_runs(
    runs: list[Run],
    zone: str,
    start: date | None = None,
    end: date | None = None,
    *,
    type: str | None = None,
    source: str | None = None,
) -> list[Run]:
    """Return the runs that count, the first first."""
    live = [run for run in runs if not run.deleted]

    def stands_for_itself(run: Run) -> bool:
        """Unless the original counts, or another duplicate of the deleted original."""
        first = original(run, runs)
        if first is None:
            return True
        return first.deleted and run.id == min(one.id for one in live if original(one, runs) is first)

    counted = [
        run
        for run in live
        if stands_for_itself(run)
        and (start or date.min) <= run.day(zone) <= (end or date.max)
        and type in (None, run.type)
        and source in (None, run.source)
    ]
    return sorted(counted, key=lambda run: (run.datetime_utc, run.id))


def store_runs(owner: psycopg.Connection, person: Any, runs: list[Run]) -> None:
    """Store runs of a person, and the shoes, instead of those of before."""
    user = person.user_id
    owner.execute("DELETE FROM runs WHERE user_id = %s", [user])
    owner.execute("DELETE FROM shoes WHERE user_id = %s", [user])
    cursor = owner.cursor()
    cursor.executemany(
        "INSERT INTO shoes (user_id, id, name, retired_at) VALUES (%s, %s, %s, %s)",
        [(user, name.lower(), name, retired_at) for name, retired_at in RETIRED.items()],
    )
    cursor.executemany(
        """
        INSERT INTO runs (
            user_id, id, datetime_utc, type, distance, duration, source, avg_heart_rate, shoe_id, deleted_at
        )
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            (
                user, r.id, r.datetime_utc, r.type, r.distance, r.duration, r.source, r.avg_heart_rate,
                r.shoe and r.shoe.lower(), r.datetime_utc if r.deleted else None,
            )
            for r in runs
        ],
    )  # fmt: skip
    cursor.executemany(
        "UPDATE runs SET duplicate_of = %s WHERE user_id = %s AND id = %s",
        [(first.id, user, run.id) for run in runs if (first := original(run, runs))],
    )


MILES = {"miles", "distance", "distance_miles", "run_miles", "cardio_miles", "from_miles", "below_miles"}
SUMS = {
    "volume_pounds", "volume_kilograms", "weight_pounds", "weight_kilograms", "estimated_one_rep_max_pounds",
    "estimated_one_rep_max_kilograms", "seconds", "run_seconds", "workout_seconds", "duration_seconds",
    "seconds_per_mile", "calories_burned", "per_week", "per_month", "average_reps",
}  # fmt: skip


def close(answer: Any, expected: Any, name: str = "") -> bool:
    """Return whether an answer is the expected one, rounded, except for the last digits of other numbers."""
    if isinstance(answer, dict):
        return answer.keys() == expected.keys() and all(close(answer[key], expected[key], key) for key in answer)
    if isinstance(answer, list):
        return len(answer) == len(expected) and all(map(close, answer, expected))
    if isinstance(expected, float | int) and name in MILES | SUMS:
        return answer == round(expected, 4 if name in MILES else 2)
    if isinstance(answer, float) or isinstance(expected, float):
        return math.isclose(answer, expected, rel_tol=1e-9, abs_tol=1e-9)
    return answer == expected


def last_day(days: list[date], zone: str, end: date | None) -> date:
    """Return the last day of a series: the one asked for, else today or the last of the days."""
    return end or max([*days, datetime.now(ZoneInfo(zone)).date()])


WEEK_STARTS = ("monday", "sunday", "saturday")


def monday(day: date) -> date:
    return week_of(day, "monday")


def week_of(day: date, week_start: str) -> date:
    """Return the first day of the week in which a day lies."""
    return day - timedelta(days=(day.weekday() - ["monday", 1, 2, 3, 4, "saturday", "sunday"].index(week_start)) % 7)


def months_between(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def weeks_between(first: date, last: date, week_start: str = "monday") -> list[date]:
    first, last = week_of(first, week_start), week_of(last, week_start)
    return [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]


def longest_streak(periods: set[date], step: timedelta) -> tuple[int, date | None, date | None]:
    """Return how many of the days, or weeks by their Mondays, follow on each other, the first and the last of them."""
    best, first = (0, None, None), None
    for period in sorted(periods):
        first = first if first and period - step in periods else period
        best = max(
            best, ((period - first) // step + 1, first, period), key=lambda streak: (streak[0], streak[2] or period)
        )
    return best


def query_of(zone: str, start: date | None, end: date | None) -> dict[str, str]:
    return {"time_zone": zone, **({"start": str(start)} if start else {}), **({"end": str(end)} if end else {})}


# Random training

SETS = st.builds(
    Set,
    weight=st.sampled_from([None, -20.0, 0.0, 45.0, 60.5, 100.0, 135.0]),
    reps=st.sampled_from([None, 0, 1, 5, 5, 12]),
    set_type=st.sampled_from(["normal", "normal", "warmup", "failure", "dropset"]),
    weight_unit=st.sampled_from(["lb", "kg"]),
    distance_miles=st.sampled_from([None, None, 0.25]),
)
# In these weeks the clocks change in New York and in Berlin.
INSTANTS = st.integers(0, 71 * 48).map(lambda n: datetime(2024, 1, 29, tzinfo=UTC) + n * timedelta(minutes=30))
WORKOUTS = st.builds(
    Workout,
    start_ts=INSTANTS,
    sets=st.dictionaries(st.sampled_from(list(EXERCISES)), st.lists(SETS, min_size=1, max_size=5), max_size=3),
    minutes=st.sampled_from([None, 0, 45]),
    calories=st.sampled_from([None, 0.5, 300.0]),
    cardio=st.sampled_from([None, None, (None, None), (3.1, None), (2.0, 900.5)]),
    counted=st.sampled_from([None, None, ("push-up", 0, 10), ("push-up", 25, 60), ("jump-rope", 300, 240)]),
    finished=st.sampled_from([True, True, True, False]),
    deleted=st.sampled_from([False, False, False, True]),
    id=st.uuids(version=4),
)
LOGS = st.lists(WORKOUTS, max_size=14, unique_by=lambda workout: workout.id)
RUNS = st.builds(
    Run,
    datetime_utc=INSTANTS,
    distance=st.sampled_from([0.0, 0.98, 1.0, 3.1, 3.1, 3.3, 6.21, 13.0, 13.11, 26.3, 31.5, 70.0]),
    duration=st.sampled_from([0.0, 900.5, 1500.0, 1500.0, 3600.0]),
    type=st.sampled_from(["Outdoor Run", "Outdoor Run", "Treadmill Run"]),
    source=st.sampled_from(["Strava", "Strava", "MapMyFitness", "Manual"]),
    avg_heart_rate=st.sampled_from([None, 40.0, 120.0, 151.5, 171.0, 230.0]),
    shoe=st.sampled_from([None, "Ghost", "Pegasus", "Ride"]),
    deleted=st.sampled_from([False, False, False, True]),
    copy_of=st.sampled_from([None, None, None, 0, 1, 5]),
)
RUN_LOGS = st.lists(RUNS, max_size=16)
FILTERS = st.fixed_dictionaries(
    {}, optional={"type": st.just("Outdoor Run"), "source": st.sampled_from(["Strava", "Manual"])}
)
ZONES = st.sampled_from(["UTC", FAR_EAST, FAR_WEST, "America/New_York", "Europe/Berlin"])
RANGES = st.tuples(
    st.none() | st.dates(date(2024, 1, 20), date(2024, 3, 10)),
    st.none() | st.dates(date(2024, 3, 10), date(2024, 5, 1)),
)
at_random = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
