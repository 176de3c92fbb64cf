"""Strava's API over HTTP: connecting a person, and page by page what there is to fetch.

Activities and gear come as the JSON that Strava sent; `fitness.providers.strava.activities` reads them.
"""

import re
import time
from collections.abc import Callable, Generator
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
    NotThere,
    ProviderError,
    RateLimited,
    Tokens,
    Unreachable,
    ask,
)
from fitness.readers.values import is_number

SCOPE = "read,activity:read_all,profile:read_all"
"""What is asked for. The person may untick parts: what was granted comes with the callback."""

PER_PAGE = 200  # the most that Strava allows
MOST_PAGES = 1_000
"""As many as nobody has: a list that goes on longer never ends."""

_SECRET = re.compile(r"[!-~]{1,500}")
_GEAR_ID = re.compile(r"[0-9A-Za-z]{1,50}")
_PARAMETERS = {"after", "before", "page", "per_page"}
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RateState:
    """Whether the limits of the application, which all its people share, allow another call.

    `resume_at` (UTC) is when they do again; None when they do now, or when Strava did not say.
    """

    resume_at: datetime | None = None

    @property
    def spent(self) -> bool:
        """Whether the next call would exceed a limit."""
        return self.resume_at is not None


class Page(NamedTuple):
    """A page of activities; `number` counts from 1, `rate` is how things stand after it."""

    number: int
    activities: list[Any]
    rate: RateState


