"""A table of one's own: its columns are said in a form, previewed, corrected and stored."""

from typing import get_args

from playwright.sync_api import Locator, expect

from fitness.readers.mapping import Field
from tests.browser.conftest import Someone, only_wide
from tests.browser.test_drop import drop
from tests.samples import ACTIVITIES

SHEET = b"Datum,Strecke,Weg,Zeit,Schuhe\n04/05/2024,3.1,5.0,28:10,Ghost 16\n06/07/2024,4.0,6.4,36:00,Ghost 16\n"
TRACK = (ACTIVITIES / "gpx" / "timezone_offsets.gpx").read_bytes()
SURE = b"Datum,Strecke (km),Zeit\n2024-05-04,8.05,45:12\n2024-05-05,10,no time\n"


def say_order_and_unit(form: Locator) -> None:
    """Say what the file leaves open."""
    form.get_by_label("Order of day and month").select_option("day")
    form.get_by_label("Unit of distances").select_option("km")


@only_wide
def test_a_table_is_stored_as_its_columns_were_said_and_corrected(someone: Someone) -> None:
    page = someone.page
    page.goto("/dashboard/changes")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files({"name": "sheet.csv", "mimeType": "text/csv", "buffer": SHEET})
    dialog = page.get_by_role("dialog", name="Import sheet.csv")
    dialog.get_by_role("button", name="Preview").click()

    form = dialog.get_by_role("region", name="Columns Datum, Strecke, Weg and 2 more")
    preview = form.get_by_role("button", name="Preview")
    expect(form.get_by_role("status")).to_have_text("Still needed: the order of day and month, the unit of distances.")
    expect(form).to_contain_text("04/05/2024: day first 4 May 2024, month first 5 Apr 2024")
    expect(preview).to_be_disabled()
    expect(form.get_by_label("Datum")).to_have_value("date")
    expect(form.get_by_label("Weg")).to_have_value("")
    meanings = form.get_by_label("Weg").locator("option").evaluate_all("all => all.map(({ value }) => value)")
    assert meanings == ["", *get_args(Field)]
    say_order_and_unit(form)
    preview.press("Enter")

    records = dialog.get_by_role("grid", name="Records")
    expect(records.get_by_role("row").first).to_contain_text("4 May 2024")
    dialog.get_by_role("button", name="Change columns").press("Enter")
    form.get_by_label("Weg").select_option("distance")
    expect(form.get_by_label("Strecke")).to_have_value("")
    form.get_by_label("Unit of distances").select_option("km")
    preview.click()
    expect(dialog.get_by_text("Weg: Distance")).to_be_visible()
    assert someone.api("GET", "/runs")["items"] == []
    dialog.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("sheet.csv imported: 2 records added")).to_be_visible()
    runs = someone.api("GET", "/runs")["items"]
    assert [(run["datetime_utc"], round(run["distance"], 2)) for run in runs] == [
        ("2024-07-06T10:00:00Z", 3.98),
        ("2024-05-04T10:00:00Z", 3.11),
    ]


@only_wide
def test_tables_among_others_are_asked_about_one_at_a_time(someone: Someone) -> None:
    page = someone.page
    drop(page, {"sheet.csv": SHEET, "sure.csv": SURE})
    dialog = page.get_by_role("dialog", name="Import 2 files")
    forms = dialog.get_by_role("region", name="Columns")
    expect(dialog.get_by_text("Table 1 of 2")).to_be_visible()
    first = "sheet.csv" if dialog.get_by_text("sheet.csv · Table 1 of 2").is_visible() else "sure.csv"
    for place in (1, 2):
        expect(dialog.get_by_text(f"Table {place} of 2")).to_be_visible()
        expect(forms).to_have_count(1)
        if (place == 1) == (first == "sheet.csv"):
            say_order_and_unit(forms)
        else:
            expect(forms.get_by_role("region", name="First rows")).to_contain_text("4 May 2024, 12:00")
            expect(forms.get_by_role("region", name="First rows")).to_contain_text("no time")
        forms.get_by_role("button", name="Preview").click()
    lines = dialog.get_by_role("region", name="Files").get_by_role("row")
    expect(lines.filter(has_text="sheet.csv")).to_contain_text("CSV: 2 to be added")
    expect(lines.filter(has_text="sure.csv")).to_contain_text("1 unreadable")
    expect(forms).to_have_count(0)


@only_wide
def test_a_remembered_answer_is_corrected_and_forgotten(someone: Someone) -> None:
    page = someone.page
    drop(page, {"sheet.csv": SHEET, "history.gpx": TRACK})
    dialog = page.get_by_role("dialog", name="Import 2 files")
    form = dialog.get_by_role("region", name="Columns")
    say_order_and_unit(form)
    form.get_by_role("button", name="Preview").click()
    dialog.get_by_role("button", name="Change columns").click()
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()
    form.get_by_label("Order of day and month").select_option("month")
    form.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_role("grid", name="Records")).to_contain_text("5 Apr 2024")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 files imported: 3 records added")).to_be_visible()

    drop(page, {"later.csv": SHEET.replace(b"2024", b"2025"), "history.gpx": TRACK})
    expect(page.get_by_role("region", name="Files")).to_contain_text("CSV: 2 to be added")
    expect(form).to_have_count(0)
    expect(dialog.get_by_text("CSV, as you said before: Datum: Date")).to_be_visible()
    dialog.get_by_role("button", name="Ask again").click()
    expect(form.get_by_label("Order of day and month")).to_have_value("")
    dialog.get_by_role("button", name="Cancel").click()
    assert someone.api("GET", "/imports/answers")["items"] == []


@only_wide
def test_settings_show_and_forget_what_imports_remember(someone: Someone) -> None:
    import_id = someone.api("POST", "/imports")["import_id"]
    someone.api("POST", f"/imports/{import_id}/answers", json={"kind": "Strong", "weight_unit": "lb"})
    page = someone.page
    page.goto("/dashboard/settings")
    page.get_by_role("button", name="Forget Strong: Weights in lb").click()

    expect(page.get_by_text("Forgotten: the next import asks again")).to_be_visible()
    expect(page.get_by_role("list", name="Remembered answers")).to_have_count(0)
