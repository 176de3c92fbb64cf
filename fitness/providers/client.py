"""What the clients of all providers share: one way to ask over HTTP, and what can go wrong.

A failure is never an empty answer: whatever is not the JSON that was asked for raises one of these errors.
"""

import math
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from fitness.errors import FitnessError

TIME_LIMITS = httpx.Timeout(20, connect=10)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)


@cache
def trusted() -> ssl.SSLContext:
    """Return what secures connections, one for all clients: reading the certificates takes a tenth of a second."""
    return httpx.create_ssl_context()


class ProviderError(FitnessError):
    """The provider did not do what was asked; the message is a sentence for a person, without secrets.

    `status` is the HTTP status that we answer with: 409 when the person must connect again, 503 when the operator
    must act.
    """

    status = 502

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers=headers)


class AccessExpired(ProviderError):
    """The access token is not accepted: refresh it, and ask once more."""

    status = 409


class ConnectionRefused(ProviderError):
    """The person must connect again: the refresh token or key is dead, or a scope is missing."""

    status = 409


class Misconfigured(ProviderError):
    """The operator must act: a wrong client id or secret, an app that the provider switched off."""

    status = 503


class RateLimited(ProviderError):
    """The provider wants to be asked again at `retry_at` (UTC) at the earliest."""

    status = 429

    def __init__(self, detail: str, retry_at: datetime) -> None:
        seconds = math.ceil((retry_at - datetime.now(UTC)).total_seconds())
        super().__init__(detail, headers={"Retry-After": str(max(1, seconds))})
        self.retry_at = retry_at


class NotThere(ProviderError):
    """There is no such thing at the provider, or it is hidden from this person."""


class Rejected(ProviderError):
    """The provider will not do this, however often it is asked."""


class Untrusted(ProviderError):
    """The provider's word on who somebody is cannot be relied on."""

    status = 401


class Unreachable(ProviderError):
    """The provider is down, slow, cut off, or talks nonsense: the same request may go through later."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint gave. A new refresh token means that the one before it is dead, None that it lives on.

    The scope and the account are None where the answer does not tell them, as after a refresh.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scope: str | None
    account_id: str | None


class OAuthClient(AbstractContextManager["OAuthClient"], Protocol):
    """What connecting takes of a provider that speaks OAuth 2, for one application."""

    def authorize_url(self, redirect_uri: str, state: str, code_challenge: str | None) -> str:
        """Return where to send a person who is to connect; the provider sends them back to `redirect_uri`."""
        ...

    def exchange_code(self, code: str, redirect_uri: str, code_verifier: str | None) -> Tokens:
        """Return the tokens for the code that came back; raise ConnectionRefused for one that is not accepted."""
        ...

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; raise ConnectionRefused when the refresh token is dead."""
        ...

    def revoke(self, access_token: str) -> None:
        """End the connection at the provider; raise AccessExpired when the token is dead already."""
        ...


class HttpClient:
    """What the clients of all providers are: connections that are closed at the end of a `with` block."""

    def __init__(self, *, time_limits: httpx.Timeout, **options: Any) -> None:
        """`options` are those of httpx.Client."""
        self._client = httpx.Client(timeout=time_limits, verify=trusted(), **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()


def ask(
    client: httpx.Client, method: str, url: str, *, refusal: Callable[[httpx.Response], ProviderError], **kwargs: Any
) -> tuple[Any, httpx.Response]:
    """Return the JSON of a 2xx answer, and the answer; raise what `refusal` makes of another, or Unreachable."""
    name = httpx.URL(url).host or str(client.base_url.host)
    try:
        answer = client.request(method, url, **kwargs)
    except httpx.TimeoutException as error:
        raise Unreachable(f"{name} did not answer in time") from error
    except httpx.HTTPError as error:
        raise Unreachable(f"{name} could not be reached: {type(error).__name__}") from error
    if answer.status_code == httpx.codes.NO_CONTENT:
        return None, answer
    if answer.is_success:
        try:
            return answer.json(), answer
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{name} sent something that is not JSON") from error
    raise refusal(answer)


def retry_after(header: str, now: datetime) -> datetime:
    """Return when to ask again: what a Retry-After of seconds or a date says, within a day; without one in a minute."""
    try:
        if re.fullmatch("[0-9]{1,9}", header):
            return now + min(timedelta(seconds=int(header)), LONGEST_WAIT)
        given = parsedate_to_datetime(header)
        return min(max(given if given.tzinfo else given.replace(tzinfo=UTC), now), now + LONGEST_WAIT)
    except (ValueError, OverflowError):  # none, or not readable
        return now + SHORTEST_WAIT
