"""A set with a `client_uuid` is added once, however often and however late it is sent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.api.exercise_executions.changes import FULL_SET, history_of


def sets_of(client, person, live):
    return client.get(live.of(live.bench), headers=person.headers).json["sets"]


def post(client, person, live, body):
    return client.post(live.of(live.bench, "sets"), json=body, headers=person.headers)


def test_a_set_sent_again_is_answered_as_the_first_time_and_added_once(client, alice, live):
    body = {**FULL_SET, "client_uuid": str(uuid4())}

    first, second = post(client, alice, live, body), post(client, alice, live, body)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json == first.json
    assert second.headers["ETag"] == first.headers["ETag"] == '"2.1"'
    assert first.json["id"] == body["client_uuid"]
    assert sets_of(client, alice, live)[2:] == [first.json]


def test_another_set_with_the_same_client_uuid_is_refused(client, alice, live):
    body = {"client_uuid": str(uuid4()), "reps": 5}
    post(client, alice, live, body)

    other_values = post(client, alice, live, {**body, "reps": 6})
    other_exercise = client.post(live.of(live.row, "sets"), json=body, headers=alice.headers)

    for refused in (other_values, other_exercise):
        assert (refused.status_code, refused.json["detail"]) == (409, "This client_uuid was used for another set")
    assert [one["reps"] for one in sets_of(client, alice, live)[2:]] == [5]


def test_a_client_uuid_does_not_expire_when_the_set_changes_or_goes_or_the_workout_is_finished(client, alice, live):
    body = {"client_uuid": str(uuid4()), "reps": 5}
    first = post(client, alice, live, body)
    path = live.of(live.bench, "sets", body["client_uuid"])

    answers = []
    client.patch(path, json={"reps": 8}, headers=alice.headers)
    answers.append(post(client, alice, live, body))
    client.delete(path, headers=alice.headers)
    answers.append(post(client, alice, live, body))
    client.patch(f"/v1/workouts/{live.id}/finish", headers=alice.headers)
    answers.append(post(client, alice, live, body))

    assert [(answer.status_code, answer.json) for answer in answers] == [(200, first.json)] * 3
    assert len(sets_of(client, alice, live)) == 2


def test_a_refused_set_leaves_its_client_uuid_free(client, alice, live):
    body = {"client_uuid": str(uuid4()), "reps": 5}
    client.patch(f"/v1/workouts/{live.id}/finish", headers=alice.headers)
    refused = post(client, alice, live, body)
    client.patch(f"/v1/workouts/{live.id}", json={"finished_at": None}, headers=alice.headers)

    added = post(client, alice, live, body)

    assert (refused.status_code, added.status_code) == (409, 201)


def test_the_same_set_sent_many_times_at_once_is_added_once(app, client, alice, live):
    body = {"client_uuid": str(uuid4()), "reps": 5}
    start = threading.Barrier(8)

    def send(_):
        own = app.test_client()
        start.wait()
        return post(own, alice, live, body)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json["position"] for answer in answers}) == 1
    assert len(sets_of(client, alice, live)) == 3
    assert len(history_of(client, alice, live.id)) == 2


def test_another_persons_client_uuid_says_nothing(client, alice, bob, live):
    body = {"client_uuid": str(uuid4()), "reps": 5}
    post(client, alice, live, body)

    strange = post(client, bob, live, body)

    assert strange.status_code == 404
