"""Signing up, logging in, and staying logged in."""

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from fitness import auth
from fitness.accounts import limits, passwords, sessions
from fitness.accounts.sessions import Tokens
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
from fitness.web import session_cookie
from fitness.web.blueprint import Blueprint

blp = Blueprint("auth", __name__, url_prefix="/auth", description="Accounts and sessions", public=True)


def _session(tokens: Tokens, *, cookie: bool, **more: Any) -> Response:
    """Answer with the tokens of a session; of one with a cookie the refresh token is nowhere else."""
    body = {**asdict(tokens), **more}
    if cookie:
        body["refresh_token"] = None
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    if cookie:
        session_cookie.keep(response, tokens.refresh_token)
    return response


@blp.route("/signup")
class Signup(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(SignupSchema)
    @blp.response(201, SignupAnswerSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], account: dict[str, Any]) -> Any:
        """Sign up

        Answers with a session: there is no need to log in afterwards.
        """
        limits.limit_account("signup", account["email"])
        password = account.pop("password")
        account.setdefault("name", account.get("username"))
        hashed_password = passwords.hash_password(password)
        with system_transaction():
            user = users.create_user(**account, hashed_password=hashed_password)
        return _session(sessions.start_session(user.user_id), cookie=query["cookie"], user=user), 201


@blp.route("/login")
class Login(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(LoginSchema)
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], login: dict[str, Any]) -> Any:
        """Log in

        By e-mail address or username. A wrong password and an unknown account are answered alike.
        """
        name = login.get("email") or login.get("username") or ""
        with system_transaction():
            credentials = users.get_credentials(name) if "\0" not in name else None
        # An account has one limit, by whichever of its names it is called.
        limits.limit_account("login", limits.account_number(credentials.user_id) if credentials else name)
        matches = passwords.check_password(login["password"], credentials and credentials.hashed_password)
        if credentials is None or not matches or not credentials.is_active:
            raise Unauthorized("Wrong e-mail address, username or password")
        return _session(sessions.start_session(credentials.user_id), cookie=query["cookie"])


@blp.route("/refresh")
class Refresh(MethodView):
    @blp.arguments(RefreshSchema, required=False)
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(403, "FORBIDDEN")
    def post(self, body: dict[str, Any]) -> Any:
        """Trade a refresh token for new tokens

        Each refresh token is good for one refresh. One that comes back ends the whole session. Where neither the body
        nor the header holds one, that of the browser's cookie is taken, and its successor goes into the cookie as well.
        """
        if "refresh_token" in body or "Authorization" in request.headers:
            return sessions.refresh_session(body.get("refresh_token") or auth.bearer_token())
        kept = session_cookie.kept()
        if kept is None:
            raise Unauthorized
        return _session(sessions.refresh_session(kept), cookie=True)
