"""What a person makes of a planned workout, and what fulfils it, is in its history like all else."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

PLAN = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-01"}


@pytest.fixture
def call(client, alice):
    def send(method: str, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        answer = client.open(f"/v1{path}", method=method, headers=alice.headers, **kwargs)
        assert answer.status_code in {status, 201, 204}, (path, answer.json)
        return answer.json if answer.data else None

    return send


@pytest.fixture
def plan(call):
    """Plan a workout; return its path."""
    return lambda **values: f"/planned-workouts/{call('POST', '/planned-workouts', json={**PLAN, **values})['id']}"


@pytest.fixture
def select(call):
    """Change the selection of a planned workout by its path."""
    return lambda path, **changes: call("PUT", f"/selections/{path.rsplit('/', 1)[1]}", json=changes)


def changes_of(call, path):
    return [one["changes"] for one in call("GET", f"{path}/history")["items"][-2::-1]]


def now():
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def test_each_link_and_its_end_is_a_version(call, alice, make_run, plan):
    path, run = plan(), make_run(alice).id
    workout = call("POST", "/workouts", json={"workout_type": "CARDIO"})["workout_id"]

    for body in ({"run_id": run}, {"run_id": run}, {"workout_id": workout}):
        call("PUT", f"{path}/done", json=body)
    for _ in range(2):
        call("DELETE", f"{path}/done")

    assert changes_of(call, path) == [
        {"run_id": [None, run]},
        {"run_id": [run, None], "workout_id": [None, workout]},
        {"workout_id": [workout, None]},
    ]
    assert call("POST", f"{path}/restore/2")["done"] == {"run_id": run, "workout_id": None}


def test_blame_and_diff_have_each_field_of_the_selection(call, plan, select):
    path = plan()
    select(path, userNotes="With Grace", timeOfDay="morning")
    select(path, timeOfDay="noon")

    blame = call("GET", f"{path}/blame")["fields"]
    diff = call("GET", f"{path}/diff?from=1&to=3")["changes"]

    assert {name: blame[name]["version"] for name in ("title", "user_notes", "time_of_day")} == {
        "title": 1, "user_notes": 2, "time_of_day": 3,
    }  # fmt: skip
    assert diff == {"user_notes": [None, "With Grace"], "time_of_day": [None, "noon"]}


def test_the_feed_and_as_of_have_the_selection_and_the_link(call, alice, make_run, plan, select):
    path, run = plan(), make_run(alice).id
    cursor = call("GET", "/changes")["next_cursor"]
    select(path, userNotes="With Grace", isSelected=False)
    call("PUT", f"{path}/done", json={"run_id": run})
    then, instant = call("GET", path), now()
    select(path, userNotes="Alone", isSelected=True)
    call("DELETE", f"{path}/done")

    records = [one["record"] for one in call("GET", f"/changes?after={cursor}")["items"]]
    assert [(one["user_notes"], one["is_selected"], one["run_id"]) for one in records] == [
        ("With Grace", False, None), ("With Grace", False, run), ("Alone", True, run), ("Alone", True, None),
    ]  # fmt: skip
    assert call("GET", f"{path}?as_of={instant}") == then
    assert call("GET", f"/planned-workouts?selected=false&as_of={instant}")["items"] == [then]
    week = call("GET", f"/plan/adherence?start=2026-03-01&end=2026-03-01&as_of={instant}")["weeks"][0]
    assert week["planned"] == 0


def test_a_rewind_brings_the_selection_and_the_link_back(call, alice, make_run, plan, select):
    path, run = plan(), make_run(alice).id
    select(path, userNotes="With Grace")
    call("PUT", f"{path}/done", json={"run_id": run})
    then = call("GET", path)
    instant = call("POST", "/bookmarks", json={"name": "Then"})["instant"]
    select(path, userNotes=None, currentPlanDay="2026-03-05")
    call("DELETE", f"{path}/done")

    rewound = call("POST", "/users/me/rewind", json={"to": instant})

    found = call("GET", path)
    assert (found["selection"], found["done"]) == (then["selection"], then["done"])
    call("POST", f"/changesets/{rewound['changeset_id']}/revert")
    assert call("GET", path)["done"] is None


def test_an_imported_one_with_a_selection_stays_when_the_import_is_reverted(call, select):
    text = "Title,WorkoutType,WorkoutDay\nTempo,Run,2026-03-01\nLong,Run,2026-03-02\n"
    data = {"file": (io.BytesIO(text.encode()), "plan.csv")}
    report = call("POST", "/planned-workouts/import", data=data)
    tempo, _ = call("GET", "/planned-workouts")["items"]
    select(f"/planned-workouts/{tempo['id']}", userNotes="With Grace")

    reverted = call("POST", f"/changesets/{report['changeset_id']}/revert")

    assert [(one["id"], one["fields"]) for one in reverted["problems"]] == [(str(tempo["id"]), ["user_notes"])]
    assert [one["id"] for one in call("GET", "/planned-workouts")["items"]] == [tempo["id"]]


def test_a_bulk_edit_changes_selections_and_a_revert_takes_that_back(call, plan, select):
    moved, other = plan(), plan(title="Long")
    select(moved, timeOfDay="morning")
    before = [call("GET", path)["selection"] for path in (moved, other)]

    report = call(
        "POST", "/planned-workouts/bulk", json={"filters": {}, "changes": {"is_selected": False, "user_notes": "Ill"}}
    )

    selections = [call("GET", path)["selection"] for path in (moved, other)]
    assert [(one["isSelected"], one["timeOfDay"], one["userNotes"]) for one in selections] == [(False, None, "Ill")] * 2
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    assert [call("GET", path)["selection"] for path in (moved, other)] == before


# A run fulfils one planned workout


@pytest.fixture
def relinked(call, alice, make_run, plan):
    """Return the paths of two planned workouts; a run fulfilled the first one, in version 2, and fulfils the second."""
    first, second, run = plan(), plan(title="Long"), make_run(alice).id
    call("PUT", f"{first}/done", json={"run_id": run})
    instant = now()
    call("DELETE", f"{first}/done")
    call("PUT", f"{second}/done", json={"run_id": run})
    return first, second, instant


def test_a_version_whose_run_fulfils_another_one_by_now_is_not_restored(call, relinked):
    first, second, _ = relinked
    before = call("GET", first)

    refused = call("POST", f"{first}/restore/2", status=409)

    assert refused == {"detail": "This run fulfils another planned workout"}
    assert call("GET", first) == before
    call("DELETE", f"{second}/done")
    assert call("POST", f"{first}/restore/2")["done"] is not None


def test_a_rewind_lets_links_change_places(call, relinked):
    first, second, instant = relinked

    undone = call("POST", "/users/me/rewind", json={"to": instant})

    assert (call("GET", first)["done"] is None, call("GET", second)["done"]) == (False, None)
    assert undone["problems"] == []
    call("POST", f"/changesets/{undone['changeset_id']}/revert")
    assert (call("GET", first)["done"], call("GET", second)["done"] is None) == (None, False)


def test_a_revert_leaves_a_run_where_it_is_by_now(call, alice, make_run, plan):
    first, second, run = plan(), plan(title="Long"), make_run(alice).id
    call("PUT", f"{first}/done", json={"run_id": run})
    deleted = call("POST", "/planned-workouts/bulk", json={"ids": [int(first.rsplit("/", 1)[1])], "delete": True})
    call("PUT", f"{second}/done", json={"run_id": run})

    reverted = call("POST", f"/changesets/{deleted['changeset_id']}/revert")

    assert [(one["fields"], one["detail"]) for one in reverted["problems"]] == [
        (["run_id"], "This run fulfils another planned workout")
    ]
    assert (call("GET", first)["done"], call("GET", second)["done"]["run_id"]) == (None, run)


def test_of_two_links_of_one_run_at_once_one_is_refused(app, alice, make_run, plan):
    for number in range(10):
        paths, run = [plan(), plan()], make_run(alice, id=f"manual_{number}").id

        def link(path: str, run: str = run) -> int:
            client = app.test_client()
            return client.put(f"/v1{path}/done", json={"run_id": run}, headers=alice.headers).status_code

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(link, paths)) == [200, 409]
