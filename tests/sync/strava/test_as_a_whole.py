"""A sync as one changeset: reverted, tried, and beside another one."""

from fitness.providers.strava import client as strava_client
from tests.connecting import connect, status, sync
from tests.standins.strava import ALL_SCOPES, make_activity, make_gear
from tests.sync.strava.reports import RIGHT, counts, listed, meanwhile, run_id

# Taking it back, and rehearsing


def test_a_sync_can_be_reverted_as_a_whole(client, ada, strava, twenty):
    client.patch(f"/v1/runs/{run_id(3)}", json={"notes": "Mine"}, headers=ada.headers)
    before = listed(client, ada)
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(2, name="Renamed"), make_activity(3, distance=16093.44), make_activity(30, gear_id="g1"))
    strava.remove(16_000_000_001)
    report = sync(client, ada.headers, full_sync=True).json
    assert counts(report) == {"created": 1, "updated": 2, "deleted": 1, "unchanged": 17}

    reverted = client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=ada.headers).json

    assert (reverted["reverted"], reverted["kept"]) == (5, 0)
    told = ("distance", "name", "notes", "shoe_id", "type", "duration", "deleted_at")
    after = listed(client, ada)
    assert {id: [run[field] for field in told] for id, run in after.items()} == {
        id: [run[field] for field in told] for id, run in before.items()
    }
    assert client.get("/v1/shoes", headers=ada.headers).json["items"] == []
    # It is as if the sync had never been: the next one answers the same.
    again = sync(client, ada.headers, full_sync=True).json
    assert counts(again) == counts(report)
    assert again["conflicts"] == []


def test_a_dry_run_leaves_no_trace_and_tells_the_same(client, ada, strava, two_a_page, everything, noted, twenty):
    client.patch(f"/v1/runs/{run_id(3)}", json={"distance": 6.2}, headers=ada.headers)
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(
        make_activity(2, name="Renamed"),
        make_activity(3, distance=16093.44),
        make_activity(4, sport_type="Hike"),
        make_activity(5, moving_time=-1),
        *[make_activity(number, gear_id="g1") for number in range(30, 33)],
    )
    strava.remove(16_000_000_001)
    before, sync_before = everything(), noted(ada)

    dry = sync(client, ada.headers, full_sync=True, dry_run=True).json

    assert everything() == before
    assert noted(ada) == sync_before
    real = sync(client, ada.headers, full_sync=True).json
    assert counts(real) == {
        "created": 4, "updated": 1, "kept": 1, "deleted": 2, "failed": 1, "unchanged": 15,
    }  # fmt: skip
    assert dry == {**real, "changeset_id": None, "dry_run": True, "records": dry["records"]}


def test_a_dry_run_asks_about_deletes_where_the_real_one_does(client, ada, strava, twenty):
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)
    strava.add(*map(make_activity, range(100, 120)))

    rehearsed = sync(client, ada.headers, full_sync=True, dry_run=True)
    real = sync(client, ada.headers, full_sync=True)

    assert rehearsed.status_code == real.status_code == 409
    assert real.json["detail"].startswith(rehearsed.json["detail"])


def test_a_first_dry_run_is_no_success(client, ada, strava):
    strava.add(make_activity(1))

    assert sync(client, ada.headers, dry_run=True).json["created"] == 1

    assert status(client, ada.headers)["last_success_at"] is None
    assert counts(sync(client, ada.headers).json) == {"created": 1}


# At once


def test_of_two_syncs_at_once_one_is_told_to_wait_and_others_are_not_disturbed(
    app, client, ada, bob, strava, two_a_page
):
    strava.add(*map(make_activity, range(5)))
    connect(client, bob.headers)
    seen = []

    def come_between():
        other = app.test_client()
        seen.append(sync(other, ada.headers))
        seen.append(status(other, ada.headers))
        seen.append(sync(other, bob.headers))

    strava.fail(RIGHT, RIGHT, meanwhile(come_between))

    first = sync(client, ada.headers)

    second, between, bobs = seen
    assert (first.status_code, first.json["created"]) == (200, 5)
    assert (second.status_code, second.json) == (
        409, {"detail": "A sync with this provider is running; wait until it ends"},
    )  # fmt: skip
    assert (between["syncing"], between["found"], between["last_error"]) == (True, 4, None)
    assert (bobs.status_code, bobs.json["created"]) == (200, 5)
    assert status(client, ada.headers)["syncing"] is False
    assert {run["version"] for run in listed(client, ada).values()} == {1}


def test_a_sync_that_took_too_long_gives_way_to_the_one_that_took_over(
    app, client, owner, ada, strava, two_a_page, noted
):
    strava.add(*map(make_activity, range(5)))
    seen = []

    def take_over():
        owner.execute("UPDATE sync_metadata SET lease_until = now()")
        seen.append(sync(app.test_client(), ada.headers))
        seen.append(noted(ada))

    strava.fail(RIGHT, meanwhile(take_over))

    slow = sync(client, ada.headers)

    assert (seen[0].status_code, seen[0].json["complete"]) == (200, True)
    assert slow.status_code == 409
    assert slow.json["detail"].startswith("This sync took too long, and another one has started")
    assert noted(ada) == seen[1]
    assert len(listed(client, ada)) == 5
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (5,)


# How many statements


def test_a_page_takes_the_same_statements_whatever_is_on_it_and_pages_are_all_they_grow_with(
    client, make_person, strava, statements
):
    strava.limits = strava.read_limits = (10_000, 10_000)

    def statements_of(name, count):
        person = make_person(name)
        strava.athlete_id = len(strava.activities) + 1
        strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
        activities = [make_activity(number, gear_id="g1" if number else None) for number in range(count)]
        strava.add(*activities, athlete_id=strava.athlete_id)
        connect(client, person.headers)
        statements.clear()
        assert sync(client, person.headers).json["created"] == count
        return len(statements)

    of_few, of_one_page, of_two = (statements_of(f"{count}_runs", count) for count in (20, 200, 400))
    of_a_page = of_two - of_one_page

    assert of_few == of_one_page
    assert statements_of("1000_runs", 1000) == of_one_page + 4 * of_a_page
    assert statements_of("2000_runs", 2000) == of_one_page + 9 * of_a_page


def test_deletes_and_merges_take_the_same_statements_however_many(client, ada, strava, statements):
    def statements_of(changed, *, first):
        strava.add(*map(make_activity, range(200)))
        client.delete("/v1/oauth/strava", headers=ada.headers)
        connect(client, ada.headers)
        sync(client, ada.headers)
        strava.add(*[make_activity(number, name=f"Renamed {changed}") for number in range(changed)])
        for number in range(first, first + changed):
            strava.remove(16_000_000_000 + number)
        statements.clear()
        report = sync(client, ada.headers, full_sync=True, allow_deletes=True).json
        assert (report["updated"] >= changed, report["deleted"]) == (True, changed)
        return len(statements)

    # Not so few that they are asked for one by one.
    assert statements_of(21, first=100) == statements_of(42, first=150)


def test_only_those_who_are_logged_in_sync(client, strava):
    assert sync(client, {}).status_code == 401
    assert strava.requests == []


def test_all_scopes_are_those_of_the_stand_in():
    """The tests of missing scopes mean something only as long as this is what is asked for."""
    assert ALL_SCOPES == strava_client.SCOPE
