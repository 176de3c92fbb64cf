"""Many records changed or deleted at once, as one changeset."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from fitness.db.history import bulk as bulk_edits
from tests.training import at_random

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
PLAN = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
COUNTED = ("version", "live_edits", "last_edited_at", "last_edited_by", "created_at", "updated_at")


@pytest.fixture
def call(client, alice):
    def send(method: str, path: str, person: Any = alice, **kwargs: Any) -> Any:
        answer = client.open(f"/v1{path}", method=method, headers=person.headers, **kwargs)
        assert answer.status_code < 300, answer.json
        return answer.json if answer.data else None

    return send


@pytest.fixture
def edit(call):
    """Send a bulk edit of a noun."""
    return lambda noun, **body: call("POST", f"/{noun}/bulk", json=body)


@pytest.fixture
def listed(call):
    """Return {id: record} of a noun, deleted ones too, without what counts writes."""

    def read(noun: str, query: str = "?include_deleted=true") -> dict[Any, dict[str, Any]]:
        items = call("GET", f"/{noun}{query}")["items"]
        return {one["id"]: {name: one[name] for name in one if name not in COUNTED} for one in items}

    return read


def squats(**fields: Any) -> dict[str, Any]:
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    return {"workout_type": "STRENGTH", "start_ts": "2026-02-16T15:00:00Z", "strength_sets": sets, **fields}


# What it does


def test_the_records_with_the_ids_change_as_one_changeset_that_says_who_and_why(call, edit, alice, make_run):
    first, second, other = (make_run(alice, name=name).id for name in ("A", "B", "C"))

    report = edit("runs", ids=[first, second, "absent", first], changes={"name": "Race"}, change_reason="Same event")

    assert report == {
        "changeset_id": report["changeset_id"], "dry_run": False, "matched": 2, "changed": 2, "not_found": ["absent"],
        "records": None,
    }  # fmt: skip
    runs = {run["id"]: (run["name"], run["version"], run["last_edited_by"]) for run in call("GET", "/runs")["items"]}
    assert runs == {first: ("Race", 2, "alice"), second: ("Race", 2, "alice"), other: ("C", 1, None)}
    version = call("GET", f"/runs/{first}/history")["items"][0]
    assert (version["changed_by"], version["change_reason"], version["changeset_id"], version["changes"]) == (
        "alice", "Same event", report["changeset_id"], {"name": ["A", "Race"]},
    )  # fmt: skip
    changeset = call("GET", f"/changesets/{report['changeset_id']}")
    assert (changeset["kind"], changeset["actor"], changeset["reason"], changeset["counts"]) == (
        "bulk_edit", "alice", "Same event", {"updated": 2},
    )  # fmt: skip


FILTERS = [
    ("runs", {"q": "windy"}),
    ("runs", {"without_shoe": True, "start": "2025-11-03", "end": "2025-11-03", "time_zone": "Pacific/Kiritimati"}),
    ("runs", {"shoe_id": "ghost"}),
    ("runs", {"sync_status": "none", "type": "Outdoor Run", "source": "Manual", "include_duplicates": False}),
    ("runs", {}),
    ("shoes", {"retired": False, "q": "gh"}),
    ("shoes", {}),
    ("workouts", {"q": "squat", "finished": True}),
    ("workouts", {"workout_type": "REPS"}),
    ("workouts", {"sync_status": "none", "start": "2026-02-16"}),
    ("workouts", {}),
    ("planned-workouts", {"workout_type": "run", "start": "2026-03-02", "selected": True}),
    ("planned-workouts", {"q": "easy"}),
    ("planned-workouts", {}),
]
CHANGES = {
    "runs": {"notes": "New"},
    "shoes": {"notes": "New"},
    "workouts": {"notes": "New"},
    "planned-workouts": {"description": "New"},
}


@pytest.fixture
def log(call, alice, make_run, make_shoe):
    """Some of each noun."""
    make_shoe(alice, "Ghost")
    make_shoe(alice, "Ride", notes="Gh")
    call("PATCH", "/shoes/ride", json={"retired_at": "2025-12-01"})
    make_run(alice, shoe_id="ghost", name="Windy")
    make_run(alice, notes="So WINDY", datetime_utc="2025-11-02T23:30:00Z")
    make_run(alice, type="Treadmill Run")
    call("DELETE", f"/runs/{make_run(alice, name='windy').id}")
    reps = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}
    for body in (squats(), squats(in_progress=True), {"workout_type": "REPS", "rep_session": reps}):
        call("POST", "/workouts", json=body)
    for day, title in (("2026-03-01", "Tempo"), ("2026-03-02", "Easy"), ("2026-03-03", "Long")):
        call("POST", "/planned-workouts", json={**PLAN, "originally_planned_day": day, "title": title})


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(("noun", "filters"), FILTERS, ids=str)
def test_filters_select_what_the_list_has_with_them(call, edit, listed, noun, filters):
    before = listed(noun)
    in_list = {one["id"] for one in call("GET", f"/{noun}", query_string=filters)["items"]}
    assert in_list

    report = edit(noun, filters=filters, changes=CHANGES[noun])

    after = listed(noun)
    assert (report["matched"], report["changed"], report["not_found"]) == (len(in_list), len(in_list), [])
    assert {id: after[id] for id in in_list} == {id: {**before[id], **CHANGES[noun]} for id in in_list}
    assert {id: after[id] for id in after.keys() - in_list} == {id: before[id] for id in after.keys() - in_list}


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("noun", CHANGES)
def test_a_revert_brings_back_what_a_bulk_edit_and_a_bulk_delete_changed(call, edit, listed, noun):
    before = listed(noun)

    changed = edit(noun, filters={}, changes=CHANGES[noun])
    deleted = edit(noun, filters={}, delete=True)

    assert all(one["deleted_at"] for one in listed(noun).values())
    assert (deleted["changed"], call("GET", f"/changesets/{deleted['changeset_id']}")["counts"]) == (
        changed["changed"], {"deleted": changed["changed"]},
    )  # fmt: skip
    for report in (deleted, changed):
        reverted = call("POST", f"/changesets/{report['changeset_id']}/revert")
        assert (reverted["reverted"], reverted["kept"]) == (report["changed"], 0)
    assert listed(noun) == before


def test_what_was_edited_after_a_bulk_edit_stays_when_it_is_reverted(call, edit, alice, make_run):
    edited, untouched = make_run(alice, notes="Old").id, make_run(alice, notes="Old").id
    changeset_id = edit("runs", filters={}, changes={"notes": "New", "name": "Race"})["changeset_id"]
    call("PATCH", f"/runs/{edited}", json={"notes": "Mine"})

    reverted = call("POST", f"/changesets/{changeset_id}/revert")

    assert [(one["id"], one["fields"]) for one in reverted["problems"]] == [(edited, ["notes"])]
    runs = {run["id"]: (run["notes"], run["name"]) for run in call("GET", "/runs")["items"]}
    assert runs == {edited: ("Mine", None), untouched: ("Old", None)}


@pytest.mark.parametrize("body", [{"filters": {"q": "nothing"}}, {"ids": ["absent"]}])
@pytest.mark.parametrize("what", [{"changes": {"notes": "New"}}, {"delete": True}])
@pytest.mark.parametrize("dry_run", [True, False])
def test_where_nothing_matches_nothing_is_stored(call, edit, alice, make_run, body, what, dry_run):
    run = make_run(alice)

    report = edit("runs", **body, **what, dry_run=dry_run)

    assert report == {
        "changeset_id": None, "dry_run": dry_run, "matched": 0, "changed": 0, "not_found": body.get("ids", []),
        "records": {"items": [], "next_cursor": None} if dry_run else None,
    }  # fmt: skip
    assert call("GET", "/changesets")["items"] == []
    assert call("GET", f"/runs/{run.id}")["version"] == 1


def test_a_record_that_has_the_values_already_gets_no_version(call, edit, alice, make_run):
    has_them, has_one = make_run(alice, name="A", notes="N").id, make_run(alice, name="A").id
    changes = {"name": "A", "notes": "N"}

    first, again = edit("runs", filters={}, changes=changes), edit("runs", filters={}, changes=changes)

    assert (first["matched"], first["changed"]) == (2, 1)
    assert (again["changeset_id"], again["matched"], again["changed"]) == (None, 2, 0)
    versions = {run["id"]: run["version"] for run in call("GET", "/runs")["items"]}
    assert versions == {has_them: 1, has_one: 2}


def test_a_dry_run_stores_nothing_and_lists_what_the_edit_then_does(call, edit, listed, alice, make_run):
    for number in range(5):
        make_run(alice, name=f"Run {number}", notes="New" if number == 3 else None)
    before = listed("runs")
    body = {"filters": {}, "changes": {"notes": "New"}}

    pages = [edit("runs", **body, dry_run=True, limit=3)]
    pages.append(edit("runs", **body, dry_run=True, limit=3, cursor=pages[0]["records"]["next_cursor"]))
    assert listed("runs") == before
    assert call("GET", "/changesets")["items"] == []
    done = edit("runs", **body)

    assert [{**page, "records": None} for page in pages] == [{**done, "changeset_id": None, "dry_run": True}] * 2
    rehearsed = [record for page in pages for record in page["records"]["items"]]
    assert rehearsed == call("GET", f"/changesets/{done['changeset_id']}/records")["items"]
    assert (len(rehearsed), pages[1]["records"]["next_cursor"]) == (4, None)
    assert rehearsed[0]["changes"] == {"notes": [None, "New"]}


# What it has in common with single edits


def test_deleted_records_are_never_selected(call, edit, alice, make_run):
    deleted = make_run(alice, name="Old").id
    call("DELETE", f"/runs/{deleted}")

    by_id = edit("runs", ids=[deleted], changes={"name": "New"})
    by_filter = edit("runs", filters={"only_deleted": True}, delete=True)

    assert (by_id["matched"], by_id["not_found"], by_filter["matched"]) == (0, [deleted], 0)
    assert call("GET", f"/runs/{deleted}?include_deleted=true")["version"] == 2


@pytest.fixture
def disputed(owner, alice, make_run):
    """Return the ids of runs of which the provider has other notes than the person, and another name of the second."""
    ids = [make_run(alice, id=f"mmf_{number}", notes="Mine", source="MapMyFitness").id for number in range(2)]
    for run_id, conflicts in zip(ids, ('{"notes": "Theirs"}', '{"notes": "Theirs", "name": "Theirs"}'), strict=True):
        owner.execute("UPDATE runs SET conflicts = %s WHERE id = %s", [conflicts, run_id])
    return ids


def test_conflicts_of_changed_fields_are_decided_until_a_revert(call, edit, disputed):
    conflicts = call("GET", "/conflicts")["items"]

    report = edit("runs", filters={}, changes={"notes": "Both"})

    assert report["changed"] == 2
    assert [(one["id"], one["field"]) for one in call("GET", "/conflicts")["items"]] == [(disputed[1], "name")]
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    fields = ("id", "field", "yours", "theirs")
    now = call("GET", "/conflicts")["items"]
    assert [[one[name] for name in fields] for one in now] == [[one[name] for name in fields] for one in conflicts]


def test_a_conflict_is_decided_for_the_value_that_is_there_without_a_version(call, edit, disputed):
    report = edit("runs", filters={}, changes={"notes": "Mine"})

    assert (report["matched"], report["changed"]) == (2, 0)
    assert [one["field"] for one in call("GET", "/conflicts")["items"]] == ["name"]
    assert {run["version"] for run in call("GET", "/runs")["items"]} == {1}
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    assert len(call("GET", "/conflicts")["items"]) == 3


def test_a_workout_in_progress_gets_a_version_of_its_own(call, edit):
    workout_id = call("POST", "/workouts", json=squats(in_progress=True))["workout_id"]
    call("PATCH", f"/workouts/{workout_id}", json={"title": "Live"})

    edit("workouts", ids=[workout_id], changes={"notes": "New"})

    call("PATCH", f"/workouts/{workout_id}", json={"title": "Later"})
    newest, by_bulk, live, _ = call("GET", f"/workouts/{workout_id}/history")["items"]
    assert (live["title"], live["notes"]) == ("Live", None)
    assert (by_bulk["title"], by_bulk["notes"], len(by_bulk["exercise_executions"])) == ("Live", "New", 1)
    assert newest["title"] == "Later"


def test_shoes_that_are_taken_back_into_use_lose_their_retirement_notes(call, edit, alice, make_shoe):
    for name in ("Ghost", "Ride"):
        make_shoe(alice, name)
    edit("shoes", ids=["ghost", "ride"], changes={"retired_at": "2025-12-01", "retirement_notes": "Worn out"})

    edit("shoes", filters={"retired": True}, changes={"retired_at": None})

    shoes = call("GET", "/shoes")["items"]
    assert [(shoe["retired_at"], shoe["retirement_notes"]) for shoe in shoes] == [(None, None)] * 2


@pytest.mark.parametrize("shoe_id", ["deleted", "absent"])
def test_a_shoe_that_is_deleted_or_absent_is_refused_and_no_run_changes(
    client, call, alice, make_run, make_shoe, shoe_id
):
    run = make_run(alice)
    make_shoe(alice, "Deleted")
    call("DELETE", "/shoes/deleted")

    refused = client.post("/v1/runs/bulk", json={"filters": {}, "changes": {"shoe_id": shoe_id}}, headers=alice.headers)

    assert (refused.status_code, refused.json["errors"]) == (422, {"shoe_id": ["Shoe not found"]})
    assert call("GET", f"/runs/{run.id}")["version"] == 1


VALUES = {
    "type": ["Outdoor Run", "Treadmill Run"],
    "shoe_id": [None, "ghost", "ride"],
    "name": [None, "A"],
    "notes": [None, "N"],
    "avg_heart_rate": [None, 150.5],
}
RUNS = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in VALUES.items()}
    | {"conflicts": st.sets(st.sampled_from(["name", "notes"]))}
)
SOME = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})


@at_random
@given(runs=st.lists(RUNS, min_size=1, max_size=6), changes=SOME.filter(bool), chosen=st.sets(st.integers(0, 7)))
def test_a_bulk_edit_is_one_edit_after_the_other(client, owner, alice, bob, make_run, make_shoe, runs, changes, chosen):
    """Bob edits them one by one; but those that have the values already get no version in bulk."""
    for person in (alice, bob):
        owner.execute("DELETE FROM runs WHERE user_id = %s", [person.user_id])
        if not owner.execute("SELECT FROM shoes WHERE user_id = %s", [person.user_id]).fetchall():
            make_shoe(person, "Ghost")
            make_shoe(person, "Ride")
        for number, run in enumerate(runs):
            values = {name: run[name] for name in VALUES}
            make_run(person, id=f"manual_{number}", **values)
            conflicts = dict.fromkeys(sorted(run["conflicts"]), "Theirs")
            if conflicts:
                owner.execute(
                    "UPDATE runs SET conflicts = %s WHERE user_id = %s AND id = %s",
                    [Jsonb(conflicts), person.user_id, f"manual_{number}"],
                )
    ids = [f"manual_{number}" for number in chosen] or ["manual_9"]
    differing = {
        f"manual_{number}" for number, run in enumerate(runs) if any(run[name] != changes[name] for name in changes)
    } & set(ids)

    report = client.post("/v1/runs/bulk", json={"ids": ids, "changes": changes}, headers=alice.headers).json
    patched = {id for id in ids if client.patch(f"/v1/runs/{id}", json=changes, headers=bob.headers).status_code == 200}

    in_bulk, one_by_one = (
        {run["id"]: run for run in client.get("/v1/runs", headers=person.headers).json["items"]}
        for person in (alice, bob)
    )
    assert {id: content(run) for id, run in in_bulk.items()} == {id: content(run) for id, run in one_by_one.items()}
    assert {id for id, run in in_bulk.items() if run["version"] == 2} == differing
    assert (report["matched"], report["changed"]) == (len(patched), len(differing))
    assert set(report["not_found"]) == set(ids) - patched
    for id in differing:
        of_both = [
            client.get(f"/v1/runs/{id}/history/2", headers=person.headers).json["changes"] for person in (alice, bob)
        ]
        assert of_both[0] == of_both[1]


def content(run: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in run.items() if name not in COUNTED}


# Many, and at once


def test_ten_thousand_runs_of_a_filter_change_and_go_back(call, edit, owner, alice):
    owner.execute(
        """
        INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
        SELECT %s, 'manual_' || n, now(), 'Outdoor Run', 5, 2400, 'Manual' FROM generate_series(1, 10000) AS n
        """,
        [alice.user_id],
    )
    owner.execute(
        """
        INSERT INTO runs_history (
            user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source
        )
        SELECT user_id, id, 1, 'original', datetime_utc, type, distance, duration, source FROM runs
        """
    )

    report = edit("runs", filters={"type": "Outdoor Run"}, changes={"type": "Treadmill Run"})

    assert (report["matched"], report["changed"]) == (10_000, 10_000)
    types = "SELECT type, version, count(*) FROM runs GROUP BY type, version"
    assert owner.execute(types).fetchall() == [("Treadmill Run", 2, 10_000)]
    stored = "SELECT count(*), count(DISTINCT run_id) FROM runs_history WHERE changeset_id = %s AND version_number = 2"
    assert owner.execute(stored, [report["changeset_id"]]).fetchone() == (10_000, 10_000)
    assert call("POST", f"/changesets/{report['changeset_id']}/revert")["reverted"] == 10_000
    assert owner.execute(types).fetchall() == [("Outdoor Run", 3, 10_000)]


def test_the_number_of_statements_does_not_grow_with_the_records(edit, alice, make_run, statements):
    def statements_for(runs: int) -> int:
        ids = [make_run(alice).id for _ in range(runs)]
        statements.clear()
        edit("runs", ids=ids, changes={"name": "New"})
        return len(statements)

    assert statements_for(1) == statements_for(30)


def test_filters_that_match_too_many_are_refused(client, call, alice, make_run, monkeypatch):
    ids = [make_run(alice).id for _ in range(3)]
    monkeypatch.setattr(bulk_edits, "MOST_MATCHED", 2)

    refused = client.post("/v1/runs/bulk", json={"filters": {}, "delete": True}, headers=alice.headers)

    why = "These filters match more than 2 records; use narrower ones"
    assert (refused.status_code, refused.json["errors"]) == (422, {"filters": [why]})
    assert {run["id"] for run in call("GET", "/runs")["items"]} == set(ids)
    assert call("GET", "/changesets")["items"] == []


def test_the_same_edit_twice_at_once_makes_one_version_of_each(app, alice, call, make_run):
    ids = [make_run(alice).id for _ in range(40)]

    def send(order: int) -> Any:
        body = {"ids": ids[::order], "changes": {"name": "New"}}
        return app.test_client().post("/v1/runs/bulk", json=body, headers=alice.headers)

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(send, (1, -1, 1, -1)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert sorted(answer.json["changed"] for answer in answers) in ([0, 0, 0, 40], [0] * 4)

    assert {run["version"] for run in call("GET", "/runs")["items"]} == {2}


def test_a_request_with_an_idempotency_key_is_done_once(client, alice, make_run):
    make_run(alice)
    body = {"filters": {}, "changes": {"name": "New"}}
    headers = {**alice.headers, "Idempotency-Key": "once"}

    first, again = (client.post("/v1/runs/bulk", json=body, headers=headers) for _ in range(2))

    assert (again.status_code, again.json) == (200, first.json)
    assert first.json["changed"] == 1


# Other people, and what is refused


def test_a_strangers_ids_are_answered_like_absent_ones(client, alice, bob, call, make_run, make_shoe):
    run_id, shoe_id = make_run(alice).id, make_shoe(alice).id
    workout_id = call("POST", "/workouts", json=squats())["workout_id"]
    planned_id = call("POST", "/planned-workouts", json=PLAN)["id"]
    absent = "00000000-0000-4000-8000-000000000000"
    before = [call("GET", f"/{noun}")["items"] for noun in CHANGES]

    for noun, of_alice, of_nobody in (
        ("runs", run_id, "absent"),
        ("shoes", shoe_id, "absent"),
        ("workouts", workout_id, absent),
        ("planned-workouts", planned_id, 987654321),
    ):
        for what in ({"changes": CHANGES[noun]}, {"delete": True}):
            answer = client.post(f"/v1/{noun}/bulk", json={"ids": [of_alice, of_nobody], **what}, headers=bob.headers)
            assert (answer.status_code, answer.json["matched"]) == (200, 0)
            assert answer.json["not_found"] == [of_alice, of_nobody]
            everything = client.post(f"/v1/{noun}/bulk", json={"filters": {}, **what}, headers=bob.headers)
            assert everything.json["matched"] == 0

    assert [call("GET", f"/{noun}")["items"] for noun in CHANGES] == before


GOOD = {"filters": {}, "changes": {"notes": "New"}}
ABSENT = {"ids": ..., "filters": ..., "changes": ...}
REFUSED = [
    ({"ids": ["a"]}, {"filters": ["Send either ids or filters"]}),
    ({"filters": ...}, {"filters": ["Send either ids or filters"]}),
    ({"changes": ...}, {"changes": ["Send either changes or delete"]}),
    ({"delete": True}, {"changes": ["Send either changes or delete"]}),
    ({"changes": {}}, {"changes": ["Send at least one field to change"]}),
    ({"delete": "yes", "changes": ...}, {"delete": ["Not a valid boolean."]}),
    ({"changes": {"distance": 5}}, {"changes": {"distance": ["Unknown field."]}}),
    ({"changes": {"source": "Strava"}}, {"changes": {"source": ["This field cannot be edited"]}}),
    ({"changes": {"change_reason": "x"}}, {"changes": {"change_reason": ["Unknown field."]}}),
    ({"changes": {"type": None}}, {"changes": {"type": ["Field may not be null."]}}),
    ({"filters": {"type": "Walk"}}, {"filters": {"type": ["Must be one of: Outdoor Run, Treadmill Run."]}}),
    ({"filters": {"sort_by": "date"}}, {"filters": {"sort_by": ["Unknown field."]}}),
    (
        {"filters": {"start": "2026-02-01", "end": "2026-01-01"}},
        {"filters": {"end": ["The range ends before it starts"]}},
    ),
    ({"filters": ..., "ids": []}, {"ids": ["Length must be between 1 and 10000."]}),
    ({"filters": ..., "ids": ["x"] * 10_001}, {"ids": ["Length must be between 1 and 10000."]}),
    ({"filters": ..., "ids": ["a\0b"]}, {"ids": {"0": ["Null bytes are not allowed"]}}),
    ({"filters": ..., "ids": [5]}, {"ids": {"0": ["Not a valid string."]}}),
    ({"cursor": "x"}, {"cursor": ["Only for a dry run"]}),
    ({"cursor": "x", "dry_run": True}, {"cursor": ["This cursor belongs to another list"]}),
    ({"change_reason": ""}, {"change_reason": ["Length must be between 1 and 1000."]}),
    ({"reason": "x"}, {"reason": ["Unknown field."]}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "errors"), REFUSED, ids=[str(changes)[:60] for changes, _ in REFUSED])
def test_a_bulk_edit_that_makes_no_sense_is_refused_by_its_field(client, call, alice, make_run, changes, errors):
    run = make_run(alice)
    body = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}

    refused = client.post("/v1/runs/bulk", json=body, headers=alice.headers)

    assert (refused.status_code, refused.json["errors"]) == (422, errors)
    assert call("GET", f"/runs/{run.id}")["version"] == 1
    assert call("GET", "/changesets")["items"] == []


@pytest.mark.parametrize(
    ("noun", "id"), [("workouts", "1"), ("planned-workouts", "x"), ("planned-workouts", 2**63), ("planned-workouts", 0)]
)
def test_an_id_of_another_form_is_refused_by_its_place(client, alice, noun, id):
    refused = client.post(f"/v1/{noun}/bulk", json={"ids": [id], "delete": True}, headers=alice.headers)

    assert (refused.status_code, list(refused.json["errors"]["ids"])) == (422, ["0"])


# Runs and workouts together


@pytest.fixture
def both(call, alice, make_run):
    """Return the ids of two runs and two workouts, one of each with notes."""
    runs = [make_run(alice, notes=notes).id for notes in ("Wet", None)]
    workouts = [call("POST", "/workouts", json=squats(**fields))["workout_id"] for fields in ({"notes": "Wet"}, {})]
    return {"runs": runs, "workouts": workouts}


def notes_of(call: Any) -> list[tuple[str, str]]:
    items = [one for noun in ("runs", "workouts") for one in call("GET", f"/{noun}")["items"]]
    return [(one["id"], one["notes"]) for one in items]


@pytest.mark.parametrize("selected", ["items", "filters"])
def test_runs_and_workouts_change_together_and_one_revert_undoes_it(call, edit, both, selected):
    before = notes_of(call)
    absent = {"noun": "workouts", "id": "00000000-0000-4000-8000-000000000000"}
    items = [{"noun": noun, "id": id} for noun, ids in both.items() for id in ids]
    body = {"items": [*items, absent]} if selected == "items" else {"filters": {}}

    report = edit("timeline", **body, changes={"notes": "Dry"})

    assert (report["matched"], report["changed"]) == (4, 4)
    assert report["not_found"] == ([absent] if selected == "items" else [])
    assert {notes for _, notes in notes_of(call)} == {"Dry"}
    assert call("GET", f"/changesets/{report['changeset_id']}")["counts"] == {"updated": 4}
    assert len(call("GET", "/changesets")["items"]) == 1
    call("POST", f"/changesets/{report['changeset_id']}/revert")
    assert notes_of(call) == before


@pytest.mark.parametrize(
    "filters", [{"q": "wet"}, {"kind": "run"}, {"kind": "workout"}, {"without_shoe": True}, {"type": "STRENGTH"}, {}]
)
def test_filters_of_the_timeline_select_what_it_has_with_them(call, edit, both, filters):
    in_list = {one["id"] for one in call("GET", "/timeline", query_string=filters)["items"]}

    report = edit("timeline", filters=filters, delete=True, dry_run=True)

    assert {one["id"] for one in report["records"]["items"]} == in_list
    assert (report["matched"], report["changed"]) == (len(in_list), len(in_list))
    assert len(notes_of(call)) == 4


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"items": [{"noun": "shoes", "id": "x"}]}, {"items": {"0": {"noun": ["Must be one of: runs, workouts."]}}}),
        ({"items": [{"noun": "workouts", "id": "x"}]}, {"items": {"0": {"id": ["Not a valid UUID."]}}}),
        ({"items": [{"id": "x"}]}, {"items": {"0": {"noun": ["Missing data for required field."]}}}),
        ({"filters": {}}, {"filters": ["Send either items or filters"]}),
        ({"items": [{"noun": "runs", "id": "x"}], "changes": {"name": "x"}}, {"changes": {"name": ["Unknown field."]}}),
    ],
)  # fmt: skip
def test_an_edit_of_the_timeline_that_makes_no_sense_is_refused_by_its_field(client, alice, changes, errors):
    body = {"items": [{"noun": "runs", "id": "x"}], "changes": {"notes": "x"}, **changes}

    refused = client.post("/v1/timeline/bulk", json=body, headers=alice.headers)

    assert (refused.status_code, refused.json["errors"]) == (422, errors)
