"""Who set what: fields and sets say so, the history says what changed, and edits of an old version ask."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
SETS = [{"set_index": number, "weight": 100.0, "weight_unit": "kg", "reps": 5} for number in (1, 2)]

TODAY = """new Date().toLocaleDateString("sv", {timeZone: "Europe/Berlin"})"""
"""The day of the account in the browser; the one in UTC is another in the last hours of it."""


def lift(someone: Someone) -> str:
    """Store a workout with two sets of squats; return its id."""
    sets = [{**one, "exercise_name": "Squat"} for one in SETS]
    workout = {"workout_type": "STRENGTH", "title": "Legs", "start_ts": "2025-11-03T17:00:00Z", "strength_sets": sets}
    return someone.api("POST", "/workouts", json={**workout, "end_ts": "2025-11-03T18:00:00Z"})["workout_id"]


@only_wide
def test_a_field_says_who_set_it_when_and_why(someone: Someone) -> None:
    run = someone.api("POST", "/runs", json=RUN)
    someone.api("PATCH", f"/runs/{run['id']}", json={"distance": 5.2, "change_reason": "GPS was off"})
    page = someone.page
    page.goto(f"/dashboard/runs/{run['id']}")
    distance = page.get_by_label("Facts").get_by_role("button", name="5.20 mi")
    origin = page.get_by_role("tooltip").filter(has_text="GPS was off")
    expect(origin).to_be_hidden()
    distance.focus()
    expect(origin).to_be_visible()
    expect(origin).to_contain_text("version 2")
    page.keyboard.press("Escape")
    expect(origin).to_be_hidden()

    duration = page.get_by_label("Facts").get_by_role("button", name="40:00")
    duration.hover()
    expect(page.get_by_role("tooltip").filter(visible=True)).to_contain_text("version 1")


@only_phone
def test_a_set_says_who_set_it_and_the_history_what_changed_in_it(someone: Someone) -> None:
    workout = lift(someone)
    page = someone.page
    page.goto(f"/dashboard/workouts/{workout}")
    page.get_by_role("button", name="Edit sets of Squat").click()
    page.get_by_label("Reps of set 2").fill("6")
    page.get_by_label("Reason").fill("Miscounted")
    page.get_by_role("button", name="Save").click()

    versions = page.get_by_role("list", name="Versions")
    expect(versions.locator("ins").filter(has_text="100 kg × 6")).to_be_visible()
    page.get_by_label("Facts").get_by_role("button", name="100 kg × 6").focus()
    expect(page.get_by_role("tooltip").filter(visible=True)).to_contain_text("Miscounted")


@only_phone
def test_who_edits_an_older_version_of_a_workout_sees_both_and_chooses(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    workout = lift(someone)
    page = someone.page
    page.goto(f"/dashboard/workouts/{workout}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("Squats")
    someone.api("PATCH", f"/workouts/{workout}", json={"title": "Lower body", "notes": "Hot"})
    page.get_by_role("button", name="Save").click()

    dialog = page.get_by_role("dialog", name="This workout changed meanwhile")
    title = dialog.get_by_role("row", name="Title")
    expect(title.locator("del")).to_have_text("Lower body")
    expect(title.locator("ins")).to_have_text("Squats")
    dialog.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="Squats")).to_be_visible()
    assert someone.api("GET", f"/workouts/{workout}")["notes"] == "Hot"


@only_wide
def test_who_edits_an_older_version_of_a_planned_workout_sees_both_and_chooses(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page = someone.page
    page.goto("/dashboard/plan")
    day = someone.page.evaluate(TODAY)
    tempo = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": day}
    planned = someone.api("POST", "/planned-workouts", json=tempo)
    page.reload()
    page.get_by_role("button", name="Run Tempo", exact=True).click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("Intervals")
    someone.api("PATCH", f"/planned-workouts/{planned['id']}", json={"title": "Hills"})
    page.get_by_role("button", name="Save").click()

    title = page.get_by_role("dialog").get_by_role("row", name="Title")
    expect(title.locator("del")).to_have_text("Hills")
    expect(title.locator("ins")).to_have_text("Intervals")
    page.get_by_role("button", name="Keep what is there").click()
    assert someone.api("GET", f"/planned-workouts/{planned['id']}")["title"] == "Hills"


def see_and_take_back(page: Page, after: str, before: str) -> None:
    """See in an open history who made an edit and why, compare it with the version before, and restore that."""
    dialog = page.get_by_role("dialog", name="History of")
    dialog.get_by_role("button", name=after).focus()
    expect(dialog.get_by_role("tooltip").filter(visible=True)).to_contain_text("Better so")
    dialog.get_by_role("button", name="Compare").click()
    change = page.get_by_role("dialog", name="Compare versions").get_by_role("row").filter(has_text=after)
    expect(change.locator("del")).to_have_text(before)
    page.get_by_role("dialog", name="Compare versions").get_by_role("button", name="Close").click()
    dialog.get_by_role("button", name="Restore").click()
    page.get_by_role("dialog", name="Restore version 1").get_by_role("button", name="Restore").click()
    expect(dialog.get_by_role("listitem").filter(has_text="v3")).to_contain_text("Restored to version 1")
    dialog.get_by_role("button", name="Close").click()


@only_wide
def test_records_without_a_page_have_a_history_that_is_compared_and_restored(someone: Someone) -> None:
    page = someone.page
    today = page.evaluate(TODAY)
    tempo = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": today}
    planned = someone.api("POST", "/planned-workouts", json=tempo)["id"]
    shoe = someone.api("POST", "/shoes", json={"name": "Ghost", "notes": "Blue"})["id"]
    lift(someone)
    [squat] = someone.api("GET", "/exercises?source=own")["items"]
    for path, changes in (
        (f"planned-workouts/{planned}", {"title": "Hills"}),
        (f"shoes/{shoe}", {"notes": "Green"}),
        (f"exercises/{squat['id']}", {"body_part": "Legs"}),
    ):
        someone.api("PATCH", f"/{path}", json={**changes, "change_reason": "Better so"})

    page.goto("/dashboard/plan")
    page.get_by_role("button", name="Run Hills", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="History").click()
    see_and_take_back(page, "Hills", "Tempo")
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="History").click()
    see_and_take_back(page, "Green", "Blue")
    page.goto("/dashboard/strength?period=all")
    page.get_by_role("button", name="History of Squat").click()
    see_and_take_back(page, "Legs", squat["body_part"] or "–")

    assert someone.api("GET", f"/planned-workouts/{planned}")["title"] == "Tempo"
    assert someone.api("GET", f"/shoes/{shoe}")["notes"] == "Blue"
    assert someone.api("GET", f"/exercises/{squat['id']}")["body_part"] == squat["body_part"]
