"""Sets of a workout in progress, the order of its exercises, and the versions that they make."""

from uuid import uuid4

import pytest

from tests.api.exercise_executions.changes import (
    FULL_SET,
    Live,
    add,
    correct,
    history_of,
    live_of,
    note,
    open_workout,
    order_of,
    put,
    read,
    remove,
    reorder,
    take_out,
)


def test_a_set_is_added_as_the_next_one_and_the_last_of_the_workout(client, alice, live):
    path = live.of(live.row, "sets")

    answers = [
        client.post(path, json=body, headers=alice.headers)
        for body in (FULL_SET, {"set_index": 7, "reps": 1}, {"reps": 2})
    ]

    sets = client.get(live.of(live.row), headers=alice.headers).json["sets"]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert [answer.headers["ETag"] for answer in answers] == ['"2.1"', '"2.2"', '"2.3"']
    assert [answer.json for answer in answers] == sets[1:]
    assert [(one["set_index"], one["position"]) for one in sets] == [(1, 2), (2, 4), (7, 5), (8, 6)]
    assert {field: sets[1][field] for field in FULL_SET} == FULL_SET


def test_of_a_set_only_the_fields_sent_change_and_null_clears(client, alice, live):
    path = live.of(live.bench, "sets", live.sets[2])
    before = client.get(live.of(live.bench), headers=alice.headers).json["sets"]

    corrected = client.patch(path, json={"reps": 6, "rpe": 9.5, "set_type": "failure"}, headers=alice.headers)
    cleared = client.patch(path, json={"note": None, "weight": None, "rpe": None}, headers=alice.headers)

    expected = {**before[1], "reps": 6, "set_type": "failure"}
    sets = client.get(live.of(live.bench), headers=alice.headers).json["sets"]
    assert (corrected.status_code, corrected.json) == (200, {**expected, "rpe": 9.5})
    assert (cleared.status_code, cleared.json) == (200, {**expected, "note": None, "weight": None})
    assert sets == [before[0], cleared.json]


def test_a_set_taken_out_is_gone_and_the_others_stay(client, alice, live):
    before = client.get(live.of(live.bench), headers=alice.headers).json["sets"]

    first, second = take_out(client, alice, live), take_out(client, alice, live)

    assert (first.status_code, first.data) == (204, b"")
    assert (second.status_code, second.json) == (404, {"detail": "Set not found"})
    assert client.get(live.of(live.bench), headers=alice.headers).json["sets"] == before[1:]


def test_a_set_is_found_in_its_own_workout_and_exercise_alone(client, alice, live):
    other = live_of(client, alice)
    before = read(client, alice, live.id).json, read(client, alice, other.id).json
    paths = [
        live.of(live.bench, "sets", live.sets[1]),
        live.of(live.bench, "sets", other.sets[0]),
        live.of(live.bench, "sets", str(uuid4())),
        live.of(str(uuid4()), "sets", live.sets[0]),
    ]

    answers = [client.patch(path, json={"reps": 9}, headers=alice.headers) for path in paths]
    answers += [client.delete(path, headers=alice.headers) for path in paths]

    assert {(answer.status_code, answer.json["detail"]) for answer in answers} == {(404, "Set not found")}
    assert (read(client, alice, live.id).json, read(client, alice, other.id).json) == before


