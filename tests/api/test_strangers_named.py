"""Ids in bodies and queries, not in paths: a stranger's is answered like one that is absent."""

import pytest

from tests.api.test_strangers import ABSENT, locks, make_ids, records_of, settings

__all__ = ["locks", "make_ids", "settings"]

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
STRENGTH = {"workout_type": "STRENGTH", "in_progress": True}


def bulk(noun, **what):
    """Name a record of a noun in a bulk edit."""
    return "POST", f"/v1/{noun}s/bulk", lambda ids: {"json": {"ids": [ids[f"{noun.replace('-', '_')}_id"]], **what}}


def found_by(path, *names):
    """Filter a list by ids."""
    return "GET", path, lambda ids: {"query_string": {name: str(ids[name]) for name in names}}


CALLS = [
    ("POST", "/v1/runs", lambda ids: {"json": {**RUN, "shoe_id": ids["shoe_id"]}}),
    ("PATCH", "/v1/runs/{run_id}", lambda ids: {"json": {"shoe_id": ids["shoe_id"]}}),
    ("PUT", "/v1/runs/{run_id}/duplicate-of", lambda ids: {"json": {"run_id": ids["run_id"]}}),
    ("POST", "/v1/runs/{run_id}/separate", lambda ids: {"json": {"keys": [f"runs:{ids['sha256']}"]}}),
    ("POST", "/v1/shoes/{shoe_id}/merge", lambda ids: {"json": {"into": ids["shoe_id"]}}),
    ("POST", "/v1/exercises/{exercise_id}/merge", lambda ids: {"json": {"into": str(ids["exercise_id"])}}),
    (
        "POST",
        "/v1/workouts",
        lambda ids: {"json": {**STRENGTH, "strength_sets": [{"exercise_id": str(ids["exercise_id"]), "reps": 5}]}},
    ),
    ("PUT", "/v1/workouts/{workout_id}/exercise-executions/{of_nobody}", lambda ids: {"json": {"note": "Mine"}}),
    *(
        (
            "PUT",
            "/v1/planned-workouts/{planned_workout_id}/done",
            lambda ids, name=name: {"json": {name: str(ids[name])}},
        )
        for name in ("run_id", "workout_id")
    ),
    bulk("run", delete=True),
    bulk("run", changes={"name": "Mine now"}),
    bulk("shoe", changes={"notes": "Mine now"}),
    bulk("workout", delete=True),
    bulk("planned-workout", delete=True),
    *(
        ("POST", "/v1/timeline/bulk", lambda ids, noun=noun: {"json": {"items": [item(ids, noun)], "delete": True}})
        for noun in ("run", "workout")
    ),
    *(found_by(path, "shoe_id") for path in ("/v1/runs", "/v1/runs/details", "/v1/runs/totals", "/v1/timeline")),
    *(found_by(path, "exercise_id") for path in ("/v1/workouts", "/v1/timeline", "/v1/timeline/totals")),
]


def item(ids, noun):
    return {"noun": f"{noun}s", "id": str(ids[f"{noun}_id"])}


@pytest.mark.usefixtures("locks")
def test_a_strangers_id_is_answered_like_an_absent_one(client, alice, bob, make_ids, owner):
    make_ids()  # so that no number is also that of a record of bob's
    ids, own = make_ids(), make_own(client, bob)
    before = records_of(owner, alice)
    for method, path, given in CALLS:
        at = path.format(**own, of_nobody=ABSENT["exercise_id"])

        absent, strangers = (
            client.open(at, method=method, headers=bob.headers, **given(named)) for named in (ABSENT, ids)
        )

        assert strangers.status_code == absent.status_code, (method, path, absent.text, strangers.text)
        assert without(strangers, ids) == without(absent, ABSENT), (method, path)
        assert records_of(owner, alice) == before, (method, path)


def make_own(client, person):
    """Make records of a person; return their ids."""

    def post(path, body, key="id"):
        return client.post(f"/v1{path}", json=body, headers=person.headers).json[key]

    planned = {"title": "Run", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
    return {
        "run_id": post("/runs", RUN),
        "shoe_id": post("/shoes", {"name": "Mine"}),
        "exercise_id": post("/exercises", {"name": "Of mine"}),
        "workout_id": post("/workouts", STRENGTH, "workout_id"),
        "planned_workout_id": post("/planned-workouts", planned),
    }


def without(answer, ids):
    """Return the text of an answer without the ids that were asked for."""
    text = answer.text.replace(ids["sha256"], "…")
    for id in map(str, ids.values()):
        text = text.replace(f'"{id}"', "…").replace(f'"not_found":[{id}]', '"not_found":[…]')
    return text
