"""Your sessions, confirming that you are there, and the security log."""

from functools import partial
from typing import Any

from flask.views import MethodView

from fitness import auth
from fitness.accounts import security_log
from fitness.accounts.confirmation import confirm_by_passkey, confirm_session
from fitness.db import refresh_tokens, security_events, sessions, users
from fitness.errors import found
from fitness.schemas.account import ConfirmationSchema
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.sessions import EndedSessionsSchema, SecurityEventSchema, SessionSchema
from fitness.web.blueprint import Blueprint, numbered_list

blp = Blueprint("sessions", __name__, url_prefix="/auth", description="Your sessions and what happened to your account")


@blp.route("/sessions")
class Sessions(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(SessionSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List your sessions

        Newest first, those that have not ended.
        """
        return numbered_list(query, "id", partial(sessions.list_sessions, current=auth.session_id()))

    @blp.scope(None)
    @blp.response(200, EndedSessionsSchema)
    def delete(self) -> Any:
        """End all your other sessions

        They end at once. This session and personal access tokens stay.
        """
        users.hold_session(auth.user_id(), auth.session_id())
        ended = refresh_tokens.revoke_other_families(auth.user_id(), kept=auth.session_id())
        security_log.record(auth.user_id(), "other_sessions_ended")
        return {"ended_sessions": ended}


@blp.route("/sessions/<int:session_id>")
class SessionItem(MethodView):
    @blp.scope(None)
    @blp.response(204)
    def delete(self, session_id: int) -> None:
        """End a session

        It ends at once: its access and refresh tokens no longer work.
        """
        users.hold_session(auth.user_id(), auth.session_id())
        family_id = found(sessions.get_family(session_id), "Session")
        refresh_tokens.revoke_family(family_id)
        security_log.record(auth.user_id(), "session_ended")


@blp.route("/confirm")
class Confirmation(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(ConfirmationSchema)
    @blp.response(204)
    def post(self, confirmation: dict[str, Any]) -> None:
        """Confirm that you are there

        For calls that answer 403 with the code `confirmation_needed`: they work for five minutes from now on in this
        session, as after a login. Send what the account has: its password, and a code of its second factor; or only
        `passkey`, with the options of `POST /auth/confirm/options`. An account that has nothing of these logs in again
        instead.
        """
        if "passkey" in confirmation:
            confirm_by_passkey(auth.user_id(), auth.session_id(), confirmation["passkey"])
        else:
            password, code = confirmation.get("current_password"), confirmation.get("second_factor")
            confirm_session(auth.user_id(), auth.session_id(), password, code)


@blp.route("/security-log")
class SecurityLog(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(SecurityEventSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List what happened to your account

        Logins, failed ones, and changes of passwords, tokens and sessions of the last 365 days, newest first; of the
        failed ones the last 500.
        """
        return numbered_list(query, "id", security_events.list_events)
