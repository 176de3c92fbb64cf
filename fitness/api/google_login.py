"""Log in with Google, link and unlink a Google account."""

from typing import Any

from flask import Response, current_app, jsonify, request
from flask.views import MethodView

from fitness import auth
from fitness.accounts import google_login, limits, second_factor
from fitness.accounts.confirmation import refuse_unless_recent
from fitness.db.connection import transaction
from fitness.errors import Forbidden, Unauthorized
from fitness.providers.client import ProviderError
from fitness.schemas.auth import BrowserQuery, TokensSchema
from fitness.schemas.google_login import (
    GoogleCallbackQuery,
    GoogleCodeSchema,
    GoogleLinkSchema,
    GoogleLinkTokenSchema,
)
from fitness.web import browser_cookie, session_cookie
from fitness.web.blueprint import Blueprint
from fitness.web.redirects import SECRET, redirect, redirect_to_dashboard

blp = Blueprint("google", __name__, url_prefix="/auth/google", description="Logging in with Google", public=True)
own_blp = Blueprint("google_account", __name__, url_prefix="/auth/google", description="Your linked Google account")


@blp.route("/login")
class GoogleLogin(MethodView):
    @blp.response(302)
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def get(self) -> Response:
        """Redirect to Google to log in

        For browsers: a cookie binds the login to the browser.
        """
        limits.limit_network("google", current_app.config["SETTINGS"].rate_limit_login_total)
        browser = browser_cookie.secret(browser_cookie.LOGIN)
        response = redirect(google_login.begin(browser=browser), headers=SECRET)
        browser_cookie.keep(response, browser_cookie.LOGIN, browser)
        return response


@blp.route("/callback")
class GoogleCallback(MethodView):
    @blp.arguments(GoogleCallbackQuery, location="query")
    @blp.response(200, TokensSchema)
    @blp.alt_response(
        202, schema=GoogleLinkTokenSchema, description="An account with this e-mail address exists: link it"
    )
    @blp.alt_response(302, description="To the dashboard, unless the request accepts JSON")
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(403, "FORBIDDEN")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    @blp.alt_response(502, "BAD_GATEWAY")
    def get(self, query: dict[str, Any]) -> Response:
        """Return from Google

        Google redirects browsers here. They are redirected to the dashboard: with `login_code` in the URL fragment, for
        `POST /auth/google/session`; with `link_token`, for `POST /auth/google/link`, if an account with this e-mail
        address exists; or with `login_error` in the query. With `Accept: application/json` the response is JSON, with
        the tokens of a new session, unless the account has a second factor.
        """
        as_json = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
        browser = browser_cookie.secret(browser_cookie.LOGIN)
        try:
            identity = google_login.identify(
                state=query["state"], browser=browser, code=query.get("code"), error=query.get("error")
            )
            account = google_login.find_account(identity)
        except (ProviderError, Unauthorized, Forbidden) as failure:
            if as_json:
                raise
            return redirect_to_dashboard({"login_error": failure.detail}, headers=SECRET)
        if isinstance(account, str):
            link = {"link_token": account}
            response = jsonify(link) if as_json else redirect_to_dashboard(link, where="#")
            response.status_code = 202 if as_json else 302
        elif as_json:
            second_factor.check_code(account.user_id, None)
            response = jsonify(google_login.start_session(account.user_id, identity.sub))
        else:
            # The cookie stays: the code works only together with it.
            code = google_login.create_code(identity, browser=browser)
            return redirect_to_dashboard({"login_code": code}, where="#", headers=SECRET)
        response.headers.update(SECRET)
        browser_cookie.forget(response, browser_cookie.LOGIN)
        return response


@blp.route("/session")
class GoogleSession(MethodView):
    @blp.arguments(BrowserQuery, location="query")
    @blp.arguments(GoogleCodeSchema)
    @blp.response(200, TokensSchema)
    @blp.alt_response(401, "UNAUTHORIZED")
    def post(self, query: dict[str, Any], body: dict[str, str]) -> Response:
        """Exchange the code of a Google login for a session

        A code works once, within a minute, in the browser that started the login, which its cookie proves. If the
        account has a second factor, the answer is 401 with the code `second_factor_needed`: send the code again with
        `second_factor` or `passkey`, within five minutes.
        """
        tokens = google_login.use_code(body["code"], browser_cookie.proof(body))
        response = session_cookie.session(tokens, cookie=query["cookie"])
        browser_cookie.forget(response, browser_cookie.LOGIN)
        return response


@own_blp.route("/link")
class GoogleLink(MethodView):
    @own_blp.scope(None)
    @own_blp.login_optional
    @own_blp.own_transactions
    @own_blp.arguments(BrowserQuery, location="query")
    @own_blp.arguments(GoogleLinkSchema)
    @own_blp.response(200, TokensSchema)
    @own_blp.alt_response(403, "FORBIDDEN")
    @own_blp.alt_response(409, "CONFLICT")
    @own_blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, query: dict[str, Any], body: dict[str, str]) -> Response:
        """Link a Google account

        Links it to the account with the same e-mail address. Confirm with the password of that account, or log in to
        it first. Returns the tokens of a new session.
        """
        if auth.is_logged_in():
            tokens = google_login.link_by_session(body["link_token"], auth.user_id(), auth.session_id())
        elif "password" in body:
            tokens = google_login.link_by_password(body["link_token"], body["password"], browser_cookie.proof(body))
        else:
            raise Unauthorized("Send the password of the account, or log in to it first")
        return session_cookie.session(tokens, cookie=query["cookie"])


@own_blp.route("")
class GoogleAccount(MethodView):
    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.response(204)
    @own_blp.alt_response(404, "NOT_FOUND")
    @own_blp.alt_response(409, "CONFLICT")
    def delete(self) -> None:
        """Unlink your Google account

        You can no longer log in with Google; the account must have a password or a passkey. Needs a login of the last
        five minutes, or `POST /auth/confirm`.
        """
        with transaction(auth.user_id()):
            refuse_unless_recent(auth.session_id())
        google_login.unlink(auth.user_id(), auth.session_id())
