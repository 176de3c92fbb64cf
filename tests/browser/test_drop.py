"""Several files dropped on a page: one import, previewed, asked about, applied and reverted."""

import os
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.archives import packed
from tests.browser.conftest import Someone, calls_of, only_wide
from tests.samples import ACTIVITIES, DATA

FILES = {
    "history.csv": DATA / "mapmyfitness.csv",
    "pause.gpx": ACTIVITIES / "gpx" / "made_pause_segments.gpx",
    "strong.csv": ACTIVITIES / "strong" / "strong_ios_comma.csv",
}
DROP = """
(files) => {
    const carried = new DataTransfer();
    for (const [name, content] of Object.entries(files)) {
        const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
        carried.items.add(new File([bytes], name));
    }
    const drop = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
    document.querySelector("main").dispatchEvent(drop);
}
"""


def drop(page: Page, files: Mapping[str, Path | bytes]) -> None:
    """Let go of files over the page."""
    contents = {name: file if isinstance(file, bytes) else file.read_bytes() for name, file in files.items()}
    page.evaluate(DROP, {name: b64encode(content).decode() for name, content in contents.items()})


def large_zip() -> bytes:
    """A ZIP that is sent file by file, without its photograph."""
    photo = b"\xff\xd8\xff\xe0\0" + os.urandom(9 * 1024 * 1024)
    return packed({"photo.jpg": photo, "a/track.gpx": (ACTIVITIES / "gpx" / "timezone_offsets.gpx").read_bytes()})


@only_wide
def test_files_dropped_on_any_page_are_one_change_that_is_previewed_and_reverted(someone: Someone) -> None:
    page = someone.page
    drop(page, {**FILES, "notes.json": b'{"notes": 1}', "large.zip": large_zip()})
    dialog = page.get_by_role("dialog", name="Import 5 files")
    expect(dialog.get_by_role("alert")).to_contain_text("Strong, 1 file.")
    expect(dialog.get_by_role("alert")).to_contain_text("Squat (Barbell): 225 kg or 225 lb")
    lines = dialog.get_by_role("region", name="Files").get_by_role("row")
    expect(lines.filter(has_text="notes.json")).to_contain_text("This is JSON")
    expect(lines.filter(has_text="strong.csv")).to_contain_text("waits for your answer")
    expect(lines.filter(has_text="history.csv")).to_contain_text("MapMyFitness: 15 to be added")
    expect(lines.filter(has_text="large.zip")).to_have_text(["large.zip/a/track.gpxGPX: 1 to be added"])

    dialog.get_by_role("button", name="lb").click()
    expect(lines.filter(has_text="strong.csv")).to_contain_text("Strong: 2 to be added")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog.get_by_role("grid", name="Records").get_by_role("row").first).to_contain_text("Added")
    assert someone.api("GET", "/runs")["items"] == []
    calls = calls_of(page)
    dialog.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("4 files imported: 19 records added")).to_be_visible()
    assert not any("dry_run=true" in call for call in calls)
    page.get_by_role("link", name="Changes", exact=True).click()
    changes = page.get_by_role("list", name="Changes")
    changes.get_by_role("button", name="Revert").click()
    page.get_by_role("dialog").get_by_role("button", name="Revert").click()
    expect(changes).to_contain_text("Revert of change")
    assert someone.api("GET", "/runs")["items"] == []


@only_wide
def test_what_cannot_be_opened_in_a_zip_is_said(someone: Someone) -> None:
    track = FILES["pause.gpx"].read_bytes()
    files = packed({"track.gpx": track, "inner.zip": packed({"run.fit": track})[:100]})
    drop(someone.page, {"all.zip": files, "history.csv": FILES["history.csv"]})

    lines = someone.page.get_by_role("region", name="Files").get_by_role("row")
    expect(lines.filter(has_text="all.zip").first).to_contain_text("“inner.zip”: The archive is broken or incomplete")
    expect(lines.filter(has_text="all.zip/track.gpx")).to_contain_text("1 to be added")


@only_wide
def test_an_import_that_is_cancelled_leaves_nothing(someone: Someone) -> None:
    page = someone.page
    drop(page, FILES)
    dialog = page.get_by_role("dialog", name="Import 3 files")
    expect(dialog.get_by_role("region", name="Files")).to_be_visible()

    with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        dialog.get_by_role("button", name="Cancel").click()

    assert deleted.value.status == 204
    expect(dialog).to_have_count(0)
    assert someone.api("GET", "/changesets")["items"] == []


def unreadable(rows: int) -> bytes:
    """An export of MapMyFitness whose rows say no distance."""
    heading, row = FILES["history.csv"].read_bytes().splitlines(keepends=True)[:2]
    row = row.replace(b"3.1068", b"far")
    return heading + b"".join(row.replace(b"8700100201", str(87_00000000 + at).encode()) for at in range(rows))


@only_wide
def test_where_more_cannot_be_read_than_is_named_both_numbers_are_said(someone: Someone) -> None:
    page = someone.page
    drop(page, {"bad.csv": unreadable(25), "history.csv": FILES["history.csv"]})
    line = page.get_by_role("region", name="Files").get_by_role("row").filter(has_text="bad.csv")
    expect(line).to_contain_text("25 unreadable")
    expect(line).to_contain_text("and 5 others")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    drop(page, {"worse.csv": unreadable(1001)})
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("The first 1,000 of 1,001.")).to_be_visible()
