"""Demo account with three years of invented runs, shoes, lifts and edits, a plan, and something in the inbox."""

import io
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fitness.accounts.passwords import hash_password
from fitness.db import (
    plan,
    planned_workouts,
    runs_history,
    runs_import,
    selections,
    shoes,
    users,
    workouts_create,
)
from fitness.db.connection import system_transaction, transaction
from fitness.db.history import changesets, versions
from fitness.db.runs import RUNS, NewRun
from fitness.db.users import User
from fitness.demo_tracks import tcx_of
from fitness.readers import tcx
from fitness.readers.reader import Answers
from fitness.sync import undoing
from fitness.sync.files import load_file
from fitness.sync.report import Report, changeset_of
from fitness.units import METRES_PER_MILE

EMAIL = "demo@example.com"
TIME_ZONE = "Europe/Berlin"
PASSWORD = "three years of running"  # noqa: S105 - public, printed to log in with
YEARS = 3
RECENT = 20
"""Number of the last runs, which the inbox and a reverted import are about."""
RECORDED = 12
"""Number of the runs shortly before today that a watch recorded."""
SHOES = (
    "Brooks Ghost 14",
    "Saucony Ride 15",
    "Nike Air Zoom Pegasus 39",
    "Brooks Ghost 15",
    "Saucony Ride 16",
    "Brooks Ghost 16",
)

LIFTS = {
    0: (("Squat", 165.0, 315.0), ("Bench Press", 115.0, 205.0), ("Cable Row", 90.0, 160.0)),
    3: (("Deadlift", 205.0, 385.0), ("Overhead Press", 65.0, 130.0), ("Lat Pulldown", 90.0, 165.0)),
}
"""Weekday → exercises, each with its weight in pounds three years ago and today."""

PLAN = {1: ("Tempo", 6.0), 3: ("Easy run", 4.0), 6: ("Long run", 11.0)}
"""Weekday → title and miles of a planned run."""


def create(today: date) -> tuple[User, int]:
    """Create the account with runs up to `today`; return it and the number of runs. Raises Conflict if it exists."""
    with system_transaction():
        user = users.create_user(
            email=EMAIL,
            username="demo",
            name="Demo Runner",
            hashed_password=hash_password(PASSWORD),
            birth_year=1988,
            birth_month=5,
            time_zone=TIME_ZONE,
        )
    dice = random.Random(1)  # noqa: S311 - the same data every time
    with transaction(user.user_id):
        users.update_user({"max_heart_rate": 187, "resting_heart_rate": 48})
        stored, recorded = _import_runs(today, dice)
        _import_files(recorded)
        _retire_old_shoes(today)
        _edit_some(stored[:-RECENT], dice)
        _lift(today, dice)
        _plan(today)
        _import_and_revert(stored[-RECENT:])
        _sync_twice(stored[-RECENT:])
    return user, len(stored) + len(recorded)


def _import_runs(today: date, dice: random.Random) -> tuple[list[NewRun], list[NewRun]]:
    """Store the runs that nothing recorded; return them, and those that a watch recorded, every other one of late."""
    changeset_id = changesets.create_changeset("import", source="Manual", actor="demo", reason="Demonstration")
    ids = shoes.bulk_create_shoes_by_names(SHOES, changed_by="demo", changeset_id=changeset_id)
    days = 365 * YEARS
    made = [
        _run(today - timedelta(days=days - day), day / days, ids, dice) for day in range(days) if dice.random() < 0.55
    ]
    recorded = [run for run in made[:-1] if run.type == "Outdoor Run"][-2 * RECORDED :: 2]
    stored = [run for run in made if run not in recorded]
    created = runs_import.bulk_create_runs(stored, changed_by="demo", changeset_id=changeset_id)
    changesets.set_counts(changeset_id, {"found": len(stored), "created": created})
    return stored, recorded


