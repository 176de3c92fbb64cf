"""Failures of a sync with the calendar: lost answers, refusals, and two syncs at once."""

import threading

import pytest

from fitness.providers.google.client import Google
from tests.api.calendar.requests import EVENTS, both_at_once, counts, edit, overtaken, state, summaries, sync, sync_all
from tests.google_browser import connect
from tests.standins.google import BAD_GATEWAY, TOKEN, denied, refusal
from tests.standins.server import Answer, Fault

# What goes wrong


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_without_a_connection_the_answer_is_to_connect_and_nothing_is_written(client, owner, bob, make_run, method):
    run = make_run(bob)
    owner.execute(
        "INSERT INTO synced_runs (user_id, run_id, run_version, google_event_id, sync_status, synced_at)"
        " VALUES (%s, %s, 1, 'fit123', 'synced', '2025-11-02T13:00:00Z')",
        [bob.user_id, run.id],
    )
    before = state(client, bob, run)

    answer = sync(client, bob, run, method)

    assert (answer.status_code, answer.json) == (409, {"detail": "Google is not connected: connect it first"})
    assert state(client, bob, run) == before
    assert sync_all(client, bob).status_code == 409


def lose_answer(request, make):
    """Do what was asked, and say nothing sensible about it."""
    make()
    return BAD_GATEWAY


@pytest.mark.parametrize("fault", [Fault(cut=True, on=EVENTS), Fault(lose_answer, on=EVENTS)])
def test_a_lost_answer_and_the_retry_make_one_event(client, google, alice, make_run, fault):
    run = make_run(alice)
    google.fail(fault)

    lost = sync(client, alice, run)

    failed = state(client, alice, run)
    assert lost.status_code == 502
    assert (failed["sync_status"], failed["error_message"]) == ("failed", lost.json["detail"])
    (event_id,) = google.calendar()
    again = sync(client, alice, run).json
    assert (again["sync_status"], again["google_event_id"], again["error_message"]) == ("synced", event_id, None)
    assert list(google.calendar()) == [event_id]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_process_that_died_on_the_way_is_made_up_for(client, google, alice, make_run, monkeypatch, arrived):
    run = make_run(alice)

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        if arrived:
            insert(*args, **kwargs)
        raise Killed

    insert = Google.insert_event
    monkeypatch.setattr(Google, "insert_event", die)
    with pytest.raises(Killed):
        sync(client, alice, run)
    monkeypatch.undo()
    assert state(client, alice, run)["sync_status"] == "pending"

    report = sync_all(client, alice).json

    assert counts(report) == (1, 0, 1, 0, 0)
    assert len(google.calendar()) == 1
    assert state(client, alice, run)["sync_status"] == "synced"


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (refusal("invalid"), 502, "invalid"),
        (refusal("insufficientPermissions"), 409, "connect again"),
        (denied("forbidden"), 409, "connect again"),
        (refusal("notFound"), 503, "GOOGLE_CALENDAR_ID"),
        (refusal("userRateLimitExceeded", {"Retry-After": "90"}), 429, "try again"),
        (refusal("backendError"), 502, "500"),
    ],
)
def test_each_failure_says_who_is_to_act_and_is_on_the_list(client, google, alice, make_run, fault, status, said):
    run = make_run(alice)
    google.fail(Fault(fault, on=EVENTS))

    answer = sync(client, alice, run)

    assert answer.status_code == status
    assert said in answer.json["detail"]
    assert status != 429 or 85 <= int(answer.headers["Retry-After"]) <= 90
    (failed,) = client.get("/v1/sync/runs/failed", headers=alice.headers).json["items"]
    assert (failed["run_id"], failed["error_message"]) == (run.id, answer.json["detail"])
    sync(client, alice, run)
    assert client.get("/v1/sync/runs/failed", headers=alice.headers).json["items"] == []
    assert len(google.calendar()) == 1


def test_a_web_page_removes_no_event(client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)
    page = Answer(404, b"<html>Not found</html>", {"Content-Type": "text/html"})

    google.fail(Fault(page, on=EVENTS))
    refused = sync(client, alice, run, "DELETE")

    assert refused.status_code == 502
    assert state(client, alice, run)["sync_status"] == "failed"
    assert sync(client, alice, run, "DELETE").status_code == 204
    assert google.calendar() == {}


def test_an_access_token_that_has_died_is_refreshed_and_nobody_notices(client, google, alice, make_run):
    google.expire_access()

    assert sync(client, alice, make_run(alice)).status_code == 200

    assert [request.form["grant_type"] for request in google.asked(TOKEN)] == ["authorization_code", "refresh_token"]


def test_a_dead_grant_asks_to_connect_again_and_then_all_is_well(client, google, alice, make_run):
    run = make_run(alice)
    google.end_connections()

    answers = [sync(client, alice, run) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "connect again" in answers[1].json["detail"]
    status = client.get("/v1/oauth/google/status", headers=alice.headers).json
    assert (status["connected"], status["needs_reconnect"]) == (False, True)
    connect(client, alice.headers)
    assert sync(client, alice, run).status_code == 200


def test_two_syncs_of_one_run_at_the_same_moment_make_one_event_and_a_right_row(app, client, google, alice, make_run):
    run = make_run(alice)
    # Neither is answered before both have asked.
    together = threading.Barrier(2)

    def wait(request, make):
        together.wait(timeout=20)
        return make()

    google.fail(Fault(wait, on=EVENTS), Fault(wait, on=EVENTS))

    answers = both_at_once(app.test_client, *[lambda client: sync(client, alice, run)] * 2)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(google.calendar()) == 1
    (row,) = client.get("/v1/sync/runs", headers=alice.headers).json["items"]
    assert (row["sync_status"], row["run_version"], row["behind"]) == ("synced", 1, False)
    assert row["google_event_id"] in google.calendar()


def test_a_sync_that_a_newer_one_overtook_leaves_no_row_that_lies(app, client, google, alice, make_run):
    run = make_run(alice)
    sync(client, alice, run)

    def meanwhile(other):
        edit(other, alice, run, distance=6.2)
        return sync(other, alice, run)

    late, newer = overtaken(app, google, lambda other: sync(other, alice, run), meanwhile)

    assert (late.status_code, newer.status_code) == (200, 200)
    assert summaries(google) == ["Run 5.0 mi"]
    assert state(client, alice, run)["sync_status"] == "pending"
    assert counts(sync_all(client, alice).json) == (1, 0, 1, 0, 0)
    assert summaries(google) == ["Run 6.2 mi"]


@pytest.mark.parametrize("first", ["POST", "DELETE"])
def test_a_run_that_is_sent_and_taken_out_at_once_leaves_no_event_without_a_row(
    app, client, google, alice, make_run, first
):
    run = make_run(alice)
    sync(client, alice, run)
    second = {"POST": "DELETE", "DELETE": "POST"}[first]

    overtaken(app, google, lambda other: sync(other, alice, run, first), lambda other: sync(other, alice, run, second))

    assert state(client, alice, run)["sync_status"] == "pending"
    sync_all(client, alice)
    assert summaries(google) == ["Run 5.0 mi"]
    assert state(client, alice, run)["sync_status"] == "synced"