def test_exercises_reorder_and_the_positions_of_their_sets_follow(client, alice, live):
    response = reorder(client, alice, live)

    row, bench = response.json["exercise_executions"]
    assert (response.status_code, response.json) == (200, read(client, alice, live.id).json)
    assert [(one["exercise_id"], one["execution_order"]) for one in (row, bench)] == [(live.row, 1), (live.bench, 2)]
    assert [(one["id"], one["position"]) for one in (*row["sets"], *bench["sets"])] == [
        (live.sets[1], 1),
        (live.sets[0], 2),
        (live.sets[2], 3),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda bench, row, _: [bench],
        lambda bench, row, _: [],
        lambda bench, row, _: [bench, bench],
        lambda bench, row, _: [bench, row, bench],
        lambda bench, row, other: [bench, other],
        lambda bench, row, other: [bench, row, other],
        lambda bench, row, _: [bench, row, str(uuid4())],
        lambda bench, row, _: [bench, row, "rubbish"],
        lambda bench, row, _: [bench, row, 7],
        lambda bench, row, _: [bench, row, None],
        lambda bench, row, _: bench,
        lambda bench, row, _: None,
    ],
    ids=[
        "one missing", "none", "one twice", "one more time", "a foreign one instead", "a foreign one too", "unknown",
        "rubbish", "a number", "null", "no list", "nothing",
    ],
)  # fmt: skip
def test_an_order_must_name_each_exercise_exactly_once(client, alice, make_exercise, live, wrong):
    before = read(client, alice, live.id).json
    exercise_ids = wrong(live.bench, live.row, str(make_exercise(alice).id))

    response = client.patch(live.of("reorder"), json={"exercise_ids": exercise_ids}, headers=alice.headers)

    assert response.status_code == 422
    assert "exercise_ids" in response.json["errors"]
    assert read(client, alice, live.id).json == before


def test_the_same_exercise_twice_and_all_that_a_set_says_survive_editing_and_restoring(client, alice):
    sets = [
        {"exercise_name": "Curl", **FULL_SET, "set_type": "warmup", "superset_id": 0},
        {"exercise_name": "Dip", **FULL_SET, "weight": -40.25, "set_type": "failure", "superset_id": 0},
        {"exercise_name": "Curl", **FULL_SET, "set_index": 9, "rpe": 10, "reps": 0},
        {"exercise_name": "Plank", "duration_seconds": 90.5},
        {"exercise_name": "Dip", "reps": 5, "weight": 0.1},
    ]
    workout_id = open_workout(client, alice, *sets)
    original = read(client, alice, workout_id).json
    curl, dip, plank = original["exercise_executions"]
    live = Live(workout_id, curl["exercise_id"], dip["exercise_id"], (curl["sets"][0]["id"],) * 3)
    for change in (correct, note, put, add, remove):
        assert change(client, alice, live).status_code in (200, 201, 204)
    client.delete(live.of(plank["exercise_id"]), headers=alice.headers)

    restored = client.post(f"{live.path}/restore/1", headers=alice.headers)

    stored = sorted((one for e in original["exercise_executions"] for one in e["sets"]), key=lambda s: s["position"])
    assert order_of(original) == ["Curl", "Dip", "Curl", "Plank", "Dip"]
    for given, kept in zip(sets, stored, strict=True):
        assert {field: kept[field] for field in given if field != "exercise_name"} == {
            field: value for field, value in given.items() if field != "exercise_name"
        }
    assert restored.status_code == 200
    assert restored.json["exercise_executions"] == original["exercise_executions"]
    assert read(client, alice, workout_id).json == restored.json
    newest, *_, oldest = history_of(client, alice, workout_id)
    assert newest["exercise_executions"] == oldest["exercise_executions"] == original["exercise_executions"]


def test_a_restored_workout_in_progress_goes_on_being_filled(client, alice, live):
    add(client, alice, live)
    remove(client, alice, live)
    client.post(f"{live.path}/restore/1", headers=alice.headers)

    added = add(client, alice, live)

    assert (added.status_code, added.json["set_index"], added.headers["ETag"]) == (201, 3, '"5.1"')


@pytest.mark.parametrize(
    ("method", "further", "body"),
    [
        ("post", ("sets",), {"set_index": 2}),
        ("patch", ("sets", 0), {"set_index": 2}),
        ("put", (), {"sets": [{"set_index": 1}, {"set_index": 1}]}),
        ("put", (), {"sets": [{"reps": 1}, {"set_index": 1}]}),
    ],
)
def test_an_exercise_has_no_two_sets_of_one_number(client, alice, live, method, further, body):
    before = read(client, alice, live.id).json
    path = live.of(live.bench, *(part if isinstance(part, str) else live.sets[part] for part in further))

    response = getattr(client, method)(path, json=body, headers=alice.headers)

    assert response.status_code == 422
    assert list(response.json["errors"]) == ["set_index"]
    assert read(client, alice, live.id).json == before


