"""Strava's sync: all that Strava has goes in once, what goes wrong is told, and nothing that was stored is lost."""

import io
import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from psycopg import sql

from fitness.providers.strava import client as strava_client
from fitness.providers.strava.activities import parse_activity
from fitness.providers.strava.client import Strava
from fitness.readers.records import ParsedRun, Skipped
from fitness.sync.strava import sync_activity
from tests.connecting import connect, status, sync, with_strava
from tests.samples import DATA
from tests.standins.server import Answer, Fault
from tests.standins.strava import (
    ACTIVITIES,
    ALL_SCOPES,
    API,
    ATHLETE_ID,
    BAD_GATEWAY,
    EMPTY,
    NOT_JSON,
    SCOPE_MISSING,
    SWITCHED_OFF,
    TOO_MANY,
    UNAUTHORIZED,
    make_activity,
    make_gear,
)

SAMPLES = [
    activity for page in (1, 2) for activity in json.loads((DATA / f"strava_activities_page{page}.json").read_bytes())
]
GEAR = json.loads((DATA / "strava_gear_by_id.json").read_bytes())
EXPORT = (DATA / "strava_export_activities.csv").read_bytes()
COUNTS = ("created", "updated", "unchanged", "kept", "deleted", "skipped", "failed")
TEN_MILES = 9.999975145
"""16,093.44 m, of which Strava's API tells decimetres."""
RIGHT = Fault(on=ACTIVITIES)
"""Nothing goes wrong with this page."""


@pytest.fixture
def settings(settings, strava):
    return with_strava(settings, strava)


@pytest.fixture
def ada(client, alice):
    """Somebody who is connected."""
    connect(client, alice.headers)
    return alice


@pytest.fixture
def two_a_page(monkeypatch):
    """Ask for pages of two."""
    monkeypatch.setattr(strava_client, "PER_PAGE", 2)


@pytest.fixture
def everything(owner):
    """Return what every table holds, but what the syncs note of themselves."""

    def read():
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        return {
            table: sorted(
                map(repr, owner.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall())
            )
            for (table,) in tables
            if table != "sync_metadata"
        }

    return read


@pytest.fixture
def noted(owner):
    """Return what a sync notes of itself: the watermark, where to go on, and whether it is under way."""

    def read(person):
        return owner.execute(
            "SELECT last_synced_at, resume_at, lease_until IS NOT NULL FROM sync_metadata WHERE user_id = %s",
            [person.user_id],
        ).fetchone()

    return read


def on(path, fault):
    return Fault(fault.answer, fault.delay, fault.cut, path)


def meanwhile(do):
    """Answer right, after something was done."""

    def answer(_, right):
        do()
        return right()

    return Fault(answer, on=ACTIVITIES)


def ago(number, **changes):
    """Return a run that began as long ago, numbered by its hours."""
    hours = math.ceil(timedelta(**changes).total_seconds() / 3600)
    start = datetime.now(UTC) - timedelta(**changes)
    return make_activity(number, start_date=f"{start:%Y-%m-%dT%H:%M:%SZ}", name=f"{hours} hours ago")


def run_id(number):
    return f"strava_{16_000_000_000 + number}"


def counts(report):
    """Return the counts that are not 0."""
    return {name: report[name] for name in COUNTS if report[name]}


def listed(client, person, **query):
    answer = client.get("/v1/runs", query_string={"limit": 500, **query}, headers=person.headers)
    return {run["id"]: run for run in answer.json["items"]}


def read(client, person, number):
    return client.get(f"/v1/runs/{run_id(number)}", headers=person.headers).json


def versions(client, person, number):
    """Return (version, type, by whom, changeset) of each version of a run, the oldest first."""
    history = client.get(f"/v1/runs/{run_id(number)}/history", headers=person.headers).json["items"]
    return [
        (one["version_number"], one["change_type"], one["changed_by"], one["changeset_id"]) for one in reversed(history)
    ]


def afters(strava):
    """Return after which instants activities were asked for, once each, in order."""
    return list(dict.fromkeys(int(asked.query["after"]) for asked in strava.asked(ACTIVITIES)))


def began(number):
    return int(datetime.fromisoformat(make_activity(number)["start_date"]).timestamp())


def a_week_before(instant):
    return math.floor((instant - timedelta(days=7)).timestamp())


# What goes in


