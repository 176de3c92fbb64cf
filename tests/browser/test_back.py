"""The browser's "back" while a dialog is open, and after it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone, only_phone, only_wide, settled


def on_shoes_after_log(someone: Someone) -> Page:
    page = someone.page
    page.goto("/dashboard/log")
    page.get_by_role("heading", level=1, name="Log").wait_for()
    page.goto("/dashboard/shoes")
    page.get_by_role("heading", level=1, name="Shoes").wait_for()
    return page


def add_tempo(someone: Someone) -> int:
    planned = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}
    return someone.api("POST", "/planned-workouts", json=planned)["id"]


def test_back_closes_a_dialog_and_then_leaves(someone: Someone) -> None:
    page = on_shoes_after_log(someone)
    page.get_by_role("button", name="Add shoe").click()
    dialog = page.get_by_role("dialog", name="Add shoe")
    expect(dialog).to_be_visible()

    page.go_back()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", level=1, name="Shoes")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()


@only_wide
def test_a_closed_dialog_takes_no_step_back(someone: Someone) -> None:
    page = on_shoes_after_log(someone)
    for _ in range(2):
        page.get_by_role("button", name="Add shoe").click()
        expect(page.get_by_role("dialog", name="Add shoe")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()


@only_wide
def test_a_page_found_from_a_dialog_is_one_step(someone: Someone) -> None:
    page = on_shoes_after_log(someone)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("Trends")
    expect(page.get_by_role("option", name="Trends").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Trends")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Shoes")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@only_phone
def test_back_from_a_records_second_dialog_closes_it(someone: Someone) -> None:
    number = add_tempo(someone)
    page = on_shoes_after_log(someone)
    page.goto(f"/dashboard/plan?day=2026-03-02&planned={number}")
    page.get_by_role("dialog", name="Tempo").get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog", name="History of Tempo")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{someone.address}/dashboard/plan?day=2026-03-02")
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Shoes")).to_be_visible()


@only_wide
def test_a_reload_with_a_dialog_open_takes_no_step_back(someone: Someone) -> None:
    page = on_shoes_after_log(someone)
    page.get_by_role("button", name="Add shoe").click()
    expect(page.get_by_role("dialog", name="Add shoe")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Shoes")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()


@only_phone
def test_a_reload_shows_a_dialog_of_the_address_again(someone: Someone) -> None:
    number = add_tempo(someone)
    page = on_shoes_after_log(someone)
    page.goto(f"/dashboard/plan?day=2026-03-02&planned={number}")
    dialog = page.get_by_role("dialog", name="Tempo")
    expect(dialog).to_be_visible()
    page.reload()
    expect(dialog).to_be_visible()

    page.go_back()
    expect(dialog).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Shoes")).to_be_visible()


@only_wide
def test_what_a_dialog_changed_in_the_address_stays(someone: Someone) -> None:
    number = add_tempo(someone)
    page = on_shoes_after_log(someone)
    page.goto(f"/dashboard/plan?day=2026-03-02&planned={number}")
    page.get_by_role("dialog", name="Tempo").get_by_role("button", name="Close").click()
    settled(page)

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("/dashboard/plan?day=2026-03-02")
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Plan")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


@only_wide
def test_back_leaves_a_token_that_is_shown_once(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="New token").click()
    form = page.get_by_role("dialog", name="New access token")
    form.get_by_label("Name").fill("Watch")
    form.get_by_role("button", name="Make the token").click()
    shown = page.get_by_role("dialog", name="Copy your token now")
    expect(shown).to_be_visible()

    page.go_back()
    page.wait_for_function("() => history.state?.dialogs === 1")
    expect(shown).to_be_visible()
