"""Two shoes, or two exercises, that are one."""

from playwright.sync_api import expect

from tests.browser.conftest import Someone, only_phone, only_wide

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}


@only_wide
def test_a_shoe_is_merged_after_a_preview_and_that_is_undone(someone: Someone) -> None:
    one, other = (someone.api("POST", "/shoes", json={"name": name})["id"] for name in ("Ghost", "Ghost 16"))
    run = someone.api("POST", "/runs", json={**RUN, "shoe_id": one})
    page = someone.page
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="Merge Ghost", exact=True).click()
    dialog = page.get_by_role("dialog", name="Merge Ghost")
    dialog.get_by_label("Into").select_option("Ghost 16")
    preview = dialog.get_by_role("region", name="Preview")
    expect(preview.get_by_role("row", name="Ghost 5 mi in 1 run")).to_contain_text("deleted")

    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("button", name="Merge Ghost", exact=True)).to_have_count(0)
    assert someone.api("GET", f"/runs/{run['id']}")["shoe_id"] == other
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Merge Ghost", exact=True)).to_be_visible()
    assert someone.api("GET", f"/runs/{run['id']}")["shoe_id"] == one


@only_phone
def test_an_exercise_is_merged_after_a_preview(someone: Someone) -> None:
    sets = [
        {"set_index": 1, "weight": 100.0, "weight_unit": "kg", "reps": 5, "exercise_name": name}
        for name in ("Back Squat", "Squat")
    ]
    times = {"start_ts": "2025-11-03T17:00:00Z", "end_ts": "2025-11-03T18:00:00Z"}
    for one in sets:
        someone.api("POST", "/workouts", json={"workout_type": "STRENGTH", **times, "strength_sets": [one]})
    squat = next(
        one["id"] for one in someone.api("GET", "/exercises?source=own")["items"] if one["name"] == "Back Squat"
    )
    page = someone.page
    page.goto(f"/dashboard/strength?exercise={squat}&period=all")
    page.get_by_role("button", name="Merge Back Squat").click()
    dialog = page.get_by_role("dialog", name="Merge Back Squat")
    dialog.get_by_label("Into").select_option("Squat")
    expect(dialog.get_by_role("row", name="Back Squat")).to_contain_text("1 set in 1 workout")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Back Squat merged into Squat")).to_be_visible()
    assert [one["name"] for one in someone.api("GET", "/exercises?source=own")["items"]] == ["Squat"]
