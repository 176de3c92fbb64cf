"""Answers 409, 429 and 503: a page says what to do, and a form keeps what was typed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide
from tests.browser.test_unsaved import FORMS, Opened

PAGES = ["", "log", "trends", "strength", "plan", "shoes", "inbox", "changes", "settings"]
ANSWERS = {
    409: ({"detail": "Another change is under way"}, {}, "Another change is under way"),
    429: ({"detail": "Too many requests"}, {"Retry-After": "30"}, "Too many requests. Try again in 30 seconds."),
    503: (None, {}, "The server cannot answer now. Try again in a moment."),
}


def refuse(page: Page, watch: Watch, status: int, is_refused: Callable[[Route], bool]) -> str:
    """Have the API refuse such calls, as it does, or with 503 as a proxy before it; return the sentence for it."""
    watch.expected += tuple(ANSWERS)
    body, headers, sentence = ANSWERS[status]

    def answer(route: Route) -> None:
        if not is_refused(route):
            route.continue_()
        elif body:
            route.fulfill(status=status, json=body, headers=headers)
        else:
            route.fulfill(status=status, body="<h1>Service unavailable</h1>", content_type="text/html")

    page.route("**/v1/**", answer)
    return sentence


@only_phone
@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_is_refused_says_when_to_try_again(someone: Someone, watch: Watch, status: int) -> None:
    page = someone.page
    sentence = refuse(page, watch, status, lambda route: not route.request.url.endswith(("/users/me", "/auth/refresh")))
    for path in PAGES:
        page.goto(f"/dashboard/{path}")
        failure = page.get_by_role("alert").filter(has_text=sentence).first
        expect(failure.get_by_role("button", name="Try again")).to_be_visible()


@only_wide
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_refused_keeps_what_was_typed(
    someone: Someone, watch: Watch, form: Callable[[Someone], Opened]
) -> None:
    dialog, field, text = form(someone)
    field.fill(text)
    page = someone.page
    save = dialog.locator("button[type=submit]")
    for status in ANSWERS:
        sentence = refuse(page, watch, status, lambda route: route.request.method != "GET")
        save.click()
        expect(dialog.get_by_role("alert")).to_have_text(sentence)
        expect(field).to_have_value(text)
        page.unroute("**/v1/**")

    save.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


@only_wide
def test_a_move_that_is_refused_keeps_its_day(someone: Someone, watch: Watch) -> None:
    planned = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}
    number = someone.api("POST", "/planned-workouts", json=planned)["id"]
    page = someone.page
    page.goto(f"/dashboard/plan?planned={number}")
    dialog = page.get_by_role("dialog", name="Tempo")
    dialog.get_by_label("Day", exact=True).fill("2026-03-05")
    sentence = refuse(page, watch, 429, lambda route: route.request.method != "GET")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.get_by_role("alert")).to_have_text(sentence)
    expect(dialog.get_by_label("Day", exact=True)).to_have_value("2026-03-05")

    page.unroute("**/v1/**")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog).to_have_count(0)
    assert someone.api("GET", f"/planned-workouts/{number}")["current_day"] == "2026-03-05"


@only_phone
@pytest.mark.parametrize(("path", "name"), [("log", "Activities"), ("changes", "Changes")])
def test_a_list_whose_next_rows_are_refused_goes_on_later(someone: Someone, watch: Watch, path: str, name: str) -> None:
    run = {"type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = [
        someone.api("POST", "/runs", json={**run, "datetime_utc": f"2025-11-0{day}T12:05:31Z"})["id"] for day in (1, 2)
    ]
    for notes in ("Windy", "Warm"):
        someone.api("POST", "/runs/bulk", json={"ids": made, "changes": {"notes": notes}})
    page = someone.page

    def one_at_a_time(route: Route) -> None:
        route.continue_(url=re.sub(r"limit=\d+", "limit=1", route.request.url))

    sentence = refuse(page, watch, 429, lambda route: "cursor=" in route.request.url)
    page.route(re.compile(r"/v1/(timeline|changesets)\?(?!.*cursor=)"), one_at_a_time)
    page.goto(f"/dashboard/{path}")
    expect(page.get_by_role("alert")).to_contain_text(f"This is not all. {sentence}")

    page.unroute("**/v1/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    rows = (
        page.get_by_role("grid", name=name).get_by_role("row").or_(page.get_by_role("list", name=name).locator("> li"))
    )
    expect(rows).to_have_count(2)


@only_wide
def test_the_rest_of_the_inbox_that_is_refused_says_so_and_follows_when_asked(someone: Someone, watch: Watch) -> None:
    page = someone.page
    watch.expected = (404,)
    failed = [{"run_id": f"run {n}", "error_message": f"Refused {n}"} for n in (1, 2)]

    def answer(route: Route) -> None:
        at = 1 if "cursor=second" in route.request.url else 0
        route.fulfill(json={"items": [failed[at]], "next_cursor": None if at else "second"})

    page.route("**/v1/sync/runs/failed?*", answer)
    waiting = {"conflicts": 0, "duplicates": 0, "failed_calendar_syncs": 2}
    page.route("**/v1/inbox", lambda route: route.fulfill(json=waiting))
    page.route("**/v1/runs/run*", lambda route: route.fulfill(status=404, json={"detail": "Run not found"}))
    page.goto("/dashboard/inbox")
    expect(page.get_by_text("Refused 1")).to_be_visible()
    sentence = refuse(page, watch, 429, lambda route: "cursor=second" in route.request.url)
    page.get_by_role("button", name="Show more").click()
    refusal = page.get_by_role("alert").filter(has_text=sentence)
    expect(refusal).to_contain_text("This is not all.")
    expect(page.get_by_text("Refused 1")).to_be_visible()

    page.unroute("**/v1/**")
    refusal.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Refused 2")).to_be_visible()
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


@only_wide
def test_totals_and_found_records_that_are_refused_say_so(someone: Someone, watch: Watch) -> None:
    page = someone.page
    sentence = refuse(page, watch, 429, lambda route: "/totals" in route.request.url or "q=" in route.request.url)
    page.goto("/dashboard/log")
    expect(page.get_by_role("alert")).to_have_text(re.compile(f"totals could not be loaded. {sentence}"))
    page.keyboard.press("Control+k")
    page.get_by_label("Find a page, an action or a record").fill("tempo")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_text("Nothing is called that.")).to_have_count(0)


@only_phone
def test_a_page_that_cannot_be_brought_up_to_date_says_that_it_is_old(someone: Someone, watch: Watch) -> None:
    dialog, field, text = FORMS[0](someone)
    page = someone.page
    field.fill(text)
    sentence = refuse(page, watch, 429, lambda route: route.request.method == "GET")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Run saved")).to_be_visible()
    old = page.get_by_role("status").filter(has_text=f"What is on this page may be old. {sentence}")
    expect(old).to_be_visible()

    page.unroute("**/v1/**")
    old.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name=text)).to_be_visible()
    expect(old).to_have_count(0)
