"""Statistics of runs over HTTP, each figure against a plain count in Python of the same random runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from tests.training import (
    FAR_EAST,
    FAR_WEST,
    FILTERS,
    RANGES,
    RETIRED,
    RUN_LOGS,
    ZONES,
    Run,
    at_random,
    close,
    counted_runs,
    days_between,
    last_day,
    longest_streak,
    monday,
    months_between,
    query_of,
    store_runs,
    weeks_between,
)

KILOMETERS = {
    "1 mile": 1.609344,
    "5 km": 5,
    "10 km": 10,
    "Half marathon": 21.0975,
    "Marathon": 42.195,
    "50 km": 50,
    "100 km": 100,
}
METRICS = (
    "seconds/total",
    "mileage/total",
    "mileage/by-day",
    "mileage/by-week",
    "mileage/by-month",
    "mileage/rolling-by-day",
    "mileage/by-shoe",
    "records",
    "streaks",
    "trimp/by-day",
    "training-load/by-day",
)


@pytest.fixture
def run_log(owner: psycopg.Connection) -> Callable[..., None]:
    """Store runs of a person instead of those of before."""

    def store(person: Any, runs: list[Run]) -> None:
        with owner.transaction():
            store_runs(owner, person, runs)

    return store


@pytest.fixture
def get(client, alice):
    """Ask for a metric of Alice's."""

    def ask(path, person=alice, **query):
        response = client.get(f"/v1/metrics/{path}", query_string=query or None, headers=person.headers)
        assert response.status_code == 200, response.json
        return response.json

    return ask


def added_up(runs: list[Run]) -> dict[str, Any]:
    return {
        "miles": sum(run.distance for run in runs),
        "seconds": sum(run.duration for run in runs),
        "runs": len(runs),
    }


def filled(
    days: list[date],
    zone: str,
    asked_for: tuple[date | None, date | None],
    between: Callable[[date, date], list[date]],
) -> list[date]:
    """Return the periods from the first day asked for, or that of the days, to the last one asked for, or today."""
    first = asked_for[0] or min(days, default=None)
    return between(first, last_day(days, zone, asked_for[1])) if first else []


@pytest.mark.parametrize(
    ("unit", "name", "between", "period_of"),
    [
        ("day", "date", days_between, lambda day: day),
        ("week", "week", weeks_between, monday),
        ("month", "month", months_between, lambda day: day.replace(day=1)),
    ],
    ids=["day", "week", "month"],
)
def test_mileage_and_its_totals_are_those_of_a_plain_count(get, alice, bob, run_log, unit, name, between, period_of):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS)
    def check(runs, bobs, zone, days, filters):
        run_log(alice, runs)
        run_log(bob, bobs)
        query = {**query_of(zone, *days), **filters}

        mileage = get(f"mileage/by-{unit}", **query)

        counted = counted_runs(runs, zone, *days, **filters)
        periods = filled([run.day(zone) for run in counted], zone, days, between)
        expected = [
            {name: str(period), **added_up([run for run in counted if period_of(run.day(zone)) == period])}
            for period in periods
        ]
        assert close(mileage, {f"{unit}s": expected}), (mileage, expected)
        totals = {**get("mileage/total", **query), **get("seconds/total", **query)}
        assert close(totals, added_up(counted)), (totals, counted)

    check()


def test_rolling_mileage_is_that_of_a_plain_count_of_the_days_before(get, alice, bob, run_log):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS, st.sampled_from([1, 2, 7, 30, 3650]))
    def check(runs, bobs, zone, days, filters, window):
        run_log(alice, runs)
        run_log(bob, bobs)

        rolling = get("mileage/rolling-by-day", window=window, **query_of(zone, *days), **filters)

        start, end = days
        before = timedelta(days=window - 1)
        counted = counted_runs(runs, zone, start and start - before, end, **filters)
        expected = [
            {"date": str(day), "miles": sum(run.distance for run in counted if day - before <= run.day(zone) <= day)}
            for day in filled([run.day(zone) for run in counted], zone, days, days_between)
        ]
        assert rolling["window"] == window
        assert close(rolling["days"], expected), (rolling, expected)

    check()


