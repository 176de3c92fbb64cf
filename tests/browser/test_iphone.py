"""A journey on an emulated iPhone, where React Aria sets the one inline style that the policy allows."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import Someone

# Chromium with an iPhone's screen, touch and name still says otherwise here, where React Aria looks.
AS_ON_AN_IPHONE = """
Object.defineProperty(navigator, 'platform', { get: () => 'iPhone' });
Object.defineProperty(navigator, 'userAgentData', { get: () => undefined });
"""
STYLED = (
    """() => [...document.querySelectorAll('style')].map((style) => [style.textContent.trim(), style.sheet !== null])"""
)


@pytest.fixture
def device(playwright: Playwright) -> dict[str, Any]:
    iphone = {**playwright.devices["iPhone 15"], "reduced_motion": "reduce"}
    iphone.pop("default_browser_type")
    return iphone


@pytest.fixture
def service_worker() -> bool:
    return True


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    context.add_init_script(AS_ON_AN_IPHONE)
    return context


def inline_styles(page: Page) -> list[tuple[str, bool]]:
    """Return the text of each inline style, and whether the policy let the browser use it."""
    return [(text, used) for text, used in page.evaluate(STYLED)]


def test_a_first_day_with_an_iphone(someone: Someone) -> None:
    page = someone.page
    page.get_by_role("button", name="Add your first run").tap()
    dialog = page.get_by_role("dialog", name="Add run")
    dialog.wait_for()
    [(text, used)] = inline_styles(page)
    assert "overscroll-behavior: contain" in text
    assert used
    dialog.get_by_label("Distance").fill("6.2")
    dialog.get_by_label("Duration").fill("53:10")
    dialog.get_by_role("button", name="Add run").tap()
    expect(dialog).to_have_count(0)
    assert inline_styles(page) == []

    page.get_by_role("navigation", name="Main pages").get_by_role("link", name="Log").tap()
    page.get_by_role("row", name="Run").tap()
    page.get_by_role("button", name="Edit").tap()
    page.get_by_label("Distance").fill("6.4")
    page.get_by_role("button", name="Save").tap()
    page.get_by_role("button", name="Compare").tap()
    expect(page.get_by_role("dialog", name="Compare versions").locator("ins")).to_have_text("6.40 mi")
    page.get_by_role("button", name="Close").tap()

    page.get_by_role("button", name="More").tap()
    page.get_by_role("link", name="Live").tap()
    page.get_by_role("button", name="Start workout").tap()
    page.get_by_role("button", name="Add exercise").tap()
    page.get_by_label("Search").fill("squat")
    page.get_by_role("dialog").get_by_role("button", name="Squat").first.tap()
    page.get_by_role("button", name="Add set").tap()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert [workout["workout_type"] for workout in someone.api("GET", "/workouts")["items"]] == ["STRENGTH"]
