"""Training load of runs, by heart rate: Banister's TRIMP, hrTSS, and their averages over days.

A run's TRIMP is minutes × x × k × e^(b × x), where x = (average heart rate - resting) / (maximum - resting), limited
to 0 to 1; k = 0.64 and b = 1.92 for men, k = 0.86 and b = 1.67 for women (Banister 1991;
Morton, Fitz-Clarke & Banister 1990). hrTSS is 100 × TRIMP / TRIMP of an hour at the lactate threshold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, LiteralString

import orjson
from orjson import Fragment

from fitness.db.connection import fetch_json, fetch_one
from fitness.db.days import ActivityFilter, zero_filled
from fitness.db.run_metrics import counted_runs
from fitness.db.users import User, get_user

THRESHOLD = 0.85
"""Where the lactate threshold lies between the resting (0) and the maximum heart rate (1), if a person gives none."""
_NOTHING = 1e-15


@dataclass(frozen=True, slots=True)
class Heart:
    """The values that load is computed with.

    `missing` are the fields of the profile that are needed and empty, `estimated` those that were empty and estimated.
    """

    sex: str | None
    max_heart_rate: float | None
    resting_heart_rate: float | None
    lactate_threshold_heart_rate: float | None
    missing: list[str]
    estimated: list[str]

    @classmethod
    def of(cls, user: User) -> "Heart":
        """Return the values of a user; a threshold that is not between the other two rates is ignored."""
        highest, resting, threshold = user.max_heart_rate, user.resting_heart_rate, user.lactate_threshold_heart_rate
        estimated = [] if user.sex else ["sex"]
        if highest is None or resting is None:
            missing = [field for field in ("max_heart_rate", "resting_heart_rate") if getattr(user, field) is None]
            return cls(user.sex, None, None, None, missing, estimated)
        if threshold is None or not resting < threshold <= highest:
            threshold = resting + THRESHOLD * (highest - resting)
            estimated.append("lactate_threshold_heart_rate")
        return cls(user.sex, highest, resting, threshold, [], estimated)


_WEIGHTING_BY: LiteralString = """
    CROSS JOIN LATERAL (
        SELECT (least({highest}, greatest({resting}, heart_rate)) - {resting}) / ({highest} - {resting}) AS x
    ) AS reserve
    CROSS JOIN LATERAL (
        SELECT CASE {sex}
            WHEN 'male' THEN 0.64 * exp(1.92 * x)
            WHEN 'female' THEN 0.86 * exp(1.67 * x)
            ELSE (0.64 * exp(1.92 * x) + 0.86 * exp(1.67 * x)) / 2
        END AS factor
    ) AS weighting
"""
"""Two values for the `heart_rate` of each row, so that its TRIMP is minutes × `x` × `factor`.

An unknown heart rate counts as the resting one. Without a sex, `factor` is the mean of a man's and a woman's.
"""

_WEIGHTING: LiteralString = _WEIGHTING_BY.format(
    highest="%(max_heart_rate)s::float8", resting="%(resting_heart_rate)s::float8", sex="%(sex)s::text"
)


JOIN_LOAD: LiteralString = (
    """
    JOIN users AS u ON u.user_id = %(user_id)s
    LEFT JOIN LATERAL (
        SELECT minutes * x * factor AS trimp
        FROM (
            SELECT r.avg_heart_rate AS heart_rate, r.duration / 60 AS minutes
            WHERE r.avg_heart_rate IS NOT NULL AND r.duration > 1e-9
        ) AS ran """
    + _WEIGHTING_BY.format(highest="u.max_heart_rate::float8", resting="u.resting_heart_rate::float8", sex="u.sex")
    + """
    ) AS load ON true
"""
)
"""Joins `load.trimp` to each run `r`: null without a heart rate, or without those of the profile."""


def _loads(runs: ActivityFilter) -> LiteralString:
    """Return the beginning of a statement: the CTE `loads` with the TRIMP of each day."""
    return f"""
        {counted_runs(runs)}, ran AS (
            SELECT date_trunc(%(unit)s, datetime_utc AT TIME ZONE %(time_zone)s) AS period,
                CASE WHEN duration > 1e-9 THEN duration / 60 ELSE 0 END AS minutes, avg_heart_rate AS heart_rate
            FROM counted
        ), busy AS (
            SELECT period, sum(minutes * x * factor) AS trimp,
                count(*) FILTER (WHERE heart_rate IS NULL) AS without_heart_rate
            FROM ran {_WEIGHTING}
            GROUP BY period
        ), loads AS (
            SELECT span.period::date AS date, coalesce(trimp, %(rest_day)s::float8) AS trimp,
                coalesce(without_heart_rate, 0) AS without_heart_rate
            FROM {zero_filled("day")}
        )
    """


_UNKNOWN: LiteralString = """
    coalesce(sum(without_heart_rate) FILTER (WHERE %(first_day)s::date IS NULL OR date >= %(first_day)s), 0)
