"""Every call about runs, shoes, exercises, workouts, the plan and metrics answers what its description says."""

import io

import pytest

from tests.samples import ACTIVITIES, DATA

RUN = {"datetime_utc": "2025-11-03T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
UUID = {"client_uuid": "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a11"}

TCX = {
    noun: f"""<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="{sport}"><Id>{start}</Id><Lap StartTime="{start}"><TotalTimeSeconds>{seconds}</TotalTimeSeconds>
<DistanceMeters>{metres}</DistanceMeters></Lap></Activity></Activities></TrainingCenterDatabase>"""
    for noun, sport, start, seconds, metres in (
        ("runs", "Running", "2025-11-02T12:05:31Z", 2712, 8046.7),
        ("workouts", "Biking", "2017-06-12T16:10:15Z", 64.5, 457.1),
    )
}
"""What another device has of the activities of two files."""


@pytest.fixture
def tour(tour, alice):
    """A tour by Alice."""
    tour.headers = alice.headers
    return tour


def test_shoes_answer_as_described(tour, alice, make_run):
    shoe = tour("POST", "/v1/shoes", json={"name": "Brooks Ghost 16", "notes": "For long runs"})["id"]
    other = tour("POST", "/v1/shoes", json={"name": "Old ones"})["id"]
    tour("PATCH", "/v1/shoes/{shoe_id}", shoe, json={"retired_at": "2025-12-01", "retirement_notes": "Worn out"})
    make_run(alice, shoe_id=other)
    merge = tour("POST", "/v1/shoes/{shoe_id}/merge", other, json={"into": shoe})["changeset_id"]
    tour("GET", "/v1/shoes", query="?include_deleted=true")
    tour("GET", "/v1/shoes/{shoe_id}", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/history", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/diff", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/blame", shoe)
    tour("GET", "/v1/shoes/{shoe_id}/history/{version}", shoe, 2)
    tour("POST", "/v1/shoes/{shoe_id}/restore/{version}", shoe, 1)
    tour("POST", "/v1/changesets/{changeset_id}/revert", merge)
    tour("DELETE", "/v1/shoes/{shoe_id}", shoe)

    tour.saw_all_of("shoes")


def test_runs_answer_as_described(tour, alice, make_shoe):
    full = {**RUN, "avg_heart_rate": 149.5, "shoe_id": make_shoe(alice).id, "name": "Morning run", "notes": "Windy"}
    run = tour("POST", "/v1/runs", json={**full, **UUID})["id"]
    tour("POST", "/v1/runs", json={**full, **UUID})
    tour("POST", "/v1/runs", json={**full, **UUID, "distance": 6})
    tour("POST", "/v1/runs", json=RUN)
    for path in ("/v1/runs", "/v1/runs/details"):
        tour("GET", path, query="?limit=1&sort_by=shoes")
    tour("GET", "/v1/runs/{run_id}", run)
    tour(
        "PATCH",
        "/v1/runs/{run_id}",
        run,
        json={"distance": 5.5, "avg_heart_rate": None, "change_reason": "GPS was off"},
    )
    tour("PATCH", "/v1/runs/{run_id}", run, json={"distance": 5}, headers={**tour.headers, "If-Match": '"1"'})
    tour("GET", "/v1/runs/{run_id}/history", run)
    tour("GET", "/v1/runs/{run_id}/diff", run)
    tour("GET", "/v1/runs/{run_id}/blame", run)
    tour("GET", "/v1/runs/{run_id}/history/{version}", run, 1)
    tour("DELETE", "/v1/runs/{run_id}", run)
    tour("GET", "/v1/runs", query="?only_deleted=true")
    tour("GET", "/v1/runs/totals", query="?q=morning")
    tour("POST", "/v1/runs/{run_id}/restore/{version}", run, 1)

    points_answer_as_described(tour, "runs", "run_id")

    tour.saw_all_of("runs")


def points_answer_as_described(tour, noun, key):
    """Go through what was measured beside the record of a file that is imported."""
    name = {"runs": "same_run/watch.fit", "workouts": "fit/ride_edge820.fit"}[noun]
    tour("POST", "/v1/imports", data={"file": (io.BytesIO((ACTIVITIES / name).read_bytes()), "a.fit")})
    record, item = tour("GET", f"/v1/{noun}", query="?source=FIT")["items"][0]["id"], f"/v1/{noun}/{{{key}}}"
    tour("PATCH", "/v1/users/me", json={"max_heart_rate": 186, "resting_heart_rate": 50})
    tour("GET", f"{item}/points", record, query="?most=10")
    tour("GET", f"{item}/analysis", record, query="?unit=mi")
    tour("GET", "/v1/metrics/best-efforts")
    tour("POST", "/v1/imports", data={"file": (io.BytesIO(TCX[noun].encode()), "a.tcx")})
    sources = [one["key"] for one in tour("GET", f"{item}/sources", record)["items"]]
    for keys in (sources, ["file:unknown"], sources[1:]):
        tour("POST", f"{item}/separate", record, json={"keys": keys})
    sha256 = tour("GET", f"{item}/originals", record)["items"][0]["sha256"]
    tour("GET", f"{item}/originals/{{sha256}}", record, sha256)
    tour("POST", f"{item}/reread", record)
    tour("DELETE", f"{item}/originals/{{sha256}}", record, sha256)
    tour("POST", f"{item}/reread", record)
    tour("DELETE", f"{item}/points", record)
    for path in ("points", "analysis"):
        tour("GET", f"{item}/{path}", record)


def test_exercises_answer_as_described(tour):
    for path in ("/v1/exercises", "/v1/exercises/system", "/v1/exercises/body-parts", "/v1/exercises/modalities"):
        tour("GET", path)
        tour("GET", path, headers={})
    exercise = tour("POST", "/v1/exercises", json={"name": "Zercher Carry", "modality": "BARBELL"})["id"]
    tour("POST", "/v1/exercises", json={"name": "zercher carry"})
    system = tour("GET", "/v1/exercises/system", query="?name=bench press")["items"][0]["id"]
    tour("GET", "/v1/exercises", query="?name=carry&source=own")
    tour("GET", "/v1/exercises/{exercise_id}", system, headers={})
    tour("PATCH", "/v1/exercises/{exercise_id}", exercise, json={"notes": "Slowly", "change_reason": "Form"})
    tour("PUT", "/v1/exercises/{exercise_id}", exercise, json={"name": "Zercher Walk"})
    tour("PUT", "/v1/exercises/{exercise_id}", exercise, json={"name": "X"}, headers={**tour.headers, "If-Match": "1"})
    tour("GET", "/v1/exercises/{exercise_id}", exercise)
    tour("DELETE", "/v1/exercises/{exercise_id}", exercise)
    tour("GET", "/v1/exercises/my-exercises", query="?include_deleted=true")
    tour("GET", "/v1/exercises/{exercise_id}/history", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/diff", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/blame", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/history/{version}", exercise, 2)
    tour("POST", "/v1/exercises/{exercise_id}/restore/{version}", exercise, 1)
    other = tour("POST", "/v1/exercises", json={"name": "Zercher Hold"})["id"]
    tour("POST", "/v1/exercises/{exercise_id}/merge", other, json={"into": exercise})
    tour("POST", "/v1/exercises/{exercise_id}/merge", other, json={"into": other})

    tour.saw_all_of("exercises")


def test_bulk_edits_answer_as_described(tour, alice, make_run, make_shoe):
    make_shoe(alice)
    run, absent = make_run(alice).id, "00000000-0000-4000-8000-000000000000"
    workout = tour("POST", "/v1/workouts", json={"workout_type": "CARDIO"})["workout_id"]
    plan = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}
    planned = tour("POST", "/v1/planned-workouts", json=plan)["id"]
    notes, hours = {"changes": {"notes": "New"}}, {"changes": {"planned_duration_hours": 1}}
    tour("POST", "/v1/runs/bulk", json={"ids": [run, "absent"], **notes, "dry_run": True})
    tour("POST", "/v1/runs/bulk", json={"filters": {}, **notes, "change_reason": "Clean-up"})
    tour("POST", "/v1/runs/bulk", json={"filters": {}})
    tour("POST", "/v1/shoes/bulk", json={"filters": {}, **notes, "dry_run": True})
    tour("POST", "/v1/workouts/bulk", json={"ids": [workout, absent], **notes, "dry_run": True})
    tour("POST", "/v1/planned-workouts/bulk", json={"ids": [planned, 987654321], **hours, "dry_run": True})
    items = [{"noun": "runs", "id": run}, {"noun": "workouts", "id": workout}, {"noun": "workouts", "id": absent}]
    tour("POST", "/v1/timeline/bulk", json={"items": items, "delete": True, "dry_run": True})
    tour("POST", "/v1/timeline/bulk", json={"filters": {}, "delete": True})

    tour.saw_all_of("bulk")


def test_duplicates_answer_as_described(tour, alice, make_run):
    imported = make_run(alice, source="MapMyFitness", datetime_utc=RUN["datetime_utc"]).id
    kept = tour("POST", "/v1/runs", json=RUN)["id"]
    assert tour("GET", "/v1/runs/duplicates", query="?limit=1")["items"][0]["duplicate_of"]["id"] == kept
    marks(tour, "/v1/runs/{run_id}/duplicate-of", "run_id", imported, kept)

    squats = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat", "reps": 5}]}
    squats |= {"start_ts": "2026-02-16T15:00:00Z", "end_ts": "2026-02-16T16:00:00Z"}
    ids = [tour("POST", "/v1/workouts", json=squats)["workout_id"] for _ in range(2)]
    assert tour("GET", "/v1/workouts/duplicates", query="?limit=1")["items"][0]["workout"]["id"] == ids[0]
    marks(tour, "/v1/workouts/{workout_id}/duplicate-of", "workout_id", *ids)

    row = "Title,WorkoutType,WorkoutDay\nTempo,Run,2026-03-01\n"
    plan = {"file": (io.BytesIO(row.encode()), "plan.csv")}
    tour("POST", "/v1/planned-workouts/import", data=plan)
    tempo = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}
    second = tour("POST", "/v1/planned-workouts", json=tempo)["id"]
    (suggested,) = tour("GET", "/v1/planned-workouts/duplicates", query="?limit=1")["items"]
    assert suggested["duplicate_of"]["id"] == second
    marking = "/v1/planned-workouts/{planned_workout_id}/duplicate-of"
    marks(tour, marking, "planned_workout_id", suggested["planned_workout"]["id"], second)

    tour.saw_all_of("duplicates")


def marks(tour, path, key, one, other):
    tour("PUT", path, one, json={key: other})
    tour("PUT", path, other, json={key: one})
    tour("PUT", path, other, json={key: other})
    tour("DELETE", f"{path}/{{other_{key}}}", one, other)
    tour("DELETE", f"{path}/{{other_{key}}}", other, other)
    decline = path.replace("duplicate-of", "different-from")
    for id in (one, other):
        tour("DELETE", f"{decline}/{{other_{key}}}", id, other)


def test_workouts_answer_as_described(tour):
    opened = {"workout_type": "STRENGTH", "start_ts": "2026-02-16T15:00:00Z", "in_progress": True}
    sets = [{"exercise_name": "Squat", "weight": 225, "reps": 5}, {"exercise_name": "Plank", "duration_seconds": 60}]
    workout = tour("POST", "/v1/workouts", json={**opened, **UUID, "strength_sets": sets})["workout_id"]
    tour("POST", "/v1/workouts", json={**opened, **UUID, "strength_sets": sets})
    tour("POST", "/v1/workouts", json={**opened, **UUID})
    ran = {"distance_miles": 3.1, "duration_seconds": 1800, "speed_mph": 6.2}
    cardio = {"workout_type": "CARDIO", "start_ts": "2026-02-17T15:00:00Z", "cardio_session": ran}
    cardio = tour("POST", "/v1/workouts", json=cardio)["workout_id"]
    counted = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}
    tour("POST", "/v1/workouts", json={"workout_type": "REPS", "calories_burned": 12.5, "rep_session": counted})
    both = [one["exercise_id"] for one in tour("GET", "/v1/workouts/{workout_id}", workout)["exercise_executions"]]
    execution = "/v1/workouts/{workout_id}/exercise-executions/{exercise_id}"
    put = {"note": "Paused", "sets": [{"weight": 100, "weight_unit": "kg"}]}
    system = tour("GET", "/v1/exercises/system", query="?name=bench press")["items"][0]["id"]
    own = tour("PUT", execution, workout, system, json=put)["exercise_id"]
    tour("PATCH", execution, workout, own, json={"note": None})
    tour("GET", execution, workout, own)
    added = tour("POST", f"{execution}/sets", workout, own, json={"weight": 95, "reps": 8, "rpe": 9.5})["id"]
    tour("PATCH", f"{execution}/sets/{{set_id}}", workout, own, added, json={"reps": 7})
    tour("DELETE", f"{execution}/sets/{{set_id}}", workout, own, added)
    tour(
        "PATCH",
        "/v1/workouts/{workout_id}/exercise-executions/reorder",
        workout,
        json={"exercise_ids": [own, *both]},
    )
    tour("DELETE", execution, workout, both[1])
    tour("POST", f"{execution}/restore/{{version}}", workout, both[1], 1)
    tour("PATCH", "/v1/workouts/{workout_id}/finish", workout, json={"finished_at": "2026-02-16T16:05:00Z"})
    tour("POST", f"{execution}/sets", workout, own, json={"weight": 95})
    tour("PATCH", "/v1/workouts/{workout_id}", workout, json={"notes": "Felt strong", "change_reason": "Forgotten"})
    tour("PATCH", "/v1/workouts/{workout_id}", cardio, json={"title": "x"}, headers={**tour.headers, "If-Match": '"7"'})
    tour("GET", "/v1/workouts", query="?workout_type=CARDIO&limit=1")
    tour("GET", "/v1/workouts/{workout_id}/history", workout)
    tour("GET", "/v1/workouts/{workout_id}/diff", workout)
    tour("GET", "/v1/workouts/{workout_id}/blame", workout)
    tour("GET", "/v1/workouts/{workout_id}/history/{version}", workout, 1)
    tour("DELETE", "/v1/workouts/{workout_id}", workout)
    tour("POST", "/v1/workouts/{workout_id}/restore/{version}", workout, 1)

    points_answer_as_described(tour, "workouts", "workout_id")

    tour.saw_all_of("workouts")


