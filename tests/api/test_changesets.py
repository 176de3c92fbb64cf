"""Changesets: what an import, merge or revert did as a whole, and taking it back."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"


def load(client, person, **shoes):
    """Import runs, named by their numbers with the shoe of each (`_1="Ghost"`); return the changeset."""
    rows = [
        f'"May 6, 2025",Run,3.1,1500,{f"Shoes: {name}" if name else ""},http://x.example/workout/{key[1:]}'
        for key, name in shoes.items()
    ]
    file = (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")
    return client.post("/v1/mmf/upload-csv", data={"file": file}, headers=person.headers).json["changeset_id"]


STAYING_RUN = {"noun": "runs", "id": "mmf_1", "title": "Outdoor Run", "occurred_at": "2025-05-06T12:00:00Z"}
STAYING_SHOE = {"noun": "shoes", "id": "ghost", "title": "Ghost", "occurred_at": None}


def import_rows(client, person, *rows):
    """Import runs, each as "number,miles,shoe"; return the changeset."""
    lines = [
        f'"May 6, 2025",Run,{miles},1500,Shoes: {shoe},http://x.example/workout/{number}'
        for number, miles, shoe in (row.split(",") for row in rows)
    ]
    file = (io.BytesIO("\n".join((HEADING, *lines)).encode()), "history.csv")
    return client.post("/v1/mmf/upload-csv", data={"file": file}, headers=person.headers).json["changeset_id"]


def revert(client, person, changeset_id, query=""):
    return client.post(f"/v1/changesets/{changeset_id}/revert{query}", headers=person.headers)


def read(client, person, noun, record_id):
    return client.get(f"/v1/{noun}/{record_id}?include_deleted=true", headers=person.headers).json


def present(client, person):
    """Return the ids of all runs and shoes that are not deleted."""
    return {
        item["id"]
        for noun in ("runs", "shoes")
        for item in client.get(f"/v1/{noun}", headers=person.headers).json["items"]
    }


CONTENT = ("datetime_utc", "type", "distance", "duration", "avg_heart_rate", "shoe_id", "name", "notes", "source")


def test_a_reverted_import_is_gone_with_its_shoes_and_a_version_says_why(client, alice, make_run):
    own = make_run(alice)
    changeset_id = load(client, alice, _1="Ghost", _2=None)

    response = revert(client, alice, changeset_id)

    answer = response.json
    assert response.status_code == 200
    assert answer == {
        "changeset_id": answer["changeset_id"], "reverts": changeset_id, "reverted": 3, "kept": 0, "problems": [],
        "dry_run": False, "records": None,
    }  # fmt: skip
    assert present(client, alice) == {own.id}
    newest, original = client.get("/v1/runs/mmf_1/history", headers=alice.headers).json["items"]
    assert (newest["change_type"], newest["changeset_id"]) == ("deletion", answer["changeset_id"])
    assert newest["change_reason"] == f"Changeset {changeset_id} reverted"
    assert {field: newest[field] for field in CONTENT} == {field: original[field] for field in CONTENT}


def test_the_revert_and_the_reverted_name_each_other(client, alice):
    changeset_id = load(client, alice, _1=None)

    by_id = revert(client, alice, changeset_id).json["changeset_id"]

    reverted = client.get(f"/v1/changesets/{changeset_id}", headers=alice.headers).json
    by = client.get(f"/v1/changesets/{by_id}", headers=alice.headers).json
    assert (reverted["reverted_by"], reverted["reverts"]) == (by_id, None)
    assert (by["kind"], by["reverts"], by["reverted_by"], by["actor"]) == ("revert", changeset_id, None, "alice")
    assert by["counts"] == {"reverted": 1, "kept": 0}


def test_a_redo_names_what_it_does_again(client, alice):
    first = load(client, alice, _1=None)
    undone = revert(client, alice, first).json["changeset_id"]
    redone = revert(client, alice, undone).json["changeset_id"]
    undone_again = revert(client, alice, redone).json["changeset_id"]

    items = client.get("/v1/changesets", headers=alice.headers).json["items"]

    assert {one["changeset_id"]: (one["reverts"], one["redoes"]) for one in items} == {
        first: (None, None), undone: (first, None), redone: (undone, first), undone_again: (redone, None),
    }  # fmt: skip
    assert client.get(f"/v1/changesets/{redone}", headers=alice.headers).json["redoes"] == first


def test_what_was_changed_since_is_named_and_left_alone(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2="Ghost", _3=None)
    edited = client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers).json
    client.delete("/v1/runs/mmf_3", headers=alice.headers)

    answer = revert(client, alice, changeset_id).json

    assert (answer["reverted"], answer["kept"]) == (1, 2)
    assert answer["problems"] == [
        {**STAYING_RUN, "fields": ["distance"], "detail": "Changed since then; now at version 2"},
        {**STAYING_SHOE, "fields": [], "detail": "Still in use"},
    ]
    assert read(client, alice, "runs", "mmf_1") == edited
    assert present(client, alice) == {"mmf_1", "ghost"}


def test_what_stays_is_called_as_it_is_now_when_a_revert_is_asked_for_again(client, alice):
    changeset_id = load(client, alice, _1="Ghost")
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    revert(client, alice, changeset_id)
    client.patch("/v1/runs/mmf_1", json={"name": "Mine"}, headers=alice.headers)
    client.patch("/v1/shoes/ghost", json={"name": "Old ghost"}, headers=alice.headers)

    again = revert(client, alice, changeset_id).json

    assert [(one["noun"], one["id"], one["title"]) for one in again["problems"]] == [
        ("runs", "mmf_1", "Mine"),
        ("shoes", "ghost", "Old ghost"),
    ]


def test_force_takes_back_what_was_changed_since_as_well(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2="Ghost")
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    client.patch("/v1/shoes/ghost", json={"notes": "Mine"}, headers=alice.headers)

    answer = revert(client, alice, changeset_id, "?force=true").json

    assert (answer["reverted"], answer["kept"], answer["problems"]) == (3, 0, [])
    assert present(client, alice) == set()
    versions = client.get("/v1/runs/mmf_1/history", headers=alice.headers).json["items"]
    assert [version["change_type"] for version in versions] == ["deletion", "edit", "original"]
    assert versions[0]["distance"] == 9


@pytest.mark.parametrize("query", ["", "?force=true"])
def test_a_shoe_that_another_run_wears_is_kept_even_by_force(client, alice, make_run, query):
    changeset_id = load(client, alice, _1="Ghost", _2="Ride")
    own = make_run(alice, shoe_id="ghost")

    answer = revert(client, alice, changeset_id, query).json

    assert (answer["reverted"], answer["kept"]) == (3, 1)
    assert answer["problems"] == [{**STAYING_SHOE, "fields": [], "detail": "Still in use"}]
    assert present(client, alice) == {own.id, "ghost"}


def test_a_shoe_that_was_there_before_the_import_stays(client, alice, make_shoe):
    make_shoe(alice, "Ghost")
    changeset_id = load(client, alice, _1="Ghost")

    answer = revert(client, alice, changeset_id).json

    assert (answer["reverted"], answer["kept"]) == (1, 0)
    assert present(client, alice) == {"ghost"}


def test_a_second_revert_answers_like_the_first_and_changes_nothing(client, alice, owner):
    changeset_id = load(client, alice, _1="Ghost", _2=None)
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    first = revert(client, alice, changeset_id)

    again = revert(client, alice, changeset_id)

    assert (again.status_code, again.json) == (200, first.json)
    assert owner.execute("SELECT max(version) FROM runs").fetchone() == (2,)
    assert len(client.get("/v1/changesets", headers=alice.headers).json["items"]) == 2
    forced = revert(client, alice, changeset_id, "?force=true").json
    assert revert(client, alice, changeset_id, "?force=true").json == forced


def test_force_reverts_again_what_the_first_revert_left_alone(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2=None)
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    revert(client, alice, changeset_id)

    answer = revert(client, alice, changeset_id, "?force=true").json

    assert (answer["reverted"], answer["kept"]) == (2, 0)
    assert present(client, alice) == set()
    assert read(client, alice, "runs", "mmf_2")["version"] == 2


def test_a_revert_of_a_revert_brings_everything_back_as_it_was(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2=None)
    before = {run_id: read(client, alice, "runs", run_id) for run_id in ("mmf_1", "mmf_2")}
    by_id = revert(client, alice, changeset_id).json["changeset_id"]

    answer = revert(client, alice, by_id).json

    assert (answer["reverted"], answer["kept"]) == (3, 0)
    assert present(client, alice) == {"mmf_1", "mmf_2", "ghost"}
    for run_id, old in before.items():
        run = read(client, alice, "runs", run_id)
        assert (run["version"], run["deleted_at"]) == (3, None)
        assert {field: run[field] for field in CONTENT} == {field: old[field] for field in CONTENT}


def test_a_reverted_merge_can_be_made_again_by_reverting_the_revert(client, alice, make_shoe, make_run):
    make_shoe(alice, "A")
    make_shoe(alice, "B")
    run = make_run(alice, shoe_id="a")
    merged = client.post("/v1/shoes/a/merge", json={"into": "b"}, headers=alice.headers).json["changeset_id"]

    undone = revert(client, alice, merged).json["changeset_id"]
    assert read(client, alice, "runs", run.id)["shoe_id"] == "a"
    revert(client, alice, undone)

    shoe = read(client, alice, "shoes", "a")
    assert read(client, alice, "runs", run.id)["shoe_id"] == "b"
    assert (shoe["merged_into"], shoe["deleted_at"] is None) == ("b", False)
    assert present(client, alice) == {run.id, "b"}


def test_imports_go_on_after_reverts_have_bent_merges_into_a_circle(client, alice, make_shoe):
    make_shoe(alice, "A")
    make_shoe(alice, "B")
    first = client.post("/v1/shoes/a/merge", json={"into": "b"}, headers=alice.headers).json["changeset_id"]
    undone = revert(client, alice, first).json["changeset_id"]
    client.post("/v1/shoes/b/merge", json={"into": "a"}, headers=alice.headers)
    revert(client, alice, undone)

    load(client, alice, _1="A", _2="B")

    assert {read(client, alice, "runs", f"mmf_{number}")["shoe_id"] for number in (1, 2)} <= {"a", "b"}


def test_reverts_at_once_are_one(app, client, alice, owner):
    changeset_id = load(client, alice, _1=None, _2=None)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: revert(app.test_client(), alice, changeset_id), range(4)))

    assert [answer.json for answer in answers] == [answers[0].json] * 4
    assert owner.execute("SELECT DISTINCT version FROM runs").fetchall() == [(2,)]


# Field by field


def test_a_field_edited_since_stays_and_the_others_of_the_run_go_back(client, alice):
    load(client, alice, _1=None)
    import_rows(client, alice, "1,4.2,Ghost")
    changeset_id = import_rows(client, alice, "1,5.3,Ride")
    client.patch("/v1/runs/mmf_1", json={"distance": 9, "name": "Mine"}, headers=alice.headers)

    rehearsed = revert(client, alice, changeset_id, "?dry_run=true").json
    answer = revert(client, alice, changeset_id).json

    assert rehearsed == {**answer, "changeset_id": None, "dry_run": True, "records": rehearsed["records"]}
    assert [(one["noun"], one["id"], one["what"]) for one in rehearsed["records"]["items"]] == [
        ("runs", "mmf_1", "updated"),
        ("shoes", "ride", "deleted"),
    ]
    detail = "Changed since then; now at version 4"
    assert answer["problems"] == [{**STAYING_RUN, "title": "Mine", "fields": ["distance"], "detail": detail}]
    run = read(client, alice, "runs", "mmf_1")
    assert (run["distance"], run["shoe_id"], run["name"], run["version"]) == (9, "ghost", "Mine", 5)


def test_an_older_changeset_is_reverted_by_the_same_rule_after_newer_ones(client, alice):
    load(client, alice, _1=None)
    older = import_rows(client, alice, "1,4.2,Ghost")
    import_rows(client, alice, "1,5.3,Ghost")

    answer = revert(client, alice, older).json

    assert [(one["id"], one["fields"]) for one in answer["problems"]] == [("mmf_1", ["distance"])]
    run = read(client, alice, "runs", "mmf_1")
    assert (run["distance"], run["shoe_id"]) == (5.3, None)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_imports_reverted_in_either_order_leave_nothing(client, alice, order):
    made = load(client, alice, _1="Ghost"), import_rows(client, alice, "1,4.2,Ride", "2,5,Ghost")

    first, second = (revert(client, alice, made[number]).json for number in order)

    assert present(client, alice) == set()
    if order == (0, 1):
        assert [(one["id"], one["detail"]) for one in first["problems"]] == [
            ("mmf_1", f"Changeset {made[1]} changed it too"),
            ("ghost", "Still in use"),
        ]
    assert second["problems"] == []


def test_a_merge_of_shoes_is_no_edit(client, alice, make_shoe):
    make_shoe(alice, "Other")
    changeset_id = load(client, alice, _1="Ghost")
    client.post("/v1/shoes/ghost/merge", json={"into": "other"}, headers=alice.headers)

    answer = revert(client, alice, changeset_id).json

    assert answer["problems"] == []
    assert present(client, alice) == {"other"}


def test_a_redo_clears_what_reverted_and_can_be_undone_again(client, alice):
    changeset_id = load(client, alice, _1=None)

    def reverted_by():
        return client.get(f"/v1/changesets/{changeset_id}", headers=alice.headers).json["reverted_by"]

    undone = revert(client, alice, changeset_id).json["changeset_id"]
    redone = revert(client, alice, undone).json["changeset_id"]
    assert (reverted_by(), present(client, alice)) == (None, {"mmf_1"})

    revert(client, alice, redone)
    assert (reverted_by(), present(client, alice)) == (undone, set())


def test_a_repeated_merge_of_shoes_answers_like_the_first(client, alice, make_shoe, make_run, owner):
    make_shoe(alice, "A")
    make_shoe(alice, "B")
    make_run(alice, shoe_id="a")
    first = client.post("/v1/shoes/a/merge", json={"into": "b"}, headers=alice.headers).json

    again = client.post("/v1/shoes/a/merge", json={"into": "b"}, headers=alice.headers)

    assert (again.status_code, again.json) == (200, first)
    assert owner.execute("SELECT count(*) FROM changesets").fetchone() == (1,)


def test_a_repeated_restore_answers_like_the_first(client, alice, make_run):
    run = make_run(alice, distance=5.0)
    client.patch(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)
    headers = {**alice.headers, "If-Match": '"2"'}

    first = client.post(f"/v1/runs/{run.id}/restore/1", headers=headers)
    again = client.post(f"/v1/runs/{run.id}/restore/1", headers=headers)

    assert (again.status_code, again.json, first.json["version"]) == (200, first.json, 3)


def test_changesets_are_listed_newest_first_page_by_page(client, alice, bob):
    loaded = [load(client, alice, **{f"_{number}": None}) for number in range(5)]
    load(client, bob, _1=None)

    pages, query = [], {"limit": 2}
    while True:
        page = client.get("/v1/changesets", query_string=query, headers=alice.headers).json
        pages.append([changeset["changeset_id"] for changeset in page["items"]])
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert pages == [loaded[:2:-1], loaded[2:0:-1], loaded[:1]]


@pytest.mark.parametrize("number", ["0", "99999999999999999999"])
def test_a_changeset_that_is_not_there_is_not_found(client, alice, number):
    answers = [
        client.get(f"/v1/changesets/{number}", headers=alice.headers),
        revert(client, alice, number),
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Changeset not found"})] * 2
