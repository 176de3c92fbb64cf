"""Measures of what runs add up to, for a user of 10,000 of them in the large database."""

from collections.abc import Iterator

import psycopg

from benchmarks.load import request, requests_per_second
from benchmarks.measures import CLIENTS, DEEP_USER, Bench, Measure, against_bare_sql, statements_against
from benchmarks.statements import statements_of

ELEVEN_YEARS = "start=2015-01-01&end=2025-12-31&time_zone=Europe/Berlin"
BY_DAY = f"/v1/metrics/mileage/by-day?{ELEVEN_YEARS}"
TOTAL = f"/v1/metrics/mileage/total?{ELEVEN_YEARS}"
BY_SHOE = f"/v1/metrics/mileage/by-shoe?{ELEVEN_YEARS}"
PATHS = (
    f"/v1/metrics/seconds/total?{ELEVEN_YEARS}",
    TOTAL,
    BY_DAY,
    f"/v1/metrics/mileage/by-week?{ELEVEN_YEARS}",
    f"/v1/metrics/mileage/by-month?{ELEVEN_YEARS}",
    f"/v1/metrics/mileage/rolling-by-day?{ELEVEN_YEARS}&window=30",
    BY_SHOE,
    f"/v1/metrics/trimp/by-day?{ELEVEN_YEARS}",
    f"/v1/metrics/training-load/by-day?{ELEVEN_YEARS}",
    f"/v1/metrics/records?{ELEVEN_YEARS}",
    f"/v1/metrics/streaks?{ELEVEN_YEARS}",
    f"/v1/summary?{ELEVEN_YEARS}",
    f"/v1/timeline?{ELEVEN_YEARS}",
)
BY_LOCAL_DAY = f"""
    SELECT (datetime_utc AT TIME ZONE 'Europe/Berlin')::date, sum(distance), sum(duration), count(*)
    FROM runs
    WHERE user_id = {DEEP_USER} AND deleted_at IS NULL AND datetime_utc BETWEEN '2015-01-01' AND '2025-12-31'
    GROUP BY 1
"""
"""The aggregate of the rows that most reports need, and no more."""
A_SECOND = 100
"""How often a second eleven years are to be answered day by day."""


def metric_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure of metrics after the other."""
    with psycopg.connect(bench.large.database_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE users SET sex = 'female', max_heart_rate = 186, resting_heart_rate = 52 WHERE user_id = %s",
            [DEEP_USER],
        )
        # What measures before have written would else be tidied up meanwhile.
        owner.execute("VACUUM ANALYZE")
    token = bench.large.token(DEEP_USER)
    for path in PATHS:
        name = path.partition("?")[0].removeprefix("/v1/").removeprefix("metrics/")
        yield against_bare_sql(bench, f"{name} ÷ bare SQL", bench.large, token, path, at_most=1.5)
        statements = statements_of(bench.large, token, "GET", path)
        yield statements_against(bench, f"{name} ÷ aggregate by day", statements, [BY_LOCAL_DAY], at_most=3)
    by_shoe, total = (statements_of(bench.large, token, "GET", path) for path in (BY_SHOE, TOTAL))
    yield statements_against(bench, "mileage/by-shoe ÷ total", by_shoe, total, at_most=1.5)
    rate = requests_per_second(
        bench.large.port, [request("GET", BY_DAY, token)], clients=CLIENTS, seconds=bench.seconds
    )
    yield Measure(f"by-day of eleven years ÷ {A_SECOND}", "1/s", rate, A_SECOND, at_least=1)
