"""Strava's API over HTTP: connect a user, fetch activities page by page, manage the webhook.

Activities and gear are returned as JSON; `fitness.providers.strava.activities` parses them.
"""

import re
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

import httpx

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
    Tokens,
    Unreachable,
    ask,
)
from fitness.readers.values import is_number

SCOPE = "read,activity:read_all,profile:read_all"
"""The requested scopes. The user may decline some; the callback has the granted ones."""

PER_PAGE = 200  # the maximum
MOST_PAGES = 1_000
"""More than any account has; a longer list means an endless loop."""

PATIENT_SHARE = 0.75
"""The share of a rate limit that calls may use which nobody waits for."""

STREAMS = (
    "time", "latlng", "altitude", "distance", "velocity_smooth", "heartrate", "cadence", "watts", "temp", "moving",
)  # fmt: skip
"""The names of what is measured at each point of an activity."""

_OLD_REVOKE = "/deauthorize"

_SECRET = re.compile(r"[!-~]{1,500}")
_GEAR_ID = re.compile(r"[0-9A-Za-z]{1,50}")
_PARAMETERS = {"after", "before", "page", "per_page"}
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RateState:
    """The state of the application's rate limits, which all its users share.

    `resume_at` (UTC) is when the next call is allowed; None if it is allowed now or Strava sent no limits. `patient_at`
    is the same for calls that leave room for others, see PATIENT_SHARE.
    """

    resume_at: datetime | None = None
    patient_at: datetime | None = None

    @property
    def spent(self) -> bool:
        """Return whether the next call would exceed a limit."""
        return self.resume_at is not None


class Page(NamedTuple):
    """A page of activities; `number` counts from 1, `rate` is the state of the rate limits after it."""

    number: int
    activities: list[Any]
    rate: RateState


