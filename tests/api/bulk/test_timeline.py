"""Bulk edits of runs and workouts together."""

from typing import Any

import pytest

from tests.api.bulk.bodies import squats


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