def test_all_runs_go_in_with_all_that_strava_tells_and_the_rest_is_told(client, ada, strava):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())
    names = {id: gear["name"] for id, gear in GEAR.items()}
    parsed = [parse_activity(activity, 1, names) for activity in SAMPLES]
    expected = {record.id: record for record in parsed if isinstance(record, ParsedRun)}
    skipped = [record.detail for record in parsed if isinstance(record, Skipped)]

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": len(expected), "skipped": len(skipped)}
    assert report["found"] == len(SAMPLES)
    assert report["skipped_why"] == Counter(skipped)
    assert (report["complete"], report["resume_at"], report["problems"], report["dry_run"]) == (True, None, [], False)
    runs = listed(client, ada)
    shoes = {shoe["id"]: shoe["name"] for shoe in client.get("/v1/shoes", headers=ada.headers).json["items"]}
    told = ("type", "distance", "duration", "avg_heart_rate", "name", "notes")
    assert {id: [run[field] for field in told] for id, run in runs.items()} == {
        id: [getattr(run, field) for field in told] for id, run in expected.items()
    }
    assert {id: shoes.get(run["shoe_id"]) for id, run in runs.items()} == {
        id: run.shoe_name for id, run in expected.items()
    }
    assert {run["type"] for run in runs.values()} == {"Outdoor Run", "Treadmill Run"}
    assert {run["source"] for run in runs.values()} == {"Strava"}
    assert Counter(asked.path for asked in strava.asked(f"{API}/gear")) == Counter(
        {f"{API}/gear/{id}" for id in GEAR if id.startswith("g")}
    )


@pytest.mark.parametrize("full_sync", [True, False])
def test_the_same_again_changes_nothing(client, ada, strava, everything, full_sync):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())
    first = sync(client, ada.headers).json
    before = everything()

    again = sync(client, ada.headers, full_sync=full_sync).json

    assert again["changeset_id"] is None
    assert again["unchanged"] == (first["created"] if full_sync else 0)
    assert (again["created"], again["updated"], again["deleted"]) == (0, 0, 0)
    assert everything() == before


def test_pages_are_read_to_the_end_even_when_some_are_short(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(7)))
    strava.fail(Fault(lambda _, right: Answer(200, right().body, {}), on=ACTIVITIES))

    assert sync(client, ada.headers).json["created"] == 7
    # The page behind the end is looked at, too.
    assert [asked.query["page"] for asked in strava.asked(ACTIVITIES)] == ["1", "2", "3", "4", "5", "6"]


def test_records_that_cannot_be_read_are_listed_and_the_others_go_in(client, ada, strava):
    strava.add(make_activity(1), make_activity(2, distance=-1), make_activity(3, sport_type="Ride"), make_activity(4))

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": 2, "skipped": 1, "failed": 1}
    assert report["problems"] == [
        {"row": 2, "id": run_id(2), "detail": "distance: “-1” is not a number from 0 to 1,609,344.0 metres."}
    ]
    assert report["skipped_why"] == {"Not a run: “Ride”.": 1}


@pytest.mark.parametrize("export_first", [True, False])
def test_what_comes_from_the_api_and_from_an_export_is_one_run(client, ada, strava, export_first):
    strava.add(*SAMPLES)
    strava.add_gear(*GEAR.values())

    def upload():
        file = (io.BytesIO(EXPORT), "activities.csv")
        return client.post("/v1/strava/upload-csv", data={"file": file}, headers=ada.headers).json

    def fetch():
        return sync(client, ada.headers, full_sync=True, allow_deletes=True).json

    first, second = (upload(), fetch()) if export_first else (fetch(), upload())

    api = {f"strava_{activity['id']}" for activity in SAMPLES if "Run" in activity["sport_type"]}
    runs = listed(client, ada, include_deleted=True)
    assert set(runs) >= api
    assert len(runs) == first["created"] + second["created"]
    assert second["created"] == (0 if export_first else len(runs) - len(api))
    assert (second["conflicts"], second["kept"], second["failed"]) == ([], 0, 0)
    # The export does not tell treadmills, the API's list no notes: each is as whoever tells it says.
    assert sum(run["type"] == "Treadmill Run" for run in runs.values()) == 3
    assert sum(bool(run["notes"]) for run in runs.values() if not run["deleted_at"]) == 2
    assert [(report["created"], report["updated"]) for report in (upload(), fetch())] == [(0, 0)] * 2


# How far


