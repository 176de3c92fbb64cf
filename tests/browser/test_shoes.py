"""Shoes in the dashboard."""

from playwright.sync_api import expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide


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


def rename(someone: Someone) -> str:
    """Type another name for a new shoe, and save nothing yet; return its path in the API."""
    path = f"/shoes/{someone.api('POST', '/shoes', json={'name': 'Brooks'})['id']}"
    page = someone.page
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Name").fill("Brooks Ghost")
    return path


@only_wide
def test_a_shoe_that_changed_meanwhile_shows_both_sides_and_keeps_what_was_not_typed(
    someone: Someone, watch: Watch
) -> None:
    watch.expected = (412,)
    path, page = rename(someone), someone.page
    someone.api("PATCH", path, json={"notes": "From the phone"})
    page.get_by_role("dialog", name="Edit shoe").get_by_role("button", name="Save").click()

    dialog = page.get_by_role("dialog", name="This shoe changed meanwhile")
    expect(dialog.get_by_role("row", name="Name").locator("ins")).to_have_text("Brooks Ghost")
    expect(dialog.get_by_role("row", name="Notes")).to_have_count(0)
    dialog.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_text("Shoe saved")).to_be_visible()
    shoe = someone.api("GET", path)
    assert (shoe["name"], shoe["notes"], shoe["version"]) == ("Brooks Ghost", "From the phone", 3)


@only_phone
def test_a_shoe_that_is_gone_is_no_longer_listed_behind_its_form(someone: Someone, watch: Watch) -> None:
    watch.expected = (404,)
    path, page = rename(someone), someone.page
    someone.api("DELETE", path)
    dialog = page.get_by_role("dialog", name="Edit shoe")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Shoe not found")
    expect(page.get_by_label("Name")).to_have_value("Brooks Ghost")
    dialog.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("heading", name="Brooks", exact=True)).to_have_count(0)