class Strava(HttpClient):
    """Strava for one application and, once an access token is there, one person. Use it in a `with` block.

    All methods raise RateLimited when Strava wants to be asked later (those that fetch do so without asking where that
    is known, because refused calls count towards the day), Misconfigured when the operator must act, and
    Unreachable for whatever else is not the answer asked for; those that fetch also AccessExpired when the access
    token is to be refreshed, and ConnectionRefused when a scope is missing. Secrets show in no message.
    `rate` is how the limits stood after the last thing fetched.
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
        """`renewed` returns another access token for one that is not accepted any more.

        `code_wait` is how many seconds to wait before a fresh code that was refused is tried again.
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
        """Fetch with this access token from now on; raise AccessExpired for what cannot be one."""
        if not _SECRET.fullmatch(access_token):  # httpx would name it in its error
            raise AccessExpired("This is not an access token of Strava")
        self._access_token = access_token

    def authorize_url(self, redirect_uri: str, state: str, code_challenge: str | None = None) -> str:
        """Return where to send a person who is to connect; Strava knows no code challenge."""
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
        """Return the tokens for the code of a callback; raise ConnectionRefused for one that is not accepted.

        Strava sometimes refuses a fresh code once, so it is tried twice. Of the redirect_uri and the verifier,
        which others want here, Strava wants to know nothing.
        """
        form = {"code": code, "grant_type": "authorization_code"}
        try:
            return self._tokens(form)
        except ConnectionRefused:
            time.sleep(self._code_wait)
            return self._tokens(form)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens, of which the refresh token is to be kept; raise ConnectionRefused when the old is dead."""
        return self._tokens({"refresh_token": refresh_token, "grant_type": "refresh_token"})

    def revoke(self, access_token: str) -> None:
        """End the connection at Strava; raise AccessExpired when the token is not accepted, and may be dead already."""
        self._ask("POST", self._revoke_url, data={"access_token": access_token})

    def activities(self, after: datetime | None, page: int) -> tuple[list[Any], RateState]:
        """Return a page of activities; pages count from 1, and an empty one is the end, a short one is not.

        All come newest first; those that began `after` an instant (in whole seconds, rounded down) oldest first.
        """
        params = {"page": page, "per_page": PER_PAGE} | ({} if after is None else {"after": int(after.timestamp())})
        try:
            found = self._get("athlete/activities", params)
        except NotThere as error:  # everybody has that list
            raise Misconfigured("Strava's API is not at the address that the settings name") from error
        if not isinstance(found, list):
            raise _nonsense("a page of activities that is no list")
        return cast("list[Any]", found), self.rate

    def pages(self, after: datetime | None = None, first: int = 1) -> Generator[Page]:
        """Yield the pages of activities that hold something, from the page numbered `first` on.

        After the last one the page behind it is looked at, too: a list that goes on behind an empty page has not ended.
        Raises Unreachable, after what came before, for that, a page that repeats the one before it, and a list without
        end: going on would pass a failure off as all there is. Stop after a page whose `rate` is spent, or be stopped
        by RateLimited.
        """
        before: list[Any] = []
        for number in range(first, first + MOST_PAGES):
            found, rate = self.activities(after, number)
            if not found:
                if self.activities(after, number + 1)[0]:
                    raise _nonsense(f"nothing on page {number}, but more behind it")
                return
            if found == before:
                raise _nonsense(f"page {number - 1} again as page {number}")
            yield Page(number, found, rate)
            before = found
        raise _nonsense(f"more than {MOST_PAGES:,} pages")

    def activity(self, activity_id: int) -> dict[str, Any]:
        """Return one activity in detail; raise NotThere when it is gone or hidden."""
        return self._one(f"activities/{activity_id:d}")

    def gear(self, gear_id: str) -> dict[str, Any]:
        """Return a shoe or bike; raise NotThere when it is unknown or hidden, ConnectionRefused without the scope."""
        if not _GEAR_ID.fullmatch(gear_id):  # it comes from outside, and must not lead to another path
            raise NotThere("Strava has no gear of that id")
        return self._one(f"gear/{gear_id}")

    def subscribe(self, callback_url: str, verify_token: str) -> int:
        """Ask for a webhook, of which an application has one, and return its number; the callback must confirm it."""
        form = {**self._application, "callback_url": callback_url, "verify_token": verify_token}
        found, _ = self._ask("POST", "push_subscriptions", data=form)
        return _subscription_id(found)

    def subscriptions(self) -> list[int]:
        """Return the numbers of the application's webhooks."""
        found, _ = self._ask("GET", "push_subscriptions", params=self._application)
        if not isinstance(found, list):
            raise _nonsense("subscriptions that are no list")
        return [_subscription_id(one) for one in cast("list[Any]", found)]

    def unsubscribe(self, subscription_id: int) -> None:
        """Give a webhook back; raise NotThere when there is none of this number."""
        self._ask("DELETE", f"push_subscriptions/{subscription_id:d}", params=self._application)

    def _one(self, path: str) -> dict[str, Any]:
        found = self._get(path, {})
        if not isinstance(found, dict):
            raise _nonsense("JSON that is no object")
        return cast("dict[str, Any]", found)

    def _get(self, path: str, params: dict[str, int]) -> Any:
        if self.rate.resume_at and self._now() < self.rate.resume_at:
            raise _rate_limited(self.rate.resume_at)
        try:
            return self._fetch(path, params)
        except AccessExpired:
            if self._renewed is None:
                raise
            self.use(self._renewed(self._access_token))
            return self._fetch(path, params)

    def _fetch(self, path: str, params: dict[str, int]) -> Any:
        headers = {"Authorization": f"Bearer {self._access_token}"} if self._access_token else {}
        found, self.rate = self._ask("GET", path, params=params, headers=headers)
        return found

    def _tokens(self, form: dict[str, str]) -> Tokens:
        try:
            found, _ = self._ask("POST", self._token_url, data=self._application | form)
        except (AccessExpired, NotThere) as error:  # no access token was sent
            raise Misconfigured("Strava does not accept the application, or is not at the token address") from error
        return _read_tokens(found, self._now())

    def _ask(self, method: str, url: str, **kwargs: Any) -> tuple[Any, RateState]:
        def refusal(answer: httpx.Response) -> ProviderError:
            return _refusal(answer, self._now())

        found, answer = ask(self._client, method, url, refusal=refusal, **kwargs)
        return found, _rate(answer.headers, self._now())