def _import_files(recorded: Sequence[NewRun]) -> None:
    """Import the files that a watch wrote on these runs."""
    report = Report()
    with changeset_of(report, source=tcx.READER.source, actor="demo"):
        for run in recorded:
            file = tcx_of(run.datetime_utc, run.distance, run.duration, run.avg_heart_rate)
            load_file(tcx.READER, io.BytesIO(file), report, answers=Answers(ZoneInfo(TIME_ZONE)), actor="demo")


def _run(day: date, progress: float, shoe_ids: dict[str, str], dice: random.Random) -> NewRun:
    """Return a run: longer on Sundays, in training cycles over the year, a little faster every year."""
    wave = 1 + 0.25 * math.sin(2 * math.pi * day.timetuple().tm_yday / 120)
    distance = round(wave * (dice.uniform(8, 14) if day.weekday() == 6 else dice.uniform(3, 7)), 2)
    pace = dice.uniform(500, 580) - 40 * progress + 4 * distance
    treadmill = day.month in (12, 1, 2) and dice.random() < 0.4
    shoe = SHOES[min(int(progress * len(SHOES)) + (dice.random() < 0.3), len(SHOES) - 1)]
    return NewRun(
        id=f"manual_demo_{day:%Y%m%d}",
        datetime_utc=datetime(
            day.year, day.month, day.day, dice.choice((5, 6, 16, 17)), dice.randrange(60), tzinfo=UTC
        ),
        type="Treadmill Run" if treadmill else "Outdoor Run",
        distance=distance,
        duration=float(round(distance * pace)),
        source="Manual",
        avg_heart_rate=None if dice.random() < 0.1 else float(dice.randrange(138, 168)),
        shoe_id=shoe_ids[shoe],
        name="Long run" if distance > 9 else None,
        notes=dice.choice((None, None, None, "Windy", "Felt strong", "Tired legs", "With friends")),
    )


