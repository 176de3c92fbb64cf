"""The same workouts at another time or under another title are moved, not stored twice."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.samples import DATA
from tests.standins.hevy import HevyStandIn, made_set, made_workout
from tests.sync.hevy.reports import counts, listed, sync

HEADING = (DATA / "hevy_export.csv").read_text().splitlines()[0]
STARTS = [datetime(2025, month, 4, 6 + month, 10 * month % 60, tzinfo=UTC) for month in range(1, 11)]
"""Local starts of ten workouts, before and after clocks change."""


def row(start, *, title="Push", minutes=50, weight="80", reps="5", exercise="Bench Press"):
    written = [f'"{at.day} {at:%b %Y, %H:%M}"' for at in (start, start + timedelta(minutes=minutes))]
    return f'"{title}",{written[0]},{written[1]},"","{exercise}",,"",0,"normal",{weight},{reps},,0,'


def upload(client, person, *rows, timezone="UTC", query=""):
    data = {"file": (io.BytesIO("\n".join((HEADING, *rows)).encode()), "workouts.csv"), "timezone": timezone}
    return client.post(f"/v1/hevy/upload-csv{query}", data=data, headers=person.headers).json


def starts(client, person):
    return sorted(workout["start_ts"] for workout in listed(client, person))


def in_utc(*local, hours):
    return [f"{at - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}" for at in local]


def test_a_file_in_a_wrong_zone_and_then_in_the_right_one_is_moved_in_one_changeset(client, alice):
    rows = [row(start, weight=str(60 + n)) for n, start in enumerate(STARTS)]
    upload(client, alice, *rows)
    before = {workout["id"]: workout for workout in listed(client, alice)}

    report = upload(client, alice, *rows, timezone="Europe/Berlin")
    again = upload(client, alice, *rows, timezone="Europe/Berlin")

    assert (counts(report), report["time_zone"]) == ({"updated": 10}, "Europe/Berlin")
    assert (counts(again), again["changeset_id"]) == ({"unchanged": 10}, None)
    workouts = listed(client, alice)
    assert {workout["id"] for workout in workouts} == before.keys()
    assert starts(client, alice) == [
        f"{start - timedelta(hours=2 if 4 <= start.month <= 10 else 1):%Y-%m-%dT%H:%M:%SZ}" for start in STARTS
    ]
    for workout in workouts:
        length = datetime.fromisoformat(workout["end_ts"]) - datetime.fromisoformat(workout["start_ts"])
        assert (length, workout["finished_at"], workout["version"]) == (timedelta(minutes=50), workout["end_ts"], 2)
        assert workout["exercise_executions"] == before[workout["id"]]["exercise_executions"]

    client.post(f"/v1/changesets/{report['changeset_id']}/revert", headers=alice.headers)
    assert starts(client, alice) == in_utc(*STARTS, hours=0)


def test_in_a_zone_with_winter_time_only_the_workouts_of_summer_move(client, alice):
    rows = [row(start, weight=str(60 + n)) for n, start in enumerate(STARTS)]
    upload(client, alice, *rows)

    report = upload(client, alice, *rows, timezone="Europe/London")

    assert counts(report) == {"updated": 10}  # of all, the zone is known better
    moved = {of["start_ts"] for of in listed(client, alice)} - {f"{start:%Y-%m-%dT%H:%M:%SZ}" for start in STARTS}
    assert (len(listed(client, alice)), len(moved)) == (10, 7)


def test_a_file_in_a_wrong_zone_and_then_the_api_is_one(client, alice, connect):
    local = [datetime(2025, 11, day, 18, 30, tzinfo=UTC) for day in range(1, 11)]
    done = [{"index": 0, "title": "Squat", "sets": [made_set(weight_kg=100.0, reps=5)]}]
    upload(client, alice, *[row(at, title=f"Day {at.day}", exercise="Squat", weight="100", minutes=60) for at in local])
    theirs = [made_workout(f"w{at.day}", at + timedelta(hours=5), done) for at in local]
    for workout, at in zip(theirs, local, strict=True):
        ended = at + timedelta(hours=6)
        workout |= {"title": f"Day {at.day}", "end_time": f"{ended:%Y-%m-%dT%H:%M:%S}+00:00"}
    with HevyStandIn(theirs) as stand_in:
        connect(stand_in)

        report = sync(client, alice).json

        assert counts(report) == {"updated": 10}
        assert starts(client, alice) == in_utc(*local, hours=-5)
        assert {workout["external_id"] for workout in listed(client, alice)} == {f"w{at.day}" for at in local}
        assert {str(workout["time_zone"]) for workout in listed(client, alice)} == {"None"}
        assert counts(sync(client, alice, "?full_sync=true").json) == {"unchanged": 10}

    # In the wrong zone again, the file changes nothing that came from the API.
    rows = [row(at, title=f"Day {at.day}", exercise="Squat", weight="100", minutes=60) for at in local]
    assert counts(upload(client, alice, *rows)) == {"unchanged": 10}


def test_a_title_or_a_start_that_was_corrected_at_hevy_is_corrected_here(client, alice):
    first, second = datetime(2025, 3, 4, 6, 0, tzinfo=UTC), datetime(2025, 3, 5, 6, 0, tzinfo=UTC)
    upload(client, alice, row(first), row(second, title="Pull", weight="50"))
    before = {workout["id"] for workout in listed(client, alice)}
    earlier = second - timedelta(minutes=7)

    report = upload(client, alice, row(first, title="Heavy push"), row(earlier, title="Pull", weight="50", minutes=57))

    assert counts(report) == {"updated": 2}
    workouts = listed(client, alice)
    assert {workout["id"] for workout in workouts} == before
    assert {(workout["title"], workout["start_ts"]) for workout in workouts} == {
        ("Heavy push", "2025-03-04T06:00:00Z"),
        ("Pull", "2025-03-05T05:53:00Z"),
    }


def test_what_you_corrected_yourself_stays_yours(client, alice):
    start = datetime(2025, 3, 4, 6, 0, tzinfo=UTC)
    upload(client, alice, row(start))
    (workout,) = listed(client, alice)
    changes = {"start_ts": "2025-03-04T05:30:00Z", "end_ts": "2025-03-04T06:20:00Z"}
    client.patch(f"/v1/workouts/{workout['id']}", json=changes, headers=alice.headers)

    report = upload(client, alice, row(start), timezone="Europe/Berlin")

    assert counts(report) == {"updated": 1}  # the zone
    (now,) = listed(client, alice)
    assert (now["id"], now["start_ts"]) == (workout["id"], "2025-03-04T05:30:00Z")
    assert now["conflicts"].keys() == {"start_ts", "end_ts"}


@pytest.mark.parametrize(
    "other",
    [
        row(datetime(2025, 3, 4, 18, 0, tzinfo=UTC), weight="85"),
        row(datetime(2025, 3, 4, 18, 0, tzinfo=UTC), minutes=51),
        row(datetime(2025, 3, 4, 18, 7, tzinfo=UTC)),
        row(datetime(2025, 3, 4, 18, 0, tzinfo=UTC), title="Pull"),
        row(datetime(2025, 3, 5, 6, 0, tzinfo=UTC)),
    ],
    ids=["other sets", "another length", "no quarter of an hour", "another title", "a day later"],
)
def test_another_workout_of_the_day_is_not_taken_for_the_first(client, alice, other):
    upload(client, alice, row(datetime(2025, 3, 4, 6, 0, tzinfo=UTC)))

    report = upload(client, alice, other)

    assert counts(report) == {"created": 1}
    assert len(listed(client, alice)) == 2


def test_a_workout_that_is_in_the_file_itself_was_not_moved(client, alice):
    """The file is read in chunks of 200: the known one comes in a later one."""
    routine = row(datetime(2025, 3, 4, 6, 0, tzinfo=UTC))
    fill = [row(datetime(2024, 1, 1, 6, 0, tzinfo=UTC) + timedelta(days=n), weight=str(n)) for n in range(250)]
    upload(client, alice, routine)

    report = upload(client, alice, row(datetime(2025, 3, 4, 18, 0, tzinfo=UTC)), *fill, routine)

    assert counts(report) == {"created": 251, "unchanged": 1}
    assert {"2025-03-04T06:00:00Z", "2025-03-04T18:00:00Z"} <= set(starts(client, alice))


def test_where_two_may_be_meant_both_are_stored_and_suggested(client, alice):
    morning, noon = datetime(2025, 3, 4, 6, 0, tzinfo=UTC), datetime(2025, 3, 4, 12, 0, tzinfo=UTC)
    upload(client, alice, row(morning), row(noon))

    report = upload(client, alice, row(datetime(2025, 3, 4, 9, 0, tzinfo=UTC)))

    assert counts(report) == {"created": 1}
    suggested = client.get("/v1/workouts/duplicates", headers=alice.headers).json["items"]
    assert [item["workout"]["start_ts"] for item in suggested] == ["2025-03-04T12:00:00Z", "2025-03-04T06:00:00Z"]


def test_what_was_reverted_comes_back_with_the_right_zone(client, alice):
    start = datetime(2025, 3, 4, 6, 0, tzinfo=UTC)
    wrong = upload(client, alice, row(start))
    client.post(f"/v1/changesets/{wrong['changeset_id']}/revert", headers=alice.headers)

    report = upload(client, alice, row(start), timezone="Europe/Berlin")

    assert counts(report) == {"created": 1}
    assert starts(client, alice) == in_utc(start, hours=1)


def test_a_dry_run_moves_nothing(client, alice):
    start = datetime(2025, 3, 4, 6, 0, tzinfo=UTC)
    upload(client, alice, row(start))

    assert counts(upload(client, alice, row(start), timezone="Europe/Berlin", query="?dry_run=true")) == {"updated": 1}
    assert starts(client, alice) == in_utc(start, hours=0)
