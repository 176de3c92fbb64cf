"""Authentication: find the current user, and run a view in that user's transaction."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any
from uuid import UUID

from flask import Response, g, request

from fitness.accounts.api_tokens import API_TOKEN, use_api_token
from fitness.accounts.sessions import claims_of
from fitness.db import pool, users
from fitness.db.connection import system_transaction, transaction
from fitness.db.deadlocks import tried_twice
from fitness.db.later import begin
from fitness.db.positions import Seen
from fitness.db.replica import read_from_replica
from fitness.db.users import Asker
from fitness.errors import Unauthorized

ASKER = "fitness.asker"
"""Key of a request's environment with the user of a job, who was logged in when the job was created."""


def bearer_token() -> str:
    """Return the token of the request's Authorization header, or raise Unauthorized."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token.strip()


@dataclass(frozen=True, slots=True)
class Access:
    """The access rules of a view's method.

    `scope` is the scope that a personal access token needs; None: personal access tokens are refused. With
    `login_optional`, anonymous requests are allowed. A view with `own_transactions` opens its transactions itself.
    The answers of a `tagged` view have an ETag that is known before the view runs. With `for_operator`, tokens of the
    operator are allowed.
    """

    scope: str | None
    login_optional: bool = False
    own_transactions: bool = False
    tagged: bool = False
    for_operator: bool = False


_READING = {"GET": Access("read", for_operator=True), "HEAD": Access("read", for_operator=True)}


def login_required(
    view: Callable[..., Response],
    *,
    access: Mapping[str, Access] = _READING,
    unchanged: Callable[[], Response | None] = lambda: None,
    shown_position: Callable[[], str | None] = lambda: None,
) -> Callable[..., Response]:
    """Run a view as the user of the request's token, in one transaction.

    The transaction is committed after the view returns, before the response is sent, and rolled back on any error.
    `access` has the rules of each HTTP method. Anonymous requests see only shared data; check with `is_logged_in`.
    `unchanged` returns the response for a client that has the answer of a tagged view already, otherwise None. A tagged
    view reads from the replica if there is one, and `shown_position` returns the position in its log that the request
    shows. For either, a transaction of its own checks the session before; otherwise the check travels with the first
    statement of a tagged view, as that changes nothing, or before that of another view.
    Raises Unauthorized, InsufficientScope and TooManyRequests.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        asked = access[request.method]
        if asked.login_optional and "Authorization" not in request.headers:
            if asked.own_transactions:
                return view(*args, **kwargs)
            with system_transaction():
                return view(*args, **kwargs)
        known, user_id = _identify(asked)
        log = shown_position() if asked.tagged and pool.asks_replica() else None
        asks_for_change = asked.tagged and "If-None-Match" in request.headers
        checks_before = known is None and (asked.own_transactions or log is not None or asks_for_change)

        def serve() -> Response:
            is_checked = known is not None or checks_before
            with (
                transaction(user_id, operators_reason=known and known.reason),
                nullcontext() if is_checked else _checked_session(at_once=not asked.tagged),
            ):
                return view(*args, **kwargs)

        if checks_before:
            with transaction(user_id):
                users.ask_for_asker(session_id(), _let_in)
        if asks_for_change and (answer := unchanged()) is not None:
            return answer
        if asked.own_transactions:
            return view(*args, **kwargs)
        on_primary = partial(tried_twice, serve, before_again=_rewind_files)
        if log is None:
            return on_primary()
        return read_from_replica(
            partial(view, *args, **kwargs),
            on_primary,
            user_id,
            Seen(log, asker().epoch, asker().position),
            operators_reason=asker().reason,
        )

    return run


def _identify(asked: Access) -> tuple[Asker | None, int]:
    """Return the asker, if no session is to be checked, and the id of the user.

    Raises the errors of `login_required`.
    """
    known: Asker | None = request.environ.get(ASKER)
    token = "" if known else bearer_token()
    if token.startswith(API_TOKEN):
        known = use_api_token(token, asked.scope, for_operator=asked.for_operator)
    if known is not None:
        g.asker = known
        return known, known.user_id
    claims = claims_of(token, "access")
    g.session_id = UUID(claims["sid"])
    return None, int(claims["sub"])


@contextmanager
def _checked_session(*, at_once: bool) -> Iterator[None]:
    """Check the session of the request before the block, `at_once`, or with the block's first statement.

    Raises Unauthorized if it has ended: then the block has got no row, and an error of the block itself is not raised.
    """
    users.ask_for_asker(session_id(), _let_in)
    if at_once:
        begin()
    try:
        yield
    finally:
        begin()
    asker()  # raises again what the block may have caught


def _let_in(askers: list[Asker]) -> None:
    g.asker = askers[0] if askers else None
    asker()


def _rewind_files() -> None:
    for file in request.files.values():
        file.stream.seek(0)


def asker() -> Asker:
    """Return who is asking; waits for the check of the session if that is under way.

    Raises Unauthorized if it has ended.
    """
    known: Asker | None = g.get("asker")
    if known is None and "asker" not in g:
        begin()
        known = g.asker
    if known is None:
        raise Unauthorized("The session has ended")
    return known


def user_id() -> int:
    """Return the id of the current user, for views that open their own transactions."""
    return asker().user_id


def has_session() -> bool:
    """Return whether the request belongs to a session, not to a personal access token."""
    return "session_id" in g


def session_id() -> UUID:
    """Return the id of the current session; requests with a personal access token have none."""
    return g.session_id


def is_logged_in() -> bool:
    """Return whether the request is authenticated; always true in views that require a login."""
    return "asker" in g or has_session()


def actor() -> str:
    """Return the name of the current user, or of the operator who acts for them, as the history stores it."""
    return asker().handle


def own_time_zone() -> str | None:
    """Return the time zone that the current user has set, if any."""
    return asker().time_zone


def time_zone() -> str:
    """Return the time zone of the current user; default: UTC."""
    return own_time_zone() or "UTC"


def week_start() -> str:
    """Return the day on which weeks of the current user start."""
    return asker().week_start


def set_own_zone(filters: dict[str, Any]) -> None:
    """Let the days of filters, if there are any, be local to the user, unless a time zone is given."""
    if filters.get("start") or filters.get("end"):
        filters.setdefault("time_zone", time_zone())


def own_days(query: dict[str, Any]) -> dict[str, Any]:
    """Add to a query what it leaves out of the user's time zone and weeks."""
    return {"time_zone": time_zone(), "week_start": week_start(), **query}
