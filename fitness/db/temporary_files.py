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


def warn_unless_limited(url: str) -> None:
    """Log how to set the limit, if the connections to this database have none."""
    with psycopg.connect(url) as connection:
        role = connection.execute(f"SELECT current_user WHERE {_UNLIMITED} AND NOT {_MAY_SET}").fetchone()
    if role is not None:
        logger.warning(
            "a statement may fill the disk of the database with temporary files: as its superuser, run GRANT SET ON"
            ' PARAMETER temp_file_limit TO "%s", or set temp_file_limit there',
            role[0],
        )
