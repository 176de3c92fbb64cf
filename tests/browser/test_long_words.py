"""Words without a blank, such as addresses: they break, and no page scrolls sideways."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone, only_phone

LONG = "https://example.com/" + "routes-along-the-river-" * 8


@pytest.mark.parametrize("path", ["", "shoes", "runs", "log"])
def test_long_words_break(someone: Someone, path: str) -> None:
    shoe = someone.api("POST", "/shoes", json={"name": LONG[:190]})["id"]
    run = {"type": "Outdoor Run", "duration": 300_000, "datetime_utc": "2025-11-02T12:05:31Z", "name": LONG[:200]}
    made = someone.api("POST", "/runs", json={**run, "distance": 450.0, "shoe_id": shoe})["id"]
    someone.api("PATCH", f"/runs/{made}", json={"shoe_id": None, "notes": LONG})
    someone.api("PATCH", f"/runs/{made}", json={"shoe_id": shoe})
    page = someone.page

    page.goto(f"/dashboard/{path}/{made}" if path == "runs" else f"/dashboard/{path}")

    expect(page.get_by_text("routes-along-the-river").first).to_be_visible()
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


@only_phone
@pytest.mark.parametrize("path", ["plan", "live", "strength", "settings", "workouts"])
def test_long_words_of_lifts_and_plans_break(someone: Someone, path: str) -> None:
    sets = [{"exercise_name": LONG[:200], "weight": 100, "reps": 5, "note": LONG[:200]}]
    lift = {"workout_type": "STRENGTH", "title": LONG[:200], "notes": LONG, "strength_sets": sets}
    workout = someone.api("POST", "/workouts", json=lift)["workout_id"]
    someone.api("POST", "/workouts", json={**lift, "in_progress": True})
    plan = {"title": LONG[:200], "workout_type": "Run", "coach_comments": LONG}
    someone.api("POST", "/planned-workouts", json={**plan, "originally_planned_day": "2026-03-02"})
    someone.api("POST", "/auth/tokens", json={"name": LONG[:100], "scopes": ["read"]})
    page = someone.page

    page.goto(f"/dashboard/{path}" + {"workouts": f"/{workout}", "plan": "?day=2026-03-02"}.get(path, ""))

    expect(page.get_by_text("routes-along-the-river").first).to_be_visible()
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room
    if path == "plan":
        page.locator(".plan-open").click()
        dialog = page.get_by_role("dialog")
        assert dialog.evaluate("one => one.scrollWidth <= one.clientWidth")


@only_phone
@pytest.mark.parametrize(
    ("path", "box"),
    [("live", ".earlier button"), ("plan?day=2026-03-02", ".plan-card"), ("workouts", ".workout-sets b")],
)
def test_words_without_any_place_to_break_stay_in_their_box(someone: Someone, path: str, box: str) -> None:
    word = "w" * 150
    sets = [{"exercise_name": word, "weight": 100, "reps": 5, "note": word}]
    times = {"start_ts": "2026-03-02T17:00:00Z", "end_ts": "2026-03-02T18:00:00Z"}
    lift = {"workout_type": "STRENGTH", "title": word, **times, "strength_sets": sets}
    workout = someone.api("POST", "/workouts", json=lift)["workout_id"]
    plan = {"title": word, "workout_type": word[:50], "originally_planned_day": "2026-03-02"}
    someone.api("POST", "/planned-workouts", json=plan)
    page = someone.page
    page.goto(f"/dashboard/{path}" + (f"/{workout}" if path == "workouts" else ""))

    shown = page.locator(box).first
    expect(shown).to_be_visible()
    inside = "one => one.scrollWidth <= one.clientWidth"
    assert path == "workouts" or shown.evaluate(inside)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if path == "workouts":
        # The figures of a set stay in one line beside a long note.
        assert shown.evaluate("one => one.getBoundingClientRect().height") < 30


@only_phone
@pytest.mark.parametrize("path", ["plan", "trends", "strength", "shoes"])
def test_pages_fit_a_magnified_phone(demo: Someone, path: str) -> None:
    page = demo.page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/dashboard/{path}")

    expect(page.locator("main h1")).to_be_visible()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room


@only_phone
def test_the_totals_of_many_years_fit_a_phone(someone: Someone) -> None:
    page = someone.page
    way = {"miles": 74_497.0, "runs": 10_000}
    page.route("**/v1/metrics/mileage/total?*", lambda route: route.fulfill(json=way))
    page.route("**/v1/metrics/seconds/total?*", lambda route: route.fulfill(json={"seconds": 34_957_020}))
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto("/dashboard/trends?period=all")
        expect(page.get_by_text("9,710 h 17 min")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
