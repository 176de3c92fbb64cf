"""Trends in the dashboard: periods, charts by keys and as tables, the way to the log."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Someone, only_phone, only_wide

RUN = {"type": "Outdoor Run", "duration": 3600}


def test_a_period_of_ones_own_is_charted_walked_tabled_and_leads_to_the_log(someone: Someone) -> None:
    someone.api("PATCH", "/users/me", json={"max_heart_rate": 190, "resting_heart_rate": 50})
    run = {"type": "Outdoor Run", "distance": 5.0, "duration": 3600, "avg_heart_rate": 134}
    for day in (3, 5):
        someone.api("POST", "/runs", json={**run, "datetime_utc": f"2025-11-0{day}T12:00:00Z"})
    someone.api("POST", "/runs", json={**run, "distance": 3.0, "datetime_utc": "2024-11-04T12:00:00Z"})
    page = someone.page
    page.goto("/dashboard/trends")
    page.get_by_role("button", name="Custom").click()
    page.get_by_label("From", exact=True).fill("2025-11-03")
    page.get_by_label("To", exact=True).fill("2025-11-05")
    expect(page.get_by_label("Totals")).to_contain_text("10.0 mi")
    assert "start=2025-11-03&end=2025-11-05" in page.url

    trimp = page.get_by_role("application", name="TRIMP by day: 3 bars")
    trimp.focus()
    trimp.press("Home")
    expect(page.get_by_text("79 Mon 3 Nov")).to_be_visible()
    trimp.press("ArrowRight")
    expect(page.get_by_text("0 Tue 4 Nov")).to_be_visible()

    mileage = page.get_by_role("figure").filter(has=page.get_by_role("application", name="Mileage: 3 bars"))
    mileage.get_by_role("button", name="As a table").click()
    rows = page.get_by_role("region", name="Mileage as a table").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("the year before")
    expect(rows.filter(has_text="Mon 3 Nov")).to_contain_text("3.0 mi")
    page.get_by_role("button", name="As a chart").click()
    chart = page.get_by_role("application", name="Mileage: 3 bars")
    chart.press("End")
    chart.press("Enter")
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    assert "start=2025-11-05&end=2025-11-05" in page.url


@only_wide
def test_weeks_begin_on_the_persons_day_everywhere(someone: Someone) -> None:
    for day, miles in (("01", 1.0), ("02", 10.0), ("03", 2.0)):  # a Saturday, a Sunday, a Monday
        someone.api("POST", "/runs", json={**RUN, "distance": miles, "datetime_utc": f"2025-11-{day}T12:00:00Z"})
        sets = [{"exercise_name": "Squat", "set_index": 1, "weight": 100 * miles, "reps": 1}]
        someone.api(
            "POST",
            "/workouts",
            json={"workout_type": "STRENGTH", "start_ts": f"2025-11-{day}T15:00:00Z", "strength_sets": sets},
        )
    someone.api("PATCH", "/users/me", json={"week_start": "sunday"})
    page = someone.page

    page.goto("/dashboard/trends?start=2025-11-01&end=2025-11-03&by=week")

    expect(page.get_by_role("row", name="Best week")).to_contain_text("12.0 mi")
    expect(page.get_by_role("row", name="Best week")).to_contain_text("2 Nov 2025")
    page.get_by_role("button", name="As a table").first.click()
    rows = page.get_by_role("region", name="Mileage as a table").get_by_role("row")
    expect(rows.filter(has_text="week of 26 Oct 2025")).to_contain_text("1.0 mi")
    expect(rows.filter(has_text="week of 2 Nov 2025")).to_contain_text("12.0 mi")
    page.goto("/dashboard/strength?start=2025-11-01&end=2025-11-03")
    page.get_by_role("button", name="As a table").last.click()
    rows = page.get_by_role("region", name="Volume as a table").get_by_role("row")
    expect(rows.filter(has_text="week of 26 Oct 2025")).to_contain_text("100 lb")
    expect(rows.filter(has_text="week of 2 Nov 2025")).to_contain_text("1,200 lb")


@only_wide
def test_means_and_weeks_count_what_lies_beside_the_period(someone: Someone) -> None:
    for day, miles in (("10-07", 8.0), ("10-30", 7.0), ("11-03", 2.0), ("11-07", 4.0)):
        someone.api("POST", "/runs", json={**RUN, "distance": miles, "datetime_utc": f"2025-{day}T12:00:00Z"})
    page = someone.page
    page.goto("/dashboard/trends?start=2025-11-01&end=2025-11-04&by=day")

    page.get_by_role("button", name="As a table").first.click()

    rows = page.get_by_role("region", name="Mileage as a table").get_by_role("row")
    expect(rows.first).to_contain_text("mean of 7 days")
    expect(rows).to_have_count(5)
    expect(rows.filter(has_text="Sat 1 Nov")).to_contain_text("1.0 mi")
    page.get_by_role("button", name="By week").click()
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="week of 27 Oct 2025")).to_contain_text("7.0 mi")
    expect(rows.filter(has_text="week of 27 Oct 2025")).to_contain_text("3.8 mi")
    expect(rows.filter(has_text="week of 3 Nov 2025")).to_contain_text("6.0 mi")


@only_wide
def test_the_mean_of_all_time_begins_with_the_log(someone: Someone) -> None:
    for day, miles in (("10-27", 12.0), ("11-03", 6.0)):
        someone.api("POST", "/runs", json={**RUN, "distance": miles, "datetime_utc": f"2025-{day}T12:00:00Z"})
    page = someone.page
    page.goto("/dashboard/trends?period=all&by=week")

    page.get_by_role("button", name="As a table").first.click()

    rows = page.get_by_role("region", name="Mileage as a table").get_by_role("row")
    first = rows.filter(has_text="week of 27 Oct 2025").get_by_role("cell")
    expect(first).to_have_text(["week of 27 Oct 2025", "12.0 mi", "12.0 mi"])
    second = rows.filter(has_text="week of 3 Nov 2025").get_by_role("cell")
    expect(second).to_have_text(["week of 3 Nov 2025", "6.0 mi", "9.0 mi"])


LIFTED = [(65, 8), (70, 1)]


@only_phone
def test_the_list_of_exercises_shows_the_best_set_as_the_exercise_does(someone: Someone) -> None:
    # The heaviest set is not the one with the highest estimated maximum, which is 82 kg.
    sets = [{"exercise_name": "Squat", "weight_unit": "kg", "weight": weight, "reps": reps} for weight, reps in LIFTED]
    someone.api("PATCH", "/users/me", json={"units": "kilometres"})
    lift = {"workout_type": "STRENGTH", "start_ts": "2026-01-05T12:00:00Z", "end_ts": "2026-01-05T13:00:00Z"}
    someone.api("POST", "/workouts", json={**lift, "strength_sets": sets})
    page = someone.page
    page.goto("/dashboard/")
    expect(page.get_by_text("No runs in these weeks.")).to_be_visible()
    page.goto("/dashboard/strength?period=all")

    squat = page.get_by_role("button", name="Squat")
    expect(squat).to_have_text(re.compile("70 kg × 1.*best set"))
    squat.click()
    figures = page.get_by_role("definition")
    expect(figures.filter(has_text="70 kg × 1")).to_be_visible()
    expect(figures.filter(has_text=re.compile("^82 kg$"))).to_be_visible()


@only_wide
def test_a_week_that_goes_on_is_marked_and_part_of_no_mean(someone: Someone) -> None:
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    monday = today - timedelta(days=today.weekday())
    for day, miles in ((monday - timedelta(days=7), 12.0), (today, 2.0)):
        someone.api("POST", "/runs", json={**RUN, "distance": miles, "datetime_utc": f"{day}T09:00:00Z"})
    page = someone.page
    for path, name in (("", "Mileage by week"), ("trends?period=90&by=week", "Mileage")):
        page.goto(f"/dashboard/{path}")
        chart = page.get_by_role("application", name=re.compile(f"^{name}: "))
        expect(chart.locator("[data-running]")).to_have_count(1)
        page.get_by_role("figure").filter(has=chart).get_by_role("button", name="As a table").click()
        rows = page.get_by_role("region", name=f"{name} as a table").get_by_role("row")
        expect(rows.first).to_contain_text("mean of 4 full weeks")
        running, before = rows.nth(1).get_by_role("cell"), rows.nth(2).get_by_role("cell")
        expect(running.first).to_have_text(re.compile("^week of .*, so far$"))
        assert running.nth(1).text_content() == "2.0 mi"
        assert running.nth(2).text_content() == ""
        assert [before.nth(1).text_content(), before.nth(2).text_content()] == ["12.0 mi", "3.0 mi"]


def counted(someone: Someone, day: str, count: int) -> None:
    session = {"exercise_type": "push-up", "reps_count": count, "duration_seconds": 60}
    begun = {"workout_type": "REPS", "start_ts": f"{day}T12:00:00Z", "end_ts": f"{day}T12:01:00Z"}
    someone.api("POST", "/workouts", json={**begun, "rep_session": session})


@only_phone
def test_the_rep_counter_counts_the_days_of_the_period_in_its_colour(someone: Someone) -> None:
    for day, count in (("2025-10-31", 30), ("2025-11-03", 40), ("2025-11-10", 50)):
        counted(someone, day, count)
    page = someone.page
    page.goto("/dashboard/strength?start=2025-10-29&end=2025-11-04")
    chart = page.get_by_role("application", name="Repetitions: 7 bars")
    expect(page.get_by_role("definition").filter(has_text=re.compile("^70$"))).to_be_visible()
    expect(page.get_by_role("row", name="Push-ups")).to_contain_text("40 3 Nov 2025")
    colour = "element => getComputedStyle(element).fill"
    token = "getComputedStyle(document.documentElement).getPropertyValue('--reps')"
    assert as_rgb(page.evaluate(token)) == chart.locator(".chart-bar").first.evaluate(colour)

    # All time begins with the first session, not ten years ago.
    page.goto("/dashboard/strength?period=all")
    expect(page.get_by_role("definition").filter(has_text=re.compile("^120$"))).to_be_visible()
    page.get_by_role("button", name="As a table").click()
    rows = page.get_by_role("region", name="Repetitions as a table").get_by_role("row")
    expect(rows.last).to_contain_text("week of 27 Oct 2025, from 31 Oct")


@only_phone
def test_the_time_of_strength_is_that_of_lifts_and_one_is_no_plural(someone: Someone) -> None:
    lift = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat", "weight": 100, "reps": 1}]}
    someone.api("POST", "/workouts", json={**lift, **between("17:00", "18:00")})
    ride = {"workout_type": "CARDIO", "cardio_session": {"duration_seconds": 3 * 3600}}
    someone.api("POST", "/workouts", json={**ride, **between("08:00", "11:00")})
    page = someone.page
    page.goto("/dashboard/strength?period=all")

    totals = page.get_by_label("Totals").locator("div")
    expect(totals).to_have_text(["workout1", "set1", "rep1", "volume100 lb", "time1 h 0 min"])


def between(start: str, end: str) -> dict[str, str]:
    return {"start_ts": f"2025-11-03T{start}:00Z", "end_ts": f"2025-11-03T{end}:00Z"}


@only_phone
def test_all_time_counts_what_is_older_than_ten_years(someone: Someone) -> None:
    for day, count in (("2009-05-05", 30), ("2025-11-10", 50)):
        counted(someone, day, count)
    page = someone.page
    for period in ("period=all", "start=2008-01-01&end=2025-12-31"):
        page.goto(f"/dashboard/strength?{period}")
        expect(page.get_by_role("definition").filter(has_text=re.compile("^80$"))).to_be_visible()
        page.get_by_role("button", name="As a table").click()
        rows = page.get_by_role("region", name="Repetitions as a table").get_by_role("row")
        expect(rows.last).to_contain_text("week of 4 May 2009, from 5 May")


def as_rgb(colour: str) -> str:
    red, green, blue = (int(colour.strip()[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


@pytest.mark.parametrize("size", [{"width": 768, "height": 1024}], ids=["tablet"])
def test_on_a_tablet_the_periods_take_one_line_and_the_chosen_one_is_in_sight(someone: Someone) -> None:
    page = someone.page
    for path in ("trends", "strength"):
        page.goto(f"/dashboard/{path}?period=all")
        chosen = page.get_by_role("button", name="All time", pressed=True)
        expect(chosen).to_be_in_viewport(ratio=1)
        periods, chip = page.get_by_role("group", name="Period").bounding_box(), chosen.bounding_box()
        assert periods and chip and periods["height"] < 2 * chip["height"]
