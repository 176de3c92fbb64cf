"""Local days: ranges, periods without gaps, and streaks. Weeks start on Monday where nothing else is asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, LiteralString

from fitness.db.connection import fetch_all
from fitness.times import day_bounds, skipped_days

WEEK_STARTS = {"monday": 0, "sunday": 1, "saturday": 2}
"""Day on which weeks start → by how many days that is before Monday."""


@dataclass(frozen=True, slots=True)
class Days:
    """A range of local days, both ends included; None leaves an end open. `week_start` is one of WEEK_STARTS."""

    start: date | None = None
    end: date | None = None
    time_zone: str = "UTC"
    week_start: str = "monday"

    def params(self) -> dict[str, Any]:
        """Return the query parameters of these days."""
        start, end = day_bounds(self.start, self.end, self.time_zone)
        return {
            "time_zone": self.time_zone,
            "start": start,
            "end": end,
            "first_day": self.start,
            "last_day": self.end,
            "skipped_days": list(skipped_days(self.time_zone)),
            "week_shift": timedelta(days=WEEK_STARTS[self.week_start]),
        }


@dataclass(frozen=True, slots=True)
class ActivityFilter(Days):
    """A filter of activities by days, type and source; None means any."""

    type: str | None = None
    source: str | None = None

    def params(self) -> dict[str, Any]:
        # Not super(): a dataclass with slots is a new class, and the methods refer to the old one.
        return {**Days.params(self), "type": self.type, "source": self.source}


PERIOD: LiteralString = "date_trunc(%(unit)s, {})"
"""The begin of the period in which a local time lies."""
WEEK: LiteralString = "(date_trunc('week', {} + %(week_shift)s::interval) - %(week_shift)s::interval)"
"""The begin of the week in which a local time lies, for weeks that start on any day."""


def begin_of(unit: str) -> LiteralString:
    """Return the SQL of the begin of the `unit` in which a local time `{}` lies: day, week, month or year."""
    return WEEK if unit == "week" else PERIOD


def zero_filled(unit: str) -> LiteralString:
    """Return the SQL of all periods of the requested days, joined with the CTE `busy`; `unit` is its parameter as well.

    An open start is that of `busy`, an open end is today, or that of `busy` if it is later. If `busy` starts earlier
    than requested, the periods start with it. `span` has every period of `busy`, so a left join would give the same
    result; but if the planner expects few rows in `busy`, it would compare all pairs of rows. A full join is always a
    hash or merge join.
    """
    begin = begin_of(unit)
    last: LiteralString = """coalesce(
                %(last_day)s::timestamp, greatest((now() AT TIME ZONE %(time_zone)s)::date::timestamp, last)
            )"""
    return """
    (
        SELECT period
        FROM (
            SELECT min(period) AS first, max(period) AS last
            FROM busy
        ) AS ends
        CROSS JOIN generate_series(
            {first},
            {last},
            ('1 ' || %(unit)s)::interval
        ) AS period
        WHERE %(unit)s <> 'day' OR period <> ALL(%(skipped_days)s::date[])
    ) AS span
    FULL JOIN busy ON busy.period = span.period
    """.format(first=begin.format("least(%(first_day)s::timestamp, first)"), last=begin.format(last))


@dataclass(frozen=True, slots=True)
class Streaks:
    """Lengths of streaks of days or weeks; a week is dated by its first day. `last` is the latest day or week."""

    current: int
    longest: int
    longest_from: date | None
    longest_to: date | None
    last: date | None


_NO_STREAKS = Streaks(0, 0, None, None, None)


def get_streaks(instants: LiteralString, **params: Any) -> dict[str, Streaks]:
    """Return the streaks of local days and of weeks in which at least one of the instants lies, {day: …, week: …}.

    `instants` is the beginning of a statement, `WITH … instants AS (SELECT … AS instant …)`, which is read once. The
    days before a skipped one are `moved` forward, so that they are next to those after it. Days in a row then have the
    same difference to their row numbers, which names their streak. A streak is the current one until a whole day (or
    week) has passed without an instant.
    """
    streaks: list[dict[str, Any]] = fetch_all(
        dict,
        instants
        + """
        , days AS MATERIALIZED (
            SELECT DISTINCT (instant AT TIME ZONE %(time_zone)s)::date AS day
            FROM instants
        ), busy AS (
            SELECT 'day' AS unit, 1 AS step, day AS period, day + (
                SELECT count(*)::int
                FROM unnest(%(skipped_days)s::date[]) AS skipped
                WHERE skipped > day
            ) AS moved
            FROM days
            UNION ALL
            SELECT DISTINCT 'week', 7, week_begin, week_begin
            FROM days
            CROSS JOIN LATERAL (SELECT {week_of_day}::date AS week_begin) AS week
        ), numbered AS (
            SELECT *, moved - step * (row_number() OVER (PARTITION BY unit ORDER BY period))::int AS streak
            FROM busy
        ), streaks AS (
            SELECT unit, step, min(period) AS first, max(period) AS last, max(moved) AS last_moved, count(*) AS length
            FROM numbered
            GROUP BY unit, step, streak
        )
        SELECT unit, coalesce(max(length) FILTER (WHERE first <= today AND last_moved >= today - step), 0) AS current,
            max(length) AS longest,
            (array_agg(first ORDER BY length DESC, last DESC))[1] AS longest_from,
            (array_agg(last ORDER BY length DESC, last DESC))[1] AS longest_to,
            max(last) AS last
        FROM streaks
        CROSS JOIN (SELECT now() AT TIME ZONE %(time_zone)s AS now) AS clock
        CROSS JOIN LATERAL (
            SELECT CASE unit WHEN 'week' THEN {week_of_now} ELSE clock.now END::date AS today
        ) AS begun
        GROUP BY unit
        """.format(week_of_day=WEEK.format("day::timestamp"), week_of_now=WEEK.format("clock.now")),
        **params,
    )
    return {"day": _NO_STREAKS, "week": _NO_STREAKS} | {streak.pop("unit"): Streaks(**streak) for streak in streaks}
