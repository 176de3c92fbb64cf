"""The history of each record, and what is deleted, reached within two presses."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
PLANNED = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2026-03-02"}
NOUNS = {
    "shoes": ({"name": "Brooks"}, "Brooks"),
    "planned-workouts": (PLANNED, "Tempo"),
    "exercises": ({"name": "Front squat"}, "Front squat"),
}
PAGES = {"shoes": "shoes", "planned-workouts": "plan", "exercises": "strength"}


@only_phone
@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_deleted_is_restored_from_the_trash(someone: Someone, noun: str) -> None:
    values, name = NOUNS[noun]
    path = f"/{noun}/{someone.api('POST', f'/{noun}', json=values)['id']}"
    someone.api("DELETE", path)
    page = someone.page
    page.goto(f"/dashboard/{PAGES[noun]}")
    page.get_by_role("button", name="Trash").click()
    page.get_by_role("button", name=f"Restore {name}").click()
    expect(page.get_by_role("dialog")).to_contain_text("are deleted.")
    assert someone.api("GET", path)["version"] == 3

    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name=f"History of {name}").click()
    history = page.get_by_role("dialog", name=f"History of {name}")
    expect(history).to_contain_text("Restoring a version brings it back")
    expect(history.get_by_role("list", name="Versions")).to_contain_text("v4")


@only_wide
@pytest.mark.parametrize("noun", NOUNS)
def test_a_change_leads_to_each_of_its_records(someone: Someone, noun: str) -> None:
    values, name = NOUNS[noun]
    number = someone.api("POST", f"/{noun}", json=values)["id"]
    bookmark = someone.api("POST", "/bookmarks", json={"name": "Before"})
    someone.api("DELETE", f"/{noun}/{number}")
    made = someone.api("POST", "/users/me/rewind", json={"to": bookmark["instant"]})
    page = someone.page
    page.goto(f"/dashboard/changes/{made['changeset_id']}")
    page.get_by_role("row", name=name).click()
    if noun == "planned-workouts":
        page.get_by_role("dialog", name=name).get_by_role("button", name="History").click()

    history = page.get_by_role("dialog", name=f"History of {name}")
    history.get_by_role("link", name=f"change {made['changeset_id']}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rewind")
    expect(page.get_by_role("button", name="Revert")).to_be_visible()


@only_phone
def test_a_version_leads_to_the_change_that_made_it(someone: Someone) -> None:
    run = someone.api("POST", "/runs", json=RUN)["id"]
    bulk = someone.api("POST", "/runs/bulk", json={"ids": [run], "changes": {"notes": "Windy"}})
    page = someone.page
    page.set_viewport_size({"width": 390, "height": 400})
    page.goto(f"/dashboard/runs/{run}")
    page.get_by_role("button", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_in_viewport()
    versions = page.get_by_role("list", name="Versions")
    versions.get_by_role("link", name=f"change {bulk['changeset_id']}").click()
    page.get_by_role("button", name="Revert").click()
    expect(page.get_by_role("dialog")).to_contain_text("Windy")


@only_wide
def test_a_planned_workout_at_its_address_is_shown(someone: Someone, watch: Watch) -> None:
    watch.expected = (404,)
    number = someone.api("POST", "/planned-workouts", json=PLANNED)["id"]
    page = someone.page
    page.goto(f"/dashboard/plan?planned={number}")
    dialog = page.get_by_role("dialog", name="Tempo")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Mon 2 Mar – 8 Mar 2026")).to_be_visible()

    someone.api("DELETE", f"/planned-workouts/{number}")
    page.goto(f"/dashboard/plan?planned={number}")
    expect(page.get_by_role("dialog", name="History of Tempo")).to_contain_text("Deleted")
    page.goto("/dashboard/plan?planned=999")
    expect(page.get_by_role("alert")).to_contain_text("There is no such planned workout")
