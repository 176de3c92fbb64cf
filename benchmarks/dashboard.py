"""Measures of the dashboard, in Chromium: what the first view loads, and whether a long log scrolls smoothly."""

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.measures import DEEP_USER, Bench, Measure
from benchmarks.service import Service

ACCOUNT = {"email": "log@example.com", "name": "Long Log", "password": "a long pass phrase", "time_zone": "UTC"}
# The browser without a window, where it is installed, as in tests/browser/conftest.py.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
WIDE: ViewportSize = {"width": 1280, "height": 800}
WORKOUTS = 2_000
ROWS = 10_000 + WORKOUTS
ROW_HEIGHT = 44
SLOWED = 4
"""How much slower than this machine's the processor of the person is."""

LONGEST_FRAME = """
async ({ settle }) => {
    const grid = document.querySelector('[role=grid][aria-label=Activities]');
    let longest = 0, rows = 0, last = performance.now(), atEnd = last, height = 0;
    while (performance.now() - atEnd < settle) {
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
        rows = Math.max(rows, grid.querySelectorAll('[role=row]').length);
        if (grid.scrollHeight !== height || grid.scrollTop + grid.clientHeight < grid.scrollHeight - 1) {
            height = grid.scrollHeight;
            atEnd = now;
        }
        grid.scrollTop += 600;
    }
    return { longest, rows, height };
}
"""
"""Scrolls the log until nothing follows for a while; returns the longest frame in milliseconds and the most rows."""

SCRIPT_AND_STYLE = """
performance.getEntriesByType('resource')
    .filter(({ name }) => /[.](js|css)$/.test(new URL(name).pathname) && !name.endsWith('worker.js'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
"""

PAGES = ("log", "trends", "strength", "live", "plan", "shoes", "inbox", "changes", "settings")
WALKS = 9
"""How often the keys are walked: the slowest answer of a single walk is chance."""
KEYS = ("Control+k", "Escape", "?", "Escape", "j", "j", "k", "PageDown", "End", "Home")
EXPECT_ANSWER = """
() => {
    const seen = () => document.querySelectorAll('[role=dialog]').length + (document.activeElement.dataset.key ?? '');
    const before = seen();
    window.answered = new Promise((found) => addEventListener('keydown', async ({ timeStamp }) => {
        while (seen() === before) await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        found(performance.now() - timeStamp);
    }, { capture: true, once: true }));
}
"""
"""Promises the milliseconds from the next key until a dialog came or went, or another row has the focus."""


@dataclass(frozen=True)
class Browsing:
    """Somebody's browser, and the header of their session."""

    page: Page
    headers: dict[str, str]

    def get(self, path: str) -> Any:
        """Ask the API, beside the page."""
        return self.page.request.get(f"/v1/{path}", headers=self.headers).json()


