"""Runs in the dashboard: the first one, its edits, its versions."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, WIDE, Someone, Watch, log_in, only_phone, only_wide


def test_from_signing_up_to_an_edited_compared_and_restored_run(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill(f"{id(page)}{page.viewport_size['width']}@example.com")  # pyright: ignore
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Sign up").click()

    if page.viewport_size == WIDE:
        for name in ("Today", "Trends", "Strength", "Plan", "Shoes", "Inbox", "Changes", "Settings"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.get_by_role("link", name="Log", exact=True).click()
    page.get_by_role("button", name="Add your first run").click()
    page.get_by_label("Distance").fill("6.2")
    page.get_by_label("Duration").fill("53:10")
    page.get_by_role("dialog").get_by_role("button", name="Add run").click()
    page.get_by_role("row", name="Run").filter(has_text="6.20 mi").click()

    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Distance").fill("6.4")
    page.get_by_label("Reason").fill("GPS was off")
    page.get_by_role("button", name="Save").click()
    versions = page.get_by_role("list", name="Versions")
    expect(versions.get_by_role("listitem").filter(has_text="v2")).to_contain_text("GPS was off")
    expect(page.get_by_role("heading", name="History")).to_be_visible()

    page.get_by_role("button", name="Compare").click()
    distance = page.get_by_role("dialog").get_by_role("row", name="Distance")
    expect(distance.locator("del")).to_have_text("6.20 mi")
    expect(distance.locator("ins")).to_have_text("6.40 mi")
    page.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(versions).to_contain_text("Restored to version 1")
    expect(page.get_by_label("Facts")).to_contain_text("6.20 mi")


@only_phone
def test_an_undone_edit_is_as_it_was(someone: Someone) -> None:
    page = someone.page
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = someone.api("POST", "/runs", json=run)
    page.goto(f"/dashboard/runs/{made['id']}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Duration").fill("41:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Undo").click()

    expect(page.get_by_label("Facts")).to_contain_text("40:00")
    now = someone.api("GET", f"/runs/{made['id']}")
    assert (now["duration"], now["datetime_utc"], now["version"]) == (2400, run["datetime_utc"], 3)


@only_wide
def test_who_edits_an_older_version_sees_both_and_chooses(
    someone: Someone, watch: Watch, open_browser: Callable[[], BrowserContext]
) -> None:
    watch.expected = (412,)
    account = {"email": someone.email, "password": PASSWORD}
    page, elsewhere = someone.page, log_in(open_browser().new_page(), someone.address, account).page
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = someone.api("POST", "/runs", json=run)
    someone.api("POST", "/runs", json={**run, "datetime_utc": "2025-10-01T12:00:00Z", "duration": 2460})
    page.goto(f"/dashboard/runs/{made['id']}")
    expect(page.get_by_role("row").filter(has_text="1 Oct 2025")).to_contain_text("8:12 /mi +0:12")
    expect(page.get_by_text("Faster than 1 of 1")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Distance").fill("5.5")
    elsewhere.goto(f"/dashboard/runs/{made['id']}")
    elsewhere.get_by_role("button", name="Edit").click()
    elsewhere.get_by_label("Distance").fill("5.25")
    elsewhere.get_by_role("button", name="Save").click()
    expect(elsewhere.get_by_label("Facts")).to_contain_text("5.25 mi")
    page.get_by_role("button", name="Save").click()

    distance = page.get_by_role("dialog").get_by_role("row", name="Distance")
    expect(distance.locator("del")).to_have_text("5.25 mi")
    expect(distance.locator("ins")).to_have_text("5.50 mi")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_label("Facts")).to_contain_text("5.50 mi")
    assert someone.api("GET", f"/runs/{made['id']}")["version"] == 3


@only_wide
def test_what_is_deleted_is_in_the_trash_and_comes_back(someone: Someone) -> None:
    page = someone.page
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = someone.api("POST", "/runs", json={**run, "name": "Along the river"})
    times = {"start_ts": "2025-11-03T17:00:00Z", "end_ts": "2025-11-03T18:00:00Z"}
    lift = {"workout_type": "STRENGTH", "title": "Legs", **times, "strength_sets": []}
    workout = someone.api("POST", "/workouts", json=lift)["workout_id"]
    someone.api("DELETE", f"/workouts/{workout}")
    page.goto(f"/dashboard/runs/{made['id']}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Trash").click()
    for name in ("Along the river", "Legs"):
        row = page.get_by_role("row", name=name)
        row.get_by_role("button", name="Restore").click()
        expect(row).to_have_count(0)

    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible()
    assert someone.api("GET", f"/runs/{made['id']}")["deleted_at"] is None
    assert someone.api("GET", f"/workouts/{workout}")["title"] == "Legs"


@only_phone
def test_a_long_history_says_how_much_of_it_is_shown_and_shows_more(someone: Someone) -> None:
    first = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    run = someone.api("POST", "/runs", json=first)["id"]
    for number in range(101):
        someone.api("PATCH", f"/runs/{run}", json={"notes": f"Note {number}"})
    page = someone.page
    page.goto(f"/dashboard/runs/{run}")
    versions = page.get_by_role("list", name="Versions").locator("> li")
    expect(versions).to_have_count(100)
    expect(page.get_by_text("The newest 100 of 102 versions.")).to_be_visible()
    page.get_by_role("button", name="Compare").first.click()
    expect(page.get_by_label("From").locator("option")).to_have_count(102)
    page.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Show more").click()
    expect(versions).to_have_count(102)
    expect(versions.last).to_contain_text("v1")
    expect(page.get_by_text("The newest")).to_have_count(0)