@pytest.mark.parametrize("include_retired", [False, True])
def test_mileage_by_shoe_is_that_of_a_plain_count(get, alice, bob, run_log, include_retired):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS)
    def check(runs, bobs, zone, days, filters):
        run_log(alice, runs)
        run_log(bob, bobs)

        by_shoe = get("mileage/by-shoe", include_retired=include_retired, **query_of(zone, *days), **filters)

        counted = counted_runs(runs, zone, *days, **filters)
        expected = {
            "shoes": [
                {
                    "shoe_id": name.lower(),
                    "name": name,
                    "retired_at": retired_at and str(retired_at),
                    **added_up([run for run in counted if run.shoe == name]),
                }
                for name, retired_at in sorted(RETIRED.items())
                if include_retired or not retired_at
            ],
            "without_shoe": added_up([run for run in counted if run.shoe is None]),
            "other_shoes": added_up(
                [run for run in counted if run.shoe and RETIRED.get(run.shoe) and not include_retired]
            ),
            "total": added_up(counted),
        }
        assert close(by_shoe, expected), (by_shoe, expected)

    check()


def best_run(runs: list[Run], zone: str, of: Callable[[Run], float]) -> dict[str, Any] | None:
    """Return the run of the most; of equal ones the first, as max() does."""
    best = max(runs, key=of, default=None)
    return best and {
        "run_id": best.id,
        "name": None,
        "date": str(best.day(zone)),
        "distance": best.distance,
        "duration": best.duration,
        "seconds_per_mile": best.pace,
    }


def best_period(runs: list[Run], zone: str, name: str, period_of: Callable[[date], date]) -> dict[str, Any] | None:
    of = {
        period: [run for run in runs if period_of(run.day(zone)) == period]
        for period in sorted({period_of(run.day(zone)) for run in runs})
    }
    best = max(of, key=lambda period: round(added_up(of[period])["miles"], 9), default=None)
    return best and {name: str(best), **added_up(of[best])}


def test_records_are_those_of_a_plain_search(get, alice, bob, run_log):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS)
    def check(runs, bobs, zone, days, filters):
        # Whole eighths of miles add up to the same in any order: that of equal weeks the first counts can be seen.
        runs = [replace(run, distance=round(run.distance * 8) / 8) for run in runs]
        run_log(alice, runs)
        run_log(bob, bobs)

        records = get("records", **query_of(zone, *days), **filters)

        counted = counted_runs(runs, zone, *days, **filters)
        limits = [0.99 * kilometers / 1.609344 for kilometers in KILOMETERS.values()]
        bands = []
        for name, low, high in zip(KILOMETERS, limits, [*limits[1:], None], strict=True):
            inside = [run for run in counted if low <= run.distance < (high or float("inf"))]
            timed = [run for run in inside if run.duration]
            bands.append(
                {
                    "band": name,
                    "from_miles": low,
                    "below_miles": high,
                    "fastest": best_run(timed, zone, lambda run: run.distance / run.duration),
                    "longest": best_run(inside, zone, lambda run: run.distance),
                }
            )
        expected = {
            "bands": bands,
            "longest_distance": best_run(counted, zone, lambda run: run.distance),
            "longest_duration": best_run(counted, zone, lambda run: run.duration),
            "best_week": best_period(counted, zone, "week", monday),
            "best_month": best_period(counted, zone, "month", lambda day: day.replace(day=1)),
        }
        assert close(records, expected), (records, expected)

    check()


