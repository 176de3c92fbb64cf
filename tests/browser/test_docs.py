"""The documentation page in a browser: an introduction, groups in order, calls that work after logging in on it."""

from uuid import uuid4

from playwright.sync_api import Page, expect

from fitness.web.operations import GROUPS
from tests.browser.conftest import PASSWORD, PATIENCE_MS, only_wide


# Swagger UI takes seconds to draw the page, and lays it out by itself: both promises are kept on one.
@only_wide
def test_after_an_introduction_groups_are_in_order_and_calls_work_once_logged_in(page: Page) -> None:
    page.goto("/docs/")
    page.get_by_role("heading", name="fitness").first.wait_for()
    see_introduction_and_groups(page)
    log_in_and_list_runs(page)


def see_introduction_and_groups(docs: Page) -> None:
    for word in ("Log in.", "Lists", "Errors", "Versions.", "Retrying", "Units."):
        expect(docs.locator(".info strong", has_text=word).first).to_be_visible()
    groups = docs.locator(".opblock-tag")
    expect(groups).to_have_count(len(GROUPS))
    assert [group.split("\n")[0].split(" ")[0] for group in groups.all_inner_texts()] == [one.name for one in GROUPS]


def log_in_and_list_runs(docs: Page) -> None:
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
