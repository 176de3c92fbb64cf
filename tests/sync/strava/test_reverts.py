"""Reverts beside a sync: what each leaves to the other."""

import pytest

from tests.connecting import sync
from tests.standins.strava import make_activity
from tests.sync.strava.reports import RIGHT, counts, listed, meanwhile, read, run_id


@pytest.fixture
def revert(app, ada):
    def post(changeset_id, query=""):
        return app.test_client().post(f"/v1/changesets/{changeset_id}/revert{query}", headers=ada.headers).json

    return post


@pytest.fixture
def newest(app, ada):
    def number():
        return app.test_client().get("/v1/changesets", headers=ada.headers).json["items"][0]["changeset_id"]

    return number


def test_pages_after_a_revert_are_stored_under_a_changeset_of_their_own(
    client, ada, strava, two_a_page, revert, newest, noted
):
    strava.add(*map(make_activity, range(1, 7)))
    strava.fail(RIGHT, meanwhile(lambda: revert(newest())))

    report = sync(client, ada.headers).json

    assert set(listed(client, ada)) == {run_id(number) for number in range(3, 7)}
    changeset = client.get(f"/v1/changesets/{report['changeset_id']}", headers=ada.headers).json
    assert (changeset["counts"]["created"], changeset["reverted_by"]) == (4, None)
    # The next one fetches what was reverted, too.
    assert noted(ada)[0] is None
    assert counts(sync(client, ada.headers).json) == {"created": 2, "unchanged": 4}

    answer = revert(report["changeset_id"])
    assert (answer["reverted"], answer["kept"]) == (4, 0)


def test_an_edit_between_two_pages_survives_the_revert_of_the_sync(app, client, ada, strava, two_a_page, revert):
    def edit():
        app.test_client().patch(f"/v1/runs/{run_id(1)}", json={"notes": "Mine"}, headers=ada.headers)

    strava.add(*map(make_activity, range(1, 7)))
    strava.fail(RIGHT, meanwhile(edit))
    report = sync(client, ada.headers).json

    answer = revert(report["changeset_id"])

    assert (answer["reverted"], answer["kept"]) == (5, 1)
    assert [(one["id"], one["fields"]) for one in answer["problems"]] == [(run_id(1), ["notes"])]
    assert read(client, ada, 1)["notes"] == "Mine"


def test_after_a_reverted_sync_nothing_is_yours_that_you_did_not_type(client, ada, strava, twenty, revert):
    client.patch(f"/v1/runs/{run_id(2)}", json={"name": "Mine"}, headers=ada.headers)
    before = listed(client, ada)
    strava.add(make_activity(1, name="Renamed"), make_activity(2, name="Renamed"))
    report = sync(client, ada.headers, full_sync=True).json
    assert counts(report) == {"updated": 1, "kept": 1, "unchanged": 18}
    assert read(client, ada, 2)["conflicts"] == {"name": "Renamed"}

    revert(report["changeset_id"])

    assert {**read(client, ada, 2), "updated_at": None} == {**before[run_id(2)], "updated_at": None}
    strava.add(make_activity(1, name="Renamed again"), make_activity(2, name="Run 2"))
    again = sync(client, ada.headers, full_sync=True).json
    assert (counts(again), again["conflicts"]) == ({"updated": 1, "unchanged": 19}, [])


def test_a_sync_is_no_edit_when_an_import_is_reverted(client, ada, strava, twenty, revert):
    strava.add(make_activity(1, name="Renamed"))
    later = sync(client, ada.headers, full_sync=True).json["changeset_id"]

    first = revert(twenty["changeset_id"])
    assert [(one["id"], one["fields"]) for one in first["problems"]] == [(run_id(1), ["name"])]
    assert set(listed(client, ada)) == {run_id(1)}

    assert (revert(later)["kept"], listed(client, ada)) == (0, {})


def test_what_a_revert_wrote_is_no_edit_when_strava_deletes(client, ada, strava, twenty, revert):
    strava.add(make_activity(1, name="Renamed"))
    revert(sync(client, ada.headers, full_sync=True).json["changeset_id"])
    strava.remove(16_000_000_001)

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 19, "deleted": 1}
