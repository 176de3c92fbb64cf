"""A workout in progress, filled exercise by exercise and set by set: what each call does, refuses, and keeps."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest

FULL_SET = {
    "set_type": "dropset",
    "weight": 62.5,
    "weight_unit": "kg",
    "reps": 8,
    "forced_reps": 2,
    "rpe": 8.5,
    "duration_seconds": 41.5,
    "distance_miles": 0.125,
    "superset_id": 3,
    "note": "Paused",
}


@dataclass(frozen=True)
class Live:
    """A workout in progress of bench press, row, bench press; the ids of its exercises and sets in that order."""

    id: str
    bench: str
    row: str
    sets: tuple[str, str, str]

    @property
    def path(self):
        return f"/v1/workouts/{self.id}"

    def of(self, exercise_id, *further):
        return "/".join((self.path, "exercise-executions", str(exercise_id), *further))


def open_workout(client, person, *sets):
    body = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": list(sets)}
    response = client.post("/v1/workouts", json=body, headers=person.headers)
    assert response.status_code == 201, response.json
    return response.json["workout_id"]


def live_of(client, person):
    workout_id = open_workout(
        client, person,
        {"exercise_name": "My Bench", "weight": 135, "reps": 10},
        {"exercise_name": "My Row", "weight": 95, "reps": 12},
        {"exercise_name": "My Bench", "weight": 185, "reps": 5, "note": "Heavy"},
    )  # fmt: skip
    bench, row = read(client, person, workout_id).json["exercise_executions"]
    first, last = bench["sets"]
    return Live(
        workout_id, bench["exercise_id"], row["exercise_id"], (first["id"], row["sets"][0]["id"], last["id"])
    )  # fmt: skip


def read(client, person, workout_id):
    return client.get(f"/v1/workouts/{workout_id}?include_deleted=true", headers=person.headers)


def history_of(client, person, workout_id):
    return client.get(f"/v1/workouts/{workout_id}/history?limit=500", headers=person.headers).json["items"]


def order_of(workout):
    """Return the names of a workout's exercises in the order of its sets."""
    sets = [
        (one["position"], execution["exercise_name"])
        for execution in workout["exercise_executions"]
        for one in execution["sets"]
    ]
    return [name for _, name in sorted(sets)]


@pytest.fixture
def live(client, alice):
    return live_of(client, alice)


def put(client, person, live, **headers):
    body = {"sets": [{"weight": 20, "reps": 15}]}
    return client.put(live.of(live.bench), json=body, headers=person.headers | headers)


def note(client, person, live, **headers):
    return client.patch(live.of(live.bench), json={"note": "Slowly"}, headers=person.headers | headers)


def remove(client, person, live, **headers):
    return client.delete(live.of(live.bench), headers=person.headers | headers)


def reorder(client, person, live, **headers):
    body = {"exercise_ids": [live.row, live.bench]}
    return client.patch(live.of("reorder"), json=body, headers=person.headers | headers)


def add(client, person, live, **headers):
    return client.post(live.of(live.bench, "sets"), json={"reps": 3}, headers=person.headers | headers)


def correct(client, person, live, **headers):
    path = live.of(live.bench, "sets", live.sets[0])
    return client.patch(path, json={"reps": 11}, headers=person.headers | headers)


def take_out(client, person, live, **headers):
    return client.delete(live.of(live.bench, "sets", live.sets[0]), headers=person.headers | headers)


CHANGES = [put, note, remove, reorder, add, correct, take_out]
each_change = pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])


@each_change
def test_every_change_is_in_the_history_with_the_whole_workout(client, alice, live, change):
    before = read(client, alice, live.id).json

    answer = change(client, alice, live)

    after = read(client, alice, live.id)
    newest, original = history_of(client, alice, live.id)
    assert answer.status_code in (200, 201, 204)
    assert answer.headers["ETag"] == after.headers["ETag"] == '"2.1"'
    assert after.json["exercise_executions"] != before["exercise_executions"]
    assert newest["exercise_executions"] == after.json["exercise_executions"]
    assert original["exercise_executions"] == before["exercise_executions"]
    assert (newest["version_number"], newest["change_type"], newest["changed_by"]) == (2, "edit", "alice")