def test_the_plan_answers_as_described(tour, alice, make_run):
    run = make_run(alice).id
    cardio = tour("POST", "/v1/workouts", json={"workout_type": "CARDIO", "cardio_session": {"distance_miles": 3.1}})
    plan = {"file": (io.BytesIO((DATA / "trainingpeaks_plan.csv").read_bytes()), "plan.csv")}
    tour("POST", "/v1/planned-workouts/import", data=plan)
    session = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-02", "tss": 60}
    planned = tour("POST", "/v1/planned-workouts", json={**session, **UUID})["id"]
    tour("POST", "/v1/planned-workouts", json={**session, **UUID})
    tour("POST", "/v1/planned-workouts", json={**session, **UUID, "tss": 61})
    item = "/v1/planned-workouts/{planned_workout_id}"
    tour("PUT", "/v1/selections/{planned_workout_id}", planned, json={"currentPlanDay": "2025-11-03"})
    tour("POST", "/v1/selections/{planned_workout_id}", planned, json={"timeOfDay": "morning"})
    tour("GET", "/v1/planned-workouts", query="?start=2025-11-01&selected=true&workout_type=run&limit=2")
    tour("PATCH", item, planned, json={"planned_duration_hours": 1, "change_reason": "Longer"})
    tour("PATCH", item, planned, json={"tss": 1}, headers={**tour.headers, "If-Match": '"1"'})
    tour("GET", f"{item}/candidates", planned)
    tour("PUT", f"{item}/done", planned, json={"run_id": run})
    other_planned = tour("POST", "/v1/planned-workouts", json=session)["id"]
    tour("PUT", f"{item}/done", other_planned, json={"run_id": run})
    tour("PUT", f"{item}/done", other_planned, json={"workout_id": cardio["workout_id"]})
    tour("GET", item, planned)
    tour("GET", "/v1/plan/adherence", query="?start=2025-11-01&end=2025-11-30")
    tour("DELETE", f"{item}/done", planned)
    tour("DELETE", "/v1/selections/{planned_workout_id}", planned)
    tour("DELETE", item, planned)
    tour("GET", f"{item}/history", planned)
    tour("GET", f"{item}/diff", planned)
    tour("GET", f"{item}/blame", planned)
    tour("GET", f"{item}/history/{{version}}", planned, 1)
    tour("POST", f"{item}/restore/{{version}}", planned, 1)

    tour.saw_all_of("plan")


