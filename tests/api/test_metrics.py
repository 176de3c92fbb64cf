"""Statistics over HTTP, each figure against a plain count in Python of the same random training."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.db.paging import Cursor
from tests.training import (
    EXERCISES,
    FAR_EAST,
    FAR_WEST,
    LOGS,
    POUND,
    RANGES,
    ZONES,
    Set,
    Workout,
    at_random,
    close,
    exercise_id,
    longest_streak,
    monday,
    months_between,
    query_of,
    store_workouts,
    weeks_between,
)

NOBODYS = "/v1/exercises/00000000-0000-4000-8000-000000000000"


@pytest.fixture
def log(owner: psycopg.Connection) -> Callable[..., None]:
    """Store workouts of a person instead of those of before."""

    def store(person: Any, workouts: list[Workout]) -> None:
        with owner.transaction():
            store_workouts(owner, person, workouts)

    return store


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

    @classmethod
    def of(cls, workouts: list[Workout], zone: str, start: date | None = None, end: date | None = None) -> "Counted":
        counted = [
            w
            for w in workouts
            if w.finished and not w.deleted and (start or date.min) <= w.day(zone) <= (end or date.max)
        ]
        return cls(counted, zone, start, end)

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
        "distance_miles": sum(w.cardio[0] or 0 for w in workouts if w.cardio)
        + sum(one.distance_miles or 0 for one in sets),
        "calories_burned": sum(w.calories or 0 for w in workouts),
    }


def span(counted: Counted, days: list[date], between: Callable[[date, date], list[date]]) -> list[date]:
    first, last = counted.start or min(days, default=None), counted.end or max(days, default=None)
    return between(first, last) if first and last else []


def frequency(counted: Counted) -> dict[str, Any]:
    days = counted.days(counted.workouts)
    weeks, months = span(counted, days, weeks_between), span(counted, days, months_between)
    in_week, in_month = Counter(map(monday, days)), Counter(day.replace(day=1) for day in days)
    return {
        "per_week": len(days) / len(weeks) if weeks else 0,
        "per_month": len(days) / len(months) if months else 0,
        "weeks": [{"week": str(week), "workouts": in_week[week]} for week in weeks],
        "months": [{"month": str(month), "workouts": in_month[month]} for month in months],
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


def record(counted: Counted, name: str, of: Callable[[Set], float]) -> tuple[Workout, dict[str, Any]] | None:
    lifted = [(w, one) for w, _, one in counted.sets(name) if one.lifted]
    if not lifted:
        return None
    # The first of equal ones, as max() does.
    workout, best = max(lifted, key=lambda pair: (of(pair[1]), pair[1].reps))
    return workout, {
        "exercise_id": str(exercise_id(name)),
        "name": name,
        "weight": best.weight,
        "weight_unit": best.weight_unit,
        "weight_pounds": best.pounds,
        "weight_kilograms": best.pounds * POUND,
        "reps": best.reps,
        "achieved_on": str(workout.day(counted.zone)),
        "workout_id": str(workout.id),
        "estimated_one_rep_max_pounds": best.pounds * best.times_epley,
        "estimated_one_rep_max_kilograms": best.pounds * best.times_epley * POUND,
    }


def heaviest(one: Set) -> float:
    return one.pounds


def strongest(one: Set) -> float:
    return one.pounds * one.times_epley


def personal_records(counted: Counted) -> list[dict[str, Any]]:
    records = filter(None, (record(counted, name, heaviest) for name in sorted(EXERCISES)))
    return [row for _, row in sorted(records, key=lambda pair: pair[0].start_ts, reverse=True)]


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


PARTS = [totals, frequency, most_performed_exercises, body_parts, personal_records, streaks]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_persons_figures_are_those_of_a_plain_count(client, alice, bob, log, part):
    @at_random
    @given(LOGS, LOGS, ZONES, RANGES)
    def check(workouts, bobs, zone, days):
        log(alice, workouts)
        log(bob, bobs)

        stats = get(client, alice, **query_of(zone, *days))

        expected = part(Counted.of(workouts, zone, *days))
        assert close(stats[part.__name__], expected), (stats[part.__name__], expected)

    check()


def test_an_exercises_figures_are_those_of_a_plain_count(client, alice, bob, log):
    @at_random
    @given(LOGS, LOGS, ZONES, RANGES, st.sampled_from(list(EXERCISES)))
    def check(workouts, bobs, zone, days, name):
        log(alice, workouts)
        log(bob, bobs)

        stats = get(client, alice, f"/v1/exercises/{exercise_id(name)}/stats", **query_of(zone, *days))

        counted = Counted.of(workouts, zone, *days)
        sets = counted.sets(name)
        on = counted.days([w for w, _, _ in sets])
        of_week = defaultdict(list)
        for day, (_, _, one) in zip(on, sets, strict=True):
            of_week[monday(day)].append(one)
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
            "weeks": [{"week": str(week), **volume(of_week[week])} for week in span(counted, on, weeks_between)],
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
    @given(logs, logs, ZONES, st.sampled_from([1, 2, 7, 30]))
    def check(workouts, bobs, zone, days):
        log(alice, workouts)
        log(bob, bobs)

        query = {"time_zone": zone, "days": days, **({"exercise_type": exercise_type} if exercise_type else {})}
        stats = get(client, alice, "/v1/metrics/reps", **query)

        today = datetime.now(ZoneInfo(zone)).date()
        counted = [
            w
            for w in Counted.of(workouts, zone, today - timedelta(days=days - 1), today).workouts
            if exercise_type in (None, w.counted and w.counted[0])
        ]
        expected = {
            "totals": {**reps(counted), "calories_burned": sum(w.calories or 0 for w in counted)},
            "exercise_types": [
                rep_type(name, zone, of_type)
                for name in ("jump-rope", "push-up")
                if (of_type := [w for w in counted if w.counted and w.counted[0] == name])
            ],
            "days": [
                {"day": str(day), **reps([w for w in counted if w.day(zone) == day])}
                for day in (today - timedelta(days=ago) for ago in range(days - 1, -1, -1))
            ],
        }
        assert close(stats, expected), (stats, expected)

    check()


def reps(workouts: list[Workout]) -> dict[str, Any]:
    counted = [w.counted for w in workouts if w.counted]
    return {
        "sessions": len(counted),
        "reps": sum(count for _, count, _ in counted),
        "duration_seconds": sum(seconds for _, _, seconds in counted),
    }


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


# What counts


def test_somebody_who_never_trained_gets_zeros_and_empty_lists(client, alice, log):
    log(alice, [])

    stats = get(client, alice)
    exercise = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats")
    counter = get(client, alice, "/v1/metrics/reps?days=2")

    assert set(stats.pop("totals").values()) == {0}
    assert stats == {
        "frequency": {"per_week": 0, "per_month": 0, "weeks": [], "months": []},
        "most_performed_exercises": [],
        "body_parts": [],
        "personal_records": [],
        "streaks": {
            "current_days": 0,
            "longest_days": 0,
            "longest_from": None,
            "longest_to": None,
            "last_workout_on": None,
        },
    }
    assert [exercise[key] for key in ("best_set", "estimated_one_rep_max", "weeks")] == [None, None, []]
    assert set(exercise["totals"].values()) == {0, None}
    assert set(counter["totals"].values()) == {0}
    assert counter["exercise_types"] == []
    assert [(day["sessions"], day["reps"], day["duration_seconds"]) for day in counter["days"]] == [(0, 0, 0)] * 2
    assert get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/sets") == {"items": [], "next_cursor": None}


def test_a_range_without_workouts_is_weeks_of_none(client, alice):
    frequency = get(client, alice, start="2025-11-05", end="2025-11-17")["frequency"]

    assert frequency == {
        "per_week": 0,
        "per_month": 0,
        "weeks": [{"week": week, "workouts": 0} for week in ("2025-11-03", "2025-11-10", "2025-11-17")],
        "months": [{"month": "2025-11-01", "workouts": 0}],
    }


@pytest.mark.parametrize("left_out", [{"deleted": True}, {"finished": False}])
def test_deleted_and_unfinished_workouts_are_left_out(client, alice, log, left_out):
    now = datetime.now(UTC) - timedelta(minutes=1)
    kept = Workout(now, {"Squat": [Set(100)]}, counted=("push-up", 20, 60))
    log(alice, [kept])
    before = [get(client, alice, path) for path in paths("Squat")]

    log(alice, [kept, Workout(now, {"Squat": [Set(200)]}, counted=("push-up", 50, 60), **left_out)])

    assert [get(client, alice, path) for path in paths("Squat")] == before


def paths(name: str) -> list[str]:
    exercise = f"/v1/exercises/{exercise_id(name)}"
    return ["/v1/users/me/stats", f"{exercise}/stats", "/v1/metrics/reps"]


def test_warm_ups_are_in_no_figure_and_assistance_moves_no_weight(client, alice, log):
    sets = [Set(300, 5, "warmup"), Set(-20, 8), Set(None, 8), Set(50, None), Set(60, 0), Set(40, 10)]
    log(alice, [Workout(datetime(2025, 11, 2, 12, tzinfo=UTC), {"Squat": sets})])

    stats = get(client, alice)

    assert (stats["totals"]["sets"], stats["totals"]["reps"], stats["totals"]["volume_pounds"]) == (5, 26, 400)
    assert [(record["weight"], record["reps"]) for record in stats["personal_records"]] == [(40, 10)]


def test_pounds_and_kilograms_are_compared_as_weights(client, alice, log):
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    log(
        alice,
        [
            Workout(noon, {"Squat": [Set(200, 3)]}),
            Workout(noon + timedelta(days=1), {"Squat": [Set(100, 3, weight_unit="kg")]}),
            Workout(noon + timedelta(days=2), {"Squat": [Set(220, 3)]}),
        ],
    )

    record = get(client, alice)["personal_records"][0]

    assert (record["weight"], record["weight_unit"], record["achieved_on"]) == (100, "kg", "2025-11-03")
    assert math.isclose(record["weight_pounds"], 220.46226218487757)
    assert (record["weight_kilograms"], record["estimated_one_rep_max_kilograms"]) == (100, pytest.approx(110))


def test_of_equal_records_that_with_more_repetitions_counts_then_the_first(client, alice, log):
    days = [datetime(2025, 11, day, 12, tzinfo=UTC) for day in range(1, 5)]
    log(alice, [Workout(day, {"Squat": [Set(100, reps)]}) for day, reps in zip(days, (5, 6, 6, 2), strict=True)])

    record = get(client, alice)["personal_records"][0]

    assert (record["reps"], record["achieved_on"]) == (6, "2025-11-02")


def test_the_weight_of_a_single_repetition_is_its_own_estimate(client, alice, log):
    log(alice, [Workout(datetime(2025, 11, 2, tzinfo=UTC), {"Squat": [Set(140, 1), Set(120, 6), Set(100, 5)]})])

    stats = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats")

    best, strongest = stats["best_set"], stats["estimated_one_rep_max"]
    assert (best["weight"], best["estimated_one_rep_max_pounds"]) == (140, 140)
    assert (strongest["weight"], strongest["estimated_one_rep_max_pounds"]) == (120, 144)


# Days


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
@pytest.mark.parametrize(("days_ago", "current"), [(0, 3), (1, 3), (2, 0)])
def test_a_streak_goes_on_until_a_local_day_has_passed_without_a_workout(client, alice, log, zone, days_ago, current):
    noon = datetime.now(ZoneInfo(zone)).replace(hour=12)
    log(alice, [Workout(noon - timedelta(days=days_ago + n)) for n in (0, 1, 1, 2, 4)])

    streaks = get(client, alice, time_zone=zone)["streaks"]

    assert (streaks["current_days"], streaks["longest_days"]) == (current, 3)
    assert streaks["last_workout_on"] == streaks["longest_to"] == str((noon - timedelta(days=days_ago)).date())


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end"),
    [
        (FAR_EAST, "2025-11-02", "2025-11-01T10:00:00Z", "2025-11-02T10:00:00Z"),
        (FAR_WEST, "2025-11-02", "2025-11-02T12:00:00Z", "2025-11-03T12:00:00Z"),
        ("America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        ("America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"),
    ],
    ids=["far east", "far west", "a day of 25 hours", "a day of 23 hours"],
)
def test_days_are_local_to_the_users_time_zone_or_the_one_asked_for(client, make_person, log, zone, day, begin, end):
    resident, guest = make_person("resident", time_zone=zone), make_person("guest", time_zone="Asia/Tokyo")
    first, after = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    moment = timedelta(microseconds=1)
    workouts = [Workout(at, {"Squat": [Set()]}) for at in (first - moment, first, after - moment, after)]
    for person in (resident, guest):
        log(person, workouts)

    answers = [
        get(client, person, path, start=day, end=day, **query)
        for person, query in ((resident, {}), (guest, {"time_zone": zone}))
        for path in paths("Squat")[:2]
    ]

    assert [answer["totals"]["workouts"] for answer in answers] == [2] * 4
    assert {answers[0]["personal_records"][0]["achieved_on"], answers[1]["totals"]["last_on"]} == {day}


def test_frequency_ends_with_the_latest_weeks_and_months_and_averages_all(client, alice, log):
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    log(alice, [Workout(noon), Workout(datetime(2023, 12, 31, 12, tzinfo=UTC), {"Squat": [Set()]})])

    frequency = get(client, alice)["frequency"]

    assert (len(frequency["weeks"]), frequency["weeks"][-1]) == (52, {"week": "2023-12-25", "workouts": 1})
    assert (len(frequency["months"]), frequency["months"][-1]) == (24, {"month": "2023-12-01", "workouts": 1})
    assert (frequency["per_week"], frequency["per_month"]) == (pytest.approx(2 / 209), pytest.approx(2 / 48))


# History


def test_an_exercises_history_is_paged_newest_workout_first_and_its_sets_in_order(client, alice, bob, log):
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    sets = [Set(100, 1), Set(60, 10, "warmup", "kg"), Set(None, 3)]
    # Two workouts began at the same time.
    workouts = [Workout(noon - timedelta(days=n // 2), {"Squat": sets, "Lunge": [Set()]}) for n in range(4)]
    log(
        alice, [*workouts, Workout(noon, {"Squat": sets}, deleted=True), Workout(noon, {"Squat": sets}, finished=False)]
    )
    log(bob, [Workout(noon, {"Squat": sets})])

    items, cursor, pages = [], {}, 0
    while cursor is not None:
        page = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/sets", limit=2, **cursor)
        items, pages = items + page["items"], pages + 1
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    newest = sorted(workouts, key=lambda w: (w.start_ts, w.id), reverse=True)
    assert pages == 6
    assert [(item["workout_id"], item["set_index"]) for item in items] == [
        (str(w.id), index) for w in newest for index in range(3)
    ]
    single, warm_up, bodyweight = items[:3]
    assert (single["start_ts"], single["title"], single["weight"], single["estimated_one_rep_max"]) == (
        "2025-11-02T12:00:00Z",
        "Evening",
        100,
        100,
    )
    assert (warm_up["set_type"], warm_up["weight_unit"], warm_up["estimated_one_rep_max"]) == ("warmup", "kg", 80)
    assert (bodyweight["weight"], bodyweight["reps"], bodyweight["estimated_one_rep_max"]) == (None, 3, None)


@pytest.mark.parametrize("what", ["stats", "sets"])
def test_a_strangers_exercise_and_one_that_nobody_has_are_not_found(client, alice, bob, log, what):
    log(bob, [Workout(datetime(2025, 11, 2, tzinfo=UTC), {"Squat": [Set()]})])

    answers = [
        client.get(f"{path}/{what}", headers=alice.headers)
        for path in (f"/v1/exercises/{exercise_id('Squat')}", NOBODYS)
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Exercise not found"})] * 2


def test_a_deleted_exercise_keeps_its_figures(client, owner, alice, log):
    log(alice, [Workout(datetime(2025, 11, 2, tzinfo=UTC), {"Squat": [Set()]})])
    before = [get(client, alice, path) for path in paths("Squat")]

    owner.execute("UPDATE exercises SET deleted_at = now()")

    assert [get(client, alice, path) for path in paths("Squat")] == before


# Requests


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("/v1/users/me/stats?start=2025-11-02&end=2025-11-01", "end"),
        ("/v1/users/me/stats?start=yesterday", "start"),
        ("/v1/users/me/stats?time_zone=Mars/Olympus", "time_zone"),
        ("/v1/users/me/stats?days=3", "days"),
        (f"{NOBODYS}/stats?start=2025-11-02&end=2025-11-01", "end"),
        (f"{NOBODYS}/stats?time_zone=", "time_zone"),
        (f"{NOBODYS}/sets?limit=0", "limit"),
        (f"{NOBODYS}/sets?start=2025-11-02", "start"),
        ("/v1/metrics/reps?days=0", "days"),
        ("/v1/metrics/reps?days=3651", "days"),
        ("/v1/metrics/reps?days=100000", "days"),
        ("/v1/metrics/reps?days=all", "days"),
        ("/v1/metrics/reps?exercise_type=squat", "exercise_type"),
        ("/v1/metrics/reps?time_zone=Mars/Olympus", "time_zone"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(client, alice, query, field):
    response = client.get(query, headers=alice.headers)

    assert response.status_code == 422
    assert list(response.json["errors"]) == [field]


def test_a_forged_cursor_is_refused(client, alice, log):
    log(alice, [Workout(datetime(2025, 11, 2, tzinfo=UTC), {"Squat": [Set()]})])
    path = f"/v1/exercises/{exercise_id('Squat')}/sets"

    answers = [
        client.get(path, query_string={"cursor": cursor}, headers=alice.headers)
        for cursor in ("x", Cursor("soon", "x").encode("start_ts"), Cursor("2025-11-02", "x 1").encode("start_ts"))
    ]

    assert [answer.status_code for answer in answers] == [422] * 3


def test_figures_take_as_many_statements_for_much_training_as_for_none(client, alice, log, statements):
    def count(path):
        statements.clear()
        get(client, alice, path)
        return len(statements)

    log(alice, [])
    asked = [*paths("Squat"), f"/v1/exercises/{exercise_id('Squat')}/sets"]
    for_none = [count(path) for path in asked]
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    log(alice, [Workout(noon - timedelta(days=n), {name: [Set()] for name in EXERCISES}) for n in range(30)])

    assert [count(path) for path in asked] == for_none
    assert max(for_none) <= 8
