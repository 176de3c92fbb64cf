"""An account without workouts, deletes that were refused, and errors of this server: the status says what failed."""

import io

from fitness.sync import hevy as hevy_sync
from tests.samples import DATA
from tests.standins.hevy import HevyStandIn, made_workouts
from tests.sync.hevy.reports import counts, listed, status, sync

UNEXPECTED = "The sync stopped because of an error of this server, which its log describes"


def upload(client, person):
    form = {"file": (io.BytesIO((DATA / "hevy_export.csv").read_bytes()), "workouts.csv"), "timezone": "UTC"}
    return client.post("/v1/hevy/upload-csv", data=form, headers=person.headers).json


def test_an_account_without_workouts_leaves_those_of_a_file_alone(client, alice, connect):
    created = upload(client, alice)["created"]
    with HevyStandIn([], []) as empty:
        connect(empty)

        answer = sync(client, alice)

    assert (answer.status_code, counts(answer.json)) == (200, {})
    assert len(listed(client, alice)) == created > 0
    assert (status(client, alice)["last_error"], status(client, alice)["last_success_at"] is None) == (None, False)


def test_an_account_that_was_emptied_asks_until_its_deletes_are_allowed(client, alice, connect):
    upload(client, alice)
    with HevyStandIn(made_workouts(12), []) as full:
        connect(full)
        sync(client, alice)
    with HevyStandIn([], []) as empty:
        connect(empty)

        codes = [sync(client, alice, query).status_code for query in ("?full_sync=true", "", "")]
        report = sync(client, alice, "?allow_deletes=true").json

        assert codes == [409, 409, 409]
        assert counts(report) == {"deleted": 12}
        assert sync(client, alice).status_code == 200


def test_a_sync_that_fails_by_an_error_of_this_server_says_so_in_its_status(client, alice, hevy, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(hevy_sync, "load_workouts", fail)

    assert sync(client, alice).status_code == 500

    told = status(client, alice)
    assert (told["last_error"], told["syncing"], told["last_success_at"]) == (UNEXPECTED, False, None)
    monkeypatch.undo()
    assert sync(client, alice).status_code == 200
