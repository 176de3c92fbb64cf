"""Where a run comes from in the dashboard, and a source that is taken out of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone
from tests.samples import ACTIVITIES

SAME_RUN = ACTIVITIES / "same_run"


@pytest.fixture
def joined(someone: Someone) -> Page:
    """The page of a run that came as two files."""
    for name in ("watch.fit", "strava_17405838535.gpx"):
        someone.api("POST", "/imports", files={"file": (name, (SAME_RUN / name).read_bytes())})
    [run] = someone.api("GET", "/runs")["items"]
    someone.page.goto(f"/dashboard/runs/{run['id']}")
    return someone.page


def test_a_source_is_separated_and_joined_again(joined: Page, someone: Someone) -> None:
    page = joined
    panel = page.locator("details.sources")
    expect(panel.get_by_role("listitem")).to_have_count(0)
    panel.get_by_text("Where it comes from").click()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    expect(panel).to_contain_text("The run was made of it")
    expect(panel).to_contain_text(re.compile("Starts 0 s apart, distance 0.[0-9]% apart"))

    panel.get_by_role("button", name="Separate GPX").click()

    expect(page.get_by_text("GPX is a run of its own now")).to_be_visible()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    expect(panel.get_by_role("button", name="Separate")).to_have_count(0)
    assert len(someone.api("GET", "/runs")["items"]) == 2
    panel.get_by_role("button", name="Join again").click()
    expect(page.get_by_text("They are one run again")).to_be_visible()
    expect(panel.get_by_role("button", name="Separate GPX")).to_be_visible()
    assert len(someone.api("GET", "/runs")["items"]) == 1


def test_a_separation_is_undone_at_once(joined: Page, someone: Someone) -> None:
    page = joined
    page.get_by_text("Where it comes from").click()
    page.get_by_role("button", name="Separate FIT").click()

    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_role("button", name="Separate FIT")).to_be_visible()
    assert len(someone.api("GET", "/runs")["items"]) == 1