def test_a_late_upload_of_the_last_week_arrives_and_an_older_one_with_a_full_sync(client, ada, strava, noted):
    strava.add(ago(1, days=30), ago(2, days=1))
    sync(client, ada.headers)
    watermark = noted(ada)[0]
    strava.add(ago(3, days=6), ago(4, days=8))

    soon = sync(client, ada.headers).json
    full = sync(client, ada.headers, full_sync=True).json

    assert afters(strava) == [1, a_week_before(watermark)]
    assert counts(soon) == {"created": 1, "unchanged": 1}
    assert counts(full) == {"created": 1, "unchanged": 3}


def test_a_full_sync_finds_what_changed_long_ago(client, ada, strava):
    strava.add(make_activity(1), make_activity(2))
    sync(client, ada.headers)
    strava.add(make_activity(1, name="Renamed", trainer=True))

    assert counts(sync(client, ada.headers).json) == {}
    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"updated": 1, "unchanged": 1}
    run = read(client, ada, 1)
    assert (run["name"], run["type"]) == ("Renamed", "Treadmill Run")
    assert versions(client, ada, 1)[1:] == [(2, "edit", "Strava", report["changeset_id"])]


# What goes wrong


@pytest.fixture
def impatient(monkeypatch):
    """Wait a second and a half for Strava, not twenty."""
    monkeypatch.setitem(Strava.__init__.__kwdefaults__, "time_limits", httpx.Timeout(1.5))


FAULTS = {
    "500": (Fault(Answer(500)), 502, "Strava answered 500"),
    "a page for people": (Fault(BAD_GATEWAY), 502, "Strava answered 502"),
    "cut in the middle": (Fault(cut=True), 502, "could not be reached"),
    "slow": (Fault(delay=60), 502, "did not answer in time"),
    "malformed": (Fault(NOT_JSON), 502, "not JSON"),
    "no list": (Fault(Answer(200, b"{}")), 502, "a page of activities that is no list"),
    "empty before the end": (Fault(EMPTY), 502, "nothing on page 3, but more behind it"),
    "401 for good": (Fault(UNAUTHORIZED), 409, "connect again"),
    "scope gone": (Fault(SCOPE_MISSING), 409, "leave all boxes ticked"),
    "switched off": (Fault(SWITCHED_OFF), 503, "switched the application off"),
    "not found": (Fault(Answer(404)), 503, "not at the address"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_sync_that_fails_keeps_the_pages_before_says_why_and_the_next_one_completes_it(
    client, owner, ada, strava, two_a_page, impatient, noted, case
):
    strava.add(*map(make_activity, range(1, 10)))
    fault, code, why = FAULTS[case]
    # For good: also with the next access token.
    times = 2 if case == "401 for good" else 1
    strava.fail(RIGHT, RIGHT, *[on(ACTIVITIES, fault)] * times)

    failed = sync(client, ada.headers)

    assert failed.status_code == code
    assert why in failed.json["detail"]
    [changeset_id] = owner.execute("SELECT changeset_id FROM changesets").fetchone()
    assert failed.json["detail"].endswith(f". What was read before is stored, as changeset {changeset_id}.")
    assert set(listed(client, ada)) == set(map(run_id, range(1, 5)))
    assert noted(ada)[0] is None
    found = status(client, ada.headers)
    assert (found["last_success_at"], found["syncing"], found["found"]) == (None, False, 4)
    assert found["last_error"] == failed.json["detail"]
    assert found["last_error_at"] is not None

    completed = sync(client, ada.headers).json

    assert completed["complete"] is True
    assert completed["created"] == 5
    assert set(listed(client, ada)) == set(map(run_id, range(1, 10)))
    assert {run["version"] for run in listed(client, ada).values()} == {1}
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (9,)
    assert status(client, ada.headers)["last_success_at"] is not None


def test_a_page_that_comes_twice_is_told_and_nothing_goes_in_twice(client, owner, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(1, 6)))
    strava.fail(RIGHT)
    strava.repeat_page()

    failed = sync(client, ada.headers)

    assert (failed.status_code, "page 1 again as page 2" in failed.json["detail"]) == (502, True)
    assert noted(ada)[0] is None
    assert sync(client, ada.headers).json["complete"] is True
    assert set(listed(client, ada)) == set(map(run_id, range(1, 6)))
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (5,)


def test_a_list_that_moves_while_it_is_read_gives_each_run_once(client, owner, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 6)))
    strava.fail(RIGHT, meanwhile(lambda: strava.add(make_activity(0))))

    report = sync(client, ada.headers).json

    assert counts(report) == {"created": 5, "unchanged": 1}
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (5,)


