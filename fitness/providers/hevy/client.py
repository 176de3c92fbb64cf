"""Hevy's API over HTTP: who the key belongs to, and page by page what there is to fetch.

Items come as the JSON that Hevy sent; `fitness.providers.hevy.workouts` reads them. All methods raise ConnectionRefused
for a key that is not accepted, RateLimited when Hevy wants to be asked later, and Unreachable for everything else
that is not the answer asked for.
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

WORKOUTS_PER_PAGE = 10  # the most that Hevy allows; it refuses more
TEMPLATES_PER_PAGE = 100
MOST_PAGES = 10_000
"""As many as nobody has: a list that goes on longer never ends."""

_KEY = re.compile(r"[!-~]{1,200}")
_ID = re.compile(r"[0-9A-Za-z-]{1,200}")


class Page(NamedTuple):
    """A page of a list, and how many pages there are; an account without any has 0."""

    items: list[Any]
    page_count: int


class Hevy(HttpClient):
    """One person's Hevy. Use it in a `with` block; the key shows in no message."""

    def __init__(self, base_url: str, key: str, *, time_limits: httpx.Timeout = TIME_LIMITS) -> None:
        """Speak to the API at `base_url`; raise ConnectionRefused for what cannot be a key."""
        if not _KEY.fullmatch(key):  # httpx would name it in its error
            raise ConnectionRefused("This is not a key of Hevy: it has blanks or letters that no key has")
        super().__init__(time_limits=time_limits, base_url=base_url, headers={"api-key": key})

    def check_key(self) -> str | None:
        """Return the name of the account that the key belongs to, None when it has none."""
        account = self._get("/v1/user/info").get("data")
        if not isinstance(account, dict):
            raise _nonsense("an account without data")
        name = account.get("name")
        return name if isinstance(name, str) else None

    def workout_count(self) -> int:
        """Return how many workouts there are."""
        return _count(self._get("/v1/workouts/count"), "workout_count")

    def workouts(self, page: int) -> Page:
        """Return a page of workouts, the newest first; pages count from 1. See `pages` for all of them."""
        return self._page("/v1/workouts", "workouts", page, WORKOUTS_PER_PAGE)

    def events(self, since: datetime, page: int) -> Page:
        """Return a page of what was changed or deleted since an instant, the newest first.

        A new key may have no events though there are workouts: read those by their pages first.
        """
        # Rounded down to the second, which repeats an event at worst.
        instant = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self._page("/v1/workouts/events", "events", page, WORKOUTS_PER_PAGE, since=instant)

    def templates(self, page: int) -> Page:
        """Return a page of exercise templates: Hevy's own, and those that the person made."""
        return self._page("/v1/exercise_templates", "exercise_templates", page, TEMPLATES_PER_PAGE)

    def workout(self, external_id: str) -> Mapping[str, Any]:
        """Return one workout; raise NotThere when there is none of that id."""
        if not _ID.fullmatch(external_id):  # it may come from a webhook, and must not lead to another path
            raise NotThere("Hevy has no workout of that id")
        return self._get(f"/v1/workouts/{external_id}")

    def _page(self, path: str, name: str, page: int, page_size: int, **params: str) -> Page:
        """Return a page of a list; one beyond the end is empty, whether Hevy says so by an empty list or by a 404."""
        try:
            answer = self._get(path, page=page, pageSize=page_size, **params)
        except NotThere:
            if page == 1:  # no list is too short for it: the address must be wrong
                raise
            return Page([], 0)
        items = answer.get(name)
        if not isinstance(items, list):
            raise _nonsense(f"a page without {name}")
        if answer.get("page", page) != page:
            raise _nonsense("another page than the one asked for")
        return Page(items, _count(answer, "page_count"))

    def _get(self, path: str, **params: str | int) -> dict[str, Any]:
        answer, _ = ask(self._client, "GET", path, refusal=_refusal, params=params)
        if not isinstance(answer, dict):
            raise _nonsense("JSON that is no object")
        return cast("dict[str, Any]", answer)


def pages(fetch: Callable[[int], Page]) -> Generator[Page]:
    """Yield the pages that hold something, from the first to the last.

    `fetch` is `hevy.workouts`, `hevy.templates`, or `hevy.events` with its instant bound. How many there are may change
    on the way, as workouts come and go. Raises Unreachable, after what came before, for an end that comes too early,
    a page that repeats the one before it, and a list without end: going on would pass a failure off as all there is.
    """
    page_count, before = 0, None
    for number in range(1, MOST_PAGES + 1):
        page = fetch(number)
        # With one deletion the last page may vanish, but not more than that.
        if not page.items and number < max(page_count, page.page_count):
            raise _nonsense(f"nothing on page {number} of {max(page_count, page.page_count)}")
        if not page.items:
            return
        if page.items == before:
            raise _nonsense(f"page {number - 1} again as page {number}")
        yield page
        page_count, before = page.page_count, page.items
        if number >= page_count:
            return
    raise _nonsense(f"more than {MOST_PAGES:,} pages")


def _count(answer: Mapping[str, Any], name: str) -> int:
    count = answer.get(name)
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    raise _nonsense(f"an answer without {name}")


def _nonsense(what: str) -> Unreachable:
    return Unreachable(f"Hevy sent {what}")


def _refusal(answer: httpx.Response) -> ProviderError:
    """Return the error for an answer that is no 2xx; its body may be plain text, HTML or nothing, and is not shown."""
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return ConnectionRefused("Hevy does not accept the key: make a new one in its settings (it needs Hevy Pro)")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return NotThere("Hevy has nothing there")
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        retry_at = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return RateLimited(f"Hevy wants to be asked again at {retry_at:%H:%M:%S} UTC", retry_at)
    return Unreachable(f"Hevy answered {answer.status_code}")
