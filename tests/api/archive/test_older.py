"""Archives of earlier versions still go in."""

import json

from fitness.db import runs
from tests.archives import export, feed_of, files_of, load, sealed


def without(content: bytes, *columns: str) -> bytes:
    """Return the lines of a file of an archive without some columns."""
    rows = [json.loads(line) for line in content.splitlines()]
    return b"".join(
        json.dumps({name: value for name, value in row.items() if name not in columns}).encode() + b"\n" for row in rows
    )


def test_an_archive_of_before_a_column_was_added_still_goes_in(files, client, bob):
    older = {
        "data/workouts.jsonl": without(files["data/workouts.jsonl"], "live_edits", "duplicate_of"),
        "data/planned_workouts.jsonl": without(files["data/planned_workouts.jsonl"], "duplicate_of"),
        "data/planned_workouts_history.jsonl": without(files["data/planned_workouts_history.jsonl"], "duplicate_of"),
        "data/profile.jsonl": without(files["data/profile.jsonl"], "units"),
    }

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200
    assert client.get("/v1/users/me", headers=bob.headers).json["units"] == "miles"


MEASURED = ("activity_points", "activity_efforts", "removed_points", "activity_files", "record_files")


def test_an_archive_of_before_activities_had_points_still_goes_in(files, client, bob):
    manifest = json.loads(files["manifest.json"])
    manifest["tables"] = {name: count for name, count in manifest["tables"].items() if name not in MEASURED}
    older = {
        **{f"data/{name}.jsonl": without(files[f"data/{name}.jsonl"], *runs.MEASURED) for name in ("runs", "workouts")},
        "manifest.json": json.dumps(manifest).encode(),
    }

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200


def test_names_of_an_archive_of_before_they_had_keys_lead_to_their_records(files, client, full, bob):
    (squat,) = (
        one
        for one in client.get("/v1/exercises/my-exercises", headers=full.headers).json["items"]
        if one["name"] == "Squat"
    )
    client.patch(f"/v1/exercises/{squat['id']}", json={"name": "Deep squat"}, headers=full.headers)
    newer = files_of(export(client, full.headers))
    manifest = json.loads(newer["manifest.json"])
    del manifest["tables"]["exercise_names"], newer["data/exercise_names.jsonl"]
    newest = ("name_key", "is_assisted", "merged_into")
    older = {path: without(newer[path], *newest) for path in ("data/exercises.jsonl", "data/exercises_history.jsonl")}
    older["data/shoes.jsonl"] = without(newer["data/shoes.jsonl"], "name_key")
    older["manifest.json"] = json.dumps(manifest).encode()

    assert load(client, bob.headers, sealed({**newer, **older})).status_code == 200

    sets = [{"exercise_name": name, "weight": 1, "reps": 1} for name in ("SQUAT", "deep squat", "MY OWN")]
    client.post("/v1/workouts", json={"workout_type": "STRENGTH", "strength_sets": sets}, headers=bob.headers)
    own = client.get("/v1/exercises/my-exercises", headers=bob.headers).json["items"]
    assert sorted(one["name"] for one in own) == ["Deep squat", "My own"]
    taken = [
        client.post(f"/v1/{path}", json={"name": name}, headers=bob.headers)
        for path, name in (("exercises", "my OWN"), ("shoes", "OLD ones"))
    ]
    assert [answer.status_code for answer in taken] == [409, 409]


def test_selections_and_links_of_an_archive_of_before_they_had_versions_become_versions(files, client, full, bob):
    columns = ("is_selected", "current_plan_day", "time_of_day", "workout_location", "user_notes")
    rows = {name: files[f"data/{name}.jsonl"] for name in ("planned_workouts", "planned_workouts_history")}
    older = {f"data/{name}.jsonl": without(data, *columns, "run_id", "workout_id") for name, data in rows.items()}
    planned = [json.loads(line) for line in rows["planned_workouts"].splitlines()]
    selections = [{"workout_id": n, **{name: one[name] for name in columns}} for n, one in enumerate(planned, 1)]
    links = [{"planned_workout_id": n, "run_id": one["run_id"]} for n, one in enumerate(planned, 1) if one["run_id"]]
    manifest = json.loads(files["manifest.json"])
    for name, kept in (("workout_selections", selections), ("plan_links", links)):
        older[f"data/{name}.jsonl"] = "".join(f"{json.dumps(row)}\n" for row in kept).encode()
        manifest["tables"][name] = len(kept)
    older["manifest.json"] = json.dumps(manifest).encode()

    assert load(client, bob.headers, sealed({**files, **older})).status_code == 200

    before, now = (client.get("/v1/planned-workouts", headers=person.headers).json["items"] for person in (full, bob))
    assert len(links) == 1
    for name in (*columns, "done"):
        assert [one[name] for one in now] == [one[name] for one in before]
    newest = client.get(f"/v1/planned-workouts/{now[0]['id']}/history", headers=bob.headers).json["items"][0]
    assert newest["changes"] == {"user_notes": [None, "2026-03-01"]}
    assert sorted(feed_of(client, bob.headers)[-len(planned) :]) == sorted(
        ("planned-workouts", one["version"], "edit") for one in now
    )
