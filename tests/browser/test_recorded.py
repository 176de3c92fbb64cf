"""A recorded run in the dashboard: its route and curves, what follows from them, and the files it came in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fitness.demo_tracks import tcx_of
from tests.browser.conftest import Someone, Watch, only_phone, only_wide

TRACK = tcx_of(datetime(2025, 11, 2, 6, 10, tzinfo=UTC), miles=6.2, seconds=3200, heart_rate=149)


@pytest.fixture
def recorded(someone: Someone) -> Page:
    """The page of a run that came as a TCX file, of somebody whose greatest heart rate is known."""
    someone.api("PATCH", "/users/me", json={"max_heart_rate": 187, "resting_heart_rate": 48})
    someone.api("POST", "/imports", files={"file": ("run.tcx", TRACK)})
    [run] = someone.api("GET", "/runs")["items"]
    someone.page.goto(f"/dashboard/runs/{run['id']}")
    return someone.page


@only_wide
def test_a_run_is_read_along_its_way_as_curves_and_as_a_table(recorded: Page) -> None:
    page = recorded
    expect(page.get_by_role("img", name="Route")).to_be_visible()
    curves = page.get_by_role("application", name="Heart rate, Pace, Altitude over distance: 600 points")
    curves.press("End")
    way = page.get_by_role("figure")
    expect(way).to_contain_text("53:20 · 6.20 mi")
    expect(page.locator(".route-here")).to_be_visible()
    curves.press("Shift+ArrowLeft")
    expect(way).to_contain_text("52:20")

    page.get_by_role("button", name="Over time").click()
    expect(page.get_by_role("application", name="over time")).to_be_visible()
    page.get_by_role("button", name="As a table").click()
    rows = way.get_by_role("row")
    expect(rows.first).to_contain_text("Heart rate, bpm")
    expect(rows.first).to_contain_text("Cadence, steps/min")
    expect(rows.nth(1)).to_contain_text("0:00")
    expect(rows.last).to_contain_text("53:20")
    expect(rows).to_have_count(101)

    splits = page.get_by_role("row").filter(has_text="/mi")
    expect(splits.filter(has_text="6.20")).to_be_visible()
    page.get_by_role("button", name="Laps").click()
    expect(page.get_by_role("row").filter(has_text="0.62 mi").first).to_be_visible()
    expect(page.get_by_role("row", name="5 from 169")).to_contain_text("%")
    expect(page.get_by_role("row", name="1 mile")).to_contain_text("/mi")


LAP = """<Lap StartTime="2025-11-02T22:{start}:00+09:00"><TotalTimeSeconds>{seconds}</TotalTimeSeconds>
<DistanceMeters>1000</DistanceMeters><AverageHeartRateBpm><Value>{rate}</Value></AverageHeartRateBpm></Lap>"""
LAPS = "".join(
    LAP.format(start=start, seconds=seconds, rate=rate) for start, seconds, rate in (("12", 300, 141), ("17", 312, 150))
)
BY_HAND = f"""<TrainingCenterDatabase><Activities><Activity Sport="Running"><Id>2025-11-02T13:12:00Z</Id>{LAPS}
</Activity></Activities></TrainingCenterDatabase>"""


@only_wide
def test_laps_of_a_file_without_points_stand_as_table_and_bars(someone: Someone) -> None:
    someone.api("POST", "/imports", files={"file": ("run.tcx", BY_HAND.encode())})
    [run] = someone.api("GET", "/runs")["items"]
    page = someone.page
    page.goto(f"/dashboard/runs/{run['id']}")

    laps = page.locator(".panel").filter(has=page.get_by_role("heading", name="Laps"))
    expect(laps.get_by_role("row")).to_have_count(3)
    expect(laps.get_by_role("row").last).to_contain_text("0.62 mi")
    expect(laps.get_by_role("row").last).to_contain_text("5:12")
    expect(laps.locator(".part-bar svg").last).to_be_visible()


@only_wide
def test_a_run_without_points_or_laps_asks_for_neither(someone: Someone) -> None:
    asked: list[str] = []
    someone.page.on("request", lambda request: asked.append(request.url))
    made = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 3.1, "duration": 1500}
    run = someone.api("POST", "/runs", json=made)

    someone.page.goto(f"/dashboard/runs/{run['id']}")

    expect(someone.page.get_by_label("Facts")).to_contain_text("3.10 mi")
    someone.page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith(("/points", "/analysis")) or "/analysis?" in url] == []


@only_phone
def test_the_clock_of_the_place_is_shown_and_the_zone_corrected(someone: Someone) -> None:
    someone.api("PATCH", "/users/me", json={"time_zone": "Europe/Berlin"})
    someone.api("POST", "/imports", files={"file": ("run.tcx", BY_HAND.encode())})
    [run] = someone.api("GET", "/runs")["items"]
    page = someone.page
    page.goto(f"/dashboard/runs/{run['id']}")
    facts = page.get_by_label("Facts")
    expect(facts).to_contain_text("Sun 2 Nov 2025, 14:12")
    expect(facts).to_contain_text("22:12 (UTC+9)")
    expect(facts).to_contain_text("UTC+9, named by the file")

    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Time zone")).to_have_value("+09:00")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").click()

    expect(facts).to_contain_text("22:12 in Tokyo (UTC+9)")
    expect(facts).to_contain_text("Asia/Tokyo, set by hand")
    [run] = someone.api("GET", "/runs")["items"]
    assert (run["time_zone"], run["version"]) == ({"name": "Asia/Tokyo", "source": "person"}, 2)


@only_phone
def test_a_file_is_downloaded_as_it_came_read_again_and_points_are_removed_for_good(
    recorded: Page, watch: Watch, tmp_path: Path
) -> None:
    watch.expected = (410,)
    page = recorded
    with page.expect_download() as download:
        page.get_by_role("button", name="Download TCX file").click()
    assert download.value.suggested_filename.startswith("2025-11-02")
    download.value.save_as(tmp_path / "run.tcx")
    assert (tmp_path / "run.tcx").read_bytes() == TRACK
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("Read again: nothing differs")).to_be_visible()

    page.get_by_role("button", name="Remove points").click()
    dialog = page.get_by_role("dialog", name="Remove the points?")
    expect(dialog).to_contain_text("This cannot be undone")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The points of this activity were removed")).to_be_visible()
    expect(page.get_by_role("button", name="Remove points")).to_have_count(0)
    expect(page.get_by_label("Facts")).to_contain_text("6.20 mi")


@only_phone
def test_ascent_and_calories_are_corrected_in_the_units_that_one_reads(recorded: Page, someone: Someone) -> None:
    page = recorded
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Ascent").fill("328")
    page.get_by_label("Calories").fill("700")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Facts")).to_contain_text("328 ft")
    [run] = someone.api("GET", "/runs")["items"]
    assert run["ascent"] == pytest.approx(99.97, abs=0.01)
    assert (run["calories"], run["version"]) == (700, 2)


@only_wide
def test_a_ride_shows_its_speed_and_its_figures_are_corrected(someone: Someone) -> None:
    ride = TRACK.replace(b'Sport="Running"', b'Sport="Biking"')
    someone.api("POST", "/imports", files={"file": ("ride.tcx", ride)}, params={"other_sports": "true"})
    [workout] = someone.api("GET", "/workouts")["items"]
    page = someone.page
    page.goto(f"/dashboard/workouts/{workout['id']}")
    expect(page.get_by_role("application", name="Heart rate, Speed, Altitude over distance")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="mi/h").first).to_be_visible()

    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Ascent").fill("328")
    page.get_by_label("Calories").fill("700")
    page.get_by_label("Sport").fill("Gravel Ride")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Facts")).to_contain_text("Gravel Ride")
    expect(page.get_by_label("Facts")).to_contain_text("328 ft")
    workout = someone.api("GET", f"/workouts/{workout['id']}")
    assert workout["cardio_session"]["ascent"] == pytest.approx(99.97, abs=0.01)
    assert workout["cardio_session"]["distance_miles"] == pytest.approx(6.2, abs=0.01)
    assert workout["calories_burned"] == 700
    assert workout["finished_at"] == "2025-11-02T07:03:20Z"
