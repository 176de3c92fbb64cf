"""The log in the dashboard: filters, chosen rows, the shoe in place, finding records."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, ViewportSize, expect

from tests.browser.conftest import PHONE, Someone, Watch, only_phone, only_wide

ROOM_FOR_WORDS = """
field => {
    const style = getComputedStyle(field), words = document.createElement("canvas").getContext("2d");
    words.font = style.font;
    const cross = getComputedStyle(field, "::-webkit-search-cancel-button").display === "none" ? 0 : 16;
    const inset = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight) + cross;
    return field.clientWidth - inset - words.measureText(field.placeholder).width;
}
"""
"""The pixels that are left beside the words of an empty field of a search, and what would empty it."""


@pytest.fixture
def runs(someone: Someone) -> list[dict[str, Any]]:
    """Three runs, the newest first."""
    run = {"type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    return [
        someone.api("POST", "/runs", json={**run, "datetime_utc": f"2025-11-0{day}T12:05:31Z", "name": name})
        for day, name in ((3, "Along the river"), (2, "Hills"), (1, "Round the lake"))
    ]


@pytest.fixture
def writes(someone: Someone) -> list[str]:
    """The paths of the changes that the browser asks the API for from now on."""
    seen: list[str] = []

    def note(request: Request) -> None:
        path = urlsplit(request.url).path
        if request.method != "GET" and path.startswith("/v1/") and not path.startswith("/v1/auth/"):
            seen.append(path)

    someone.page.on("request", note)
    return seen


def shoes_of(someone: Someone) -> list[str | None]:
    return [run["shoe_id"] for run in someone.api("GET", "/runs")["items"]]


def choose(page: Page, *names: str) -> None:
    for name in names:
        row = page.get_by_role("row", name=name)
        row.locator("label").click()
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text(f"{len(names)} chosen")


def test_several_runs_are_edited_by_one_call_with_one_reason_and_one_undo(
    someone: Someone, runs: list[dict[str, Any]], writes: list[str], size: ViewportSize
) -> None:
    someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    if size == PHONE:
        page.get_by_role("button", name="Choose").click()
    choose(page, "Along the river", "Round the lake")
    page.get_by_role("region", name="Chosen rows").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit 2 runs")
    dialog.get_by_label("Shoe").select_option("Brooks Ghost")
    dialog.get_by_label("Reason").fill("Wore the new ones")
    dialog.get_by_role("button", name="Save").click()

    expect(page.get_by_text("2 runs changed")).to_be_visible()
    assert shoes_of(someone) == ["brooks_ghost", None, "brooks_ghost"]
    newest = someone.api("GET", f"/runs/{runs[0]['id']}/history")["items"][0]
    assert newest["change_reason"] == "Wore the new ones"

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    assert shoes_of(someone) == [None, None, None]
    assert writes == ["/v1/runs/bulk", f"/v1/changesets/{newest['changeset_id']}/revert"]


@only_wide
def test_a_run_and_a_lift_are_deleted_by_one_call_and_come_back_by_one_undo(
    someone: Someone, runs: list[dict[str, Any]], writes: list[str]
) -> None:
    times = {"start_ts": "2025-11-04T17:00:00Z", "end_ts": "2025-11-04T18:00:00Z"}
    someone.api("POST", "/workouts", json={"workout_type": "STRENGTH", "title": "Legs", **times, "strength_sets": []})
    page = someone.page
    page.goto("/dashboard/log")
    choose(page, "Legs", "Hills")
    page.get_by_role("region", name="Chosen rows").get_by_role("button", name="Delete").click()

    expect(page.get_by_text("2 activities deleted")).to_be_visible()
    expect(page.get_by_role("row", name="Legs")).to_have_count(0)
    assert len(someone.api("GET", "/timeline")["items"]) == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    assert len(someone.api("GET", "/timeline")["items"]) == 4
    assert len(writes) == 2 and writes[0] == "/v1/timeline/bulk", writes


@only_wide
def test_rows_are_walked_chosen_and_edited_by_keys(someone: Someone, runs: list[dict[str, Any]]) -> None:
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    expect(page.get_by_role("row", name="Hills")).to_be_visible()
    for key in ("j", "j", "x", "j", "x", "k"):
        page.keyboard.press(key)

    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("2 chosen")
    for name, chosen in (("Along the river", "false"), ("Hills", "true"), ("Round the lake", "true")):
        expect(page.get_by_role("row", name=name)).to_have_attribute("aria-selected", chosen)
    page.keyboard.press("e")
    expect(page.get_by_role("dialog", name="Edit run").get_by_label("Title")).to_have_value("Hills")


@only_wide
def test_the_shoe_of_a_run_is_changed_where_it_stands(someone: Someone, runs: list[dict[str, Any]]) -> None:
    someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    page.get_by_role("button", name="Shoe of Hills: none").click()
    page.get_by_role("menuitemradio", name="Brooks Ghost").click()

    expect(page.get_by_role("button", name="Shoe of Hills: Brooks Ghost")).to_be_visible()
    assert shoes_of(someone) == [None, "brooks_ghost", None]


@only_wide
def test_what_many_cannot_do_for_want_of_a_connection_is_said_once(
    someone: Someone, runs: list[dict[str, Any]], watch: Watch
) -> None:
    watch.expected = (409,)
    page = someone.page
    page.goto("/dashboard/log")
    choose(page, "Along the river", "Hills")
    page.get_by_role("button", name="Send to calendar").click()

    expect(page.get_by_text("0 sent to the calendar, 1 not")).to_be_visible()
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("2 chosen")


def test_filters_are_in_the_address_and_add_up(
    someone: Someone, runs: list[dict[str, Any]], size: ViewportSize
) -> None:
    page = someone.page
    page.goto("/dashboard/log?kind=run&start=2025-11-02&end=2025-11-02")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("2025-11-02")

    if size == PHONE:
        page.get_by_label("Period").select_option("All time")
    else:
        page.get_by_role("button", name="All time").click()
    expect(page.get_by_text("3 runs", exact=True)).to_be_visible()
    page.get_by_label("Search").fill("river")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.get_by_text("1 activity", exact=True)).to_be_visible()
    page.get_by_label("Search").fill("")
    page.get_by_role("button", name="Runs", exact=True).click()
    expect(page.get_by_text("3 runs", exact=True)).to_be_visible()
    if page.get_by_role("button", name="Filters and order").is_visible():
        page.get_by_role("button", name="Filters and order").click()
    page.get_by_label("Calendar", exact=True).select_option("In the calendar")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert "calendar=synced" in page.url


def find(page: Page, words: str) -> None:
    """Type words into the dialog that finds records, once the one before it is gone."""
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    page.get_by_label("Find a page, an action or a record").fill(words)


@only_wide
def test_a_record_is_found_from_anywhere(someone: Someone, runs: list[dict[str, Any]]) -> None:
    someone.api("POST", "/exercises", json={"name": "Goblet Squat", "body_part": "Legs", "modality": "DUMBBELL"})
    planned = {"title": "Hill repeats", "workout_type": "Run", "originally_planned_day": "2025-11-05"}
    someone.api("POST", "/planned-workouts", json=planned)
    page = someone.page
    find(page, "river")
    page.get_by_role("option", name="Along the river").click()
    expect(page.get_by_role("heading", level=1, name="Along the river")).to_be_visible()

    find(page, "goblet")
    page.get_by_role("option", name="Goblet Squat").click()
    expect(page.get_by_role("heading", level=1, name="Strength")).to_be_visible()
    # It was never done: it is not in the list of what was.
    expect(page.get_by_role("heading", level=2, name="Goblet Squat")).to_be_visible()
    expect(page.get_by_label("Another exercise")).to_have_value(page.url.split("exercise=")[1])

    find(page, "hill")
    page.get_by_role("option", name="Hill repeats").click()
    expect(page.get_by_role("dialog", name="Hill repeats")).to_be_visible()


@only_wide
def test_where_more_activities_are_found_than_are_shown_the_log_has_them_all(someone: Someone) -> None:
    new = {"type": "Outdoor Run", "distance": 5.0, "duration": 2400, "name": "Along the river"}
    for day in range(1, 10):
        someone.api("POST", "/runs", json={**new, "datetime_utc": f"2025-11-0{day}T12:05:31Z"})
    page = someone.page
    find(page, "river")
    expect(page.get_by_role("option", name="Along the river")).to_have_count(8)
    page.get_by_role("option", name="All activities with “river”").click()

    expect(page.get_by_text("9 activities", exact=True)).to_be_visible()


@only_wide
def test_of_many_planned_workouts_the_next_ones_are_found(someone: Someone) -> None:
    planned = {"title": "Hill repeats", "workout_type": "Run"}
    for day in (*(f"2025-11-0{day}" for day in range(1, 7)), "2190-03-02"):
        someone.api("POST", "/planned-workouts", json={**planned, "originally_planned_day": day})
    page = someone.page
    find(page, "hill")
    expect(page.get_by_role("option", name="Hill repeats")).to_have_text(["Hill repeatsPlanned, 2 Mar 2190"])


IN_ORDER = """
() => {
    const indexes = [...document.querySelectorAll('[role=row]')].map((row) => Number(row.ariaRowIndex));
    return indexes.length > 10 && indexes.every((index, at) => at === 0 || indexes[at - 1] < index);
}
"""


@only_wide
def test_a_long_log_is_walked_to_its_end_and_holds_only_the_rows_in_sight(demo: Someone) -> None:
    page = demo.page
    page.goto("/dashboard/log")
    grid = page.get_by_role("grid", name="Activities")
    sums = demo.api("GET", "/timeline/totals")
    total = sum(sums[of] for of in ("runs", "workouts", "rep_sessions"))
    assert total > 500
    page.get_by_role("row").nth(1).focus()
    for _ in range(10):
        page.keyboard.press("End")
        focused = page.locator("[role=row]:focus")
        expect(focused).to_be_visible()
        if focused.get_attribute("aria-rowindex") == str(total + 1):
            break
        expect(grid).not_to_contain_text("Loading more")
    expect(grid).to_have_attribute("aria-rowcount", str(total + 1))
    expect(page.locator("[role=row]:focus")).to_have_attribute("aria-rowindex", str(total + 1))
    assert page.get_by_role("row").count() < 100
    # A jump draws its rows in several frames.
    page.wait_for_function(IN_ORDER)

    page.keyboard.press("Shift+PageUp")
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("chosen")
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Chosen rows")).to_have_count(0)
    page.keyboard.press("Home")
    expect(page.locator("[role=row]:focus")).to_have_attribute("aria-rowindex", "2")
    for key in ("ArrowUp", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Distance")).to_have_attribute("aria-sort", "ascending")
    assert "sort=distance" in page.url


@only_wide
def test_a_range_of_rows_is_chosen_with_shift(someone: Someone, runs: list[dict[str, Any]]) -> None:
    page = someone.page
    page.goto("/dashboard/log")
    choose(page, "Along the river")
    page.get_by_role("row", name="Round the lake").locator("label").click(modifiers=["Shift"])
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("3 chosen")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("2 chosen")
    page.get_by_role("checkbox", name="Select All").click()
    expect(page.get_by_role("region", name="Chosen rows")).to_contain_text("3 chosen")


@only_wide
def test_a_marked_duplicate_is_in_no_list_of_the_log(someone: Someone, runs: list[dict[str, Any]]) -> None:
    someone.api("PATCH", f"/runs/{runs[0]['id']}", json={"name": "Twice"})
    someone.api("PUT", f"/runs/{runs[0]['id']}/duplicate-of", json={"run_id": runs[1]["id"]})
    page = someone.page
    for kind in ("all", "run"):
        page.goto(f"/dashboard/log?kind={kind}")
        expect(page.get_by_role("row", name="Hills")).to_be_visible()
        expect(page.get_by_text("10.0 mi").first).to_be_visible()
        expect(page.get_by_role("row", name="Twice")).to_have_count(0)


@pytest.mark.parametrize("size", [{"width": 768, "height": 1024}], ids=["tablet"])
def test_on_a_tablet_each_run_has_its_shoe_and_two_lines_of_filters_are_above_all(
    someone: Someone, runs: list[dict[str, Any]]
) -> None:
    someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    filters = page.locator(".filters").bounding_box()
    assert filters and filters["height"] < 2 * 44
    assert page.get_by_label("Search").evaluate(ROOM_FOR_WORDS) >= 0
    page.get_by_role("button", name="Shoe of Hills: none").click()
    page.get_by_role("menuitemradio", name="Brooks Ghost").click()
    expect(page.get_by_role("button", name="Shoe of Hills: Brooks Ghost")).to_be_in_viewport(ratio=1)

    # A row leads to its run, and its box chooses it.
    choose(page, "Hills")
    page.keyboard.press("Escape")
    page.get_by_label("Period").select_option("7 days")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_label("Period").select_option("All time")
    page.get_by_text("Hills", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Hills")).to_be_visible()


@only_phone
def test_on_a_phone_a_run_names_its_shoe(someone: Someone, runs: list[dict[str, Any]]) -> None:
    shoe = someone.api("POST", "/shoes", json={"name": "Brooks Ghost"})["id"]
    someone.api("PATCH", f"/runs/{runs[1]['id']}", json={"shoe_id": shoe})
    page = someone.page
    page.goto("/dashboard/log?kind=run")
    expect(page.get_by_role("row", name="Hills")).to_contain_text("Brooks Ghost")


@only_phone
def test_an_address_with_filters_that_there_are_not_shows_the_rest(
    someone: Someone, runs: list[dict[str, Any]]
) -> None:
    page = someone.page
    page.goto("/dashboard/log?kind=yoga&source=Nobody&calendar=soon&sort=luck&order=up&search=Hills")
    expect(page.get_by_role("row", name="Hills")).to_be_visible()
    expect(page.get_by_role("button", name="All", exact=True, pressed=True)).to_be_visible()
    expect(page.get_by_role("row", name="Round the lake")).to_have_count(0)
