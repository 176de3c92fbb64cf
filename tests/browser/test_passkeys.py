"""Passkeys in the dashboard: added, used to log in and to confirm. Chromium's own virtual device keeps them."""

import psycopg
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import WIDE, Someone, Watch

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def size() -> ViewportSize:
    """Dialogs and forms are laid out as everywhere: one size is enough."""
    return WIDE


def add_device(page: Page) -> None:
    """Give the page a device that keeps passkeys, and says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_is_added_and_logs_in_and_confirms(someone: Someone, watch: Watch, database_url: str) -> None:
    watch.expected = (403,)
    page = someone.page
    add_device(page)
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog", name="Add a passkey")
    expect(dialog.get_by_label("Name")).to_have_value("Chrome on Linux")
    dialog.get_by_role("button", name="Add").click()
    passkeys = page.get_by_role("list", name="Passkeys").get_by_role("listitem")
    expect(passkeys).to_contain_text("never used")
    page.get_by_role("button", name="Rename Chrome on Linux").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Laptop")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(passkeys).to_contain_text("Laptop")

    page.get_by_role("button", name="Log out").first.click()
    page.get_by_role("button", name="Continue with a passkey").click()
    expect(passkeys).to_contain_text("used just now")

    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("UPDATE sessions SET confirmed_at = confirmed_at - interval '6 minutes'")
    page.get_by_role("button", name="New token").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Watch")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("dialog", name="Confirm that it is you").get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("dialog", name="Copy your token now")).to_be_visible()
    page.get_by_role("button", name="I have copied it").click()

    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_text("Laptop removed")).to_be_visible()
    expect(passkeys).to_have_count(0)