@each_change
def test_a_finished_workout_refuses_every_change_until_it_is_reopened(client, alice, live, change):
    client.patch(f"{live.path}/finish", headers=alice.headers)
    finished, history = read(client, alice, live.id).json, history_of(client, alice, live.id)

    refused = change(client, alice, live)
    left = read(client, alice, live.id).json, history_of(client, alice, live.id)
    reopened = client.patch(live.path, json={"finished_at": None}, headers=alice.headers)
    accepted = change(client, alice, live)

    assert refused.status_code == 409
    assert refused.json == {
        "detail": "The workout is finished; set its finished_at to null to change what was done in it"
    }
    assert left == (finished, history)
    assert (reopened.status_code, reopened.json["finished_at"]) == (200, None)
    assert accepted.status_code in (200, 201, 204)


@each_change
def test_an_older_tag_refuses_the_change_and_the_current_one_lets_it_through(client, alice, live, change):
    older = add(client, alice, live).headers["ETag"]
    current = add(client, alice, live).headers["ETag"]
    before = read(client, alice, live.id).json

    refused = [change(client, alice, live, **{"If-Match": tag}) for tag in (older, '"1"', '"2"', '"2.20"', '"2.3"')]
    left = read(client, alice, live.id).json
    accepted = change(client, alice, live, **{"If-Match": current})

    assert (older, current) == ('"2.1"', '"2.2"')
    assert {(answer.status_code, answer.headers["ETag"]) for answer in refused} == {(412, current)}
    assert left == before
    assert (accepted.status_code in (200, 201, 204), accepted.headers["ETag"]) == (True, '"2.3"')


@each_change
def test_another_persons_workout_looks_absent(client, alice, bob, live, change):
    before = read(client, alice, live.id).json
    absent = Live(str(uuid4()), live.bench, live.row, live.sets)

    strangers = change(client, bob, live)

    assert (strangers.status_code, strangers.json) == (404, change(client, bob, absent).json)
    assert client.get(live.of(live.bench), headers=bob.headers).status_code == 404
    assert read(client, alice, live.id).json == before


@each_change
def test_another_persons_exercises_and_sets_cannot_be_reached_through_ones_own_workout(
    client, alice, bob, live, change
):
    own = live_of(client, bob)
    before = read(client, alice, live.id).json, read(client, bob, own.id).json

    crossed = change(client, bob, Live(own.id, live.bench, live.row, live.sets))

    assert crossed.status_code == (422 if change is reorder else 404)
    assert (read(client, alice, live.id).json, read(client, bob, own.id).json) == before


@each_change
def test_a_deleted_workout_is_not_found(client, alice, live, change):
    client.delete(live.path, headers=alice.headers)
    before = read(client, alice, live.id).json

    answer = change(client, alice, live)

    assert (answer.status_code, answer.json) == (404, {"detail": "Workout not found"})
    assert client.get(live.of(live.bench), headers=alice.headers).status_code == 404
    assert read(client, alice, live.id).json == before


@each_change
def test_a_change_runs_as_many_statements_for_two_hundred_sets_as_for_three(client, alice, live, statements, change):
    large = live_of(client, alice)
    client.put(large.of(large.row), json={"sets": [{"reps": n} for n in range(197)]}, headers=alice.headers)

    ran = []
    for workout in (live, large):
        statements.clear()
        assert change(client, alice, workout).status_code in (200, 201, 204)
        ran.append(len(statements))

    # Who asks, the lock on the workout, what the change reads and writes, the version, and the answer.
    assert ran[0] == ran[1] <= 10


