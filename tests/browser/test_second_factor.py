"""The second factor in the dashboard: switched on, asked for at a log-in, switched off by a recovery code."""

from playwright.sync_api import Page, expect
from pyotp.totp import TOTP

from tests.browser.conftest import PASSWORD, Someone, Watch, only_wide

# Dialogs and forms are laid out as everywhere: one size is enough.
pytestmark = only_wide


def log_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_second_factor_is_set_up_and_asked_for_and_a_recovery_code_does_as_well(
    someone: Someone, watch: Watch
) -> None:
    watch.expected = (401,)
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("img", name="QR code of the key")).to_be_visible()
    dialog = page.get_by_role("dialog")
    app = TOTP(dialog.get_by_label("Key").input_value())
    page.get_by_label("Code").fill(app.now())
    dialog.get_by_role("button", name="Switch on").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()

    page.get_by_role("button", name="Log out").first.click()
    log_in(page, someone.email)
    expect(page.get_by_label("Code")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Code").fill("no code of mine")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Wrong code of the second factor")).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
