"""Statistics of runs. Distances are miles, durations seconds; days, weeks (from Monday on) and months are local.

Runs that are not deleted count; a run that several sources have recorded counts once.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, LiteralString

from orjson import Fragment
from psycopg.rows import DictRow

from fitness.db.connection import fetch_all, fetch_json, fetch_one
from fitness.db.days import ZERO_FILLED, ActivityFilter, get_streaks
from fitness.db.rounding import rounded
from fitness.db.runs import COUNTED
from fitness.times import skipped_days
from fitness.units import KM_PER_MILE, MILES_DECIMALS

SHORT = 0.99
"""A distance band starts at this share of its name, as watches often measure a race a little short."""
BANDS = {
    name: SHORT * kilometers / KM_PER_MILE
    for name, kilometers in {
        "1 mile": KM_PER_MILE,
        "5 km": 5,
        "10 km": 10,
        "Half marathon": 21.0975,
        "Marathon": 42.195,
        "50 km": 50,
        "100 km": 100,
    }.items()
}
"""Distance band → miles where it starts; it ends where the next one starts, the last one has no end."""


def counted_runs(runs: ActivityFilter, *, recursive: bool = False) -> LiteralString:
    """Return the beginning of a statement, `WITH counted AS (…)`: the runs that count, with the filter's parameters.

    It has a condition only for what the filter limits, so that the planner can use an index. `recursive` is for a
    statement that also has a recursive CTE.
    """
    condition: LiteralString = f"r.user_id = %(user_id)s AND {COUNTED}"
    if runs.start:
        condition += " AND r.datetime_utc >= %(start)s"
    if runs.end:
        condition += " AND r.datetime_utc < %(end)s"
    if runs.type:
        condition += " AND r.type = %(type)s"
    if runs.source:
        condition += " AND r.source = %(source)s"
    begin: LiteralString = "WITH RECURSIVE" if recursive else "WITH"
    return f"{begin} counted AS (SELECT r.* FROM runs AS r WHERE {condition})"


def get_totals(runs: ActivityFilter) -> dict[str, Any]:
    """Return miles, seconds and number of the runs."""
    totals = fetch_one(
        dict,
        counted_runs(runs)
        + """
        SELECT coalesce(sum(distance), 0) AS miles, coalesce(sum(duration), 0) AS seconds, count(*) AS runs
        FROM counted
        """,
        **runs.params(),
    )
    assert totals is not None
    return totals


Unit = Literal["day", "week", "month"]
_NAMES: dict[Unit, str] = {"day": "date", "week": "week", "month": "month"}
"""Unit of a period → the name of its first day in answers."""


def get_mileage(unit: Unit, runs: ActivityFilter) -> Fragment:
    """Return {days: [{date, miles, seconds, runs}]} as JSON, or {weeks: [{week, …}]}, or {months: [{month, …}]}.

    The text is concatenated: with json_agg the answer for eleven years takes a sixth longer.
    """
    return fetch_json(
        f"""
        {counted_runs(runs)}, busy AS (
            SELECT date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s) AS period,
                sum(distance) AS miles, sum(duration) AS seconds, count(*) AS runs
            FROM counted
            GROUP BY 1
        )
        SELECT %(list_begin)s || coalesce(string_agg(
            %(period_begin)s || span.period::date || '","miles":' || {rounded("miles", MILES_DECIMALS)}
                || ',"seconds":' || {rounded("seconds")} || ',"runs":' || coalesce(runs, 0) || '}}',
            ',' ORDER BY span.period
        ), '') || ']}}'
        FROM {ZERO_FILLED}
        """,
        unit=unit,
        list_begin=f'{{"{unit}s":[',
        period_begin=f'{{"{_NAMES[unit]}":"',
        **runs.params(),
    )


def get_rolling_mileage(window: int, runs: ActivityFilter) -> Fragment:
    """Return {window, days: [{date, miles}]} as JSON: the miles of each day and the `window` - 1 days before it.

    They are added as `numeric`, which is exact: PostgreSQL can subtract the day that leaves the window, and the time
    does not depend on the window's length.
    """
    days_before = timedelta(days=window - 1 + len(skipped_days(runs.time_zone)))
    earlier = replace(runs, start=runs.start and runs.start - days_before)
    return fetch_json(
        f"""
        {counted_runs(earlier)}, busy AS (
            SELECT date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s) AS period, sum(distance) AS miles
            FROM counted
            GROUP BY 1
        ), rolling AS (
            SELECT span.period::date AS date, {rounded("sum(miles::numeric) OVER latest", MILES_DECIMALS)} AS miles
            FROM {ZERO_FILLED}
            WINDOW latest AS (ORDER BY span.period ROWS BETWEEN %(window)s - 1 PRECEDING AND CURRENT ROW)
        )
        SELECT json_build_object('window', %(window)s, 'days', coalesce(json_agg(rolling ORDER BY date), '[]'))::text
        FROM rolling
        WHERE %(first_day)s::date IS NULL OR date >= %(first_day)s
        """,
        unit="day",
        window=window,
        **{**earlier.params(), "first_day": runs.start},
    )


_LISTED: LiteralString = "s.deleted_at IS NULL AND (%(include_retired)s OR s.retired_at IS NULL)"


def get_mileage_by_shoe(runs: ActivityFilter, *, include_retired: bool = False) -> dict[str, Any]:
    """Return the miles, seconds and number of runs of each shoe, by name, and of the runs without one.

    `other_shoes` are those that are not listed, being deleted or retired: with them, all add up to `total`.
    """
    shoes = fetch_all(
        dict,
        # COLLATE "C" compares bytes: when the planner expects few runs it sorts them, and the collation of a language
        # makes that slow.
        counted_runs(runs)
        + """
        , worn AS MATERIALIZED (
            SELECT shoe_id COLLATE "C" AS shoe_id, sum(distance) AS miles, sum(duration) AS seconds, count(*) AS runs
            FROM counted
            WHERE shoe_id IS NOT NULL
            GROUP BY 1
        )
        SELECT s.id AS shoe_id, s.name, s.retired_at, coalesce(worn.miles, 0) AS miles,
            coalesce(worn.seconds, 0) AS seconds, coalesce(worn.runs, 0) AS runs
        FROM shoes AS s
        LEFT JOIN worn
          ON worn.shoe_id = s.id
        WHERE s.user_id = %(user_id)s
          AND """
        + _LISTED
        + """
        ORDER BY lower(s.name), s.id
        """,
        include_retired=include_retired,
        **runs.params(),
    )
    return {"shoes": shoes, **_beside_shoes(runs, include_retired=include_retired)}


def _beside_shoes(runs: ActivityFilter, *, include_retired: bool) -> dict[str, Any]:
    others: LiteralString = f"""
        shoe_id IN (SELECT s.id FROM shoes AS s WHERE s.user_id = %(user_id)s AND NOT ({_LISTED}))
    """
    totals = fetch_one(
        dict,
        f"""
        {counted_runs(runs)}
        SELECT {_total_if("shoe_id IS NULL")} AS without_shoe, {_total_if(others)} AS other_shoes,
            {_total_if("true")} AS total
        FROM counted
        """,
        include_retired=include_retired,
        **runs.params(),
    )
    assert totals is not None
    return totals


def _total_if(condition: LiteralString) -> LiteralString:
    return f"""
        json_build_object(
            'miles', coalesce(sum(distance) FILTER (WHERE {condition}), 0),
            'seconds', coalesce(sum(duration) FILTER (WHERE {condition}), 0),
            'runs', count(*) FILTER (WHERE {condition})
        )
    """


def get_records(runs: ActivityFilter) -> dict[str, Any]:
    """Return the fastest and longest run of each distance band, the longest run, and the best week and month."""
    best = _best_runs(runs)
    limits = [*BANDS.values(), None]
    return {
        "bands": [
            {
                "band": name,
                "from_miles": limits[number - 1],
                "below_miles": limits[number],
                "fastest": best.get(("fastest", number)),
                "longest": best.get(("longest", number)),
            }
            for number, name in enumerate(BANDS, 1)
        ],
        "longest_distance": best.get(("longest_distance", None)),
        "longest_duration": best.get(("longest_duration", None)),
        "best_week": _best_period("week", runs),
        "best_month": _best_period("month", runs),
    }


def _best_runs(runs: ActivityFilter) -> dict[tuple[str, int | None], DictRow]:
    """Return the best runs by (what they are best in, number of the band or None); of equal ones the first.

    Distances and durations up to 1e-9 have no pace: PostgreSQL raises an error when a quotient is too large.
    """
    rows = fetch_all(
        dict,
        counted_runs(runs)
        + """
        , ran AS MATERIALIZED (
            SELECT id AS run_id, name, datetime_utc, (datetime_utc AT TIME ZONE %(time_zone)s)::date AS date,
                distance, duration,
                CASE WHEN distance > 1e-9 AND duration > 1e-9 THEN duration / distance END AS seconds_per_mile,
                width_bucket(distance, %(bands)s::float8[]) AS band
            FROM counted
        ), fastest AS (
            SELECT DISTINCT ON (band) 'fastest' AS best_in, band AS of_band, *
            FROM ran
            WHERE band > 0 AND seconds_per_mile IS NOT NULL
            ORDER BY band, seconds_per_mile, datetime_utc, run_id
        ), longest AS (
            SELECT DISTINCT ON (band) 'longest' AS best_in, band AS of_band, *
            FROM ran
            WHERE band > 0
            ORDER BY band, distance DESC, datetime_utc, run_id
        ), longest_distance AS (
            SELECT 'longest_distance' AS best_in, NULL::int AS of_band, *
            FROM ran
            ORDER BY distance DESC, datetime_utc, run_id
            LIMIT 1
        ), longest_duration AS (
            SELECT 'longest_duration' AS best_in, NULL::int AS of_band, *
            FROM ran
            ORDER BY duration DESC, datetime_utc, run_id
            LIMIT 1
        ), best AS (
            TABLE fastest UNION ALL TABLE longest UNION ALL TABLE longest_distance UNION ALL TABLE longest_duration
        )
        SELECT best_in, of_band, run_id, name, date, distance, duration, seconds_per_mile
        FROM best
        """,
        bands=list(BANDS.values()),
        **runs.params(),
    )
    return {(row.pop("best_in"), row.pop("of_band")): row for row in rows}


def _best_period(unit: Unit, runs: ActivityFilter) -> DictRow | None:
    """Return the week or month with the most miles; the earliest among equals."""
    best = fetch_one(
        dict,
        counted_runs(runs)
        + """
        SELECT date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s)::date AS period,
            sum(distance) AS miles, sum(duration) AS seconds, count(*) AS runs
        FROM counted
        GROUP BY date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s)
        ORDER BY miles DESC, period
        LIMIT 1
        """,
        unit=unit,
        **runs.params(),
    )
    return best and {_NAMES[unit]: best.pop("period"), **best}


def get_run_streaks(runs: ActivityFilter) -> dict[str, Any]:
    """Return the streaks of days and of weeks with a run."""
    instants = counted_runs(runs) + ", instants AS (SELECT datetime_utc AS instant FROM counted)"
    days, weeks = (get_streaks(instants, unit, **runs.params()) for unit in ("day", "week"))
    return {
        unit: {
            "current": streaks.current,
            "longest": streaks.longest,
            "longest_from": streaks.longest_from,
            "longest_to": streaks.longest_to,
        }
        for unit, streaks in (("days", days), ("weeks", weeks))
    } | {"last_run_on": days.last}