def _read_tokens(found: object, now: datetime) -> Tokens:
    """Read the answer of the token endpoint, which says when the token ends, or how many seconds it lasts."""
    given = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    access_token, refresh_token = given.get("access_token"), given.get("refresh_token")
    expires_at, expires_in = given.get("expires_at"), given.get("expires_in")
    if not is_number(expires_at):
        expires_at = now.timestamp() + expires_in if is_number(expires_in) else None
    if not (_is_secret(access_token) and _is_secret(refresh_token)) or expires_at is None:
        raise _nonsense("an answer without tokens")
    try:
        end = datetime.fromtimestamp(expires_at, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _nonsense("a token that ends at no time there is") from error
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
        raise _nonsense("a subscription without a number")
    return number


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and _SECRET.fullmatch(value) is not None


def _refusal(answer: httpx.Response, now: datetime) -> ProviderError:
    """Return the error for an answer that is no 2xx; its body may be empty or HTML, and its sentences are not shown."""
    status, errors = answer.status_code, _errors(answer)
    resources = {resource for resource, _, _ in errors}
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _rate_limited(_rate(answer.headers, now).resume_at or _next_quarter(now))
    if "accesstoken" in resources or any(field.endswith("_permission") for _, field, _ in errors):
        return ConnectionRefused("Strava was not allowed to show this: connect again and leave all boxes ticked")
    if "refreshtoken" in resources:
        return ConnectionRefused("Strava has ended the connection: connect again")
    if "authorizationcode" in resources:
        return ConnectionRefused("Strava does not accept the code: connect again")
    full = status == httpx.codes.FORBIDDEN and "connected athletes" in answer.text.casefold()
    if full or any(resource == "application" and field not in _PARAMETERS for resource, field, _ in errors):
        if any(code == "inactive" for _, _, code in errors):
            return Misconfigured("Strava has switched the application off: its owner may need a subscription")
        return Misconfigured("Strava does not accept the application: look at its client id, secret and athlete limit")
    if status == httpx.codes.UNAUTHORIZED:
        return AccessExpired("Strava does not accept the access token: connect again")
    if status == httpx.codes.NOT_FOUND:
        return NotThere("Strava has nothing there")
    if "pushsubscription" in resources:
        why = "; ".join(f"{field} {code}".strip() for _, field, code in errors)
        return Misconfigured(f"Strava does not set up the webhook: {why}")
    return Unreachable(f"Strava answered {status}")


def _rate_limited(retry_at: datetime) -> RateLimited:
    return RateLimited(f"Strava wants to be asked again at {retry_at:%Y-%m-%d %H:%M} UTC", retry_at)


def _errors(answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Return resource, field and code, in lower case, of each error that the body tells of; none for another body."""
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
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):  # not in Strava's form
        return []


def _rate(headers: httpx.Headers, now: datetime) -> RateState:
    """Read the limits, each for a quarter of an hour and a day, of all calls and of those that read."""
    resume_at = None
    for kind in ("x-ratelimit", "x-readratelimit"):
        limit, usage = _pair(headers.get(f"{kind}-limit")), _pair(headers.get(f"{kind}-usage"))
        if limit and usage:
            if usage[1] >= limit[1]:
                resume_at = _next_day(now)  # which is also the beginning of a quarter
            elif usage[0] >= limit[0]:
                resume_at = resume_at or _next_quarter(now)
    return RateState(resume_at)


def _pair(header: str | None) -> tuple[int, int] | None:
    found = re.fullmatch(r"\s*([0-9]{1,12})\s*,\s*([0-9]{1,12})\s*", header or "")
    return (int(found[1]), int(found[2])) if found else None


def _next_quarter(now: datetime) -> datetime:
    midnight = _next_day(now) - timedelta(days=1)
    return midnight + ((now - midnight) // _QUARTER + 1) * _QUARTER


def _next_day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _nonsense(what: str) -> Unreachable:
    return Unreachable(f"Strava sent {what}")
