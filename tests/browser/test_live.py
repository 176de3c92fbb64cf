"""A workout that is logged while it goes on, with and without a network."""

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import PHONE, Someone, Watch, only_phone, only_wide

TEN = range(1, 11)


@pytest.fixture
def service_worker() -> bool:
    """It serves the page when there is no network."""
    return True


def start(page: Page, *exercises: str) -> None:
    page.goto("/dashboard/live")
    page.get_by_role("button", name="Start workout").click()
    for name in exercises:
        make_exercise(page, name)


def make_exercise(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add exercise").click()
    page.get_by_role("button", name="New exercise").click()
    dialog = page.get_by_role("dialog", name="New exercise")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def add_set(page: Page, *, reps: int) -> None:
    field = page.get_by_label("Reps", exact=True)
    field.fill(str(reps))
    field.press("Tab")
    page.get_by_role("button", name="Add set").click()


def the_workout(someone: Someone) -> dict:
    [workout] = someone.api("GET", "/workouts")["items"]
    return workout


@only_phone
def test_ten_sets_logged_offline_in_a_reloaded_page_are_there_once_each(
    someone: Someone, watch: Watch, size: ViewportSize
) -> None:
    page = someone.page
    start(page, "Front squat")
    expect(page.get_by_text("All saved")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    watch.offline = True
    page.context.set_offline(True)
    page.reload()
    sets = page.get_by_role("list", name="Sets").get_by_role("listitem")
    for reps in TEN:
        add_set(page, reps=reps)
        expect(sets).to_have_count(reps)
    expect(page.get_by_text("10 changes waiting")).to_be_visible()
    page.reload()
    expect(sets).to_have_count(10)
    assert the_workout(someone)["exercise_executions"][0]["sets"] == []

    page.context.set_offline(False)
    expect(page.get_by_text("All saved")).to_be_visible(timeout=30_000)
    [execution] = the_workout(someone)["exercise_executions"]
    assert [one["reps"] for one in execution["sets"]] == list(TEN)

    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert the_workout(someone)["finished_at"] is not None


@only_phone
def test_a_set_whose_answer_is_lost_is_added_once(someone: Someone, watch: Watch) -> None:
    page = someone.page
    start(page, "Row")
    expect(page.get_by_text("All saved")).to_be_visible()
    watch.offline = True

    # The first request reaches the server, and its answer is lost on the way back.
    def lose(route: Route) -> None:
        route.fetch()
        route.abort("internetdisconnected")

    page.route("**/sets", lose, times=1)
    # "All saved" still stands there until the set is in the outbox: wait for the second request's answer.
    with page.expect_response(lambda answer: answer.url.endswith("/sets") and answer.ok, timeout=30_000):
        add_set(page, reps=7)

    expect(page.get_by_text("All saved")).to_be_visible(timeout=30_000)
    [execution] = the_workout(someone)["exercise_executions"]
    assert [one["reps"] for one in execution["sets"]] == [7]


def test_exercises_move_by_keys_and_a_finished_workout_reopens(someone: Someone) -> None:
    page = someone.page
    start(page, "Row", "Bench")
    page.get_by_role("button", name="Order").click()
    up = page.get_by_role("button", name="Move Bench up")
    up.focus()
    up.press("Enter")
    page.get_by_role("button", name="Done").click()
    tabs = page.get_by_role("navigation", name="Exercises of the workout").get_by_role("button")
    expect(tabs.first).to_contain_text("Bench")

    page.get_by_role("button", name="Finish").click()
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("button", name="Add set")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    workout = the_workout(someone)
    assert workout["finished_at"] is None
    assert [one["exercise_name"] for one in workout["exercise_executions"]] == ["Bench", "Row"]


@only_phone
def test_a_set_of_a_workout_that_was_finished_elsewhere_waits_for_a_choice(someone: Someone, watch: Watch) -> None:
    watch.expected = (409,)
    page = someone.page
    start(page, "Row")
    expect(page.get_by_text("All saved")).to_be_visible()
    path = f"/workouts/{the_workout(someone)['id']}"
    someone.api("PATCH", f"{path}/finish")
    add_set(page, reps=7)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("This workout was finished elsewhere. 1 change that you made here since")
    expect(page.get_by_role("button", name="Finish")).to_have_count(0)
    notice.get_by_role("button", name="Reopen and save").click()
    expect(notice).to_have_count(0)
    expect(page.get_by_text("All saved")).to_be_visible()
    workout = the_workout(someone)
    assert (workout["finished_at"], len(workout["exercise_executions"][0]["sets"])) == (None, 1)

    someone.api("PATCH", f"{path}/finish")
    add_set(page, reps=8)
    add_set(page, reps=9)
    notice.get_by_role("button", name="Give up what I logged since").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.get_by_label("Summary")).to_contain_text("1 exercise, 1 set")
    assert the_workout(someone)["finished_at"] is not None


@only_wide
def test_logging_out_leaves_nothing_of_the_workout_in_the_browser(someone: Someone) -> None:
    page = someone.page
    start(page, "Row")
    expect(page.get_by_text("All saved")).to_be_visible()
    if page.viewport_size == PHONE:
        page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("E-mail").wait_for()

    left = page.evaluate("""async () => {
        const db = await new Promise((done) => {
            const request = indexedDB.open("fitness-live");
            request.onsuccess = () => done(request.result);
        });
        const stores = [...db.objectStoreNames];
        const transaction = db.transaction(stores);
        return Promise.all(stores.map((name) => new Promise((done) => {
            const request = transaction.objectStore(name).count();
            request.onsuccess = () => done(request.result);
        })));
    }""")
    assert left == [0, 0, 0, 0]


@only_wide
def test_a_note_from_elsewhere_stays(someone: Someone) -> None:
    page = someone.page
    start(page, "Row")
    expect(page.get_by_text("All saved")).to_be_visible()
    workout = the_workout(someone)
    path = f"/workouts/{workout['id']}/exercise-executions/{workout['exercise_executions'][0]['exercise_id']}"
    someone.api("PATCH", path, json={"note": "With a belt"})
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    note = page.get_by_label("Note on the exercise")
    expect(note).to_have_value("With a belt")
    note.press("Tab")
    add_set(page, reps=7)
    expect(page.get_by_role("list", name="Sets").get_by_text("saved")).to_be_visible()
    assert the_workout(someone)["exercise_executions"][0]["note"] == "With a belt"

    note.fill("Without a belt")
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        note.press("Tab")
    assert the_workout(someone)["exercise_executions"][0]["note"] == "Without a belt"


@only_phone
def test_what_is_taken_out_comes_back_where_it_was(someone: Someone) -> None:
    page = someone.page
    start(page, "Row")
    sets = page.get_by_role("list", name="Sets").get_by_role("listitem")
    for number, reps in enumerate((7, 8, 9), start=1):
        add_set(page, reps=reps)
        expect(sets).to_have_count(number)
    sets.nth(1).get_by_role("button").click()
    page.get_by_role("dialog", name="Set 2").get_by_role("button", name="Delete").click()
    expect(sets).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(sets.nth(1)).to_contain_text("8")
    expect(sets).to_have_count(3)

    make_exercise(page, "Bench")
    page.get_by_role("button", name="Order").click()
    page.get_by_role("button", name="Take Row out").click()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Row 3").click()
    expect(page.get_by_text("All saved")).to_be_visible()
    [row, _] = the_workout(someone)["exercise_executions"]
    assert (row["exercise_name"], [one["reps"] for one in row["sets"]]) == ("Row", [7, 8, 9])


@only_phone
def test_undo_puts_a_set_last_where_its_place_is_taken(someone: Someone, watch: Watch) -> None:
    watch.expected = (422,)
    page = someone.page
    start(page, "Row")
    sets = page.get_by_role("list", name="Sets").get_by_role("listitem")
    for number, reps in enumerate((7, 8), start=1):
        add_set(page, reps=reps)
        expect(sets).to_have_count(number)
    sets.nth(1).get_by_role("button").click()
    page.get_by_role("dialog", name="Set 2").get_by_role("button", name="Delete").click()
    expect(sets).to_have_count(1)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    add_set(page, reps=9)
    undo.click()
    expect(sets).to_have_count(3)
    expect(page.get_by_text("All saved")).to_be_visible()
    [row] = the_workout(someone)["exercise_executions"]
    assert [one["reps"] for one in row["sets"]] == [7, 9, 8]


@only_phone
def test_a_set_that_was_begun_and_a_note_outlast_a_look_at_something_else(someone: Someone) -> None:
    page = someone.page
    start(page, "Row", "Bench")
    reps = page.get_by_label("Reps", exact=True)
    reps.fill("12")
    reps.press("Tab")
    tabs = page.get_by_role("navigation", name="Exercises of the workout")
    tabs.get_by_role("button", name="Row").click()
    expect(reps).to_have_value("8")
    tabs.get_by_role("button", name="Bench").click()
    expect(reps).to_have_value("12")

    note = page.get_by_label("Note on the exercise")
    expect(page.get_by_text("All saved")).to_be_visible()
    page.get_by_role("link", name="Log", exact=True).click()
    page.go_back()
    tabs.get_by_role("button", name="Bench").click()
    expect(reps).to_have_value("12")
    note.fill("Left")
    page.go_forward()
    expect(page.get_by_role("heading", level=1, name="Log")).to_be_visible()
    page.go_back()
    tabs.get_by_role("button", name="Bench").click()
    expect(note).to_have_value("Left")
    note.fill("Left shoulder")
    page.reload()
    tabs.get_by_role("button", name="Bench").click()
    expect(note).to_have_value("Left shoulder")
    expect(reps).to_have_value("12")

    page.get_by_role("button", name="Add set").click()
    expect(page.get_by_role("list", name="Sets").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_text("All saved")).to_be_visible()
    notes = {one["exercise_name"]: one["note"] for one in the_workout(someone)["exercise_executions"]}
    assert notes == {"Row": None, "Bench": "Left shoulder"}


@only_phone
def test_the_names_of_exercises_stand_in_a_row_to_be_swiped(someone: Someone) -> None:
    page = someone.page
    start(page, "Front squat", "Bench press", "Cable row")
    tabs = page.get_by_role("navigation", name="Exercises of the workout")
    expect(page.get_by_text("All saved")).to_be_visible()
    for name in ("Front squat", "Bench press", "Cable row"):
        box = tabs.get_by_role("button", name=name).bounding_box()
        assert box
        assert box["height"] < 60
        assert box["width"] > 60


@only_phone
def test_the_last_time_of_an_exercise_is_known_however_many_workouts_came_since(someone: Someone) -> None:
    lift = {"workout_type": "STRENGTH", "end_ts": "2025-01-01T18:00:00Z"}
    rare = [{"exercise_name": "Nordic Curl", "weight": None, "reps": reps} for reps in (7, 6)]
    often = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    someone.api("POST", "/workouts", json={**lift, "start_ts": "2025-01-01T17:00:00Z", "strength_sets": rare})
    for day in range(51):
        start_ts = f"2025-{2 + day // 28:02}-{1 + day % 28:02}T17:00:00Z"
        later = {**lift, "start_ts": start_ts, "end_ts": start_ts.replace("17:", "18:"), "strength_sets": often}
        someone.api("POST", "/workouts", json=later)
    page = someone.page
    start(page)
    page.get_by_role("button", name="Add exercise").click()
    page.get_by_role("dialog").get_by_role("button", name="Nordic Curl").click()

    expect(page.get_by_label("Nordic Curl", exact=True)).to_contain_text("7 reps, 6 reps")
    expect(page.get_by_label("Reps", exact=True)).to_have_value("7")