def test_a_run_that_moves_to_a_page_already_read_is_not_gone(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 11)))
    sync(client, ada.headers)
    strava.fail(RIGHT, RIGHT, meanwhile(lambda: strava.remove(16_000_000_001)))

    report = sync(client, ada.headers, full_sync=True).json

    # The first of page 3 came to be the last of page 2, which was read before.
    assert counts(report) == {"unchanged": 9}
    assert len(listed(client, ada)) == 10
    assert counts(sync(client, ada.headers, full_sync=True).json) == {"unchanged": 9, "deleted": 1}


def test_a_token_that_ends_in_the_middle_is_refreshed_and_the_sync_goes_on(client, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(5)))
    strava.fail(RIGHT, meanwhile(strava.expire_access))

    report = sync(client, ada.headers).json

    assert (report["complete"], report["created"]) == (True, 5)


def test_a_connection_that_ends_in_the_middle_keeps_what_was_read(client, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(5)))
    strava.fail(RIGHT, RIGHT, meanwhile(strava.end_connections))

    failed = sync(client, ada.headers)

    assert failed.status_code == 409
    assert failed.json["detail"].startswith("Strava has ended the connection: connect again. What was read before")
    assert len(listed(client, ada)) == 4
    assert status(client, ada.headers)["needs_reconnect"] is True
    connect(client, ada.headers)
    assert sync(client, ada.headers).json["created"] == 1


def test_a_failure_leaves_the_watermark_of_the_last_success(client, ada, strava, noted):
    sync(client, ada.headers)
    before = noted(ada)
    strava.fail(on(ACTIVITIES, Fault(Answer(500))))

    assert sync(client, ada.headers).status_code == 502

    assert noted(ada) == before
    assert status(client, ada.headers)["last_error"] == "Strava answered 500"


# Limits


def no_more_than_two(strava):
    strava.read_limits = (2, 1000)


def no_more_than_two_a_day(strava):
    strava.read_limits = (100, 2)


def refused_without_a_word_before(strava):
    strava.fail(RIGHT, RIGHT, on(ACTIVITIES, Fault(TOO_MANY)))
    strava.headers_missing = True


def refused_by_who_knows(strava):
    strava.fail(RIGHT, RIGHT, on(ACTIVITIES, Fault(Answer(429, b"<html>"))))


def next_quarter():
    now = datetime.now(UTC)
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)


def next_day():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


LIMITS = {
    "told ahead": (no_more_than_two, next_quarter),
    "of the day": (no_more_than_two_a_day, next_day),
    "429 without headers": (refused_without_a_word_before, next_quarter),
    "429 of a proxy": (refused_by_who_knows, next_quarter),
}


@pytest.mark.parametrize("case", LIMITS)
def test_a_limit_stops_a_sync_cleanly_and_the_next_one_goes_on_from_there(
    client, owner, ada, strava, two_a_page, noted, case
):
    strava.add(*map(make_activity, range(1, 11)))
    limit, until = LIMITS[case]
    limit(strava)
    earliest = until()

    stopped = sync(client, ada.headers)
    latest = until()
    asked = len(strava.requests)
    too_soon = sync(client, ada.headers)

    assert stopped.status_code == 200
    assert counts(stopped.json) == {"created": 4}
    assert stopped.json["complete"] is False
    resume_at = datetime.fromisoformat(stopped.json["resume_at"])
    assert earliest <= resume_at <= latest
    assert set(listed(client, ada)) == set(map(run_id, range(1, 5)))
    assert noted(ada)[0] is None

    assert too_soon.status_code == 429
    wait = (resume_at - datetime.now(UTC)).total_seconds()
    assert 0 < int(too_soon.headers["Retry-After"]) - wait < 60
    assert len(strava.requests) == asked
    found = status(client, ada.headers)
    assert datetime.fromisoformat(found["retry_at"]) == resume_at
    assert found["last_success_at"] is None
    assert found["last_error"].startswith("The provider does not want to be asked again yet")

    strava.limits = strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = now() - interval '1 second'")
    completed = sync(client, ada.headers).json

    assert afters(strava) == [1, began(4) - 1]
    assert completed["complete"] is True
    assert counts(completed) == {"created": 6, "unchanged": 1}
    assert set(listed(client, ada)) == set(map(run_id, range(1, 11)))
    assert owner.execute("SELECT count(*) FROM runs_history").fetchone() == (10,)
    assert noted(ada)[1] is None
    assert status(client, ada.headers)["retry_at"] is None


