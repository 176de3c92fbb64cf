"""Make calendar events from runs and workouts; pure functions, no network, no SQL."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fitness.db.runs import Run
from fitness.db.workouts import Workout
from fitness.units import KM_PER_MILE

SHORTEST = timedelta(minutes=1)
"""Google rejects events that end before they start, and hides events that end when they start."""

LONGEST_DESCRIPTION = 8_000
"""Google's limit is only a little higher."""

MOST_IDS = 5
"""Event ids per record. An id is lost if its event was deleted and cannot be restored."""


def event_ids(user_id: int, noun: str, record_id: object) -> Iterator[str]:
    """Yield the possible ids of a record's event, always the same ones, in the order to try them.

    Google only allows 0-9 and a-v in ids: hexadecimal digits are valid, our own ids are not.
    """
    for number in range(MOST_IDS):
        name = f"{user_id}/{noun}/{record_id}" + (f"/{number}" if number else "")
        yield "fit" + hashlib.sha256(name.encode()).hexdigest()[:40]


def event_of_run(run: Run, time_zone: str, units: str = "miles") -> dict[str, Any]:
    """Return the event of a run, in the user's time zone."""
    what = run.name or ("Treadmill run" if run.type == "Treadmill Run" else "Run")
    facts = [_clock(run.duration)]
    distance, unit = _distance(run.distance, units)
    if distance:
        facts.append(f"{_clock(run.duration / distance)} /{unit}")
    if run.avg_heart_rate:
        facts.append(f"HR {run.avg_heart_rate:.0f}")
    return _event(
        summary=f"{what} {distance:.1f} {unit}" if distance else what,
        description=[", ".join(facts), run.notes],
        start=run.datetime_utc,
        end=run.datetime_utc + timedelta(seconds=run.duration),
        time_zone=time_zone,
        private={"fitnessRunId": run.id},
    )


def event_of_workout(workout: Workout, time_zone: str, units: str = "miles") -> dict[str, Any]:
    """Return the event of a workout, in the user's time zone."""
    return _event(
        summary=workout.title or {"STRENGTH": "Lifting", "CARDIO": "Cardio", "REPS": "Reps"}[workout.workout_type],
        description=[*_done(workout, units), workout.notes],
        start=workout.start_ts,
        end=workout.end_ts or workout.finished_at or workout.start_ts,
        time_zone=time_zone,
        private={"fitnessWorkoutId": str(workout.id)},
    )


def _distance(miles: float, units: str) -> tuple[float, str]:
    """Return a distance in the user's units, and the sign of these."""
    return (miles * KM_PER_MILE, "km") if units == "kilometres" else (miles, "mi")


def _done(workout: Workout, units: str) -> Iterator[str]:
    """Yield one line per part of a workout."""
    for execution in workout.exercise_executions:
        sets = len(execution["sets"])
        yield f"{execution['exercise_name']}: {sets} {'set' if sets == 1 else 'sets'}"
    if cardio := workout.cardio_session:
        facts = []
        if cardio["distance_miles"] is not None:
            distance, unit = _distance(cardio["distance_miles"], units)
            facts.append(f"{distance:.1f} {unit}")
        if cardio["duration_seconds"] is not None:
            facts.append(_clock(cardio["duration_seconds"]))
        yield ", ".join(facts)
    if reps := workout.rep_session:
        yield f"{reps['reps_count']} x {reps['exercise_type']}, {_clock(reps['duration_seconds'])}"


def _event(
    *,
    summary: str,
    description: list[str | None],
    start: datetime,
    end: datetime,
    time_zone: str,
    private: dict[str, str],
) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": "\n".join(line for line in description if line)[:LONGEST_DESCRIPTION],
        "start": _moment(start, time_zone),
        "end": _moment(max(end, start + SHORTEST), time_zone),
        "extendedProperties": {"private": private},
        "reminders": {"useDefault": False},
    }


def _moment(instant: datetime, time_zone: str) -> dict[str, str]:
    local = instant.astimezone(ZoneInfo(time_zone))
    return {"dateTime": local.isoformat(timespec="seconds"), "timeZone": time_zone}


def _clock(seconds: float) -> str:
    """Format a duration: 45:12 or 1:05:12."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
