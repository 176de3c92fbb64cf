"""An exercise's history by pages, and queries that make no sense."""

from datetime import UTC, datetime, timedelta

import pytest

from fitness.db.paging import Cursor
from tests.api.workout_metrics.figures import get, paths
from tests.training import EXERCISES, Set, Workout, exercise_id

NOBODYS = "/v1/exercises/00000000-0000-4000-8000-000000000000"


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
        ("/v1/metrics/reps?days=30&start=2025-11-01", "start"),
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
