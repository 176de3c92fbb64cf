"""The inbox in the dashboard: conflicts, duplicates, failed calendar syncs."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Someone, only_phone, only_wide

EXPORT = Path(__file__).parents[1] / "data" / "mapmyfitness.csv"
RUN = "mmf_8698100744"


def disagree(someone: Someone) -> None:
    """Import runs, edit one, and import them again with another value of the field that was edited."""
    before = EXPORT.read_bytes()
    someone.api("POST", "/mmf/upload-csv", files={"file": before})
    someone.api("PATCH", f"/runs/{RUN}", json={"distance": 4.1})
    someone.api("POST", "/mmf/upload-csv", files={"file": before.replace(b"451,4.00002", b"451,4.2")})


def open_inbox(page: Page) -> None:
    page.goto("/dashboard/inbox")
    page.get_by_role("heading", name="Inbox").wait_for()


@only_phone
def test_an_inbox_in_which_nothing_waits_says_so(someone: Someone) -> None:
    open_inbox(someone.page)
    expect(someone.page.get_by_role("heading", name="Nothing waits")).to_be_visible()


def test_a_conflict_shows_both_values_and_is_decided_with_one_key(someone: Someone) -> None:
    disagree(someone)
    page = someone.page
    open_inbox(page)
    conflict = page.get_by_role("listitem").filter(has_text="Distance").last
    expect(conflict).to_contain_text("4.10 mi")
    expect(conflict).to_contain_text("4.20 mi")
    expect(page.locator(".count-badge:visible").first).to_have_text("1")

    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    expect(page.locator(".count-badge")).to_have_count(0)
    assert someone.api("GET", f"/runs/{RUN}")["distance"] == 4.2

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert someone.api("GET", f"/runs/{RUN}")["distance"] == 4.1
    expect(conflict).to_contain_text("4.20 mi")
    assert [one["theirs"] for one in someone.api("GET", "/conflicts")["items"]] == [4.2]


@only_phone
def test_a_conflict_is_decided_for_your_own_value(someone: Someone) -> None:
    disagree(someone)
    page = someone.page
    open_inbox(page)
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert someone.api("GET", "/conflicts")["items"] == []
    assert someone.api("GET", f"/runs/{RUN}")["distance"] == 4.1

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Keep mine")).to_be_visible()
    assert [one["theirs"] for one in someone.api("GET", "/conflicts")["items"]] == [4.2]


def test_duplicates_stand_side_by_side_and_each_is_decided_with_one_key(someone: Someone) -> None:
    run = {"datetime_utc": "2025-11-02T12:05:00Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    someone.api("POST", "/runs", json=run)
    someone.api("POST", "/runs", json={**run, "distance": 5.02})
    workout = {
        "workout_type": "CARDIO",
        "start_ts": "2025-11-03T17:00:00Z",
        "end_ts": "2025-11-03T18:00:00Z",
        "cardio_session": {"distance_miles": 10.0, "duration_seconds": 3600},
    }
    someone.api("POST", "/workouts", json={**workout, "title": "Evening ride"})
    someone.api("POST", "/workouts", json={**workout, "title": "Ride home"})
    page = someone.page
    open_inbox(page)
    runs = page.get_by_role("listitem", name="Run ")
    expect(runs.get_by_role("row", name="Distance")).to_contain_text("5.02 mi")
    workouts = page.get_by_role("listitem", name="Workout ")
    expect(workouts.get_by_role("row", name="Title")).to_contain_text("Ride home")

    page.keyboard.press("s")
    expect(runs).to_have_count(0)
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert [bool(run["duplicate_of"]) for run in someone.api("GET", "/runs")["items"]].count(True) == 1
    assert [workout["duplicate_of"] for workout in someone.api("GET", "/workouts")["items"]] == [None, None]


@only_wide
def test_a_failed_calendar_sync_says_why_and_is_tried_again_with_one_key(someone: Someone) -> None:
    run = {"datetime_utc": "2025-11-02T12:05:00Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    made = someone.api("POST", "/runs", json={**run, "name": "Along the river"})
    # Nobody is connected with Google here: the page sees the answers of a server on which a sync failed.
    failed = {"run_id": made["id"], "run_version": 1, "sync_status": "failed", "error_message": "Google said no"}
    waiting, tried = [failed], list[str]()
    page = someone.page

    def try_again(route: Route) -> None:
        tried.append(route.request.method)
        waiting.clear()
        route.fulfill(json={**failed, "sync_status": "synced", "error_message": None})

    counts = {"conflicts": 0, "duplicates": 0}
    page.route("**/v1/inbox", lambda route: route.fulfill(json={**counts, "failed_calendar_syncs": len(waiting)}))
    page.route("**/v1/sync/runs/failed*", lambda route: route.fulfill(json={"items": waiting, "next_cursor": None}))
    page.route(f"**/v1/sync/runs/{made['id']}", try_again)
    open_inbox(page)
    expect(page.get_by_role("listitem", name="Along the river")).to_contain_text("Google said no")

    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert tried == ["POST"]