@pytest.mark.parametrize("headers_missing", [True, False])
def test_a_limit_that_lets_nothing_through_is_a_429(client, ada, strava, headers_missing):
    strava.read_limits, strava.headers_missing = (0, 0), headers_missing

    answer = sync(client, ada.headers)

    assert answer.status_code == 429
    assert answer.json["detail"].startswith("Strava wants to be asked again at ")
    assert 0 < int(answer.headers["Retry-After"]) <= (15 * 60 if headers_missing else 24 * 3600)


def test_a_sync_that_goes_on_begins_a_week_back_at_the_latest(client, owner, ada, strava, two_a_page):
    """Else what was uploaded late, between the two, would never arrive."""
    strava.add(*[ago(number, days=days) for number, days in enumerate((20, 10, 3, 2.5, 2, 1))])
    no_more_than_two(strava)
    assert sync(client, ada.headers).json["complete"] is False
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    strava.add(ago(9, days=5))

    assert sync(client, ada.headers).json["created"] == 3
    assert run_id(9) in listed(client, ada)


def test_a_sync_that_goes_on_deletes_nothing_that_it_did_not_look_for(client, owner, ada, strava, two_a_page):
    strava.add(*map(make_activity, range(1, 11)))
    no_more_than_two(strava)
    sync(client, ada.headers)
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    strava.remove(16_000_000_001)

    assert sync(client, ada.headers).json["deleted"] == 0
    assert len(listed(client, ada)) == 10
    assert sync(client, ada.headers, full_sync=True).json["deleted"] == 1


def test_a_full_sync_that_was_stopped_is_gone_on_with(client, owner, ada, strava, two_a_page, noted):
    strava.add(*map(make_activity, range(1, 11)))
    sync(client, ada.headers)
    strava.add(make_activity(9, name="Renamed"))
    strava.used = (0, 0)
    no_more_than_two(strava)
    assert sync(client, ada.headers, full_sync=True).json["complete"] is False
    strava.read_limits = (1000, 1000)
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")

    assert sync(client, ada.headers).json["updated"] == 1
    assert read(client, ada, 9)["name"] == "Renamed"


# Shoes


@pytest.mark.parametrize("why", ["hidden", "not allowed"])
def test_shoes_that_strava_does_not_show_leave_runs_without_and_take_none_off(client, ada, strava, why):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(1, gear_id="g1"))
    sync(client, ada.headers)
    shoe_id = read(client, ada, 1)["shoe_id"]
    if why == "hidden":
        strava.gear.clear()
    else:
        strava.granted = "read,activity:read_all"
        connect(client, ada.headers)
    strava.add(make_activity(1, gear_id="g1", name="Renamed"), make_activity(2, gear_id="g1"))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"created": 1, "updated": 1}
    assert (read(client, ada, 1)["name"], read(client, ada, 1)["shoe_id"]) == ("Renamed", shoe_id)
    assert shoe_id is not None
    assert read(client, ada, 2)["shoe_id"] is None


def test_shoes_changed_and_taken_off_at_strava_are_so_here(client, ada, strava):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"), make_gear("g2", "Hoka Speedgoat 5"))
    strava.add(make_activity(1, gear_id="g1"), make_activity(2, gear_id="g1"), make_activity(3))
    sync(client, ada.headers)
    strava.add(make_activity(1, gear_id="g2"), make_activity(2), make_activity(3, gear_id="g2"))

    assert counts(sync(client, ada.headers, full_sync=True).json) == {"updated": 3}

    worn = [read(client, ada, number)["shoe_id"] for number in (1, 2, 3)]
    assert worn == ["hoka_speedgoat_5", None, "hoka_speedgoat_5"]


@pytest.mark.parametrize(("answer", "code"), [(Answer(500), 502), (TOO_MANY, 200)])
def test_shoes_that_cannot_be_had_now_hold_their_page_back_until_they_can(
    client, owner, ada, strava, two_a_page, answer, code
):
    strava.add_gear(make_gear("g1", "Brooks Ghost 16"))
    strava.add(make_activity(1), make_activity(2), make_activity(3, gear_id="g1"), make_activity(4))
    strava.fail(Fault(answer, on=f"{API}/gear"))

    assert sync(client, ada.headers).status_code == code

    assert set(listed(client, ada)) == {run_id(1), run_id(2)}
    owner.execute("UPDATE sync_metadata SET retry_at = NULL")
    assert sync(client, ada.headers).json["created"] == 2
    assert read(client, ada, 3)["shoe_id"] == "brooks_ghost_16"


