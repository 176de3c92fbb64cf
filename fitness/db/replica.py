"""Reading from the replica of the database. What it cannot answer, the primary does: later, but without an error."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import LiteralString, TypeVar

import psycopg

from fitness.db import pool
from fitness.db.connection import ASSUME_USER, opened
from fitness.db.later import ask_first
from fitness.db.positions import HAS_REPLAYED, Behind, Seen

logger = logging.getLogger(__name__)

T = TypeVar("T")

_READ_ONLY: LiteralString = "BEGIN READ ONLY"
_UNREACHABLE = ("08", "57P")
"""How the SQLSTATE begins if a server cannot be reached, or shuts down; a connection that breaks off has none."""


def read_from_replica(
    work: Callable[[], T], otherwise: Callable[[], T], user_id: int, seen: Seen, *, operators_reason: str | None = None
) -> T:
    """Run work that reads in a transaction of the user on the replica; if that fails there, return `otherwise()`.

    It fails if the replica is behind, gone or cancels a query, and if the work is to write. A replica that was out of
    reach is not asked for some seconds.
    """
    try:
        with replica_transaction(user_id, seen, operators_reason=operators_reason):
            return work()
    except Behind as error:
        logger.debug("%s", error)
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08").startswith(_UNREACHABLE):
            pool.rest_replica()
            logger.warning("the replica is out of reach: %s", error)
        else:
            logger.info("the primary answers instead of the replica: %s", error)
    return otherwise()


@contextmanager
def replica_transaction(user_id: int, seen: Seen, *, operators_reason: str | None = None) -> Iterator[None]:
    """Run the block in a transaction of one user on the replica; it cannot change anything.

    Its first statement raises Behind if the replica lacks something that the user has `seen`.
    """
    with opened(ASSUME_USER, user_id, operators_reason, begin=_READ_ONLY, of_replica=True):
        ask_first(bool, _require_replayed, HAS_REPLAYED, **asdict(seen))
        yield


def _require_replayed(has_replayed: list[bool]) -> None:
    if has_replayed != [True]:
        raise Behind("the replica has not replayed enough of the log")


@contextmanager
def replica_system_transaction() -> Iterator[None]:
    """Run the block in a transaction of the owner's role on the replica; it cannot change anything."""
    with opened((), None, begin=_READ_ONLY, of_replica=True):
        yield
