"""Shoes in the dashboard."""

from playwright.sync_api import expect

from tests.browser.conftest import Someone


def test_a_shoe_is_retired_with_a_reason_hidden_and_used_again(someone: Someone) -> None:
    someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})
    page = someone.page
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="Retire Brooks Ghost").click()
    dialog = page.get_by_role("dialog", name="Retire Brooks Ghost")
    dialog.get_by_label("Retired").fill("2025-12-01")
    dialog.get_by_label("Why").fill("Worn out")
    dialog.get_by_role("button", name="Retire").click()

    expect(page.get_by_text("Retired 1 Dec 2025 · Worn out")).to_be_visible()
    page.get_by_role("button", name="In use only").click()
    expect(page.get_by_role("heading", name="Brooks Ghost")).to_have_count(0)
    page.get_by_role("button", name="With retired").click()
    page.get_by_role("button", name="Use again").click()
    expect(page.get_by_role("button", name="Retire Brooks Ghost")).to_be_visible()
    assert someone.api("GET", "/shoes")["items"][0]["retired_at"] is None
