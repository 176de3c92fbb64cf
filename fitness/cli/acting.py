"""Act for an account of the database of this machine, as the operator.

Requests go through the same application as those of a server, so every rule of the API holds here too; days and weeks
are those of the account.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx

from fitness.app import create_app
from fitness.auth import ASKER
from fitness.cli.operator import account_number, operator
from fitness.config import load_settings
from fitness.db import users
from fitness.db.connection import transaction
from fitness.db.users import OPERATOR, Asker
from fitness.errors import found


@contextmanager
def acting_for(login: str, reason: str | None) -> Iterator[httpx.Client]:
    """Yield a client that acts for an account, by e-mail address or username; its changes carry the reason."""
    with operator() as url:
        number = account_number(login)
        with transaction(number):
            user = found(users.get_user(), "Account")
        asker = Asker(number, OPERATOR, user.time_zone, user.week_start, 0, 0, datetime.now(UTC), reason)
        app = create_app(replace(load_settings(), database_url=url, log_level="ERROR"))

        def serve(environ: dict[str, Any], start_response: Any) -> Any:
            return app({**environ, ASKER: asker}, start_response)

        with httpx.Client(transport=httpx.WSGITransport(app=serve), base_url="http://localhost/v1") as client:
            yield client