def _retire_old_shoes(today: date) -> None:
    for place, name in enumerate(SHOES[:-2]):
        retired_at = today - timedelta(days=365 * YEARS * (len(SHOES) - place - 2) // len(SHOES))
        shoes.retire_shoe_by_id(shoes.shoe_id_of(name), retired_at, "Worn out", changed_by="demo")


def _edit_some(stored: list[NewRun], dice: random.Random) -> None:
    """Edit one run in fifteen, restore some of them, and delete one in a hundred."""
    for run in dice.sample(stored, len(stored) // 15):
        updates = {"distance": round(run.distance * dice.uniform(0.95, 1.05), 2)}
        runs_history.update_run_with_history(run.id, updates, changed_by="demo", change_reason="GPS was off")
        if dice.random() < 0.3:
            versions.restore(RUNS, run.id, 1, changed_by="demo")
    for run in dice.sample(stored, len(stored) // 100):
        versions.delete(RUNS, run.id, versions.Change("demo", "Recorded twice"))


def _lift(today: date, dice: random.Random) -> None:
    """Add lifts on two evenings a week, a little heavier every month, and push-ups on Saturdays."""
    days = 365 * YEARS
    for day in range(days):
        on, progress = today - timedelta(days=days - day), day / days
        start_ts = datetime(on.year, on.month, on.day, 18, 30, tzinfo=UTC)
        if dice.random() < 0.2:
            continue
        if on.weekday() in LIFTS:
            _store(
                workout_type="STRENGTH",
                title="Lower body first" if on.weekday() == 0 else "Back first",
                start_ts=start_ts,
                end_ts=start_ts + timedelta(minutes=dice.randrange(45, 75)),
                strength_sets=[
                    {**_set(first + (last - first) * progress, number, dice), "exercise_name": name}
                    for name, first, last in LIFTS[on.weekday()]
                    for number in range(1, 5)
                ],
            )
        elif on.weekday() == 5:
            counted = {"exercise_type": "push-up", "reps_count": round(20 + 40 * progress + dice.uniform(-6, 6))}
            rep_session = {**counted, "duration_seconds": dice.randrange(90, 240)}
            _store(workout_type="REPS", start_ts=start_ts, calories_burned=12.5, rep_session=rep_session)


def _set(weight: float, number: int, dice: random.Random) -> dict[str, object]:
    warmup = number == 1
    return {
        "set_index": number,
        "set_type": "warmup" if warmup else "normal",
        "weight": 5.0 * round(weight * (0.6 if warmup else 1) / 5),
        "weight_unit": "lb",
        "reps": 8 if warmup else dice.randrange(4, 7),
    }


def _store(**workout: object) -> None:
    workouts_create.create_workout(workout, changed_by="demo", client_request="")


def _plan(today: date) -> None:
    """Plan runs from five weeks ago to two weeks from now: most are done, and every fifth is missed.

    One that was run on another day is moved to that day; of those to come, every third is moved.
    """
    days = [today + timedelta(days=offset) for offset in range(-35, 15)]
    for number, day in enumerate(day for day in days if day.weekday() in PLAN):
        title, miles = PLAN[day.weekday()]
        values = {
            "title": title,
            "workout_type": "Run",
            "originally_planned_day": day,
            "planned_distance_meters": miles * METRES_PER_MILE,
            "planned_duration_hours": miles * 9 / 60,
            "is_custom": True,
        }
        planned, _ = planned_workouts.create_planned_workout(values, changed_by="demo")
        candidates = plan.list_candidates(planned, time_zone=TIME_ZONE) if day < today and number % 5 else []
        done = next((one for one in candidates if one["run_id"] and one["size_difference"] < 0.5), None)
        if done:
            plan.link(planned.id, run_id=done["run_id"], changed_by="demo")
            moved_to = done["day"]
        else:
            moved_to = day + timedelta(days=day >= today and number % 3 == 0)
        if moved_to != day:
            selections.update_selection(planned.id, {"current_plan_day": moved_to}, changed_by="demo")


def _import_and_revert(recent: Sequence[NewRun]) -> None:
    """Import a file whose kilometres were read as miles, and revert that."""
    wrong = [
        replace(
            run,
            id=run.id.replace("manual", "mmf"),
            source="MapMyFitness",
            distance=round(run.distance * 1.609, 2),
            datetime_utc=run.datetime_utc - timedelta(days=YEARS * 365),
        )
        for run in recent
    ]
    changeset_id = changesets.create_changeset("import", source="MapMyFitness", actor="demo")
    created = runs_import.bulk_create_runs(wrong, changed_by="demo", changeset_id=changeset_id)
    changesets.set_counts(changeset_id, {"found": len(wrong), "created": created})
    undoing.revert_changeset(changeset_id, actor="demo")


def _sync_twice(recent: Sequence[NewRun]) -> None:
    """Sync two runs from Strava: one may be a duplicate; the next sync conflicts with an edit of the other."""
    first, last = recent[0], recent[-1]
    twin = replace(last, id="strava_16321877401", source="Strava", distance=round(last.distance + 0.02, 2), notes=None)
    other = replace(
        first,
        id="strava_16321877402",
        source="Strava",
        datetime_utc=first.datetime_utc + timedelta(hours=3),
        name="Around the lake",
    )
    changeset_id = changesets.create_changeset("sync", source="Strava", actor="demo")
    created = runs_import.bulk_create_runs([other, twin], changed_by="demo", changeset_id=changeset_id)
    changesets.set_counts(changeset_id, {"found": 2, "created": created})

    edited = {"distance": round(other.distance + 0.3, 2)}
    runs_history.update_run_with_history(other.id, edited, changed_by="demo", change_reason="The watch stopped early")
    corrected = replace(other, distance=round(other.distance + 0.12, 2), name="Around the lake with Anna")
    compared = runs_import.compare_with_provider([corrected])
    changeset_id = changesets.create_changeset("sync", source="Strava", actor="demo")
    runs_import.take_from_provider(compared, changed_by="demo", changeset_id=changeset_id)
    changesets.set_counts(changeset_id, {"found": 1, "updated": 1, "kept": 1})
