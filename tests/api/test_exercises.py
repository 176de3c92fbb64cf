"""Exercises over HTTP: find, make, change, delete; the catalog, the history, and the way back."""

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from fitness.db.connection import transaction
from fitness.db.exercises import MODALITIES, use_exercises
from migrations.exercise_catalog import EXERCISES as CATALOG

IDS = {exercise.name: str(exercise.id) for exercise in CATALOG}
BODY_PARTS = sorted({exercise.body_part for exercise in CATALOG})


def find(client, person=None, path="", **query):
    headers = person.headers if person else {}
    return client.get(f"/v1/exercises{path}", query_string={"limit": 500, **query}, headers=headers).json["items"]


def names_of(items):
    return [item["name"] for item in items]


def add(client, person, name, **fields):
    return client.post("/v1/exercises", json={"name": name, **fields}, headers=person.headers)


def read(client, person, exercise_id, **query):
    headers = person.headers if person else {}
    return client.get(f"/v1/exercises/{exercise_id}", query_string=query, headers=headers)


def edit(client, person, exercise_id, **changes):
    return client.patch(f"/v1/exercises/{exercise_id}", json=changes, headers=person.headers)


def delete(client, person, exercise_id):
    return client.delete(f"/v1/exercises/{exercise_id}", headers=person.headers)


def history_of(client, person, exercise_id):
    return client.get(f"/v1/exercises/{exercise_id}/history", headers=person.headers).json["items"]


@pytest.fixture
def use(app):
    """Use catalog exercises as a workout of the person does."""

    def use(person, *names):
        with transaction(person.user_id):
            _, by_name = use_exercises([], names, changed_by="alice")
        return [str(exercise_id) for exercise_id in by_name.values()]

    return use


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

    assert (response.status_code, response.json) == (409, {"detail": "There is already an exercise of this name"})
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
    assert [item["id"] for item in find(client, alice, name=name)] == [made.json["id"]]
    assert use(alice, f" {name} ") == [made.json["id"]]


# Changing


def test_a_patch_changes_only_what_is_sent_and_null_clears(client, alice, make_exercise):
    exercise = make_exercise(alice, body_part="Core", modality="BARBELL", notes="Old")

    renamed = edit(client, alice, exercise.id, name=" Zercher  Walk", change_reason="Better name")
    cleared = edit(client, alice, exercise.id, notes=None, modality=None)

    assert (renamed.status_code, renamed.headers["ETag"], cleared.headers["ETag"]) == (200, '"2"', '"3"')
    assert [renamed.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", "Core", "BARBELL", "Old",
    ]  # fmt: skip
    assert [cleared.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", "Core", None, None,
    ]  # fmt: skip
    assert cleared.json["last_edited_by"] == "alice"
    assert [version["change_reason"] for version in history_of(client, alice, exercise.id)] == [
        None, "Better name", None,
    ]  # fmt: skip


