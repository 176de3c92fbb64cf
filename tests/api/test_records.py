"""The records of a changeset, and those that a dry run of an import or a revert would change."""

import io

import pytest

from fitness.db.connection import transaction
from fitness.db.history import versions
from fitness.db.history.versions import Change
from fitness.db.runs import RUNS
from tests.api.test_changesets import load, revert
from tests.samples import DATA


def records(client, person, changeset_id, **query):
    return client.get(f"/v1/changesets/{changeset_id}/records", query_string=query, headers=person.headers)


def items(client, person, changeset_id, **query):
    """Return all records, from all pages."""
    found, cursor = [], {}
    while True:
        response = records(client, person, changeset_id, **query, **cursor)
        assert response.status_code == 200, response.json
        found += response.json["items"]
        if response.json["next_cursor"] is None:
            return found
        cursor = {"cursor": response.json["next_cursor"]}


def happened(found):
    return [(one["noun"], one["id"], one["what"]) for one in found]


def upload(client, person, path, sample, query="", **form):
    file = (io.BytesIO((DATA / sample).read_bytes()), sample)
    response = client.post(f"/v1/{path}{query}", data={"file": file, **form}, headers=person.headers)
    assert response.status_code == 200, response.json
    return response.json


def test_an_import_lists_what_it_created(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2=None)

    first, second, shoe = items(client, alice, changeset_id)

    original = client.get("/v1/runs/mmf_1/history/1", headers=alice.headers).json
    assert first["changes"]["distance"] == [None, 3.1]
    assert first == {
        "noun": "runs",
        "id": "mmf_1",
        "title": "Outdoor Run",
        "occurred_at": "2025-05-06T12:00:00Z",
        "what": "created",
        "changes": original["changes"],
        "edited_since": False,
    }
    assert happened([second, shoe]) == [("runs", "mmf_2", "created"), ("shoes", "ghost", "created")]
    assert (shoe["title"], shoe["occurred_at"]) == ("Ghost", None)


def test_a_revert_lists_what_it_deleted_and_a_redo_what_it_restored(client, alice):
    changeset_id = load(client, alice, _1=None)
    undone = revert(client, alice, changeset_id).json["changeset_id"]
    redone = revert(client, alice, undone).json["changeset_id"]

    (deleted,), (restored,) = items(client, alice, undone), items(client, alice, redone)

    assert (deleted["what"], restored["what"]) == ("deleted", "restored")
    (when,) = {deleted["changes"]["deleted_at"][1], restored["changes"]["deleted_at"][0]}
    assert (deleted["changes"], restored["changes"]) == ({"deleted_at": [None, when]}, {"deleted_at": [when, None]})


def test_a_later_edit_by_a_person_is_named_and_one_by_an_import_or_revert_is_not(client, alice, make_shoe):
    changeset_id = load(client, alice, _1="Ghost", _2="Ghost", _3="Ghost")
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)
    make_shoe(alice, "Ride")
    client.post("/v1/shoes/ghost/merge", json={"into": "ride"}, headers=alice.headers)

    edited = {one["id"]: one["edited_since"] for one in items(client, alice, changeset_id)}

    assert edited == {"mmf_1": True, "mmf_2": False, "mmf_3": False, "ghost": False}


def test_the_changes_are_those_of_the_changeset_alone(client, alice, make_run):
    """A sync writes two pages, and between them the person edits."""
    run = make_run(alice, distance=1.0, notes="Windy")

    def change(author, changeset_id=None, **updates):
        with transaction(alice.user_id):
            versions.edit(RUNS, run.id, updates, Change(author, changeset_id=changeset_id))

    changeset_id = load(client, alice, _1=None)
    change("Strava", changeset_id, distance=2.0)
    change("alice", notes="Calm")
    change("Strava", changeset_id, distance=3.0, duration=60.0)

    (record,) = [one for one in items(client, alice, changeset_id) if one["id"] == run.id]

    assert record["changes"] == {"distance": [1.0, 3.0], "duration": [2400.0, 60.0]}
    assert (record["what"], record["edited_since"]) == ("updated", False)


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_have_every_record_once(client, alice, limit):
    changeset_id = load(client, alice, _1="Ghost", _2="Ride", _3=None)

    found = items(client, alice, changeset_id, limit=limit)

    assert [one["id"] for one in found] == ["mmf_1", "mmf_2", "mmf_3", "ghost", "ride"]


def test_records_are_filtered_by_noun_and_by_what_happened(client, alice):
    load(client, alice, _1="Ghost")
    changeset_id = load(client, alice, _1="Ride", _2="Ride")

    def ids(**query):
        return [one["id"] for one in items(client, alice, changeset_id, **query)]

    assert ids(what="updated") == ["mmf_1"]
    assert ids(what="created") == ["mmf_2", "ride"]
    assert ids(noun="shoes", limit=1) == ["ride"]
    assert ids(noun="runs", what="deleted") == []
    assert records(client, alice, changeset_id, noun="songs").status_code == 422
    assert records(client, alice, changeset_id, what="seen").status_code == 422


