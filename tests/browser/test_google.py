"""Logging in with Google: a code in the address instead of a session, and the link to an account that is there."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Watch, only_wide

pytestmark = only_wide


@pytest.fixture
def sent_to(page: Page) -> list[str]:
    """The addresses that the server sends the browser to."""
    seen: list[str] = []
    page.on("response", lambda response: seen.append(response.headers.get("location", "")))
    return seen


def test_a_login_with_google_leaves_nothing_in_the_address_that_works_again(
    page: Page, email_at_google: str, watch: Watch, sent_to: list[str]
) -> None:
    page.goto("/dashboard/")
    page.get_by_role("link", name="Continue with Google").click()
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()
    assert page.url == f"{watch.address}/dashboard/"
    assert not any("eyJ" in address for address in sent_to)
    fragments = (parse_qsl(urlsplit(address).fragment) for address in sent_to)
    code = next(value for fragment in fragments for name, value in fragment if name == "login_code")

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Continue with Google")).to_be_visible()
    watch.expected = (422,)
    page.goto(f"/dashboard/?again#login_code={code}")
    expect(page.get_by_text("already used")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()


def test_an_account_that_is_there_is_linked_by_its_password(page: Page, email_at_google: str, watch: Watch) -> None:
    account = {"email": email_at_google, "password": PASSWORD, "name": "Ada", "time_zone": "Europe/Berlin"}
    page.request.post("/v1/auth/signup", data=account)
    watch.expected = (401,)
    page.goto("/dashboard/")
    page.get_by_role("link", name="Continue with Google").click()
    expect(page.get_by_role("heading", name="Link your accounts")).to_be_visible()
    page.get_by_label("Password").fill("a wrong pass phrase")
    page.get_by_role("button", name="Link and log in").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Link and log in").click()
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()
