"""What every change of a workout in progress has in common."""

from uuid import uuid4

from tests.api.exercise_executions.changes import (
    TAKING_AWAY,
    Live,
    add,
    each_change,
    history_of,
    live_of,
    read,
    reorder,
)


@each_change
def test_every_change_is_in_the_history_with_the_whole_workout(client, alice, live, change):
    before = read(client, alice, live.id).json

    answer = change(client, alice, live)

    after = read(client, alice, live.id)
    newest, original = history_of(client, alice, live.id)
    assert answer.status_code in (200, 201, 204)
    assert answer.headers["ETag"] == after.headers["ETag"] == ('"2"' if change in TAKING_AWAY else '"2.1"')
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
    problem = change(client, alice, live, Accept="application/problem+json").json
    reopened = client.patch(live.path, json={"finished_at": None}, headers=alice.headers)
    accepted = change(client, alice, live)

    assert (refused.status_code, problem["code"]) == (409, "workout_finished")
    assert refused.json == {"detail": "The workout is finished; set finished_at to null to change its sets or sessions"}
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
    tag = '"3"' if change in TAKING_AWAY else '"2.3"'
    assert (accepted.status_code in (200, 201, 204), accepted.headers["ETag"]) == (True, tag)


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
