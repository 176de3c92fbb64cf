"""What tests of connections read and change."""

import dataclasses
from urllib.parse import parse_qs, urlsplit

from tests.standins.strava import TOKEN, refusal

CODE_REFUSED = refusal(400, "AuthorizationCode", "code", "invalid")
NOT_CONNECTED = {
    "connected": False, "needs_reconnect": False, "account_id": None, "scopes": [], "missing_scopes": [],
    "expires_at": None, "connected_at": None, "syncing": False, "found": 0, "last_success_at": None,
    "last_error": None, "last_error_at": None, "retry_at": None, "points_left": None, "own_client_id": None,
    "hint": None, "next_sync_at": None,
}  # fmt: skip


def change_settings(app, monkeypatch, **changes):
    """Let the server have been started with other settings."""
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **changes))


def end_in(owner, person, minutes):
    """Let somebody's access token end in so many minutes, as far as we know."""
    owner.execute(
        "UPDATE oauth_credentials SET expires_at = now() + make_interval(mins => %s) WHERE user_id = %s",
        [minutes, person.user_id],
    )


def state_of(address):
    return parse_qs(urlsplit(address).query)["state"][0]


def refreshes(strava):
    return [asked.form for asked in strava.asked(TOKEN) if asked.form["grant_type"] == "refresh_token"]
