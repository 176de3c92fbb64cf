"""The plan in the dashboard: one move is one call, by whatever means."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import Someone, calls_of, only_phone, only_wide

PLAN = Path(__file__).parents[1] / "data" / "trainingpeaks_plan.csv"
MONDAY = date(2026, 3, 2)


def add(someone: Someone, title: str, day: date, **values: Any) -> int:
    body = {"title": title, "workout_type": "Run", "originally_planned_day": day.isoformat(), **values}
    return someone.api("POST", "/planned-workouts", json=body)["id"]


def place(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


@pytest.fixture
def puts(page: Page) -> list[str]:
    """All calls so far that change a selection."""
    paths: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and "/v1/selections/" in request.url:
            paths.append(urlsplit(request.url).path)

    page.on("request", note)
    return paths


def standing(someone: Someone, planned: int) -> tuple[str, str | None]:
    """Return the day and the time of day that it is planned for now."""
    now = someone.api("GET", f"/planned-workouts/{planned}")
    return now["current_day"], now["selection"]["timeOfDay"]


@only_wide
def test_a_planned_workout_is_moved_by_mouse_in_one_call(someone: Someone, puts: list[str]) -> None:
    planned = add(someone, "Tempo", MONDAY)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    target = place(page, "Wed 4 Mar, evening")
    page.get_by_text("Tempo", exact=True).drag_to(target)

    expect(target).to_contain_text("Tempo")
    expect(page.get_by_text("Tempo moved")).to_be_visible()
    assert puts == [f"/v1/selections/{planned}"]
    assert standing(someone, planned) == ("2026-03-04", "evening")


@only_phone
def test_a_planned_workout_is_moved_by_touch_in_one_call(someone: Someone, puts: list[str]) -> None:
    planned = add(someone, "Tempo", MONDAY)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    target = place(page, "Tue 3 Mar, morning")
    target.scroll_into_view_if_needed()
    start, end = (middle(one) for one in (page.get_by_role("button", name="Move Tempo"), target))
    finger = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [start]), ("touchMove", [end]), ("touchEnd", [])):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    expect(target).to_contain_text("Tempo")
    expect(page.get_by_text("Tempo moved")).to_be_visible()
    assert puts == [f"/v1/selections/{planned}"]
    assert standing(someone, planned) == ("2026-03-03", "morning")


def middle(locator: Locator) -> dict[str, float]:
    box = locator.bounding_box()
    assert box
    return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}


def test_a_planned_workout_is_moved_by_keys_in_one_call(someone: Someone, puts: list[str]) -> None:
    planned = add(someone, "Tempo", MONDAY)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    grip = page.get_by_role("button", name="Move Tempo")
    target = page.locator("[aria-label='Tue 3 Mar, morning']")
    grip.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".plan-card[data-dragging]")).to_have_count(1)
    for _ in range(7 * 4 + 1):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")

    expect(place(page, "Tue 3 Mar, morning")).to_contain_text("Tempo")
    expect(page.get_by_text("Tempo moved")).to_be_visible()
    assert puts == [f"/v1/selections/{planned}"]
    assert standing(someone, planned) == ("2026-03-03", "morning")


@only_phone
def test_a_move_is_taken_back_by_one_call(someone: Someone) -> None:
    planned = add(someone, "Tempo", MONDAY)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    page.get_by_role("button", name="Tempo Missed").click()
    dialog = page.get_by_role("dialog", name="Tempo")
    calls = calls_of(page)
    dialog.get_by_role("button", name="Leave it without a day").click()
    expect(place(page, "Without a day")).to_contain_text("Tempo")
    page.get_by_role("button", name="Undo").click()

    expect(place(page, "Mon 2 Mar, any time")).to_contain_text("Tempo")
    paths = [(call.split()[0], urlsplit(call.split()[1]).path) for call in calls]
    assert paths == [("PUT", f"/v1/selections/{planned}"), ("POST", f"/v1/planned-workouts/{planned}/restore/1")]


def test_the_cards_say_by_signs_and_words_what_sport_they_are(someone: Someone) -> None:
    types = ("Run", "Strength", "Bike", "Race", "Day Off", "Other")
    for type_ in types:
        add(someone, f"Planned {type_}", MONDAY, workout_type=type_)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    cards = {name: page.get_by_role("button", name=f"Planned {name}", exact=False).last for name in types}
    kinds = {name: card.locator("[data-kind]") for name, card in cards.items()}
    for name, kind in (("Run", "run"), ("Strength", "lift"), ("Bike", "cardio"), ("Race", "run")):
        expect(kinds[name]).to_have_attribute("data-kind", kind)
        expect(kinds[name]).to_have_attribute("aria-label", name)
    for name in ("Day Off", "Other"):
        expect(kinds[name]).to_have_count(0)
    # What no sign says, words do.
    for name in ("Bike", "Race", "Day Off", "Other"):
        expect(cards[name].locator(".plan-notes")).to_contain_text(name)


@only_wide
def test_the_focus_returns_when_dialogs_followed(someone: Someone) -> None:
    add(someone, "Tempo", MONDAY)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    card = page.get_by_role("button", name="Tempo Missed")
    for name in ("History", "Edit"):
        card.focus()
        card.press("Enter")
        page.get_by_role("dialog", name="Tempo").get_by_role("button", name=name).press("Enter")
        dialog = page.get_by_role("dialog", name=f"{name}")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(card).to_be_focused()


@only_phone
def test_what_was_run_fulfils_the_plan_and_counts_in_the_week(someone: Someone) -> None:
    planned = add(someone, "Easy", MONDAY, planned_distance_meters=8000)
    run = {"datetime_utc": "2026-03-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = someone.api("POST", "/runs", json={**run, "name": "Along the river"})
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    page.get_by_role("button", name="Easy Missed").click()
    candidate = page.get_by_role("listitem").filter(has_text="Along the river")
    candidate.get_by_role("button", name="This one").click()

    expect(page.get_by_role("link", name="Open the run that fulfils it")).to_be_visible()
    expect(page.get_by_role("dialog")).to_contain_text("Mon 2 Mar · 5.0 of 5.0 mi · 40 min")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Easy Done · 5.0 of 5.0 mi · 40 min")).to_be_visible()
    expect(page.get_by_label("Planned against done")).to_contain_text("1 of 1")
    assert someone.api("GET", f"/planned-workouts/{planned}")["done"]["run_id"] == made["id"]


@only_wide
def test_plan_and_today_count_the_same_miles_of_the_week(someone: Someone) -> None:
    midnight = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=0, minute=0, second=0, microsecond=0)
    planned = add(someone, "Easy", midnight.date(), planned_distance_meters=16093.44)
    run = {"type": "Outdoor Run", "duration": 2400}
    made = [
        someone.api("POST", "/runs", json={**run, "datetime_utc": at.astimezone(UTC).isoformat(), "distance": miles})
        for at, miles in ((midnight, 2.4), (midnight + timedelta(minutes=50), 3.5))
    ]
    someone.api("PUT", f"/planned-workouts/{planned}/done", json={"run_id": made[0]["id"]})
    page = someone.page
    page.goto("/dashboard/")
    sentence = page.locator(".sentence")
    expect(sentence).to_contain_text("5.9 of 10.0 mi this week")
    expect(sentence).to_contain_text("2.4 mi done as planned")

    page.get_by_role("link", name="Plan", exact=True).first.click()
    figures = page.get_by_label("Planned against done")
    expect(figures).to_contain_text("5.9 of 10.0 mi")
    expect(figures).to_contain_text("run this week")
    expect(figures).to_contain_text("2.4 mi done as planned")


@only_wide
def test_a_planned_workout_is_added_corrected_and_deleted(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/plan?view=month&day=2026-03-02")
    page.get_by_role("button", name="Add planned workout").click()
    page.get_by_label("Title").fill("Long run")
    page.get_by_label("Day", exact=True).fill("2026-03-08")
    page.get_by_label("Distance").fill("12")
    page.get_by_role("button", name="Add to the plan").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/dashboard/plan?view=month&day=2026-03-02")
    page.get_by_role("button", name="Long run Missed").click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Duration").fill("1:45:00")
    page.get_by_label("Reason").fill("Slower")
    page.get_by_role("button", name="Save").click()
    expect(place(page, "Sun 8 Mar")).to_contain_text("12.0 mi · 1 h 45 min")
    planned = someone.api("GET", "/planned-workouts")["items"][0]
    history = someone.api("GET", f"/planned-workouts/{planned['id']}/history")["items"]
    assert history[0]["change_reason"] == "Slower"

    page.get_by_role("button", name="Long run Missed").click()
    page.get_by_role("button", name="Delete").click()
    expect(place(page, "Sun 8 Mar")).not_to_contain_text("Long run")
    assert someone.api("GET", "/planned-workouts")["items"] == []


@only_wide
def test_a_plan_is_imported_as_one_change(someone: Someone) -> None:
    page = someone.page
    page.goto(f"/dashboard/plan?day={MONDAY - timedelta(days=119)}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files(PLAN)
    dialog = page.get_by_role("dialog", name="Import trainingpeaks_plan.csv")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("A file of TrainingPeaks")).to_be_visible()
    dialog.get_by_role("button", name="Apply").click()

    expect(place(page, "Mon 3 Nov, any time")).to_contain_text("Easy aerobic run")
    assert len(someone.api("GET", "/changesets")["items"]) == 1


@only_wide
def test_a_run_that_is_deleted_fulfils_the_plan_again_when_it_is_restored(someone: Someone) -> None:
    day = date(2025, 11, 4)
    planned = add(someone, "Tempo", day)
    run = {"datetime_utc": f"{day}T12:00:00Z", "type": "Outdoor Run", "distance": 6.2, "duration": 3120}
    number = someone.api("POST", "/runs", json=run)["id"]
    someone.api("PUT", f"/planned-workouts/{planned}/done", json={"run_id": number})
    page = someone.page
    page.goto(f"/dashboard/plan?day={day}")
    card = page.locator(".plan-open").filter(has_text="Tempo")
    expect(card).to_contain_text("Done")

    someone.api("DELETE", f"/runs/{number}")
    page.reload()
    expect(card).to_contain_text("Missed")
    card.click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="What fulfils it?")).to_be_visible()
    page.keyboard.press("Escape")

    someone.api("POST", f"/runs/{number}/restore/1")
    page.reload()
    expect(card).to_contain_text("Done")


@only_wide
def test_a_plan_that_names_no_lengths_has_no_figure_of_time(someone: Someone) -> None:
    add(someone, "Tempo", MONDAY, planned_distance_meters=9656)
    page = someone.page
    page.goto("/dashboard/plan?day=2026-03-02")
    figures = page.get_by_role("region", name="Planned against done")
    expect(figures).to_contain_text("0 of 1")
    expect(figures).not_to_contain_text("time as planned")

    add(someone, "Easy", MONDAY, planned_duration_hours=0.75)
    page.reload()
    expect(figures).to_contain_text("0 min of 45 min")