def test_streaks_are_those_of_a_plain_count(get, alice, bob, run_log):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS)
    def check(runs, bobs, zone, range_of_days, filters):
        run_log(alice, runs)
        run_log(bob, bobs)

        streaks = get("streaks", **query_of(zone, *range_of_days), **filters)

        days = {run.day(zone) for run in counted_runs(runs, zone, *range_of_days, **filters)}
        expected: dict[str, Any] = {"last_run_on": str(max(days)) if days else None}
        for name, periods, step in (("days", days, 1), ("weeks", {monday(day) for day in days}, 7)):
            longest, first, last = longest_streak(periods, timedelta(days=step))
            # These days are long gone.
            expected[name] = {
                "current": 0,
                "longest": longest,
                "longest_from": first and str(first),
                "longest_to": last and str(last),
            }
        assert streaks == expected

    check()


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST, "America/New_York"])
@pytest.mark.parametrize(("days_ago", "current"), [(0, 3), (1, 3), (2, 0)])
def test_a_streak_of_days_goes_on_until_a_whole_local_day_has_passed(get, alice, run_log, zone, days_ago, current):
    noon = datetime.now(ZoneInfo(zone)).replace(hour=12)
    run_log(alice, [Run(noon - timedelta(days=days_ago + n)) for n in (0, 1, 1, 2, 4)])

    streaks = get("streaks", time_zone=zone)

    assert (streaks["days"]["current"], streaks["days"]["longest"]) == (current, 3)
    assert streaks["last_run_on"] == streaks["days"]["longest_to"] == str((noon - timedelta(days=days_ago)).date())


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST])
@pytest.mark.parametrize(("weeks_ago", "current"), [(0, 2), (1, 2), (2, 0)])
def test_a_streak_of_weeks_goes_on_until_a_whole_week_has_passed(get, alice, run_log, zone, weeks_ago, current):
    noon = datetime.now(ZoneInfo(zone)).replace(hour=12)
    weeks = [monday(noon.date()) - timedelta(weeks=weeks_ago + n) for n in (0, 1)]
    run_log(alice, [Run(noon - timedelta(weeks=weeks_ago)), Run(noon - timedelta(weeks=weeks_ago + 1))])

    streak = get("streaks", time_zone=zone)["weeks"]

    assert streak == {
        "current": current,
        "longest": 2,
        "longest_from": str(weeks[1]),
        "longest_to": str(weeks[0]),
    }


# Days


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


# Requests


ALL = [*(f"/v1/metrics/{metric}" for metric in METRICS), "/v1/summary"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2025-11-02&end=2025-11-01", "end"),
        ("start=2025-01-01&end=12025-01-01", "end"),
        ("start=0000-01-01", "start"),
        ("start=0001-01-01&end=2025-01-01", "start"),
        ("start=-44-03-15", "start"),
        ("end=9999-12-31", "end"),
        ("end=yesterday", "end"),
        ("time_zone=Mars/Olympus", "time_zone"),
        ("time_zone=", "time_zone"),
        ("type=Swim", "type"),
        ("source=Suunto", "source"),
        ("shoe=ghost", "shoe"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(client, alice, query, field):
    for path in (*ALL, "/v1/timeline"):
        response = client.get(f"{path}?{query}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, [field]), path


def test_a_hundred_years_are_a_range_and_more_are_none(client, alice):
    for path in ALL:
        hundred, more = (
            client.get(f"{path}?start=1925-01-01&end={end}", headers=alice.headers)
            for end in ("2024-12-31", "2025-12-31")
        )

        assert hundred.status_code == 200
        assert (more.status_code, list(more.json["errors"])) == (422, ["end"])


def test_a_window_is_from_a_day_to_ten_years(client, alice):
    for window in ("0", "-1", "3651", "100000", "1.5", "week", ""):
        response = client.get(f"/v1/metrics/mileage/rolling-by-day?window={window}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, ["window"])


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST, "Europe/Berlin"])
def test_the_first_and_the_last_days_there_are_can_be_asked_for(get, zone):
    for day in ("1900-01-01", "2199-12-31"):
        query = {"start": day, "end": day, "time_zone": zone}

        assert [one["date"] for one in get("mileage/by-day", **query)["days"]] == [day]
        assert [one["date"] for one in get("training-load/by-day", **query)["days"]] == [day]
        assert len(get("mileage/rolling-by-day", window=3650, **query)["days"]) == 1


def test_metrics_take_as_many_statements_for_many_runs_as_for_none(get, alice, run_log, statements):
    def count(path):
        statements.clear()
        get(path)
        return len(statements)

    for_none = [count(path) for path in METRICS]
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    run_log(alice, [Run(noon - timedelta(days=n), shoe="Ghost", avg_heart_rate=150) for n in range(60)])

    assert [count(path) for path in METRICS] == for_none
    assert max(for_none) <= 4