"""
"""The number of the runs of `loads` without a heart rate."""


def get_trimp(runs: ActivityFilter) -> Fragment:
    """Return {missing, estimated, runs_without_heart_rate, days: [{date, trimp}]} as JSON."""
    heart = Heart.of(_user())
    return fetch_json(
        _loads(runs)
        + """
        , days AS (
            SELECT date, trimp
            FROM loads
        )
        SELECT json_build_object(
            'missing', %(missing)s::text[],
            'estimated', %(estimated)s::text[],
            'runs_without_heart_rate', (SELECT """
        + _UNKNOWN
        + """ FROM loads),
            'days', (SELECT coalesce(json_agg(days ORDER BY date), '[]') FROM days)
        )::text
        """,
        **_params(runs, replace(heart, estimated=[field for field in heart.estimated if field == "sex"])),
    )


def get_training_load(runs: ActivityFilter) -> Fragment:
    """Return {missing, estimated, …, days: [{date, hr_tss, trimp, atl, ctl, tsb}]} as JSON.

    The averages start at 0 before the first run, and include the days before the first day of the filter.
    """
    heart = Heart.of(_user())
    history = replace(runs, start=None)
    found: Any = fetch_one(
        object,
        _loads(history)
        + """
        SELECT json_build_object(
            'runs_without_heart_rate', """
        + _UNKNOWN
        + """,
            'hour_at_threshold', (
                SELECT 60 * x * factor
                FROM (SELECT %(lactate_threshold_heart_rate)s::float8 AS heart_rate) AS threshold """
        + _WEIGHTING
        + """
            ),
            'dates', coalesce(json_agg(date ORDER BY date), '[]'),
            'trimps', coalesce(json_agg(trimp ORDER BY date), '[]')
        )
        FROM loads
        """,
        **{**_params(history, heart), "first_day": runs.start},
    )
    days = _days(found["dates"], found["trimps"], found["hour_at_threshold"])
    first_day = runs.start.isoformat() if runs.start else ""
    return Fragment(
        orjson.dumps(
            {
                "lactate_threshold_heart_rate": heart.lactate_threshold_heart_rate,
                "missing": heart.missing,
                "estimated": heart.estimated,
                "runs_without_heart_rate": found["runs_without_heart_rate"],
                "days": [day for day in days if day["date"] >= first_day],
            }
        )
    )


def _days(
    dates: Iterable[str], trimps: Iterable[float | None], hour_at_threshold: float | None
) -> Iterator[dict[str, Any]]:
    """Yield each day with its load and its averages; without the values of the profile they are None.

    A day's balance is that of the averages of the day before. An average below 1e-15 becomes 0.
    """
    atl = ctl = 0.0
    for date, trimp in zip(dates, trimps, strict=True):
        if trimp is None or hour_at_threshold is None:
            yield dict.fromkeys(("hr_tss", "trimp", "atl", "ctl", "tsb")) | {"date": date}
            continue
        hr_tss, tsb = 100 * trimp / hour_at_threshold, ctl - atl
        atl = (0.0 if atl < _NOTHING else atl - atl / 7) + hr_tss / 7
        ctl = (0.0 if ctl < _NOTHING else ctl - ctl / 42) + hr_tss / 42
        yield {"date": date, "hr_tss": hr_tss, "trimp": trimp, "atl": atl, "ctl": ctl, "tsb": tsb}


def _user() -> User:
    user = get_user()
    assert user is not None
    return user


def _params(runs: ActivityFilter, heart: Heart) -> dict[str, Any]:
    """Return the parameters of a statement; `rest_day` is the TRIMP of a day without runs."""
    rest_day = None if heart.max_heart_rate is None else 0.0
    return {**runs.params(), **asdict(heart), "unit": "day", "rest_day": rest_day}
