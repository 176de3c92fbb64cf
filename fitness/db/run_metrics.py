"""Statistics of runs. Distances are miles, durations seconds; days, weeks and months are local.

Runs that are not deleted count; a run that several sources have recorded counts once.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, LiteralString

from orjson import Fragment
from psycopg.rows import DictRow

from fitness.db.connection import fetch_all, fetch_json, fetch_one
from fitness.db.counted_runs import COUNTED
from fitness.db.days import WEEK, ActivityFilter, begin_of, get_streaks, zero_filled
from fitness.db.history.instants import runs_of
from fitness.db.rounding import rounded
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


_COUNTED: LiteralString = """
    r.id, r.name, r.datetime_utc, r.distance, r.duration, r.avg_heart_rate, r.shoe_id, r.points_id
"""
"""The columns of `counted`: a statement that looks back takes longer with each."""


def counted_runs(runs: ActivityFilter) -> LiteralString:
    """Return the beginning of a statement, `WITH counted AS (…)`: the runs that count, with the filter's parameters.

    It has a condition only for what the filter limits, so that the planner can use an index.
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
    return f"WITH counted AS (SELECT {_COUNTED} FROM {runs_of(runs.start, runs.end)} AS r WHERE {condition})"


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
            SELECT {begin_of(unit).format("datetime_utc AT TIME ZONE %(time_zone)s")} AS period,
                sum(distance) AS miles, sum(duration) AS seconds, count(*) AS runs
            FROM counted
            GROUP BY 1
        )
        SELECT %(list_begin)s || coalesce(string_agg(
            %(period_begin)s || span.period::date || '","miles":' || {rounded("miles", MILES_DECIMALS)}
                || ',"seconds":' || {rounded("seconds")} || ',"runs":' || coalesce(runs, 0) || '}}',
            ',' ORDER BY span.period
        ), '') || ']}}'
        FROM {zero_filled(unit)}
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
            FROM {zero_filled("day")}
            WINDOW latest AS (ORDER BY span.period ROWS BETWEEN %(window)s::bigint - 1 PRECEDING AND CURRENT ROW)
        )
        SELECT json_build_object('window', %(window)s, 'days', coalesce(json_agg(rolling ORDER BY date), '[]'))::text
        FROM rolling
        WHERE %(first_day)s::date IS NULL OR date >= %(first_day)s
        """,
        unit="day",
        window=window,
        **{**earlier.params(), "first_day": runs.start},
    )


def get_mileage_by_shoe(runs: ActivityFilter, *, include_retired: bool = False) -> dict[str, Any]:
    """Return the miles, seconds and number of runs of each shoe, by name, and of the runs without one.

    `other_shoes` are those that are not listed, being deleted or retired: with them, all add up to `total`.
    """
    rows: list[DictRow] = fetch_all(
        dict,
        # COLLATE "C" compares bytes: when the planner expects few runs it sorts them, and the collation of a language
        # makes that slow.
        f"""
        {counted_runs(runs)}, worn AS MATERIALIZED (
            SELECT shoe_id COLLATE "C" AS shoe_id, sum(distance) AS miles, sum(duration) AS seconds, count(*) AS runs
            FROM counted
            GROUP BY 1
        ), listed AS (
            SELECT s.id, s.name, s.retired_at
            FROM shoes AS s
            WHERE s.user_id = %(user_id)s
              AND s.deleted_at IS NULL
              AND (%(include_retired)s OR s.retired_at IS NULL)
        ), beside AS (
            SELECT {_total_if("worn.shoe_id IS NULL")} AS without_shoe,
                {_total_if("worn.shoe_id IS NOT NULL AND listed.id IS NULL")} AS other_shoes,
                {_total_if("true")} AS total
            FROM worn
            LEFT JOIN listed
              ON listed.id = worn.shoe_id
        )
        SELECT listed.id AS shoe_id, listed.name, listed.retired_at, coalesce(worn.miles, 0) AS miles,
            coalesce(worn.seconds, 0) AS seconds, coalesce(worn.runs, 0) AS runs, beside.*
        FROM beside
        LEFT JOIN listed
          ON true
        LEFT JOIN worn
          ON worn.shoe_id = listed.id
        ORDER BY lower(listed.name), listed.id
        """,
        include_retired=include_retired,
        **runs.params(),
    )
    beside = {name: rows[0][name] for name in ("without_shoe", "other_shoes", "total")}
    shoes = [
        {name: value for name, value in row.items() if name not in beside} for row in rows if row["shoe_id"] is not None
    ]
    return {"shoes": shoes, **beside}


def _total_if(condition: LiteralString) -> LiteralString:
    """Return the SQL of the totals of the shoes `worn` that meet a condition, as JSON."""
    return f"""
        json_build_object(
            'miles', coalesce(sum(worn.miles) FILTER (WHERE {condition}), 0),
            'seconds', coalesce(sum(worn.seconds) FILTER (WHERE {condition}), 0),
            'runs', coalesce(sum(worn.runs) FILTER (WHERE {condition}), 0)
        )
    """


def get_records(runs: ActivityFilter) -> dict[str, Any]:
    """Return the fastest and longest run of each distance band, the longest run, and the best week and month."""
    best: dict[tuple[str, int | None], DictRow] = {}
    for row in _bests(runs):
        best_in, band, count = (row.pop(name) for name in ("best_in", "of_band", "runs"))
        if best_in in ("week", "month"):
            row = {best_in: row["date"], "miles": row["distance"], "seconds": row["duration"], "runs": count}
        best[best_in, band] = row
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
        "best_week": best.get(("week", None)),
        "best_month": best.get(("month", None)),
    }


def _bests(runs: ActivityFilter) -> list[DictRow]:
    """Return the best runs, week and month, with what they are best in and the number of the band or None.

    Of equal ones it is the first. A week or month has its first day as `date`, and its `runs`. The runs are read once:
    weeks and months come from the days, and the best values of each band are found before the runs that have them.
    Distances and durations up to 1e-9 have no pace: PostgreSQL raises an error when a quotient is too large.
    """
    return fetch_all(
        dict,
        counted_runs(runs)
        + """, ran AS MATERIALIZED (
            SELECT id AS run_id, name, datetime_utc, (datetime_utc AT TIME ZONE %(time_zone)s)::date AS date,
                distance, duration, width_bucket(distance, %(bands)s::float8[]) AS band,
                CASE WHEN distance > 1e-9 AND duration > 1e-9 THEN duration / distance END AS seconds_per_mile
            FROM counted
        ), bands AS (
            SELECT band, min(seconds_per_mile) AS fastest, max(distance) AS longest, max(duration) AS longest_duration
            FROM ran
            GROUP BY band
        ), bests AS MATERIALIZED (
            SELECT ran.*, bands.fastest, bands.longest
            FROM ran
            JOIN bands
              ON bands.band = ran.band
            WHERE seconds_per_mile = fastest OR distance = longest OR duration = longest_duration
        ), best_runs AS (
            SELECT 'fastest' AS best_in, band AS of_band, *
            FROM bests
            WHERE band > 0 AND seconds_per_mile = fastest
            UNION ALL
            SELECT 'longest', band, *
            FROM bests
            WHERE band > 0 AND distance = longest
            UNION ALL
            SELECT 'longest_distance', NULL, *
            FROM bests
            WHERE distance = (SELECT max(distance) FROM bests)
            UNION ALL
            SELECT 'longest_duration', NULL, *
            FROM bests
            WHERE duration = (SELECT max(duration) FROM bests)
        ), days AS (
            SELECT date::timestamp AS day, sum(distance) AS distance, sum(duration) AS duration, count(*) AS runs
            FROM ran
            GROUP BY date
        ), periods AS (
            SELECT """
        + WEEK.format("day")
        + """ AS week, date_trunc('month', day) AS month, sum(distance) AS distance,
                sum(duration) AS duration, sum(runs)::bigint AS runs
            FROM days
            GROUP BY GROUPING SETS ((1), (2))
        )
        (
            SELECT DISTINCT ON (best_in, of_band) best_in, of_band, run_id, name, date, distance, duration,
                seconds_per_mile, NULL AS runs
            FROM best_runs
            ORDER BY best_in, of_band, datetime_utc, run_id
        )
        UNION ALL
        (
            SELECT DISTINCT ON (week IS NULL) CASE WHEN week IS NULL THEN 'month' ELSE 'week' END, NULL, NULL, NULL,
                coalesce(week, month)::date AS date, distance, duration, NULL, runs
            FROM periods
            ORDER BY week IS NULL, distance DESC, date
        )
        """,
        bands=list(BANDS.values()),
        **runs.params(),
    )


def get_run_streaks(runs: ActivityFilter) -> dict[str, Any]:
    """Return the streaks of days and of weeks with a run."""
    instants = counted_runs(runs) + ", instants AS (SELECT datetime_utc AS instant FROM counted)"
    streaks = get_streaks(instants, **runs.params())
    return {
        f"{unit}s": {
            "current": streak.current,
            "longest": streak.longest,
            "longest_from": streak.longest_from,
            "longest_to": streak.longest_to,
        }
        for unit, streak in streaks.items()
    } | {"last_run_on": streaks["day"].last}
