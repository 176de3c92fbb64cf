"""Google over HTTP: logging a person in, connecting their calendar, and the events in it."""

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
"""What a connection is asked for. The person may untick the calendar: what was granted comes with the tokens."""

LOGIN_SCOPE = "openid email profile"

LONGEST_LIFE = timedelta(days=1)
_SECRET = re.compile(r"[!-~]{1,4000}")
_REASON = re.compile(r"[A-Za-z_]{1,50}")
_TOO_MANY = {"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
_APPLICATION = {"invalid_client", "unauthorized_client", "redirect_uri_mismatch", "accessNotConfigured"}

_keys = Keys()


class _Taken(Rejected):
    """The calendar has seen the id of this event."""


class _Denied(Rejected):
    """Not this, or not by this person."""


class Google(HttpClient):
    """Google for one application and, once an access token is there, one person. Use it in a `with` block.

    All methods raise RateLimited when Google wants to be asked later, Misconfigured when the operator must act, and
    Unreachable for whatever else is not the answer asked for. Those about events also raise AccessExpired when the
    access token is to be refreshed, ConnectionRefused when the person may not or did not allow it, and Rejected for
    what Google will never take. Secrets show in no message.
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
        """`renewed` returns another access token for one that is not accepted any more."""
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
        """Return where to send a person who is to connect their calendar.

        They are asked anew each time: only then does Google give a refresh token.
        """
        asked = {"scope": SCOPE, "access_type": "offline", "prompt": "consent"}
        return self._ask_person(redirect_uri, state, code_challenge, asked)

    def login_url(self, redirect_uri: str, state: str, code_challenge: str, nonce: str) -> str:
        """Return where to send a person who is to log in; the id token will hold the nonce."""
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
        """Return the tokens for the code of a callback; raise ConnectionRefused for one that is not accepted.

        The account is the e-mail address, which is only shown.
        """
        given = self._exchange(code, redirect_uri, code_verifier)
        return _read_tokens(given, account_id=self._identity(given, nonce=None).email)

    def identify(self, code: str, redirect_uri: str, code_verifier: str, nonce: str) -> Identity:
        """Return who has logged in, by the code of a callback; the tokens that come along are not kept.

        Raises ConnectionRefused for a code that is not accepted, and Untrusted for an id token that does not hold.
        """
        return self._identity(self._exchange(code, redirect_uri, code_verifier), nonce=nonce)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return a new access token, to the refresh token that stays; raise ConnectionRefused when that is dead."""
        return _read_tokens(self._token({"grant_type": "refresh_token", "refresh_token": refresh_token}))

    def revoke(self, access_token: str) -> None:
        """End the connection at Google, of which an access token is enough; raise AccessExpired for a dead one."""
        self._ask("POST", self._revoke_url, data={"token": access_token})

    def _exchange(self, code: str, redirect_uri: str, code_verifier: str | None) -> Mapping[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._token(form | ({"code_verifier": code_verifier} if code_verifier is not None else {}))

    def _token(self, form: dict[str, str]) -> Mapping[str, Any]:
        application = {"client_id": self._client_id, "client_secret": self._client_secret}
        try:
            given = self._ask("POST", self._token_url, data=application | form)
        except (AccessExpired, NotThere) as error:  # no access token was sent
            raise Misconfigured("Google does not accept the application, or is not at the token address") from error
        if not isinstance(given, dict):
            raise _nonsense("an answer without tokens")
        return cast("dict[str, Any]", given)

    def _identity(self, given: Mapping[str, Any], *, nonce: str | None) -> Identity:
        token = given.get("id_token")
        if not isinstance(token, str):
            raise Untrusted("Google does not tell who this is")
        return read_id_token(token, self._find_key, client_id=self._client_id, nonce=nonce)

    def _find_key(self, kid: str) -> jwt.PyJWK:
        return _keys.find(kid, self._jwks_url, lambda: self._ask("GET", self._jwks_url))

    # --- events

    def insert_event(self, event_id: str, event: Mapping[str, Any]) -> bool:
        """Put an event into the calendar; false when the calendar has seen its id, be it of a deleted event."""
        try:
            self._event("POST", self._events_url, {"id": event_id, **event})
        except _Taken:
            return False
        except _Denied as error:
            raise ConnectionRefused("Google does not let you write to this calendar: connect again") from error
        except NotThere as error:
            raise Misconfigured("Google has no calendar of the name that GOOGLE_CALENDAR_ID says") from error
        return True

    def patch_event(self, event_id: str, event: Mapping[str, Any]) -> bool:
        """Let an event be as given, and there again if it was deleted; false when it is gone for good."""
        try:
            self._event("PATCH", self._address(event_id), {**event, "status": "confirmed"})
        except NotThere:
            return False
        except _Denied:
            # Some deleted events cannot be brought back. One that is there must not get a second one beside it.
            if self.get_event(event_id).get("status") == "cancelled":
                return False
            raise
        return True

    def delete_event(self, event_id: str) -> None:
        """Take an event out of the calendar, if it is still there."""
        with suppress(NotThere):
            self._event("DELETE", self._address(event_id))

    def get_event(self, event_id: str) -> dict[str, Any]:
        """Return an event, a deleted one with the status `cancelled`; raise NotThere when there never was one."""
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
        raise _nonsense("an answer without tokens")
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
    """Return the error for an answer that is no 2xx, by its status and reason; its sentences are not shown."""
    status, reason = answer.status_code, _reason(answer)
    if reason == "invalid_grant":
        return ConnectionRefused("Google has ended the connection, or does not accept the code: connect again")
    if reason in _APPLICATION:
        return Misconfigured(f"Google does not accept the application: {reason}")
    if status == httpx.codes.UNAUTHORIZED or reason == "invalid_token":
        return AccessExpired("Google does not accept the access token: connect again")
    if status == httpx.codes.TOO_MANY_REQUESTS or (status == httpx.codes.FORBIDDEN and reason in _TOO_MANY):
        retry_at = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return RateLimited(f"Google wants to be asked again at {retry_at:%Y-%m-%d %H:%M:%S} UTC", retry_at)
    if reason == "insufficientPermissions":
        return ConnectionRefused("Google was not allowed to open the calendar: connect again and leave its box ticked")
    if status == httpx.codes.FORBIDDEN:
        return _Denied(f"Google does not allow this: {reason}")
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        return NotThere("Google has nothing there")
    if status == httpx.codes.CONFLICT:
        return _Taken("The calendar has seen the id of this event")
    if status == httpx.codes.BAD_REQUEST:
        return Rejected(f"Google refuses this: {reason}")
    return Unreachable(f"Google answered {status}")


def _reason(answer: httpx.Response) -> str:
    """Return the reason in an error of the calendar or of the token endpoint, which has another form; "" in neither."""
    try:
        error: Any = answer.json()["error"]
        reason = error if isinstance(error, str) else error["errors"][0]["reason"]
        return reason if _REASON.fullmatch(reason) else ""
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""


def _nonsense(what: str) -> Unreachable:
    return Unreachable(f"Google sent {what}")
