"""Figures of workouts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.training import (
    POUND,
    Set,
    Workout,
    exercise_id,
    last_day,
    longest_streak,
    months_between,
    week_of,
    weeks_between,
)


def get(client, person, path="/v1/users/me/stats", **query):
    response = client.get(path, query_string=query or None, headers=person.headers)
    assert response.status_code == 200, response.json
    return response.json


@dataclass
class Counted:
    """The workouts that count, of the local days from `start` to `end`."""

    workouts: list[Workout]
    zone: str
    start: date | None
    end: date | None
    week_start: str

    @classmethod
    def of(
        cls,
        workouts: list[Workout],
        zone: str,
        start: date | None = None,
        end: date | None = None,
        week_start: str = "monday",
    ) -> "Counted":
        counted = [
            w
            for w in workouts
            if w.finished and not w.deleted and (start or date.min) <= w.day(zone) <= (end or date.max)
        ]
        return cls(counted, zone, start, end, week_start)

    def sets(self, name: str | None = None) -> list[tuple[Workout, str, Set]]:
        """Return the working sets, in the order in which equal records count."""
        return [
            (w, exercise, one)
            for w in sorted(self.workouts, key=lambda w: (w.start_ts, w.id))
            for exercise, sets in w.sets.items()
            for one in sets
            if one.set_type != "warmup" and name in (None, exercise)
        ]

    def days(self, workouts: list[Workout]) -> list[date]:
        return [w.day(self.zone) for w in workouts]

    def week(self, day: date) -> date:
        return week_of(day, self.week_start)

    def weeks(self, days: list[date]) -> list[date]:
        """Return the first days of all weeks of the range, which an open end gets from the days and today."""
        return span(self, days, partial(weeks_between, week_start=self.week_start))


def span(counted: Counted, days: list[date], between: Callable[[date, date], list[date]]) -> list[date]:
    first = counted.start or min(days, default=None)
    return between(first, last_day(days, counted.zone, counted.end)) if first else []


def frequency(counted: Counted) -> dict[str, Any]:
    days = counted.days(counted.workouts)
    weeks, months = counted.weeks(days), span(counted, days, months_between)
    in_week, in_month = Counter(map(counted.week, days)), Counter(day.replace(day=1) for day in days)
    return {
        "per_week": len(days) / len(weeks) if weeks else 0,
        "per_month": len(days) / len(months) if months else 0,
        "weeks": [{"week": str(week), "workouts": in_week[week]} for week in weeks[-52:]],
        "months": [{"month": str(month), "workouts": in_month[month]} for month in months[-24:]],
    }


def heaviest(one: Set) -> float | None:
    return one.load if one.reps else None


def strongest(one: Set) -> float | None:
    return one.one_rep_max


def record(counted: Counted, name: str, of: Callable[[Set], float | None]) -> tuple[Workout, dict[str, Any]] | None:
    compared = [(value, one.reps, w, one) for w, _, one in counted.sets(name) if (value := of(one)) is not None]
    if not compared:
        return None
    # The first of equal ones, as max() does.
    _, _, workout, best = max(compared, key=lambda candidate: candidate[:2])
    return workout, {
        "exercise_id": str(exercise_id(name)),
        "name": name,
        "weight": best.weight,
        "weight_unit": best.weight_unit,
        "weight_pounds": best.pounds,
        "weight_kilograms": None if best.pounds is None else best.pounds * POUND,
        "is_assistance": best.load < 0,
        "reps": best.reps,
        "achieved_on": str(workout.day(counted.zone)),
        "workout_id": str(workout.id),
        "estimated_one_rep_max_pounds": best.one_rep_max,
        "estimated_one_rep_max_kilograms": None if best.one_rep_max is None else best.one_rep_max * POUND,
    }


def streaks(counted: Counted) -> dict[str, Any]:
    days = set(counted.days(counted.workouts))
    length, begin, end = longest_streak(days, timedelta(days=1))
    return {
        # These days are long gone.
        "current_days": 0,
        "longest_days": length,
        "longest_from": begin and str(begin),
        "longest_to": end and str(end),
        "last_workout_on": str(max(days)) if days else None,
    }


def reps(workouts: list[Workout]) -> dict[str, Any]:
    counted = [w.counted for w in workouts if w.counted]
    return {
        "sessions": len(counted),
        "reps": sum(count for _, count, _ in counted),
        "duration_seconds": sum(seconds for _, _, seconds in counted),
    }


def paths(name: str) -> list[str]:
    exercise = f"/v1/exercises/{exercise_id(name)}"
    return ["/v1/users/me/stats", f"{exercise}/stats", "/v1/metrics/reps"]
