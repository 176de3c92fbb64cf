"""Assistance is no load, and repetitions without weights have records."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.test_hevy import row, table
from tests.api.workout_metrics.figures import get
from tests.training import Set, Workout, exercise_id

NOON = datetime(2025, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def upload(client, alice):
    def upload(*rows):
        form = {"file": (io.BytesIO(table(*rows)), "workouts.csv"), "timezone": "UTC"}
        return client.post("/v1/hevy/upload-csv", data=form, headers=alice.headers).json

    return upload


def own(client, person):
    return client.get("/v1/exercises/my-exercises", headers=person.headers).json["items"]


def stats_of_only_exercise(client, person):
    (exercise,) = own(client, person)
    return get(client, person, f"/v1/exercises/{exercise['id']}/stats")


def best(record):
    return record and (record["weight"], record["reps"], record["is_assistance"])


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_best_of_assistance_in_a_hevy_file_is_the_least_and_it_moves_no_weight(client, alice, upload, sign):
    pull_up = "Pull Up (Assisted)"
    upload(row(pull_up, 0, weight=f"{sign}30", reps="8"), row(pull_up, 1, weight=f"{sign}20", reps="8"))

    stats, of_all = stats_of_only_exercise(client, alice), get(client, alice)

    assert best(stats["best_set"]) == (float(f"{sign}20"), 8, True)
    assert stats["estimated_one_rep_max"] is None
    assert (stats["totals"]["volume_kilograms"], stats["totals"]["reps"]) == (0, 16)
    assert {week["volume_pounds"] for week in stats["weeks"]} == {0}
    assert [best(record) for record in of_all["personal_records"]] == [(float(f"{sign}20"), 8, True)]
    assert of_all["totals"]["volume_kilograms"] == 0
    (activity,) = get(client, alice, "/v1/timeline")["items"]
    assert (activity["volume_pounds"], activity["reps"]) == (0, 16)
    assert get(client, alice, "/v1/summary?period=month")["total"]["volume_pounds"] == 0
    sets = get(client, alice, f"/v1/exercises/{own(client, alice)[0]['id']}/sets")["items"]
    assert [one["estimated_one_rep_max"] for one in sets] == [None, None]


def test_assistance_stays_assistance_when_the_exercise_is_renamed(client, alice, upload):
    upload(row("Pull Up (Assisted)", 0, weight="30", reps="8"))
    (exercise,) = own(client, alice)
    client.patch(f"/v1/exercises/{exercise['id']}", json={"name": "Pull-ups"}, headers=alice.headers)

    assert exercise["is_assisted"] is True
    assert stats_of_only_exercise(client, alice)["totals"]["volume_pounds"] == 0


@pytest.mark.parametrize(("name", "assisted"), [("My band dips", True), ("Unassisted dips", False)])
def test_a_person_says_whether_the_weights_of_an_exercise_are_assistance(client, alice, upload, name, assisted):
    upload(row(name, 0, weight="30", reps="8"), row(name, 1, weight="20", reps="8"))
    (exercise,) = own(client, alice)
    assert exercise["is_assisted"] is None
    assert best(stats_of_only_exercise(client, alice)["best_set"]) == (30, 8, False)

    changes = {"is_assisted": assisted}
    client.patch(f"/v1/exercises/{exercise['id']}", json=changes, headers=alice.headers)

    assert best(stats_of_only_exercise(client, alice)["best_set"]) == ((20, 8, True) if assisted else (30, 8, False))


def test_more_load_beats_none_and_none_beats_assistance(client, alice, log):
    loads = (-30, -20, None, 5, 0)
    log(alice, [Workout(NOON + timedelta(days=n), {"Squat": [Set(load, 8)]}) for n, load in enumerate(loads)])

    squat = f"/v1/exercises/{exercise_id('Squat')}/stats"
    bests = [best(get(client, alice, squat, end=str((NOON + timedelta(days=n)).date()))["best_set"]) for n in range(5)]

    assert bests == [(-30, 8, True), (-20, 8, True), (None, 8, False), (5, 8, False), (5, 8, False)]


def test_without_weights_the_most_repetitions_are_the_record(client, alice, log):
    log(alice, [Workout(NOON + timedelta(days=n), {"Squat": [Set(None, reps)]}) for n, reps in enumerate((8, 12, 12))])

    (record,) = get(client, alice)["personal_records"]

    assert (best(record), record["achieved_on"]) == ((None, 12, False), "2025-11-03")
    nothing = ("weight_kilograms", "weight_pounds", "estimated_one_rep_max_pounds", "estimated_one_rep_max_kilograms")
    assert {record[field] for field in nothing} == {None}