class Strava(HttpClient):
    """Strava client for one application and, with an access token, one user. Use it in a `with` block.

    All methods raise RateLimited if Strava's rate limit is reached, Misconfigured if the operator must act, and
    Unreachable for any other unexpected response. Methods that fetch also raise AccessExpired if the access token must
    be refreshed, and ConnectionRefused if a scope is missing; if they know that the limit is reached, they send no
    request, as rejected requests count towards the daily limit. Messages contain no secrets. `rate` is the state of the
    rate limits after the last fetch.
    """

    def __init__(
        self,
        *,
        api_url: str,
        authorize_url: str,
        token_url: str,
        revoke_url: str,
        client_id: str,
        client_secret: str,
        access_token: str | None = None,
        renewed: Callable[[str], str] | None = None,
        time_limits: httpx.Timeout = TIME_LIMITS,
        code_wait: float = 2,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Create a client; `renewed` returns a new access token for one that is no longer accepted.

        `code_wait` is the time in seconds before a rejected new code is tried again.
        """
        self._authorize_url = authorize_url
        self._token_url = token_url
        self._revoke_url = revoke_url
        self._application = {"client_id": client_id, "client_secret": client_secret}
        self._renewed = renewed
        self._code_wait = code_wait
        self._now = now
        self._access_token = ""
        super().__init__(time_limits=time_limits, base_url=api_url)
        self.rate = RateState()
        if access_token is not None:
            self.use(access_token)

    def use(self, access_token: str) -> None:
        """Use this access token from now on; raises AccessExpired if it is malformed."""
        if not _SECRET.fullmatch(access_token):  # httpx would quote it in its error
            raise AccessExpired("This is not a Strava access token")
        self._access_token = access_token

    def authorize_url(self, redirect_uri: str, state: str, code_challenge: str | None = None) -> str:
        """Return the URL where a user grants access; Strava does not support code challenges."""
        parameters = {
            "client_id": self._application["client_id"],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "approval_prompt": "auto",
            "scope": SCOPE,
            "state": state,
        }
        return str(httpx.URL(self._authorize_url).copy_merge_params(parameters))

    def exchange_code(self, code: str, redirect_uri: str, code_verifier: str | None = None) -> Tokens:
        """Exchange the code of a callback for tokens; raises ConnectionRefused if the code is rejected.

        Strava sometimes rejects a new code once, so it is tried twice. Strava does not use redirect_uri and verifier
        here.
        """
        form = {"code": code, "grant_type": "authorization_code"}
        try:
            return self._tokens(form)
        except ConnectionRefused:
            time.sleep(self._code_wait)
            return self._tokens(form)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; store their refresh token. Raises ConnectionRefused if the old one no longer works."""
        return self._tokens({"refresh_token": refresh_token, "grant_type": "refresh_token"})

    def revoke(self, access_token: str, refresh_token: str | None) -> None:
        """End the connection at Strava; raises AccessExpired if an access token is needed and not accepted.

        `oauth/revoke` takes either token from the application, and answers the same whether or not the token still
        worked: it gets the refresh token, which lives longer. `oauth/deauthorize` takes an access token; it ends on
        2027-06-01.
        """
        if self._revoke_url.endswith(_OLD_REVOKE):
            self._ask("POST", self._revoke_url, data={"access_token": access_token})
            return
        application = (self._application["client_id"], self._application["client_secret"])
        form = {"token": refresh_token or access_token}
        try:
            self._ask("POST", self._revoke_url, auth=application, data=form, ignore_body=True)
        except (AccessExpired, NotThere, NoApi) as error:  # the application was refused, not a token
            raise Misconfigured("Strava does not accept the application, or STRAVA_REVOKE_URL is wrong") from error

    def activities(self, after: datetime | None, page: int) -> tuple[list[Any], RateState]:
        """Return a page of activities; pages count from 1. Only an empty page is the end, a short one is not.

        Newest first; with `after` (rounded down to seconds), only activities that started later, oldest first.
        """
        params = {"page": page, "per_page": PER_PAGE} | ({} if after is None else {"after": int(after.timestamp())})
        try:
            found = self._get("athlete/activities", params)
        except (NotThere, NoApi) as error:  # every account has this list
            raise Misconfigured("STRAVA_API_URL is wrong: there is no Strava API") from error
        if not isinstance(found, list):
            raise _unexpected("a page of activities that is not a list")
        return cast("list[Any]", found), self.rate

    def pages(self, after: datetime | None = None, first: int = 1) -> Generator[Page]:
        """Yield the pages of activities that are not empty, from page `first`.

        After an empty page, the next page is fetched too, to check that the list has ended. Raises Unreachable if it
        has not, or if the list repeats a page or never ends: otherwise a failure would look like the complete list.
        Stop after a page whose `rate` is spent; otherwise RateLimited is raised.
        """
        before: list[Any] = []
        for number in range(first, first + MOST_PAGES):
            found, rate = self.activities(after, number)
            if not found:
                if self.activities(after, number + 1)[0]:
                    raise _unexpected(f"an empty page {number}, but more pages after it")
                return
            if found == before:
                raise _unexpected(f"page {number - 1} again as page {number}")
            yield Page(number, found, rate)
            before = found
        raise _unexpected(f"more than {MOST_PAGES:,} pages")

    def activity(self, activity_id: int) -> dict[str, Any]:
        """Return one detailed activity; raises NotThere if it is deleted or hidden."""
        return self._with_id(f"activities/{activity_id:d}", activity_id)

    def streams(self, activity_id: int) -> dict[str, Any]:
        """Return the streams of an activity, by name; raises NotThere if it has none, or is deleted or hidden."""
        params = {"keys": ",".join(STREAMS), "key_by_type": "true"}
        return self._one(f"activities/{activity_id:d}/streams", params)

    def leave_room(self) -> None:
        """Raise RateLimited unless the limits leave room for calls that nobody waits for."""
        if self.rate.patient_at:
            raise _rate_limited(self.rate.patient_at)

    def gear(self, gear_id: str) -> dict[str, Any]:
        """Return a shoe or bike; raises NotThere if it is unknown or hidden, ConnectionRefused without the scope."""
        if not _GEAR_ID.fullmatch(gear_id):  # untrusted; must not change the path
            raise NotThere("Strava has no gear with this id")
        return self._with_id(f"gear/{gear_id}", gear_id)

    def subscribe(self, callback_url: str, verify_token: str) -> int:
        """Create the application's only webhook and return its subscription id; the callback must confirm it."""
        form = {**self._application, "callback_url": callback_url, "verify_token": verify_token}
        found, _ = self._ask("POST", "push_subscriptions", data=form)
        return _subscription_id(found)

    def subscriptions(self) -> list[int]:
        """Return the subscription ids of the application's webhooks."""
        found, _ = self._ask("GET", "push_subscriptions", params=self._application)
        if not isinstance(found, list):
            raise _unexpected("subscriptions that are not a list")
        return [_subscription_id(one) for one in cast("list[Any]", found)]

    def unsubscribe(self, subscription_id: int) -> None:
        """Delete a webhook; raises NotThere if the id is unknown."""
        self._ask("DELETE", f"push_subscriptions/{subscription_id:d}", params=self._application)

    def _with_id(self, path: str, id: int | str) -> dict[str, Any]:
        found = self._one(path)
        if found.get("id") != id:  # otherwise it would be one without a name, or somebody else's
            raise _unexpected("something else than what was asked for")
        return found

    def _one(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        found = self._get(path, params or {})
        if not isinstance(found, dict):
            raise _unexpected("JSON that is not an object")
        return cast("dict[str, Any]", found)

    def _get(self, path: str, params: Mapping[str, int | str]) -> Any:
        if self.rate.resume_at and self._now() < self.rate.resume_at:
            raise _rate_limited(self.rate.resume_at)
        try:
            return self._fetch(path, params)
        except AccessExpired:
            if self._renewed is None:
                raise
            self.use(self._renewed(self._access_token))
            return self._fetch(path, params)

    def _fetch(self, path: str, params: Mapping[str, int | str]) -> Any:
        headers = {"Authorization": f"Bearer {self._access_token}"} if self._access_token else {}
        found, self.rate = self._ask("GET", path, params=params, headers=headers)
        return found

    def _tokens(self, form: dict[str, str]) -> Tokens:
        try:
            found, _ = self._ask("POST", self._token_url, data=self._application | form)
        except (AccessExpired, NotThere, NoApi) as error:  # no access token was sent
            raise Misconfigured("Strava does not accept the application, or STRAVA_TOKEN_URL is wrong") from error
        return _read_tokens(found, self._now())

    def _ask(self, method: str, url: str, **kwargs: Any) -> tuple[Any, RateState]:
        def refusal(answer: httpx.Response) -> ProviderError:
            return _refusal(answer, self._now())

        found, answer = ask(self._client, method, url, refusal=refusal, **kwargs)
        return found, _rate(answer.headers, self._now())


def _read_tokens(found: object, now: datetime) -> Tokens:
    """Read a response of the token endpoint, which has the expiry of the token or its lifetime in seconds."""
    given = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    access_token, refresh_token = given.get("access_token"), given.get("refresh_token")
    expires_at, expires_in = given.get("expires_at"), given.get("expires_in")
    try:
        if not is_number(expires_at):
            expires_at = now.timestamp() + expires_in if is_number(expires_in) else None
        end = None if expires_at is None else datetime.fromtimestamp(expires_at, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _unexpected("a token with an invalid expiry") from error
    if not (_is_secret(access_token) and _is_secret(refresh_token)) or end is None:
        raise _unexpected("a response without tokens")
    scope, athlete = given.get("scope"), given.get("athlete")
    athlete_id = cast("dict[str, Any]", athlete).get("id") if isinstance(athlete, dict) else None
    return Tokens(
        access_token=cast(str, access_token),
        refresh_token=cast(str, refresh_token),
        expires_at=end,
        scope=scope if isinstance(scope, str) else None,
        account_id=str(athlete_id) if type(athlete_id) is int else None,
    )


def _subscription_id(found: object) -> int:
    number = cast("dict[str, Any]", found).get("id") if isinstance(found, dict) else None
    if type(number) is not int:
        raise _unexpected("a subscription without an id")
    return number


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def _refusal(answer: httpx.Response, now: datetime) -> ProviderError:
    """Return the error for a response that is not 2xx; its body may be empty or HTML, and is never shown."""
    status, errors = answer.status_code, _errors(answer)
    resources = {resource for resource, _, _ in errors}
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _rate_limited(_rate(answer.headers, now).resume_at or _next_quarter(now))
    if "accesstoken" in resources or any(field.endswith("_permission") for _, field, _ in errors):
        return ConnectionRefused("You did not grant access to this: connect Strava again and keep all boxes checked")
    if "refreshtoken" in resources:
        return ConnectionRefused("Strava has ended the connection: connect again")
    if resources & {"authorizationcode", "requesttoken"}:  # the second is the older form of the same error
        return ConnectionRefused("Strava does not accept the code: connect again")
    full = status == httpx.codes.FORBIDDEN and b"connected athletes" in answer.content.lower()
    if full or any(resource == "application" and field not in _PARAMETERS for resource, field, _ in errors):
        if any(code == "inactive" for _, _, code in errors):
            return Misconfigured("Strava has disabled the application: its owner may need a subscription")
        return Misconfigured("Strava does not accept the application: check its client id, secret and athlete limit")
    if status == httpx.codes.UNAUTHORIZED:
        return AccessExpired("Strava does not accept the access token: connect again")
    if status == httpx.codes.NOT_FOUND:
        return NotThere("Not found at Strava")
    if "pushsubscription" in resources:
        why = "; ".join(f"{field} {code}".strip() for _, field, code in errors)
        return Misconfigured(f"Strava did not create the webhook: {why}")
    return Unreachable(f"Strava answered with status {status}")


def _rate_limited(retry_at: datetime) -> RateLimited:
    return RateLimited(f"Strava's rate limit is reached: try again at {retry_at:%Y-%m-%d %H:%M} UTC", retry_at)


def _errors(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Return (resource, field, code) in lower case for each error in the body; empty if the body has another form."""
    try:
        body: Any = answer.json()
        return [
            (
                str(error.get("resource", "")).lower(),
                str(error.get("field", "")).lower(),
                str(error.get("code", "")).lower(),
            )
            for error in body["errors"]
        ]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):  # another form
        return []


def _rate(headers: httpx.Headers, now: datetime) -> RateState:
    """Read the rate limits per 15 minutes and per day, for all calls and for read calls."""
    return RateState(_resume_at(headers, now, 1), _resume_at(headers, now, PATIENT_SHARE))


def _resume_at(headers: httpx.Headers, now: datetime, share: float) -> datetime | None:
    """Return when less than a share of each limit is used again; None if that is so now."""
    resume_at = None
    for kind in ("x-ratelimit", "x-readratelimit"):
        limit, usage = _pair(headers.get(f"{kind}-limit")), _pair(headers.get(f"{kind}-usage"))
        if limit and usage:
            if usage[1] >= share * limit[1]:
                resume_at = _next_day(now)  # also the start of a quarter of an hour
            elif usage[0] >= share * limit[0]:
                resume_at = resume_at or _next_quarter(now)
    return resume_at


def _pair(header: str | None) -> tuple[int, int] | None:
    found = re.fullmatch(r"\s*([0-9]{1,12})\s*,\s*([0-9]{1,12})\s*", header or "")
    return (int(found[1]), int(found[2])) if found else None


def _next_quarter(now: datetime) -> datetime:
    midnight = _next_day(now) - timedelta(days=1)
    return midnight + ((now - midnight) // _QUARTER + 1) * _QUARTER


def _next_day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _unexpected(what: str) -> Unreachable:
    return Unreachable(f"Strava sent {what}")
