"""People's own applications at a provider, in the place of the server's."""

from tests.connecting import connect, status, sync
from tests.connections.states import change_settings, end_in, refreshes
from tests.standins.strava import TOKEN, make_activity

PATH = "/v1/oauth/strava/application"
OWN = {"client_id": "777", "client_secret": "0w7"}


def enter(client, person, **changes):
    return client.put(PATH, json=OWN | changes, headers=person.headers)


def at_strava(strava, **changes):
    """Let Strava know another application than the server's."""
    strava.client_id, strava.client_secret = (OWN | changes).values()


def test_new_connections_go_through_your_own_application(client, owner, alice, strava):
    at_strava(strava)
    strava.add(make_activity(1))

    entered = enter(client, alice)
    connect(client, alice.headers)

    assert (entered.status_code, entered.json["own_client_id"], "client_secret" in entered.json) == (200, "777", False)
    end_in(owner, alice, 1)
    assert sync(client, alice.headers).json["created"] == 1
    assert {asked.form["client_id"] for asked in strava.asked(TOKEN)} == {"777"}
    assert len(refreshes(strava)) == 1
    assert client.delete("/v1/oauth/strava", headers=alice.headers).status_code == 204
    assert strava.grants == []


def test_the_secret_is_stored_encrypted(client, owner, alice, strava):
    enter(client, alice)

    (secret,) = owner.execute("SELECT client_secret FROM oauth_applications").fetchone()
    assert "0w7" not in secret


def test_others_keep_the_servers_application(client, alice, bob, strava):
    enter(client, alice)

    connect(client, bob.headers)

    assert status(client, bob.headers)["own_client_id"] is None
    assert client.delete(PATH, headers=bob.headers).status_code == 404


def test_it_works_without_an_application_of_the_server(app, client, alice, strava, monkeypatch):
    change_settings(app, monkeypatch, strava_client_id=None, strava_client_secret=None)
    at_strava(strava)
    assert client.get("/v1/oauth/strava/authorize-url", headers=alice.headers).status_code == 503

    enter(client, alice)
    connect(client, alice.headers)

    assert status(client, alice.headers)["connected"] is True


def test_a_connection_stays_with_its_application_and_gets_a_renewed_secret(client, owner, alice, strava):
    at_strava(strava)
    enter(client, alice)
    connect(client, alice.headers)
    at_strava(strava, client_secret="new")
    end_in(owner, alice, 1)
    assert sync(client, alice.headers).status_code == 503

    enter(client, alice, client_secret="new")
    assert sync(client, alice.headers).status_code == 200

    assert client.delete(PATH, headers=alice.headers).status_code == 204
    assert client.delete(PATH, headers=alice.headers).status_code == 404
    end_in(owner, alice, 1)
    assert sync(client, alice.headers).status_code == 200
    assert status(client, alice.headers)["own_client_id"] is None


def test_only_providers_with_applications_have_one(client, alice, strava):
    for provider in ("hevy", "garmin"):
        path = f"/v1/oauth/{provider}/application"
        assert client.put(path, json=OWN, headers=alice.headers).status_code == 404
        assert client.delete(path, headers=alice.headers).status_code == 404
    assert enter(client, alice, client_secret="").status_code == 422
