"""Settings in the dashboard: profile, theme, weekly goal, tokens, which server this is."""

from datetime import UTC, datetime

from playwright.sync_api import APIResponse, Route, expect

from tests.browser.conftest import Someone, Watch, only_phone, only_wide
from tests.standins.hevy import KEY


def test_a_profile_in_kilometres_shows_everywhere(someone: Someone, watch: Watch) -> None:
    watch.expected = (422,)
    page = someone.page
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    someone.api("POST", "/runs", json={"datetime_utc": now, "type": "Outdoor Run", "distance": 6.2, "duration": 3180})
    sets = [{"exercise_name": "Squat", "weight": 220.5, "reps": 5}]
    lift = {"workout_type": "STRENGTH", "title": "Legs", "strength_sets": sets}
    workout = someone.api("POST", "/workouts", json=lift)["workout_id"]
    page.goto("/dashboard/settings")
    page.get_by_label("Units").select_option("Kilometres")
    page.get_by_label("Maximum heart rate").fill("186")
    page.get_by_label("Resting heart rate").fill("300")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Resting heart rate")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Resting heart rate").fill("52")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Profile saved")).to_be_visible()
    saved = someone.api("GET", "/users/me")
    assert (saved["units"], saved["max_heart_rate"], saved["resting_heart_rate"]) == ("kilometres", 186, 52)

    page.get_by_label("Weekly goal").fill("40")
    page.get_by_label("Weeks begin on").select_option("Sunday")
    with page.expect_response("**/v1/users/me"):
        page.get_by_role("button", name="Save").click()
    page.reload()
    expect(page.get_by_label("Weekly goal")).to_have_value("40")
    expect(page.get_by_label("Weeks begin on")).to_have_value("sunday")
    saved = someone.api("GET", "/users/me")
    assert (saved["week_start"], round(saved["weekly_goal_miles"], 3)) == ("sunday", 24.855)
    page.goto("/dashboard/")
    expect(page.get_by_role("list", name="This week").get_by_role("listitem").first).to_contain_text("Sun")
    expect(page.get_by_text("10.0 of 40.0 km this week")).to_be_visible()
    expect(page.get_by_role("link", name="Legs")).to_contain_text("500 kg")
    page.goto("/dashboard/log")
    expect(page.get_by_text("500 kg").first).to_be_visible()
    page.goto(f"/dashboard/workouts/{workout}")
    page.get_by_role("button", name="Edit sets of Squat").click()
    page.get_by_role("button", name="Remove set 1").click()
    page.get_by_role("button", name="Add set").click()
    expect(page.get_by_role("dialog").get_by_text("kg", exact=True)).to_be_visible()


