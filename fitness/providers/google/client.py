"""Google over HTTP: log a user in, connect a calendar, write its events."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote

import httpx
import jwt

from fitness.providers.client import (
    TIME_LIMITS,
    AccessExpired,
    ConnectionRefused,
    HttpClient,
    Misconfigured,
    NoApi,
    NotThere,
    ProviderError,
    RateLimited,
    Rejected,
    Tokens,
    Unreachable,
    Untrusted,
    ask,
    retry_after,
)
from fitness.providers.google.identity import Identity, Keys, read_id_token
from fitness.readers.values import is_number

EVENTS_SCOPE = "https://www.googleapis.com/auth/calendar.events"
SCOPE = f"openid email {EVENTS_SCOPE}"
"""The scopes of a connection. The user may decline the calendar; the tokens come with the granted scopes."""

LOGIN_SCOPE = "openid email profile"

LONGEST_LIFE = timedelta(days=1)
_SECRET = re.compile(r"[!-~]{1,4000}")
_REASON = re.compile(r"[A-Za-z_]{1,50}")
_TOO_MANY = {"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
_APPLICATION = {"invalid_client", "unauthorized_client", "redirect_uri_mismatch", "accessNotConfigured"}

_keys = Keys()


class _Taken(Rejected):
    """The calendar already has, or had, an event with this id."""


class _Denied(Rejected):
    """Google does not allow this request for this user."""


class Google(HttpClient):
    """Google client for one application and, with an access token, one user. Use it in a `with` block.

    All methods raise RateLimited if Google's rate limit is reached, Misconfigured if the operator must act, and
    Unreachable for any other unexpected response. Event methods also raise AccessExpired if the access token must be
    refreshed, ConnectionRefused if the user may not write to the calendar or did not grant it, and Rejected if Google
    will never accept the request. Messages contain no secrets.
    """

    def __init__(
        self,
        *,
        authorize_url: str,
        token_url: str,
        revoke_url: str,
        jwks_url: str,
        calendar_url: str,
        calendar_id: str,
        client_id: str,
        client_secret: str,
        access_token: str | None = None,
        renewed: Callable[[str], str] | None = None,
        time_limits: httpx.Timeout = TIME_LIMITS,
    ) -> None:
        """Create a client; `renewed` returns a new access token for one that is no longer accepted."""
        self._authorize_url = authorize_url
        self._token_url = token_url
        self._revoke_url = revoke_url
        self._jwks_url = jwks_url
        self._events_url = f"{calendar_url}/calendars/{quote(calendar_id, safe='')}/events"
        self._client_id = client_id
        self._client_secret = client_secret
        self._access_token = access_token
        self._renewed = renewed
        super().__init__(time_limits=time_limits)

    # --- tokens

    def authorize_url(self, redirect_uri: str, state: str, code_challenge: str | None) -> str:
        """Return the URL where a user connects a calendar.

        Google asks for consent every time, as it only sends a refresh token then.
        """
        asked = {"scope": SCOPE, "access_type": "offline", "prompt": "consent"}
        return self._ask_person(redirect_uri, state, code_challenge, asked)

    def login_url(self, redirect_uri: str, state: str, code_challenge: str, nonce: str) -> str:
        """Return the URL where a user logs in; the ID token will contain the nonce."""
        asked = {"scope": LOGIN_SCOPE, "nonce": nonce, "prompt": "select_account"}
        return self._ask_person(redirect_uri, state, code_challenge, asked)

    def _ask_person(self, redirect_uri: str, state: str, code_challenge: str | None, asked: dict[str, str]) -> str:
        parameters = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
            **asked,
        }
        if code_challenge is not None:
            parameters |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
        return str(httpx.URL(self._authorize_url).copy_merge_params(parameters))

    def exchange_code(self, code: str, redirect_uri: str, code_verifier: str | None) -> Tokens:
        """Exchange the code of a callback for tokens; raises ConnectionRefused if the code is rejected.

        `account_id` is the e-mail address, only for display.
        """
        given = self._exchange(code, redirect_uri, code_verifier)
        return _read_tokens(given, account_id=self._identity(given, nonce=None).email)

    def identify(self, code: str, redirect_uri: str, code_verifier: str, nonce: str) -> Identity:
        """Return the identity of the user that logged in, from the code of a callback; its tokens are not kept.

        Raises ConnectionRefused if the code is rejected, and Untrusted if the ID token is invalid.
        """
        return self._identity(self._exchange(code, redirect_uri, code_verifier), nonce=nonce)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return a new access token; the refresh token stays. Raises ConnectionRefused if it no longer works."""
        return _read_tokens(self._token({"grant_type": "refresh_token", "refresh_token": refresh_token}))

    def revoke(self, access_token: str, refresh_token: str | None = None) -> None:
        """End the connection at Google; an access token is enough. Raises AccessExpired if it no longer works."""
        self._ask("POST", self._revoke_url, data={"token": access_token})

    def _exchange(self, code: str, redirect_uri: str, code_verifier: str | None) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._token(form | ({"code_verifier": code_verifier} if code_verifier is not None else {}))

    def _token(self, form: dict[str, str]) -> Mapping[str, Any]:
        application = {"client_id": self._client_id, "client_secret": self._client_secret}
        try:
            given = self._ask("POST", self._token_url, data=application | form)
        except (AccessExpired, NotThere, NoApi) as error:  # no access token was sent
            raise Misconfigured("Google does not accept the application, or GOOGLE_TOKEN_URL is wrong") from error
        if not isinstance(given, dict):
            raise _unexpected("a response without tokens")
        return cast("dict[str, Any]", given)

    def _identity(self, given: Mapping[str, Any], *, nonce: str | None) -> Identity:
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("Google sent no ID token")
        return read_id_token(token, self._find_key, client_id=self._client_id, nonce=nonce)

    def _find_key(self, kid: str) -> jwt.PyJWK:
        return _keys.find(kid, self._jwks_url, lambda: self._ask("GET", self._jwks_url))

    # --- events

    def insert_event(self, event_id: str, event: Mapping[str, Any]) -> bool:
        """Create an event; return False if the calendar already has, or had, an event with this id."""
        try:
            self._event("POST", self._events_url, {"id": event_id, **event})
        except _Taken:
            return False
        except _Denied as error:
            raise ConnectionRefused("You may not write to this Google calendar: connect again") from error
        except (NotThere, NoApi) as error:
            raise Misconfigured("Google has no calendar with the id in GOOGLE_CALENDAR_ID") from error
        return True

    def patch_event(self, event_id: str, event: Mapping[str, Any]) -> bool:
        """Update an event, and restore it if it was deleted; return False if it cannot be restored."""
        try:
            self._event("PATCH", self._address(event_id), {**event, "status": "confirmed"})
        except NotThere:
            return False
        except _Denied:
            # Some deleted events cannot be restored. If the event exists, do not let the caller create a second one.
            if self.get_event(event_id).get("status") == "cancelled":
                return False
            raise
        return True

    def delete_event(self, event_id: str) -> None:
        """Delete an event, if it still exists."""
        with suppress(NotThere):
            self._event("DELETE", self._address(event_id))

    def get_event(self, event_id: str) -> dict[str, Any]:
        """Return an event; a deleted one has the status `cancelled`. Raises NotThere if it never existed."""
        return self._event("GET", self._address(event_id))

    def _address(self, event_id: str) -> str:
        return f"{self._events_url}/{quote(event_id, safe='')}"

    def _event(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            return self._authorized(method, url, body)
        except AccessExpired:
            if self._renewed is None or self._access_token is None:
                raise
            self._access_token = self._renewed(self._access_token)
            return self._authorized(method, url, body)

    def _authorized(self, method: str, url: str, body: Mapping[str, Any] | None) -> Any:
        return self._ask(method, url, json=body, headers={"Authorization": f"Bearer {self._access_token}"})

    def _ask(self, method: str, url: str, **kwargs: Any) -> Any:
        return ask(self._client, method, url, refusal=_refusal, **kwargs)[0]


def _read_tokens(given: Mapping[str, Any], account_id: str | None = None) -> Tokens:
    access_token, refresh_token = given.get("access_token"), given.get("refresh_token")
    seconds, scope = given.get("expires_in"), given.get("scope")
    if not _is_secret(access_token) or not is_number(seconds) or not 0 < seconds <= LONGEST_LIFE.total_seconds():
        raise _unexpected("a response without tokens")
    return Tokens(
        access_token=cast(str, access_token),
        refresh_token=cast(str, refresh_token) if _is_secret(refresh_token) else None,
        expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
        scope=scope if isinstance(scope, str) else None,
        account_id=account_id,
    )


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def _refusal(answer: httpx.Response) -> ProviderError:
    """Return the error for a response that is not 2xx, from its status and reason; its text is never shown."""
    status, reason = answer.status_code, _reason(answer)
    if reason == "invalid_grant":
        return ConnectionRefused("Google has ended the connection or rejected the code: connect again")
    if reason in _APPLICATION:
        return Misconfigured(f"Google does not accept the application: {reason}")
    if status == httpx.codes.UNAUTHORIZED or reason == "invalid_token":
        return AccessExpired("Google does not accept the access token: connect again")
    if status == httpx.codes.TOO_MANY_REQUESTS or (status == httpx.codes.FORBIDDEN and reason in _TOO_MANY):
        retry_at = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return RateLimited(f"Google's rate limit is reached: try again at {retry_at:%Y-%m-%d %H:%M:%S} UTC", retry_at)
    if reason == "insufficientPermissions":
        return ConnectionRefused("You did not grant access to the calendar: connect again and keep its box checked")
    if status == httpx.codes.FORBIDDEN:
        return _Denied(f"Google does not allow this: {reason}")
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        return NotThere("Not found at Google")
    if status == httpx.codes.CONFLICT:
        return _Taken("The calendar already has, or had, an event with this id")
    if status == httpx.codes.BAD_REQUEST:
        return Rejected(f"Google rejected the request: {reason}")
    return Unreachable(f"Google answered with status {status}")


def _reason(answer: httpx.Response) -> str:
    """Return the reason in an error of the calendar or the token endpoint, which differ in form; otherwise ""."""
    try:
        error: Any = answer.json()["error"]
        reason = error if isinstance(error, str) else error["errors"][0]["reason"]
        return reason if _REASON.fullmatch(reason) else ""
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""


def _unexpected(what: str) -> Unreachable:
    return Unreachable(f"Google sent {what}")
