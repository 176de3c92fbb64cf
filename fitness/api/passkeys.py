"""Passkeys: log in with one; add, list, rename and remove your own."""

from typing import Any

from flask import Response, current_app, jsonify
from flask.views import MethodView

from fitness import auth
from fitness.accounts import limits, ways_in
from fitness.accounts.confirmation import refuse_unless_recent
from fitness.accounts.passkeys import add, begin_to_add, begin_to_confirm, begin_to_log_in, log_in
from fitness.accounts.security_log import record
from fitness.db import passkeys, users
from fitness.db.connection import transaction
from fitness.errors import found
from fitness.schemas.auth import BrowserQuery, TokensSchema
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.passkeys import (
    NewPasskeySchema,
    PasskeyChangesSchema,
    PasskeyLoginOptionsSchema,
    PasskeyLoginSchema,
    PasskeyOptionsSchema,
    PasskeySchema,
)
from fitness.web import browser_cookie, session_cookie
from fitness.web.blueprint import Blueprint, numbered_list

blp = Blueprint(
    "passkeys", __name__, url_prefix="/auth/passkeys/login", description="Logging in with a passkey", public=True
)
own_blp = Blueprint("own_passkeys", __name__, url_prefix="/auth", description="Your passkeys")


@blp.route("/options")
class LoginOptions(MethodView):
    @blp.arguments(PasskeyLoginOptionsSchema)
    @blp.response(200, PasskeyOptionsSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, Any]) -> Response:
        """Begin a login with a passkey

        For browsers: a cookie binds the login to the browser. Without `email` the browser offers all its passkeys for
        this server. Also for a passkey as the second factor of another login. 409 if passkeys do not work at the
        address of the server (`passkey_origin` of `GET /health`).
        """
        limits.limit_network("passkey", current_app.config["SETTINGS"].rate_limit_login_total)
        browser = browser_cookie.secret(browser_cookie.LOGIN)
        response = jsonify({"public_key": begin_to_log_in(browser, body.get("email"))})
        browser_cookie.keep(response, browser_cookie.LOGIN, browser)
        return response


@blp.route("")
class Login(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(PasskeyLoginSchema)
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], body: dict[str, Any]) -> Response:
        """Log in with a passkey

        In the browser that began the login. It needs no password and no second factor.
        """
        limits.limit_network("passkey", current_app.config["SETTINGS"].rate_limit_login_total)
        browser = browser_cookie.secret(browser_cookie.LOGIN)
        tokens = log_in(body["passkey"], browser=browser, email=body.get("email"))
        response = session_cookie.session(tokens, cookie=query["cookie"])
        browser_cookie.forget(response, browser_cookie.LOGIN)
        return response


@own_blp.route("/passkeys/options")
class Options(MethodView):
    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.response(200, PasskeyOptionsSchema)
    @own_blp.alt_response(409, "CONFLICT")
    def post(self) -> Any:
        """Begin to add a passkey

        Needs a login of the last five minutes, or `POST /auth/confirm`. 409 if passkeys do not work at the address of
        the server, or the account has 20.
        """
        with transaction(auth.user_id()):
            refuse_unless_recent(auth.session_id())
            user = found(users.get_user(), "User")
        return {"public_key": begin_to_add(user, auth.session_id())}


@own_blp.route("/passkeys")
class Passkeys(MethodView):
    @own_blp.scope(None)
    @own_blp.untagged
    @own_blp.arguments(PageQuery, location="query")
    @own_blp.response(200, page_of(PasskeySchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List your passkeys

        Newest first.
        """
        return numbered_list(query, "id", passkeys.list_passkeys)

    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.arguments(NewPasskeySchema)
    @own_blp.response(201, PasskeySchema)
    @own_blp.alt_response(409, "CONFLICT")
    def post(self, body: dict[str, Any]) -> Any:
        """Add a passkey

        In the session that began it. Needs a login of the last five minutes, or `POST /auth/confirm`.
        """
        with transaction(auth.user_id()):
            refuse_unless_recent(auth.session_id())
        return add(auth.user_id(), auth.session_id(), body["passkey"], body["name"])


@own_blp.route("/passkeys/<int:passkey_id>")
class PasskeyItem(MethodView):
    @own_blp.scope(None)
    @own_blp.arguments(PasskeyChangesSchema)
    @own_blp.response(200, PasskeySchema)
    def patch(self, body: dict[str, str], passkey_id: int) -> Any:
        """Rename a passkey"""
        return found(passkeys.rename_passkey(passkey_id, body["name"]), "Passkey")

    @own_blp.scope(None)
    @own_blp.response(204)
    @own_blp.alt_response(409, "CONFLICT")
    def delete(self, passkey_id: int) -> None:
        """Remove a passkey

        It lets nobody in any more. 409 if you could not log in any more. Needs a login of the last five minutes, or
        `POST /auth/confirm`.
        """
        refuse_unless_recent(auth.session_id())
        users.hold_session(auth.user_id(), auth.session_id())
        name = found(passkeys.delete_passkey(passkey_id), "Passkey")
        ways_in.require_one_left(auth.user_id())
        record(auth.user_id(), "passkey_removed", name)


@own_blp.route("/confirm/options")
class ConfirmationOptions(MethodView):
    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.response(200, PasskeyOptionsSchema)
    @own_blp.alt_response(409, "CONFLICT")
    def post(self) -> Any:
        """Begin to confirm with a passkey

        For `passkey` of `POST /auth/confirm`. 409 if the account has no passkey.
        """
        return {"public_key": begin_to_confirm(auth.user_id(), auth.session_id())}
