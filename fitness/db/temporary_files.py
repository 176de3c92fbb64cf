"""The most temporary files that a statement may write while it sorts or joins, so that none fills the disk.

The embedded database has a limit for all. In another one only a superuser may set it, or grant that to the role of the
program; then each connection sets it, unless the server has a limit of its own, or a pooler lends it to others.
"""

import logging
from typing import LiteralString

import psycopg

logger = logging.getLogger(__name__)

LIMIT: LiteralString = "1GB"

_UNLIMITED: LiteralString = "current_setting('temp_file_limit') = '-1'"
_MAY_SET: LiteralString = "has_parameter_privilege('temp_file_limit', 'SET')"

SET_LIMIT: LiteralString = f"SELECT set_config('temp_file_limit', '{LIMIT}', false) WHERE {_UNLIMITED} AND {_MAY_SET}"
"""Limits a connection, if nothing does and its role may."""


def warn_unless_limited(connection: psycopg.Connection, *, pooled: bool) -> None:
    """Log how to set the limit, if this connection has none and the program sets none."""
    query: LiteralString = f"SELECT current_user WHERE {_UNLIMITED} AND (%(pooled)s OR NOT {_MAY_SET})"
    row = connection.execute(query, {"pooled": pooled}).fetchone()
    if row is not None:
        (role,) = row
        grant = f'GRANT SET ON PARAMETER temp_file_limit TO "{role}"'
        alter = f"ALTER ROLE \"{role}\" SET temp_file_limit = '{LIMIT}'"
        logger.warning(
            "a statement may fill the disk of the database with temporary files: as its superuser, run %s, or set"
            " temp_file_limit there",
            alter if pooled else grant,
        )
