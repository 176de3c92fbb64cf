"""How a connection ends, and that its secrets stay secret."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from tests.connecting import ask, connect, say_yes, status, sync
from tests.connections.states import CODE_REFUSED, NOT_CONNECTED, change_settings, end_in, refreshes, state_of
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, ALL_SCOPES, ATHLETE_ID, NOT_JSON, TOKEN, make_activity

REVOKE = "/oauth/revoke"


@pytest.mark.parametrize(
    ("athlete", "scope", "forgotten"),
    [(ATHLETE_ID, ALL_SCOPES, False), (ATHLETE_ID + 1, ALL_SCOPES, True), (ATHLETE_ID, "read,activity:read", True)],
)
def test_who_connects_with_another_account_or_scope_begins_anew(
    client, owner, alice, strava, athlete, scope, forgotten
):
    connect(client, alice.headers)
    sync(client, alice.headers)
    owner.execute(
        "INSERT INTO provider_events (user_id, provider, object_id) VALUES (%s, 'strava', '1')", [alice.user_id]
    )

    strava.athlete_id, strava.granted = athlete, scope
    connect(client, alice.headers)

    assert (status(client, alice.headers)["last_success_at"] is None) is forgotten
    assert owner.execute("SELECT count(*) FROM provider_events").fetchone() == (0 if forgotten else 1,)


@pytest.mark.parametrize("ended", [False, True])
def test_no_sync_deletes_what_another_account_brought(client, alice, strava, ended):
    strava.add(*map(make_activity, range(1, 12)))
    connect(client, alice.headers)
    sync(client, alice.headers)
    if ended:
        client.delete("/v1/oauth/strava", headers=alice.headers)
    strava.athlete_id = other = ATHLETE_ID + 1
    connect(client, alice.headers)
    strava.add(*map(make_activity, range(20, 40)), athlete_id=other)

    first = sync(client, alice.headers).json
    strava.remove(make_activity(20)["id"], other)
    later = sync(client, alice.headers, full_sync=True).json

    assert (first["created"], first["deleted"], first["complete"]) == (20, 0, True)
    assert (later["unchanged"], later["deleted"]) == (19, 1)
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 30


def test_a_deleted_run_goes_when_its_account_returns(client, alice, strava):
    strava.add(*map(make_activity, range(1, 12)))
    connect(client, alice.headers)
    sync(client, alice.headers)
    for athlete in (ATHLETE_ID + 1, ATHLETE_ID):
        strava.athlete_id = athlete
        connect(client, alice.headers)
        sync(client, alice.headers)

    strava.remove(make_activity(1)["id"])

    assert sync(client, alice.headers, full_sync=True).json["deleted"] == 1


# Disconnecting


@pytest.mark.parametrize("token", ["fresh", "about to end", "refused early"])
def test_disconnecting_ends_it_at_strava_and_forgets_it_here(client, owner, alice, strava, token):
    strava.add(make_activity(1))
    connect(client, alice.headers)
    sync(client, alice.headers)
    if token == "about to end":
        end_in(owner, alice, 1)
    elif token == "refused early":
        strava.expire_access()

    answer = client.delete("/v1/oauth/strava", headers=alice.headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert strava.grants == []
    assert status(client, alice.headers) == {**NOT_CONNECTED, "provider": "strava"}
    for table in ("oauth_credentials", "oauth_states", "sync_metadata", "provider_events"):
        assert owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
    assert len(client.get("/v1/runs", headers=alice.headers).json["items"]) == 1


def test_disconnecting_deletes_what_was_imported_when_asked_and_a_revert_brings_it_back(client, alice, strava):
    ride = make_activity(2, sport_type="Ride")
    strava.add(make_activity(1), ride, make_activity(3))
    connect(client, alice.headers)
    sync(client, alice.headers)
    client.delete("/v1/runs/strava_16000000003", headers=alice.headers)
    new = {"datetime_utc": "2025-11-01T08:00:00Z", "type": "Outdoor Run", "distance": 3, "duration": 1800}
    own = client.post("/v1/runs", json=new, headers=alice.headers).json["id"]

    def kept():
        items = [*client.get("/v1/runs", headers=alice.headers).json["items"]]
        items += client.get("/v1/workouts", headers=alice.headers).json["items"]
        return {item["id"] for item in items}

    before = kept()
    assert client.delete("/v1/oauth/strava?keep_records=false", headers=alice.headers).status_code == 204

    assert kept() == {own}
    changeset = client.get("/v1/changesets", headers=alice.headers).json["items"][0]
    assert (changeset["kind"], changeset["source"], changeset["counts"]) == ("bulk_edit", "Strava", {"deleted": 2})
    assert changeset["actor"]
    client.post(f"/v1/changesets/{changeset['changeset_id']}/revert", headers=alice.headers)
    assert kept() == before


def test_a_wrong_account_is_disconnected_with_what_it_brought_alone(client, alice, strava):
    """Before: everything from Strava was deleted, also what one's own account had brought."""
    strava.add(*map(make_activity, range(1, 4)))
    connect(client, alice.headers)
    sync(client, alice.headers)
    strava.athlete_id = other = ATHLETE_ID + 1
    strava.add(*map(make_activity, range(20, 22)), athlete_id=other)
    connect(client, alice.headers)
    sync(client, alice.headers)

    assert client.delete("/v1/oauth/strava?keep_records=false", headers=alice.headers).status_code == 204

    left = {run["id"] for run in client.get("/v1/runs", headers=alice.headers).json["items"]}
    assert left == {f"strava_{make_activity(number)['id']}" for number in range(1, 4)}
    assert client.get("/v1/changesets", headers=alice.headers).json["items"][0]["counts"] == {"deleted": 2}


