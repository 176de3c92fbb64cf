"""A made-up person with three years of runs, shoes and edits, so that there is something to look at."""

import math
import random
from datetime import UTC, date, datetime, timedelta

from fitness.auth import hash_password
from fitness.db import changesets, runs, runs_history, shoes, users, versions
from fitness.db.connection import system_transaction, transaction
from fitness.db.runs import RUNS, NewRun
from fitness.db.users import User

EMAIL = "demo@example.com"
PASSWORD = "three years of running"  # noqa: S105 - printed for everybody to log in with
YEARS = 3
SHOES = (
    "Brooks Ghost 14",
    "Saucony Ride 15",
    "Nike Air Zoom Pegasus 39",
    "Brooks Ghost 15",
    "Saucony Ride 16",
    "Brooks Ghost 16",
)


def create(today: date) -> tuple[User, int]:
    """Make the person with runs up to `today`; return them and the number of runs. Raises Conflict if they exist."""
    with system_transaction():
        user = users.create_user(
            email=EMAIL,
            username="demo",
            name="Demo Runner",
            hashed_password=hash_password(PASSWORD),
            birth_year=1988,
            birth_month=5,
            time_zone="Europe/Berlin",
        )
    dice = random.Random(1)  # noqa: S311 - the same demonstration for everybody
    with transaction(user.user_id):
        stored = _import_runs(today, dice)
        _retire_old_shoes(today)
        _edit_some(stored, dice)
    return user, len(stored)


def _import_runs(today: date, dice: random.Random) -> list[NewRun]:
    changeset_id = changesets.create_changeset("import", source="Manual", actor="demo", reason="Demonstration")
    ids = shoes.bulk_create_shoes_by_names(SHOES, changed_by="demo", changeset_id=changeset_id)
    days = 365 * YEARS
    made = [
        _run(today - timedelta(days=days - day), day / days, ids, dice) for day in range(days) if dice.random() < 0.55
    ]
    created = runs.bulk_create_runs(made, changed_by="demo", changeset_id=changeset_id)
    changesets.set_counts(changeset_id, {"found": len(made), "created": created})
    return made


def _run(day: date, progress: float, shoe_ids: dict[str, str], dice: random.Random) -> NewRun:
    """Make a run: longer on Sundays, in waves of training over the year, a little faster every year."""
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
    """Correct one run in fifteen, take some of that back, and delete one in a hundred."""
    for run in dice.sample(stored, len(stored) // 15):
        updates = {"distance": round(run.distance * dice.uniform(0.95, 1.05), 2)}
        runs_history.update_run_with_history(run.id, updates, changed_by="demo", change_reason="GPS was off")
        if dice.random() < 0.3:
            versions.restore(RUNS, run.id, 1, changed_by="demo")
    for run in dice.sample(stored, len(stored) // 100):
        versions.delete(RUNS, run.id, versions.Change("demo", "Recorded twice"))
