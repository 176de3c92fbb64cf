"""Your edits win, and what came by a file and by the API is one workout."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.samples import DATA
from tests.standins.hevy import HevyStandIn, made_set, made_workout, made_workouts, sample
from tests.sync.hevy.reports import LATER, PUSH, changed, counts, first_weight, heavier, listed, read, status, sync

FILES = ("hevy_export.csv", "hevy_export_lbs_web.csv", "hevy_export_app_lbs_km_crlf.csv")


def upload(client, person, content, timezone="America/Chicago"):
    data = {"file": (io.BytesIO(content), "workouts.csv"), "timezone": timezone}
    return client.post("/v1/hevy/upload-csv", data=data, headers=person.headers).json


def edit(client, person, workout, **changes):
    return client.patch(f"/v1/workouts/{workout['id']}", json=changes, headers=person.headers).json


# Your edits win


def test_each_field_follows_hevy_until_you_change_it(client, alice, many):
    sync(client, alice)
    theirs = made_workouts(3)
    title, content, both = (read(client, alice, workout["id"]) for workout in theirs)
    edit(client, alice, title, title="My day")
    edit(client, alice, content, finished_at=None)
    (done, *_) = content["exercise_executions"]
    path = f"/v1/workouts/{content['id']}/exercise-executions/{done['exercise_id']}"
    client.patch(f"{path}/sets/{done['sets'][0]['id']}", json={"weight": 50}, headers=alice.headers)
    edit(client, alice, content, finished_at=content["finished_at"])
    for workout in theirs:
        many.put(heavier(changed(workout, title="Their day"), 77))

    report = sync(client, alice).json

    assert counts(report) == {"updated": 3}
    title, content, both = (read(client, alice, workout["id"]) for workout in theirs)
    assert [(one["title"], first_weight(one)) for one in (title, content, both)] == [
        ("My day", 77), ("Their day", 50), ("Their day", 77),
    ]  # fmt: skip
    assert [set(one["conflicts"] or ()) for one in (title, content, both)] == [
        {"title"}, {"exercise_executions"}, set(),
    ]  # fmt: skip
    assert {(one["id"], one["field"]) for one in report["conflicts"]} == {
        (title["id"], "title"),
        (content["id"], "exercise_executions"),
    }
    assert content["conflicts"]["exercise_executions"][0]["sets"][0]["weight"] == 77
    again = sync(client, alice).json
    assert (counts(again), again["conflicts"]) == ({"unchanged": 3}, [])
    assert read(client, alice, theirs[0]["id"])["conflicts"] == {"title": "Their day"}

    edit(client, alice, title, title="Settled")
    edit(client, alice, content, finished_at=None)
    client.patch(path, json={"note": "Settled"}, headers=alice.headers)

    assert [read(client, alice, workout["id"])["conflicts"] for workout in theirs] == [None, None, None]


def test_a_conflict_stays_while_hevy_changes_something_else(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    edit(client, alice, read(client, alice, workout["id"]), title="Mine")
    many.put(changed(workout, title="Theirs"))
    sync(client, alice)

    many.put(changed(workout, title="Theirs", description="New", updated_at="2031-01-01T00:00:00Z"))
    sync(client, alice)

    merged = read(client, alice, workout["id"])
    assert (merged["title"], merged["notes"], merged["conflicts"]) == ("Mine", "New", {"title": "Theirs"})


def test_times_that_do_not_go_together_stay_yours(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    mine = edit(client, alice, read(client, alice, workout["id"]), end_ts="2025-10-29T17:40:00Z")
    many.put(changed(workout, start_time="2025-10-29T18:00:00Z", end_time="2025-10-29T19:00:00Z", title="Later"))

    report = sync(client, alice).json

    merged = read(client, alice, workout["id"])
    assert (merged["start_ts"], merged["end_ts"], merged["title"]) == (mine["start_ts"], mine["end_ts"], "Later")
    assert {conflict["field"] for conflict in report["conflicts"]} == {"start_ts", "end_ts"}


def test_a_delete_leaves_what_you_edited_and_says_so(client, alice, many):
    sync(client, alice)
    workout, other, *_ = made_workouts(2)
    edit(client, alice, read(client, alice, workout["id"]), notes="Mine")
    for gone in (workout, other):
        many.delete(gone["id"], LATER)

    report = sync(client, alice).json

    assert (report["found"], counts(report)) == (2, {"kept": 1, "deleted": 1})
    mine = read(client, alice, workout["id"])
    assert report["conflicts"] == [{"id": mine["id"], "field": "deleted_at", "yours": None, "theirs": "deleted"}]
    assert (mine["deleted_at"], list(mine["conflicts"])) == (None, ["deleted_at"])

    many.put(changed(workout, updated_at="2031-01-01T00:00:00Z"))
    sync(client, alice)

    assert read(client, alice, workout["id"])["conflicts"] is None


def test_what_you_deleted_stays_deleted(client, alice, many):
    sync(client, alice)
    workout = made_workouts(1)[0]
    deleted = read(client, alice, workout["id"])
    client.delete(f"/v1/workouts/{deleted['id']}", headers=alice.headers)
    many.put(changed(workout, title="Changed"))

    assert counts(sync(client, alice).json) == {"deleted_here": 1}
    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 24, "deleted_here": 1}
    assert len(listed(client, alice)) == 24


def test_more_than_a_tenth_of_deletes_is_asked_about_first(client, alice, many):
    sync(client, alice)
    since = status(client, alice)["last_success_at"]
    for workout in made_workouts(3):
        many.delete(workout["id"], LATER)

    for query in ("", "?full_sync=true", "?dry_run=true"):
        refused = sync(client, alice, query)
        assert (refused.status_code, "3 of 25" in refused.json["detail"]) == (409, True)
        assert len(listed(client, alice)) == 25
    assert status(client, alice)["last_success_at"] == since
    report = sync(client, alice, "?allow_deletes=true").json

    # The refused full sync is repeated as a whole.
    assert (counts(report), len(listed(client, alice))) == ({"unchanged": 22, "deleted": 3}, 22)


# API and file


def test_a_workout_that_came_by_a_file_and_then_by_the_api_is_one(client, alice, hevy):
    upload(client, alice, (DATA / "hevy_export.csv").read_bytes())
    by_file = {workout["title"]: workout for workout in listed(client, alice)}
    edit(client, alice, by_file["First log"], title="My first")

    report = sync(client, alice).json

    # A file knows neither workouts without sets nor how many floors were climbed.
    assert counts(report) == {"created": 1, "updated": 1, "unchanged": 4}
    workouts = {workout["title"]: workout for workout in listed(client, alice)}
    assert workouts.keys() == (by_file.keys() - {"First log"}) | {"My first", "Empty log"}
    assert workouts["My first"]["id"] == by_file["First log"]["id"]
    assert all(workout["external_id"] for workout in workouts.values())
    assert workouts["Push day 💪"] == {**by_file["Push day 💪"], "external_id": PUSH}
    legs = workouts["Legs + treadmill"]
    assert (legs["id"], legs["last_edited_by"]) == (by_file["Legs + treadmill"]["id"], "Hevy")

    assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 6}
    hevy.put(heavier(sample("hevy_workouts_page1.json")["workouts"][0], 42.5))
    assert counts(sync(client, alice).json) == {"updated": 1}
    push = read(client, alice, PUSH)
    assert (push["id"], first_weight(push)) == (by_file["Push day 💪"]["id"], 42.5)


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_rounded_is_no_change(client, alice, hevy, name):
    created = upload(client, alice, (DATA / name).read_bytes())["created"]

    report = sync(client, alice).json

    assert counts(report) == {"created": 6 - created, "updated": 1, "unchanged": created - 1}
    assert [workout["title"] for workout in listed(client, alice) if workout["version"] > 1] == ["Legs + treadmill"]


@pytest.mark.parametrize("name", FILES)
def test_a_workout_that_came_by_the_api_and_then_by_a_file_is_one_and_stays(client, alice, hevy, name):
    sync(client, alice)
    edit(client, alice, read(client, alice, PUSH), title="My day", start_ts="2025-10-29T22:00:00Z")
    before = listed(client, alice)

    report = upload(client, alice, (DATA / name).read_bytes())

    assert (report["changeset_id"], counts(report)) == (None, {"unchanged": report["found"]})
    assert report["found"] > 0
    assert listed(client, alice) == before


def test_two_workouts_of_one_title_and_minute_are_two_whichever_way_they_come(client, alice, connect):
    start = datetime(2025, 10, 29, 17, 30, tzinfo=UTC)
    twins = [
        made_workout(
            name, start + timedelta(seconds=seconds), [{"index": 0, "title": "Squat", "sets": [made_set(reps=5)]}]
        )
        for name, seconds in (("a", 12), ("b", 30))
    ]
    for twin in twins:
        twin["title"] = "Twice"
    times = ('"29 Oct 2025, 17:30","29 Oct 2025, 18:30"', '"29 Oct 2025, 17:30","29 Oct 2025, 18:31"')
    heading = (DATA / "hevy_export.csv").read_text().splitlines()[0]
    rows = [f'"Twice",{time},"","Squat",,"",0,"normal",,5,,,' for time in times]
    with HevyStandIn(twins) as stand_in:
        connect(stand_in)

        assert upload(client, alice, "\n".join([heading, *rows]).encode(), "UTC")["created"] == 2
        sync(client, alice)
        assert upload(client, alice, "\n".join([heading, *rows]).encode(), "UTC")["unchanged"] == 2
        assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 2}

    assert {workout["external_id"] for workout in listed(client, alice)} == {"a", "b"}
