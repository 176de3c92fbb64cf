"""`as_of` and the sets of workouts: a version has them as arrays, unless an earlier release stored it or it grew."""

import pytest

STRENGTH = [
    {"exercise_name": name, "weight": weight, "weight_unit": unit, "reps": reps, "set_type": set_type}
    for name in ("Squat", "Assisted Dip", "Row")
    for weight, unit, reps, set_type in (
        (40, "kg", 10, "warmup"),
        (102.5, "kg", 5, "normal"),
        (225, "lb", 8, "failure"),
        (None, "lb", 12, "normal"),
    )
]
PATHS = [
    "/timeline/totals",
    "/timeline/totals?start=2026-02-01&end=2026-02-28",
    "/timeline/totals?only_deleted=true",
    "/timeline?include_deleted=true",
    "/timeline?sort_by=duration",
    "/summary?period=month",
    "/summary?period=day&start=2026-02-01&end=2026-02-28",
    "/users/me/stats",
    "/users/me/stats?start=2026-02-01&end=2026-02-28",
]
WITH_EXERCISE = ["/workouts", "/timeline", "/timeline/totals"]


@pytest.fixture
def asked(call, owner):
    """Return what the paths of workouts answer, now or as of an instant; for one exercise as well."""

    def ask(as_of=None):
        exercise_id = next(
            one["id"] for one in call("GET", "/exercises/my-exercises")["items"] if one["name"] == "Squat"
        )
        of_exercise = [f"/exercises/{exercise_id}/stats", f"/exercises/{exercise_id}/sets"]
        paths = [*PATHS, *of_exercise, *(f"{path}?exercise_id={exercise_id}" for path in WITH_EXERCISE)]
        then = {path: f"{path}{'&' if '?' in path else '?'}as_of={as_of}" if as_of else path for path in paths}
        return {path: call("GET", asked) for path, asked in then.items()}

    return ask


@pytest.fixture
def now(owner):
    return lambda: owner.execute("SELECT clock_timestamp()").fetchone()[0].isoformat().replace("+00:00", "Z")


@pytest.fixture
def lifted(call):
    """Make two workouts of a day in February, with warm-ups, units, and an exercise that is assisted."""

    def lift(day, **body):
        times = {"start_ts": f"2026-02-{day}T17:00:00Z", "end_ts": f"2026-02-{day}T18:00:00Z"}
        body = {"workout_type": "STRENGTH", **times, "strength_sets": STRENGTH, **body}
        return call("POST", "/workouts", json=body)["workout_id"]

    return [lift(10), lift(12)]


def replace_sets(call, workout_id):
    """Give the first exercise of a workout another set, in place of those that it has, and finish it again."""
    exercise_id = call("GET", f"/workouts/{workout_id}")["exercise_executions"][0]["exercise_id"]
    path = f"/workouts/{workout_id}"
    call("PATCH", path, json={"finished_at": None})
    body = {"sets": [{"weight": 500, "reps": 50}]}
    call("PUT", f"{path}/exercise-executions/{exercise_id}", json=body)
    call("PATCH", f"{path}/finish", json={"finished_at": "2026-02-12T18:00:00Z"})


@pytest.mark.parametrize("stored", ["now", "by an earlier release", "by both"])
def test_sets_are_as_they_were_whichever_release_stored_the_version(call, owner, asked, now, lifted, stored):
    before, instant = asked(), now()
    for workout_id in lifted:
        replace_sets(call, workout_id)
    since = {"now": "false", "by an earlier release": "true", "by both": "history_id % 2 = 0"}[stored]
    owner.execute(f"UPDATE workouts_history SET working_exercise_id = NULL, working_reps = NULL WHERE {since}")

    assert asked() != before
    assert asked(instant) == before


def test_the_json_of_a_version_with_arrays_is_not_needed_for_figures(call, owner, asked, now, lifted):
    before, instant = asked(), now()
    for workout_id in lifted:
        replace_sets(call, workout_id)
    owner.execute("UPDATE workouts_history SET exercise_executions = '[]'")

    then = asked(instant)

    different = [path for path in before if then[path] != before[path]]
    assert [path for path in different if not path.startswith(("/workouts", "/exercises"))] == []
    assert [path for path in different if path.endswith("/stats")] == []


def test_the_arrays_of_a_version_that_has_grown_since_are_not_read(call, owner, now, lifted):
    before, instant = call("GET", "/timeline/totals"), now()
    for workout_id in lifted:
        replace_sets(call, workout_id)
    owner.execute(
        "UPDATE workouts_history SET begun_at = changed_at, working_reps = ARRAY[99] WHERE version_number = 1"
    )

    then = call("GET", "/timeline/totals", query_string={"as_of": instant})

    assert before["sets"] == 18
    assert then == before


def test_only_warm_ups_are_no_sets_then_either(call, now):
    warm_ups = [{"exercise_name": "Squat", "weight": 20, "reps": 10, "set_type": "warmup"}]
    body = {"workout_type": "STRENGTH", "start_ts": "2026-02-10T17:00:00Z", "strength_sets": warm_ups}
    workout_id = call("POST", "/workouts", json=body)["workout_id"]
    before, instant = call("GET", "/timeline/totals"), now()
    replace_sets(call, workout_id)

    then = call("GET", "/timeline/totals", query_string={"as_of": instant})

    assert (before["workouts"], before["sets"]) == (1, 0)
    assert then == before


def test_workouts_with_an_exercise_without_working_sets_are_found_and_those_that_only_mention_it_are_not(call, now):
    def lift(day, *sets):
        body = {"workout_type": "STRENGTH", "start_ts": f"2026-02-{day}T17:00:00Z", "strength_sets": list(sets)}
        return call("POST", "/workouts", json=body)["workout_id"]

    warm_up = {"exercise_name": "Squat", "weight": 20, "reps": 10, "set_type": "warmup"}
    lifted = [lift(10, warm_up), lift(11, {**warm_up, "set_type": "normal"})]
    squat = call("GET", f"/workouts/{lifted[0]}")["exercise_executions"][0]["exercise_id"]
    mentioned = lift(12, {"exercise_name": "Row", "reps": 5, "note": f"not {squat}"}, {"exercise_name": "Row"})
    paths = [f"/exercises/{squat}/sets", *(f"{path}?exercise_id={squat}" for path in WITH_EXERCISE)]
    before, instant = [call("GET", path) for path in paths], now()
    for workout_id in (*lifted, mentioned):
        replace_sets(call, workout_id)

    then = [call("GET", f"{path}{'&' if '?' in path else '?'}as_of={instant}") for path in paths]

    assert [one["id"] for one in before[1]["items"]] == lifted[::-1]
    assert then == before
