"""Logging in by way of Google, and linking a Google account with one that is here."""

from typing import Any

from flask import Response, current_app, jsonify, request
from flask.views import MethodView

from fitness import auth
from fitness.accounts import google_login, limits
from fitness.connections.oauth import STATE_SECONDS
from fitness.errors import Unauthorized
from fitness.providers.client import ProviderError
from fitness.schemas.auth import TokensSchema
from fitness.schemas.google_login import GoogleCallbackQuery, GoogleLinkSchema, GoogleLinkTokenSchema
from fitness.web.blueprint import Blueprint
from fitness.web.redirects import redirect, redirect_to_dashboard

blp = Blueprint("google", __name__, url_prefix="/auth/google", description="Logging in with Google", public=True)
own_blp = Blueprint("google_account", __name__, url_prefix="/auth/google", description="Your own Google account")

COOKIE = "fitness_login"
"""Binds a login to the browser that it began in."""

SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""The headers of an answer that nobody is to keep or to pass on."""


@blp.route("/login")
class GoogleLogin(MethodView):
    @blp.response(302)
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def get(self) -> Response:
        """Go to Google in order to log in

        For browsers, which keep a cookie until they come back.
        """
        settings = current_app.config["SETTINGS"]
        limits.limit_attempts(settings.rate_limit_login, "google", f"address {request.remote_addr}")
        address, browser = google_login.begin()
        response = redirect(address, headers=SECRET)
        response.set_cookie(
            COOKIE,
            browser,
            max_age=STATE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.public_api_base_url.startswith("https:"),
        )
        return response


@blp.route("/callback")
class GoogleCallback(MethodView):
    @blp.arguments(GoogleCallbackQuery, location="query")
    @blp.response(200, TokensSchema)
    @blp.alt_response(202, schema=GoogleLinkTokenSchema, description="An account has this e-mail address: link them")
    @blp.alt_response(302, description="To the dashboard, for whoever does not ask for JSON")
    @blp.alt_response(401, "UNAUTHORIZED")
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    @blp.alt_response(502, "BAD_GATEWAY")
    def get(self, query: dict[str, Any]) -> Response:
        """Come back from Google

        Google sends browsers here. They go on to the dashboard, which finds `access_token` and `refresh_token` in the
        fragment of its address; or `link_token`, when an account has this e-mail address already and is to be linked
        by `POST /auth/google/link`; or `login_error` in the query. With `Accept: application/json` the answer is JSON.
        """
        as_json = request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
        try:
            identity = google_login.identify(
                state=query["state"],
                browser=request.cookies.get(COOKIE, ""),
                code=query.get("code"),
                error=query.get("error"),
            )
            outcome = google_login.log_in(identity)
        except (ProviderError, Unauthorized) as failure:
            if as_json:
                raise
            return redirect_to_dashboard({"login_error": failure.detail}, headers=SECRET)
        if isinstance(outcome, str):
            told = {"link_token": outcome}
            response = jsonify(told) if as_json else redirect_to_dashboard(told, where="#")
            response.status_code = 202 if as_json else 302
        else:
            tokens = {"access_token": outcome.access_token, "refresh_token": outcome.refresh_token}
            response = jsonify(outcome) if as_json else redirect_to_dashboard(tokens, where="#")
        response.headers.update(SECRET)
        response.delete_cookie(COOKIE)
        return response


@own_blp.route("/link")
class GoogleLink(MethodView):
    @own_blp.scope(None)
    @own_blp.login_optional
    @own_blp.own_transactions
    @own_blp.arguments(GoogleLinkSchema)
    @own_blp.response(200, TokensSchema)
    @own_blp.alt_response(403, "FORBIDDEN")
    @own_blp.alt_response(409, "CONFLICT")
    @own_blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, str]) -> Any:
        """Link a Google account

        With the account of the same e-mail address, whose password or login confirms it. Answers with a session.
        """
        if auth.is_logged_in():
            return google_login.link_by_session(body["link_token"], auth.user_id())
        if "password" not in body:
            raise Unauthorized("Say the password of the account, or log in to it")
        return google_login.link_by_password(body["link_token"], body["password"])


@own_blp.route("")
class GoogleAccount(MethodView):
    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.response(204)
    @own_blp.alt_response(404, "NOT_FOUND")
    @own_blp.alt_response(409, "CONFLICT")
    def delete(self) -> None:
        """Unlink your Google account

        It logs in to this account no more, which needs a password then.
        """
        google_login.unlink(auth.user_id())
