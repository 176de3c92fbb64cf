"""Exercises found: the catalog, a person's own, filters, search and pages."""

import base64
import json
from uuid import uuid4

import pytest

from fitness.db.exercises import MODALITIES
from migrations.exercise_catalog import EXERCISES as CATALOG
from tests.api.exercises.requests import IDS, delete, edit, find, names_of, read

BODY_PARTS = sorted({exercise.body_part for exercise in CATALOG})


# The catalog


@pytest.mark.parametrize("path", ["", "/system"])
def test_without_login_the_catalog_is_found_and_nothing_else(client, alice, make_exercise, path):
    make_exercise(alice, "Alices secret")

    items = find(client, path=path)

    assert sorted(names_of(items)) == sorted(IDS)
    bench = next(item for item in items if item["name"] == "Bench Press")
    assert bench == {
        "id": IDS["Bench Press"],
        "name": "Bench Press",
        "body_part": "Chest",
        "modality": "BARBELL",
        "is_assisted": None,
        "merged_into": None,
        "is_system": True,
        **dict.fromkeys(
            ("notes", "version", "last_edited_at", "last_edited_by", "deleted_at", "created_at", "updated_at")
        ),
    }


def test_an_exercise_of_the_catalog_is_read_by_anybody(client, alice):
    answers = [read(client, person, IDS["Squat"]) for person in (None, alice)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert answers[0].json in find(client, name="squat")
    assert "ETag" not in answers[0].headers


def test_nobody_sees_own_exercises_without_login(client, alice, make_exercise):
    exercise = make_exercise(alice)

    assert find(client, source="own") == []
    assert find(client, include_deleted="true", name=exercise.name) == []
    assert read(client, None, exercise.id).json == {"detail": "Exercise not found"}
    assert client.get("/v1/exercises/my-exercises").status_code == 401


@pytest.mark.parametrize("path", ["", "/system", "/body-parts", "/modalities", f"/{IDS['Squat']}"])
def test_a_token_that_is_no_good_is_a_401_even_where_none_is_needed(client, alice, path):
    token = alice.headers["Authorization"]
    bad = ["", "Bearer", "Bearer null", "Basic YWRhOmFkYQ==", f"{token}x"]
    client.post("/v1/auth/logout", headers=alice.headers)

    answers = [client.get(f"/v1/exercises{path}", headers={"Authorization": header}) for header in (*bad, token)]

    assert [answer.status_code for answer in answers] == [401] * 6


@pytest.mark.parametrize("change", [("PATCH", {"notes": "x"}), ("PUT", {"name": "x"}), ("DELETE", None)])
def test_an_exercise_of_the_catalog_cannot_be_changed_as_long_as_there_is_no_own_copy(client, alice, change):
    method, body = change

    response = client.open(f"/v1/exercises/{IDS['Squat']}", method=method, json=body, headers=alice.headers)

    assert (response.status_code, response.json) == (404, {"detail": "Exercise not found"})
    assert read(client, None, IDS["Squat"]).json["name"] == "Squat"


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_changes_need_a_login(client, method):
    path = "/v1/exercises" if method == "POST" else f"/v1/exercises/{IDS['Squat']}"

    assert client.open(path, method=method, json={"name": "x"}).status_code == 401


# Finding


def test_with_login_own_exercises_stand_beside_those_of_the_catalog(client, alice, bob, make_exercise):
    make_exercise(alice, "Zercher Carry")
    make_exercise(bob, "Bobs lift")

    items = find(client, alice)

    assert sorted(names_of(items)) == sorted([*IDS, "Zercher Carry"])
    assert names_of(find(client, alice, source="own")) == ["Zercher Carry"]
    assert names_of(find(client, alice, path="/my-exercises")) == ["Zercher Carry"]
    assert sorted(names_of(find(client, alice, source="system"))) == sorted(IDS)
    assert [item["is_system"] for item in items if item["name"] == "Zercher Carry"] == [False]


def test_an_own_copy_takes_the_place_of_the_catalogs_whatever_it_is_called(client, alice, bob, use):
    squat, bench = use(alice, "Squat", "Bench Press")
    edit(client, alice, bench, name="My bench")

    items = find(client, alice)

    assert len(items) == len({item["id"] for item in items}) == len(IDS)
    own = {item["id"]: item["name"] for item in items if not item["is_system"]}
    assert own == {squat: "Squat", bench: "My bench"}
    assert names_of(find(client, alice, name="bench press", source="system")).count("Bench Press") == 0
    assert len(find(client, alice, source="system")) == len(IDS) - 2
    assert len(find(client, alice, path="/system")) == len(find(client, bob)) == len(IDS)


def test_an_own_exercise_of_the_same_name_takes_the_place_of_the_catalogs(client, alice, make_exercise):
    exercise = make_exercise(alice, "Zercher Carry")
    edit(client, alice, exercise.id, name="bench PRESS")

    items = find(client, alice, name="Bench press")

    assert [item["id"] for item in items if item["name"].lower() == "bench press"] == [str(exercise.id)]


def test_a_deleted_copy_leaves_its_place_to_the_catalogs_unless_it_is_listed(client, alice, use):
    (squat,) = use(alice, "Squat")
    delete(client, alice, squat)

    without, with_deleted = (
        [item for item in find(client, alice, include_deleted=deleted) if item["name"] == "Squat"]
        for deleted in ("false", "true")
    )

    assert [item["is_system"] for item in without] == [True]
    assert [(item["is_system"], item["deleted_at"] is None) for item in with_deleted] == [(False, False)]
    assert find(client, alice, source="own") == find(client, alice, path="/my-exercises") == []
    assert names_of(find(client, alice, path="/my-exercises", include_deleted="true")) == ["Squat"]
    assert read(client, alice, squat).status_code == 404
    assert read(client, alice, squat, include_deleted="true").json["is_system"] is False


def test_a_search_finds_parts_of_names_in_any_case(client, alice, make_exercise):
    make_exercise(alice, "Ökonomischer Carry")

    assert set(names_of(find(client, name="bench  PRESS "))) == {name for name in IDS if "bench press" in name.lower()}
    assert names_of(find(client, alice, name="MISCHER c")) == ["Ökonomischer Carry"]
    assert find(client, alice, name="no such thing") == []


@pytest.mark.parametrize("wild", ["%", "_", "\\", "Sq%t", "Squa_", "%%", "\\%", "*", ".", "'", "%(name)s"])
def test_a_search_takes_every_character_for_itself(client, alice, make_exercise, wild):
    make_exercise(alice, f"Odd {wild} one")

    assert find(client, name=wild) == []
    assert names_of(find(client, alice, name=wild)) == [f"Odd {wild} one"]


def test_the_filters_say_which_exercises(client, alice, make_exercise):
    make_exercise(alice, "Zercher Carry", body_part="full body", modality="BARBELL")
    make_exercise(alice, "Bare one")

    found = find(client, alice, body_part="FULL Body", modality="BARBELL")

    assert set(names_of(found)) == {"Zercher Carry"} | {
        exercise.name for exercise in CATALOG if (exercise.body_part, exercise.modality) == ("Full Body", "BARBELL")
    }
    assert names_of(find(client, alice, body_part="full body", source="own")) == ["Zercher Carry"]
    assert find(client, body_part="Elbow") == find(client, alice, body_part="%") == []


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_paging_to_the_end_meets_every_exercise_once_in_the_order_of_the_whole(
    client, alice, make_exercise, use, limit
):
    for number in range(8):
        make_exercise(alice, f"zercher press {number}" if number % 2 else f"Zercher Press {number}")
    use(alice, "Bench Press", "Leg Press")
    query = {"limit": limit, "name": "press"}
    pages, cursor = [], ""

    while cursor is not None:
        page = client.get("/v1/exercises", query_string=query, headers=alice.headers).json
        pages.append(page["items"])
        cursor = query["cursor"] = page["next_cursor"]

    items = [item for page in pages for item in page]
    names = [name.lower() for name in names_of(items)]
    assert items == find(client, alice, name="press")
    assert names == sorted(names)
    assert sorted(names) == sorted(
        [
            *(name.lower() for name in IDS if "press" in name.lower()),
            *(f"zercher press {number}" for number in range(8)),
        ]
    )
    assert {len(page) for page in pages[:-1]} <= {limit}


@pytest.mark.parametrize("path", ["", "/system", "/my-exercises"])
def test_a_cursor_that_no_page_gave_is_refused(client, alice, path):
    forged = [
        base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
        for parts in (["name", "a", "no id"], ["name", "\0", str(uuid4())], ["date desc", "a", "b"], ["name", 1, 2], [])
    ]

    for cursor in ("", "x", "\0", *forged):
        response = client.get(f"/v1/exercises{path}", query_string={"cursor": cursor}, headers=alice.headers)
        assert response.status_code == 422, cursor


@pytest.mark.parametrize(
    ("query", "field"),
    [("modality=KETTLEBELL", "modality"), ("modality=barbell", "modality"), ("source=theirs", "source"),
     ("name=", "name"), ("name=%20", "name"), ("name=a%00", "name"), ("name=" + "x" * 10_000, "name"),
     ("body_part=", "body_part"), ("limit=0", "limit"), ("limit=501", "limit"),
     ("include_deleted=7", "include_deleted"), ("nmae=press", "nmae")],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused_by_its_field(client, alice, query, field):
    for headers in ({}, alice.headers):
        response = client.get(f"/v1/exercises?{query}", headers=headers)

        assert (response.status_code, list(response.json["errors"])) == (422, [field])


def test_the_body_parts_are_those_that_find_something(client, alice, bob, make_exercise):
    make_exercise(alice, "Zercher Carry", body_part="full body")
    make_exercise(alice, "Eye roll", body_part="Eyes")
    gone = make_exercise(alice, "Ear wiggle", body_part="Ears")
    delete(client, alice, gone.id)

    answers = [client.get("/v1/exercises/body-parts", headers=headers) for headers in ({}, alice.headers, bob.headers)]

    assert [sorted(answer.json["items"]) for answer in answers] == [
        BODY_PARTS, sorted([*BODY_PARTS, "Eyes"]), BODY_PARTS,
    ]  # fmt: skip
    assert [answer.json["next_cursor"] for answer in answers] == [None] * 3


def test_the_modalities_are_five_for_everybody(client, alice):
    answers = [client.get("/v1/exercises/modalities", headers=headers) for headers in ({}, alice.headers)]

    assert [answer.json for answer in answers] == [{"items": list(MODALITIES), "next_cursor": None}] * 2
    assert set(MODALITIES) == {"BARBELL", "DUMBBELL", "CABLE", "MACHINE", "BODYWEIGHT"}


@pytest.mark.parametrize("path", ["", "/system", "/my-exercises", "/body-parts"])
def test_a_list_takes_one_statement_however_long_it_is(client, alice, make_exercise, statements, path):
    counts = []

    for number in range(3):
        make_exercise(alice, f"Lift {number}")
        statements.clear()
        client.get(f"/v1/exercises{path}", headers=alice.headers)
        counts.append(len([statement for statement in statements if "exercise" in statement]))

    assert counts == [1, 1, 1]
