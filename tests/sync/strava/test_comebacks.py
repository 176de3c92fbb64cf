"""What a sync brings that is deleted here."""

from datetime import UTC, datetime

import pytest

from tests.connecting import sync
from tests.standins.server import Fault
from tests.standins.strava import ACTIVITIES, TOO_MANY, make_activity
from tests.sync.strava.reports import RIGHT, counts, listed, meanwhile, on, read, run_id


def revert(client, person, changeset_id):
    return client.post(f"/v1/changesets/{changeset_id}/revert", headers=person.headers).json


def test_the_next_sync_brings_back_what_a_revert_took_away(client, ada, strava, noted, twenty):
    revert(client, ada, twenty["changeset_id"])

    assert listed(client, ada) == {}
    assert noted(ada)[:2] == (None, None)
    assert counts(sync(client, ada.headers).json) == {"created": 20}
    assert len(listed(client, ada)) == 20


def again_reverted(client, person, changeset_id, to):
    """Revert a sync, do it again with one more sync after it, and revert that."""
    redone = revert(client, person, revert(client, person, changeset_id)["changeset_id"])
    sync(client, person.headers)
    revert(client, person, redone["changeset_id"])


def rewound(client, person, changeset_id, to):
    return client.post("/v1/users/me/rewind", json={"to": to}, headers=person.headers).json


def again_rewound(client, person, changeset_id, to):
    redone = revert(client, person, rewound(client, person, changeset_id, to)["changeset_id"])
    sync(client, person.headers)
    revert(client, person, redone["changeset_id"])


@pytest.mark.parametrize("take_away", [again_reverted, rewound, again_rewound])
def test_a_sync_brings_back_what_any_undo_took(client, ada, strava, take_away):
    to = client.post("/v1/bookmarks", json={"name": "Before"}, headers=ada.headers).json["instant"]
    strava.add(*map(make_activity, range(1, 21)))
    first = sync(client, ada.headers).json

    take_away(client, ada, first["changeset_id"], to)

    assert listed(client, ada) == {}
    assert counts(sync(client, ada.headers).json) == {"created": 20}


def test_a_rewind_into_a_sync_is_made_up_for(client, ada, strava, noted, two_a_page):
    strava.add(*map(make_activity, range(1, 5)))
    instants = []

    def looked(request, right):
        instants.append(f"{datetime.now(UTC).isoformat()}")
        return right()

    strava.fail(*[Fault(looked, on=ACTIVITIES)] * 2)
    sync(client, ada.headers)
    rewound(client, ada, None, instants[1])

    assert len(listed(client, ada)) == 2
    assert counts(sync(client, ada.headers).json) == {"created": 2, "unchanged": 2}


def test_a_reverted_later_sync_lets_the_next_one_begin_where_it_began(client, ada, strava, noted, twenty):
    watermark = noted(ada)[0]
    strava.add(make_activity(2, name="Renamed"))
    report = sync(client, ada.headers, full_sync=True).json

    revert(client, ada, report["changeset_id"])

    assert noted(ada)[0] == watermark
    assert read(client, ada, 2)["name"] == "Run 2"
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 1, "unchanged": 19}


def test_what_strava_deleted_comes_back_with_edits_when_strava_shows_it_again(client, ada, strava, twenty):
    strava.remove(16_000_000_001)
    sync(client, ada.headers, full_sync=True)
    assert run_id(1) not in listed(client, ada)
    strava.add(make_activity(1, name="Renamed meanwhile"))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"updated": 1, "unchanged": 19}
    assert read(client, ada, 1)["name"] == "Renamed meanwhile"
    revert(client, ada, report["changeset_id"])
    assert run_id(1) not in listed(client, ada)
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 1, "unchanged": 19}


def test_what_the_person_deleted_stays_deleted_unless_asked_for(client, ada, strava, twenty):
    client.delete(f"/v1/runs/{run_id(1)}", headers=ada.headers)

    stays = sync(client, ada.headers, full_sync=True).json
    assert (counts(stays), stays["deleted_here_ids"]) == ({"unchanged": 19, "deleted_here": 1}, [run_id(1)])

    assert counts(sync(client, ada.headers, full_sync=True, restore_deleted=True).json) == {
        "updated": 1, "unchanged": 19,
    }  # fmt: skip
    assert len(listed(client, ada)) == 20


def test_a_redo_shows_what_strava_deleted_as_deleted_by_strava(client, ada, strava, twenty):
    strava.remove(16_000_000_001)
    gone = sync(client, ada.headers, full_sync=True).json["changeset_id"]
    undone = revert(client, ada, gone)["changeset_id"]
    assert run_id(1) in listed(client, ada)
    revert(client, ada, undone)
    assert run_id(1) not in listed(client, ada)

    strava.add(make_activity(1))
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 1, "unchanged": 19}


def test_a_revert_of_a_running_sync_that_a_limit_stops_comes_back(client, owner, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 11)))

    def take_back():
        (running,) = client.get("/v1/changesets?limit=1", headers=ada.headers).json["items"]
        revert(client, ada, running["changeset_id"])

    strava.fail(RIGHT, on(ACTIVITIES, meanwhile(take_back)), RIGHT, on(ACTIVITIES, Fault(TOO_MANY)))
    sync(client, ada.headers)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")

    sync(client, ada.headers)

    assert set(listed(client, ada)) == set(map(run_id, range(1, 11)))


def test_an_earlier_sync_reverted_while_another_runs_comes_back(client, ada, strava, twenty):
    strava.fail(on(ACTIVITIES, meanwhile(lambda: revert(client, ada, twenty["changeset_id"]))))
    sync(client, ada.headers)

    sync(client, ada.headers)

    assert set(listed(client, ada)) == set(map(run_id, range(1, 21)))
