"""What counts in the figures, and which days they are of."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.api.workout_metrics.figures import get, paths
from tests.training import FAR_EAST, FAR_WEST, Set, Workout, exercise_id

# What counts


def test_somebody_who_never_trained_gets_zeros_and_empty_lists(client, alice, log):
    log(alice, [])

    stats = get(client, alice)
    exercise = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats")
    counter = get(client, alice, "/v1/metrics/reps?days=2")

    assert set(stats.pop("totals").values()) == {0}
    assert stats == {
        "frequency": {"per_week": 0, "per_month": 0, "weeks": [], "months": []},
        "most_performed_exercises": [],
        "body_parts": [],
        "personal_records": [],
        "streaks": {
            "current_days": 0,
            "longest_days": 0,
            "longest_from": None,
            "longest_to": None,
            "last_workout_on": None,
        },
    }
    assert [exercise[key] for key in ("best_set", "estimated_one_rep_max", "weeks")] == [None, None, []]
    assert set(exercise["totals"].values()) == {0, None}
    assert set(counter["totals"].values()) == {0}
    assert counter["exercise_types"] == []
    assert [(day["sessions"], day["reps"], day["duration_seconds"]) for day in counter["days"]] == [(0, 0, 0)] * 2
    assert get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/sets") == {"items": [], "next_cursor": None}


def test_a_range_without_workouts_is_weeks_of_none(client, alice):
    frequency = get(client, alice, start="2025-11-05", end="2025-11-17")["frequency"]

    assert frequency == {
        "per_week": 0,
        "per_month": 0,
        "weeks": [{"week": week, "workouts": 0} for week in ("2025-11-03", "2025-11-10", "2025-11-17")],
        "months": [{"month": "2025-11-01", "workouts": 0}],
    }


@pytest.mark.parametrize("left_out", [{"deleted": True}, {"finished": False}])
def test_deleted_and_unfinished_workouts_are_left_out(client, alice, log, left_out):
    now = datetime.now(UTC) - timedelta(minutes=1)
    kept = Workout(now, {"Squat": [Set(100)]}, counted=("push-up", 20, 60))
    log(alice, [kept])
    before = [get(client, alice, path) for path in paths("Squat")]

    log(alice, [kept, Workout(now, {"Squat": [Set(200)]}, counted=("push-up", 50, 60), **left_out)])

    assert [get(client, alice, path) for path in paths("Squat")] == before


def test_warm_ups_are_in_no_figure_and_assistance_moves_no_weight(client, alice, log):
    sets = [Set(300, 5, "warmup"), Set(-20, 8), Set(None, 8), Set(50, None), Set(60, 0), Set(40, 10)]
    log(alice, [Workout(datetime(2025, 11, 2, 12, tzinfo=UTC), {"Squat": sets})])

    stats = get(client, alice)

    assert (stats["totals"]["sets"], stats["totals"]["reps"], stats["totals"]["volume_pounds"]) == (5, 26, 400)
    assert [(record["weight"], record["reps"]) for record in stats["personal_records"]] == [(40, 10)]


def test_pounds_and_kilograms_are_compared_as_weights(client, alice, log):
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    log(
        alice,
        [
            Workout(noon, {"Squat": [Set(200, 3)]}),
            Workout(noon + timedelta(days=1), {"Squat": [Set(100, 3, weight_unit="kg")]}),
            Workout(noon + timedelta(days=2), {"Squat": [Set(220, 3)]}),
        ],
    )

    record = get(client, alice)["personal_records"][0]

    assert (record["weight"], record["weight_unit"], record["achieved_on"]) == (100, "kg", "2025-11-03")
    assert record["weight_pounds"] == 220.46
    assert (record["weight_kilograms"], record["estimated_one_rep_max_kilograms"]) == (100, 110)


def test_of_equal_records_that_with_more_repetitions_counts_then_the_first(client, alice, log):
    days = [datetime(2025, 11, day, 12, tzinfo=UTC) for day in range(1, 5)]
    log(alice, [Workout(day, {"Squat": [Set(100, reps)]}) for day, reps in zip(days, (5, 6, 6, 2), strict=True)])

    record = get(client, alice)["personal_records"][0]

    assert (record["reps"], record["achieved_on"]) == (6, "2025-11-02")


def test_the_weight_of_a_single_repetition_is_its_own_estimate(client, alice, log):
    log(alice, [Workout(datetime(2025, 11, 2, tzinfo=UTC), {"Squat": [Set(140, 1), Set(120, 6), Set(100, 5)]})])

    stats = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats")

    best, strongest = stats["best_set"], stats["estimated_one_rep_max"]
    assert (best["weight"], best["estimated_one_rep_max_pounds"]) == (140, 140)
    assert (strongest["weight"], strongest["estimated_one_rep_max_pounds"]) == (120, 144)


# Days


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
@pytest.mark.parametrize(("days_ago", "current"), [(0, 3), (1, 3), (2, 0)])
def test_a_streak_goes_on_until_a_local_day_has_passed_without_a_workout(client, alice, log, zone, days_ago, current):
    noon = datetime.now(ZoneInfo(zone)).replace(hour=12)
    log(alice, [Workout(noon - timedelta(days=days_ago + n)) for n in (0, 1, 1, 2, 4)])

    streaks = get(client, alice, time_zone=zone)["streaks"]

    assert (streaks["current_days"], streaks["longest_days"]) == (current, 3)
    assert streaks["last_workout_on"] == streaks["longest_to"] == str((noon - timedelta(days=days_ago)).date())


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end"),
    [
        (FAR_EAST, "2025-11-02", "2025-11-01T10:00:00Z", "2025-11-02T10:00:00Z"),
        (FAR_WEST, "2025-11-02", "2025-11-02T12:00:00Z", "2025-11-03T12:00:00Z"),
        ("America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        ("America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"),
    ],
    ids=["far east", "far west", "a day of 25 hours", "a day of 23 hours"],
)
def test_days_are_local_to_the_users_time_zone_or_the_one_asked_for(client, make_person, log, zone, day, begin, end):
    resident, guest = make_person("resident", time_zone=zone), make_person("guest", time_zone="Asia/Tokyo")
    first, after = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    moment = timedelta(microseconds=1)
    workouts = [Workout(at, {"Squat": [Set()]}) for at in (first - moment, first, after - moment, after)]
    for person in (resident, guest):
        log(person, workouts)

    answers = [
        get(client, person, path, start=day, end=day, **query)
        for person, query in ((resident, {}), (guest, {"time_zone": zone}))
        for path in paths("Squat")[:2]
    ]

    assert [answer["totals"]["workouts"] for answer in answers] == [2] * 4
    assert {answers[0]["personal_records"][0]["achieved_on"], answers[1]["totals"]["last_on"]} == {day}


def test_three_workouts_in_january_are_few_per_week_in_november(client, alice, log):
    log(alice, [Workout(datetime(2025, 1, day, 12, tzinfo=UTC)) for day in (6, 8, 10)])

    january = get(client, alice, end="2025-01-12")["frequency"]
    november = get(client, alice, end="2025-11-16")["frequency"]
    today = get(client, alice)["frequency"]

    assert january["per_week"] == 3.0
    assert (november["per_week"], november["per_month"]) == (0.07, 0.27)  # 3 in 45 weeks, in 11 months
    assert 0 < today["per_week"] < november["per_week"]


def test_the_weeks_of_an_exercise_go_on_to_today(client, alice, log):
    now = datetime.now(UTC)
    log(alice, [Workout(now - timedelta(weeks=3), {"Squat": [Set()]})])

    weeks = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats")["weeks"]

    assert [week["sets"] for week in weeks] == [1, 0, 0, 0]


def test_a_skipped_day_ends_no_streak_of_workouts(client, alice, log):
    log(alice, [Workout(datetime(2011, 12, day, 12, tzinfo=ZoneInfo("Pacific/Apia"))) for day in (29, 31)])

    assert get(client, alice, time_zone="Pacific/Apia")["streaks"]["longest_days"] == 2
    assert get(client, alice, time_zone="UTC")["streaks"]["longest_days"] == 2  # 29 and 30 December


def test_volumes_and_converted_weights_have_two_decimals(client, alice, log):
    log(alice, [Workout(datetime(2025, 11, 3, 12, tzinfo=UTC), {"Squat": [Set(100.1, 3), Set(33.3, 3)]})])

    stats = get(client, alice)
    exercise = get(client, alice, f"/v1/exercises/{exercise_id('Squat')}/stats", end="2025-11-03")

    volume = {"volume_pounds": 400.2, "volume_kilograms": 181.53}
    assert volume.items() <= stats["totals"].items()
    assert volume.items() <= exercise["totals"].items()
    assert volume.items() <= exercise["weeks"][0].items()
    assert exercise["best_set"]["weight"] == 100.1
    assert (exercise["best_set"]["weight_kilograms"], exercise["best_set"]["weight_pounds"]) == (45.4, 100.1)
    assert exercise["estimated_one_rep_max"]["estimated_one_rep_max_pounds"] == 110.11


def test_frequency_ends_with_the_latest_weeks_and_months_and_averages_all(client, alice, log):
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    log(alice, [Workout(noon), Workout(datetime(2023, 12, 31, 12, tzinfo=UTC), {"Squat": [Set()]})])

    frequency = get(client, alice, end="2023-12-31")["frequency"]

    assert (len(frequency["weeks"]), frequency["weeks"][-1]) == (52, {"week": "2023-12-25", "workouts": 1})
    assert (len(frequency["months"]), frequency["months"][-1]) == (24, {"month": "2023-12-01", "workouts": 1})
    assert (frequency["per_week"], frequency["per_month"]) == (0.01, 0.04)  # 2 in 209 weeks, in 48 months