@only_phone
def test_the_theme_stays_after_a_reload(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Dark").click()
    for reload in (lambda: None, page.reload):
        reload()
        expect(page.locator(":root")).to_have_attribute("data-theme", "dark")
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


@only_wide
def test_paper_is_white_and_has_no_navigation(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Dark").click()
    page.emulate_media(media="print")

    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


@only_wide
def test_a_token_is_shown_once_and_revoked(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="New token").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Watch")
    page.get_by_role("button", name="Make the token").click()
    token = page.get_by_label("Token", exact=True).input_value()
    assert token.startswith("fit_")
    page.get_by_role("button", name="I have copied it").click()

    tokens = page.get_by_role("list", name="Access tokens")
    expect(tokens).to_contain_text("Watch")
    expect(page.get_by_text(token)).to_have_count(0)
    page.get_by_role("button", name="Revoke Watch").click()
    expect(page.get_by_text("There is none.")).to_be_visible()


def test_which_server_this_is_and_how_connections_stand_can_be_seen(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    for name in ("Strava", "Hevy", "Google Calendar"):
        expect(page.get_by_role("listitem", name=name)).to_be_visible()
    expect(page.get_by_role("button", name="Connect Hevy")).to_be_visible()
    expect(page.get_by_text("dev: for developing and trying things out")).to_be_visible()
    if page.get_by_role("button", name="More").is_visible():
        page.get_by_role("button", name="More").click()
    expect(page.get_by_text("dev server").last).to_be_visible()


@only_wide
def test_how_much_is_stored_and_may_be_can_be_seen(someone: Someone) -> None:
    someone.page.goto("/dashboard/settings")

    expect(someone.page.get_by_text("versions of records, ")).to_contain_text("of 1,000,000 versions of records")


@only_phone
def test_everything_goes_back_to_a_bookmark_after_a_preview(someone: Someone) -> None:
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5.0, "duration": 2400}
    first = someone.api("POST", "/runs", json=run)
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_label("Name of the bookmark").fill("Before the race")
    page.get_by_role("button", name="Keep this moment").click()
    expect(page.get_by_role("list", name="Bookmarks")).to_contain_text("Before the race")
    someone.api("POST", "/runs", json={**run, "datetime_utc": "2025-11-03T12:05:31Z", "name": "Race"})
    someone.api("PATCH", f"/runs/{first['id']}", json={"distance": 7.0})

    page.get_by_role("button", name="Rewind to Before the race").click()
    dialog = page.get_by_role("dialog", name="Rewind to")
    records = dialog.get_by_role("grid", name="Records")
    expect(records.get_by_role("row", name="Race")).to_contain_text("Deleted")
    expect(records.get_by_role("row").filter(has_text="Changed")).to_contain_text("7.00 mi")
    assert len(someone.api("GET", "/runs")["items"]) == 2

    dialog.get_by_role("button", name="Rewind", exact=True).click()
    expect(page.get_by_text("Everything is as it was")).to_be_visible()
    assert [run["distance"] for run in someone.api("GET", "/runs")["items"]] == [5.0]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert len(someone.api("GET", "/runs")["items"]) == 2


@only_wide
def test_what_is_made_while_its_list_is_still_on_the_way_is_shown(someone: Someone) -> None:
    page = someone.page
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first_list(route: Route) -> None:
        if route.request.method == "GET" and not held:
            held.append((route, route.fetch()))
        else:
            route.fallback()

    page.route("**/v1/bookmarks", hold_the_first_list)
    page.goto("/dashboard/settings")
    page.get_by_label("Name of the bookmark").fill("Before the race")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/bookmarks")):
        page.get_by_role("button", name="Keep this moment").click()
    route, before = held[0]
    route.fulfill(response=before)

    expect(page.get_by_text("Before the race kept")).to_be_visible()
    expect(page.get_by_role("list", name="Bookmarks")).to_contain_text("Before the race")


@only_wide
def test_other_sports_and_an_application_of_ones_own_are_set(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    strava = page.get_by_role("listitem", name="Strava")
    strava.get_by_label("Import other sports").click()
    expect(page.get_by_text("Only runs are imported from now on")).to_be_visible()
    assert someone.api("GET", "/users/me")["import_other_sports"] is False
    strava.get_by_label("Fetch the points of activities").click()
    expect(page.get_by_text("The points of activities are fetched from now on")).to_be_visible()
    assert someone.api("GET", "/users/me")["sync_points"] is True

    strava.get_by_role("button", name="Use your own application").click()
    dialog = page.get_by_role("dialog", name="Your own application at Strava")
    dialog.get_by_label("Client id").fill("12345")
    dialog.get_by_label("Client secret").fill("5ec2e7")
    dialog.get_by_role("button", name="Save").click()
    expect(strava).to_contain_text("Your own application 12345")
    strava.get_by_role("button", name="Stop using it").click()
    expect(strava.get_by_role("button", name="Use your own application")).to_be_visible()


@only_phone
def test_a_sync_is_a_job_that_is_followed_and_a_disconnect_asks_what_stays(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    hevy = page.get_by_role("listitem", name="Hevy")
    hevy.get_by_label("Key").fill(KEY)
    hevy.get_by_role("button", name="Connect Hevy").click()
    hevy.get_by_role("button", name="Sync Hevy now").click()
    expect(hevy.get_by_text("Sync: ")).to_contain_text("added")
    assert someone.api("GET", "/workouts")["items"] != []
    assert [job["path"] for job in someone.api("GET", "/jobs")["items"]] == ["/v1/hevy/sync"]
    page.goto("/dashboard/changes")
    page.get_by_role("button", name="Sync Hevy now").click()
    expect(page.get_by_text("Sync: 0 added")).to_be_visible()

    page.goto("/dashboard/settings")
    hevy.get_by_role("button", name="Disconnect Hevy").click()
    dialog = page.get_by_role("dialog", name="Disconnect Hevy?")
    expect(dialog.get_by_label("Keep them")).to_be_checked()
    dialog.get_by_label("Delete them").check()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(hevy.get_by_role("button", name="Connect Hevy", exact=True)).to_be_visible()
    assert someone.api("GET", "/workouts")["items"] == []


@only_wide
def test_a_connection_that_another_browser_asked_for_is_confirmed_first(someone: Someone, watch: Watch) -> None:
    watch.expected = (422,)
    page = someone.page
    page.goto("/dashboard/settings")
    page.goto("/dashboard/#connect=strava&state=nonsense&code=7f2a")

    dialog = page.get_by_role("dialog", name="Connect Strava?")
    expect(dialog).to_contain_text(someone.email)
    dialog.get_by_role("button", name="Connect", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Not issued by this server")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    assert someone.api("GET", "/oauth/strava/status")["connected"] is False