def test_a_workout_takes_a_thousand_sets_and_not_one_more(client, alice, live):
    limit = "A workout can have at most 1000 sets"
    many = {"sets": [{"reps": n % 20} for n in range(997)]}
    refused = [client.put(live.of(live.row), json={"sets": many["sets"] + [{}] * 4}, headers=alice.headers)]
    fits = client.put(live.of(live.row), json=many, headers=alice.headers)
    last = add(client, alice, live)
    before = read(client, alice, live.id).json

    refused += [
        add(client, alice, live),
        client.put(live.of(live.row), json={"sets": many["sets"] + [{}]}, headers=alice.headers),
        client.put(live.of(live.row), json={"sets": [{}] * 1001}, headers=alice.headers),
    ]

    assert (fits.status_code, last.status_code, last.json["position"]) == (200, 201, 1000)
    assert [(answer.status_code, answer.json["errors"]) for answer in refused] == [(422, {"sets": [limit]})] * 4
    assert read(client, alice, live.id).json == before


def test_a_live_session_of_fifty_sets_is_one_version(client, alice, live):
    original = history_of(client, alice, live.id)

    answers = [add(client, alice, live) for _ in range(50)]

    newest, *older = history_of(client, alice, live.id)
    workout = read(client, alice, live.id)
    assert [answer.headers["ETag"] for answer in answers] == [f'"2.{n}"' for n in range(1, 51)]
    assert (workout.json["version"], workout.json["live_edits"], workout.headers["ETag"]) == (2, 50, '"2.50"')
    assert older == original
    assert newest["version_number"] == 2
    assert newest["exercise_executions"] == workout.json["exercise_executions"]
    assert len(newest["exercise_executions"][0]["sets"]) == 52


def test_a_change_with_a_reason_is_a_version_of_its_own(client, alice, live):
    path = live.of(live.bench, "sets", live.sets[0])
    add(client, alice, live)
    add(client, alice, live)
    before = history_of(client, alice, live.id)

    reasoned = client.patch(path, json={"reps": 4, "change_reason": "Miscounted"}, headers=alice.headers)
    with_reason = history_of(client, alice, live.id)
    following = [correct(client, alice, live), note(client, alice, live)]

    newest, *older = history_of(client, alice, live.id)
    assert [answer.headers["ETag"] for answer in (reasoned, *following)] == ['"3"', '"4.1"', '"4.2"']
    assert with_reason[1:] == before
    assert older == with_reason
    assert [one["change_reason"] for one in (newest, *older)] == [None, "Miscounted", None, None]
    assert [one["version_number"] for one in (newest, *older)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("method", "further", "body"),
    [
        ("put", (), {"sets": []}),
        ("patch", (), {"note": "Slowly"}),
        ("patch", ("reorder",), {"exercise_ids": []}),
    ],
)
def test_every_change_with_a_body_may_say_why(client, alice, live, method, further, body):
    path = live.of(*further) if further else live.of(live.bench)
    if further:
        body = {"exercise_ids": [live.row, live.bench]}

    response = getattr(client, method)(path, json={**body, "change_reason": "Because"}, headers=alice.headers)

    newest = history_of(client, alice, live.id)[0]
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert (newest["change_reason"], newest["version_number"]) == ("Because", 2)


def test_finishing_is_the_next_version_and_so_is_reopening(client, alice, live):
    add(client, alice, live)
    add(client, alice, live)
    before = history_of(client, alice, live.id)

    finished = client.patch(f"{live.path}/finish", headers=alice.headers)
    reopened = client.patch(live.path, json={"finished_at": None}, headers=alice.headers)
    added = add(client, alice, live)

    newest, at_reopening, at_finish, *older = history_of(client, alice, live.id)
    assert [answer.headers["ETag"] for answer in (finished, reopened, added)] == ['"3"', '"4"', '"5.1"']
    assert (at_finish["finished_at"], at_reopening["finished_at"]) == (finished.json["finished_at"], None)
    assert at_finish["exercise_executions"] == before[0]["exercise_executions"]
    assert older == before
    assert len(newest["exercise_executions"][0]["sets"]) == 5
