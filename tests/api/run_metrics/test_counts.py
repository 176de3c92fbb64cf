"""Statistics of runs over HTTP, each figure against a plain count in Python of the same random runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training import (
    FAR_EAST,
    FAR_WEST,
    FILTERS,
    RANGES,
    RETIRED,
    RUN_LOGS,
    WEEK_STARTS,
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
    week_of,
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


@pytest.mark.parametrize("week_start", WEEK_STARTS)
def test_weeks_begin_on_the_day_that_is_asked_for(get, alice, run_log, week_start):
    @at_random
    @given(RUN_LOGS, ZONES, RANGES)
    def check(runs, zone, range_of_days):
        runs = [replace(run, distance=round(run.distance * 8) / 8) for run in runs]
        run_log(alice, runs)
        query = {**query_of(zone, *range_of_days), "week_start": week_start}

        by_week, best = get("mileage/by-week", **query), get("records", **query)["best_week"]
        streak = get("streaks", **query)["weeks"]

        counted = counted_runs(runs, zone, *range_of_days)
        days = [run.day(zone) for run in counted]
        in_week = partial(week_of, week_start=week_start)
        weeks = filled(days, zone, range_of_days, partial(weeks_between, week_start=week_start))
        assert [one["week"] for one in by_week["weeks"]] == [*map(str, weeks)]
        sums = [added_up([run for run in counted if in_week(run.day(zone)) == week]) for week in weeks]
        assert close(by_week["weeks"], [{"week": str(week), **one} for week, one in zip(weeks, sums, strict=True)])
        assert close(best, best_period(counted, zone, "week", in_week))
        length, first, last = longest_streak({*map(in_week, days)}, timedelta(weeks=1))
        assert (streak["longest"], streak["longest_from"], streak["longest_to"]) == (
            length,
            first and str(first),
            last and str(last),
        )

    check()


@pytest.mark.parametrize("week_start", WEEK_STARTS)
@pytest.mark.parametrize(("weeks_ago", "current"), [(0, 1), (1, 1), (2, 0)])
def test_this_week_begins_on_the_day_that_is_asked_for(get, alice, run_log, week_start, weeks_ago, current):
    today = datetime.now(UTC).date()
    first = week_of(today, week_start) - timedelta(weeks=weeks_ago)
    run_log(alice, [Run(datetime(first.year, first.month, first.day, 12, tzinfo=UTC))])

    assert get("streaks", time_zone="UTC", week_start=week_start)["weeks"]["current"] == current


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