def test_bikes_are_not_asked_for(client, ada, strava):
    strava.add(make_activity(1, sport_type="Ride", type="Ride", gear_id="b1"))

    sync(client, ada.headers)

    assert strava.asked(f"{API}/gear") == []


# Your edits


def test_what_you_changed_stays_and_is_told_and_the_rest_follows_strava(client, ada, strava):
    strava.add(make_activity(1), make_activity(2), make_activity(3))
    sync(client, ada.headers)
    for number in (1, 2):
        client.patch(f"/v1/runs/{run_id(number)}", json={"distance": 6.2}, headers=ada.headers)
    strava.add(
        make_activity(1, distance=16093.44, name="Renamed"),
        make_activity(2, distance=16093.44),
        make_activity(3, distance=16093.44),
    )

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"updated": 2, "kept": 1}
    conflict = {"field": "distance", "yours": 6.2, "theirs": TEN_MILES}
    assert sorted(report["conflicts"], key=lambda one: one["id"]) == [
        {"id": run_id(1), **conflict},
        {"id": run_id(2), **conflict},
    ]
    runs = [read(client, ada, number) for number in (1, 2, 3)]
    assert [(run["distance"], run["name"], run["version"], run["conflicts"]) for run in runs] == [
        (6.2, "Renamed", 3, {"distance": TEN_MILES}),
        (6.2, "Run 2", 2, {"distance": TEN_MILES}),
        (TEN_MILES, "Run 3", 2, None),
    ]
    assert versions(client, ada, 1)[1:] == [
        (2, "edit", "alice", None),
        (3, "edit", "Strava", report["changeset_id"]),
    ]


def test_a_run_that_you_deleted_stays_deleted_whatever_strava_says(client, ada, strava):
    strava.add(make_activity(1), make_activity(2))
    sync(client, ada.headers)
    client.delete(f"/v1/runs/{run_id(1)}", headers=ada.headers)
    strava.add(make_activity(1, name="Renamed"))

    report = sync(client, ada.headers, full_sync=True).json

    assert counts(report) == {"unchanged": 2}
    assert set(listed(client, ada)) == {run_id(2)}
    assert len(versions(client, ada, 1)) == 2


# Deletes


@pytest.fixture
def twenty(client, ada, strava):
    """Twenty runs that are here, and at Strava."""
    strava.add(*map(make_activity, range(1, 21)))
    return sync(client, ada.headers).json


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


def test_more_than_a_tenth_is_deleted_only_when_allowed(client, ada, strava, twenty, noted, everything):
    for number in (1, 2, 3):
        strava.remove(16_000_000_000 + number)
    before, watermark = everything(), noted(ada)

    asks = sync(client, ada.headers, full_sync=True)
    rehearsed = sync(client, ada.headers, full_sync=True, dry_run=True)

    for answer in (asks, rehearsed):
        assert answer.status_code == 409
        assert answer.json["detail"].startswith("3 of the 20 runs that this sync covers are gone at Strava")
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
    assert "What was read before is stored, as changeset " in asks.json["detail"]
    assert set(listed(client, ada)) == set(map(run_id, [*range(1, 21), 30]))


def test_an_empty_account_is_a_question_not_an_answer(client, ada, strava, twenty):
    strava.activities.clear()

    assert sync(client, ada.headers, full_sync=True).status_code == 409
    assert len(listed(client, ada)) == 20


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
        ({"sport_type": "Ride"}, {"unchanged": 19, "skipped": 1}),
    ],
)
def test_what_cannot_be_read_or_is_no_run_any_more_is_not_gone(client, ada, strava, twenty, change, expected):
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
    # What was taken back is a person's word: Strava does not bring it again.
    assert sync(client, ada.headers, full_sync=True).json["deleted"] == 0
    assert set(listed(client, ada)) == set(before)


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
        "created": 3, "updated": 1, "kept": 1, "deleted": 1, "skipped": 1, "failed": 1, "unchanged": 15,
    }  # fmt: skip
    assert dry == {**real, "changeset_id": None, "dry_run": True}


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
        409, {"detail": "A sync with this provider is under way; wait until it ends"},
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
    assert slow.json["detail"].startswith("This sync took so long that another one has begun")
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
