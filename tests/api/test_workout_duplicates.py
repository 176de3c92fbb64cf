"""Workouts and planned workouts that are stored twice: suggested, marked, and counted once."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2025, 11, 3, 17, 0, tzinfo=UTC)
SETS = [{"exercise_name": "Squat", "weight": 100, "weight_unit": "kg", "reps": 5}, {"exercise_name": "Dip", "reps": 9}]


@pytest.fixture
def add(client, alice, owner):
    """Store a finished workout as from a source; return its id."""

    def add(start=START, minutes=60, sets=(), source="Manual", person=alice, **fields):
        end = start + timedelta(minutes=minutes)
        workout = {"workout_type": "STRENGTH", "start_ts": start.isoformat(), "end_ts": end.isoformat(), **fields}
        answer = client.post("/v1/workouts", json={**workout, "strength_sets": list(sets)}, headers=person.headers)
        assert answer.status_code == 201, answer.json
        workout_id = answer.json["workout_id"]
        owner.execute("UPDATE workouts SET source = %s WHERE id = %s", [source, workout_id])
        return workout_id

    return add


@pytest.fixture
def suggested(client, alice):
    """Return the suggested pairs: (the duplicate, the one to keep)."""

    def suggested(person=alice, **query):
        answer = client.get("/v1/workouts/duplicates", query_string=query, headers=person.headers)
        assert answer.status_code == 200, answer.json
        return [(item["workout"]["id"], item["duplicate_of"]["id"]) for item in answer.json["items"]]

    return suggested


def put(client, person, noun, one, other, **headers):
    key = noun.replace("-", "_").removesuffix("s") + "_id"
    path = f"/v1/{noun}/{one}/duplicate-of"
    return client.put(path, json={key: other}, headers={**person.headers, **headers})


def different(client, person, noun, one, other):
    return client.delete(f"/v1/{noun}/{one}/duplicate-of/{other}", headers=person.headers)


# Which are suggested


def test_a_workout_without_sets_is_suggested_beside_the_one_with_sets(client, alice, add, suggested):
    hevy = add(sets=SETS, source="Hevy")
    strava = add(START + timedelta(minutes=6), minutes=45)

    (item,) = client.get("/v1/workouts/duplicates", headers=alice.headers).json["items"]

    assert (item["workout"]["id"], item["duplicate_of"]["id"]) == (strava, hevy)
    assert item["workout"] == client.get(f"/v1/workouts/{strava}", headers=alice.headers).json
    assert (item["minutes_apart"], item["score"]) == (6, pytest.approx((45 / 60 + 0.5) / 2))
    assert suggested() == [(strava, hevy)]


@pytest.mark.parametrize(
    ("minutes_later", "minutes", "found"),
    [(30, 60, True), (31, 60, False), (-30, 60, True), (-31, 60, False), (50, 20, True), (51, 20, False)],
)
def test_they_take_place_together_for_at_least_half_of_the_shorter_one(add, suggested, minutes_later, minutes, found):
    kept = add(sets=SETS)
    other = add(START + timedelta(minutes=minutes_later), minutes=minutes)

    assert suggested() == ([(other, kept)] if found else [])


@pytest.mark.parametrize(("minutes_later", "found"), [(10, True), (-10, True), (11, False)])
def test_one_without_a_length_starts_within_ten_minutes(add, suggested, minutes_later, found):
    kept = add(sets=SETS)
    other = add(START + timedelta(minutes=minutes_later), minutes=0)

    assert suggested() == ([(other, kept)] if found else [])


def test_the_same_sets_on_one_local_day_are_suggested_in_whatever_unit(add, suggested):
    pounds = [{**SETS[0], "weight": 220.462, "weight_unit": "lb"}, SETS[1]]
    first = add(START.replace(hour=1), sets=SETS)
    second = add(START.replace(hour=20), sets=pounds)

    assert suggested() == [(first, second)]
    assert suggested(time_zone="America/New_York") == []  # where 01:00 UTC is the evening before


@pytest.mark.parametrize(
    "other",
    [
        {"sets": [{**SETS[0], "reps": 6}, SETS[1]]},
        {"sets": SETS[::-1]},
        {"sets": SETS[:1]},
        {"sets": SETS, "start": START + timedelta(days=1)},
        {},
    ],
    ids=["more repetitions", "another order", "fewer sets", "another day", "no sets"],
)
def test_other_workouts_of_the_day_are_not_suggested(add, suggested, other):
    add(START - timedelta(hours=8), sets=SETS)
    add(**other)

    assert suggested() == []


def test_workouts_of_different_types_and_unfinished_and_deleted_ones_are_not_suggested(client, alice, add, suggested):
    add(sets=SETS)
    add(workout_type="CARDIO")
    add(in_progress=True)
    deleted = add()
    client.delete(f"/v1/workouts/{deleted}", headers=alice.headers)

    assert suggested() == []


@pytest.mark.parametrize(("minutes", "found"), [(42, True), (41, False)])
def test_a_heart_rate_of_the_same_time_is_suggested_beside_sets(add, suggested, minutes, found):
    lifted = add(sets=SETS)
    session = {"sport": "Workout", "avg_heart_rate": 121}
    watched = add(START, minutes=minutes, workout_type="CARDIO", cardio_session=session)

    assert suggested() == ([(watched, lifted)] if found else [])


@pytest.mark.parametrize(("minutes_later", "found"), [(120, True), (-345, True), (121, False)])
def test_a_ride_that_was_read_in_another_time_zone_is_suggested(add, suggested, minutes_later, found):
    session = {"sport": "Ride", "distance_miles": 20, "duration_seconds": 3600}
    first = add(workout_type="CARDIO", cardio_session=session)
    second = add(START + timedelta(minutes=minutes_later), workout_type="CARDIO", cardio_session=session)

    assert [set(pair) for pair in suggested()] == ([{first, second}] if found else [])


def test_cardio_without_a_time_of_day_is_suggested_on_its_day(owner, add, suggested):
    owner.execute("ALTER TABLE workouts DROP CONSTRAINT workouts_source_check")
    ride = {"workout_type": "CARDIO", "cardio_session": {"distance_miles": 20.0, "duration_seconds": 3600}}
    timed = add(START.replace(hour=7), minutes=61, source="Strava", **ride)
    day_only = add(START.replace(hour=12), source="MapMyFitness", **ride)
    ride["cardio_session"] = {"distance_miles": 15.0, "duration_seconds": 3600}
    add(START.replace(hour=12), source="MapMyFitness", **ride)

    assert suggested() == [(day_only, timed)]


def test_pages_hold_every_suggestion_once_newest_first(client, alice, add):
    for n in range(5):
        add(START + timedelta(days=n), sets=SETS)
        add(START + timedelta(days=n, minutes=5))

    found, query = [], {"limit": 2}
    while True:
        page = client.get("/v1/workouts/duplicates", query_string=query, headers=alice.headers).json
        found += [item["workout"]["start_ts"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert found == [f"2025-11-0{day}T17:05:00Z" for day in (7, 6, 5, 4, 3)]


def test_somebody_elses_workouts_are_not_suggested(add, suggested, alice, bob):
    add(sets=SETS)
    add(person=bob)

    assert suggested() == suggested(bob) == []


# Marked


def test_a_marked_workout_counts_once_in_every_figure(client, alice, add):
    now = datetime.now(UTC) - timedelta(hours=2)
    hevy = add(now, sets=SETS, calories_burned=300)
    (squat, _) = client.get(f"/v1/workouts/{hevy}", headers=alice.headers).json["exercise_executions"]
    paths = ["users/me/stats", "summary", "timeline", "metrics/reps", f"exercises/{squat['exercise_id']}/stats"]
    before = [client.get(f"/v1/{path}", headers=alice.headers).json for path in paths]
    strava = add(now, calories_burned=250)
    assert [client.get(f"/v1/{path}", headers=alice.headers).json for path in paths] != before

    answer = put(client, alice, "workouts", strava, hevy)

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json["duplicate_of"], answer.json["version"]) == (hevy, 2)
    assert [client.get(f"/v1/{path}", headers=alice.headers).json for path in paths] == before
    (marked, _) = client.get(f"/v1/workouts/{strava}/history", headers=alice.headers).json["items"]
    assert (marked["duplicate_of"], marked["change_reason"]) == (hevy, f"Marked as a duplicate of {hevy}")
    listed = client.get("/v1/workouts?include_duplicates=false", headers=alice.headers).json["items"]
    assert [workout["id"] for workout in listed] == [hevy]
    assert len(client.get("/v1/workouts", headers=alice.headers).json["items"]) == 2

    client.delete(f"/v1/workouts/{hevy}", headers=alice.headers)
    stats = client.get("/v1/users/me/stats", headers=alice.headers).json["totals"]
    assert (stats["workouts"], stats["calories_burned"]) == (1, 250)


def test_marking_again_changes_nothing_and_unmarking_is_a_version(client, alice, add, suggested):
    hevy, strava = add(sets=SETS), add()
    put(client, alice, "workouts", strava, hevy)

    again = put(client, alice, "workouts", strava, hevy)
    assert (again.status_code, again.json["version"], suggested()) == (200, 2, [])

    answer = different(client, alice, "workouts", strava, hevy)
    assert (answer.json["duplicate_of"], answer.json["version"], suggested()) == (None, 3, [])
    restored = client.post(f"/v1/workouts/{strava}/restore/2", headers=alice.headers)
    assert restored.json["duplicate_of"] == hevy


def test_chains_and_strangers_are_refused(client, alice, bob, add):
    first, second, third = add(sets=SETS), add(), add()
    bobs = add(person=bob)
    put(client, alice, "workouts", second, first)

    chained = put(client, alice, "workouts", third, second)
    assert (chained.status_code, chained.json["detail"]) == (
        409,
        f"Workout {second} is itself marked as a duplicate of workout {first}",
    )
    assert put(client, alice, "workouts", first, third).status_code == 409
    assert put(client, alice, "workouts", first, first).status_code == 422
    assert put(client, alice, "workouts", third, bobs).status_code == 404
    assert put(client, alice, "workouts", bobs, third).status_code == 404
    assert different(client, alice, "workouts", third, bobs).status_code == 404
    stale = put(client, alice, "workouts", third, first, **{"If-Match": '"7"'})
    assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
    for body in ({}, {"duplicate_of": first}):
        assert client.patch(f"/v1/workouts/{third}", json=body, headers=alice.headers).status_code == 422


# Planned workouts


@pytest.fixture
def plan(client, alice, owner):
    """Plan a workout, as by an import with `changeset`; return its id."""

    def plan(day, changeset=None, **fields):
        planned = {"title": "10 km", "workout_type": "Run", "originally_planned_day": day, "planned_duration_hours": 1}
        planned_id = client.post("/v1/planned-workouts", json={**planned, **fields}, headers=alice.headers).json["id"]
        if changeset:
            owner.execute(
                """
                INSERT INTO changesets (user_id, changeset_id, kind) VALUES (%s, %s, 'import')
                ON CONFLICT DO NOTHING
                """,
                [alice.user_id, changeset],
            )
            owner.execute(
                "UPDATE planned_workouts_history SET changeset_id = %s WHERE planned_workout_id = %s",
                [changeset, planned_id],
            )
        return planned_id

    return plan


@pytest.fixture
def suggested_plans(client, alice):
    def suggested():
        items = client.get("/v1/planned-workouts/duplicates", headers=alice.headers).json["items"]
        return [(item["planned_workout"]["id"], item["duplicate_of"]["id"], item["days_apart"]) for item in items]

    return suggested


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, True),
        ({"title": "10 KM"}, True),
        ({"day": "2026-03-09"}, True),
        ({"day": "2026-03-10"}, False),
        ({"title": "12 km"}, False),
        ({"workout_type": "Bike"}, False),
        ({"planned_duration_hours": 1.5}, False),
        ({"planned_distance_meters": 10000}, False),
        ({"tss": 50}, False),
        ({"changeset": 901}, False),
    ],
)
def test_planned_workouts_of_different_imports_with_the_same_values_are_suggested(plan, suggested_plans, fields, found):
    first = plan("2026-03-02", changeset=901)
    second = plan(**{"day": "2026-03-03", "changeset": 902, **fields})

    apart = 7 if fields.get("day") else 1
    assert suggested_plans() == ([(first, second, apart)] if found else [])


def test_what_was_planned_twice_by_hand_is_meant(plan, suggested_plans):
    plan("2026-03-02")
    plan("2026-03-03")

    assert suggested_plans() == []


def test_of_two_planned_workouts_the_done_one_is_kept(client, alice, plan, suggested_plans, make_run):
    first, second = plan("2026-03-02", changeset=901), plan("2026-03-03", changeset=902)
    run = make_run(alice)
    client.put(f"/v1/planned-workouts/{first}/done", json={"run_id": run.id}, headers=alice.headers)

    assert suggested_plans() == [(second, first, 1)]


def test_a_marked_planned_workout_counts_once_in_adherence(client, alice, plan, suggested_plans):
    first, second = plan("2026-03-02", changeset=901), plan("2026-03-03", changeset=902)

    def planned_hours():
        (week,) = client.get("/v1/plan/adherence?start=2026-03-02&end=2026-03-08", headers=alice.headers).json["weeks"]
        return week["planned"], week["planned_hours"]

    assert planned_hours() == (2, 2)
    answer = put(client, alice, "planned-workouts", first, second)

    assert (answer.status_code, answer.json["duplicate_of"], answer.json["version"]) == (200, second, 2)
    assert (planned_hours(), suggested_plans()) == ((1, 1), [])
    listed = client.get("/v1/planned-workouts?include_duplicates=false", headers=alice.headers).json["items"]
    assert [planned["id"] for planned in listed] == [second]
    assert put(client, alice, "planned-workouts", first, 999999).status_code == 404
    assert different(client, alice, "planned-workouts", first, second).json["duplicate_of"] is None
    assert (planned_hours(), suggested_plans()) == ((2, 2), [])
