"""Training load of runs, by heart rate: Banister's TRIMP, hrTSS, and their averages over days.

A run's TRIMP is minutes × x × k × e^(b × x), where x = (average heart rate - resting) / (maximum - resting), taken
as 0 below and as 1 above that range; k = 0.64 and b = 1.92 for men, k = 0.86 and b = 1.67 for women (Banister 1991;
Morton, Fitz-Clarke & Banister 1990). hrTSS is 100 × TRIMP / TRIMP of an hour at the lactate threshold.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, LiteralString

from orjson import Fragment

from fitness.db.connection import fetch_json
from fitness.db.days import ZERO_FILLED, ActivityFilter
from fitness.db.run_metrics import TINY, counted
from fitness.db.users import User, get_user

THRESHOLD = 0.85
"""Where between resting (0) and maximum (1) the heart beats at the lactate threshold of people who do not say."""


@dataclass(frozen=True, slots=True)
class Heart:
    """What load is reckoned with; `missing` are the profile's fields without which it cannot be, `estimated` others."""

    sex: str | None
    max_heart_rate: float | None
    resting_heart_rate: float | None
    lactate_threshold_heart_rate: float | None
    missing: list[str]
    estimated: list[str]

    @classmethod
    def of(cls, user: User) -> "Heart":
        """Return the person's; a threshold that is not between the other rates is as good as none."""
        highest, resting, threshold = user.max_heart_rate, user.resting_heart_rate, user.lactate_threshold_heart_rate
        estimated = [] if user.sex else ["sex"]
        if highest is None or resting is None:
            missing = [field for field in ("max_heart_rate", "resting_heart_rate") if getattr(user, field) is None]
            return cls(user.sex, None, None, None, missing, estimated)
        if threshold is None or not resting < threshold <= highest:
            threshold = resting + THRESHOLD * (highest - resting)
            estimated.append("lactate_threshold_heart_rate")
        return cls(user.sex, highest, resting, threshold, [], estimated)


def _reserve(heart_rate: LiteralString) -> LiteralString:
    """Return the SQL of where the heart rate lies between resting (0) and maximum (1); an unknown one is at rest."""
    return f"""
        (
            least(%(max_heart_rate)s::float8, greatest(%(resting_heart_rate)s::float8, {heart_rate}))
            - %(resting_heart_rate)s::float8
        ) / (%(max_heart_rate)s::float8 - %(resting_heart_rate)s::float8)
    """


# The TRIMP of a minute at the reserve `x`; of nobody's sex, the mean of a man's and a woman's.
_TRIMP: LiteralString = """
    x * CASE %(sex)s::text
        WHEN 'male' THEN 0.64 * exp(1.92 * x)
        WHEN 'female' THEN 0.86 * exp(1.67 * x)
        ELSE (0.64 * exp(1.92 * x) + 0.86 * exp(1.67 * x)) / 2
    END
"""
# What a day without a run is; unknown as well where that of a run is.
_NOTHING: LiteralString = "CASE WHEN %(max_heart_rate)s::float8 IS NOT NULL THEN 0::float8 END"


def _loads(runs: ActivityFilter) -> LiteralString:
    """Return the CTE of the TRIMP of each day, and of how many runs nobody knows it."""
    return f"""
        ran AS (
            SELECT date_trunc(%(unit)s, r.datetime_utc AT TIME ZONE %(time_zone)s) AS period,
                CASE WHEN r.duration > {TINY} THEN r.duration / 60 ELSE 0 END AS minutes,
                {_reserve("r.avg_heart_rate")} AS x, r.avg_heart_rate
            FROM runs AS r
            WHERE {counted(runs)}
        ), busy AS (
            SELECT period, sum(minutes * {_TRIMP}) AS trimp,
                count(*) FILTER (WHERE avg_heart_rate IS NULL) AS without_heart_rate
            FROM ran
            GROUP BY period
        ), loads AS (
            SELECT span.period::date AS date, coalesce(trimp, {_NOTHING}) AS trimp,
                coalesce(without_heart_rate, 0) AS without_heart_rate
            FROM {ZERO_FILLED}
        )
    """


_ASKED_FOR: LiteralString = "(%(first_day)s::date IS NULL OR date >= %(first_day)s)"
_ANSWER: LiteralString = f"""
    'missing', %(missing)s::text[],
    'estimated', %(estimated)s::text[],
    'runs_without_heart_rate', (SELECT coalesce(sum(without_heart_rate), 0) FROM loads WHERE {_ASKED_FOR}),
    'days', (SELECT coalesce(json_agg(days ORDER BY date), '[]') FROM days)
"""


def get_trimp(runs: ActivityFilter) -> Fragment:
    """Return {missing, estimated, runs_without_heart_rate, days: [{date, trimp}]} as JSON."""
    heart = Heart.of(_user())
    return fetch_json(
        f"""
        WITH {_loads(runs)}, days AS (
            SELECT date, trimp
            FROM loads
        )
        SELECT json_build_object({_ANSWER})::text
        """,
        **_params(runs, replace(heart, estimated=[field for field in heart.estimated if field == "sex"])),
    )


def _next(average: LiteralString, days: LiteralString) -> LiteralString:
    """Return the SQL of the next day's average; one that fades ends at 0, before PostgreSQL refuses it as too small."""
    return f"""
        CASE WHEN {average} < 1e-15 THEN 0 ELSE {average} - {average} / {days} END
        + (SELECT hr_tss FROM series)[day + 1] / {days}
    """


def get_training_load(runs: ActivityFilter) -> Fragment:
    """Return {missing, estimated, …, days: [{date, hr_tss, trimp, atl, ctl, tsb}]} as JSON.

    The averages begin at 0 before the first run, and go through the days before those asked for.
    """
    heart = Heart.of(_user())
    history = replace(runs, start=None)
    return fetch_json(
        f"""
        WITH RECURSIVE {_loads(history)}, threshold AS (
            SELECT 60 * {_TRIMP} AS trimp
            FROM (SELECT {_reserve("%(lactate_threshold_heart_rate)s::float8")} AS x) AS reserve
        ), series AS MATERIALIZED (
            SELECT min(date) AS first, array_agg(trimp ORDER BY date) AS trimps,
                array_agg(100 * trimp / (SELECT trimp FROM threshold) ORDER BY date) AS hr_tss
            FROM loads
        ), averages AS (
            SELECT 0 AS day, {_NOTHING} AS atl, {_NOTHING} AS ctl, {_NOTHING} AS tsb
            UNION ALL
            SELECT day + 1,
                {_next("atl", "7")},
                {_next("ctl", "42")},
                ctl - atl
            FROM averages
            WHERE day < (SELECT cardinality(trimps) FROM series)
        ), days AS (
            SELECT *
            FROM (
                SELECT (SELECT first FROM series) + day - 1 AS date, (SELECT hr_tss FROM series)[day] AS hr_tss,
                    (SELECT trimps FROM series)[day] AS trimp, atl, ctl, tsb
                FROM averages
                WHERE day > 0
            ) AS days
            WHERE {_ASKED_FOR}
        )
        SELECT json_build_object(
            'lactate_threshold_heart_rate', %(lactate_threshold_heart_rate)s::float8, {_ANSWER}
        )::text
        """,
        **{**_params(history, heart), "first_day": runs.start},
    )


def _user() -> User:
    user = get_user()
    assert user is not None
    return user


def _params(runs: ActivityFilter, heart: Heart) -> dict[str, Any]:
    return {**runs.params(), **asdict(heart), "unit": "day"}
