"""Fetch the points of runs from Strava in the background, for those who want it: the newest runs first.

One request a run, within a share of Strava's limits. Each run is stored by itself, so that whatever stops it, the next
time goes on with the runs that are left.
"""

from functools import partial
from typing import cast

from fitness.connections import clients
from fitness.db import oauth_credentials, runs_without_points, sync_metadata, users
from fitness.db.connection import transaction
from fitness.db.runs_without_points import Wanted
from fitness.errors import QuotaExceeded
from fitness.providers.client import NotThere, ProviderError, RateLimited, Unreachable
from fitness.providers.strava.client import Strava
from fitness.providers.strava.streams import parse_streams
from fitness.readers.activity import Activity, Points
from fitness.readers.records import ParsedRun, RunType
from fitness.readers.stored_points import stored_points
from fitness.readers.strava_values import SOURCE, id_of_run
from fitness.sync.report import Report
from fitness.sync.runs_import import load_runs
from fitness.sync.session import Session, sync_session
from fitness.sync.strava import PROVIDER

STATE = PROVIDER + sync_metadata.POINTS
MOST_RUNS = 200
"""How many runs are fetched at once, one person after another."""
MOST_FAILURES = 3
"""So many requests in a row that fail mean that Strava is down, and not only one of its activities broken."""

Pauses = list[tuple[float, float]]


def fetch_points(user_id: int, report: Report) -> None:
    """Store the points of a user's runs that have none. Raises Conflict if that is under way, and ProviderError."""
    try:
        with sync_session(STATE, user_id, report) as session, clients.strava(user_id) as strava:
            with session.page():
                wanted = runs_without_points.list_wanted(PROVIDER, limit=MOST_RUNS)
            _fetch(session, strava, wanted)
    except RateLimited:
        raise
    except (ProviderError, QuotaExceeded) as error:
        with transaction(user_id):
            if oauth_credentials.get_credentials(PROVIDER):  # otherwise it was disconnected meanwhile
                sync_metadata.set_error(PROVIDER, f"Points of runs: {error.detail}")
        raise


def _fetch(session: Session, strava: Strava, wanted: list[Wanted]) -> None:
    failures = 0
    for run in wanted:
        try:
            points, pauses = parse_streams(strava.streams(_number(run)), run.started_at)
        except NotThere:
            points, pauses = Points(), []
        except Unreachable:
            failures += 1
            if failures == MOST_FAILURES:
                raise
            continue
        failures = 0
        if not session.write_page(partial(_store, session, run, points, pauses)):
            return
        strava.leave_room()


def _number(run: Wanted) -> int:
    return int(run.key.removeprefix(f"{PROVIDER}:"))


def _store(session: Session, run: Wanted, points: Points, pauses: Pauses) -> bool:
    """Store the points of a run, if it is still without; return whether the person still wants them.

    Other fields stay as syncs and files say them: what follows from points would be taken for a value of Strava.
    """
    if not users.syncs_points():
        return False
    if not runs_without_points.list_wanted(PROVIDER, limit=1, run_id=run.run_id):
        return True  # it is deleted, or a file has brought points
    stored = stored_points(Activity(run.started_at, "running", points=points, pauses=pauses), with_efforts=True)
    if stored:
        record = ParsedRun(
            session.report.found + 1,
            id_of_run(_number(run)),
            run.started_at,
            cast(RunType, run.type),
            run.distance,
            run.duration,
            points=stored,
        )
        load_runs([record], session.report, source=SOURCE, actor=SOURCE, sent=("points_id",))
    if runs_without_points.list_wanted(PROVIDER, limit=1, run_id=run.run_id):
        runs_without_points.add(run.run_id)  # Strava has none, or the person restored a version without
    return True
