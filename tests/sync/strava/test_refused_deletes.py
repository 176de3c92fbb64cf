"""A sync whose deletes were refused asks again until they are allowed."""

from tests.connecting import sync
from tests.sync.strava.reports import ago, counts, listed, run_id


def test_a_repeat_of_a_sync_whose_deletes_were_refused_asks_again_and_deletes_when_allowed(client, ada, strava):
    strava.add(*(ago(number, days=30 - number) for number in range(1, 11)))
    sync(client, ada.headers)
    for number in (1, 2):
        strava.remove(16_000_000_000 + number)

    asked = [sync(client, ada.headers, full_sync=True), sync(client, ada.headers), sync(client, ada.headers)]

    assert [answer.status_code for answer in asked] == [409, 409, 409]
    assert "delete 2 of 10 runs" in asked[-1].json["detail"]
    rehearsed = sync(client, ada.headers, allow_deletes=True, dry_run=True).json
    assert (counts(rehearsed), len(listed(client, ada))) == ({"unchanged": 8, "deleted": 2}, 10)

    report = sync(client, ada.headers, allow_deletes=True).json

    assert (counts(report), report["complete"]) == ({"unchanged": 8, "deleted": 2}, True)
    assert not {run_id(1), run_id(2)} & set(listed(client, ada))
    assert sync(client, ada.headers).status_code == 200


def test_a_first_sync_that_was_refused_covers_all_runs_again(client, ada, strava, owner):
    strava.add(*(ago(number, days=30 - number) for number in range(1, 11)))
    sync(client, ada.headers)
    owner.execute("DELETE FROM sync_metadata")
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)

    assert [sync(client, ada.headers).status_code for _ in range(2)] == [409, 409]
    assert counts(sync(client, ada.headers, allow_deletes=True).json) == {"unchanged": 7, "deleted": 3}


def test_a_rehearsal_of_refused_deletes_leaves_the_next_sync_as_it_is(client, ada, strava, noted):
    strava.add(*(ago(number, days=30 - number) for number in range(1, 11)))
    sync(client, ada.headers)
    strava.activities.clear()
    before = noted(ada)

    assert sync(client, ada.headers, full_sync=True, dry_run=True).status_code == 409

    assert noted(ada) == before
