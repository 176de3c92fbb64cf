"""Figures as people type them: read with either decimal sign, never guessed, and refused at their field."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide
from tests.browser.test_blame import lift
from tests.browser.test_drop import FILES, drop
from tests.browser.test_live import start, the_workout

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}


def expect_wrong(field: Locator, sentence: str) -> None:
    """What is wrong stands at the field, for the eyes and for those who listen."""
    expect(field).to_have_accessible_description(sentence)


@only_phone
def test_a_decimal_comma_in_live_is_one(someone: Someone) -> None:
    someone.api("PATCH", "/users/me", json={"units": "kilometres"})
    page = someone.page
    start(page, "Bench press")
    weight = page.get_by_role("textbox", name="Weight (kg)")
    weight.fill("1,000")
    expect_wrong(weight, "Write 1000 or 1.00")
    expect(page.get_by_role("button", name="Add set")).to_be_disabled()
    weight.fill("102,5")
    page.get_by_role("button", name="Add set").click()

    expect(page.get_by_role("list", name="Sets")).to_contain_text("102.5 kg × 8")
    expect(weight).to_have_value("102.5")
    page.get_by_role("button", name="Increase weight (kg)").click()
    expect(weight).to_have_value("105")
    expect(page.get_by_text("All saved")).to_be_visible()
    [execution] = the_workout(someone)["exercise_executions"]
    assert [one["weight"] for one in execution["sets"]] == [102.5]


@only_wide
def test_a_comma_that_may_be_of_thousands_is_asked_about(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/log?add=run")
    page.get_by_label("Distance").fill(" ")
    page.get_by_label("Duration").fill("53:10")
    calories = page.get_by_label("Calories")
    calories.fill("1,588")
    save = page.get_by_role("dialog", name="Add run").get_by_role("button", name="Add run")
    save.click()
    expect_wrong(calories, "Write 1588 without a separator")
    expect_wrong(page.get_by_label("Distance"), "A number such as 6.2")
    assert someone.api("GET", "/runs")["items"] == []

    calories.fill("1588")
    page.get_by_label("Distance").fill("26,2")
    page.get_by_label("Duration").fill("3:30")
    save.click()
    expect_wrong(page.get_by_label("Duration"), "Write 3:30:00 or 0:03:30")
    page.get_by_label("Distance").fill("6,25")
    page.get_by_label("Duration").fill("53:10")
    save.click()
    expect(page.get_by_role("row", name="Run")).to_contain_text("6.25 mi")
    [run] = someone.api("GET", "/runs")["items"]
    assert (run["distance"], run["calories"]) == (6.25, 1588)


@only_wide
def test_a_workout_names_all_figures_that_cannot_be_read(someone: Someone) -> None:
    ride = {"workout_type": "CARDIO", "start_ts": "2025-11-02T12:05:00Z", "cardio_session": {"ascent": 84.4}}
    path = f"/workouts/{someone.api('POST', '/workouts', json=ride)['workout_id']}"
    page = someone.page
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Edit", exact=True).click()
    calories, ascent = page.get_by_label("Calories"), page.get_by_label("Ascent")
    calories.fill("many")
    ascent.fill("1,000")
    page.get_by_role("button", name="Save").click()
    expect_wrong(calories, "A number such as 84")
    expect_wrong(ascent, "Write 1000 without a separator")
    assert someone.api("GET", path)["version"] == 1

    calories.fill("640")
    ascent.fill("277")  # as it was shown, in feet
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Workout saved")).to_be_visible()
    saved = someone.api("GET", path)
    assert (saved["calories_burned"], saved["cardio_session"]["ascent"]) == (640, 84.4)


@only_phone
def test_a_decimal_comma_in_a_stored_set_is_one(someone: Someone) -> None:
    workout = lift(someone)
    page = someone.page
    page.goto(f"/dashboard/workouts/{workout}")
    page.get_by_role("button", name="Edit sets of Squat").click()
    page.get_by_label("Weight of set 2").fill("102,5")
    reps = page.get_by_label("Reps of set 2")
    reps.fill("8.5")
    page.get_by_role("button", name="Add set").click()
    expect(page.get_by_label("Weight of set 3")).to_have_value("102,5")
    page.get_by_role("button", name="Remove set 3").click()
    page.get_by_role("button", name="Save").click()
    expect_wrong(reps, "A whole number")
    reps.fill("8")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Workout saved")).to_be_visible()
    [execution] = someone.api("GET", f"/workouts/{workout}")["exercise_executions"]
    assert [(one["weight"], one["reps"]) for one in execution["sets"]] == [(100, 5), (102.5, 8)]


@only_phone
def test_what_cannot_be_read_in_settings_says_so_and_changes_nothing(someone: Someone) -> None:
    someone.api("PATCH", "/users/me", json={"resting_heart_rate": 52})
    page = someone.page
    page.goto("/dashboard/settings")
    rate = page.get_by_label("Resting heart rate")
    rate.fill("about 50")
    goal = page.get_by_label("Weekly goal")
    for typed in ("abc", "-5"):
        goal.fill(typed)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("A number such as 52")).to_be_visible()
        expect(page.get_by_text("A number such as 32")).to_be_visible()
    saved = someone.api("GET", "/users/me")
    assert (saved["resting_heart_rate"], saved["weekly_goal_miles"]) == (52, None)

    rate.fill("51")
    goal.fill("24,5")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Profile saved")).to_be_visible()
    expect(goal).to_have_value("24.5")
    saved = someone.api("GET", "/users/me")
    assert (saved["resting_heart_rate"], saved["weekly_goal_miles"]) == (51, 24.5)


@only_wide
def test_a_form_says_that_the_server_cannot_be_reached(someone: Someone, watch: Watch) -> None:
    run = someone.api("POST", "/runs", json=RUN)
    page = someone.page
    page.goto(f"/dashboard/runs/{run['id']}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Calories").fill("700")
    watch.offline = True
    page.route("**/v1/runs/**", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The server cannot be reached. Try again when the connection is back."
    )

    page.unroute("**/v1/runs/**")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Facts")).to_contain_text("700 kcal")


@only_wide
@pytest.mark.parametrize("several", [False, True])
def test_an_import_whose_answer_is_lost_says_so(someone: Someone, watch: Watch, *, several: bool) -> None:
    page = someone.page
    page.goto("/dashboard/changes")
    page.get_by_role("heading", name="No changes yet").wait_for()
    names = ["history.csv", "pause.gpx"] if several else ["history.csv"]
    drop(page, {name: FILES[name] for name in names})
    dialog = page.get_by_role("dialog")
    if not several:
        dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_role("grid", name="Records")).to_be_visible()
    watch.offline = True

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    page.route("**/v1/jobs/*" if several else "**/v1/imports?*", lose)
    dialog.get_by_role("button", name="Apply").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Whether the import went through is not known")
    expect(dialog).not_to_contain_text("Nothing is changed")
    dialog.get_by_role("button", name="Cancel").click()
    if not several:  # several may still be on their way
        expect(page.get_by_role("list", name="Changes")).to_contain_text("Import from MapMyFitness")
