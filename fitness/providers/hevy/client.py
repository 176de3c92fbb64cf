"""Hevy's API over HTTP: check the key, fetch workouts, events and exercise templates page by page.

Items are returned as JSON; `fitness.providers.hevy.workouts` parses them. All methods raise ConnectionRefused if Hevy
rejects the key, RateLimited if its rate limit is reached, and Unreachable for any other unexpected response.
"""

import re
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import httpx

from fitness.providers.client import (
    TIME_LIMITS,
    ConnectionRefused,
    HttpClient,
    NotThere,
    ProviderError,
    RateLimited,
    Unreachable,
    ask,
    retry_after,
)

WORKOUTS_PER_PAGE = 10  # the maximum; Hevy rejects more
TEMPLATES_PER_PAGE = 100
MOST_PAGES = 10_000
"""More than any account has; a longer list means an endless loop."""

_KEY = re.compile(r"[!-~]{1,200}")
_ID = re.compile(r"[0-9A-Za-z-]{1,200}")


class Page(NamedTuple):
    """A page of a list, and the number of pages; 0 if the list is empty."""

    items: list[Any]
    page_count: int


class Hevy(HttpClient):
    """Hevy client for one user. Use it in a `with` block; messages never contain the key."""

    def __init__(self, base_url: str, key: str, *, time_limits: httpx.Timeout = TIME_LIMITS) -> None:
        """Create a client of the API at `base_url`; raises ConnectionRefused if the key is malformed."""
        if not _KEY.fullmatch(key):  # httpx would quote it in its error
            raise ConnectionRefused("This is not a Hevy key: it contains characters that no key has")
        super().__init__(time_limits=time_limits, base_url=base_url, headers={"api-key": key})

    def check_key(self) -> str | None:
        """Return the account id of the key, or None if Hevy sends none."""
        account = self._get("/v1/user/info").get("data")
        if not isinstance(account, dict):
            raise _unexpected("an account without data")
        name = account.get("name")
        return name if isinstance(name, str) else None

    def workout_count(self) -> int:
        """Return the number of workouts."""
        return _count(self._get("/v1/workouts/count"), "workout_count")

    def workouts(self, page: int) -> Page:
        """Return a page of workouts, newest first; pages count from 1. See `pages` for all of them."""
        return self._page("/v1/workouts", "workouts", page, WORKOUTS_PER_PAGE)

    def events(self, since: datetime, page: int) -> Page:
        """Return a page of events (workouts changed or deleted) since an instant, newest first.

        A new key may have no events for existing workouts: fetch those with `workouts` first.
        """
        # Rounded down to the second; at worst an event comes again.
        instant = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self._page("/v1/workouts/events", "events", page, WORKOUTS_PER_PAGE, since=instant)

    def templates(self, page: int) -> Page:
        """Return a page of exercise templates: Hevy's own and the user's."""
        return self._page("/v1/exercise_templates", "exercise_templates", page, TEMPLATES_PER_PAGE)

    def workout(self, external_id: str) -> Mapping[str, Any]:
        """Return one workout; raises NotThere if the id is unknown."""
        if not _ID.fullmatch(external_id):  # untrusted; must not change the path
            raise NotThere("Hevy has no workout with this id")
        found = self._get(f"/v1/workouts/{external_id}")
        if found.get("id") != external_id:
            raise _unexpected("something else than the workout that was asked for")
        return found

    def _page(self, path: str, name: str, page: int, page_size: int, **params: str) -> Page:
        """Return a page of a list; beyond the end it is empty, where Hevy sends an empty list or a 404."""
        try:
            answer = self._get(path, page=page, pageSize=page_size, **params)
        except NotThere:
            if page == 1:  # every list has a first page, so the URL is wrong
                raise
            return Page([], 0)
        items = answer.get(name)
        if not isinstance(items, list):
            raise _unexpected(f"a page without {name}")
        if answer.get("page", page) != page:
            raise _unexpected("a different page than requested")
        return Page(items, _count(answer, "page_count"))

    def _get(self, path: str, **params: str | int) -> dict[str, Any]:
        answer, _ = ask(self._client, "GET", path, refusal=_refusal, params=params)
        if not isinstance(answer, dict):
            raise _unexpected("JSON that is not an object")
        return cast("dict[str, Any]", answer)


def pages(fetch: Callable[[int], Page], first: int = 1) -> Generator[Page]:
    """Yield all pages that are not empty, from the first one on.

    `fetch` is `hevy.workouts`, `hevy.templates`, or `hevy.events` with its instant bound. The number of pages
    may change meanwhile. Raises Unreachable if the list ends too early, repeats a page or never ends: otherwise a
    failure would look like the complete list.
    """
    page_count, before = 0, None
    for number in range(first, MOST_PAGES + 1):
        page = fetch(number)
        # A deletion may remove the last page, but not more.
        if not page.items and number < max(page_count, page.page_count):
            raise _unexpected(f"an empty page {number} of {max(page_count, page.page_count)}")
        if not page.items:
            return
        if page.items == before:
            raise _unexpected(f"page {number - 1} again as page {number}")
        yield page
        page_count, before = page.page_count, page.items
        if number >= page_count:
            return
    raise _unexpected(f"more than {MOST_PAGES:,} pages")


def _count(answer: Mapping[str, Any], name: str) -> int:
    count = answer.get(name)
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    raise _unexpected(f"a response without {name}")


def _unexpected(what: str) -> Unreachable:
    return Unreachable(f"Hevy sent {what}")


def _refusal(answer: httpx.Response) -> ProviderError:
    """Return the error for a response that is not 2xx; its body may be text, HTML or empty, and is never shown."""
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return ConnectionRefused("Hevy does not accept the key: create a new one in its settings (needs Hevy Pro)")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return NotThere("Not found at Hevy")
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        retry_at = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return RateLimited(f"Hevy's rate limit is reached: try again at {retry_at:%H:%M:%S} UTC", retry_at)
    return Unreachable(f"Hevy answered with status {answer.status_code}")
