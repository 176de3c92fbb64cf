"""Which runs and days count in statistics of runs: zones, skipped days, deleted runs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql

from tests.training import (
    FAR_EAST,
    FAR_WEST,
    METRICS,
    Run,
    monday,
)


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end"),
    [
        (FAR_EAST, "2025-11-02", "2025-11-01T10:00:00Z", "2025-11-02T10:00:00Z"),
        (FAR_WEST, "2025-11-02", "2025-11-02T12:00:00Z", "2025-11-03T12:00:00Z"),
        ("America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        ("America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"),
        ("Europe/Berlin", "2025-10-26", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"),
        ("Europe/Berlin", "2025-03-30", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"),
    ],
    ids=["far east", "far west", "25 hours in New York", "23 hours there", "25 hours in Berlin", "23 hours there"],
)
def test_days_are_local_to_the_users_time_zone_or_the_one_asked_for(get, make_person, run_log, zone, day, begin, end):
    resident, guest = make_person("resident", time_zone=zone), make_person("guest", time_zone="Asia/Tokyo")
    first, after = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    moment = timedelta(microseconds=1)
    for person in (resident, guest):
        run_log(person, [Run(at, distance=1) for at in (first - moment, first, after - moment, after)])

    for person, query in ((resident, {}), (guest, {"time_zone": zone})):
        one_day = get("mileage/by-day", person, start=day, end=day, **query)["days"]
        all_days = get("mileage/by-day", person, **query)["days"]

        assert one_day == [{"date": day, "miles": 2, "seconds": 4800, "runs": 2}]
        assert [one["runs"] for one in all_days][:4] == [1, 2, 1, 0]
        assert get("mileage/total", person, start=day, end=day, **query) == {"miles": 2, "runs": 2}


def test_eleven_years_are_answered_day_by_day(get, alice, run_log):
    run_log(alice, [Run(datetime(2020, 2, 29, 12, tzinfo=UTC), distance=6.2)])
    query = {"start": "2015-01-01", "end": "2025-12-31"}

    days = get("mileage/by-day", **query)["days"]
    rolling = get("mileage/rolling-by-day", window=3650, **query)["days"]

    assert len(days) == len(rolling) == 4018
    assert [day for day in days if day["runs"]] == [{"date": "2020-02-29", "miles": 6.2, "seconds": 2400, "runs": 1}]
    assert [day["miles"] for day in rolling] == [0] * 1885 + [6.2] * 2133


def test_days_that_left_the_window_leave_nothing_behind(get, alice, run_log):
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    run_log(alice, [Run(noon + timedelta(days=n), distance=distance) for n, distance in enumerate((0.1, 0.2, 999.7))])

    rolling = get("mileage/rolling-by-day", window=2, end="2025-01-06")["days"]

    assert [day["miles"] for day in rolling] == [0.1, 0.3, 999.9, 999.7, 0, 0]


def test_series_go_on_to_today_in_the_persons_zone_and_beyond_it_to_a_run_with_a_later_date(get, alice, run_log):
    today = datetime.now(ZoneInfo(FAR_EAST)).date()
    run_log(alice, [Run(datetime.now(UTC) - timedelta(days=40))])
    series = {
        "mileage/by-day": ("days", "date", today),
        "mileage/by-week": ("weeks", "week", monday(today)),
        "mileage/by-month": ("months", "month", today.replace(day=1)),
        "mileage/rolling-by-day": ("days", "date", today),
        "trimp/by-day": ("days", "date", today),
        "training-load/by-day": ("days", "date", today),
    }

    for path, (periods, name, last) in series.items():
        assert get(path, time_zone=FAR_EAST)[periods][-1][name] == str(last), path
        assert get(path, time_zone=FAR_EAST, start=today)[periods][-1][name] == str(last), path
        assert get(path, time_zone=FAR_EAST, start=today + timedelta(days=60))[periods] == [], path

    run_log(alice, [Run(datetime.now(UTC) - timedelta(days=4)), Run(datetime.now(UTC) + timedelta(days=2))])
    days = get("mileage/by-day", time_zone="UTC")["days"]
    assert [day["runs"] for day in days] == [1, 0, 0, 0, 0, 0, 1]


def test_sums_are_rounded_to_four_decimals_of_miles(get, client, alice, run_log):
    noon = datetime(2025, 11, 3, 12, tzinfo=UTC)
    run_log(alice, [Run(noon + timedelta(hours=n), distance=8.996666666666666, shoe="Ghost") for n in range(3)])
    days = {"start": "2025-11-03", "end": "2025-11-03"}

    sums = [
        get("mileage/total")["miles"],
        get("mileage/by-day", **days)["days"][0]["miles"],
        get("mileage/rolling-by-day", **days)["days"][0]["miles"],
        get("mileage/by-shoe")["shoes"][0]["miles"],
        get("mileage/by-shoe")["total"]["miles"],
        get("records")["best_week"]["miles"],
        client.get("/v1/shoes/ghost", headers=alice.headers).json["mileage"],
        client.get("/v1/summary?end=2025-11-03", headers=alice.headers).json["total"]["run_miles"],
    ]

    assert sums == [26.99] * 8
    assert get("records")["longest_distance"]["distance"] == 8.9967


# A day that was skipped: 2011-12-30 in Apia


def test_a_day_that_a_zone_skipped_is_in_no_series_and_ends_no_streak(get, alice, run_log, owner):
    owner.execute("UPDATE users SET max_heart_rate = 190, resting_heart_rate = 50")
    local = [datetime(2011, 12, day, 12, tzinfo=ZoneInfo("Pacific/Apia")) for day in (27, 28, 29, 31)]
    run_log(alice, [Run(noon.astimezone(UTC), distance=1, avg_heart_rate=150) for noon in local])
    apia = {"time_zone": "Pacific/Apia", "end": "2012-01-01"}
    dates = ["2011-12-27", "2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]

    streaks = get("streaks", time_zone="Pacific/Apia")
    rolling = get("mileage/rolling-by-day", window=3, **apia)["days"]
    load = get("training-load/by-day", **apia)["days"]

    assert [day["date"] for day in get("mileage/by-day", **apia)["days"]] == dates
    assert [day["date"] for day in get("trimp/by-day", **apia)["days"]] == dates
    assert [day["date"] for day in load] == dates
    assert [day["trimp"] > 0 for day in load] == [True, True, True, True, False]
    assert [(day["date"], day["miles"]) for day in rolling] == list(zip(dates, [1, 2, 3, 3, 2], strict=True))
    assert get("mileage/rolling-by-day", window=3, start="2011-12-31", **apia)["days"] == rolling[3:]
    assert streaks["days"]["longest"] == 4
    assert (streaks["days"]["longest_from"], streaks["days"]["longest_to"]) == ("2011-12-27", "2011-12-31")


def test_elsewhere_that_day_is_a_day(get, alice, run_log):
    run_log(alice, [Run(datetime(2011, 12, day, 12, tzinfo=UTC)) for day in (29, 31)])

    days = get("mileage/by-day", end="2011-12-31")["days"]

    assert [day["runs"] for day in days] == [1, 0, 1]
    assert get("streaks")["days"]["longest"] == 1


# What counts


@pytest.mark.parametrize("left_out", [{"deleted": True}, {"copy_of": 0}])
def test_deleted_runs_and_marked_duplicates_are_in_no_figure(get, owner, alice, run_log, left_out):
    owner.execute("UPDATE users SET max_heart_rate = 190, resting_heart_rate = 50")
    now = datetime.now(UTC) - timedelta(minutes=1)
    kept = Run(now, avg_heart_rate=150, shoe="Ghost")
    run_log(alice, [kept])
    before = [get(path) for path in METRICS]

    run_log(alice, [kept, Run(now - timedelta(days=1), distance=9, avg_heart_rate=160, shoe="Ghost", **left_out)])

    assert [get(path) for path in METRICS] == before


def test_somebody_who_never_ran_gets_zeros_and_empty_lists(get, alice):
    nothing = {"miles": 0, "seconds": 0, "runs": 0}
    load = {"missing": ["max_heart_rate", "resting_heart_rate"], "runs_without_heart_rate": 0, "days": []}

    answers = {path: get(path) for path in METRICS}

    assert [band["fastest"] or band["longest"] for band in answers["records"].pop("bands")] == [None] * 7
    streak = {"current": 0, "longest": 0, "longest_from": None, "longest_to": None}
    assert answers == {
        "seconds/total": {"seconds": 0, "runs": 0},
        "mileage/total": {"miles": 0, "runs": 0},
        "mileage/by-day": {"days": []},
        "mileage/by-week": {"weeks": []},
        "mileage/by-month": {"months": []},
        "mileage/rolling-by-day": {"window": 7, "days": []},
        "mileage/by-shoe": {"shoes": [], "without_shoe": nothing, "other_shoes": nothing, "total": nothing},
        "records": {"longest_distance": None, "longest_duration": None, "best_week": None, "best_month": None},
        "streaks": {"days": streak, "weeks": streak, "last_run_on": None},
        "trimp/by-day": {**load, "estimated": ["sex"]},
        "training-load/by-day": {**load, "estimated": ["sex"], "lactate_threshold_heart_rate": None},
    }


def test_a_range_without_runs_is_days_of_none(get):
    days = get("mileage/by-day", start="2024-02-28", end="2024-03-01")["days"]
    weeks = get("mileage/by-week", start="2025-12-31", end="2026-01-05")["weeks"]
    months = get("mileage/by-month", start="2025-12-31", end="2026-01-05")["months"]
    rolling = get("mileage/rolling-by-day", start="2024-02-28", end="2024-03-01")["days"]

    assert [day["date"] for day in days] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert [week["week"] for week in weeks] == ["2025-12-29", "2026-01-05"]
    assert [month["month"] for month in months] == ["2025-12-01", "2026-01-01"]
    assert {one["runs"] for one in days + weeks + months} == {0}
    assert rolling == [{"date": day["date"], "miles": 0} for day in days]


@pytest.fixture
def german_dates(owner: psycopg.Connection) -> None:
    """A database that writes dates as `24.12.2025` where it is not told otherwise."""
    database = sql.Identifier(owner.info.dbname)
    owner.execute(sql.SQL("ALTER DATABASE {} SET DateStyle = 'German, DMY'").format(database))


@pytest.mark.usefixtures("german_dates")
def test_days_are_written_alike_whatever_style_the_database_prefers(get, alice, run_log):
    run_log(alice, [Run(datetime(2025, 12, 24, 9, tzinfo=UTC))])

    assert get("mileage/by-day")["days"][0]["date"] == "2025-12-24"
    assert get("mileage/by-week")["weeks"][0]["week"] == "2025-12-22"
    assert get("mileage/by-month")["months"][0]["month"] == "2025-12-01"


def test_next_to_nothing_is_no_obstacle(get, owner, alice, run_log):
    owner.execute("UPDATE users SET max_heart_rate = 190, resting_heart_rate = 50")
    least, noon = 5e-324, datetime(2025, 11, 2, 12, tzinfo=UTC)
    extremes = [(least, least), (least, 3600), (1000, least), (1000, 3600000), (1, 600)]
    run_log(alice, [Run(noon, distance, duration, avg_heart_rate=51) for distance, duration in extremes])

    answers = {path: get(path, end="2025-11-02") for path in METRICS}

    assert answers["records"]["bands"][0]["fastest"]["seconds_per_mile"] == 600
    assert answers["records"]["longest_distance"]["seconds_per_mile"] in (None, 3600)
    assert answers["mileage/rolling-by-day"]["days"] == [{"date": "2025-11-02", "miles": 2001}]
