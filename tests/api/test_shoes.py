"""Shoes over HTTP: make, rename, annotate, retire, delete, merge; their history, and the way back."""

import random

import pytest


def read(client, person, shoe_id):
    return client.get(f"/v1/shoes/{shoe_id}?include_deleted=true", headers=person.headers).json


def edit(client, person, shoe_id, **changes):
    return client.patch(f"/v1/shoes/{shoe_id}", json=changes, headers=person.headers)


def merge(client, person, shoe_id, into):
    return client.post(f"/v1/shoes/{shoe_id}/merge", json={"into": into}, headers=person.headers)


def shoe_ids(client, person, **query):
    response = client.get("/v1/shoes", query_string=query, headers=person.headers)
    return [shoe["id"] for shoe in response.json["items"]]


def history_of(client, person, shoe_id):
    return client.get(f"/v1/shoes/{shoe_id}/history", headers=person.headers).json["items"]


def worn_by(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}?include_deleted=true", headers=person.headers).json["shoe_id"]


def test_a_shoe_is_made_with_the_id_of_its_name(client, alice):
    response = client.post(
        "/v1/shoes", json={"name": " Nike Air Zoom Pegasus 38 ", "notes": "Blue"}, headers=alice.headers
    )

    made = response.json
    assert response.status_code == 201
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == "/v1/shoes/nike_air_zoom_pegasus_38"
    assert {field: value for field, value in made.items() if field not in ("created_at", "updated_at")} == {
        "id": "nike_air_zoom_pegasus_38",
        "name": "Nike Air Zoom Pegasus 38",
        "notes": "Blue",
        "retired_at": None,
        "retirement_notes": None,
        "merged_into": None,
        "version": 1,
        "last_edited_at": None,
        "last_edited_by": None,
        "deleted_at": None,
        "mileage": 0,
        "run_count": 0,
    }
    assert client.get(response.headers["Location"], headers=alice.headers).json == made
    (original,) = history_of(client, alice, made["id"])
    assert (original["change_type"], original["changed_by"], original["name"]) == ("original", "alice", made["name"])


@pytest.mark.parametrize("name", ["Brooks Ghost 16", "brooks-ghost-16", "BROOKS  Ghost (16)"])
def test_a_second_shoe_of_a_name_or_its_id_is_a_conflict(client, alice, make_shoe, name):
    make_shoe(alice, "Brooks Ghost 16")

    response = client.post("/v1/shoes", json={"name": name}, headers=alice.headers)

    assert response.status_code == 409
    assert response.json == {"detail": "Shoe brooks_ghost_16 with the name Brooks Ghost 16 already exists"}
    assert shoe_ids(client, alice) == ["brooks_ghost_16"]


def test_the_name_of_a_deleted_shoe_brings_it_back_unless_it_was_renamed(client, alice, make_shoe):
    make_shoe(alice, "Ghost")
    client.delete("/v1/shoes/ghost", headers=alice.headers)

    response = client.post("/v1/shoes", json={"name": "Ghost"}, headers=alice.headers)

    assert (response.status_code, response.json["version"], response.json["deleted_at"]) == (201, 3, None)
    client.patch("/v1/shoes/ghost", json={"name": "Spirit"}, headers=alice.headers)
    client.delete("/v1/shoes/ghost", headers=alice.headers)
    refused = client.post("/v1/shoes", json={"name": "Ghost"}, headers=alice.headers)
    assert refused.status_code == 409
    assert "deleted: restore it" in refused.json["detail"]


