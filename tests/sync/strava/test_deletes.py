"""What Strava has no more is deleted, and when it is not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from fitness.sync.strava import sync_activity
from tests.connecting import connect, status, sync
from tests.standins.server import Answer, Fault
from tests.standins.strava import ACTIVITIES, ATHLETE_ID, make_activity
from tests.sync.strava.reports import RIGHT, ago, counts, listed, meanwhile, read, run_id, versions, without


def test_what_strava_has_no_more_is_deleted_as_a_version_by_strava(client, ada, strava, twenty):
    strava.add(make_activity(2, name="Renamed by Strava"))
    sync(client, ada.headers, full_sync=True)
    strava.remove(16_000_000_001)
    strava.remove(16_000_000_002)

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"unchanged": 18, "deleted": 2}
    assert report["conflicts"] == []
    assert not {run_id(1), run_id(2)} & set(listed(client, ada))
    assert versions(client, ada, 1)[1:] == [(2, "deletion", "Strava", report["changeset_id"])]
    assert versions(client, ada, 2)[2:] == [(3, "deletion", "Strava", report["changeset_id"])]
    changeset = client.get(f"/v1/changesets/{report['changeset_id']}", headers=ada.headers).json
    assert (changeset["kind"], changeset["source"], changeset["counts"]["deleted"]) == ("sync", "Strava", 2)
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 18}


def test_what_you_edited_stays_when_strava_has_it_no_more_and_is_told_until_it_comes_back(client, ada, strava, twenty):
    client.patch(f"/v1/runs/{run_id(1)}", json={"notes": "Mine"}, headers=ada.headers)
    strava.remove(16_000_000_001)

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"unchanged": 19, "kept": 1}
    assert report["changeset_id"] is None
    assert report["conflicts"] == [{"id": run_id(1), "field": "deleted_at", "yours": None, "theirs": "deleted"}]
    run = read(client, ada, 1)
    since = datetime.fromisoformat(run["conflicts"]["deleted_at"])
    assert timedelta() < datetime.now(UTC) - since < timedelta(minutes=1)
    assert (run["version"], run["deleted_at"]) == (2, None)

    again = sync(client, ada.headers, full_sync=True).json
    assert (again["kept"], read(client, ada, 1)) == (1, run)

    strava.add(make_activity(1))
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 20}
    assert read(client, ada, 1) == {**run, "conflicts": None}


def test_a_run_that_you_keep_although_strava_has_it_no_more_is_not_asked_about_again(client, ada, strava, twenty):
    client.patch(f"/v1/runs/{run_id(1)}", json={"notes": "Mine"}, headers=ada.headers)
    strava.remove(16_000_000_001)
    sync(client, ada.headers, full_sync=True)
    decision = f"/v1/runs/{run_id(1)}/conflicts/deleted_at"
    client.post(decision, json={"take": "mine"}, headers=ada.headers)

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 19}
    assert read(client, ada, 1)["conflicts"] is None

    # Once Strava has had it again, another delete is asked about.
    strava.add(make_activity(1))
    sync(client, ada.headers, full_sync=True)
    strava.remove(16_000_000_001)
    assert sync(client, ada.headers, full_sync=True).json["kept"] == 1


def test_more_than_a_tenth_is_deleted_only_when_allowed(client, ada, strava, twenty, noted, everything):
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)
    before, watermark = everything(), noted(ada)

    asks = sync(client, ada.headers, full_sync=True)
    rehearsed = sync(client, ada.headers, full_sync=True, dry_run=True)

    for answer in (asks, rehearsed):
        assert answer.status_code == 409
        assert answer.json["detail"].startswith("This sync would delete 3 of 20 runs, more than a tenth, as Strava")
        assert "allow_deletes=true" in answer.json["detail"]
    assert everything() == before
    assert noted(ada)[0] == watermark[0]
    assert status(client, ada.headers)["last_error"] == asks.json["detail"]

    report = sync(client, ada.headers, full_sync=True, allow_deletes=True).json

    assert counts(report) == {"unchanged": 17, "deleted": 3}
    assert noted(ada)[0] > watermark[0]


def test_edited_runs_do_not_count_towards_the_tenth(client, ada, strava, twenty):
    for number in (1, 2, 3, 4, 5):
        strava.remove(16_000_000_000 + number)
        if number > 2:
            client.patch(f"/v1/runs/{run_id(number)}", json={"notes": "Mine"}, headers=ada.headers)

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 15, "deleted": 2, "kept": 3}


def test_pages_stored_before_a_sync_asks_stay_stored(client, ada, strava, twenty):
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)
    strava.add(make_activity(30))

    asks = sync(client, ada.headers, full_sync=True)

    assert asks.status_code == 409
    assert "Records read before the error are stored as changeset " in asks.json["detail"]
    assert set(listed(client, ada)) == set(map(run_id, [*range(1, 21), 30]))


def test_an_empty_account_is_a_question_not_an_answer(client, ada, strava, twenty):
    strava.activities.clear()

    assert sync(client, ada.headers, full_sync=True).status_code == 409
    assert len(listed(client, ada)) == 20


def test_an_incomplete_list_deletes_nothing(client, ada, strava):
    strava.add(*map(make_activity, range(1, 301)))
    sync(client, ada.headers)
    strava.remove(16_000_000_001)
    strava.fail(without(range(176, 201)))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report).get("deleted", 0) <= 1
    assert counts(sync(client, ada.headers, full_sync=True).json)["unchanged"] == 299


@pytest.mark.parametrize("status", [404, 410])
def test_a_web_page_deletes_nothing(client, ada, strava, twenty, status):
    page = Answer(status, b"\n<!DOCTYPE html><html>Not found</html>", {"Content-Type": "text/html"})
    strava.fail(without([1]), Fault(page, on="/api/v3/activities/"))

    answer = sync(client, ada.headers, full_sync=True)

    assert (answer.status_code, "answered with a web page" in answer.json["detail"]) == (502, True)
    assert len(listed(client, ada)) == 20
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 20}


def test_a_start_moved_out_of_the_window_is_followed(client, ada, strava):
    strava.add(ago(1, days=2), ago(2, days=3))
    sync(client, ada.headers)
    moved = ago(1, days=20)
    strava.add(moved)

    report = sync(client, ada.headers).json

    assert counts(report) == {"updated": 1, "unchanged": 1}
    assert read(client, ada, 1)["datetime_utc"] == moved["start_date"]


def test_what_is_not_looked_at_is_not_gone(client, ada, strava, make_run, twenty):
    make_run(ada, id="manual_1", datetime_utc="2020-01-01T06:30:00Z")
    make_run(ada, id="mmf_1", datetime_utc="2020-01-01T06:30:00Z", source="MapMyFitness")
    strava.add(ago(40, days=1))
    sync(client, ada.headers)
    strava.remove(16_000_000_001)

    assert counts(sync(client, ada.headers).json) == {"unchanged": 1}
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 20, "deleted": 1}
    assert {"manual_1", "mmf_1"} <= set(listed(client, ada))


def test_without_leave_to_see_private_activities_nothing_is_inferred(client, ada, strava, twenty):
    strava.granted = "read,activity:read,profile:read_all"
    connect(client, ada.headers)
    strava.add(make_activity(1, visibility="only_me"))
    strava.remove(16_000_000_002)

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 18}
    assert len(listed(client, ada)) == 20


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"distance": "far"}, {"unchanged": 19, "failed": 1}),
        ({"start_date": None}, {"unchanged": 19, "failed": 1}),
    ],
)
def test_what_cannot_be_read_is_not_gone(client, ada, strava, twenty, change, expected):
    """Strava has it: it is not for a sync to delete what it does not understand."""
    with strava.lock:
        strava.activities[ATHLETE_ID][16_000_000_001].update({key: value for key, value in change.items() if value})
        strava.fail(Fault(lambda _, right: with_change(right(), change), on=ACTIVITIES))

    assert counts(sync(client, ada.headers, full_sync=True).json) == expected
    assert len(listed(client, ada)) == 20


def with_change(answer, change):
    first, *others = json.loads(answer.body)
    return Answer(200, json.dumps([first | change, *others]).encode(), answer.headers)


@pytest.mark.parametrize("id", [None, "16000000001", -1])
def test_when_a_record_does_not_say_which_it_is_nothing_is_gone(client, ada, strava, twenty, id):
    strava.fail(Fault(lambda _, right: with_change(right(), {"id": id}), on=ACTIVITIES))

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 19, "failed": 1}
    assert len(listed(client, ada)) == 20


def test_what_the_webhook_brings_while_a_sync_reads_is_not_gone(
    app, client, ada, strava, two_a_page, twenty, monkeypatch
):
    monkeypatch.setattr("fitness.sync.strava.MOST_ASKED_FOR", -1)  # asking for it would save it as well

    def upload_late():
        strava.add(make_activity(0))
        with app.app_context():
            sync_activity(ada.user_id, 16_000_000_000)

    strava.fail(RIGHT, RIGHT, meanwhile(upload_late))

    report = sync(client, ada.headers, full_sync=True).json

    assert (report["deleted"], report["complete"]) == (0, True)
    assert len(listed(client, ada)) == 21
