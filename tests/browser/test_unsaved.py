"""What was typed is not lost by Escape, by "back", by a press beside a dialog, by a link, or with the tab."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide, settled
from tests.browser.test_blame import lift
from tests.browser.test_drop import FILES, drop
from tests.drops import SHEET

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
PLANNED = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}


def press_escape(page: Page) -> None:
    page.keyboard.press("Escape")


def press_beside(page: Page) -> None:
    page.mouse.click(5, 5)


def go_back(page: Page) -> None:
    page.go_back()


Opened = tuple[Locator, Locator, str]


def run(someone: Someone) -> Opened:
    page = someone.page
    page.goto(f"/dashboard/runs/{someone.api('POST', '/runs', json=RUN)['id']}")
    page.get_by_role("button", name="Edit").click()
    return page.get_by_role("dialog", name="Edit run"), page.get_by_label("Title"), "Along the river"


def workout(someone: Someone) -> Opened:
    page = someone.page
    page.goto(f"/dashboard/workouts/{lift(someone)}")
    page.get_by_role("button", name="Edit", exact=True).click()
    return page.get_by_role("dialog", name="Edit workout"), page.get_by_label("Title"), "Heavy"


def sets(someone: Someone) -> Opened:
    page = someone.page
    page.goto(f"/dashboard/workouts/{lift(someone)}")
    page.get_by_role("button", name="Edit sets of Squat").click()
    return page.get_by_role("dialog", name="Squat"), page.get_by_label("Weight of set 2"), "105"


def planned(someone: Someone) -> Opened:
    number = someone.api("POST", "/planned-workouts", json=PLANNED)["id"]
    page = someone.page
    page.goto(f"/dashboard/plan?planned={number}")
    page.get_by_role("dialog", name="Tempo").get_by_role("button", name="Edit").click()
    return page.get_by_role("dialog", name="Edit Tempo"), page.get_by_label("What to do"), "4 miles at threshold"


def shoe(someone: Someone) -> Opened:
    page = someone.page
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="Add shoe").click()
    return page.get_by_role("dialog", name="Add shoe"), page.get_by_label("Name"), "Brooks"


FORMS = [run, workout, sets, planned, shoe]
# Each way once for one form, and each form once.
LEFT = [
    (run, press_escape),
    (run, press_beside),
    (run, go_back),
    (workout, go_back),
    (sets, press_escape),
    (planned, go_back),
    (shoe, press_beside),
]


@only_wide
@pytest.mark.parametrize(("form", "way"), LEFT)
def test_what_was_typed_is_kept_or_discarded(
    someone: Someone, form: Callable[[Someone], Opened], way: Callable[[Page], None]
) -> None:
    dialog, field, text = form(someone)
    page = someone.page
    field.fill(text)
    settled(page)
    way(page)
    question = page.get_by_role("dialog", name="Discard what you entered?")
    question.get_by_role("button", name="Keep editing").click()
    expect(question).to_have_count(0)
    expect(field).to_have_value(text)
    expect(dialog).to_be_visible()

    settled(page)
    way(page)
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


@only_phone
@pytest.mark.parametrize(("form", "way"), LEFT)
def test_a_form_that_was_left_alone_closes(
    someone: Someone, form: Callable[[Someone], Opened], way: Callable[[Page], None]
) -> None:
    _, field, text = form(someone)
    page = someone.page
    before = field.input_value()
    field.fill(text)
    field.fill(before)
    settled(page)
    way(page)

    expect(page.get_by_role("dialog")).to_have_count(0)


def profile(someone: Someone) -> Opened:
    page = someone.page
    page.goto("/dashboard/settings")
    return page.locator("main"), page.get_by_label("Weekly goal"), "32"


def reload_is_asked_about(page: Page) -> None:
    """Reload, and stay where the browser asks; fail where it does not."""
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()


@only_wide
@pytest.mark.parametrize("form", [run, sets, profile])
def test_the_browser_asks_before_what_was_typed_goes_with_the_page(
    someone: Someone, form: Callable[[Someone], Opened]
) -> None:
    _, field, text = form(someone)
    page = someone.page
    before = field.input_value()
    # Browsers ask where somebody has touched the page.
    field.click()
    field.fill(text)
    reload_is_asked_about(page)
    expect(field).to_have_value(text)

    # A question would be answered by staying, and the page would not come anew.
    field.fill(before)
    page.reload()


@only_wide
def test_a_form_that_was_sent_goes_without_a_question(someone: Someone) -> None:
    _, field, text = profile(someone)
    page = someone.page
    field.click()
    field.fill(text)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Profile saved")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Weekly goal")).to_have_value(text)


def follow_a_link(page: Page) -> None:
    page.get_by_role("link", name="Log", exact=True).click()


def find_a_page(page: Page) -> None:
    page.keyboard.press("Control+k")
    found = page.get_by_role("option", name="Log", exact=True)
    page.get_by_label("Find a page, an action or a record").fill("Log")
    found.click()


@only_wide
@pytest.mark.parametrize("way", [follow_a_link, find_a_page, go_back])
def test_a_page_is_left_with_what_was_typed_after_a_question(someone: Someone, way: Callable[[Page], None]) -> None:
    page = someone.page
    page.goto("/dashboard/log")
    page.get_by_role("link", name="Settings", exact=True).click()
    goal = page.get_by_label("Weekly goal")
    goal.fill("32")
    way(page)
    question = page.get_by_role("dialog", name="Discard what you entered?")
    question.get_by_role("button", name="Keep editing").click()
    expect(question).to_have_count(0)
    expect(page).to_have_url(f"{someone.address}/dashboard/settings")
    expect(goal).to_have_value("32")

    settled(page)
    way(page)
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()
    expect(question).to_have_count(0)

    # The way through the browser's history is the one without the question.
    step = page.go_forward if way is go_back else page.go_back
    settled(page)
    step()
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    expect(goal).to_have_value("")


@only_wide
def test_logging_out_asks_about_what_was_typed(someone: Someone) -> None:
    _, goal, text = profile(someone)
    page = someone.page
    goal.fill(text)
    page.get_by_role("button", name="Log out").first.click()
    question = page.get_by_role("dialog", name="Discard what you entered?")
    question.get_by_role("button", name="Keep editing").click()
    expect(goal).to_have_value(text)

    page.get_by_role("button", name="Log out").first.click()
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


@only_wide
def test_what_was_typed_into_the_profile_outlasts_a_switch_beside_it(someone: Someone) -> None:
    _, goal, text = profile(someone)
    page = someone.page
    goal.fill(text)
    page.get_by_label("Fetch the points of activities").click()
    expect(page.get_by_text("The points of activities are fetched from now on")).to_be_visible()

    expect(goal).to_have_value(text)


@only_phone
def test_back_answers_the_question_by_keeping(someone: Someone) -> None:
    dialog, field, text = shoe(someone)
    page = someone.page
    field.fill(text)
    page.go_back()
    question = page.get_by_role("dialog", name="Discard what you entered?")
    expect(question).to_be_visible()
    page.go_back()
    expect(question).to_have_count(0)
    expect(dialog).to_be_visible()
    expect(field).to_have_value(text)


@only_wide
def test_columns_that_were_said_are_not_lost(someone: Someone) -> None:
    page = someone.page
    drop(page, {"sheet.csv": SHEET})
    dialog = page.get_by_role("dialog", name="Import sheet.csv")
    dialog.get_by_role("button", name="Preview").click()
    dialog.get_by_label("Dauer", exact=True).select_option("")
    settled(page)
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Discard what you entered?")
    question.get_by_role("button", name="Keep editing").click()

    expect(dialog.get_by_label("Dauer", exact=True)).to_have_value("")


@only_wide
def test_an_answer_to_dropped_files_is_not_lost(someone: Someone) -> None:
    page = someone.page
    drop(page, FILES)
    dialog = page.get_by_role("dialog", name="Import 3 files")
    dialog.get_by_role("button", name="lb").click()
    expect(dialog.get_by_role("alert")).to_have_count(0)
    settled(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keep editing").click()
    dialog.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("3 files imported")).to_be_visible()


@only_wide
def test_a_shoe_stays_while_the_shoes_are_not_known(someone: Someone, watch: Watch) -> None:
    watch.expected = (429,)
    shoe = someone.api("POST", "/shoes", json={"name": "Brooks"})["id"]
    run = someone.api("POST", "/runs", json={**RUN, "shoe_id": shoe})["id"]
    page = someone.page
    page.route("**/v1/shoes*", lambda route: route.fulfill(status=429, json={"detail": "Too many requests"}))
    page.goto(f"/dashboard/runs/{run}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("Along the river")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Run saved")).to_be_visible()
    assert someone.api("GET", f"/runs/{run}")["shoe_id"] == shoe
