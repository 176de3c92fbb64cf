"""Sessions in the dashboard: where somebody is logged in, what happened, and confirming who is there."""

import httpx
import psycopg
from playwright.sync_api import expect

from tests import loopback
from tests.browser.conftest import PASSWORD, Someone, Watch, only_phone, only_wide


def log_in_elsewhere(someone: Someone, password: str = PASSWORD) -> httpx.Response:
    return loopback.post(
        f"{someone.address}/v1/auth/login",
        json={"email": someone.email, "password": password},
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
        timeout=60,
    )


@only_phone
def test_a_session_elsewhere_is_seen_and_ended_and_the_log_says_what_happened(someone: Someone) -> None:
    elsewhere = log_in_elsewhere(someone).json()["access_token"]
    log_in_elsewhere(someone, "not the password")
    page = someone.page
    page.goto("/dashboard/settings")
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    sessions = page.get_by_role("list", name="Sessions")
    expect(sessions.get_by_role("listitem")).to_have_count(2)
    expect(sessions).to_contain_text("this one")

    sessions.get_by_role("button", name="End the session on Firefox on Linux").click()

    expect(page.get_by_text("Session on Firefox on Linux ended")).to_be_visible()
    expect(sessions.get_by_role("listitem")).to_have_count(1)
    refused = loopback.get(
        f"{someone.address}/v1/auth/me", headers={"Authorization": f"Bearer {elsewhere}"}, timeout=60
    )
    assert refused.status_code == 401
    page.get_by_role("button", name="Security log").click()
    events = page.get_by_role("dialog").get_by_role("row")
    for text in ("Session ended", "Failed log-in", "Logged in", "Account made"):
        expect(events.filter(has_text=text)).to_have_count(1)


@only_wide
def test_what_a_stolen_session_must_not_do_asks_for_the_password_and_goes_on(
    someone: Someone, watch: Watch, database_url: str
) -> None:
    watch.expected = (403, 422)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - interval '6 minutes'")
    page = someone.page
    page.goto("/dashboard/settings")
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    page.get_by_role("button", name="New token").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Watch")
    page.get_by_role("button", name="Make the token").click()

    asked = page.get_by_role("dialog", name="Confirm that it is you")
    asked.get_by_label("Current password").fill("not the password")
    asked.get_by_role("button", name="Confirm").click()
    expect(asked.get_by_text("Incorrect password")).to_be_visible()
    asked.get_by_label("Current password").fill(PASSWORD)
    asked.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("dialog", name="Copy your token now")).to_be_visible()
    assert [token["name"] for token in someone.api("GET", "/auth/tokens")["items"]] == ["Watch"]


@only_phone
def test_a_new_password_ends_other_sessions_and_revokes_tokens_on_request(someone: Someone) -> None:
    log_in_elsewhere(someone)
    someone.api("POST", "/auth/tokens", json={"name": "Watch", "scopes": ["read"]})
    page = someone.page
    page.goto("/dashboard/settings")
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("quite another pass phrase")
    page.get_by_label("Revoke my access tokens as well").check()
    page.get_by_role("dialog").get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Password changed, 1 other session ended")).to_be_visible()
    expect(page.get_by_text("There is none.")).to_be_visible()
    assert log_in_elsewhere(someone, "quite another pass phrase").status_code == 200
