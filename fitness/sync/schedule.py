"""Syncs that start by themselves: those that are due, one after the other, in one process at a time."""

import logging
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from flask import Flask, current_app

from fitness.connections.clients import PROVIDERS
from fitness.connections.oauth import SYNCED
from fitness.db import leases, sync_metadata
from fitness.db.connection import system_transaction
from fitness.deadline import limited
from fitness.errors import FitnessError
from fitness.sync import hevy, strava, strava_points
from fitness.sync.background import repeated
from fitness.sync.report import Report

logger = logging.getLogger(__name__)

LEASE = "syncs"
RENEW_SECONDS = 15

SYNCS = {strava.PROVIDER: strava.sync_activities, hevy.PROVIDER: hevy.sync_workouts}
SHARED_LIMITS = (strava.PROVIDER,)
"""Providers that limit the requests of all users together: a sync that reached the limit holds up those of others."""


def sync_due(app: Flask, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Do the syncs that are due, while `go_on`; return their number. None if another process does them now.

    Then fetch the points of activities for those who want them.
    """
    lease_id = uuid4()

    def renew() -> bool:
        with system_transaction():
            return leases.take_lease(LEASE, lease_id)

    done = 0
    if not renew():
        return done
    try:
        with repeated(renew, RENEW_SECONDS), app.app_context():
            interval_seconds = 60 * app.config["SETTINGS"].sync_interval_minutes
            for user_id, provider in _due(interval_seconds):
                if not go_on():
                    break
                if not _is_held_up(provider):
                    _sync(user_id, provider)
                    done += 1
            for user_id in _due_for_points():
                if not go_on() or _is_held_up(strava.PROVIDER):
                    break
                _fetch_points(user_id)
    finally:
        with system_transaction():
            leases.end_lease(LEASE, lease_id)
    return done


def _due(interval_seconds: int) -> list[tuple[int, str]]:
    with system_transaction():
        return sync_metadata.list_due(SYNCED, interval_seconds=interval_seconds)


def _due_for_points() -> list[int]:
    with system_transaction():
        return sync_metadata.list_due_for_points(strava.PROVIDER)


def _is_held_up(provider: str) -> bool:
    with system_transaction():
        return provider in SHARED_LIMITS and sync_metadata.is_limited(provider)


def _sync(user_id: int, provider: str) -> None:
    label = PROVIDERS[provider]
    _do(
        partial(SYNCS[provider], user_id, Report("sync"), actor=label, full_sync=False, allow_deletes=False),
        f"{provider}: the sync of user {user_id}",
    )


def _fetch_points(user_id: int) -> None:
    work = partial(strava_points.fetch_points, user_id, Report("sync"))
    _do(work, f"{strava.PROVIDER}: fetching points of user {user_id}")


def _do(work: Callable[[], None], what: str) -> None:
    """Do the work for one connection; what goes wrong is stored for its status."""
    try:
        with limited(current_app.config["SETTINGS"].job_timeout_seconds):
            work()
    except FitnessError as error:
        logger.warning("%s failed: %s", what, error.detail)
    except Exception:
        logger.exception("%s failed", what)
