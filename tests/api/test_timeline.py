"""The timeline and the summary over HTTP, against plain lists and sums in Python of the same random training."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.db.paging import Cursor
from tests.training import (
    FAR_EAST,
    FAR_WEST,
    LOGS,
    POUND,
    RANGES,
    RUN_LOGS,
    WEEK_STARTS,
    ZONES,
    Run,
    Set,
    Workout,
    at_random,
    close,
    counted_runs,
    days_between,
    exercise_id,
    last_day,
    months_between,
    query_of,
    store_runs,
    store_workouts,
    week_of,
    weeks_between,
)

RUN_TYPES, WORKOUT_TYPES = ("Outdoor Run", "Treadmill Run"), ("STRENGTH", "CARDIO", "REPS")
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*RUN_TYPES, *WORKOUT_TYPES]),
        "source": st.sampled_from(["Strava", "Manual", "Hevy"]),
    },
)
NOON = datetime(2025, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def train(owner: psycopg.Connection) -> Callable[..., None]:
    """Store runs and workouts of a person instead of those of before."""

    def store(person: Any, runs: list[Run], workouts: list[Workout]) -> None:
        with owner.transaction():
            store_runs(owner, person, runs)
            store_workouts(owner, person, workouts)

    return store


@pytest.fixture
def get(client, alice):
    def ask(path, **query):
        response = client.get(f"/v1/{path}", query_string=query or None, headers=alice.headers)
        assert response.status_code == 200, response.json
        return response.json

    return ask


def done(
    workouts: list[Workout],
    zone: str,
    start: date | None,
    end: date | None,
    *,
    type: str | None = None,
    source: str | None = None,
) -> list[Workout]:
    """Return the workouts that count; all of them are entered by hand."""
    return [
        w
        for w in workouts
        if w.finished
        and not w.deleted
        and (start or date.min) <= w.day(zone) <= (end or date.max)
        and type in (None, w.workout_type)
        and source in (None, "Manual")
    ]


def working_sets(workout: Workout) -> list[Set]:
    return [one for sets in workout.sets.values() for one in sets if one.set_type != "warmup"]


def reps_of(sets: list[Set]) -> int:
    return sum(one.reps or 0 for one in sets)


def seconds_of(workout: Workout) -> float | None:
    told = workout.cardio[1] if workout.cardio else None
    if told is None and workout.counted:
        told = workout.counted[2]
    return told if told is not None or workout.minutes is None else workout.minutes * 60


def activity_of(one: Run | Workout) -> dict[str, Any]:
    """Return what the timeline says of a run or a workout."""
    if isinstance(one, Run):
        return {
            "kind": "run",
            "id": one.id,
            "start_ts": one.datetime_utc,
            "type": one.type,
            "title": None,
            "source": one.source,
            "duration_seconds": one.duration,
            "distance_miles": one.distance,
            "avg_heart_rate": one.avg_heart_rate,
            **dict.fromkeys(
                ("calories_burned", "sport", "exercise_type", "sets", "reps", "volume_pounds", "deleted_at")
            ),
        }
    sets = working_sets(one)
    return {
        "kind": "reps" if one.workout_type == "REPS" else "workout",
        "id": str(one.id),
        "start_ts": one.start_ts,
        "type": one.workout_type,
        "title": "Evening",
        "source": "Manual",
        "duration_seconds": seconds_of(one),
        "distance_miles": one.cardio and one.cardio[0],
        "avg_heart_rate": None,
        "calories_burned": one.calories,
        "sport": None,
        "exercise_type": one.counted and one.counted[0],
        "sets": len(sets),
        "reps": one.counted[1] if one.counted else reps_of(sets),
        "volume_pounds": sum(x.volume for x in sets),
        "deleted_at": None,
    }


def pages(get: Callable[..., Any], **query: Any) -> list[list[dict[str, Any]]]:
    """Return all pages of the timeline."""
    found, cursor = [], {}
    while True:
        page = get("timeline", **query, **cursor)
        for item in page["items"]:
            item["start_ts"] = datetime.fromisoformat(item["start_ts"])
        found.append(page["items"])
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def test_the_timeline_is_all_that_counts_newest_first(get, alice, bob, train):
    kinds = st.sampled_from([None, None, "run", "workout", "reps"])

    @at_random
    @given(RUN_LOGS, LOGS, RUN_LOGS, LOGS, ZONES, RANGES, FILTERS, kinds, st.sampled_from([1, 3, 500]))
    def check(runs, workouts, bob_runs, bob_workouts, zone, days, filters, kind, limit):
        train(alice, runs, workouts)
        # Ids of workouts are as random as people; the same one may be anybody's.
        train(bob, bob_runs, bob_workouts)
        query = {**query_of(zone, *days), **filters, **({"kind": kind} if kind else {}), "limit": limit}

        found = pages(get, **query)

        counted = [*counted_runs(runs, zone, *days, **filters), *done(workouts, zone, *days, **filters)]
        expected = [one for one in map(activity_of, counted) if kind in (None, one["kind"])]
        expected.sort(key=lambda one: (one["start_ts"], one["id"]), reverse=True)
        assert close([*chain(*found)], expected), (found, expected)
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)

    check()


def test_activities_that_begin_at_once_are_on_one_page_each(get, alice, train):
    train(alice, [Run(NOON) for _ in range(7)], [Workout(NOON) for _ in range(7)])

    ids = [one["id"] for one in chain(*pages(get, limit=2))]

    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 14


def test_the_timeline_takes_as_many_statements_for_much_as_for_none(get, alice, train, statements):
    def count():
        statements.clear()
        get("timeline", limit=500)
        return len(statements)

    for_none = count()
    train(
        alice,
        [Run(NOON - timedelta(days=n)) for n in range(30)],
        [Workout(NOON - timedelta(days=n), {"Squat": [Set()]}) for n in range(30)],
    )

    assert count() == for_none == 2


def test_a_forged_cursor_is_refused(client, alice, train):
    train(alice, [Run(NOON)], [Workout(NOON)])

    answers = [
        client.get("/v1/timeline", query_string={"cursor": cursor}, headers=alice.headers)
        for cursor in (
            "x",
            Cursor("2025-11-02", "x").encode("date desc"),
            Cursor("soon", "x").encode("timeline date desc"),
        )
    ]

    assert [answer.status_code for answer in answers] == [422] * 3


# Filters, sort orders and totals

INF = float("inf")


def sort_key(sort_by: str, descending: bool) -> Callable[[dict[str, Any]], Any]:
    last = -INF if descending else INF

    def pace(one: dict[str, Any]) -> float:
        seconds, miles = one["duration_seconds"], one["distance_miles"]
        return seconds / miles if miles and seconds is not None else last

    def value(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda one: last if one[name] is None else one[name]

    return {
        "date": value("start_ts"),
        "distance": value("distance_miles"),
        "duration": value("duration_seconds"),
        "pace": pace,
        "heart_rate": value("avg_heart_rate"),
        "source": value("source"),
        "type": value("type"),
    }[sort_by]


SORTED_BY = st.sampled_from(["date", "distance", "duration", "pace", "heart_rate", "source", "type"])


def test_the_timeline_is_sorted_over_runs_and_workouts(get, alice, train):
    @at_random
    @given(RUN_LOGS, LOGS, SORTED_BY, st.booleans(), st.sampled_from([2, 500]))
    def check(runs, workouts, sort_by, descending, limit):
        train(alice, runs, workouts)

        found = pages(get, sort_by=sort_by, sort_order="desc" if descending else "asc", limit=limit)

        expected = [activity_of(one) for one in (*counted_runs(runs, "UTC"), *done(workouts, "UTC", None, None))]
        key = sort_key(sort_by, descending)
        expected.sort(key=lambda one: (key(one), one["id"]), reverse=descending)
        assert [one["id"] for one in chain(*found)] == [one["id"] for one in expected]

    check()


def test_the_totals_are_those_of_the_filtered_timeline(get, alice, bob, train):
    kinds = st.sampled_from([None, None, "run", "workout", "reps"])

    @at_random
    @given(RUN_LOGS, LOGS, RUN_LOGS, LOGS, ZONES, RANGES, FILTERS, kinds)
    def check(runs, workouts, bob_runs, bob_workouts, zone, days, filters, kind):
        train(alice, runs, workouts)
        train(bob, bob_runs, bob_workouts)
        query = {**query_of(zone, *days), **filters, **({"kind": kind} if kind else {})}

        totals = get("timeline/totals", **query)

        ran = counted_runs(runs, zone, *days, **filters) if kind in (None, "run") else []
        trained = [
            w
            for w in done(workouts, zone, *days, **filters)
            if kind is None or kind == ("reps" if w.workout_type == "REPS" else "workout")
        ]
        assert close(totals, added_up(ran, trained)), totals

    check()


@pytest.fixture
def mixed(alice, train, owner, make_shoe):
    """Two runs and three workouts, each in one respect alone; the last workout is in progress."""
    make_shoe(alice, "Ghost")
    days = [NOON - timedelta(days=n) for n in range(5)]
    train(
        alice,
        [Run(days[0], id="manual_shod"), Run(days[1], id="manual_bare")],
        [
            Workout(days[2], {"Squat": [Set()]}),
            Workout(days[3], cardio=(3.0, 1800)),
            Workout(days[4], {"Lunge": [Set()]}, finished=False),
        ],
    )
    owner.execute("UPDATE runs SET shoe_id = 'ghost', notes = 'Windy' WHERE id = 'manual_shod'")
    owner.execute("UPDATE workouts SET notes = 'Windy, too' WHERE workout_type = 'CARDIO'")
    owner.execute(
        "INSERT INTO synced_workouts (user_id, workout_id, workout_version, sync_status) "
        "SELECT user_id, id, 1, 'failed' FROM workouts WHERE workout_type = 'CARDIO'"
    )
    return days


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"q": "WINDY"}, [0, 3]),
        ({"q": "squat"}, [2]),
        ({"shoe_id": "ghost"}, [0]),
        ({"without_shoe": "true"}, [1]),
        ({"exercise_id": str(exercise_id("Squat"))}, [2]),
        ({"workout_type": "CARDIO"}, [3]),
        ({"finished": "false"}, [4]),
        ({"sync_status": "failed"}, [3]),
        ({"sync_status": "none"}, [0, 1, 2]),
        ({"only_deleted": "true"}, []),
        ({"shoe_id": "ghost", "workout_type": "CARDIO"}, []),
        ({"kind": "run", "q": "windy"}, [0]),
        ({"kind": "workout", "shoe_id": "ghost"}, []),
    ],
)
def test_the_timeline_has_the_filters_of_runs_and_of_workouts(get, mixed, query, expected):
    found = get("timeline", **query)["items"]
    totals = get("timeline/totals", **query)

    assert [mixed.index(datetime.fromisoformat(one["start_ts"])) for one in found] == expected
    assert totals["runs"] + totals["workouts"] == len(expected)


def test_deleted_activities_and_duplicates_are_listed_where_asked_for(client, get, alice, train):
    kept = Run(NOON, id="manual_kept")
    train(
        alice,
        [kept, Run(NOON, id="manual_twice", copy_of=0), Run(NOON, id="manual_deleted", deleted=True)],
        [Workout(NOON, deleted=True)],
    )

    def ids(**query):
        return {one["id"] for one in get("timeline", **query)["items"] if one["kind"] == "run"}

    assert ids() == {"manual_kept"}
    assert ids(include_duplicates="true") == {"manual_kept", "manual_twice"}
    assert ids(include_deleted="true") == {"manual_kept", "manual_deleted"}
    assert len(get("timeline", only_deleted="true")["items"]) == 2
    assert all(one["deleted_at"] for one in get("timeline", only_deleted="true")["items"])


# The summary


def added_up(runs: list[Run], workouts: list[Workout]) -> dict[str, Any]:
    sets = [one for w in workouts for one in working_sets(w)]
    pounds = sum(one.volume for one in sets)
    return {
        "runs": len(runs),
        "run_miles": sum(run.distance for run in runs),
        "run_seconds": sum(run.duration for run in runs),
        "workouts": sum(w.workout_type != "REPS" for w in workouts),
        "rep_sessions": sum(w.workout_type == "REPS" for w in workouts),
        "workout_seconds": sum(seconds_of(w) or 0 for w in workouts),
        "cardio_miles": sum((w.cardio and w.cardio[0]) or 0 for w in workouts),
        "calories_burned": sum(w.calories or 0 for w in workouts),
        "sets": len(sets),
        "reps": reps_of(sets),
        "volume_pounds": pounds,
        "volume_kilograms": pounds * POUND,
        "counted_reps": sum(w.counted[1] for w in workouts if w.counted),
    }


def years_between(first: date, last: date) -> list[date]:
    return [date(year, 1, 1) for year in range(first.year, last.year + 1)]


@pytest.mark.parametrize(
    ("asked_for", "between", "start_of"),
    [
        ({"period": "day"}, days_between, lambda day: day),
        *(
            (
                {"period": "week", "week_start": first},
                partial(weeks_between, week_start=first),
                partial(week_of, week_start=first),
            )
            for first in WEEK_STARTS
        ),
        ({"period": "month"}, months_between, lambda day: day.replace(day=1)),
        ({"period": "year"}, years_between, lambda day: date(day.year, 1, 1)),
    ],
    ids=["day", *WEEK_STARTS, "month", "year"],
)
def test_the_summary_is_that_of_a_plain_count(get, alice, bob, train, asked_for, between, start_of):
    @at_random
    @given(RUN_LOGS, LOGS, RUN_LOGS, LOGS, ZONES, RANGES, FILTERS)
    def check(runs, workouts, bob_runs, bob_workouts, zone, days, filters):
        train(alice, runs, workouts)
        train(bob, bob_runs, bob_workouts)

        summary = get("summary", **asked_for, **query_of(zone, *days), **filters)

        ran, trained = counted_runs(runs, zone, *days, **filters), done(workouts, zone, *days, **filters)
        active = [one.day(zone) for one in (*ran, *trained)]
        first, last = days[0] or min(active, default=None), last_day(active, zone, days[1])
        expected = {
            "period": asked_for["period"],
            "periods": [
                {
                    "start": str(start),
                    **added_up(
                        [run for run in ran if start_of(run.day(zone)) == start],
                        [w for w in trained if start_of(w.day(zone)) == start],
                    ),
                }
                for start in (between(first, last) if first else [])
            ],
            "total": added_up(ran, trained),
        }
        assert close(summary, expected), (summary, expected)

    check()


def test_weeks_are_summed_up_unless_another_period_is_asked_for(get, alice, train):
    assert get("summary") == {"period": "week", "periods": [], "total": added_up([], [])}
    train(alice, [Run(NOON)], [Workout(NOON - timedelta(days=7))])

    weeks = [week["start"] for week in get("summary", end="2025-11-10")["periods"]]

    assert weeks == ["2025-10-20", "2025-10-27", "2025-11-03", "2025-11-10"]


@pytest.mark.parametrize(("zone", "year"), [(FAR_EAST, "2026-01-01"), (FAR_WEST, "2025-01-01")])
def test_periods_are_local(get, alice, train, zone, year):
    moment = datetime(2025, 12, 31, 11, tzinfo=UTC) if zone == FAR_EAST else datetime(2026, 1, 1, 11, tzinfo=UTC)
    train(alice, [Run(moment)], [Workout(moment)])

    first, *others = get("summary", period="year", time_zone=zone)["periods"]

    assert (first["start"], first["runs"], first["workouts"]) == (year, 1, 1)
    assert not any(one["runs"] or one["workouts"] for one in others)


@pytest.mark.parametrize("left_out", [{"deleted": True}, {"copy_of": 0}])
def test_deleted_runs_and_marked_duplicates_are_left_out(get, alice, train, left_out):
    kept = Run(NOON)
    train(alice, [kept], [])
    before = get("timeline"), get("summary")

    train(alice, [kept, replace(kept, id="strava_1", **left_out)], [])

    assert (get("timeline"), get("summary")) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("summary?period=decade", "period"),
        ("summary?period=", "period"),
        ("summary?kind=run", "kind"),
        ("timeline?kind=swim", "kind"),
        ("timeline?limit=0", "limit"),
        ("timeline?limit=501", "limit"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(client, alice, query, field):
    response = client.get(f"/v1/{query}", headers=alice.headers)

    assert (response.status_code, list(response.json["errors"])) == (422, [field])
