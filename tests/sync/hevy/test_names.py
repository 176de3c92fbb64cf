"""An exercise stays one, whatever Hevy, a file or the person calls it."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.test_hevy import row, table
from tests.standins.hevy import HevyStandIn, made_set, made_workout
from tests.sync.hevy.reports import sync

NOON = datetime(2025, 10, 29, 12, tzinfo=UTC)
BENCH = "Bench Press (Barbell)"


def template(title, **given):
    return {"id": "T1", "title": title, "type": "weight_reps", "primary_muscle_group": "chest", **given}


def workout(day, title, *weights):
    sets = [made_set(index=index, weight_kg=weight, reps=8) for index, weight in enumerate(weights or (80,))]
    exercise = {"index": 0, "title": title, "exercise_template_id": "T1", "notes": "", "sets": sets}
    return made_workout(f"w-{day}", NOON + timedelta(days=day), [exercise])


@pytest.fixture
def own(client, alice):
    return lambda: client.get("/v1/exercises/my-exercises", headers=alice.headers).json["items"]


@pytest.fixture
def upload(client, alice):
    def upload(*rows):
        form = {"file": (io.BytesIO(table(*rows)), "workouts.csv"), "timezone": "UTC"}
        assert client.post("/v1/hevy/upload-csv", data=form, headers=alice.headers).json["created"] == 1

    return upload


@pytest.fixture
def rename(client, alice, own):
    def rename(name):
        (exercise,) = own()
        client.patch(f"/v1/exercises/{exercise['id']}", json={"name": name}, headers=alice.headers)

    return rename


def test_an_exercise_of_a_file_that_was_renamed_is_the_one_that_the_sync_brings(
    client, alice, connect, upload, rename, own
):
    upload(row(BENCH, 0))
    rename("Flat bench")
    with HevyStandIn([workout(1, BENCH)], [template(BENCH)]) as hevy:
        connect(hevy)
        assert sync(client, alice).json["created"] == 1

    assert [exercise["name"] for exercise in own()] == ["Flat bench"]


def test_an_exercise_of_a_sync_that_was_renamed_is_the_one_that_a_file_brings(
    client, alice, connect, upload, rename, own
):
    with HevyStandIn([workout(1, BENCH)], [template(BENCH)]) as hevy:
        connect(hevy)
        sync(client, alice)
    rename("Flat bench")
    upload(row(BENCH, 0))

    assert [exercise["name"] for exercise in own()] == ["Flat bench"]


def test_the_name_that_hevy_uses_now_leads_to_the_exercise_as_the_one_before(client, alice, connect, upload, own):
    with HevyStandIn([workout(1, "My press")], [template("My press")]) as hevy:
        connect(hevy)
        sync(client, alice)
        hevy.put(workout(2, "Our press"))
        sync(client, alice, "?full_sync=true")
    upload(row("Our press", 0))

    assert [exercise["name"] for exercise in own()] == ["My press"]


def test_hevys_type_of_an_exercise_says_that_its_weights_are_assistance(client, alice, connect, own):
    assisted = template("Band dips", type="bodyweight_assisted_reps", is_custom=True)
    with HevyStandIn([workout(1, "Band dips", 30, 20)], [assisted]) as hevy:
        connect(hevy)
        sync(client, alice)

    (exercise,) = own()
    stats = client.get(f"/v1/exercises/{exercise['id']}/stats", headers=alice.headers).json
    assert exercise["is_assisted"] is True
    assert (stats["totals"]["volume_pounds"], stats["best_set"]["weight"]) == (0, 20)


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060\ufeff", " "])
def test_an_exercise_without_a_name_is_a_problem_of_its_workout(client, alice, connect, own, unseen):
    with HevyStandIn([workout(1, unseen), workout(2, BENCH)], [template(BENCH)]) as hevy:
        connect(hevy)
        report = sync(client, alice).json

    assert (report["created"], report["failed"], report["problems"][0]["id"]) == (1, 1, "w-1")
    assert [exercise["name"] for exercise in own()] == [BENCH]
