"""Connections by a key that the person enters."""

import pytest

from tests.connecting import status
from tests.standins.server import Answer, Fault
from tests.standins.strava import NOT_JSON

# Hevy's key


def test_a_key_that_hevy_accepts_connects(client, owner, alice, hevy, stored):
    answer = client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers)

    assert answer.status_code == 200
    assert (answer.json["connected"], answer.json["account_id"], answer.json["expires_at"]) == (True, "ada", None)
    assert answer.json == status(client, alice.headers, "hevy")
    assert stored(alice, "hevy") == [hevy.key, None]


@pytest.mark.parametrize(
    "key", ["00000000-0000-4000-8000-00000000dead", "with blanks", "schlüssel", "a\r\nb: c", "", "k" * 201, None, 7]
)
def test_a_key_that_hevy_refuses_is_not_stored(client, owner, alice, hevy, key):
    answer = client.put("/v1/oauth/hevy/key", json={"key": key}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["key"])
    assert owner.execute("SELECT count(*) FROM oauth_credentials").fetchone() == (0,)


@pytest.mark.parametrize("fault", [Fault(Answer(500)), Fault(NOT_JSON), Fault(cut=True)])
def test_a_key_that_hevy_cannot_be_asked_about_is_not_stored_and_the_one_before_stays(
    client, alice, hevy, stored, fault
):
    client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers)
    hevy.fail(fault)

    answer = client.put("/v1/oauth/hevy/key", json={"key": "another"}, headers=alice.headers)

    assert answer.status_code == 502
    assert stored(alice, "hevy") == [hevy.key, None]


def test_a_key_is_forgotten_on_demand_without_asking_hevy(client, owner, alice, bob, hevy):
    for person in (alice, bob):
        client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=person.headers)
    asked = len(hevy.requests)

    assert client.delete("/v1/oauth/hevy", headers=alice.headers).status_code == 204

    assert len(hevy.requests) == asked
    assert status(client, alice.headers, "hevy")["connected"] is False
    assert status(client, bob.headers, "hevy")["connected"] is True
    assert client.delete("/v1/oauth/hevy", headers=alice.headers).status_code == 404