@each_change
def test_without_its_history_row_a_change_does_not_happen(client, alice, owner, live, change):
    before = read(client, alice, live.id).json
    owner.execute("ALTER TABLE workouts_history ADD CONSTRAINT refused CHECK (version_number < 2) NOT VALID")

    answer = change(client, alice, live)

    assert answer.status_code == 500
    assert read(client, alice, live.id).json == before


def test_an_exercise_of_a_workout_reads_with_its_sets_in_their_order(client, alice, live):
    response = client.get(live.of(live.bench), headers=alice.headers)

    workout = read(client, alice, live.id)
    assert (response.status_code, response.headers["ETag"]) == (200, workout.headers["ETag"])
    assert response.json == workout.json["exercise_executions"][0]
    assert [one["id"] for one in response.json["sets"]] == [live.sets[0], live.sets[2]]
    assert [(one["set_index"], one["position"]) for one in response.json["sets"]] == [(1, 1), (2, 3)]


def test_an_exercise_that_the_workout_lacks_is_not_found(client, alice, make_exercise, live):
    other = Live(live.id, str(make_exercise(alice).id), live.row, live.sets)

    answers = [
        client.get(other.of(other.bench), headers=alice.headers),
        *(change(client, alice, other) for change in (note, remove, add)),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json["detail"] for answer in answers} == {"Exercise execution not found"}
    assert read(client, alice, live.id).json["version"] == 1


def test_putting_an_exercise_adds_it_behind_the_others(client, alice, make_exercise, live):
    exercise = make_exercise(alice, "Zercher Carry")
    body = {"note": "Heavy", "sets": [FULL_SET, {"reps": 4}]}

    response = client.put(live.of(exercise.id), json=body, headers=alice.headers)

    first, second = response.json["sets"]
    workout = read(client, alice, live.id).json
    assert (response.status_code, response.json["exercise_id"]) == (200, str(exercise.id))
    assert (response.json["execution_order"], response.json["note"]) == (3, "Heavy")
    assert {field: first[field] for field in FULL_SET} == FULL_SET
    assert (second["set_type"], second["weight"], second["weight_unit"], second["reps"]) == ("normal", None, "lb", 4)
    assert [(one["set_index"], one["position"]) for one in response.json["sets"]] == [(1, 4), (2, 5)]
    assert order_of(workout) == ["My Bench", "My Row", "My Bench", "Zercher Carry", "Zercher Carry"]


def test_putting_an_exercise_replaces_all_that_was_known_of_it(client, alice, live):
    client.patch(live.of(live.bench), json={"note": "Slowly"}, headers=alice.headers)
    row = client.get(live.of(live.row), headers=alice.headers).json

    body = {"sets": [{"set_index": 4, "reps": 1}, {"reps": 2}, {"set_index": 2, "reps": 3}]}
    response = client.put(live.of(live.bench), json=body, headers=alice.headers)

    workout = read(client, alice, live.id).json
    assert (response.json["execution_order"], response.json["note"]) == (1, None)
    assert [(one["set_index"], one["reps"]) for one in response.json["sets"]] == [(2, 3), (4, 1), (5, 2)]
    assert {one["id"] for one in response.json["sets"]}.isdisjoint(live.sets)
    assert order_of(workout) == ["My Bench", "My Bench", "My Bench", "My Row"]
    assert workout["exercise_executions"][1] == {**row, "sets": [{**row["sets"][0], "position": 4}]}


def test_an_exercise_can_be_there_before_its_first_set(client, alice, make_exercise, live):
    exercise = make_exercise(alice)

    empty = client.put(live.of(exercise.id), json={}, headers=alice.headers)
    added = client.post(live.of(exercise.id, "sets"), json={"reps": 3}, headers=alice.headers)

    assert (empty.status_code, empty.json["sets"]) == (200, [])
    assert (added.status_code, added.json["set_index"], added.json["position"]) == (201, 1, 4)


def test_a_new_exercise_stays_behind_sets_whose_positions_have_grown_far(client, alice, owner, make_exercise, live):
    # So they do when sets are added behind and taken out in front again and again.
    owner.execute("UPDATE strength_sets SET position = position + 5000")

    client.put(live.of(make_exercise(alice, "Last").id), json={"sets": [{"reps": 1}]}, headers=alice.headers)

    assert order_of(read(client, alice, live.id).json) == ["My Bench", "My Row", "My Bench", "Last"]


