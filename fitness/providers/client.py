"""HTTP code and errors that the clients of all providers share.

A failure never looks like an empty response: anything but the expected JSON raises one of these errors.
"""

import math
import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from fitness.deadline import go_on
from fitness.errors import FitnessError

TIME_LIMITS = httpx.Timeout(20, connect=10)
LONGEST_SECONDS = 60
"""How long a body may take, however little of it comes at a time; the limits of httpx start anew with each part."""
LARGEST_BYTES = 64 * 2**20
_ABSENT = (httpx.codes.NOT_FOUND, httpx.codes.GONE)
_OF_TRANSFER = ("content-encoding", "content-length", "transfer-encoding")
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)


@cache
def trusted() -> ssl.SSLContext:
    """Return the TLS context that all clients share, as reading the certificates takes 0.1 seconds."""
    return httpx.create_ssl_context()


class ProviderError(FitnessError):
    """A request to the provider failed; the message is a sentence for a person, without secrets.

    `status` is the HTTP status of our response: 409 if the user must connect again, 503 if the operator must act.
    """

    status = 502
    code = "provider_error"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers=headers)


class AccessExpired(ProviderError):
    """The provider does not accept the access token: refresh it and retry once."""

    status = 409


class ConnectionRefused(ProviderError):
    """The user must connect again: the refresh token or key no longer works, or a scope is missing."""

    status = 409
    code = "reconnect_required"


class Misconfigured(ProviderError):
    """The operator must act: wrong client id or secret, or the provider disabled the application."""

    status = 503
    code = "provider_misconfigured"


class RateLimited(ProviderError):
    """The provider's rate limit is reached; `retry_at` (UTC) is the earliest time to retry."""

    status = 429
    code = "provider_rate_limit"

    def __init__(self, detail: str, retry_at: datetime) -> None:
        seconds = math.ceil((retry_at - datetime.now(UTC)).total_seconds())
        super().__init__(detail, headers={"Retry-After": str(max(1, seconds))})
        self.retry_at = retry_at


class NotThere(ProviderError):
    """The provider does not have the record, or hides it from this user."""


class Rejected(ProviderError):
    """The provider rejected the request; a retry would fail too."""


class Untrusted(ProviderError):
    """The identity that the provider sent cannot be trusted."""

    status = 401


class Unreachable(ProviderError):
    """The provider is down, slow, unreachable, or sent an unexpected response; a later retry may succeed."""


class NoApi(Unreachable):
    """A web page with status 404: from something on the way to the provider, or a wrong address. It says nothing."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens from a token endpoint. A new refresh token replaces the earlier one; None means that it stays valid.

    The scope and the account are None if the response does not have them, as after a refresh.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str | None
    account_id: str | None


class OAuthClient(AbstractContextManager["OAuthClient"], Protocol):
    """The OAuth 2 methods that a provider's client must have, for one application."""

    def authorize_url(self, redirect_uri: str, state: str, code_challenge: str | None) -> str:
        """Return the URL where a user grants access; the provider redirects back to `redirect_uri`."""
        ...

    def exchange_code(self, code: str, redirect_uri: str, code_verifier: str | None) -> Tokens:
        """Exchange the code of a callback for tokens; raises ConnectionRefused if the code is rejected."""
        ...

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; raises ConnectionRefused if the refresh token no longer works."""
        ...

    def revoke(self, access_token: str, refresh_token: str | None) -> None:
        """End the connection at the provider; raises AccessExpired if the access token is needed and has ended."""
        ...


class HttpClient:
    """The base of all provider clients; a `with` block closes its connections."""

    def __init__(self, *, time_limits: httpx.Timeout, **options: Any) -> None:
        """Create the HTTP client; `options` are those of httpx.Client."""
        self._client = httpx.Client(timeout=time_limits, verify=trusted(), **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()


def ask(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    refusal: Callable[[httpx.Response], ProviderError],
    ignore_body: bool = False,
    **kwargs: Any,
) -> tuple[Any, httpx.Response]:
    """Return the JSON of a 2xx response, and the response; otherwise raise the error from `refusal`, or Unreachable.

    With `ignore_body`, the body may be anything, and None is returned for it.
    """
    name = httpx.URL(url).host or str(client.base_url.host)
    try:
        with client.stream(method, url, **kwargs) as response:
            answer = _read(response, name)
    except httpx.TimeoutException as error:
        raise Unreachable(f"{name} did not answer in time") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"{name} could not be reached: {type(error).__name__}") from error
    if answer.status_code == httpx.codes.NO_CONTENT or (ignore_body and answer.is_success):
        return None, answer
    if answer.is_success:
        try:
            return answer.json(), answer
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{name} sent something that is not JSON") from error
    if answer.status_code in _ABSENT and answer.content.lstrip().startswith(b"<"):
        raise NoApi(f"{name} answered with a web page and status {answer.status_code}")
    raise refusal(answer)


def _read(response: httpx.Response, name: str) -> httpx.Response:
    """Return a response with its body; raises Unreachable if it is too large, or does not end."""
    body, ends_at = bytearray(), time.monotonic() + LONGEST_SECONDS
    for part in response.iter_bytes():
        body += part
        if time.monotonic() > ends_at:
            raise Unreachable(f"{name} did not answer in time")
        if len(body) > LARGEST_BYTES:
            raise Unreachable(f"{name} sent more than {LARGEST_BYTES // 2**20} MB")
        go_on()
    headers = [(key, value) for key, value in response.headers.multi_items() if key not in _OF_TRANSFER]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body))


def retry_after(header: str, now: datetime) -> datetime:
    """Return when to retry, from a Retry-After in seconds or as a date, at most a day away; default: in one minute."""
    try:
        if re.fullmatch("[0-9]{1,9}", header):
            return now + min(timedelta(seconds=int(header)), LONGEST_WAIT)
        given = parsedate_to_datetime(header)
        return min(max(given if given.tzinfo else given.replace(tzinfo=UTC), now), now + LONGEST_WAIT)
    except (ValueError, OverflowError):  # missing or invalid
        return now + SHORTEST_WAIT
