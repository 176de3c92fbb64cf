"""Accessibility: axe finds nothing to fault on any page, light and dark, on a desktop and on a phone."""

import os
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fitness.config import ROOT
from tests.browser.conftest import Someone

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ["", "log", "log?kind=run", "log?kind=run&trash=yes", "log?search=nothing", "trends", "strength", "live"]
PAGES += ["plan", "plan?view=month", "shoes", "inbox", "changes", "settings", "nowhere"]
# The rule on the size of targets, new in WCAG 2.2, is off unless it is asked for.
ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# What a theme changes is colours alone.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
THEMES: list[tuple[Literal["light", "dark"], dict[str, Any]]] = [("light", ALL), ("dark", COLOURS)]
FIND = """async (options) => (await axe.run(options)).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any, all, none }) => `${id}: ${html} ${[...any, ...all, ...none].map((why) => why.message)}`))"""


@pytest.fixture(autouse=True)
def _axe(context: BrowserContext) -> None:
    """Have axe on every page from its beginning: the policy refuses a script tag later."""
    if not AXE.exists():
        assert os.environ.get("CI") != "true", "axe-core must be there in CI"
        pytest.skip("without axe-core, a development package of the dashboard")
    context.add_init_script(path=AXE)


def faults_of(page: Page, place: str) -> list[str]:
    """Return what axe finds in what the page shows: all of it in the light theme, colours in the dark one too."""
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    found = [f"{place}: as wide as {width[0]} on a screen of {width[1]}"] if width[0] > width[1] else []
    for theme, options in THEMES:
        page.emulate_media(color_scheme=theme)
        page.locator(f":root[data-theme={theme}]").wait_for()
        found += [f"{place}, {theme}: {fault}" for fault in page.evaluate(FIND, options)]
    return found


def test_axe_finds_nothing_on_the_way_in(page: Page) -> None:
    found: list[str] = []
    for path in ("", "signup"):
        page.goto(f"/dashboard/{path}")
        page.get_by_role("heading", level=2).wait_for()
        found += faults_of(page, f"/{path}")
    assert "\n".join(found) == ""


def test_axe_finds_nothing_on_any_page_of_the_demo(demo: Someone) -> None:
    run = demo.api("GET", "/runs?limit=1")["items"][0]["id"]
    workout = demo.api("GET", "/workouts?limit=1")["items"][0]["id"]
    change = demo.api("GET", "/changesets")["items"][-1]["changeset_id"]
    found: list[str] = []
    for path in [*PAGES, f"runs/{quote(run)}", f"workouts/{workout}", f"changes/{change}"]:
        demo.page.goto(f"/dashboard/{path}")
        demo.page.locator("main h1").wait_for()
        found += faults_of(demo.page, f"/{path}")
    assert "\n".join(found) == ""
