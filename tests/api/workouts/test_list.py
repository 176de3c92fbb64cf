"""Workouts listed."""

import pytest

from tests.api.workouts.bodies import CARDIO, PUSH_UPS

# Reading and listing


@pytest.fixture
def five(stored, client, alice, send):
    """Five workouts of five days, oldest first; the last one is in progress."""
    ids = [
        stored(alice, title="Legs", start_ts="2026-02-01T23:30:00Z")["id"],
        stored(alice, title="Push_day", start_ts="2026-02-02T12:00:00Z", strength_sets=[{"exercise_name": "Dip"}])[
            "id"
        ],
    ]
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-03T12:00:00Z", "notes": "100% easy"}
    ids.append(send(alice, {**cardio, "cardio_session": CARDIO}).json["workout_id"])
    reps = {"workout_type": "REPS", "start_ts": "2026-02-04T12:00:00Z", "rep_session": PUSH_UPS}
    ids.append(send(alice, reps).json["workout_id"])
    ids.append(stored(alice, title=None, start_ts="2026-02-05T12:00:00Z", strength_sets=[], in_progress=True)["id"])
    return ids


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("sort_order=asc", [0, 1, 2, 3, 4]),
        ("start=2026-02-02&end=2026-02-03", [2, 1]),
        ("start=2026-02-02&end=2026-02-03&time_zone=Pacific/Kiritimati", [1, 0]),
        ("end=2026-02-01", [0]),
        ("workout_type=STRENGTH", [4, 1, 0]),
        ("finished=false", [4]),
        ("finished=true&workout_type=REPS", [3]),
        ("q=DIP", [1]),
        ("q=squ", [0]),
        ("q=push_", [1]),
        ("q=0%25", [2]),
        ("q=nowhere", []),
        ("source=Hevy", []),
        ("only_deleted=true", []),
    ],
)
def test_a_list_holds_what_the_filters_ask_for(client, alice, five, query, expected):
    answer = client.get(f"/v1/workouts?{query}", headers=alice.headers)

    assert [five.index(workout["id"]) for workout in answer.json["items"]] == expected


def test_a_list_can_ask_for_an_exercise(client, alice, five):
    squat = client.get(f"/v1/workouts/{five[0]}", headers=alice.headers).json["exercise_executions"][0]["exercise_id"]

    answer = client.get(f"/v1/workouts?exercise_id={squat}", headers=alice.headers)

    assert [workout["id"] for workout in answer.json["items"]] == [five[0]]


@pytest.mark.parametrize("sort_order", ["asc", "desc"])
def test_pages_walk_the_whole_list_once_even_among_equal_starts(client, alice, stored, sort_order):
    made = {stored(alice)["id"] for _ in range(5)} | {stored(alice, start_ts="2026-02-17T15:00:00Z")["id"]}

    seen, cursor = [], None
    while cursor is not None or not seen:
        query = {"limit": 2, "sort_order": sort_order, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/workouts", query_string=query, headers=alice.headers).json
        seen += [workout["id"] for workout in page["items"]]
        cursor = page["next_cursor"]

    assert (len(seen), set(seen)) == (6, made)


def test_a_list_is_read_in_one_statement_and_shows_what_reading_one_shows(client, alice, five, statements):
    statements.clear()
    listed = client.get("/v1/workouts", headers=alice.headers).json["items"]
    asked = len(statements)

    ones = [client.get(f"/v1/workouts/{workout['id']}", headers=alice.headers).json for workout in listed]

    assert listed == ones
    assert asked == 2  # who is asking, and the list
