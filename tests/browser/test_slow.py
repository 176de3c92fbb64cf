"""A server that takes its time: what was pressed shows at once and is sent once, and old figures get no new names."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.conftest import Someone, Watch, calls_of, only_phone, only_wide
from tests.browser.test_plan import add, place, standing

Hold = Callable[[str, str], list[Route]]


@pytest.fixture
def hold(page: Page) -> Hold:
    """Hold back the requests of a method to an address, each until the test lets it go on."""

    def begin(method: str, address: str) -> list[Route]:
        held: list[Route] = []
        page.route(address, lambda route: held.append(route) if route.request.method == method else route.fallback())
        return held

    return begin


MOVES = ("Wed 4 Mar, evening", "Without a day", "Fri 6 Mar, morning")


@only_wide
def test_a_planned_workout_stands_where_it_was_dropped_last(someone: Someone) -> None:
    planned = add(someone, "Tempo", date(2026, 3, 2))
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    tempo = page.get_by_text("Tempo", exact=True)
    held: list[Route] = []
    calls = calls_of(page)
    page.route("**/v1/selections/*", lambda route: held.append(route), times=1)
    for name in MOVES:
        tempo.drag_to(place(page, name))
        expect(place(page, name)).to_contain_text("Tempo")
        expect(tempo).to_have_count(1)

    saved: list[Response] = []

    def is_last(answer: Response) -> bool:
        if answer.request.method == "PUT" and answer.ok:
            saved.append(answer)
        return len(saved) == len(MOVES)

    assert [call.split()[0] for call in calls].count("PUT") == 1  # one after the other
    with page.expect_response(is_last):
        held[0].continue_()
    expect(place(page, "Fri 6 Mar, morning")).to_contain_text("Tempo")
    assert standing(someone, planned) == ("2026-03-06", "morning")


@only_wide
def test_a_planned_workout_goes_back_where_a_move_fails(someone: Someone, watch: Watch, hold: Hold) -> None:
    watch.expected = (400,)
    add(someone, "Tempo", date(2026, 3, 2))
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    held = hold("PUT", "**/v1/selections/*")
    page.get_by_text("Tempo", exact=True).drag_to(place(page, "Wed 4 Mar, evening"))
    expect(place(page, "Wed 4 Mar, evening")).to_contain_text("Tempo")
    held[0].fulfill(status=400, json={"detail": "The plan rests"})

    expect(page.get_by_text("The plan rests")).to_be_visible()
    expect(place(page, "Mon 2 Mar, any time")).to_contain_text("Tempo")


@only_wide
def test_what_was_put_aside_stays_there_once_another_workout_is(someone: Someone, hold: Hold) -> None:
    titles = ("Tempo", "Long run")
    for day, title in enumerate(titles, 2):
        add(someone, title, date(2026, 3, day))
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    held = hold("PUT", "**/v1/selections/*")
    for title in titles:
        page.get_by_text(title, exact=True).drag_to(place(page, "Without a day"))
        expect(place(page, "Without a day")).to_contain_text(title)
    held[0].continue_()

    expect(page.get_by_text("Tempo put aside")).to_be_visible()
    expect(place(page, "Without a day")).to_contain_text("Long run")
    held[1].continue_()
    expect(page.get_by_text("Long run put aside")).to_be_visible()


@only_wide
def test_of_several_shoes_chosen_quickly_the_last_one_stays(someone: Someone, hold: Hold) -> None:
    for name in ("Ghost", "Pegasus"):
        someone.api("POST", "/shoes", json={"name": name})
    new = {"type": "Outdoor Run", "duration": 3600, "distance": 6.2, "datetime_utc": "2025-11-03T12:00:00Z"}
    run = someone.api("POST", "/runs", json=new)["id"]
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    held = hold("PATCH", "**/v1/runs/*")
    for name in ("Ghost", "Pegasus", "No shoe"):
        page.get_by_role("button", name="Shoe of Run: none").click()
        page.get_by_role("menuitemradio", name=name, exact=True).click()
        expect(page.get_by_role("menu")).to_have_count(0)
    assert len(held) == 1

    for count, shoe in enumerate(("Ghost", "Pegasus", "none"), 1):
        with page.expect_response(lambda answer: answer.request.method == "PATCH") as answered:
            held[count - 1].continue_()
        assert answered.value.ok, answered.value.text()
        expect(page.get_by_role("button", name=f"Shoe of Run: {shoe}")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Shoe of Run: Pegasus")).to_be_visible()
    assert someone.api("GET", f"/runs/{run}")["version"] == 5


@only_phone
def test_a_page_has_its_name_before_anything_else_of_it_is_there(someone: Someone, hold: Hold) -> None:
    new = {"type": "Outdoor Run", "duration": 3600, "distance": 6.2, "datetime_utc": "2025-11-03T12:00:00Z"}
    run = someone.api("POST", "/runs", json={**new, "name": "Hills"})["id"]
    page = someone.page
    asked = hold("GET", f"**/v1/runs/{run}?*")
    for path, module, name, first in (
        ("plan", "plan", "Plan", "planned-workouts"),
        (f"runs/{run}", "run", "Run", f"runs/{run}"),
    ):
        held = hold("GET", f"**/assets/{module}-*.js")
        with page.expect_request(f"**/assets/{module}-*.js"):
            page.goto(f"/dashboard/{path}", wait_until="commit")
        expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()
        expect(page).to_have_title(f"{name} · fitness")
        expect(page.get_by_role("status", name="Loading")).to_be_visible()
        with page.expect_request(f"**/v1/{first}*"):
            for route in held:
                route.continue_()
    # What draws the page is there, the run is not.
    expect(page.get_by_role("heading", level=1, name="Run", exact=True)).to_be_visible()
    asked[0].continue_()
    expect(page.get_by_role("heading", level=1, name="Hills", exact=True)).to_be_visible()


@only_phone
def test_a_form_is_sent_once(someone: Someone, hold: Hold) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    name = page.get_by_label("Name of the bookmark")
    name.fill("Before the race")
    held = hold("POST", "**/v1/bookmarks")
    name.press("Enter")
    name.press("Enter")
    expect(page.get_by_role("button", name="Keep this moment")).to_have_attribute("data-pending", "true")

    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("Before the race kept")).to_be_visible()
    assert len(someone.api("GET", "/bookmarks")["items"]) == 1


@only_phone
def test_a_switch_shows_at_once_what_was_chosen(someone: Someone, hold: Hold) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    switch = page.get_by_label("Fetch the points of activities")
    expect(switch).not_to_be_checked()
    held = hold("PATCH", "**/v1/users/me")
    switch.click()
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).to_be_checked()

    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("The points of activities are fetched from now on")).to_be_visible()
    expect(switch).to_be_checked()


@only_wide
def test_sums_of_months_are_never_called_weeks(someone: Someone, hold: Hold) -> None:
    run = {"type": "Outdoor Run", "duration": 3600, "distance": 36.5, "datetime_utc": "2025-11-03T12:00:00Z"}
    someone.api("POST", "/runs", json=run)
    page = someone.page
    page.goto("/dashboard/trends?start=2025-01-01&end=2025-12-31")
    page.get_by_role("figure").first.get_by_role("button", name="As a table").click()
    rows = page.get_by_role("region", name="Mileage as a table").get_by_role("row")
    expect(rows.filter(has_text="Nov 2025")).to_contain_text("36.5 mi")
    totals = page.get_by_label("Totals")
    expect(totals).to_contain_text("0.10 mi")  # a day of 365
    hold("GET", "**/v1/metrics/mileage/**")
    weeks = page.get_by_role("button", name="By week")
    weeks.click()
    expect(weeks).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("progressbar", name="Loading")).to_be_visible()
    expect(rows.filter(has_text="36.5 mi")).to_contain_text(re.compile("^Nov 2025"))

    page.get_by_label("To", exact=True).fill("2025-01-02")
    expect(totals).to_have_attribute("data-old", "true")
    expect(totals).to_contain_text("0.10 mi")