def test_without_records_disconnecting_makes_no_changeset(client, alice, strava):
    connect(client, alice.headers)

    assert client.delete("/v1/oauth/strava?keep_records=false", headers=alice.headers).status_code == 204

    assert client.get("/v1/changesets", headers=alice.headers).json["items"] == []


@pytest.mark.parametrize("token", ["fresh", "about to end", "refused early"])
def test_the_old_way_of_disconnecting_works_by_setting(app, client, owner, alice, strava, monkeypatch, token):
    change_settings(app, monkeypatch, strava_revoke_url=f"{strava.url}/oauth/deauthorize")
    connect(client, alice.headers)
    if token == "about to end":
        end_in(owner, alice, 1)
    elif token == "refused early":
        strava.expire_access()

    assert client.delete("/v1/oauth/strava", headers=alice.headers).status_code == 204

    assert strava.grants == []
    assert strava.asked(REVOKE) == []


def test_what_is_not_connected_cannot_be_disconnected(client, alice, strava):
    for provider in ("strava", "hevy"):
        assert client.delete(f"/v1/oauth/{provider}", headers=alice.headers).status_code == 404
    assert sync(client, alice.headers).json == {"detail": "Strava is not connected: connect it first"}
    assert strava.requests == []


def test_who_cannot_tell_strava_stays_connected_unless_forced(client, alice, strava):
    connect(client, alice.headers)
    strava.fail(*[Fault(Answer(500), on=REVOKE)] * 2)

    refused = client.delete("/v1/oauth/strava", headers=alice.headers)
    still = status(client, alice.headers)
    forced = client.delete("/v1/oauth/strava?force=true", headers=alice.headers)

    assert (refused.status_code, refused.json) == (502, {"detail": "Strava answered with status 500"})
    assert still["connected"] is True
    assert forced.status_code == 204
    assert status(client, alice.headers)["connected"] is False


@pytest.mark.parametrize("known", [True, False])
def test_what_strava_has_ended_already_is_forgotten(client, alice, strava, known):
    connect(client, alice.headers)
    strava.end_connections()
    if known:
        sync(client, alice.headers)

    assert client.delete("/v1/oauth/strava", headers=alice.headers).status_code == 204
    assert status(client, alice.headers)["needs_reconnect"] is False


def test_another_ones_connection_is_untouched(client, alice, bob, strava, stored):
    strava.add(make_activity(1, athlete={"id": 7}), athlete_id=7)
    connect(client, alice.headers)
    strava.athlete_id = 7
    connect(client, bob.headers)
    bobs = stored(bob)

    client.delete("/v1/oauth/strava", headers=alice.headers)

    assert stored(alice) is None
    assert stored(bob) == bobs
    assert sync(client, bob.headers).json["created"] == 1
    assert status(client, bob.headers)["account_id"] == "7"


# Secrets


def test_no_secret_is_stored_in_clear_logged_or_answered(client, owner, alice, strava, hevy, caplog):
    caplog.set_level(logging.DEBUG)
    answers = []

    def noted(answer):
        answers.append(f"{answer.headers}{answer.text}")
        return answer

    address = ask(client, alice.headers)
    states = owner.execute("SELECT o::text FROM oauth_states AS o").fetchall()
    strava.fail(Fault(CODE_REFUSED, on=TOKEN))
    back = say_yes(address)
    noted(client.get(back))
    noted(client.get(back))
    noted(client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers))
    hevy.fail(Fault(Answer(500)))
    noted(client.put("/v1/oauth/hevy/key", json={"key": hevy.key}, headers=alice.headers))
    seen = set(strava.grants[0].access_tokens)
    for fault in (None, Fault(Answer(500), on=TOKEN), Fault(NOT_JSON, on=ACTIVITIES), Fault(cut=True, on=ACTIVITIES)):
        end_in(owner, alice, 1)
        strava.expire_access()
        if fault:
            strava.fail(fault)
        noted(sync(client, alice.headers))
    rows = owner.execute("SELECT c::text FROM oauth_credentials AS c").fetchall()
    grant = strava.grants[0]
    secrets = {
        state_of(address), strava.client_secret, hevy.key, grant.refresh_token, *grant.access_tokens, *seen,
        parse_qs(urlsplit(back).query)["code"][0], *(form["refresh_token"] for form in refreshes(strava)),
    }  # fmt: skip
    noted(client.get("/v1/oauth/strava/status", headers=alice.headers))
    noted(client.get("/v1/oauth/hevy/status", headers=alice.headers))
    strava.end_connections()
    noted(sync(client, alice.headers))
    noted(client.delete("/v1/oauth/strava", headers=alice.headers))

    assert len(secrets) > 8
    assert (len(states), len(rows)) == (1, 2)
    assert len(caplog.records) > len(answers)
    logged = "".join(f"{record.getMessage()}{vars(record)}" for record in caplog.records)
    for secret in secrets:
        assert secret not in f"{states}{rows}"
        assert secret not in logged
        assert secret not in "".join(answers)


def test_secrets_whose_key_is_gone_are_the_operators_to_bring_back(app, client, alice, stored, monkeypatch):
    connect(client, alice.headers)
    change_settings(app, monkeypatch, encryption_keys=(Fernet.generate_key().decode(),))

    for answer in (sync(client, alice.headers), client.delete("/v1/oauth/strava", headers=alice.headers)):
        assert (answer.status_code, answer.json) == (
            503, {"detail": "A stored secret was encrypted with a key that is no longer in ENCRYPTION_KEYS"},
        )  # fmt: skip
    assert client.delete("/v1/oauth/strava?force=true", headers=alice.headers).status_code == 204
    connect(client, alice.headers)
    assert sync(client, alice.headers).status_code == 200
