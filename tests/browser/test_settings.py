"""Settings in the dashboard: profile, theme, weekly goal, tokens, which server this is."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.conftest import Someone, Watch


def test_a_profile_in_kilometres_shows_everywhere(someone: Someone, watch: Watch) -> None:
    watch.expected = (422,)
    page = someone.page
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    someone.api("POST", "/runs", json={"datetime_utc": now, "type": "Outdoor Run", "distance": 6.2, "duration": 3180})
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
    page.get_by_label("Weekly goal").press("Tab")
    page.goto("/dashboard/")
    expect(page.get_by_text("10.0 of 40.0 km this week")).to_be_visible()


def test_theme_and_first_day_stay_after_a_reload(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Dark").click()
    page.get_by_role("button", name="Sunday").click()
    page.reload()
    expect(page.locator(":root")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Sunday")).to_have_attribute("aria-pressed", "true")


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


def test_which_server_this_is_can_be_seen(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    expect(page.get_by_text("dev: for developing and trying things out")).to_be_visible()
    if page.get_by_role("button", name="More").is_visible():
        page.get_by_role("button", name="More").click()
    expect(page.get_by_text("dev server").last).to_be_visible()


def test_connections_say_how_they_stand(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/settings")
    for name in ("Strava", "Hevy", "Google Calendar"):
        expect(page.get_by_role("listitem", name=name)).to_be_visible()
    expect(page.get_by_role("button", name="Connect Hevy")).to_be_visible()
