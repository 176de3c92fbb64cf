"""Statistics of workouts, each figure against a plain count in Python."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.workout_metrics.figures import Counted, frequency, get, heaviest, record, reps, streaks, strongest
from tests.training import (
    EXERCISES,
    LOGS,
    POUND,
    RANGES,
    WEEK_STARTS,
    ZONES,
    Set,
    Workout,
    at_random,
    close,
    exercise_id,
    query_of,
)


def volume(sets: list[Set]) -> dict[str, Any]:
    pounds = sum(one.volume for one in sets)
    return {
        "sets": len(sets),
        "reps": sum(one.reps or 0 for one in sets),
        "volume_pounds": pounds,
        "volume_kilograms": pounds * POUND,
    }


def totals(counted: Counted) -> dict[str, Any]:
    workouts, sets = counted.workouts, [one for _, _, one in counted.sets()]
    types = Counter(w.workout_type for w in workouts)
    return {
        **volume(sets),
        "workouts": len(workouts),
        "strength_workouts": types["STRENGTH"],
        "cardio_workouts": types["CARDIO"],
        "rep_workouts": types["REPS"],
        "counted_reps": sum(w.counted[1] for w in workouts if w.counted),
        "duration_seconds": sum(w.seconds for w in workouts),
        "strength_seconds": sum(w.seconds for w in workouts if w.workout_type == "STRENGTH"),
        "distance_miles": sum(w.cardio[0] or 0 for w in workouts if w.cardio)
        + sum(one.distance_miles or 0 for one in sets),
        "calories_burned": sum(w.calories or 0 for w in workouts),
    }


def most_performed_exercises(counted: Counted) -> list[dict[str, Any]]:
    rows = []
    for name in EXERCISES:
        sets = counted.sets(name)
        reps = sum(one.reps or 0 for _, _, one in sets)
        rows.append((-len({w.id for w, _, _ in sets}), -len(sets), -reps, name))
    return [
        {"exercise_id": str(exercise_id(name)), "name": name, "workouts": -workouts, "sets": -sets, "reps": -reps}
        for workouts, sets, reps, name in sorted(rows)
        if sets
    ]


def body_parts(counted: Counted) -> list[dict[str, Any]]:
    sets = Counter(EXERCISES[name] or "Unknown" for _, name, _ in counted.sets())
    return [
        {"body_part": part, "sets": count, "share": count / sets.total()}
        for part, count in sorted(sets.items(), key=lambda item: (-item[1], item[0]))
    ]


def personal_records(counted: Counted) -> list[dict[str, Any]]:
    records = filter(None, (record(counted, name, heaviest) for name in sorted(EXERCISES)))
    return [row for _, row in sorted(records, key=lambda pair: pair[0].start_ts, reverse=True)]


PARTS = [totals, frequency, most_performed_exercises, body_parts, personal_records, streaks]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_persons_figures_are_those_of_a_plain_count(client, alice, bob, log, part):
    @at_random
    @given(LOGS, LOGS, ZONES, RANGES, st.sampled_from(WEEK_STARTS))
    def check(workouts, bobs, zone, days, week_start):
        log(alice, workouts)
        log(bob, bobs)

        stats = get(client, alice, **query_of(zone, *days), week_start=week_start)

        expected = part(Counted.of(workouts, zone, *days, week_start=week_start))
        assert close(stats[part.__name__], expected), (stats[part.__name__], expected)

    check()


def test_an_exercises_figures_are_those_of_a_plain_count(client, alice, bob, log):
    @at_random
    @given(LOGS, LOGS, ZONES, RANGES, st.sampled_from(list(EXERCISES)), st.sampled_from(WEEK_STARTS))
    def check(workouts, bobs, zone, days, name, week_start):
        log(alice, workouts)
        log(bob, bobs)

        query = {**query_of(zone, *days), "week_start": week_start}
        stats = get(client, alice, f"/v1/exercises/{exercise_id(name)}/stats", **query)

        counted = Counted.of(workouts, zone, *days, week_start=week_start)
        sets = counted.sets(name)
        on = counted.days([w for w, _, _ in sets])
        of_week = defaultdict(list)
        for day, (_, _, one) in zip(on, sets, strict=True):
            of_week[counted.week(day)].append(one)
        best, most = record(counted, name, heaviest), record(counted, name, strongest)
        expected = {
            "exercise_id": str(exercise_id(name)),
            "name": name,
            "totals": {
                **volume([one for _, _, one in sets]),
                "workouts": len({w.id for w, _, _ in sets}),
                "first_on": str(min(on)) if on else None,
                "last_on": str(max(on)) if on else None,
            },
            "best_set": best and best[1],
            "estimated_one_rep_max": most and most[1],
            "weeks": [{"week": str(week), **volume(of_week[week])} for week in counted.weeks(on)[-52:]],
        }
        assert close(stats, expected), (stats, expected)

    check()


@pytest.mark.parametrize("exercise_type", [None, "push-up", "jump-rope"])
def test_the_rep_counters_figures_are_those_of_a_plain_count(client, alice, bob, log, exercise_type):
    now = datetime.now(UTC)
    sessions = st.builds(
        Workout,
        start_ts=st.integers(-2, 12 * 24).map(lambda hours: now - timedelta(hours=hours)),
        calories=st.sampled_from([None, 0.5, 12.0]),
        counted=st.tuples(
            st.sampled_from(["push-up", "jump-rope"]), st.sampled_from([0, 25, 25, 40]), st.integers(0, 600)
        ),
        finished=st.sampled_from([True, True, True, False]),
        deleted=st.sampled_from([False, False, False, True]),
        id=st.uuids(version=4),
    )
    logs = st.lists(sessions, max_size=14, unique_by=(lambda w: w.id, lambda w: w.start_ts))

    @at_random
    @given(logs, logs, ZONES, st.sampled_from([1, 2, 7, 30]), st.sampled_from([None, -1, 0, 2, 5]), st.booleans())
    def check(workouts, bobs, zone, days, ago, by_start):
        log(alice, workouts)
        log(bob, bobs)

        last = datetime.now(ZoneInfo(zone)).date() - timedelta(days=ago or 0)
        start = last - timedelta(days=days - 1)
        query = {
            "time_zone": zone,
            **({"start": str(start)} if by_start else {"days": days}),
            **({"exercise_type": exercise_type} if exercise_type else {}),
            **({"end": str(last)} if ago is not None else {}),
        }
        stats = get(client, alice, "/v1/metrics/reps", **query)

        counted = [
            w
            for w in Counted.of(workouts, zone, start, last).workouts
            if exercise_type in (None, w.counted and w.counted[0])
        ]
        # By its start, a range begins with the first session in it.
        first = min((w.day(zone) for w in counted), default=last + timedelta(days=1)) if by_start else start
        expected = {
            "totals": {**reps(counted), "calories_burned": sum(w.calories or 0 for w in counted)},
            "exercise_types": [
                rep_type(name, zone, of_type)
                for name in ("jump-rope", "push-up")
                if (of_type := [w for w in counted if w.counted and w.counted[0] == name])
            ],
            "days": [
                {"day": str(day), **reps([w for w in counted if w.day(zone) == day])}
                for day in days_between(first, last)
            ],
        }
        assert close(stats, expected), (stats, expected)

    check()


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=after) for after in range((last - first).days + 1)]


def rep_type(name: str, zone: str, workouts: list[Workout]) -> dict[str, Any]:
    counts = [(w.counted[1], w) for w in sorted(workouts, key=lambda w: w.start_ts) if w.counted]
    most, first = max(counts, key=lambda pair: pair[0])
    return {
        "exercise_type": name,
        "sessions": len(counts),
        "reps": sum(count for count, _ in counts),
        "average_reps": sum(count for count, _ in counts) / len(counts),
        "record_reps": most,
        "record_on": str(first.day(zone)),
    }