def test_a_cursor_of_another_changeset_is_refused(client, alice):
    first, second = load(client, alice, _1=None, _2=None), load(client, alice, _3=None)
    cursor = records(client, alice, first, limit=1).json["next_cursor"]

    assert records(client, alice, second, cursor=cursor).status_code == 422
    assert records(client, alice, first, cursor=cursor, noun="runs").status_code == 422


def test_the_records_of_workouts_name_their_exercises(client, alice):
    report = upload(client, alice, "hevy/upload-csv", "hevy_export.csv", timezone="Europe/Berlin")

    found = items(client, alice, report["changeset_id"], limit=2)

    workouts = [one for one in found if one["noun"] == "workouts"]
    assert len(workouts) == report["created"]
    assert {one["noun"] for one in found} == {"workouts", "exercises"}
    for one in workouts:
        stored = client.get(f"/v1/workouts/{one['id']}", headers=alice.headers).json
        assert (one["title"], one["occurred_at"]) == (stored["title"], stored["start_ts"])
        assert [change["exercise_name"] for change in one["changes"]["exercise_executions"]] == [
            execution["exercise_name"] for execution in stored["exercise_executions"]
        ]


def test_a_page_takes_one_statement_more_for_many_records_than_for_one(client, alice, statements):
    one = load(client, alice, _1=None)
    many = load(client, alice, **{f"_{number}": None for number in range(2, 40)})

    def count(changeset_id):
        statements.clear()
        records(client, alice, changeset_id)
        return len(statements)

    # The size of the first ones tells how many others have room in the page.
    assert count(many) == count(one) + 1


IMPORTS = {
    "runs": ("mmf/upload-csv", "mapmyfitness.csv"),
    "workouts": ("hevy/upload-csv", "hevy_export.csv"),
    "a plan": ("planned-workouts/import", "trainingpeaks_plan.csv"),
    "any file": ("imports", "strava_export_2023.csv"),
}


@pytest.mark.parametrize(("path", "sample"), IMPORTS.values(), ids=IMPORTS)
def test_a_dry_run_lists_page_by_page_what_the_import_then_does(client, alice, path, sample):
    whole = upload(client, alice, path, sample, "?dry_run=true&limit=500", timezone="Europe/Berlin")["records"]
    paged, query = [], "?dry_run=true&limit=3"
    while True:
        page = upload(client, alice, path, sample, query, timezone="Europe/Berlin")["records"]
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        query = f"?dry_run=true&limit=3&cursor={page['next_cursor']}"

    report = upload(client, alice, path, sample, timezone="Europe/Berlin")

    def shown(found):
        """Leave out the ids of exercises, sets and planned workouts, which are new each time."""
        return [(one["noun"], one["title"], one["occurred_at"], one["what"]) for one in found]

    done = items(client, alice, report["changeset_id"], limit=500)
    assert whole["next_cursor"] is None
    assert shown(paged) == shown(whole["items"])
    assert sorted(map(str, shown(whole["items"]))) == sorted(map(str, shown(done)))
    assert report["records"] is None


def test_a_dry_run_shows_what_a_changed_file_updates_and_changes_nothing(client, alice):
    load(client, alice, _1="Ghost")
    row = 'Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link\n"May 6, 2025",Run,4,1500,'
    file = (io.BytesIO(f"{row},http://x.example/workout/1".encode()), "history.csv")

    report = client.post("/v1/mmf/upload-csv?dry_run=true", data={"file": file}, headers=alice.headers).json

    (record,) = report["records"]["items"]
    assert (record["id"], record["what"]) == ("mmf_1", "updated")
    assert record["changes"]["distance"] == [3.1, 4.0]
    assert client.get("/v1/runs/mmf_1", headers=alice.headers).json["version"] == 1


def test_a_cursor_is_only_for_dry_runs(client, alice):
    for path in ("/v1/mmf/upload-csv", "/v1/imports"):
        file = (io.BytesIO((DATA / "mapmyfitness.csv").read_bytes()), "history.csv")
        response = client.post(f"{path}?cursor=x", data={"file": file}, headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, ["cursor"])


def test_a_dry_run_of_a_revert_lists_what_it_would_take_back_and_changes_nothing(client, alice):
    changeset_id = load(client, alice, _1="Ghost", _2="Ghost", _3=None)
    client.patch("/v1/runs/mmf_1", json={"distance": 9}, headers=alice.headers)

    tried, paged, cursor = {}, [], ""
    while cursor is not None:
        tried = revert(client, alice, changeset_id, f"?dry_run=true&limit=1{cursor}").json
        paged += tried["records"]["items"]
        following = tried["records"]["next_cursor"]
        cursor = following and f"&cursor={following}"

    assert (tried["dry_run"], tried["changeset_id"], tried["kept"]) == (True, None, 2)
    assert happened(paged) == [("runs", "mmf_2", "deleted"), ("runs", "mmf_3", "deleted")]
    assert client.get("/v1/runs/mmf_2", headers=alice.headers).json["version"] == 1
    assert len(client.get("/v1/changesets", headers=alice.headers).json["items"]) == 1
    done = revert(client, alice, changeset_id).json
    assert (done["dry_run"], done["records"], done["reverted"]) == (False, None, tried["reverted"])
