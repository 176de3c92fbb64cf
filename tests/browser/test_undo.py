"""What Undo takes back, and what it leaves alone."""

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Someone, Watch, calls_of, only_phone, only_wide

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400, "name": "Base"}
LIFT = {
    "workout_type": "STRENGTH",
    "title": "Legs",
    "start_ts": "2025-11-03T17:00:00Z",
    "end_ts": "2025-11-03T18:00:00Z",
    "strength_sets": [{"exercise_name": "Squat", "weight": 100, "reps": 5}],
}


def save(page: Page, label: str, value: str) -> None:
    """Fill one field of the dialog, and save it."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(label, exact=True).fill(value)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)


def test_undo_asks_before_it_overwrites_what_was_edited_since(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/runs/{someone.api('POST', '/runs', json=RUN)['id']}"
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Edit").click()
    save(page, "Title", "From here")
    someone.api("PATCH", path, json={"name": "From elsewhere", "notes": "Later"})
    page.get_by_role("button", name="Undo").click()

    dialog = page.get_by_role("dialog", name="This run changed meanwhile")
    title = dialog.get_by_role("row", name="Title")
    expect(title.locator("del")).to_have_text("From elsewhere")
    expect(title.locator("ins")).to_have_text("Base")
    expect(dialog.get_by_role("row", name="Notes").locator("del")).to_have_text("Later")
    dialog.get_by_role("button", name="Keep what is there").click()
    expect(page.get_by_role("heading", name="From elsewhere")).to_be_visible()
    assert someone.api("GET", path)["version"] == 3


@only_phone
def test_undo_of_a_shoe_all_the_same_restores_it(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/shoes/{someone.api('POST', '/shoes', json={'name': 'Brooks'})['id']}"
    page.goto("/dashboard/shoes")
    page.get_by_role("button", name="Edit").click()
    save(page, "Name", "Brooks Ghost")
    someone.api("PATCH", path, json={"notes": "From the phone"})
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo all the same").click()

    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    shoe = someone.api("GET", path)
    assert (shoe["name"], shoe["notes"], shoe["version"]) == ("Brooks", None, 4)


@only_wide
def test_a_second_press_on_delete_leaves_the_undo(someone: Someone) -> None:
    page, path = someone.page, f"/runs/{someone.api('POST', '/runs', json=RUN)['id']}"
    held: list[Route] = []
    page.route(
        f"**/v1{path}", lambda route: held.append(route) if route.request.method == "DELETE" else route.continue_()
    )
    page.goto(f"/dashboard{path}")
    delete = page.get_by_role("button", name="Delete")
    delete.dblclick()
    expect(delete).to_have_attribute("aria-disabled", "true")
    delete.click(force=True)
    [only] = held
    only.continue_()

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert someone.api("GET", path)["version"] == 3


@only_wide
def test_undo_of_an_added_workout_keeps_later_edits(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page = someone.page
    page.goto("/dashboard/plan")
    page.get_by_role("button", name="Add planned workout").first.click()
    page.get_by_role("dialog").get_by_label("Title").fill("Tempo")
    page.get_by_role("dialog").get_by_role("button", name="Add to the plan").click()
    expect(page.get_by_text("Planned workout added")).to_be_visible()
    [planned] = someone.api("GET", "/planned-workouts")["items"]
    someone.api("PATCH", f"/planned-workouts/{planned['id']}", json={"title": "Tempo 6"})
    page.get_by_role("button", name="Undo").click()
    dialog = page.get_by_role("dialog", name="This planned workout changed meanwhile")
    expect(dialog.get_by_role("row", name="Deleted")).to_be_visible()
    dialog.get_by_role("button", name="Keep what is there").click()

    assert someone.api("GET", f"/planned-workouts/{planned['id']}")["title"] == "Tempo 6"


@only_wide
def test_undo_of_an_added_run_keeps_later_edits(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page = someone.page
    page.goto("/dashboard/")
    page.get_by_role("button", name="Add run", exact=True).click()
    page.get_by_label("Distance").fill("5")
    page.get_by_label("Duration").fill("40:00")
    page.get_by_role("button", name="Add run", exact=True).last.click()
    expect(page.get_by_text("Run added")).to_be_visible()
    [run] = someone.api("GET", "/runs")["items"]
    someone.api("PATCH", f"/runs/{run['id']}", json={"notes": "Windy"})
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog", name="This run changed meanwhile").get_by_role(
        "button", name="Keep what is there"
    ).click()

    assert someone.api("GET", f"/runs/{run['id']}")["notes"] == "Windy"


@only_wide
def test_undo_of_a_delete_keeps_what_came_after_it(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/runs/{someone.api('POST', '/runs', json=RUN)['id']}"
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Run deleted")).to_be_visible()
    someone.api("POST", f"{path}/restore/1")
    someone.api("PATCH", path, json={"notes": "Back again"})
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep what is there").click()

    assert someone.api("GET", path)["notes"] == "Back again"


@only_wide
def test_undo_of_a_restored_version_asks_as_well(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/runs/{someone.api('POST', '/runs', json=RUN)['id']}"
    someone.api("PATCH", path, json={"name": "Second"})
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Version 1 restored")).to_be_visible()
    someone.api("PATCH", path, json={"notes": "Later"})
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep what is there").click()

    assert someone.api("GET", path)["notes"] == "Later"


def plan_tempo(someone: Someone) -> str:
    """Plan a workout for 5 November and open it; return its path in the API."""
    tempo = {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-05"}
    path = f"/planned-workouts/{someone.api('POST', '/planned-workouts', json=tempo)['id']}"
    someone.page.goto("/dashboard/plan?day=2025-11-05")
    someone.page.get_by_role("button", name="Tempo Missed").click()
    return path


def undo_and_answer(page: Page, answer: str) -> None:
    """Undo a change of a planned workout that was edited since, and answer the question."""
    page.get_by_role("button", name="Undo").click()
    question = page.get_by_role("dialog", name="This planned workout changed meanwhile")
    question.get_by_role("button", name=answer).click()


@only_wide
def test_undo_of_a_move_asks_as_well(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, plan_tempo(someone)
    page.get_by_role("dialog").get_by_label("Day", exact=True).fill("2025-11-06")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_text("Tempo moved")).to_be_visible()
    someone.api("PATCH", path, json={"coach_comments": "Slowly"})
    undo_and_answer(page, "Keep what is there")

    planned = someone.api("GET", path)
    assert (planned["current_day"], planned["coach_comments"]) == ("2025-11-06", "Slowly")


@only_wide
def test_undo_of_done_asks_as_well(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    someone.api("POST", "/runs", json={**RUN, "datetime_utc": "2025-11-05T12:00:00Z"})
    page, path = someone.page, plan_tempo(someone)
    page.get_by_role("button", name="This one").dblclick()
    expect(page.get_by_text("Marked as done")).to_be_visible()
    someone.api("PATCH", path, json={"coach_comments": "Slowly"})
    undo_and_answer(page, "Undo all the same")

    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    planned = someone.api("GET", path)
    assert (planned["done"], planned["coach_comments"]) == (None, None)


@only_wide
def test_undo_of_a_move_takes_back_nothing_else(someone: Someone, watch: Watch) -> None:
    """The planned workout was edited elsewhere before the move, and the page shows it as it was."""
    watch.expected = (412,)
    page, path = someone.page, plan_tempo(someone)
    someone.api("PATCH", path, json={"coach_comments": "Slowly"})
    page.get_by_role("dialog").get_by_role("button", name="Leave it without a day").click()
    expect(page.get_by_text("Tempo put aside")).to_be_visible()
    assert someone.api("GET", path)["selection"]["isSelected"] is False
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()

    planned = someone.api("GET", path)
    assert (planned["selection"]["isSelected"], planned["coach_comments"]) == (True, "Slowly")


@only_wide
def test_a_page_shows_what_changed_elsewhere_after_a_refusal(someone: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    page, path = someone.page, f"/runs/{someone.api('POST', '/runs', json=RUN)['id']}"
    page.goto(f"/dashboard{path}")
    expect(page.get_by_role("heading", name="Base")).to_be_visible()
    someone.api("PATCH", path, json={"name": "From elsewhere"})
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="From elsewhere")).to_be_visible()
    assert someone.api("GET", path)["version"] == 2

    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Run deleted")).to_be_visible()


@only_wide
def test_sets_of_a_finished_workout_are_saved_by_one_call(someone: Someone) -> None:
    page, path = someone.page, f"/workouts/{someone.api('POST', '/workouts', json=LIFT)['workout_id']}"
    before = someone.api("GET", path)
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Edit sets of Squat").click()
    calls = calls_of(page)
    save(page, "Note on the exercise", "Slowly")
    expect(page.get_by_text("Workout saved")).to_be_visible()

    after = someone.api("GET", path)
    assert [call.split()[0] for call in calls] == ["PUT"]
    assert (after["version"], after["finished_at"]) == (2, before["finished_at"])
    assert after["exercise_executions"][0]["note"] == "Slowly"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert someone.api("GET", path)["exercise_executions"] == before["exercise_executions"]


@only_wide
def test_a_workout_in_progress_is_edited_on_its_page(someone: Someone) -> None:
    live = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": LIFT["strength_sets"]}
    page, path = someone.page, f"/workouts/{someone.api('POST', '/workouts', json=live)['workout_id']}"
    someone.api("PATCH", path, json={"notes": "Warm"})
    page.goto(f"/dashboard{path}")
    page.get_by_role("button", name="Edit", exact=True).click()
    save(page, "Title", "Legs")
    expect(page.get_by_text("Workout saved")).to_be_visible()

    # The edit is part of the version that is in progress: there is none to go back to.
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    workout = someone.api("GET", path)
    assert (workout["title"], workout["version"], workout["live_edits"]) == ("Legs", 2, 2)
