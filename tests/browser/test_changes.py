"""Imports and their way back in the dashboard."""

import re
from pathlib import Path

import psycopg
from playwright.sync_api import expect

from tests.browser.conftest import Someone, Watch, calls_of, only_phone, only_wide
from tests.readers.strava import tables as strava

HEVY = Path(__file__).parents[1] / "data" / "hevy_export.csv"
STRONG = Path(__file__).parents[1] / "data" / "activities" / "strong" / "strong_ios_comma.csv"
EXPORT = Path(__file__).parents[1] / "data" / "mapmyfitness.csv"


@only_phone
def test_a_wrong_file_is_refused_and_one_whose_zone_nobody_knows_asks_for_it(someone: Someone, watch: Watch) -> None:
    watch.expected = (422,)
    someone.api("PATCH", "/users/me", json={"time_zone": None})
    page = someone.page
    page.goto("/dashboard/changes")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files({"name": "notes.json", "mimeType": "application/json", "buffer": b'{"notes": 1}'})
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("This file cannot be imported")
    page.get_by_role("button", name="Close").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files(HEVY)
    dialog = page.get_by_role("dialog", name="Import hevy_export.csv")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_role("alert")).to_contain_text("say in which one they are")

    dialog.get_by_label("Time zone").select_option("Europe/Berlin")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("A file of Hevy, its times read as those of Europe/Berlin")).to_be_visible()
    expect(dialog.get_by_role("button", name="Apply")).to_be_enabled()


@only_phone
def test_the_unit_of_a_files_weights_is_asked_and_one_press_answers(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/changes")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files(STRONG)
    dialog = page.get_by_role("dialog", name="Import strong_ios_comma.csv")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Squat (Barbell): 225 kg or 225 lb")

    dialog.get_by_role("button", name="lb").click()

    expect(dialog.get_by_text("A file of Strong, its times read as those of Europe/Berlin")).to_be_visible()
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("list", name="Changes")).to_contain_text("Import from Strong")


def test_an_import_is_previewed_applied_and_reverted(someone: Someone) -> None:
    page = someone.page
    page.get_by_role("link", name="Changes").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    broken = EXPORT.read_bytes() + b"\nno day,no day,Run,1,-3,60\n"
    chooser.value.set_files({"name": "mapmyfitness.csv", "mimeType": "text/csv", "buffer": broken})
    dialog = page.get_by_role("dialog", name="Import mapmyfitness.csv")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("A file of MapMyFitness, its times read as those of Europe/Berlin")).to_be_visible()
    expect(dialog.get_by_text("Nothing changes until you apply it")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Rows that cannot be read")).to_be_visible()
    expect(dialog.get_by_role("grid", name="Records").get_by_role("row").first).to_contain_text("Added")
    assert someone.api("GET", "/runs")["items"] == []

    dialog.get_by_role("button", name="Apply").click()
    changes = page.get_by_role("list", name="Changes")
    expect(changes).to_contain_text("Import from MapMyFitness")
    expect(changes).to_contain_text("· you ·")
    imported = someone.api("GET", "/runs")["items"]
    assert len(imported) > 5
    someone.api("PATCH", f"/runs/{imported[0]['id']}", json={"distance": 3.3})

    changes.get_by_role("button", name="Revert").click()
    dialog = page.get_by_role("dialog", name="Revert change")
    expect(dialog.get_by_role("grid", name="Records").get_by_role("row").first).to_contain_text("Deleted")
    expect(dialog.get_by_role("region", name="What stays, and why")).to_contain_text("Outdoor Run")
    assert len(someone.api("GET", "/runs")["items"]) == len(imported)

    dialog.get_by_role("button", name="Revert").click()
    expect(changes).to_contain_text("Taken back by change")
    assert [run["id"] for run in someone.api("GET", "/runs")["items"]] == [imported[0]["id"]]

    expect(
        page.get_by_text(re.compile("Change [0-9]+ reverted"))
    ).to_be_visible()  # the message before has its own Undo
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert len(someone.api("GET", "/runs")["items"]) == len(imported)


@only_wide
def test_after_a_wrong_import_is_reverted_the_right_one_goes_in(someone: Someone) -> None:
    page = someone.page
    for zone, revert in (("Pacific/Auckland", True), ("Europe/Berlin", False)):
        page.goto("/dashboard/changes")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import").click()
        chooser.value.set_files(EXPORT)
        dialog = page.get_by_role("dialog", name="Import mapmyfitness.csv")
        dialog.get_by_label("Time zone").select_option(zone)
        dialog.get_by_role("button", name="Preview").click()
        dialog.get_by_role("button", name="Apply").click()
        expect(page.get_by_text("mapmyfitness.csv imported: 15 records added")).to_be_visible()
        if revert:
            page.get_by_role("list", name="Changes").get_by_role("button", name="Revert").click()
            page.get_by_role("dialog").get_by_role("button", name="Revert").click()
            expect(page.get_by_role("list", name="Changes")).to_contain_text("Taken back by change")
            assert someone.api("GET", "/runs")["items"] == []

    again = someone.api("POST", "/mmf/upload-csv?dry_run=true", files={"file": EXPORT.read_bytes()})
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 15)


