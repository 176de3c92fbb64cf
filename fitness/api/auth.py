"""Sign up, log in, refresh a session."""

from functools import partial
from typing import Any

from flask import current_app, request
from flask.views import MethodView

from fitness import auth
from fitness.accounts import limits, passwords, second_factor, security_log, sessions
from fitness.accounts.by_mail import verify_later
from fitness.accounts.sign_up import sign_up
from fitness.db import users
from fitness.db.connection import system_transaction
from fitness.errors import Unauthorized
from fitness.schemas.auth import (
    BrowserQuery,
    LoginSchema,
    RefreshSchema,
    SignupAnswerSchema,
    SignupSchema,
    TokensSchema,
)
from fitness.web import browser_cookie, session_cookie
from fitness.web.blueprint import Blueprint

blp = Blueprint("auth", __name__, url_prefix="/auth", description="Accounts and sessions", public=True)


@blp.route("/signup")
class Signup(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(SignupSchema)
    @blp.response(201, SignupAnswerSchema)
    @blp.alt_response(403, "FORBIDDEN")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], account: dict[str, Any]) -> Any:
        """Sign up

        Returns the tokens of a new session, so you do not need to log in afterwards. A server may take new accounts
        only by `invitation`, or none (403); `sign_up` of `GET /health` says so.
        """
        limits.limit_network("signup", current_app.config["SETTINGS"].rate_limit_signup)
        user = sign_up(account)
        verify_later(user.user_id)
        return session_cookie.session(
            sessions.start_session(user.user_id, "signed_up"), cookie=query["cookie"], user=user
        ), 201


@blp.route("/login")
class Login(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(LoginSchema, example={"username": "ada", "password": "a long pass phrase"})
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], login: dict[str, Any]) -> Any:
        """Log in

        With an e-mail address or username. The error is the same for a wrong password and an unknown account. If the
        account has a second factor, the answer to the right password is 401 with the code `second_factor_needed`: send
        it again with `second_factor`, or with `passkey` and the options of `POST /auth/passkeys/login/options`.
        """
        name = login.get("email") or login.get("username") or ""
        with system_transaction():
            credentials = users.get_credentials(name) if "\0" not in name else None
        # Counted by name as well, so that the limit is the same whether an account has this name or not.
        numbers = [limits.account_number(credentials.user_id)] if credentials else []
        limits.limit_passwords("login", limits.account_name(name), *numbers)
        matches = passwords.check_password(login["password"], credentials and credentials.hashed_password)
        if credentials is None or not matches or not credentials.is_active:
            if credentials is not None:
                with system_transaction():
                    security_log.record(credentials.user_id, "login_failed")
            raise Unauthorized("Wrong e-mail address, username or password")
        second_factor.check(credentials.user_id, browser_cookie.proof(login))
        user_id, hashed_password = credentials.user_id, passwords.renew(credentials, login["password"])
        tokens = sessions.start_session(user_id, still=partial(users.hold_password, user_id, hashed_password))
        return session_cookie.session(tokens, cookie=query["cookie"])


@blp.route("/refresh")
class Refresh(MethodView):
    @blp.arguments(RefreshSchema, required=False)
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(403, "FORBIDDEN")
    def post(self, body: dict[str, Any]) -> Any:
        """Exchange a refresh token for new tokens

        Each refresh token works once, and for ten seconds more, as two tabs may refresh at once. Using one again later
        ends the whole session. If neither the body nor the
        header has one, the one in the browser's cookie is used, and the new one is stored in the cookie too.
        """
        if "refresh_token" in body or "Authorization" in request.headers:
            return sessions.refresh_session(body.get("refresh_token") or auth.bearer_token())
        kept = session_cookie.kept()
        if kept is None:
            raise Unauthorized
        return session_cookie.session(sessions.refresh_session(kept), cookie=True)