def test_an_exercise_of_the_catalog_becomes_ones_own_when_it_is_put(client, alice, owner, live):
    (catalog_id, name, body_part) = owner.execute(
        "SELECT id, name, body_part FROM exercise_catalog WHERE body_part IS NOT NULL ORDER BY name LIMIT 1"
    ).fetchone()

    response = client.put(live.of(catalog_id), json={"sets": [{"reps": 5}]}, headers=alice.headers)

    own_id = response.json["exercise_id"]
    own = owner.execute("SELECT user_id, name FROM exercises WHERE id = %s", [own_id]).fetchall()
    assert (response.status_code, response.json["exercise_name"], response.json["body_part"]) == (200, name, body_part)
    assert own == [(alice.user_id, name)]
    assert client.get(live.of(own_id), headers=alice.headers).json == response.json


def test_a_refused_put_makes_no_exercise(client, alice, owner, live):
    catalog_id = owner.execute("SELECT id FROM exercise_catalog LIMIT 1").fetchone()[0]
    client.patch(f"{live.path}/finish", headers=alice.headers)

    response = client.put(live.of(catalog_id), json={}, headers=alice.headers)

    assert response.status_code == 409
    assert owner.execute("SELECT name FROM exercises ORDER BY name").fetchall() == [("My Bench",), ("My Row",)]


def test_an_exercise_that_is_not_ones_own_cannot_be_put(client, alice, bob, make_exercise, live):
    deleted = make_exercise(alice, "Deleted")
    client.delete(f"/v1/exercises/{deleted.id}", headers=alice.headers)

    answers = [
        client.put(live.of(exercise_id), json={"sets": [{"reps": 1}]}, headers=alice.headers)
        for exercise_id in (make_exercise(bob).id, uuid4(), deleted.id)
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Exercise not found"})] * 3
    assert read(client, alice, live.id).json["version"] == 1


def test_a_note_changes_alone_and_null_clears_it(client, alice, live):
    before = client.get(live.of(live.bench), headers=alice.headers).json

    written = client.patch(live.of(live.bench), json={"note": " Slowly "}, headers=alice.headers)
    cleared = client.patch(live.of(live.bench), json={"note": None}, headers=alice.headers)

    assert (written.status_code, written.json) == (200, {**before, "note": "Slowly"})
    assert (cleared.status_code, cleared.json) == (200, before)


def test_an_exercise_taken_out_is_gone_with_its_sets_and_the_others_stay(client, alice, owner, live):
    row = client.get(live.of(live.row), headers=alice.headers).json

    first, second = remove(client, alice, live), remove(client, alice, live)

    assert (first.status_code, first.data, second.status_code) == (204, b"", 404)
    assert read(client, alice, live.id).json["exercise_executions"] == [row]
    assert owner.execute("SELECT id::text FROM strength_sets").fetchall() == [(live.sets[1],)]


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

    assert (added.status_code, added.json["set_index"], added.headers["ETag"]) == (201, 3, '"4.1"')


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
    limit = "A workout has at most 1000 sets"
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


def wait_for_blocked(owner, number):
    """Wait until so many statements wait for locks in this test's database."""
    deadline = time.monotonic() + 30
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while owner.execute(query).fetchone()[0] < number:
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.005)


class Meeting:
    """Requests that arrive one by one while somebody else holds the workout, and then go on."""

    def __init__(self, app, owner, connect):
        self.app, self.owner, self.connect = app, owner, connect

    def __call__(self, workout_id, *calls):
        with self.connect() as holder, ThreadPoolExecutor(len(calls)) as threads:
            holder.execute("SELECT FROM workouts WHERE id = %s FOR UPDATE", [workout_id])
            answers = []
            try:
                for number, call in enumerate(calls, 1):
                    answers.append(threads.submit(call, self.app.test_client()))
                    wait_for_blocked(self.owner, number)
            finally:
                holder.rollback()
            return [answer.result() for answer in answers]