def test_a_put_replaces_all_and_clears_what_is_left_out(client, alice, make_exercise):
    exercise = make_exercise(alice, body_part="Core", modality="BARBELL", notes="Old")

    response = client.put(
        f"/v1/exercises/{exercise.id}", json={"name": "Zercher Walk", "modality": "DUMBBELL"}, headers=alice.headers
    )

    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert [response.json[field] for field in ("name", "body_part", "modality", "notes")] == [
        "Zercher Walk", None, "DUMBBELL", None,
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_an_exercise_cannot_take_the_name_of_another(client, alice, make_exercise, method):
    make_exercise(alice, "Zercher Carry")
    other = make_exercise(alice, "Other")

    response = client.open(
        f"/v1/exercises/{other.id}", method=method, json={"name": "zercher carry"}, headers=alice.headers
    )

    assert (response.status_code, response.json) == (409, {"detail": "There is already an exercise of this name"})
    assert read(client, alice, other.id).json["name"] == "Other"
    assert len(history_of(client, alice, other.id)) == 1


@pytest.mark.parametrize("field", ["id", "version", "is_system", "deleted_at", "changed_by"])
def test_a_protected_field_is_refused_by_name(client, alice, make_exercise, field):
    exercise = make_exercise(alice)

    response = edit(client, alice, exercise.id, **{field: "x"}, name="New name")

    assert (response.status_code, response.json["errors"]) == (422, {field: ["This field cannot be edited"]})
    assert read(client, alice, exercise.id).json["name"] == "Zercher Carry"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(("tag", "fits"), [('"1"', False), ('"2"', True), ("*", True), ('W/"2"', False)])
def test_a_change_for_another_version_is_refused_with_the_current_one(client, alice, make_exercise, method, tag, fits):
    exercise = make_exercise(alice)
    edit(client, alice, exercise.id, notes="2")

    response = client.open(
        f"/v1/exercises/{exercise.id}", method=method, json={"name": "3"}, headers={**alice.headers, "If-Match": tag}
    )

    assert (response.status_code < 300) == fits
    assert fits or (response.status_code, response.headers["ETag"]) == (412, '"2"')


def test_a_deleted_exercise_is_out_of_view_and_restoring_brings_it_back(client, alice, make_exercise):
    exercise = make_exercise(alice, notes="Old")
    edit(client, alice, exercise.id, notes="New")

    assert delete(client, alice, exercise.id).status_code == 204

    assert read(client, alice, exercise.id).json == {"detail": "Exercise not found"}
    assert edit(client, alice, exercise.id, notes="x").status_code == 404
    assert delete(client, alice, exercise.id).status_code == 404
    assert read(client, alice, exercise.id, include_deleted="true").json["version"] == 3
    assert history_of(client, alice, exercise.id)[0]["change_type"] == "deletion"

    restored = client.post(f"/v1/exercises/{exercise.id}/restore/1", headers=alice.headers)

    assert (restored.status_code, restored.headers["ETag"]) == (200, '"4"')
    assert (restored.json["deleted_at"], restored.json["notes"], restored.json["is_system"]) == (None, "Old", False)
    assert names_of(find(client, alice, source="own")) == ["Zercher Carry"]


def test_restoring_a_name_that_another_exercise_bears_now_is_a_conflict(client, alice, make_exercise):
    exercise = make_exercise(alice, "Zercher Carry")
    edit(client, alice, exercise.id, name="Old")
    make_exercise(alice, "zercher carry")

    response = client.post(f"/v1/exercises/{exercise.id}/restore/1", headers=alice.headers)

    assert response.status_code == 409
    assert read(client, alice, exercise.id).json["name"] == "Old"


def test_history_is_paged_and_each_version_read_by_its_number(client, alice, make_exercise):
    path = f"/v1/exercises/{make_exercise(alice).id}"
    for number in range(2, 6):
        client.patch(path, json={"notes": str(number)}, headers=alice.headers)

    first = client.get(f"{path}/history?limit=3", headers=alice.headers).json
    second = client.get(f"{path}/history", query_string={"cursor": first["next_cursor"]}, headers=alice.headers).json

    assert [version["version_number"] for version in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert client.get(f"{path}/history/4", headers=alice.headers).json == first["items"][1]
    assert client.get(f"{path}/history/6", headers=alice.headers).json == {"detail": "Version not found"}


def test_without_its_history_row_an_exercise_is_not_changed(client, alice, owner, make_exercise):
    exercise = make_exercise(alice)
    owner.execute("REVOKE INSERT ON exercises_history FROM fitness_app")

    answers = [
        edit(client, alice, exercise.id, name="New"),
        delete(client, alice, exercise.id),
        add(client, alice, "Another"),
    ]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert names_of(find(client, alice, source="own", include_deleted="true")) == ["Zercher Carry"]


@pytest.mark.parametrize("exercise_id", ["1", "x", "%00", "..", "5ad0e3f5-2a0c-5a8e-9d0e", "system/history"])
def test_an_id_that_cannot_be_is_not_found(client, alice, exercise_id):
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        response = client.open(f"/v1/exercises/{exercise_id}", method=method, json={"name": "x"}, headers=alice.headers)

        assert (response.status_code, list(response.json)) == (404, ["detail"])


def test_a_strangers_exercise_is_no_more_there_than_an_unknown_one(client, alice, bob, use, make_exercise):
    theirs = [str(make_exercise(alice).id), *use(alice, "Squat")]

    for exercise_id in (*theirs, str(UUID(int=7))):
        answers = [
            edit(client, bob, exercise_id, notes="Mine"),
            client.put(f"/v1/exercises/{exercise_id}", json={"name": "Mine"}, headers=bob.headers),
            delete(client, bob, exercise_id),
            client.get(f"/v1/exercises/{exercise_id}/history", headers=bob.headers),
            client.post(f"/v1/exercises/{exercise_id}/restore/1", headers=bob.headers),
        ]
        assert [(answer.status_code, answer.json) for answer in answers] == [
            (404, {"detail": "Exercise not found"})
        ] * 5
    assert [read(client, bob, exercise_id).status_code for exercise_id in theirs] == [404, 404]
    assert {item["version"] for item in find(client, alice, source="own")} == {1}
