"""Imports and their way back in the dashboard."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Someone

HEVY = Path(__file__).parents[1] / "data" / "hevy_export.csv"
EXPORT = Path(__file__).parents[1] / "data" / "mapmyfitness.csv"


def test_a_file_whose_zone_nobody_knows_asks_for_it(someone: Someone) -> None:
    someone.api("PATCH", "/users/me", json={"time_zone": None})
    page = someone.page
    page.goto("/dashboard/changes")
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
    expect(dialog.get_by_text("Nothing is changed yet")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Rows that cannot be read")).to_be_visible()
    assert someone.api("GET", "/runs")["items"] == []

    dialog.get_by_role("button", name="Apply").click()
    changes = page.get_by_role("list", name="Changes")
    expect(changes).to_contain_text("Import from MapMyFitness")
    imported = someone.api("GET", "/runs")["items"]
    assert len(imported) > 5
    someone.api("PATCH", f"/runs/{imported[0]['id']}", json={"distance": 3.3})

    changes.get_by_role("button", name="Revert").click()
    page.get_by_role("dialog").get_by_role("button", name="Revert").click()
    expect(page.get_by_role("dialog", name="2 records stayed")).to_contain_text(imported[0]["id"])
    page.get_by_role("button", name="Close").click()
    taken_back = someone.api("GET", "/changesets")["items"][0]["changeset_id"]
    expect(changes).to_contain_text(f"Taken back by change {taken_back}")
    assert [run["id"] for run in someone.api("GET", "/runs")["items"]] == [imported[0]["id"]]
