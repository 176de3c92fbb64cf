"""Exercises made, and names that are taken or come back."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.exercises.requests import IDS, add, delete, find, history_of, names_of

# Making


def test_an_exercise_is_made_with_all_its_fields(client, alice):
    response = add(
        client, alice, "  Zercher   Carry ", body_part=" Full  Body", modality="BARBELL", notes="Slowly\nand upright"
    )

    made = response.json
    assert (response.status_code, response.headers["ETag"]) == (201, '"1"')
    assert response.headers["Location"] == f"/v1/exercises/{made['id']}"
    assert {field: value for field, value in made.items() if field not in ("id", "created_at", "updated_at")} == {
        "name": "Zercher Carry",
        "body_part": "Full Body",
        "modality": "BARBELL",
        "notes": "Slowly\nand upright",
        "is_assisted": None,
        "merged_into": None,
        "is_system": False,
        "version": 1,
        "last_edited_at": None,
        "last_edited_by": None,
        "deleted_at": None,
    }
    again = client.get(response.headers["Location"], headers=alice.headers)
    assert (again.json, again.headers["ETag"]) == (made, '"1"')
    (original,) = history_of(client, alice, made["id"])
    assert (original["change_type"], original["changed_by"], original["name"]) == ("original", "alice", made["name"])


def test_a_name_alone_is_enough(client, alice):
    made = add(client, alice, "Zercher Carry").json

    assert [made[field] for field in ("body_part", "modality", "notes")] == [None] * 3


@pytest.mark.parametrize("name", ["Zercher Carry", "zercher CARRY", " Zercher\tCarry\n", "Zercher  Carry"])
def test_a_second_exercise_of_a_name_is_a_conflict(client, alice, make_exercise, name):
    make_exercise(alice, "Zercher Carry")

    response = add(client, alice, name)

    assert (response.status_code, response.json) == (409, {"detail": "An exercise with this name already exists"})
    assert names_of(find(client, alice, source="own")) == ["Zercher Carry"]


def test_two_people_may_have_exercises_of_the_same_name(client, alice, bob):
    answers = [add(client, person, "Zercher Carry") for person in (alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_a_name_of_the_catalog_makes_an_own_copy_filled_from_it(client, alice):
    squat = add(client, alice, "squat", notes="High bar").json
    bench = add(client, alice, "Bench Press", modality="MACHINE").json

    assert (squat["name"], squat["body_part"], squat["modality"], squat["notes"]) == (
        "squat", "Quadriceps", "BARBELL", "High bar",
    )  # fmt: skip
    assert (bench["body_part"], bench["modality"]) == ("Chest", "MACHINE")
    assert {squat["id"], bench["id"]} & set(IDS.values()) == set()


def test_the_name_of_a_deleted_exercise_brings_it_back_with_what_is_sent(client, alice, make_exercise):
    exercise = make_exercise(alice, "Zercher Carry", body_part="Core", modality="BARBELL", notes="Old")
    delete(client, alice, exercise.id)

    response = add(client, alice, "ZERCHER carry", body_part="Full Body", notes="New")

    back = response.json
    assert (response.status_code, response.headers["ETag"]) == (201, '"3"')
    assert (back["id"], back["deleted_at"], back["name"]) == (str(exercise.id), None, "ZERCHER carry")
    assert (back["body_part"], back["modality"], back["notes"]) == ("Full Body", "BARBELL", "New")
    assert [version["change_type"] for version in history_of(client, alice, exercise.id)] == [
        "edit", "deletion", "original",
    ]  # fmt: skip


@pytest.mark.parametrize("deleted", [False, True])
def test_of_twenty_who_make_the_same_at_once_one_does(app, alice, make_exercise, client, deleted):
    if deleted:
        delete(client, alice, make_exercise(alice, "Zercher Carry").id)

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: add(app.test_client(), alice, "Zercher Carry").status_code, range(20)))

    assert Counter(statuses) == {201: 1, 409: 19}
    assert len(find(client, alice, source="own")) == 1


BAD = [
    ({"name": 7}, "name"), ({"name": None}, "name"), ({"name": ""}, "name"), ({"name": " \t\n"}, "name"),
    ({"name": "x" * 10_000}, "name"), ({"name": "a\0b"}, "name"), ({"name": ["a"]}, "name"),
    ({"name": "a", "modality": "KETTLEBELL"}, "modality"), ({"name": "a", "modality": "barbell"}, "modality"),
    ({"name": "a", "modality": ""}, "modality"), ({"name": "a", "body_part": ""}, "body_part"),
    ({"name": "a", "body_part": "x" * 101}, "body_part"), ({"name": "a", "body_part": 1}, "body_part"),
    ({"name": "a", "notes": "\0"}, "notes"), ({"name": "a", "notes": "x" * 10_001}, "notes"),
    ({"name": "a", "user_id": 1}, "user_id"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "field"), BAD)
def test_what_makes_no_sense_is_refused_by_its_field_wherever_it_is_sent(client, alice, make_exercise, body, field):
    exercise = make_exercise(alice)

    answers = [
        client.open(path, method=method, json=body, headers=alice.headers)
        for method, path in (
            ("POST", "/v1/exercises"),
            ("PATCH", f"/v1/exercises/{exercise.id}"),
            ("PUT", f"/v1/exercises/{exercise.id}"),
        )
    ]

    assert [(answer.status_code, list(answer.json["errors"])) for answer in answers] == [(422, [field])] * 3
    assert names_of(find(client, alice, source="own")) == ["Zercher Carry"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_name_is_required(client, alice, make_exercise, method):
    path = "/v1/exercises" if method == "POST" else f"/v1/exercises/{make_exercise(alice).id}"

    response = client.open(path, method=method, json={"notes": "x"}, headers=alice.headers)

    assert (response.status_code, list(response.json["errors"])) == (422, ["name"])


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE exercises; --", "%(user_id)s %s %%", "ß", "İstanbul", "👟", "x" * 200, "{c.name}"]
)
def test_an_exercise_of_an_odd_name_is_made_found_and_used(client, alice, use, name):
    made = add(client, alice, name)

    assert (made.status_code, made.json["name"]) == (201, name)
    # The catalog has names with "ss", which is "ß" in capitals.
    found = find(client, alice, "/my-exercises", name=name)
    assert [item["id"] for item in found] == [made.json["id"]]
    assert use(alice, f" {name} ") == [made.json["id"]]
