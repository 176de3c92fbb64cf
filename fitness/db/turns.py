"""The heavy work of a user, one at a time: uploads, pages of syncs, exports, reverts.

A user who starts many at once would hold all threads of the server. The lock is that of a transaction, so that it ends
with it, however it ends, and holds behind a pooler of connections, too.
"""

import psycopg

from fitness.db import pool
from fitness.db.connection import execute, fetch_one
from fitness.errors import TooManyRequests

HEAVY_WORK = 6_617_002
"""Namespace of the advisory locks."""

WAIT_SECONDS = 5
RETRY_SECONDS = 5
PATIENT_SECONDS = 25
"""For work that has begun already; shorter than a statement may take."""


def take_turn(wait_seconds: float | None = None) -> None:
    """Wait until no other heavy work of the user runs; then none does until the bound transaction ends.

    Raises TooManyRequests if that takes longer than `wait_seconds`; default: WAIT_SECONDS.
    """
    if fetch_one(bool, "SELECT pg_try_advisory_xact_lock(%(kind)s, (%(user_id)s %% 2147483647)::int)", kind=HEAVY_WORK):
        return
    usual = pool.lock_seconds()
    _set_lock_timeout(min(wait_seconds or WAIT_SECONDS, usual))
    try:
        execute("SELECT pg_advisory_xact_lock(%(kind)s, (%(user_id)s %% 2147483647)::int)", kind=HEAVY_WORK)
    except psycopg.errors.LockNotAvailable as error:
        raise TooManyRequests(
            RETRY_SECONDS, "Another import, sync, export or revert of yours is running: wait until it ends"
        ) from error
    _set_lock_timeout(usual)


def _set_lock_timeout(seconds: float) -> None:
    execute("SELECT set_config('lock_timeout', %(wait)s, true)", wait=f"{int(seconds * 1000)}ms")
