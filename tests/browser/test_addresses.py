"""Pages at addresses that say something wrong, that fail, or that one comes back to."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide


@only_wide
@pytest.mark.parametrize(
    "path",
    [
        "trends?period=7d",
        "trends?by=x",
        "trends?start=0003-12-01&end=2025-02-31",
        "log?period=xx",
        "strength?period=xx",
        "plan?day=abc",
    ],
)
def test_a_wrong_address_shows_what_is_usual(someone: Someone, path: str) -> None:
    page = someone.page

    page.goto(f"/dashboard/{path}")

    expect(page.get_by_role("heading", level=1, name=path.partition("?")[0].title())).to_be_visible()
    expect(page.get_by_text("The request is not valid")).to_have_count(0)


@only_phone
def test_a_page_that_fails_leaves_the_others(someone: Someone, watch: Watch) -> None:
    page = someone.page
    page.route("**/v1/metrics/streaks*", lambda route: route.fulfill(json={"days": None}))

    page.goto("/dashboard/trends")

    expect(page.get_by_role("heading", name="This page cannot be shown")).to_be_visible()
    page.get_by_role("link", name="Log").click()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()
    assert watch.faults, "the browser's console names the error"
    watch.faults.clear()


@only_wide
def test_a_day_is_taken_once_it_is_typed_and_two_in_either_order(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/trends?start=2025-11-03&end=2025-11-05")
    expect(page.get_by_label("Totals")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.get_by_label("From", exact=True).focus()
    page.keyboard.type("12042025")

    expect(page.get_by_label("From", exact=True)).to_have_value("2025-12-04")
    assert "start=2025-12-04" in page.url
    expect(page.get_by_label("Totals")).to_contain_text("0.0 mi")
    assert not [url for url in asked if "start=0" in url]


@only_wide
def test_back_leads_to_the_row_that_one_came_from(demo: Someone) -> None:
    page = demo.page
    page.goto("/dashboard/")
    page.get_by_role("link", name="Log", exact=True).click()
    grid = page.get_by_role("grid", name="Activities")
    page.get_by_role("row").nth(1).focus()
    for _ in range(4):
        page.keyboard.press("PageDown")
        expect(page.locator("[role=row]:focus")).to_be_in_viewport()
    key = page.locator("[role=row]:focus").get_attribute("data-key")
    top = grid.evaluate("grid => grid.scrollTop")
    assert top > 500
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="History")).to_be_visible()

    page.go_back()

    expect(page.locator(f"[data-key={key}]")).to_be_in_viewport()
    assert grid.evaluate("grid => grid.scrollTop") == top
    page.get_by_role("link", name="Today", exact=True).click()
    page.get_by_role("link", name="Log", exact=True).click()
    expect(grid).to_be_visible()
    assert grid.evaluate("grid => grid.scrollTop") == 0


@only_wide
def test_without_a_network_settings_say_so(someone: Someone, watch: Watch) -> None:
    watch.offline = True
    page = someone.page
    # The parts of other pages are fetched one by one: the part after Settings is asked for once that page can be shown.
    with page.expect_request("**/assets/changeset-*.js"):
        page.mouse.move(10, 10)  # a sign of somebody
    page.context.set_offline(True)

    page.get_by_role("link", name="Settings").click()

    expect(page.get_by_text("The server cannot be reached").first).to_be_visible()
    expect(page.get_by_role("button", name="Dark")).to_be_visible()