@pytest.fixture
def meet(app, owner, database_url):
    return Meeting(app, owner, lambda: psycopg.connect(database_url))


@each_change
def test_a_change_that_waited_for_a_deletion_is_not_found(client, alice, meet, live, change):
    before = read(client, alice, live.id).json

    deleted, late = meet(
        live.id,
        lambda own: own.delete(live.path, headers=alice.headers),
        lambda own: change(own, alice, live),
    )

    after = read(client, alice, live.id).json
    assert (deleted.status_code, late.status_code) == (204, 404)
    assert after["deleted_at"] is not None
    assert after["exercise_executions"] == before["exercise_executions"]
    assert [one["change_type"] for one in history_of(client, alice, live.id)] == ["deletion", "original"]


def test_a_deletion_that_waited_for_a_change_keeps_it_in_the_history(client, alice, meet, live):
    added, deleted = meet(
        live.id,
        lambda own: add(own, alice, live),
        lambda own: own.delete(live.path, headers=alice.headers),
    )

    deletion, edit, _ = history_of(client, alice, live.id)
    assert (added.status_code, deleted.status_code) == (201, 204)
    assert added.json in edit["exercise_executions"][0]["sets"]
    assert deletion["exercise_executions"] == edit["exercise_executions"]
    assert read(client, alice, live.id).json["deleted_at"] is not None


@each_change
def test_a_change_that_waited_for_the_finish_is_refused(client, alice, meet, live, change):
    finished, late = meet(
        live.id,
        lambda own: own.patch(f"{live.path}/finish", headers=alice.headers),
        lambda own: change(own, alice, live),
    )

    assert (finished.status_code, late.status_code) == (200, 409)
    assert read(client, alice, live.id).json == finished.json


def test_of_two_changes_for_one_tag_the_second_is_refused(client, alice, meet, live):
    tag = {"If-Match": '"1"'}

    first, second = meet(
        live.id,
        lambda own: correct(own, alice, live, **tag),
        lambda own: add(own, alice, live, **tag),
    )

    assert (first.status_code, second.status_code, second.headers["ETag"]) == (200, 412, '"2.1"')
    assert len(client.get(live.of(live.bench), headers=alice.headers).json["sets"]) == 2


def test_twenty_sets_added_at_once_are_twenty_sets_and_one_version(app, client, alice, live):
    start = threading.Barrier(20)

    def post(_):
        own = app.test_client()
        start.wait()
        return add(own, alice, live)

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))

    sets = client.get(live.of(live.bench), headers=alice.headers).json["sets"]
    newest, _ = history_of(client, alice, live.id)
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json["set_index"] for answer in answers) == list(range(3, 23))
    assert sorted(answer.json["position"] for answer in answers) == list(range(4, 24))
    assert {answer.headers["ETag"] for answer in answers} == {f'"2.{n}"' for n in range(1, 21)}
    assert newest["exercise_executions"][0]["sets"] == sets


BAD_SETS = [
    ("weight", "NaN"),
    ("weight", "Infinity"),
    ("weight", "-Infinity"),
    ("weight", "1e999"),
    ("weight", '"heavy"'),
    ("weight", "true"),
    ("weight", "5000.5"),
    ("reps", "-1"),
    ("reps", "2.5"),
    ("reps", '"5"'),
    ("reps", "1e300"),
    ("forced_reps", "-1"),
    ("rpe", "10.5"),
    ("rpe", "NaN"),
    ("duration_seconds", "-1"),
    ("distance_miles", "-0.1"),
    ("superset_id", "-1"),
    ("superset_id", "99999999999999999999"),
    ("set_type", '"cooldown"'),
    ("set_type", "null"),
    ("weight_unit", '"stone"'),
    ("weight_unit", "null"),
    ("set_index", "-1"),
    ("set_index", "1.5"),
    ("set_index", "99999999999"),
    ("set_index", "null"),
    ("note", '"nul\\u0000"'),
    ("note", "{}"),
    ("colour", '"red"'),
    ("id", '"6a1b0d0c-7a55-4c2a-9d9b-0f6f0d1c7a90"'),
    ("position", "1"),
    ("exercise_id", '"6a1b0d0c-7a55-4c2a-9d9b-0f6f0d1c7a90"'),
]


