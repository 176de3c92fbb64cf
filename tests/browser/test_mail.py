"""What comes by mail: a page that sets another password, and one that verifies the address."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Someone, Watch, only_wide

OTHER = "quite another pass phrase"


# The forms are laid out as those of logging in: one size is enough.
pytestmark = only_wide


def test_a_forgotten_password_is_set_by_the_page_in_a_mail(someone: Someone, server: Server, watch: Watch) -> None:
    watch.expected = (401, 422)
    page = someone.page
    page.get_by_role("button", name="Log out").first.click()
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(someone.email)
    page.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_text("a mail is on its way")).to_be_visible()

    page.goto(server.inbox.page_for(someone.email, "reset_code"))
    page.get_by_label("New password").fill("password1")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("New password").fill(OTHER)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Saved: log in with it now")).to_be_visible()

    page.get_by_label("E-mail").fill(someone.email)
    page.get_by_label("Password").fill(OTHER)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()


def test_an_address_is_verified_by_the_page_in_a_mail_once(someone: Someone, server: Server, watch: Watch) -> None:
    watch.expected = (422,)
    page: Page = someone.page
    page.goto("/dashboard/settings")
    expect(page.get_by_text("Not verified")).to_be_visible()

    address = server.inbox.page_for(someone.email, "verify_code")
    page.goto(address)
    expect(page.get_by_text("E-mail address verified")).to_be_visible()
    page.goto("/dashboard/settings")
    expect(page.get_by_text("Not verified")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_text("This page does not work any more")).to_be_visible()