def test_conflicts_answer_as_described(tour, alice, owner, make_run):
    run = make_run(alice).id
    workout = tour("POST", "/v1/workouts", json={"workout_type": "CARDIO"})["workout_id"]
    session = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-02"}
    planned = tour("POST", "/v1/planned-workouts", json=session)["id"]
    for table in ("runs", "workouts", "planned_workouts"):
        owner.execute(
            f"UPDATE {table} SET conflicts = %s, provider_values = '{{}}' WHERE user_id = %s",
            ['{"deleted_at": "2025-12-01T07:00:00Z"}', alice.user_id],
        )
    tour("GET", "/v1/inbox")
    tour("GET", "/v1/conflicts", query="?limit=1")
    tour("POST", "/v1/runs/{run_id}/conflicts/{field}", run, "distance", json={"take": "mine"})
    stale = {**tour.headers, "If-Match": '"7"'}
    tour("POST", "/v1/runs/{run_id}/conflicts/{field}", run, "deleted_at", json={"take": "mine"}, headers=stale)
    tour("POST", "/v1/runs/{run_id}/conflicts/{field}", run, "deleted_at", json={"take": "mine"})
    tour("POST", "/v1/workouts/{workout_id}/conflicts/{field}", workout, "deleted_at", json={"take": "theirs"})
    item = "/v1/planned-workouts/{planned_workout_id}"
    tour("POST", f"{item}/conflicts/{{field}}", planned, "deleted_at", json={"take": "theirs"})

    tour.saw_all_of("conflicts")