@pytest.mark.parametrize(("field", "value"), BAD_SETS)
def test_what_no_set_can_say_is_refused_and_changes_nothing(client, alice, live, field, value):
    before = read(client, alice, live.id).json
    headers = {**alice.headers, "Content-Type": "application/json"}
    text = f'{{"{field}": {value}}}'

    answers = [
        client.post(live.of(live.bench, "sets"), data=text, headers=headers),
        client.patch(live.of(live.bench, "sets", live.sets[0]), data=text, headers=headers),
        client.put(live.of(live.bench), data=f'{{"sets": [{text}]}}', headers=headers),
    ]

    # NaN and the infinities are no JSON to begin with, and no number is as large.
    expected = 400 if value in ("NaN", "Infinity", "-Infinity", "1e999") else 422
    assert [answer.status_code for answer in answers] == [expected] * 3
    if expected == 422:
        assert [field in answer.json["errors"] for answer in answers[:2]] == [True, True]
        assert field in answers[2].json["errors"]["sets"]["0"]
    assert read(client, alice, live.id).json == before


@pytest.mark.parametrize(
    ("method", "further", "body"),
    [
        ("put", (), {"sets": None}),
        ("put", (), {"sets": {}}),
        ("put", (), {"sets": [7]}),
        ("put", (), {"exercise_name": "Squat"}),
        ("put", (), []),
        ("patch", (), {}),
        ("patch", (), {"note": 7}),
        ("patch", (), {"note": "a" * 2001}),
        ("patch", (), {"note": "Slowly", "sets": []}),
        ("patch", ("sets", 0), {}),
        ("patch", ("sets", 0), {"change_reason": "Nothing"}),
        ("post", ("sets",), {"sets": []}),
        ("post", ("sets",), []),
        ("patch", ("reorder",), {}),
    ],
)
def test_a_body_of_another_shape_is_refused_and_changes_nothing(client, alice, live, method, further, body):
    before = read(client, alice, live.id).json
    parts = [part if isinstance(part, str) else live.sets[part] for part in further]
    path = live.of("reorder") if parts == ["reorder"] else live.of(live.bench, *parts)

    response = getattr(client, method)(path, json=body, headers=alice.headers)

    assert response.status_code == 422
    assert "errors" in response.json
    assert read(client, alice, live.id).json == before


@pytest.mark.parametrize(
    "rubbish", ["7", "rubbish", "%00", "00000000-0000-0000-0000-00000000000g", "-1", "%F0%9F%8F%8B"]
)
def test_rubbish_instead_of_an_id_leads_nowhere(client, alice, live, rubbish):
    before = read(client, alice, live.id).json
    paths = [
        live.of(rubbish),
        f"/v1/workouts/{rubbish}/exercise-executions/{live.bench}",
        live.of(rubbish, "sets", live.sets[0]),
        live.of(live.bench, "sets", rubbish),
        f"/v1/workouts/{rubbish}/exercise-executions/{live.bench}/sets/{live.sets[0]}",
    ]

    answers = [client.delete(path, headers=alice.headers) for path in paths]
    answers += [client.patch(path, json={"note": "Here"}, headers=alice.headers) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert read(client, alice, live.id).json == before


def test_nobody_changes_anything_without_login(client, alice, live):
    nobody = type(alice)(0, "", {})
    before = read(client, alice, live.id).json

    answers = [change(client, nobody, live) for change in CHANGES]

    assert {answer.status_code for answer in answers} == {401}
    assert read(client, alice, live.id).json == before
