"""Imports of several files that nobody finished: the page of changes lists them, to continue or discard."""

from playwright.sync_api import Page, expect

from tests import loopback
from tests.browser.conftest import Someone
from tests.drops import HISTORY, STRAVA, STRONG, sha256_of


def begin(someone: Someone, *files: tuple[str, bytes, int]) -> None:
    """Begin an import as a page does that is closed then: of each file, so many bytes arrive."""
    path = f"/imports/{someone.api('POST', '/imports')['import_id']}"
    for name, content, arrived in files:
        sent = loopback.request(
            "PUT",
            f"{someone.address}/v1{path}/files/{sha256_of(content)}?name={name}",
            content=content[:arrived],
            headers={
                "Authorization": f"Bearer {someone.access_token}",
                "Content-Range": f"bytes 0-{arrived - 1}/{len(content)}",
            },
        )
        assert sent.status_code == 204, sent.text


def show(someone: Someone) -> Page:
    someone.page.get_by_role("link", name="Changes", exact=True).click()
    return someone.page


def test_an_import_that_was_sent_is_continued(someone: Someone) -> None:
    begin(someone, ("history.csv", HISTORY, len(HISTORY)), ("activities.csv", STRAVA, len(STRAVA)))
    page = show(someone)
    listed = page.get_by_role("list", name="Unfinished imports").get_by_role("listitem")
    expect(listed).to_contain_text("history.csv, activities.csv")

    listed.get_by_role("button", name="Continue").click()
    dialog = page.get_by_role("dialog", name="Import 2 files")
    expect(dialog.get_by_role("region", name="Files")).to_contain_text("MapMyFitness: 15 to be added")
    dialog.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("2 files imported")).to_be_visible()
    expect(listed).to_have_count(0)


def test_an_import_is_left_by_cancel_and_discarded(someone: Someone) -> None:
    begin(someone, ("history.csv", HISTORY, len(HISTORY)))
    page = show(someone)
    listed = page.get_by_role("list", name="Unfinished imports").get_by_role("listitem")
    listed.get_by_role("button", name="Continue").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(listed).to_have_count(1)

    listed.get_by_role("button", name="Discard").click()

    expect(page.get_by_text("Discarded", exact=True)).to_be_visible()
    expect(listed).to_have_count(0)
    assert someone.api("GET", "/imports")["items"] == []


def test_a_file_that_was_cut_off_is_chosen_again(someone: Someone) -> None:
    begin(someone, ("history.csv", HISTORY, 100), ("activities.csv", STRAVA, len(STRAVA)))
    page = show(someone)
    listed = page.get_by_role("list", name="Unfinished imports").get_by_role("listitem")

    with page.expect_file_chooser() as chooser, page.expect_request(lambda one: one.method == "PUT") as put:
        listed.get_by_role("button", name="Choose files").click()
        chooser.value.set_files(
            [
                {"name": "activities.csv", "mimeType": "text/csv", "buffer": STRAVA},
                {"name": "history.csv", "mimeType": "text/csv", "buffer": HISTORY},
            ]
        )

    assert sha256_of(HISTORY) in put.value.url  # the other one is there
    dialog = page.get_by_role("dialog", name="Import 2 files")
    expect(dialog.get_by_role("region", name="Files")).to_contain_text("MapMyFitness: 15 to be added")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 files imported")).to_be_visible()


def test_an_import_that_asks_is_answered(someone: Someone) -> None:
    begin(someone, ("history.csv", HISTORY, len(HISTORY)), ("strong.csv", STRONG, len(STRONG)))
    number = someone.api("GET", "/imports")["items"][0]["import_id"]
    assert someone.api("POST", f"/imports/{number}/finish")["state"] == "asking"
    page = show(someone)
    listed = page.get_by_role("list", name="Unfinished imports").get_by_role("listitem")
    expect(listed).to_contain_text("some files wait for your answer")

    listed.get_by_role("button", name="Continue").click()
    dialog = page.get_by_role("dialog", name="Import 2 files")
    lines = dialog.get_by_role("region", name="Files").get_by_role("row")
    expect(lines.filter(has_text="history.csv")).to_contain_text("imported before")
    dialog.get_by_role("button", name="lb").click()
    expect(lines.filter(has_text="strong.csv")).to_contain_text("Strong: 2 to be added")
    assert someone.api("GET", "/workouts?workout_type=STRENGTH")["items"] == []
    dialog.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("2 files imported")).to_be_visible()
    expect(listed).to_have_count(0)
    assert len(someone.api("GET", "/workouts?workout_type=STRENGTH")["items"]) == 2