def test_metrics_answer_as_described(tour, full):
    tour.headers = full.headers
    exercise = tour("GET", "/v1/exercises/my-exercises")["items"][0]["id"]
    tour("GET", "/v1/users/me/stats", query="?start=2020-01-01")
    tour("GET", "/v1/exercises/{exercise_id}/stats", exercise)
    tour("GET", "/v1/exercises/{exercise_id}/sets", exercise)
    tour("GET", "/v1/metrics/reps", query="?days=7&exercise_type=push-up")
    for path in (
        "/v1/metrics/seconds/total",
        "/v1/metrics/mileage/total",
        "/v1/metrics/mileage/by-day",
        "/v1/metrics/mileage/by-week",
        "/v1/metrics/mileage/by-month",
        "/v1/metrics/mileage/rolling-by-day",
        "/v1/metrics/mileage/by-shoe",
        "/v1/metrics/records",
        "/v1/metrics/best-efforts",
        "/v1/metrics/streaks",
        "/v1/metrics/trimp/by-day",
        "/v1/metrics/training-load/by-day",
        "/v1/timeline",
        "/v1/timeline/totals",
        "/v1/summary",
    ):
        tour("GET", path)
    tour("GET", "/v1/today", query="?start=2026-01-01&week=2026-03-02")
    tour("PATCH", "/v1/users/me", json={"resting_heart_rate": 50})
    tour("GET", "/v1/metrics/trimp/by-day")
    tour("GET", "/v1/metrics/training-load/by-day")

    tour.saw_all_of("metrics")
