"""What the clients of all providers share: one way to ask over HTTP, and what can go wrong.

A failure is never an empty answer: whatever is not the JSON that was asked for raises one of these errors.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

TIME_LIMITS = httpx.Timeout(20, connect=10)


class ProviderError(Exception):
    """The provider did not do what was asked; the message is a sentence for a person, without secrets."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class AccessExpired(ProviderError):
    """The access token is not accepted: refresh it, and ask once more."""


class ConnectionRefused(ProviderError):
    """The person must connect again: the refresh token or key is dead, or a scope is missing."""


class Misconfigured(ProviderError):
    """The operator must act: a wrong client id or secret, an app that the provider switched off."""


class RateLimited(ProviderError):
    """The provider wants to be asked again at `retry_at` (UTC) at the earliest."""

    def __init__(self, detail: str, retry_at: datetime) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class NotThere(ProviderError):
    """There is no such thing at the provider, or it is hidden from this person."""


class Unreachable(ProviderError):
    """The provider is down, slow, cut off, or talks nonsense: the same request may go through later."""


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
    if answer.is_success:
        try:
            return answer.json(), answer
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{name} sent something that is not JSON") from error
    raise refusal(answer)
