"""Staying logged in: reloads, several tabs, the end of a session."""

from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Someone, Watch, only_phone, only_wide

LATER = "Date.now = ((now) => () => now() + 20 * 60_000)(Date.now)"
"""Makes it twenty minutes later, when the access token has expired."""


def test_a_reload_and_a_second_tab_need_no_login_and_logging_out_is_for_all(someone: Someone) -> None:
    page = someone.page
    page.reload()
    expect(page.get_by_role("link", name="Today")).to_be_visible()
    other = page.context.new_page()
    other.goto("/dashboard/log")
    expect(other.get_by_role("heading", name="Your log is empty")).to_be_visible()

    if page.get_by_role("button", name="More").is_visible():
        page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Log out").click()

    for tab in (page, other):
        expect(tab.get_by_role("button", name="Log in")).to_be_visible()
    page.get_by_label("E-mail").fill(someone.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    for tab in (page, other):
        expect(tab.get_by_role("link", name="Today")).to_be_visible()


@only_wide
def test_two_tabs_renew_an_expired_token_once(someone: Someone) -> None:
    tabs = [someone.page, someone.page.context.new_page()]
    renewals: list[str] = []
    someone.page.context.on("request", lambda one: renewals.append(one.url) if one.url.endswith("/refresh") else None)
    for tab in tabs:
        tab.goto("/dashboard/shoes")
        expect(tab.get_by_role("heading", name="No shoes yet")).to_be_visible()
        tab.evaluate(LATER)
    renewals.clear()

    for tab in tabs:
        tab.get_by_role("link", name="Log", exact=True).click()
    for tab in tabs:
        expect(tab.get_by_role("heading", name="Your log is empty")).to_be_visible()

    assert len(renewals) == 1


@only_wide
def test_scripts_find_no_token_that_outlasts_the_page(someone: Someone) -> None:
    kept = someone.page.evaluate(
        "() => [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)]"
    )
    assert "eyJ" not in "".join(kept)
    assert "fitness_refresh" not in kept[0]


@only_phone
def test_what_was_typed_survives_the_end_of_the_session(someone: Someone, watch: Watch) -> None:
    watch.expected = (401,)
    page = someone.page
    page.goto("/dashboard/log?add=run")
    page.get_by_label("Distance").fill("6.2")
    page.get_by_label("Duration").fill("53:10")
    someone.api("POST", "/auth/logout")  # ends the browser's session without its knowing
    page.get_by_role("dialog", name="Add run").get_by_role("button", name="Add run").click()

    ended = page.get_by_role("dialog", name="Your session has ended")
    ended.get_by_label("Password").fill(PASSWORD)
    ended.get_by_role("button", name="Log in").click()
    form = page.get_by_role("dialog", name="Add run")
    expect(form.get_by_label("Distance")).to_have_value("6.2")
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_role("button", name="Add run").click()

    expect(page.get_by_role("row", name="Run")).to_contain_text("6.20 mi")


@only_wide
def test_another_person_in_another_tab_takes_over(someone: Someone, watch: Watch) -> None:
    """Nothing of the one before stays, and nothing is sent in the name of the one after."""
    watch.expected = (401,)
    run = {"type": "Outdoor Run", "datetime_utc": "2025-11-02T12:05:31Z", "distance": 5.0, "duration": 2400}
    someone.api("POST", "/runs", json={**run, "name": "Of Ada"})
    page = someone.page
    page.goto("/dashboard/log")
    expect(page.get_by_role("row", name="Of Ada")).to_be_visible()
    someone.api("POST", "/auth/logout")
    page.get_by_role("link", name="Shoes", exact=True).click()
    expect(page.get_by_role("dialog", name="Your session has ended")).to_be_visible()

    bob = {"email": f"{uuid4()}@example.com", "password": PASSWORD, "name": "Bob"}
    page.request.post("/v1/auth/signup?cookie=true", data=bob)
    other = page.context.new_page()
    other.goto("/health")
    other.evaluate("localStorage.setItem('fitness.session', 'yes')")
    other.goto("/dashboard/")

    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("Bob")
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.get_by_role("heading", name="Your log is empty")).to_be_visible()
