"""The documentation page in a browser: an introduction, groups in order, calls that work after logging in on it."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from fitness.web.operations import GROUPS
from tests.browser.conftest import PASSWORD, PATIENCE_MS


@pytest.fixture
def docs(page: Page) -> Page:
    page.goto("/docs/")
    page.get_by_role("heading", name="fitness").first.wait_for()
    return page


def test_the_page_begins_with_an_introduction_and_the_groups_in_order(docs: Page) -> None:
    for word in ("Log in.", "Lists", "Errors", "Versions.", "Retrying", "Units."):
        expect(docs.locator(".info strong", has_text=word).first).to_be_visible()
    groups = docs.locator(".opblock-tag")
    expect(groups).to_have_count(len(GROUPS))
    assert [group.split("\n")[0].split(" ")[0] for group in groups.all_inner_texts()] == [one.name for one in GROUPS]


def test_a_call_works_after_logging_in_on_the_page(docs: Page) -> None:
    email = f"{uuid4()}@example.com"
    account = {"email": email, "password": PASSWORD, "name": "Ada"}
    docs.request.post("/v1/auth/signup", data=account, timeout=PATIENCE_MS)

    docs.locator("#operations-tag-Account").click()
    login = docs.locator("#operations-Account-logIn")
    login.locator(".opblock-summary-control").click()
    login.locator("textarea").fill(f'{{"email": "{email}", "password": "{PASSWORD}"}}')
    login.get_by_role("button", name="Execute").click()
    expect(login.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    docs.locator("#operations-tag-Runs").click()
    runs = docs.locator("#operations-Runs-listRuns")
    runs.locator(".opblock-summary-control").click()
    runs.get_by_role("button", name="Execute").click()

    answer = runs.locator(".live-responses-table")
    expect(answer.locator("tbody .response-col_status").first).to_contain_text("200")
    expect(answer).to_contain_text('"items": []')
