"""Fetch the points of activities from Strava in the background, for those who want it: the newest ones first.

One request an activity, within a share of Strava's limits. Each one is stored by itself, so that whatever stops it, the
next time goes on with those that are left.
"""

from functools import partial
from typing import cast

from fitness.connections import clients
from fitness.db import oauth_credentials, runs, sync_metadata, users, without_points, workouts_import
from fitness.db.connection import transaction
from fitness.db.runs import RUNS
from fitness.db.without_points import Wanted
from fitness.errors import QuotaExceeded, found
from fitness.providers.client import NotThere, ProviderError, RateLimited, Unreachable
from fitness.providers.strava.client import Strava
from fitness.providers.strava.streams import parse_streams
from fitness.readers.activity import Activity, Points
from fitness.readers.other_sports import workout_id_of
from fitness.readers.records import ParsedRun, ParsedWorkout, RunType, StoredPoints
from fitness.readers.stored_points import stored_points
from fitness.readers.strava_values import SOURCE, id_of_run
from fitness.sync.report import Report
from fitness.sync.runs_import import load_runs
from fitness.sync.session import Session, sync_session
from fitness.sync.strava import PROVIDER
from fitness.sync.workouts_import import load_workouts

STATE = PROVIDER + sync_metadata.POINTS
MOST_ACTIVITIES = 200
"""How many activities are fetched at once, one person after another."""
MOST_FAILURES = 3
"""So many requests in a row that fail mean that Strava is down, and not only one of its activities broken."""

Pauses = list[tuple[float, float]]


def fetch_points(user_id: int, report: Report) -> None:
    """Store the points of activities that have none. Raises Conflict if that is under way, and ProviderError."""
    try:
        with sync_session(STATE, user_id, report) as session, clients.strava(user_id) as strava:
            with session.page():
                wanted = without_points.list_wanted(PROVIDER, limit=MOST_ACTIVITIES)
            _fetch(session, strava, wanted)
    except RateLimited:
        raise
    except (ProviderError, QuotaExceeded) as error:
        with transaction(user_id):
            if oauth_credentials.get_credentials(PROVIDER):  # otherwise it was disconnected meanwhile
                sync_metadata.set_error(PROVIDER, f"Points of activities: {error.detail}")
        raise


def _fetch(session: Session, strava: Strava, wanted: list[Wanted]) -> None:
    failures = 0
    for one in wanted:
        try:
            points, pauses = parse_streams(strava.streams(_number(one)), one.started_at)
        except NotThere:
            points, pauses = Points(), []
        except Unreachable:
            failures += 1
            if failures == MOST_FAILURES:
                raise
            continue
        failures = 0
        if not session.write_page(partial(_store, session, one, points, pauses)):
            return
        strava.leave_room()


def _number(one: Wanted) -> int:
    return int(one.key.removeprefix(f"{PROVIDER}:"))


def _store(session: Session, one: Wanted, points: Points, pauses: Pauses) -> bool:
    """Store the points of an activity, if it is still without; return whether the person still wants them.

    Other fields stay as syncs and files say them: what follows from points would be taken for a value of Strava.
    """
    if not users.syncs_points():
        return False
    if not without_points.is_wanted(PROVIDER, one):
        return True  # it is deleted, or a file has brought points
    of_run = one.path == RUNS.path
    sport = "running" if of_run else "generic"
    stored = stored_points(Activity(one.started_at, sport, points=points, pauses=pauses), with_efforts=of_run)
    if stored and of_run:
        load_runs([_run(session, one, stored)], session.report, source=SOURCE, actor=SOURCE, sent=("points_id",))
    elif stored:
        load_workouts([_workout(session, one, stored)], session.report, source=SOURCE, actor=SOURCE)
    if without_points.is_wanted(PROVIDER, one):
        # Strava has none, or the person restored a version without.
        without_points.add(without_points.KINDS[one.path].of, one.id)
    return True


def _run(session: Session, one: Wanted, points: StoredPoints) -> ParsedRun:
    run = found(runs.get_run_by_id(one.id), "Run")
    row, run_id = session.report.found + 1, id_of_run(_number(one))
    return ParsedRun(row, run_id, one.started_at, cast(RunType, run.type), run.distance, run.duration, points=points)


def _workout(session: Session, one: Wanted, points: StoredPoints) -> ParsedWorkout:
    number, unsaid = str(_number(one)), frozenset(workouts_import.PROVIDER_FIELDS) - {"points_id"}
    return ParsedWorkout(
        session.report.found + 1,
        workout_id_of(SOURCE, number),
        number,
        None,
        one.started_at,
        None,
        None,
        (),
        points=points,
        unsaid=unsaid,
    )
