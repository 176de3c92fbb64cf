"""Many records changed or deleted at once, as one changeset."""

import pytest

from tests.api.bulk.bodies import CHANGES, PLAN, squats


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
