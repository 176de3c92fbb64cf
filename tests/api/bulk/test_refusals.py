"""Bulk edits that are refused, and those of other people's records."""

import pytest

from tests.api.bulk.bodies import CHANGES, PLAN, squats


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


@pytest.mark.parametrize("name", ["include_deleted", "only_deleted"])
@pytest.mark.parametrize("noun", [*CHANGES, "timeline"])
def test_filters_of_deleted_records_are_refused_as_they_are_never_changed(client, alice, noun, name):
    body = {"filters": {name: True}, "delete": True}

    refused = client.post(f"/v1/{noun}/bulk", json=body, headers=alice.headers)

    assert (refused.status_code, refused.json["errors"]) == (422, {"filters": {name: ["Unknown field."]}})
