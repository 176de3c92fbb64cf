"""Planned against done: what may fulfil a planned workout, what does, and how the weeks add up."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

METRES_PER_MILE = 1609.344


@pytest.fixture
def plan(client, alice):
    """Plan a workout, choose something of it; return its id."""

    def plan(day="2026-03-02", type="Run", selection=None, **fields):
        body = {"title": "Planned", "workout_type": type, "originally_planned_day": str(day), **fields}
        planned = client.post("/v1/planned-workouts", json=body, headers=alice.headers).json["id"]
        if selection:
            assert client.put(f"/v1/selections/{planned}", json=selection, headers=alice.headers).status_code == 200
        return planned

    return plan


@pytest.fixture
def work_out(client, alice):
    """Send a workout; return its id."""

    def work_out(**fields):
        return client.post("/v1/workouts", json=fields, headers=alice.headers).json["workout_id"]

    return work_out


@pytest.fixture
def done(client, alice):
    """Say what fulfils a planned workout; return the answer."""

    def done(planned, person=alice, **by):
        return client.put(f"/v1/planned-workouts/{planned}/done", json=by, headers=person.headers)

    return done


@pytest.fixture
def candidates(client, alice):
    def candidates(planned, **query):
        answer = client.get(f"/v1/planned-workouts/{planned}/candidates", query_string=query, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json["items"]

    return candidates


@pytest.fixture
def weeks(client, alice):
    def weeks(**query):
        answer = client.get("/v1/plan/adherence", query_string=query, headers=alice.headers)
        assert answer.status_code == 200, answer.json
        return answer.json["weeks"]

    return weeks


def test_the_likeliest_candidate_is_nearest_by_day_and_size(alice, make_run, plan, candidates):
    for name, instant, miles in (
        ("same day, half as far", "2026-03-02T12:00Z", 3.1),
        ("same day, as far", "2026-03-02T18:00Z", 6.2),
        ("next day, as far", "2026-03-03T12:00Z", 6.2),
        ("three days before", "2026-02-27T12:00Z", 6.2),
        ("four days before", "2026-02-26T12:00Z", 6.2),
    ):
        make_run(alice, name=name, datetime_utc=instant, distance=miles)
    planned = plan(planned_distance_meters=10_000, planned_duration_hours=5)

    found = candidates(planned)

    assert [one["title"] for one in found] == [
        "same day, as far", "same day, half as far", "next day, as far", "three days before",
    ]  # fmt: skip
    assert [one["days_apart"] for one in found] == [0, 0, 1, -3]
    assert found[1]["size_difference"] == pytest.approx(1 - 3.1 * METRES_PER_MILE / 10_000)


@pytest.mark.parametrize(
    ("type", "kinds"),
    [
        ("Run", {"RUN", "CARDIO"}),
        ("Swim", {"CARDIO"}),
        ("STRENGTH", {"STRENGTH", "REPS"}),
        ("Day Off", set()),
        ("Other", {"RUN", "CARDIO", "STRENGTH", "REPS"}),
        ("A word of my own", {"RUN", "CARDIO", "STRENGTH", "REPS"}),
    ],
)
def test_candidates_are_of_a_fitting_type(alice, make_run, plan, work_out, candidates, type, kinds):
    start = {"start_ts": "2026-03-02T15:00:00Z"}
    make_run(alice, datetime_utc=start["start_ts"])
    work_out(**start, workout_type="CARDIO", cardio_session={"duration_seconds": 1800})
    work_out(**start, workout_type="STRENGTH", end_ts="2026-03-02T16:00:00Z")
    counted = {"exercise_type": "push-up", "reps_count": 25, "duration_seconds": 180}
    work_out(**start, workout_type="REPS", rep_session=counted)

    assert {one["kind"] for one in candidates(plan(type=type))} == kinds


def test_what_is_deleted_unfinished_a_duplicate_or_fulfils_another_is_no_candidate(
    client, owner, alice, bob, make_run, plan, work_out, candidates, done
):
    deleted, taken, twice, free = (make_run(alice, datetime_utc="2026-03-02T12:00Z") for _ in range(4))
    make_run(bob, datetime_utc="2026-03-02T12:00Z")
    client.delete(f"/v1/runs/{deleted.id}", headers=alice.headers)
    owner.execute("UPDATE runs SET duplicate_of = %s WHERE id = %s", [free.id, twice.id])
    work_out(workout_type="CARDIO", start_ts="2026-03-02T15:00:00Z", in_progress=True)
    other = plan()
    done(other, run_id=taken.id)

    assert [one["run_id"] for one in candidates(plan())] == [free.id]
    assert {one["run_id"] for one in candidates(other)} == {taken.id, free.id}
    client.delete(f"/v1/planned-workouts/{other}", headers=alice.headers)
    assert {one["run_id"] for one in candidates(plan())} == {taken.id, free.id}


def test_candidates_are_of_local_days_around_the_one_planned_for_now(alice, make_run, plan, candidates):
    make_run(alice, datetime_utc="2026-03-02T02:00Z")
    planned = plan(day="2026-01-01", selection={"currentPlanDay": "2026-03-01"})

    assert [one["day"] for one in candidates(planned, time_zone="America/Chicago")] == ["2026-03-01"]
    assert [one["day"] for one in candidates(planned, time_zone="Asia/Tokyo")] == ["2026-03-02"]


def test_what_fulfils_a_plan_is_confirmed_corrected_and_taken_back(client, alice, make_run, plan, work_out, done):
    planned, run = plan(), make_run(alice)
    workout = work_out(workout_type="CARDIO", start_ts="2026-03-02T15:00:00Z", cardio_session={})

    confirmed = done(planned, run_id=run.id)
    corrected = done(planned, workout_id=workout)
    taken_back = client.delete(f"/v1/planned-workouts/{planned}/done", headers=alice.headers)

    assert (confirmed.status_code, confirmed.json["done"]) == (200, {"run_id": run.id, "workout_id": None})
    assert corrected.json["done"] == {"run_id": None, "workout_id": workout}
    assert taken_back.status_code == 204
    assert client.get(f"/v1/planned-workouts/{planned}", headers=alice.headers).json["done"] is None


def test_a_run_fulfils_one_planned_workout_until_that_is_deleted(client, alice, make_run, plan, done):
    first, second, run = plan(), plan(), make_run(alice)
    done(first, run_id=run.id)

    refused = done(second, run_id=run.id)
    client.delete(f"/v1/planned-workouts/{first}", headers=alice.headers)
    allowed = done(second, run_id=run.id)

    assert (refused.status_code, refused.json) == (409, {"detail": "This run fulfils another planned workout"})
    assert allowed.status_code == 200


def test_only_what_is_there_and_ones_own_fulfils_a_plan(client, alice, bob, make_run, plan, done):
    planned, deleted, bobs = plan(), make_run(alice), make_run(bob)
    client.delete(f"/v1/runs/{deleted.id}", headers=alice.headers)

    for by, noun in (
        ({"run_id": deleted.id}, "Run"),
        ({"run_id": bobs.id}, "Run"),
        ({"run_id": "manual_none"}, "Run"),
        ({"workout_id": str(uuid4())}, "Workout"),
    ):
        answer = done(planned, **by)
        assert (answer.status_code, answer.json) == (404, {"detail": f"{noun} not found"})
    assert done(planned, bob, run_id=bobs.id).json == {"detail": "Planned workout not found"}
    for by in ({}, {"run_id": "a", "workout_id": str(uuid4())}, {"run_id": None}, {"workout_id": "5"}, {"id": 5}):
        assert done(planned, **by).status_code == 422


# Adherence


def test_weeks_are_those_of_the_days_on_which_workouts_are_planned_now_and_none_is_left_out(plan, weeks):
    plan(day="2020-03-01", tss=50)  # a Sunday
    plan(day="2020-03-02", selection={"currentPlanDay": "2020-03-16"}, planned_duration_hours=2, intensity_factor=0.5)
    plan(day="2020-03-17", selection={"isSelected": False})
    plan(day="2020-03-17", type="Day Off")

    found = weeks(start="2020-03-01", end="2020-03-16")

    assert [(week["week"], week["planned"], week["missed"], week["moved"]) for week in found] == [
        ("2020-02-24", 1, 1, 0), ("2020-03-02", 0, 0, 0), ("2020-03-09", 0, 0, 0), ("2020-03-16", 1, 1, 1),
    ]  # fmt: skip
    assert [week["planned_tss"] for week in found] == [50, 0, 0, 50]
    from_sunday = weeks(start="2020-03-01", end="2020-03-16", week_start="sunday")
    assert [(week["week"], week["planned"]) for week in from_sunday] == [
        ("2020-03-01", 1), ("2020-03-08", 0), ("2020-03-15", 1),
    ]  # fmt: skip


def test_what_is_deleted_since_no_longer_fulfils_the_plan(client, alice, make_run, plan, weeks, done):
    planned, run = plan(day="2020-03-02"), make_run(alice, duration=3600)
    done(planned, run_id=run.id)
    before = weeks(start="2020-03-02", end="2020-03-08")

    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)

    (after,) = weeks(start="2020-03-02", end="2020-03-08")
    assert [(week["done"], week["missed"], week["done_hours"]) for week in (*before, after)] == [(1, 0, 1), (0, 1, 0)]


def no_training(first: date, last: date) -> dict[date, dict[str, float]]:
    """Return the weeks of these days, by their Mondays, without anything planned."""
    monday = first - timedelta(days=first.weekday())
    fields = (
        "planned", "done", "missed", "moved", "planned_hours", "done_hours", "planned_distance_meters",
        "done_distance_meters", "planned_tss", "done_tss",
    )  # fmt: skip
    return {monday + timedelta(days=days): dict.fromkeys(fields, 0) for days in range(0, (last - monday).days + 1, 7)}


@pytest.fixture
def fulfil(client, alice, make_run, work_out, done):
    """Fulfil a plan by a record of a kind; return its hours and metres."""

    def train(planned: int, by: str, begun: datetime, chance: random.Random) -> tuple[float, float]:
        if "run" in by:
            run = make_run(alice, datetime_utc=begun, duration=chance.uniform(600, 9000), distance=chance.uniform(1, 9))
            done(planned, run_id=run.id)
            if "deleted" in by:
                client.delete(f"/v1/runs/{run.id}", headers=alice.headers)
            return run.duration / 3600, run.distance * METRES_PER_MILE
        if by == "cardio":
            session = {"duration_seconds": 1234.5, "distance_miles": 2.5}
            workout = work_out(workout_type="CARDIO", start_ts=begun.isoformat(), cardio_session=session)
            done(planned, workout_id=workout)
            return 1234.5 / 3600, 2.5 * METRES_PER_MILE
        if by:
            ending = {"in_progress": True} if by == "open" else {"end_ts": (begun + timedelta(hours=1)).isoformat()}
            workout = work_out(workout_type="STRENGTH", start_ts=begun.isoformat(), **ending)
            done(planned, workout_id=workout)
            return 1.0, 0.0
        return 0.0, 0.0

    return train


def test_the_weeks_add_up_as_plain_python_does(client, alice, bob, plan, weeks, fulfil):
    """On random plans, moved, deselected, deleted, done by runs and workouts, some of which are deleted."""
    chance = random.Random(8)
    zone = ZoneInfo("Pacific/Auckland")
    today = datetime.now(zone).date()
    first, last = today - timedelta(days=40), today + timedelta(days=40)
    expected = no_training(first, last)
    for _ in range(80):
        # No plan is for today or yesterday: midnight may pass while the test runs.
        original, moved_to = (today + timedelta(days=chance.choice([-1, 1]) * chance.randint(2, 45)) for _ in "ab")
        moved, selected, deleted = chance.random() < 0.3, chance.random() < 0.85, chance.random() < 0.1
        hours, metres, tss, intensity = (
            chance.choice([None, chance.uniform(0.5, most)]) for most in (3.0, 30_000.0, 150.0, 1.2)
        )
        type = chance.choice(["Run", "Swim", "Strength", "Day Off"])
        selection = {"isSelected": selected} | ({"currentPlanDay": str(moved_to)} if moved else {})
        planned = plan(
            day=original, type=type, selection=selection, planned_duration_hours=hours,
            planned_distance_meters=metres, tss=tss, intensity_factor=intensity,
        )  # fmt: skip
        by = chance.choice(["", "run", "deleted run", "cardio", "strength", "open"])
        done_hours, done_metres = fulfil(planned, by, datetime.combine(original, datetime.min.time(), UTC), chance)
        if deleted:
            client.delete(f"/v1/planned-workouts/{planned}", headers=alice.headers)
        day = moved_to if moved else original
        if deleted or not selected or type == "Day Off" or not first <= day <= last:
            continue
        is_done = by in {"run", "cardio", "strength"}
        if tss is None and hours is not None and intensity is not None:
            tss = hours * intensity**2 * 100
        week = expected[day - timedelta(days=day.weekday())]
        for field, value in {
            "planned": 1, "done": is_done, "missed": not is_done and day < today, "moved": day != original,
            "planned_hours": hours or 0, "done_hours": is_done and done_hours,
            "planned_distance_meters": metres or 0, "done_distance_meters": is_done and done_metres,
            "planned_tss": tss or 0, "done_tss": (is_done and tss) or 0,
        }.items():  # fmt: skip
            week[field] += value

    found = weeks(start=str(first), end=str(last), time_zone=zone.key)

    assert {date.fromisoformat(week.pop("week")): pytest.approx(week) for week in found} == {
        day: {field: round(value, 4 if "hours" in field else 2) for field, value in week.items()}
        for day, week in expected.items()
    }
    assert all(sum(week[field] for week in expected.values()) for field in ("done", "missed", "moved", "done_tss"))
    assert (
        client.get("/v1/plan/adherence", query_string={"start": first, "end": first}, headers=bob.headers).json[
            "weeks"
        ][0]["planned"]
        == 0
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2026-03-02&end=2026-03-01", "end"),
        ("start=2026-03-02", "end"),
        ("end=2026-03-02", "start"),
        ("start=1900-01-01&end=2199-12-31", "end"),
        ("start=0000-01-01&end=2026-03-01", "start"),
        ("start=2026-03-01&end=never", "end"),
        ("start=2026-03-01&end=2026-03-02&time_zone=Mars/Olympus", "time_zone"),
    ],
)
def test_ranges_that_are_backwards_or_absurd_are_refused(client, alice, query, field):
    answer = client.get(f"/v1/plan/adherence?{query}", headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
