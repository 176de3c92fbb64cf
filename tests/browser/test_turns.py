"""Edits of a record follow what the page did to it before, together with many others."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Someone, Watch, calls_of, only_wide

pytestmark = only_wide


@pytest.fixture
def runs(someone: Someone) -> list[dict[str, Any]]:
    """Two runs, the newest first."""
    run = {"type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    return [
        someone.api("POST", "/runs", json={**run, "datetime_utc": f"2025-11-0{day}T12:05:31Z", "name": name})
        for day, name in ((2, "Hills"), (1, "Round the lake"))
    ]


def edit_both(page: Page) -> None:
    """Give all runs of the log the same notes."""
    page.goto("/dashboard/log?kind=run")
    page.get_by_label("Select All").check()
    page.get_by_role("region", name="Chosen rows").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit 2 runs")
    dialog.get_by_label("Notes").fill("Windy")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 runs changed")).to_be_visible()


def test_a_shoe_that_is_chosen_while_a_bulk_edit_is_undone_is_stored_after_it(
    someone: Someone, watch: Watch, runs: list[dict[str, Any]]
) -> None:
    watch.expected = (412,)
    shoe = someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})["id"]
    page, held = someone.page, list[Route]()
    page.route("**/v1/changesets/*/revert", lambda route: held.append(route))
    edit_both(page)
    calls = calls_of(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Shoe of Hills: none").click()
    page.get_by_role("menuitemradio", name="Brooks Ghost").click()
    expect(page.get_by_role("menu")).to_have_count(0)
    assert [call.split()[0] for call in calls] == ["POST"]
    [revert] = held
    revert.continue_()

    expect(page.get_by_text("Run saved")).to_be_visible()
    run = someone.api("GET", f"/runs/{runs[0]['id']}")
    assert (run["shoe_id"], run["notes"], run["version"]) == (shoe, None, 4)


def test_an_edit_that_saw_a_run_before_it_was_edited_elsewhere_too_asks(
    someone: Someone, watch: Watch, runs: list[dict[str, Any]]
) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/runs/{runs[0]['id']}"
    edit_both(page)
    page.get_by_role("row", name="Hills").focus()
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).fill("From here")
    someone.api("PATCH", path, json={"name": "From elsewhere"})
    dialog.get_by_role("button", name="Save").click()

    expect(page.get_by_role("dialog", name="meanwhile")).to_be_visible()
    assert someone.api("GET", path)["name"] == "From elsewhere"
