"""The first page: one question for all that it shows."""

import re
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone, only_phone

RUN = {"type": "Outdoor Run", "distance": 5, "duration": 2400}
MOST_CALLS = 6


@pytest.fixture
def calls(someone: Someone) -> list[str]:
    """The paths that the browser asks the API for from now on."""
    seen: list[str] = []

    def note(url: str) -> None:
        if (path := urlsplit(url).path).startswith("/v1/"):
            seen.append(path)

    someone.page.on("request", lambda request: note(request.url))
    return seen


def test_the_first_view_takes_few_calls_and_shows_everything(someone: Someone, calls: list[str]) -> None:
    someone.api("POST", "/shoes", json={"name": "Ghost"})
    for day in ("01", "02"):
        someone.api("POST", "/runs", json={**RUN, "datetime_utc": f"2025-11-{day}T08:00:00Z", "name": f"Loop {day}"})
    today = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m-%d}"
    tempo = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": today}
    planned = someone.api("POST", "/planned-workouts", json={**tempo, "planned_distance_meters": 9656})
    someone.api("PUT", f"/selections/{planned['id']}", json={"timeOfDay": "evening"})
    page = someone.page

    page.goto("/dashboard/")
    expect(page.get_by_text("Tempo 6.0 mi this evening")).to_be_visible()
    expect(page.get_by_role("list", name="This week")).to_contain_text("plan 6.0")
    for panel in ("Mileage by week", "Fitness and form", "Latest"):
        expect(page.get_by_role("heading", name=panel)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Loop 02"))).to_be_visible()
    page.wait_for_load_state("networkidle")

    assert "/v1/today" in calls
    assert len(calls) <= MOST_CALLS, calls


@only_phone
def test_a_run_that_is_added_is_shown_at_once(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/")
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()

    page.get_by_role("button", name="Add run", exact=True).click()
    page.get_by_label("Distance").fill("5")
    page.get_by_label("Duration").fill("40:00")
    page.get_by_role("button", name="Add run", exact=True).last.click()

    expect(page.get_by_role("heading", name="Latest")).to_be_visible()


def test_what_is_planned_without_a_distance_is_drawn_with_its_length_or_its_title(someone: Someone) -> None:
    someone.api("POST", "/runs", json={**RUN, "datetime_utc": "2025-11-01T08:00:00Z"})
    today = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m-%d}"
    of_today = {"workout_type": "Run", "originally_planned_day": today}
    for planned in (
        {"title": "Tempo", "planned_distance_meters": 9656},
        {"title": "Easy", "planned_duration_hours": 0.75},
        {"title": "Yoga", "workout_type": "Other"},
    ):
        someone.api("POST", "/planned-workouts", json={**of_today, **planned})
    page = someone.page
    page.goto("/dashboard/")
    day = page.get_by_role("list", name="This week").locator("[data-when=today]")
    expect(day).to_contain_text("plan 6.0, 45 min, Yoga")

    [tempo] = (one for one in someone.api("GET", "/planned-workouts")["items"] if one["title"] == "Tempo")
    someone.api("DELETE", f"/planned-workouts/{tempo['id']}")
    page.reload()
    expect(day).to_contain_text("plan 45 min, Yoga")
    expect(day.locator(".week-planned")).to_be_visible()
    assert day.evaluate("element => element.scrollWidth <= element.clientWidth")
