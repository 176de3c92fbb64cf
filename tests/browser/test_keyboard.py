"""Decisions, imports and lifts by keyboard alone."""

import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS, Someone, only_wide
from tests.browser.test_inbox import RUN, disagree, open_inbox

# More than a page of a preview.
ROWS = 130
TABLE = "Day;Km;How long\n" + "".join(
    f"{1 + row % 28:02}.{1 + row // 28:02}.2025;{5 + row % 7},5;00:{30 + row % 20}:00\n" for row in range(ROWS)
)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so, which may be about to come."""
    names: list[str] = []
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "(() => { const one = document.activeElement;"
                " return one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent; })()"
            )
        )
        if names[-1].strip().startswith(name):
            return
    raise AssertionError(f"{name} is not among {names}")


@only_wide
def test_a_conflict_is_decided_and_undone_by_keys(someone: Someone) -> None:
    disagree(someone)
    page = someone.page
    open_inbox(page)
    tab_to(page, "Take theirs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    expect(page.locator("main")).to_be_focused()
    assert someone.api("GET", f"/runs/{RUN}")["distance"] == 4.2

    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert someone.api("GET", f"/runs/{RUN}")["distance"] == 4.1
    tab_to(page, "Keep mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    assert someone.api("GET", "/conflicts")["items"] == []


def preview_table(page: Page) -> None:
    """Choose a file with columns of its own, say by keys what they are, and ask for the preview."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").press("Enter")
    chooser.value.set_files({"name": "runs.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    expect(page.get_by_role("dialog").get_by_role("button", name="Preview")).to_be_visible()
    tab_to(page, "Preview")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The first rows, as they are read")).to_be_visible()
    tab_to(page, "How long")
    # It passes "Date" on its way, which another column has.
    page.keyboard.type("Dur")
    expect(page.get_by_label("Day", exact=True)).to_have_value("date")
    tab_to(page, "Preview")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What would change")).to_be_visible()


@only_wide
def test_an_import_of_several_pages_is_refused_by_keys(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/changes")
    preview_table(page)
    expect(page.get_by_text(f"{ROWS} runs. A revert takes all of them back.")).to_be_visible()
    tab_to(page, "Outdoor Run")
    page.keyboard.press("End")
    expect(page.locator(f"[role=row][aria-rowindex='{ROWS}']")).to_be_focused()
    tab_to(page, "Change columns")
    page.keyboard.press("Enter")
    expect(page.get_by_label("How long", exact=True)).to_have_value("duration")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Keep editing")).to_be_focused()
    tab_to(page, "Discard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert someone.api("GET", "/changesets")["items"] == []


@only_wide
def test_an_import_is_applied_undone_and_redone_by_keys(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/changes")
    preview_table(page)
    tab_to(page, "Apply")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"runs.csv imported: {ROWS} records added")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert someone.api("GET", "/runs")["items"] == []

    tab_to(page, "Redo")
    page.keyboard.press("Enter")
    number = someone.api("GET", "/changesets")["items"][0]["reverts"]
    dialog = page.get_by_role("dialog", name=f"Redo change {number}?")
    expect(dialog).to_contain_text("What it took back comes back")
    expect(dialog.get_by_text(f"{ROWS} records")).to_be_visible()
    tab_to(page, "Redo")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Change {number} redone")).to_be_visible()
    assert someone.api("GET", "/runs/totals")["runs"] == ROWS


@only_wide
def test_sets_are_added_one_after_the_other_by_keys(someone: Someone) -> None:
    someone.api("POST", "/exercises", json={"name": "Front squat"})
    page = someone.page
    page.goto("/dashboard/live")
    tab_to(page, "Start workout")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Finish")).to_be_visible()
    expect(page.locator("main")).to_be_focused()
    tab_to(page, "Add exercise")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add exercise")
    expect(dialog.get_by_role("button", name="Front squat")).to_be_visible()
    tab_to(page, "Front squat")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    tab_to(page, "Add set")
    sets = page.get_by_role("list", name="Sets").get_by_role("listitem")
    for number in (1, 2, 3):
        page.keyboard.press("Enter")
        expect(sets).to_have_count(number)
        expect(page.get_by_role("button", name="Add set")).to_be_focused()
