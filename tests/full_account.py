"""Somebody with rows in every table."""

import hashlib
import io
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from fitness.db import activity_files, activity_keys, activity_points, activity_sources
from fitness.db.activity_files import NewFile, NewLink
from fitness.db.activity_keys import NewKey
from fitness.db.activity_points import NewEffort, NewPoints
from fitness.db.best_sources import Source
from fitness.db.connection import transaction
from fitness.db.runs import RUNS
from fitness.readers import points_bytes
from fitness.readers.activity import Points
from tests.samples import DATA

EXPORT = DATA / "mapmyfitness.csv"


@pytest.fixture
def full(client, owner, make_person, make_run) -> Any:
    """Somebody with rows in every table, beside two strangers whose rows take numbers in between."""
    for name in ("before", "between"):
        make_run(make_person(name))
    person = make_person("ada", time_zone="Europe/Berlin")
    headers = person.headers

    def call(method: str, path: str, **kwargs: Any) -> Any:
        answer = client.open(f"/v1{path}", method=method, headers=headers, **kwargs)
        assert answer.status_code < 300, (path, answer.json)
        return answer.json if answer.data else None

    def upload() -> int:
        return call("POST", "/mmf/upload-csv", data={"file": (io.BytesIO(EXPORT.read_bytes()), "export.csv")})[
            "changeset_id"
        ]

    call("PATCH", "/users/me", json={"units": "kilometres", "max_heart_rate": 186, "name": 'Ada "é" \\ Lovelace'})
    changeset = upload()
    revert = call("POST", f"/changesets/{changeset}/revert")["changeset_id"]
    call("POST", f"/changesets/{revert}/revert")
    call("POST", "/shoes", json={"name": "Old ones"})
    call("POST", "/shoes", json={"name": "Ünïcode 鞋 zuletzt"})
    call("POST", "/shoes/old_ones/merge", json={"into": call("GET", "/shoes")["items"][0]["id"]})
    run = {"datetime_utc": "2025-11-02T12:05:31.123456Z", "type": "Outdoor Run", "distance": 0.1 + 0.2, "duration": 1}
    ids = [call("POST", "/runs", json={**run, "notes": notes})["id"] for notes in ("Line\nfeed\t\"'\\ \u2028", None)]
    call("PATCH", f"/runs/{ids[0]}", json={"distance": 1e-300, "change_reason": "GPS was off"})
    call("DELETE", f"/runs/{ids[1]}")
    sets = [{"exercise_name": name, "weight": 225.5, "reps": 5} for name in ("Squat", "My own")]
    call("POST", "/workouts", json={"workout_type": "STRENGTH", "strength_sets": sets})
    call(
        "POST",
        "/workouts",
        json={
            "workout_type": "REPS",
            "rep_session": {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180},
        },
    )
    call("POST", "/workouts", json={"workout_type": "CARDIO", "cardio_session": {"distance_miles": 3.1}})
    live = call("POST", "/workouts", json={"workout_type": "STRENGTH", "in_progress": True, "strength_sets": sets[:1]})
    workout = call("PATCH", f"/workouts/{live['workout_id']}", json={"title": "Live"})
    executed = workout["exercise_executions"][0]["exercise_id"]
    added = {"client_uuid": str(uuid4()), "reps": 3}
    call("POST", f"/workouts/{live['workout_id']}/exercise-executions/{executed}/sets", json=added)
    plans = []
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        plan = {"title": "Long run", "workout_type": "Run", "originally_planned_day": day}
        planned = call("POST", "/planned-workouts", json=plan)["id"]
        call("PUT", f"/selections/{planned}", json={"userNotes": day})
        plans.append(planned)
    call("PUT", f"/planned-workouts/{plans[0]}/duplicate-of", json={"planned_workout_id": plans[1]})
    call("DELETE", f"/planned-workouts/{plans[1]}/duplicate-of/{plans[2]}")
    workouts = [workout["id"] for workout in call("GET", "/workouts")["items"]]
    call("PUT", f"/workouts/{workouts[0]}/duplicate-of", json={"workout_id": workouts[1]})
    call("DELETE", f"/workouts/{workouts[2]}/duplicate-of/{workouts[0]}")
    call("PUT", f"/planned-workouts/{planned}/done", json={"run_id": ids[0]})
    call("POST", "/bookmarks", json={"name": "Now"})
    several = call("POST", "/imports")["import_id"]
    call("POST", f"/imports/{several}/answers", json={"kind": "Strong", "weight_unit": "lb"})
    with transaction(person.user_id):
        points_id, sha256 = 64 * "0", hashlib.sha256(bytes(1000)).hexdigest()
        lap = {"start": 1.5, "distance": None, "seconds": 2, "avg_heart_rate": 140.5, "ascent": 0}
        content = points_bytes.pack(points_bytes.plain(Points([1.5, 2.5], heart_rate=[140, None])))
        points = NewPoints(points_id, content, [lap], [(1.5, 2.5)])
        activity_points.store_points([points], [NewEffort(points_id, "1 km", 243.25)], [])
        activity_files.store_files([NewFile.of(sha256, "FIT", bytes(1000))], [NewLink(ids[0], sha256, 1)])
        activity_keys.add_keys(RUNS, [NewKey(f"file:{sha256}", ids[0], "Starts 0 s apart.")], changeset_id=changeset)
        source = Source(f"file:{sha256}", "FIT", {"distance": 0.3, "name": None})
        activity_sources.say(RUNS, [(ids[0], source)], changeset_id=changeset)
    removed = {"user_id": person.user_id, "id": ids[1], "points_id": points_id}
    owner.execute("INSERT INTO removed_points VALUES (%(user_id)s, %(id)s, %(points_id)s)", removed)
    owner.execute(
        "INSERT INTO separations (user_id, changeset_id, key, run_id, new_run_id) VALUES (%s, %s, 'garmin:1', %s, %s)",
        [person.user_id, changeset, *ids],
    )
    # What has no call yet, or not for runs like these.
    for table, key, record in (
        ("runs", "run_id", ids[0]), ("workouts", "workout_id", live["workout_id"]),
        ("planned_workouts", "planned_workout_id", planned),
    ):  # fmt: skip
        owner.execute(
            sql.SQL(
                """
                INSERT INTO {} (user_id, changeset_id, {}, fields, values_before, conflicts_before)
                VALUES (%s, %s, %s, '{{notes}}', '{{"notes": null}}', '{{}}')
                """
            ).format(sql.Identifier(f"{table}_merges"), sql.Identifier(key)),
            [person.user_id, changeset, record],
        )
    owner.execute("UPDATE runs SET duplicate_of = %s WHERE user_id = %s AND id = %s", [ids[1], person.user_id, ids[0]])
    first, second = sorted(ids)
    owner.execute(
        "INSERT INTO distinct_runs (user_id, run_id, other_run_id) VALUES (%s, %s, %s)",
        [person.user_id, first, second],
    )
    for run_id in reversed(ids):
        owner.execute(
            "INSERT INTO synced_runs (user_id, run_id, run_version, sync_status) VALUES (%s, %s, 1, 'synced')",
            [person.user_id, run_id],
        )
    owner.execute(
        "INSERT INTO synced_workouts (user_id, workout_id, workout_version, sync_status) VALUES (%s, %s, 1, 'synced')",
        [person.user_id, live["workout_id"]],
    )
    return person
