"""Connect with providers, and disconnect."""

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from fitness.auth import actor, session_id, user_id
from fitness.connections import oauth
from fitness.schemas.connections import (
    ApplicationSchema,
    AuthorizeUrlSchema,
    CallbackQuery,
    ConnectionSchema,
    ConnectSchema,
    DisconnectQuery,
    HevyKeySchema,
)
from fitness.web import browser_cookie
from fitness.web.blueprint import Blueprint
from fitness.web.redirects import SECRET, redirect, redirect_to_dashboard

blp = Blueprint("oauth", __name__, url_prefix="/oauth", description="Connections with Strava, Hevy and Google")
callback_blp = Blueprint("oauth_callback", __name__, url_prefix="/oauth", description=blp.description, public=True)

COOKIE = "connect"
"""The purpose of the cookie that binds connections to the browser that started them."""


@blp.route("/<provider>/authorize")
class Authorize(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.response(302)
    def get(self, provider: str) -> Response:
        """Redirect to a provider to connect

        A cookie binds the connection to the browser.
        """
        browser = browser_cookie.secret(COOKIE)
        response = redirect(oauth.begin(provider, user_id(), session_id(), browser=browser), headers=SECRET)
        browser_cookie.keep(response, COOKIE, browser)
        return response


@blp.route("/<provider>/authorize-url")
class AuthorizeUrl(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.response(200, AuthorizeUrlSchema)
    def get(self, provider: str) -> Any:
        """Get the URL to connect with a provider

        For pages that redirect by themselves: a cookie binds the connection to the browser. The URL works once, within
        ten minutes. In another browser, it leads to the dashboard, where you confirm the connection.
        """
        browser = browser_cookie.secret(COOKIE)
        response = jsonify({"url": oauth.begin(provider, user_id(), session_id(), browser=browser)})
        browser_cookie.keep(response, COOKIE, browser)
        return response


@callback_blp.route("/<provider>/callback")
class Callback(MethodView):
    @callback_blp.arguments(CallbackQuery, location="query")
    @callback_blp.response(302)
    def get(self, query: dict[str, Any], provider: str) -> Response:
        """Return from a provider

        The provider redirects browsers here. They are redirected to the dashboard with `connected=<provider>` or, on
        failure, `connection_error=<why>`. A browser without the cookie of the one that asked connects nobody: it is
        redirected with `connect=<provider>` and what the provider sent in the URL fragment, for
        `POST /oauth/<provider>/connect`.
        """
        state = query["state"]
        granted = oauth.Granted(**{name: query.get(name) for name in ("code", "scope", "error")})
        try:
            problem = oauth.complete(provider, granted, state=state, browser=browser_cookie.secret(COOKIE))
        except oauth.AnotherBrowser:
            return redirect_to_dashboard({"connect": provider, **query}, where="#", headers=SECRET)
        return redirect_to_dashboard({"connection_error": problem} if problem else {"connected": provider})


@blp.route("/<provider>/connect")
class Connect(MethodView):
    @blp.own_transactions
    @blp.scope(None)
    @blp.arguments(ConnectSchema)
    @blp.response(200, ConnectionSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(502, "BAD_GATEWAY")
    def post(self, body: dict[str, str], provider: str) -> Any:
        """Confirm a connection

        Connects you, if you are the one who asked for the URL, with what the provider sent to a browser that did not.
        """
        state = body.pop("state")
        granted = oauth.Granted(**body)
        oauth.complete_here(provider, granted, state=state, asker_id=user_id(), session_id=session_id())
        return oauth.read_status(provider, user_id())


@blp.route("/<provider>/status")
class Status(MethodView):
    @blp.untagged
    @blp.response(200, ConnectionSchema)
    def get(self, provider: str) -> Any:
        """Read the state of a connection"""
        return oauth.get_status(provider)


@blp.route("/hevy/key")
class HevyKey(MethodView):
    @blp.own_transactions
    @blp.scope(None)
    @blp.arguments(HevyKeySchema)
    @blp.response(200, ConnectionSchema)
    @blp.alt_response(502, "BAD_GATEWAY")
    def put(self, body: dict[str, str]) -> Any:
        """Connect with Hevy by API key

        The key is checked with Hevy, then stored encrypted. It replaces an earlier key.
        """
        oauth.connect_hevy(user_id(), session_id(), body["key"])
        return oauth.read_status("hevy", user_id())


@blp.route("/<provider>/application")
class Application(MethodView):
    @blp.scope(None)
    @blp.arguments(ApplicationSchema)
    @blp.response(200, ConnectionSchema)
    def put(self, body: dict[str, str], provider: str) -> Any:
        """Use your own application at a provider

        New connections use it instead of the server's application. The secret is stored encrypted.
        """
        oauth.save_application(provider, **body)
        return oauth.get_status(provider)

    @blp.scope(None)
    @blp.response(204)
    def delete(self, provider: str) -> None:
        """Stop using your own application

        New connections use the server's application again. An existing connection stays.
        """
        oauth.delete_application(provider)


@blp.route("/<provider>")
class Connection(MethodView):
    @blp.own_transactions
    @blp.scope(None)
    @blp.arguments(DisconnectQuery, location="query")
    @blp.response(204)
    @blp.alt_response(502, "BAD_GATEWAY")
    def delete(self, query: dict[str, Any], provider: str) -> None:
        """Disconnect

        Revokes the tokens at the provider and deletes them here. The runs and workouts from there stay, unless
        `keep_records` is false: then they are deleted as one changeset, which can be reverted.
        """
        oauth.disconnect(provider, user_id(), actor=actor(), **query)
