"""The fastest stretches of all runs, of those that have points."""

from typing import Any

from fitness.db.activity_points import KEPT
from fitness.db.connection import fetch_all
from fitness.db.days import ActivityFilter
from fitness.db.run_metrics import counted_runs


def list_best_efforts(runs: ActivityFilter) -> list[dict[str, Any]]:
    """Return {effort, seconds, run_id, datetime_utc} of the fastest run of each stretch, in no order."""
    return fetch_all(
        dict,
        counted_runs(runs)
        + """
        SELECT DISTINCT ON (e.effort) e.effort, round(e.seconds::numeric, 1)::float8 AS seconds, r.id AS run_id,
            r.datetime_utc
        FROM counted AS r
        JOIN activity_efforts AS e ON e.user_id = %(user_id)s AND e.points_id = r.points_id
        WHERE """
        + KEPT
        + """
        ORDER BY e.effort, e.seconds, r.datetime_utc, r.id
        """,
        **runs.params(),
    )