@only_wide
def test_a_change_opens_its_records_and_filters_them(someone: Someone) -> None:
    imported = someone.api("POST", "/mmf/upload-csv", files={"file": EXPORT.read_bytes()})
    contents = someone.api("GET", f"/changesets/{imported['changeset_id']}/records?noun=runs")["items"]
    someone.api("PATCH", f"/runs/{contents[0]['id']}", json={"distance": 9.9})
    page = someone.page
    page.goto("/dashboard/changes")
    page.get_by_role("link", name="Import from MapMyFitness").click()
    page.get_by_label("Of").select_option("Runs")
    records = page.get_by_role("grid", name="Records")
    edited = records.get_by_role("row").filter(has_text="Edited since")
    expect(edited).to_have_count(1)
    expect(edited).to_contain_text("Distance")
    assert f"/changes/{imported['changeset_id']}?noun=runs" in page.url

    page.get_by_label("What").select_option("Deleted")
    expect(page.get_by_role("heading", name="No records")).to_be_visible()
    page.get_by_label("What").select_option("Any change")
    edited.click()
    expect(page.get_by_label("Facts")).to_contain_text("9.90 mi")


@only_wide
def test_a_long_list_of_changes_is_scrolled_to_its_end_and_holds_only_those_in_sight(
    someone: Someone, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(
            """
            INSERT INTO changesets (user_id, kind, source, actor, reason, counts)
            SELECT user_id, 'import', 'Hevy', email, 'File ' || n, '{"found": 1}'
            FROM users
            CROSS JOIN generate_series(1, 160) AS n
            WHERE email = %(email)s
            """,
            {"email": someone.email},
        )
    page = someone.page
    page.goto("/dashboard/changes")
    changes = page.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(changes.first).to_contain_text("File 160")
    page.wait_for_function(
        """() => {
            scrollTo(0, document.documentElement.scrollHeight);
            return document.querySelector('[aria-posinset="160"]');
        }"""
    )
    expect(changes.filter(has_text="“File 1”")).to_be_visible()
    expect(changes.last).to_have_attribute("aria-setsize", "160")
    assert changes.count() < 40


@only_wide
def test_a_redo_is_called_one_and_its_button_reverts_it(someone: Someone) -> None:
    someone.api("POST", "/mmf/upload-csv", files={"file": EXPORT.read_bytes()})
    for changeset_id in (1, 2):
        someone.api("POST", f"/changesets/{changeset_id}/revert")
    page = someone.page
    page.goto("/dashboard/changes")
    redo = page.get_by_role("list", name="Changes").get_by_role("listitem").first
    expect(redo).to_contain_text("Redo of change 1")
    redo.get_by_role("button", name="Revert").click()
    page.get_by_role("dialog", name="Revert change 3?").get_by_role("button", name="Revert").click()
    expect(page.get_by_text("Change 3 reverted")).to_be_visible()

    expect(redo).to_contain_text("Revert of change 3")
    assert someone.api("GET", "/runs")["items"] == []
    page.goto("/dashboard/changes/4")
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("dialog", name="Redo change 3?").get_by_role("button", name="Redo").click()
    expect(page.get_by_text("Change 3 redone")).to_be_visible()
    assert len(someone.api("GET", "/runs")["items"]) == 11


def typed(kind: str) -> bytes:
    """A Strava export of one activity."""
    return strava.table([kind if place == 3 else cell for place, cell in enumerate(strava.PLAIN)])


@only_phone
def test_a_preview_counts_what_would_be_deleted(someone: Someone) -> None:
    someone.api("POST", "/strava/upload-csv", files={"file": typed("Run")})
    page = someone.page
    page.goto("/dashboard/changes")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files({"name": "activities.csv", "mimeType": "text/csv", "buffer": typed("Hike")})
    dialog = page.get_by_role("dialog", name="Import activities.csv")
    dialog.get_by_role("button", name="Preview").click()

    expect(dialog.locator("[data-count=deleted]")).to_have_text("to be deleted1")
    calls = calls_of(page)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 record added, 1 deleted")).to_be_visible()
    assert not any("dry_run=true" in call for call in calls)


def test_what_stays_of_a_revert_is_named_with_its_day(someone: Someone) -> None:
    someone.api("POST", "/mmf/upload-csv", files={"file": EXPORT.read_bytes()})
    newest = someone.api("GET", "/runs")["items"][0]
    someone.api("PATCH", f"/runs/{newest['id']}", json={"name": "Along the river", "distance": 9})
    page = someone.page
    page.goto("/dashboard/changes/1")
    page.get_by_role("button", name="Revert").click()
    stays = page.get_by_role("dialog", name="Revert change 1?").get_by_role("region", name="What stays, and why")

    kept = stays.get_by_role("listitem").filter(has_text="Along the river")
    expect(kept).to_contain_text(re.compile(r"Along the river Run · \d+ \w{3} 2025"))
    expect(kept).to_contain_text("Distance")
    expect(stays).not_to_contain_text(newest["id"])
