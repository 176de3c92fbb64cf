"""Ways into an account that begin elsewhere: at Google, and by an invitation."""

import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect
from pyotp.totp import TOTP

from tests.browser.conftest import PASSWORD, WIDE, Server, Watch
from tests.processes import Command, finished, serve_browsers


@pytest.fixture
def size() -> ViewportSize:
    """The forms are laid out as those of logging in: one size is enough."""
    return WIDE


def log_in_at_google(page: Page) -> None:
    page.goto("/dashboard/")
    page.get_by_role("link", name="Continue with Google").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").first.click()
    expect(page.get_by_role("link", name="Continue with Google")).to_be_visible()


def test_an_account_of_google_gets_a_first_password_and_a_second_factor(
    page: Page, email_at_google: str, watch: Watch
) -> None:
    watch.expected = (401,)
    log_in_at_google(page)
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()
    page.goto("/dashboard/settings")
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Set a password").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Set a password").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Change password")).to_be_visible()

    page.get_by_role("button", name="Switch on").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code").fill(TOTP(dialog.get_by_label("Key").input_value()).now())
    dialog.get_by_role("button", name="Switch on").click()
    shown = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()

    log_out(page)
    log_in_at_google(page)
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()

    log_out(page)
    page.get_by_label("E-mail").fill(email_at_google)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Code").fill(codes[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()

    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Unlink Google").click()
    expect(page.get_by_text("Google account unlinked")).to_be_visible()
    expect(page.get_by_role("button", name="Unlink Google")).to_have_count(0)
    page.get_by_role("button", name="Deactivate account").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    page.get_by_label("E-mail").fill(email_at_google)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Wrong e-mail address, username or password")).to_be_visible()


@pytest.fixture
def invitation(page: Page, server: Server, watch: Watch, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The page of an invitation, at a second server that takes new accounts by invitation alone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    watch.other = f"http://localhost:{port}"
    own = {"SIGN_UP": "invitation", "PORT": str(port), "PUBLIC_API_BASE_URL": watch.other}
    environ = {**os.environ, **server.settings, **own, "DATABASE_URL": database_url}
    bundle = partial(serve_browsers, Path(server.settings["FITNESS_DATA_DIR"]).parent / "bundle")
    process = Command("serve", environ=environ, out=tmp_path / "server.log", first=bundle)
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=8), timeout=60) as client:
            assert client.get(f"{watch.other}/v1/health").json()["sign_up"] == "invitation"
        yield finished("user", "invite", environ=environ).stdout.strip()
        page.goto("about:blank")  # the page fetches parts of the dashboard ahead as long as it is open
    finally:
        process.terminate()
        process.wait(60)


def sign_up(page: Page) -> None:
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill(f"{uuid4()}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def test_an_invitation_makes_one_account(page: Page, watch: Watch, invitation: str) -> None:
    watch.expected = (422,)
    address, _, code = invitation.partition("#invitation=")
    page.goto(invitation)
    expect(page.get_by_label("Invitation")).to_have_value(code)
    sign_up(page)
    expect(page.get_by_role("heading", name="Three ways to begin")).to_be_visible()

    log_out(page)
    page.goto(f"{address}/?again#invitation={code}")
    sign_up(page)
    expect(page.get_by_text("Unknown, expired or already used")).to_be_visible()