def test_two_people_may_have_shoes_of_the_same_name(client, alice, bob):
    answers = [client.post("/v1/shoes", json={"name": "Ghost"}, headers=person.headers) for person in (alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_renamed_shoe_keeps_its_id_its_runs_and_its_notes(client, alice, make_shoe, make_run):
    make_shoe(alice, "Ghost", notes="Blue")
    make_run(alice, shoe_id="ghost", distance=5)

    response = edit(client, alice, "ghost", name="Brooks Ghost 16", change_reason="Full name")

    shoe = response.json
    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert (shoe["id"], shoe["name"], shoe["notes"], shoe["mileage"]) == ("ghost", "Brooks Ghost 16", "Blue", 5)
    newest, original = history_of(client, alice, "ghost")
    assert (newest["name"], newest["changed_by"], newest["change_reason"]) == ("Brooks Ghost 16", "alice", "Full name")
    assert (original["name"], original["version_number"]) == ("Ghost", 1)


def test_a_shoe_cannot_take_the_name_of_another(client, alice, make_shoe):
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Ride")

    response = edit(client, alice, "ride", name="Ghost")

    assert response.status_code == 409
    assert response.json == {"detail": "A shoe with this name already exists"}
    assert (read(client, alice, "ride")["name"], len(history_of(client, alice, "ride"))) == ("Ride", 1)


def test_notes_change_and_null_clears_them(client, alice, make_shoe):
    make_shoe(alice, "Ghost", notes="Blue")

    assert edit(client, alice, "ghost", notes="Red").json["notes"] == "Red"
    assert edit(client, alice, "ghost", notes=None).json["notes"] is None
    assert [version["notes"] for version in history_of(client, alice, "ghost")] == [None, "Red", "Blue"]


@pytest.mark.parametrize("day", ["2025-12-01", "2025-12-01T23:30:00-11:00"])
def test_a_retired_shoe_keeps_the_day_and_the_reason_until_it_is_taken_back(client, alice, make_shoe, day):
    make_shoe(alice, "Ghost")

    retired = edit(client, alice, "ghost", retired_at=day, retirement_notes="Worn out").json

    assert (retired["retired_at"], retired["retirement_notes"]) == ("2025-12-01", "Worn out")
    assert shoe_ids(client, alice, retired="true") == ["ghost"]
    assert shoe_ids(client, alice, retired="false") == []

    back = edit(client, alice, "ghost", retired_at=None).json

    assert (back["retired_at"], back["retirement_notes"], back["version"]) == (None, None, 3)
    assert shoe_ids(client, alice, retired="true") == []
    assert shoe_ids(client, alice, retired="false") == ["ghost"]


@pytest.mark.parametrize("field", ["id", "version", "merged_into", "deleted_at", "mileage", "changed_by"])
def test_a_protected_field_is_refused_by_name(client, alice, make_shoe, field):
    make_shoe(alice, "Ghost")

    response = edit(client, alice, "ghost", **{field: "x"}, name="New name")

    assert response.status_code == 422
    assert response.json["errors"] == {field: ["This field cannot be edited"]}
    assert read(client, alice, "ghost")["name"] == "Ghost"


def test_a_deleted_shoe_is_out_of_view_its_runs_keep_it_and_restoring_brings_it_back(
    client, alice, make_shoe, make_run
):
    make_shoe(alice, "Ghost")
    run = make_run(alice, shoe_id="ghost")

    assert client.delete("/v1/shoes/ghost", headers=alice.headers).status_code == 204

    assert client.get("/v1/shoes/ghost", headers=alice.headers).status_code == 404
    assert shoe_ids(client, alice) == []
    assert shoe_ids(client, alice, include_deleted="true") == ["ghost"]
    assert worn_by(client, alice, run.id) == "ghost"
    assert history_of(client, alice, "ghost")[0]["change_type"] == "deletion"
    assert edit(client, alice, "ghost", name="New").status_code == 404

    restored = client.post("/v1/shoes/ghost/restore/1", headers=alice.headers)

    assert (restored.status_code, restored.json["deleted_at"], restored.json["version"]) == (200, None, 3)
    assert shoe_ids(client, alice) == ["ghost"]


def test_restoring_a_version_brings_back_all_of_it(client, alice, make_shoe):
    make_shoe(alice, "Ghost", notes="Blue")
    edit(client, alice, "ghost", name="B", notes=None, retired_at="2025-12-01", retirement_notes="Worn out")
    edit(client, alice, "ghost", name="C", notes="C", retired_at=None)

    restored = client.post("/v1/shoes/ghost/restore/2", headers=alice.headers).json

    newest = history_of(client, alice, "ghost")[0]
    fields = ("name", "notes", "retired_at", "retirement_notes")
    assert [restored[field] for field in fields] == ["B", None, "2025-12-01", "Worn out"]
    assert [newest[field] for field in fields] == ["B", None, "2025-12-01", "Worn out"]
    assert (newest["version_number"], newest["change_reason"]) == (4, "Restored to version 2")


def test_restoring_a_name_that_another_shoe_bears_now_is_a_conflict(client, alice, make_shoe):
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Ride")
    edit(client, alice, "ghost", name="Old")
    edit(client, alice, "ride", name="Ghost")

    response = client.post("/v1/shoes/ghost/restore/1", headers=alice.headers)

    assert response.status_code == 409
    assert read(client, alice, "ghost")["name"] == "Old"


def test_history_is_paged_and_each_version_read_by_its_number(client, alice, make_shoe):
    make_shoe(alice, "Ghost")
    for number in range(2, 6):
        edit(client, alice, "ghost", notes=str(number))

    first = client.get("/v1/shoes/ghost/history?limit=3", headers=alice.headers).json
    second = client.get(
        "/v1/shoes/ghost/history", query_string={"cursor": first["next_cursor"]}, headers=alice.headers
    ).json

    assert [version["version_number"] for version in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next_cursor"] is None
    assert client.get("/v1/shoes/ghost/history/4", headers=alice.headers).json == first["items"][1]
    assert client.get("/v1/shoes/ghost/history/6", headers=alice.headers).json == {"detail": "Version not found"}


@pytest.mark.parametrize(("tag", "status"), [('"1"', 412), ('"2"', 200), ("*", 200), ('W/"2"', 412)])
def test_an_edit_for_another_version_is_refused_with_the_current_one(client, alice, make_shoe, tag, status):
    make_shoe(alice, "Ghost")
    edit(client, alice, "ghost", notes="2")

    response = client.patch("/v1/shoes/ghost", json={"notes": "3"}, headers={**alice.headers, "If-Match": tag})

    assert (response.status_code, response.headers["ETag"]) == (status, '"2"' if status == 412 else '"3"')


def test_mileage_is_the_sum_of_the_runs_that_are_not_deleted(client, alice, bob, make_shoe, make_run):
    for person in (alice, bob):
        for name in ("Ghost", "Ride", "New"):
            make_shoe(person, name)
    dice = random.Random(3)
    distances = {"ghost": [], "ride": []}
    for number in range(24):
        shoe_id = dice.choice(("ghost", "ride"))
        run = make_run(alice, shoe_id=shoe_id, distance=dice.uniform(0, 20))
        if number % 5:
            distances[shoe_id].append(run.distance)
        else:
            client.delete(f"/v1/runs/{run.id}", headers=alice.headers)
    make_run(bob, shoe_id="ghost", distance=99)

    listed = {shoe["id"]: shoe for shoe in client.get("/v1/shoes", headers=alice.headers).json["items"]}

    for shoe_id, expected in (*distances.items(), ("new", [])):
        assert listed[shoe_id] == read(client, alice, shoe_id)
        assert listed[shoe_id]["run_count"] == len(expected)
        assert listed[shoe_id]["mileage"] == round(sum(expected), 4)


def test_a_merge_moves_all_runs_deletes_the_shoe_and_leaves_versions_of_one_changeset(
    client, alice, make_shoe, make_run
):
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Ghosst")
    stays = make_run(alice, shoe_id="ghost", distance=1)
    moves, deleted = (make_run(alice, shoe_id="ghosst", distance=2) for _ in range(2))
    client.delete(f"/v1/runs/{deleted.id}", headers=alice.headers)

    response = merge(client, alice, "ghosst", "ghost")

    answer = response.json
    assert response.status_code == 200
    assert (answer["moved"], answer["shoe"]["id"], answer["shoe"]["mileage"]) == (2, "ghost", 3)
    assert [worn_by(client, alice, run.id) for run in (stays, moves, deleted)] == ["ghost"] * 3
    assert shoe_ids(client, alice) == ["ghost"]
    merged = read(client, alice, "ghosst")
    assert (merged["merged_into"], merged["deleted_at"] is None, merged["version"]) == ("ghost", False, 2)
    histories = [
        client.get(f"/v1/runs/{run.id}/history", headers=alice.headers).json["items"][0] for run in (moves, deleted)
    ]
    assert [version["changeset_id"] for version in histories] == [answer["changeset_id"]] * 2
    assert [version["change_type"] for version in histories] == ["edit", "deletion"]
    assert history_of(client, alice, "ghosst")[0]["changeset_id"] == answer["changeset_id"]
    assert len(client.get(f"/v1/runs/{stays.id}/history", headers=alice.headers).json["items"]) == 1
    changeset = client.get(f"/v1/changesets/{answer['changeset_id']}", headers=alice.headers).json
    assert (changeset["kind"], changeset["actor"], changeset["counts"]) == (
        "merge", "alice", {"updated": 2, "deleted": 1},
    )  # fmt: skip


def test_a_merge_is_undone_by_reverting_its_changeset(client, alice, make_shoe, make_run):
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Ghosst")
    untouched, edited = (make_run(alice, shoe_id="ghosst") for _ in range(2))
    changeset_id = merge(client, alice, "ghosst", "ghost").json["changeset_id"]
    client.patch(f"/v1/runs/{edited.id}", json={"distance": 9}, headers=alice.headers)

    reverted = client.post(f"/v1/changesets/{changeset_id}/revert", headers=alice.headers).json

    shoe = client.get("/v1/shoes/ghosst", headers=alice.headers).json
    assert (reverted["reverted"], reverted["kept"]) == (3, 0)
    assert [worn_by(client, alice, run.id) for run in (untouched, edited)] == ["ghosst", "ghosst"]
    assert client.get(f"/v1/runs/{edited.id}", headers=alice.headers).json["distance"] == 9
    assert (shoe["merged_into"], shoe["deleted_at"], shoe["version"], shoe["run_count"]) == (None, None, 3, 2)


@pytest.mark.parametrize(
    ("shoe_id", "into", "status"),
    [("ghost", "ghost", 409), ("ghost", "none", 404), ("none", "ghost", 404), ("ghost", "gone", 404),
     ("gone", "ghost", 404), ("ghost", "bobs", 404)],
)  # fmt: skip
def test_a_merge_that_cannot_be_leaves_no_trace(client, alice, bob, make_shoe, make_run, shoe_id, into, status):
    make_shoe(bob, "Bobs")
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Gone")
    run = make_run(alice, shoe_id="ghost")
    client.delete("/v1/shoes/gone", headers=alice.headers)

    response = merge(client, alice, shoe_id, into)

    assert response.status_code == status
    assert worn_by(client, alice, run.id) == "ghost"
    assert client.get("/v1/changesets", headers=alice.headers).json["items"] == []


def test_without_its_history_row_a_shoe_is_not_changed(client, alice, owner, make_shoe):
    make_shoe(alice, "Ghost")
    before = read(client, alice, "ghost")
    owner.execute("REVOKE INSERT ON shoes_history FROM fitness_app")

    answers = [
        edit(client, alice, "ghost", name="New"),
        client.delete("/v1/shoes/ghost", headers=alice.headers),
        client.post("/v1/shoes", json={"name": "Another"}, headers=alice.headers),
    ]

    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert read(client, alice, "ghost") == before
    assert shoe_ids(client, alice, include_deleted="true") == ["ghost"]


@pytest.mark.parametrize("name", ["!!!", "👟", "a/b?c#d%2F", "..", "İstanbul", "x" * 200, "'; DROP TABLE shoes; --"])
def test_a_shoe_of_an_odd_name_can_be_reached_by_its_id(client, alice, name):
    made = client.post("/v1/shoes", json={"name": name}, headers=alice.headers)

    assert made.status_code == 201
    assert made.json["name"] == name
    assert client.get(made.headers["Location"], headers=alice.headers).json == made.json
    assert edit(client, alice, made.json["id"], notes="Found").json["notes"] == "Found"