def dashboard_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure of the dashboard after the other; none where there is no Chromium."""
    if CHROMIUM is None:
        return
    with browsing(bench.large, "signup", ACCOUNT) as session:
        page = session.page
        fill_log(bench.large, session.get("users/me")["user_id"])
        calls: list[str] = []
        page.on("request", lambda request: calls.append(request.url) if "/v1/" in request.url else None)
        page.goto("/dashboard/")
        page.get_by_role("heading", name="Latest").wait_for()
        page.wait_for_load_state("networkidle")
        yield Measure("script and style of the first view ÷ 170", "kB", kilobytes(page), 170, at_most=1)
        yield Measure("calls of the first view ÷ 6", "calls", len(calls), 6, at_most=1)
        yield Measure("the same of any page ÷ 170", "kB", max(opened_first(session)), 170, at_most=1)

        page.goto("/dashboard/log")
        page.get_by_role("grid", name="Activities").wait_for()
        # Somebody is there: the dashboard fetches what it has not shown yet.
        page.mouse.move(10, 10)
        page.wait_for_load_state("networkidle")
        yield slowest_answer("slowest answer to a key, unslowed ÷ 100", page)
        slowed(page)
        scrolled = page.evaluate(LONGEST_FRAME, {"settle": 5_000})
        assert scrolled["height"] > ROWS * ROW_HEIGHT, "the log was not scrolled to its end"
        yield Measure("rows in the page ÷ 100", "rows", scrolled["rows"], 100, at_most=1)
        yield Measure("longest frame of the log ÷ 100", "ms", scrolled["longest"], 100, at_most=1)
        yield slowest_answer("slowest answer to a key ÷ 100", page)


def kilobytes(page: Page) -> float:
    """Return the script and style that a page has loaded, packed."""
    return page.evaluate(SCRIPT_AND_STYLE) / 1000


def opened_first(session: Browsing) -> Iterator[float]:
    """Yield the script and style of each page, opened by its address."""
    run = session.get("runs?limit=1")["items"][0]["id"]
    workout = session.get("workouts?limit=1")["items"][0]["id"]
    for path in (*PAGES, f"runs/{run}", f"workouts/{workout}"):
        session.page.goto(f"/dashboard/{path}")
        session.page.locator("main h1").wait_for()
        session.page.wait_for_load_state("networkidle")
        yield kilobytes(session.page)


def slowest_answer(name: str, page: Page) -> Measure:
    """Walk all keys several times, the first time too; measure the median of the slowest answers of the walks."""
    walks = [{number: answer(page, key) for number, key in enumerate(KEYS)} for _ in range(WALKS)]
    slowest = sorted(max(walk.values()) for walk in walks)
    often = statistics.mode(KEYS[max(walk, key=walk.__getitem__)] for walk in walks)
    spread = f"{WALKS} walks, {slowest[0]:.0f} to {slowest[-1]:.0f} ms, slowest most often: {often}"
    return Measure(name, "ms", statistics.median(slowest), 100, at_most=1, spread=spread)


def answer(page: Page, key: str) -> float:
    """Press a key and return the milliseconds until its answer is drawn."""
    page.evaluate(EXPECT_ANSWER)
    page.keyboard.press(key)
    return page.evaluate("answered")


def slowed(page: Page) -> CDPSession:
    """Slow the page's processor down."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return session


@contextmanager
def browsing(service: Service, call: str, account: dict[str, str], size: ViewportSize = WIDE) -> Iterator[Browsing]:
    """Open a browser with a session, from the answer of a call such as `login`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport=size,
            base_url=service.url,
            reduced_motion="reduce",
            # It fetches all files ahead, and those from its cache have the size that they have unpacked.
            service_workers="block",
        )
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto("/dashboard/")
        answer = page.request.post(f"/v1/auth/{call}?cookie=true", data=account).json()
        page.evaluate("localStorage.setItem('fitness.session', 'yes')")
        yield Browsing(page, {"Authorization": f"Bearer {answer['access_token']}"})
        browser.close()


def fill_log(service: Service, user_id: int) -> None:
    """Give a user the runs of the user of many runs, and workouts."""
    params = {"user_id": user_id, "deep": DEEP_USER, "workouts": WORKOUTS}
    with psycopg.connect(service.database_url, autocommit=True) as owner:
        owner.execute(
            """
            INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source, avg_heart_rate, notes)
            SELECT %(user_id)s, id, datetime_utc, type, distance, duration, source, avg_heart_rate, notes
            FROM runs
            WHERE user_id = %(deep)s
            LIMIT 10000
            """,
            params,
        )
        owner.execute(
            """
            INSERT INTO workouts (user_id, workout_type, title, start_ts, end_ts, finished_at, source)
            SELECT %(user_id)s, 'STRENGTH', 'Legs ' || n, start_ts, start_ts + interval '1 hour',
                start_ts + interval '1 hour', 'Manual'
            FROM generate_series(1, %(workouts)s) AS n
            CROSS JOIN LATERAL (SELECT timestamptz '2015-01-01 17:00Z' + n * interval '33 hours' AS start_ts) AS t
            """,
            params,
        )
        owner.execute("ANALYZE runs, workouts")
