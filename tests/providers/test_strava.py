"""Strava: its JSON and its exports in, runs and problems out; and its client against a stand-in."""

import csv
import io
import json
import threading
import tracemalloc
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    NotThere,
    ProviderError,
    RateLimited,
    Unreachable,
)
from fitness.providers.strava import client
from fitness.providers.strava.activities import gear_id, gear_name, parse_activity
from fitness.providers.strava.client import SCOPE, RateState, Strava
from fitness.readers import strava as strava_reader
from fitness.readers import zips
from fitness.readers.records import ParsedRun, Problem, Skipped, UnreadableFile
from fitness.readers.strava import parse_export
from tests.samples import DATA
from tests.standins.server import Answer, Fault, StandIn, json_answer
from tests.standins.strava import (
    ACTIVITIES,
    API,
    ATHLETE_ID,
    BAD_GATEWAY,
    EMPTY,
    NOT_JSON,
    TOKEN,
    TOO_MANY,
    StravaStandIn,
    make_activity,
    make_gear,
    refusal,
)


def sample(name):
    return json.loads((DATA / name).read_bytes())


def sample_export(name):
    with (DATA / name).open("rb") as stream:
        return list(parse_export(stream))


PAGES = sample("strava_activities_page1.json") + sample("strava_activities_page2.json")
GEAR_NAMES = {id: gear["name"] for id, gear in sample("strava_gear_by_id.json").items()}
RUN = PAGES[0]


def run_of(record):
    assert isinstance(record, ParsedRun), record
    return record


def problem_of(record):
    assert isinstance(record, Problem), record
    return record


def skipped_of(record):
    assert isinstance(record, Skipped), record
    return record


# --- the API: the samples


def test_the_sample_pages_give_their_runs_and_say_what_was_left_out():
    found = [parse_activity(activity, row, GEAR_NAMES) for row, activity in enumerate(PAGES, 1)]

    assert Counter(map(type, found)) == {ParsedRun: 12, Skipped: 6}
    assert found[0] == ParsedRun(
        row=1,
        id="strava_16321877401",
        datetime_utc=datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC),
        type="Outdoor Run",
        distance=round(8046.7 / 1609.344, 9),
        duration=2712.0,
        avg_heart_rate=143.2,
        shoe_name="Brooks Ghost 16",
        name="Easy miles, clocks went back",
        notes=None,
    )
    assert [record.detail for record in found if isinstance(record, Skipped)] == [
        "Not a run: “Ride”.", "Not a run: “WeightTraining”.", "Not a run: “Walk”.", "Not a run: “VirtualRide”.",
        "Not a run: “Swim”.", "Not a run: “Hike”.",
    ]  # fmt: skip


def test_treadmill_and_virtual_runs_are_told_from_those_outdoors_and_a_manual_one_is_outdoors():
    found = {activity["name"]: parse_activity(activity, 1) for activity in PAGES}
    runs = [record for record in found.values() if isinstance(record, ParsedRun)]

    assert [run.name for run in runs if run.type == "Treadmill Run"] == [
        "Treadmill Thursday", "Volcano Flat", "Treadmill, foot pod flat",
    ]  # fmt: skip
    assert run_of(found["Harvest 5K"]).type == "Outdoor Run"
    assert run_of(found["Treadmill, foot pod flat"]).distance == 0


def test_a_detailed_activity_also_has_notes_and_its_shoe():
    run = run_of(parse_activity(sample("strava_activity_detail.json"), 7))
    summary = next(
        run_of(parse_activity(activity, 7, GEAR_NAMES)) for activity in PAGES if activity["id"] == 16266120557
    )

    assert run == summary._replace(notes="Forgot the chest strap.")


def test_the_names_of_gear_come_from_its_json():
    assert gear_name(sample("strava_gear.json")) == "Brooks Ghost 16"
    assert [gear_name(odd) for odd in ({}, [], None, {"name": 7}, {"name": " "})] == [None] * 5


def test_gear_is_wanted_of_runs_only():
    assert {gear_id(activity) for activity in PAGES} == {"g18811201", "g18811340", "g18811377", None}
    assert [gear_id(odd) for odd in (None, {}, {"type": 5}, {"type": "Run", "gear_id": 5})] == [None] * 4


# --- the API: value by value


def parsed(**changes):
    """Parse the first sample with keys changed; `...` leaves a key out."""
    return parse_activity({key: value for key, value in (RUN | changes).items() if value is not ...}, 3)


@pytest.mark.parametrize(
    ("kinds", "type_"),
    [
        ({"sport_type": "Run"}, "Outdoor Run"),
        ({"sport_type": "TrailRun"}, "Outdoor Run"),
        ({"sport_type": "VirtualRun"}, "Treadmill Run"),
        ({"sport_type": "Run", "trainer": True}, "Treadmill Run"),
        ({"sport_type": "Run", "trainer": None}, "Outdoor Run"),
        ({"sport_type": "Run", "trainer": ...}, "Outdoor Run"),
        ({"sport_type": ..., "type": "Run"}, "Outdoor Run"),
        ({"sport_type": None, "type": "VirtualRun"}, "Treadmill Run"),
        ({"sport_type": "Run", "start_latlng": [], "manual": True}, "Outdoor Run"),
    ],
)
def test_every_kind_of_run_has_its_type(kinds, type_):
    assert run_of(parsed(**kinds)).type == type_


def test_what_is_no_run_is_skipped_whatever_its_other_values_are():
    assert parsed(sport_type="Ride", type="Run", distance="far", start_date=None) == Skipped(
        3, "strava_16321877401", "Not a run: “Ride”."
    )


def test_the_moving_time_counts_and_the_elapsed_one_where_nothing_moved():
    assert run_of(parsed(moving_time=100, elapsed_time=90)).duration == 100
    for nothing in (0, None, ...):
        assert run_of(parsed(moving_time=nothing)).duration == 2790
    assert run_of(parsed(moving_time=0, elapsed_time=...)).duration == 0
    assert run_of(parsed(moving_time=100, elapsed_time=...)).duration == 100


@pytest.mark.parametrize(
    ("given_", "found"), [(..., None), (None, None), (0, None), (0.0, None), (19.9, None), (300.5, None), (-5, None),
                          (20, 20), (300, 300), (143.24, 143.2)]
)  # fmt: skip
def test_a_heart_rate_that_no_heart_has_is_none(given_, found):
    assert run_of(parsed(average_heartrate=given_)).avg_heart_rate == found


def test_the_start_is_utc_whatever_the_local_one_says():
    run = run_of(parsed(start_date="2025-11-02T12:05:31Z", start_date_local="rubbish", timezone=7))

    assert run.datetime_utc == datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


def test_a_shoe_is_known_by_the_names_handed_in():
    assert run_of(parse_activity(RUN, 1, {"g18811201": "Mine"})).shoe_name == "Mine"
    assert run_of(parse_activity(RUN, 1, {"g1": "Mine"})).shoe_name is None
    assert run_of(parsed(gear_id=None, gear={"name": "Mine"})).shoe_name is None


def test_a_long_name_is_cut_and_an_empty_one_is_none():
    assert run_of(parsed(name="x" * 300)).name == "x" * 199 + "…"
    assert run_of(parsed(name=" ")).name is None
    assert run_of(parsed(name=...)).name is None


def test_keys_that_nobody_knows_change_nothing():
    assert parsed(mood="fine", splits=[{}]) == parsed()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": ...}, "id: missing."),
        ({"id": "16321877401"}, "id: “16321877401” is not the number of an activity."),
        ({"id": True}, "id: “True” is not"),
        ({"id": 2**63}, "id: "),
        ({"id": -1}, "id: “-1” is not"),
        ({"sport_type": ..., "type": ...}, "sport_type: missing, and so is type."),
        ({"sport_type": 5}, "sport_type: “5” is not text."),
        ({"start_date": ...}, "start_date: missing."),
        ({"start_date": "2025-11-02T12:05:31"}, "start_date: “2025-11-02T12:05:31” is not an instant"),
        ({"start_date": "yesterday"}, "start_date: “yesterday”"),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, "start_date: "),
        ({"start_date": "1899-12-31T23:59:59Z"}, "start_date: "),
        ({"start_date": 1762085131}, "start_date: “1762085131” is not text."),
        ({"distance": ...}, "distance: missing."),
        ({"distance": -1}, "distance: “-1” is not a number from 0 to"),
        ({"distance": 1_609_345}, "distance: "),
        ({"distance": "8046.7"}, "distance: "),
        ({"distance": float("nan")}, "distance: "),
        ({"distance": 10**400}, "distance: "),
        ({"moving_time": -1}, "moving_time: “-1” is not"),
        ({"moving_time": 3_600_001}, "moving_time: "),
        ({"moving_time": [5]}, "moving_time: "),
        ({"moving_time": 0, "elapsed_time": -1}, "elapsed_time: "),
        ({"moving_time": ..., "elapsed_time": None}, "moving_time: missing, and so is elapsed_time."),
        ({"average_heartrate": "fast"}, "average_heartrate: "),
        ({"trainer": "yes"}, "trainer: "),
        ({"name": 5}, "name: "),
        ({"name": "a\0b"}, "name: a null byte"),
        ({"name": "\ud83d"}, "name: half of a character"),
        ({"gear_id": {}}, "gear_id: "),
        ({"description": "x" * 10_001}, "description: longer than"),
    ],
)
def test_what_cannot_be_is_a_problem_that_says_where(changes, says):
    problem = problem_of(parsed(**changes))

    assert problem.row == 3
    assert problem.detail.startswith(says)
    assert problem.id == (None if "id" in changes else "strava_16321877401")


@pytest.mark.parametrize("odd", [None, [], "run", 5, True, {}, [RUN]])
def test_what_is_no_activity_is_a_problem(odd):
    assert problem_of(parse_activity(odd, 1)).id is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([0, "Run", "Ride"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(JSON | st.dictionaries(st.sampled_from(sorted(RUN)), JSON, max_size=5).map(lambda odd: RUN | odd))
@example(RUN | {"start_date": "9999-12-31T23:59:59-14:00"})
def test_no_json_raises(odd):
    record = parse_activity(odd, 1, GEAR_NAMES)

    gear_id(odd)
    gear_name(odd)
    if isinstance(record, ParsedRun):
        assert 0 <= record.distance <= 1_000
        assert 0 <= record.duration <= 3_600_000
        assert record.avg_heart_rate is None or 20 <= record.avg_heart_rate <= 300


# --- the export: the samples and the vintages


def test_the_export_of_2026_has_the_same_runs_as_the_api_but_knows_no_treadmill():
    of_api = {activity["id"]: run_of(record) for activity in PAGES
              if isinstance(record := parse_activity(activity, 1, GEAR_NAMES), ParsedRun)}  # fmt: skip

    found = sample_export("strava_export_activities.csv")

    assert Counter(map(type, found)) == {ParsedRun: 14, Skipped: 6}
    assert [record.row for record in found] == list(range(2, 22))
    runs = {record.id: record for record in found if isinstance(record, ParsedRun)}
    assert runs.keys() == {run.id for run in of_api.values()} | {"strava_9912004417", "strava_4711200983"}
    for run in of_api.values():
        twin = runs[run.id]
        assert (twin.datetime_utc, twin.distance, twin.duration, twin.name, twin.shoe_name) == (
            run.datetime_utc, run.distance, run.duration, run.name, run.shoe_name,
        )  # fmt: skip
        assert (twin.avg_heart_rate is None) == (run.avg_heart_rate is None)
    assert [run.name for run in runs.values() if run.type == "Treadmill Run"] == ["Volcano Flat"]
    assert runs["strava_16298812755"].notes == "Mud, then sun.\nTook the long way back, twice"


def test_the_export_with_british_dates_reads_alike():
    american = {record.id: record._replace(row=0) for record in sample_export("strava_export_activities.csv")}

    british = sample_export("strava_export_activities_en_gb.csv")

    assert Counter(map(type, british)) == {ParsedRun: 3, Skipped: 2}
    for record in british:
        assert record._replace(row=0) == american[record.id]


def test_the_export_of_2023_reads_in_spite_of_its_html_headings_and_empty_numbers():
    measured, by_hand, ride = sample_export("strava_export_2023.csv")

    assert run_of(measured).distance == pytest.approx(6437.4 / 1609.344)
    assert (run_of(measured).duration, run_of(measured).avg_heart_rate) == (1874, 147.0)
    assert run_of(by_hand).distance == pytest.approx(5020 / 1609.344)
    assert run_of(by_hand).duration == 1860
    skipped_of(ride)


HEADING = next(csv.reader((DATA / "strava_export_activities.csv").read_text().splitlines()))
GERMAN = [
    "Aktivitäts-ID", "Aktivitätsdatum", "Name der Aktivität", "Aktivitätsart", "Aktivitätsbeschreibung",
    "Verstrichene Zeit", "Distanz", "Max. Herzfrequenz", "Relative Leistung", "Pendeln", "Private Notiz",
    "Ausrüstung", "Dateiname", "Gewicht", "Fahrradgewicht", "Verstrichene Zeit", "Bewegungszeit", "Distanz",
    *(f"Spalte {number}" for number in range(18, 103)),
]  # fmt: skip
FRENCH = [
    "ID de l’activité", "Date", "Nom", "Type", "Description", "Temps écoulé", "Distance", "FC max.", *GERMAN[8:15],
    "Temps écoulé", "Durée de déplacement", "Distance", *GERMAN[18:],
]  # fmt: skip


def cells_of(places: dict[int, str], width=103):
    return [places.get(place, "") for place in range(width)]


PLAIN = cells_of(
    {0: "7001", 1: "Nov 2, 2025, 12:05:31 PM", 2: "Loop", 3: "Run", 4: "Wet", 5: "2790", 6: "8.04", 11: "Ghost",
     15: "2790.0", 16: "2712.0", 17: "8046.7", 31: "143.2"}
)  # fmt: skip
LOOP = ParsedRun(
    2, "strava_7001", datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC), "Outdoor Run", 4.999987573, 2712.0, 143.2, "Ghost",
    "Loop", "Wet",
)  # fmt: skip


def table(*rows, heading=HEADING):
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([heading, *rows])
    return content.getvalue().encode()


def read(content: bytes):
    return list(parse_export(io.BytesIO(content)))


def read_row(places: dict[int, str], heading=HEADING):
    """Parse the plain run with the cells at some places changed."""
    (record,) = read(table([places.get(place, cell) for place, cell in enumerate(PLAIN)], heading=heading))
    return record


def test_the_plain_row_is_read_whole():
    assert read_row({}) == LOOP


@pytest.mark.parametrize("columns", [80, 87, 92, 94, 99, 103])
def test_columns_are_found_by_name_whether_the_file_has_many_or_few(columns):
    media_last = [*HEADING[: columns - 1], "Media"]

    assert read(table(PLAIN[:columns], heading=media_last)) == [LOOP]


def without(places, row):
    return [cell for place, cell in enumerate(row) if place not in places]


def test_the_first_block_of_2021_lacks_two_columns():
    heading, row = without({7, 10}, HEADING[:81]), without({7, 10}, PLAIN[:81])

    assert len(heading) == 79
    assert read(table(row, heading=heading)) == [LOOP]
    assert read(table([*row[:3], "Lauf", *row[4:]], heading=without({7, 10}, GERMAN[:81]))) == [LOOP]


OLD = without({7, 8, 10}, HEADING[:13])
ROW_OF_2019 = ["7001", "Nov 2, 2025, 12:05:31 PM", "Loop", "Run", "Wet", "2712", "8.0467", "false", "Ghost", "x.gpx"]


def test_the_ten_columns_of_2019_have_kilometres():
    assert read(table(ROW_OF_2019, heading=OLD)) == [LOOP._replace(avg_heart_rate=None)]


def test_the_ten_columns_of_2018_have_metres():
    heading = ["id", "date", "name", "type", "description", "elapsed_time", "distance", "commute", "gear", "filename"]
    row = ["7001", "2025-11-02 12:05:31", "Loop", "Run", "Wet", "2712", "8046.7", "false", "Ghost", "x.gpx"]

    assert read(table(row, heading=heading)) == [LOOP._replace(avg_heart_rate=None)]


def test_german_exports_have_german_words_dates_and_commas():
    german = {1: "02.11.2025, 12:05:31", 3: "Lauf", 6: "8,04"}

    assert read_row(german, GERMAN) == LOOP
    assert run_of(read_row(german | {3: "Virtueller Lauf"}, GERMAN)).type == "Treadmill Run"
    assert run_of(read_row(german | {17: ""}, GERMAN)).distance == pytest.approx(8040 / 1609.344)
    assert run_of(read_row(german | {17: "8046,7"}, GERMAN)).distance == LOOP.distance
    for other in ("Radfahrt", "Wanderung", "Skilanglauf", "Eislauf", "Krafttraining"):
        assert skipped_of(read_row(german | {3: other}, GERMAN)).detail == f"Not a run: “{other}”."


def test_german_exports_of_2019_have_the_same_order():
    row = [*ROW_OF_2019[:1], "02.11.2025, 12:05:31", "Loop", "Lauf", "Wet", "2712", "8,04", *ROW_OF_2019[7:]]

    (run,) = read(table(row, heading=[*GERMAN[:7], "Pendeln", "Ausrüstung", "Dateiname"]))

    assert (run_of(run).distance, run_of(run).shoe_name) == (pytest.approx(8040 / 1609.344), "Ghost")


def test_in_another_language_columns_are_known_by_place_and_words_that_are_not_known_are_problems():
    french = {1: "2 nov. 2025, 12:05:31", 3: "Course à pied", 6: "8,04"}

    assert read_row(french, FRENCH) == LOOP
    assert run_of(read_row(french | {1: "2 févr. 2025 à 12:05:31"}, FRENCH)).datetime_utc.month == 2
    assert "set Strava to English" in problem_of(read_row(french | {3: "Bieg"}, FRENCH)).detail


def test_columns_that_are_not_known_are_refused():
    strange = [f"Spalte {number}" for number in range(103)]

    for heading in (strange, strange[:10], HEADING[1:], ["id", "name"]):
        with pytest.raises(UnreadableFile, match=r"lacks Activity ID, Activity Date.* set Strava to English"):
            read(table(PLAIN[: len(heading)], heading=heading))
    still = [*PLAIN[:5], "60", "0", *PLAIN[7:15], "60", "60", "0", *PLAIN[18:]]
    for first_row in (PLAIN, still, cells_of({}), cells_of({102: "x"})):
        with pytest.raises(UnreadableFile, match="heading row"):
            read(table(PLAIN, heading=first_row))
    with pytest.raises(UnreadableFile, match="lacks Activity Type, Distance"):
        read(table([], heading=["Activity ID", "Activity Date", "Elapsed Time"]))
    with pytest.raises(UnreadableFile, match="semicolons"):
        read(b"Activity ID;Activity Date\n")
    with pytest.raises(UnreadableFile, match="empty"):
        read(b"")


# --- the export: value by value


@pytest.mark.parametrize(
    "written",
    [
        "Nov 2, 2025, 12:05:31 PM", "Nov 2, 2025, 12:05:31\u202fPM", "Nov 2, 2025, 12:05:31\xa0pm",
        "2 Nov 2025, 12:05:31", "02.11.2025, 12:05:31", "2025-11-02 12:05:31", "November 2, 2025, 12:05:31 p.m.",
        "2. Nov. 2025, 12:05:31", " 2 Nov 2025 12:05:31 ",
    ],
)  # fmt: skip
def test_every_way_of_writing_a_date_is_utc(written):
    assert run_of(read_row({1: written})).datetime_utc == LOOP.datetime_utc


@pytest.mark.parametrize(
    ("written", "hour"), [("12:00:00 AM", 0), ("1:00:00 AM", 1), ("12:00:00 PM", 12), ("11:00:00 PM", 23)]
)
def test_noon_and_midnight_are_told_apart(written, hour):
    assert run_of(read_row({1: f"Nov 2, 2025, {written}"})).datetime_utc.hour == hour


@pytest.mark.parametrize(
    "written",
    ["", "Nov 2, 2025", "Smarch 2, 2025, 12:05:31 PM", "Nov 31, 2025, 12:05:31 PM", "Nov 2, 2025, 13:05:31 PM",
     "Nov 2, 2025, 0:05:31 AM", "2 Nov 2025, 24:00:00", "Nov 2, 1899, 12:05:31 PM", "11/02/2025, 12:05:31",
     "2025-13-02 12:05:31", "٢ Nov 2025, 12:05:31"],
)  # fmt: skip
def test_an_unreadable_date_is_a_problem(written):
    problem = problem_of(read_row({1: written}))

    assert problem == Problem(2, "strava_7001", problem.detail)
    assert problem.detail.startswith(f"Activity Date: “{written}” is not a date like")


@pytest.mark.parametrize(
    ("shown", "metres"),
    [("8.04", 8040), ("8,04", 8040), ("5", 5000), ("9.60", 9600), ("1,234.5", 1_234_500), ("1.234,5", 1_234_500)],
)
def test_the_distance_as_shown_is_the_last_resort(shown, metres):
    assert run_of(read_row({6: shown, 17: ""})).distance == pytest.approx(metres / 1609.344)
    assert run_of(read_row({6: shown})).distance == LOOP.distance


def test_the_moving_time_counts_and_the_elapsed_ones_where_nothing_moved():
    assert run_of(read_row({16: ""})).duration == 2790
    assert run_of(read_row({16: "0.0"})).duration == 2790
    assert run_of(read_row({16: "", 15: "", 5: "77"})).duration == 77
    assert run_of(read_row({16: "0", 15: "", 5: ""})).duration == 0


@pytest.mark.parametrize(
    ("kind", "type_"), [("Run", "Outdoor Run"), ("Trail Run", "Outdoor Run"), ("Virtual Run", "Treadmill Run"),
                        ("run", "Outdoor Run"), ("TrailRun", "Outdoor Run")]
)  # fmt: skip
def test_every_kind_of_run_in_an_export_has_its_type(kind, type_):
    assert run_of(read_row({3: kind})).type == type_


@pytest.mark.parametrize(
    "kind", ["Ride", "Virtual Ride", "Weight Training", "Nordic Ski", "Workout", "Crossfit", "Row"]
)
def test_other_sports_are_skipped_whatever_their_numbers_are(kind):
    assert read_row({3: kind, 1: "?", 17: "?"}) == Skipped(2, "strava_7001", f"Not a run: “{kind}”.")


def test_a_new_kind_of_run_is_a_problem_and_not_passed_over():
    assert "“Night Run” is not known here" in problem_of(read_row({3: "Night Run"})).detail


@pytest.mark.parametrize(
    ("places", "says"),
    [
        ({0: ""}, "Activity ID: “” is not a number."),
        ({0: "abc"}, "Activity ID: "),
        ({0: "0"}, "Activity ID: "),
        ({3: " "}, "Activity Type: empty."),
        ({17: "-1"}, "Distance: “-1” is not"),
        ({17: "nan"}, "Distance: "),
        ({17: "1609345"}, "Distance: "),
        ({17: "", 6: ""}, "Distance: “” is not a number from 0 to"),
        ({17: "", 6: "far"}, "Distance: "),
        ({16: "-1"}, "Moving Time: "),
        ({16: "3600001"}, "Moving Time: "),
        ({16: "", 15: "", 5: ""}, "Elapsed Time: "),
        ({31: "fast"}, "Average Heart Rate: "),
        ({4: "x" * 10_001}, "Activity Description: longer than"),
    ],
)
def test_an_absurd_cell_is_a_problem_that_names_its_column(places, says):
    problem = problem_of(read_row(places))

    assert problem.detail.startswith(says)
    assert problem.id == (None if 0 in places else "strava_7001")


@pytest.mark.parametrize(
    ("written", "rate"),
    [("", None), ("0", None), ("0.0", None), ("19", None), ("301", None), ("117.04443", 117.0)],
)
def test_a_heart_rate_in_an_export_is_as_in_the_api(written, rate):
    assert run_of(read_row({31: written})).avg_heart_rate == rate


def test_an_activity_that_comes_twice_is_skipped_the_second_time():
    first, second = read(table(PLAIN, PLAIN))

    assert first == LOOP
    assert second == Skipped(3, "strava_7001", "The same activity as row 2.")


def test_a_row_with_missing_cells_is_a_problem_and_the_next_is_read():
    short, whole = read(table(PLAIN[:50], PLAIN))

    assert problem_of(short).id is None
    assert whole == LOOP._replace(row=3)


# --- the export: the archive


def packed(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("name", ["activities.csv", "export_40123456/activities.csv", "a/b/Activities.csv"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_whole_archive_reads_like_the_file_in_it(name, compression):
    content = packed(
        ("__MACOSX/activities.csv", b"\0"),
        ("shoes.csv", b""),
        (name, table(PLAIN)),
        ("deep/er/than/all/activities.csv", b"rubbish"),
        compression=compression,
    )

    assert read(content) == [LOOP]


def flipped(content: bytes, place: int, bits: int = 0xFF) -> bytes:
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


def encrypted() -> bytes:
    content = packed(("activities.csv", table(PLAIN)))
    return flipped(flipped(content, 6, 1), content.index(b"PK\x01\x02") + 8, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed(("shoes.csv", b"")), "no activities.csv"),
        (packed(), "no activities.csv"),
        (b"PK\x03\x04", "broken or incomplete"),
        (packed(("activities.csv", table(PLAIN)))[:200], "broken or incomplete"),
        (flipped(packed(("activities.csv", table(PLAIN) * 9), compression=0), 2_000), "broken or incomplete"),
        (flipped(packed(("activities.csv", table(PLAIN) * 9)), 300), "broken or incomplete"),
        (encrypted(), "encrypted"),
        (packed(("activities.csv", table(PLAIN)), compression=zipfile.ZIP_BZIP2), "unusual way"),
        (packed(("activities.csv", b"")), "empty"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read(content)


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(strava_reader, "MOST_CSV_BYTES", 10 * 1024**2)
    monkeypatch.setattr(zips, "MOST_DIRECTORY_BYTES", 5_000)

    with pytest.raises(UnreadableFile, match=r"The activities\.csv is larger than 10 MB\."):
        read(packed(("activities.csv", table(PLAIN) + bytes(10 * 1024**2))))
    with pytest.raises(UnreadableFile, match="too many files"):
        read(packed(*[(f"activities/{number}.fit.gz", b"") for number in range(200)], ("activities.csv", table(PLAIN))))


def test_a_size_that_lies_gives_no_more_than_it_says():
    content = packed(("activities.csv", table(PLAIN) + b"," * 50_000_000))
    size = content.index(b"PK\x01\x02") + 24

    with pytest.raises(UnreadableFile, match="broken or incomplete"):
        read(content[:size] + (2_000).to_bytes(4, "little") + content[size + 4 :])


@pytest.mark.parametrize("zipped", [False, True])
def test_memory_does_not_grow_with_the_file(tmp_path, zipped):
    path = tmp_path / "export"
    ride = [*PLAIN[:3], "Ride", "x" * 9_000, *PLAIN[5:]]
    content = table(PLAIN, *[ride] * 2_000)  # 18 MB
    path.write_bytes(packed(("activities.csv", content)) if zipped else content)
    del content

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            kinds = Counter(type(record) for record in parse_export(stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kinds == {ParsedRun: 1, Skipped: 2_000}
    assert peak < 4_000_000


@pytest.mark.parametrize("content", [table(PLAIN), packed(("activities.csv", table(PLAIN)))])
def test_the_callers_stream_stays_open(content):
    with io.BytesIO(content) as stream:
        found = parse_export(stream)
        next(found)
        found.close()

        assert not stream.closed


def read_or_refuse(content):
    try:
        return read(content)
    except UnreadableFile as refused:
        assert str(refused).endswith(".")
        return []


ZIPPED = packed(("activities.csv", table(PLAIN)))


@given(st.integers(0, len(ZIPPED) - 1), st.integers(1, 255), st.integers(0, len(ZIPPED)))
def test_a_damaged_archive_raises_nothing_but_unreadable_file(place, bits, end):
    read_or_refuse(flipped(ZIPPED, place, bits))
    read_or_refuse(ZIPPED[:end])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=103, max_size=103))
def test_no_cells_raise(cells):
    assert len(read_or_refuse(table([*cells[:3], "Run", *cells[4:]]))) <= 1


# --- the client


NOON = datetime(2025, 11, 2, 12, 7, 30, tzinfo=UTC)
QUARTER_LATER = datetime(2025, 11, 2, 12, 15, tzinfo=UTC)
MIDNIGHT = datetime(2025, 11, 3, tzinfo=UTC)
BACK = "https://fitness.example/callback"
SECRETS = ["5ec2e7", "a11ce", "c0ffee", "c0de"]


@pytest.fixture
def stand_in():
    with StravaStandIn(now=lambda: NOON) as standing:
        yield standing


@pytest.fixture
def strava(stand_in):
    """A client of one who has just connected."""
    with client_of(stand_in, access_token=stand_in.connect()[0]) as connected:
        yield connected


def client_of(stand_in, **changes: Any) -> Strava:
    return Strava(
        **{
            **stand_in.addresses,
            "client_id": stand_in.client_id,
            "client_secret": stand_in.client_secret,
            "time_limits": httpx.Timeout(30),
            "code_wait": 0,
            "now": lambda: NOON,
        }
        | changes
    )


def refused(kind: type[ProviderError], call, *args: Any) -> Any:
    """Return the error of a kind that a call ends with, and make sure that it and its causes give no secret away."""
    with pytest.raises(ProviderError) as raised:
        call(*args)
    assert type(raised.value) is kind, raised.value
    error: BaseException | None = raised.value
    while error:
        assert not [secret for secret in SECRETS if secret in f"{error!s}{error!r}"]
        error = error.__cause__ or error.__context__
    return raised.value


def test_a_person_connects_as_the_browser_goes(stand_in):
    with client_of(stand_in) as strava:
        address = strava.authorize_url(BACK, "st&te")
    asked = parse_qs(urlsplit(address).query)

    answer = httpx.get(address)

    assert asked == {
        "client_id": ["12345"],
        "redirect_uri": [BACK],
        "response_type": ["code"],
        "approval_prompt": ["auto"],
        "scope": ["read,activity:read_all,profile:read_all"],
        "state": ["st&te"],
    }
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (back["state"], back["scope"]) == (["st&te"], [SCOPE])
    with client_of(stand_in) as strava:
        tokens = strava.exchange_code(back["code"][0], BACK)
    assert tokens.account_id == str(ATHLETE_ID)
    assert tokens.expires_at == NOON + timedelta(hours=6)
    assert stand_in.asked(TOKEN)[0].form == {
        "client_id": "12345",
        "client_secret": "5ec2e7",
        "code": back["code"][0],
        "grant_type": "authorization_code",
    }


def test_a_person_says_no_or_allows_less(stand_in):
    with client_of(stand_in) as strava:
        address = strava.authorize_url(BACK, "s")
    stand_in.granted = ""
    no = httpx.get(address).headers["location"]
    stand_in.granted = "read"
    less = httpx.get(address).headers["location"]

    assert parse_qs(urlsplit(no).query) == {"state": ["s"], "error": ["access_denied"]}
    assert parse_qs(urlsplit(less).query)["scope"] == ["read"]


def test_tokens_do_not_show(stand_in, strava):
    tokens = strava.exchange_code(stand_in.new_code(), BACK)

    assert not [secret for secret in SECRETS if secret in f"{tokens!r}{strava!r}{vars(strava)['rate']!r}"]


def test_a_fresh_code_that_is_refused_once_works(stand_in, strava):
    stand_in.fail(Fault(refusal(400, "AuthorizationCode", "code", "invalid"), on=TOKEN))

    assert strava.exchange_code(stand_in.new_code(), BACK).access_token
    assert len(stand_in.asked(TOKEN)) == 2


def test_a_code_that_is_not_known_is_refused_after_two_tries(stand_in, strava):
    refused(ConnectionRefused, strava.exchange_code, "c0de", BACK)

    assert len(stand_in.asked(TOKEN)) == 2


def test_a_refresh_gives_a_new_refresh_token_and_the_old_one_is_dead(stand_in):
    access, refresh = stand_in.connect()
    with client_of(stand_in) as strava:
        first = strava.refresh(refresh)
        refused(ConnectionRefused, strava.refresh, refresh)
        stand_in.expire_access()
        second = strava.refresh(str(first.refresh_token))

        assert (first.access_token, first.account_id, first.scope) == (access, None, None)
        assert second.access_token != access
        strava.use(second.access_token)
        assert strava.activities(None, 1)[0] == []


def test_a_connection_that_was_ended_cannot_be_refreshed(stand_in, strava):
    _, refresh = stand_in.connect()
    stand_in.end_connections()

    refused(AccessExpired, strava.activities, None, 1)
    refused(ConnectionRefused, strava.refresh, refresh)


def test_revoking_ends_the_connection(stand_in, strava):
    access, refresh = stand_in.connect()

    strava.revoke(access)

    refused(ConnectionRefused, strava.refresh, refresh)
    refused(AccessExpired, strava.revoke, access)
    assert "access_token" not in stand_in.asked("/oauth/deauthorize")[0].query


@pytest.mark.parametrize("wrong", [{"client_id": "1"}, {"client_secret": "wrong"}])
def test_a_wrong_application_is_the_operators_fault(stand_in, wrong):
    _, refresh = stand_in.connect()

    with client_of(stand_in, **wrong) as strava:
        refused(Misconfigured, strava.refresh, refresh)
        refused(Misconfigured, strava.exchange_code, "c0de", BACK)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(401),
        Answer(404, b"<html>"),
        refusal(403, "Application", "", "invalid"),
        json_answer({"message": "Limit of connected athletes exceeded"}, 403),
    ],
)
def test_what_a_token_address_should_not_say_is_the_operators_fault(stand_in, strava, answer):
    stand_in.fail(Fault(answer, on=TOKEN))

    refused(Misconfigured, strava.refresh, "c0ffee")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"access_token": "a11ce", "refresh_token": "c0ffee"},
        {"access_token": "a11ce", "refresh_token": None, "expires_at": 1},
        {"access_token": "a b", "refresh_token": "c0ffee", "expires_at": 1},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": "soon"},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": 1e20},
        {"access_token": "a11ce", "refresh_token": "c0ffee", "expires_at": True},
    ],
)
def test_an_answer_without_tokens_is_a_failure(stand_in, strava, answer):
    stand_in.fail(Fault(json_answer(answer), on=TOKEN))

    refused(Unreachable, strava.refresh, "c0ffee")


@pytest.mark.parametrize("name", ["strava_token.json", "strava_token_refresh.json"])
def test_the_samples_of_tokens_are_read(stand_in, strava, name):
    given_ = sample(name)
    stand_in.fail(Fault(json_answer(given_), on=TOKEN), Fault(json_answer(given_ | {"expires_at": None}), on=TOKEN))

    tokens, soon = strava.refresh("c0ffee"), strava.refresh("c0ffee")

    assert (tokens.access_token, tokens.refresh_token) == (given_["access_token"], given_["refresh_token"])
    assert tokens.expires_at.timestamp() == given_["expires_at"]
    assert tokens.account_id == (str(given_["athlete"]["id"]) if "athlete" in given_ else None)
    assert soon.expires_at == NOON + timedelta(hours=6)


def test_all_pages_are_fetched_newest_first_and_each_is_fetched_once(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))

    pages = list(strava.pages())

    assert [(page.number, len(page.activities)) for page in pages] == [(1, 200), (2, 200), (3, 50)]
    assert [activity["id"] for page in pages for activity in page.activities] == [
        16_000_000_000 + number for number in reversed(range(450))
    ]
    assert [request.query for request in stand_in.asked(ACTIVITIES)] == [
        {"page": str(number), "per_page": "200"} for number in range(1, 6)
    ]


def test_with_after_the_oldest_come_first_and_only_the_later_ones(stand_in, strava):
    stand_in.add(*map(make_activity, range(10)))

    (page,) = strava.pages(after=datetime(2020, 1, 1, 11, 0, 0, 900_000, tzinfo=UTC))

    assert [activity["name"] for activity in page.activities] == ["Run 6", "Run 7", "Run 8", "Run 9"]
    assert stand_in.asked(ACTIVITIES)[0].query["after"] == "1577876400"


def test_fetching_goes_on_from_any_page(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))

    assert [page.number for page in strava.pages(first=3)] == [3]


def test_a_short_page_is_not_the_end(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    short = Fault(lambda _, right: json_answer(json.loads(right().body)[:7]), on=ACTIVITIES)
    stand_in.fail(short)

    assert [len(page.activities) for page in strava.pages()] == [7, 200, 50]


def test_an_empty_account_has_no_pages(strava):
    assert list(strava.pages()) == []


def until_it_breaks(pages):
    """Return the numbers of the pages that came, and the error after them."""
    came: list[int] = []
    with pytest.raises(ProviderError) as raised:
        came.extend(page.number for page in pages)
    return came, raised.value


def test_an_empty_page_before_the_end_is_a_failure_and_not_the_end(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    pages = strava.pages()
    next(pages)
    stand_in.fail(Fault(EMPTY, on=ACTIVITIES))

    came, error = until_it_breaks(pages)

    assert (came, type(error)) == ([], Unreachable)
    assert str(error) == "Strava sent nothing on page 2, but more behind it"


def test_the_same_page_twice_is_a_failure(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    pages = strava.pages()
    next(pages)
    stand_in.repeat_page()

    came, error = until_it_breaks(pages)

    assert (came, str(error)) == ([], "Strava sent page 1 again as page 2")


def test_a_list_without_end_is_given_up(stand_in, strava, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 2)
    stand_in.add(*map(make_activity, range(450)))

    came, error = until_it_breaks(strava.pages())

    assert (came, str(error)) == ([1, 2], "Strava sent more than 2 pages")


def test_after_a_token_expires_on_the_way_the_same_page_is_fetched_with_a_new_one(stand_in):
    stand_in.add(*map(make_activity, range(450)))
    access, refresh = stand_in.connect()
    with client_of(stand_in, access_token=access) as strava:
        strava.activities(None, 1)
        stand_in.expire_access()
        refused(AccessExpired, strava.activities, None, 2)
        strava.use(strava.refresh(refresh).access_token)

        assert len(strava.activities(None, 2)[0]) == 200


TROUBLE = {
    "cut": Fault(cut=True),
    "slow": Fault(delay=60),
    "malformed": Fault(NOT_JSON),
    "bad gateway": Fault(BAD_GATEWAY),
    "empty": Fault(Answer(200)),
    "empty 503": Fault(Answer(503)),
    "page for people": Fault(Answer(200, b"<html>", {"Content-Type": "text/html"})),
    "no JSON of ours": Fault(json_answer("fine")),
    "nonsense that is deep": Fault(Answer(200, b"[" * 100_000)),
    "not UTF-8": Fault(Answer(200, b'["\xff"]', {"Content-Type": "application/json"})),
    "moved": Fault(Answer(302, headers={"Location": "http://127.0.0.1:1/"})),
    "forbidden by who knows": Fault(Answer(403, b"<html>For athletes")),
    "errors in another form": Fault(json_answer({"errors": [7]}, 500)),
    "after in the future": Fault(refusal(400, "Application", "after", "future")),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_is_a_failure_of_that_call_and_the_next_goes_through(stand_in, trouble):
    stand_in.add(*map(make_activity, range(5)))
    stand_in.add_gear(make_gear("g1", "Ghost 16"))
    access, refresh = stand_in.connect()
    limits = httpx.Timeout(0.5 if trouble == "slow" else 30)
    with client_of(stand_in, access_token=access, time_limits=limits) as strava:
        for call in (
            lambda: strava.activities(None, 1),
            lambda: strava.activity(16_000_000_001),
            lambda: strava.gear("g1"),
            lambda: strava.refresh(refresh),
        ):
            stand_in.fail(TROUBLE[trouble])
            refused(Unreachable, call)
        assert len(strava.activities(None, 1)[0]) == 5


def test_nobody_at_the_address_is_a_failure(strava, stand_in):
    stand_in.close()

    assert "could not be reached" in str(refused(Unreachable, strava.activities, None, 1))


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ("code not known or already used", ConnectionRefused),
        ("wrong client id", Misconfigured),
        ("refresh token revoked or superseded", ConnectionRefused),
        ("'after' in the future (often: milliseconds sent)", Unreachable),
        ("access token expired or bad", AccessExpired),
        ("scope missing", ConnectionRefused),
        ("application switched off (owner without subscription); tokens still refresh", Misconfigured),
        ("activity unknown or not visible", NotThere),
        ("rate limit", RateLimited),
        ("provider trouble, not JSON", Unreachable),
    ],
)
def test_every_sample_of_an_error_has_its_class(stand_in, strava, when, kind):
    error = next(error for error in sample("strava_errors.json") if error["when"] == when)
    body = error["body"] if isinstance(error["body"], str) else json.dumps(error["body"])
    stand_in.fail(Fault(Answer(error["status"], body.encode(), error["headers"])))

    refused(kind, strava.activity, 1)


def test_the_samples_of_errors_are_all_tried():
    assert len(sample("strava_errors.json")) == 10


def test_a_missing_scope_is_told_from_an_expired_token_also_by_403(stand_in):
    access, _ = stand_in.connect(scope="read")
    with client_of(stand_in, access_token=access) as strava:
        refused(ConnectionRefused, strava.activities, None, 1)
        refused(ConnectionRefused, strava.gear, "g1")
        stand_in.fail(Fault(refusal(403, "AccessToken", "activity:read_permission", "missing")))
        refused(ConnectionRefused, strava.activities, None, 1)


def test_a_bare_401_is_an_expired_token(stand_in, strava):
    stand_in.fail(Fault(Answer(401)))

    refused(AccessExpired, strava.activities, None, 1)


def test_what_only_the_person_may_see_needs_its_scope(stand_in):
    stand_in.add(make_activity(1), make_activity(2, visibility="only_me"))
    access, _ = stand_in.connect(scope="read,activity:read")
    with client_of(stand_in, access_token=access) as strava:
        assert len(strava.activities(None, 1)[0]) == 1
        refused(NotThere, strava.activity, 16_000_000_002)


def test_a_switched_off_application_still_refreshes(stand_in, strava):
    stand_in.switched_off = True

    assert "switched the application off" in str(refused(Misconfigured, strava.activities, None, 1))
    assert strava.refresh(stand_in.connect()[1])


def test_the_wrong_address_of_the_api_is_the_operators_fault_and_no_empty_list(stand_in):
    access, _ = stand_in.connect()
    with client_of(stand_in, access_token=access, api_url=f"{stand_in.url}/api/v4") as strava:
        refused(Misconfigured, strava.activities, None, 1)


def test_an_activity_and_gear_are_fetched_by_id_and_read(stand_in, strava):
    stand_in.add(make_activity(1, gear_id="g1"))
    stand_in.add_gear(make_gear("g1", "Brooks Ghost 16"))

    run = run_of(parse_activity(strava.activity(16_000_000_001), 1))

    assert run.shoe_name == gear_name(strava.gear("g1")) == "Brooks Ghost 16"
    stand_in.remove(16_000_000_001)
    refused(NotThere, strava.activity, 16_000_000_001)
    refused(NotThere, strava.gear, "g2")


@pytest.mark.parametrize("odd", ["", "../athlete", "g1?x=1", "g" * 51, "gé"])
def test_an_odd_gear_id_is_not_asked_for(stand_in, strava, odd):
    refused(NotThere, strava.gear, odd)

    assert stand_in.asked(API) == []


@pytest.mark.parametrize("odd", ["", "a b", "a\nb", "tokén"])
def test_what_cannot_be_an_access_token_is_not_sent(strava, odd):
    refused(AccessExpired, strava.use, odd)


# --- the client: limits


@pytest.mark.parametrize(
    ("limits", "read_limits", "used", "resume_at"),
    [
        ((200, 2000), (100, 1000), (26, 362), None),
        ((200, 2000), (100, 1000), (98, 998), None),
        ((200, 2000), (100, 1000), (99, 362), QUARTER_LATER),
        ((200, 2000), (400, 4000), (199, 362), QUARTER_LATER),
        ((200, 2000), (100, 1000), (26, 999), MIDNIGHT),
        ((200, 2000), (400, 4000), (26, 1999), MIDNIGHT),
        ((200, 2000), (100, 1000), (99, 999), MIDNIGHT),
        ((200, 999), (100, 4000), (99, 998), MIDNIGHT),
    ],
)
def test_the_caller_knows_before_the_call_that_would_be_one_too_many(
    stand_in, strava, limits, read_limits, used, resume_at
):
    stand_in.limits, stand_in.read_limits, stand_in.used = limits, read_limits, used

    _, rate = strava.activities(None, 1)

    assert rate == strava.rate == RateState(resume_at)
    assert rate.spent is (resume_at is not None)
    if resume_at:
        assert refused(RateLimited, strava.activities, None, 1).retry_at == resume_at
        assert len(stand_in.asked(ACTIVITIES)) == 1  # the call that would have been refused was not made
    else:
        strava.activities(None, 1)


@pytest.mark.parametrize(
    ("now", "quarter"),
    [
        (datetime(2025, 11, 2, 12, 0, tzinfo=UTC), datetime(2025, 11, 2, 12, 15, tzinfo=UTC)),
        (datetime(2025, 11, 2, 12, 14, 59, 999_999, tzinfo=UTC), datetime(2025, 11, 2, 12, 15, tzinfo=UTC)),
        (datetime(2025, 12, 31, 23, 50, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_without_headers_it_is_the_next_quarter_of_the_hour(stand_in, now, quarter):
    access, _ = stand_in.connect()
    stand_in.fail(
        Fault(TOO_MANY), Fault(Answer(429, b"slow down", {"x-ratelimit-limit": "many", "X-RateLimit-Usage": "5"}))
    )

    with client_of(stand_in, access_token=access, now=lambda: now) as strava:
        for _ in range(2):
            error = refused(RateLimited, strava.activities, None, 1)
            assert error.retry_at == quarter
            assert f"{quarter:%H:%M} UTC" in str(error)


def test_without_headers_nothing_is_known_of_the_limits(stand_in, strava):
    stand_in.headers_missing = True

    assert strava.activities(None, 1)[1] == RateState(None)


def test_a_caller_that_heeds_the_limits_is_never_refused(stand_in, strava):
    stand_in.add(*map(make_activity, range(450)))
    stand_in.used = (98, 98)
    fetched = []

    for page in strava.pages():
        fetched.append(page.number)
        if page.rate.spent:
            break

    assert fetched == [1, 2]
    assert stand_in.used == (100, 100)


def test_a_limit_holds_until_its_time_is_over(stand_in):
    access, _ = stand_in.connect()
    clock = [NOON]
    stand_in.used = (99, 99)
    with client_of(stand_in, access_token=access, now=lambda: clock[0]) as strava:
        strava.activities(None, 1)
        refused(RateLimited, strava.gear, "g1")
        clock[0], stand_in.used = QUARTER_LATER, (0, 100)

        assert strava.activities(None, 1)[1] == RateState(None)


def test_limits_that_others_used_up_meanwhile_are_known_from_the_refusal(stand_in, strava):
    strava.activities(None, 1)
    stand_in.used = (100, 1000)

    assert refused(RateLimited, strava.activities, None, 1).retry_at == MIDNIGHT


# --- the stand-in


def test_webhooks_are_subscribed_after_the_callback_has_answered(stand_in):
    address = f"{stand_in.url}{API}/push_subscriptions"
    application = {"client_id": stand_in.client_id, "client_secret": stand_in.client_secret}

    class Callback(StandIn):
        def answer(self, request):
            right = request.query["hub.verify_token"] == "ours"
            return json_answer({"hub.challenge": request.query["hub.challenge"]}) if right else Answer(403)

    with Callback() as callback:
        form = application | {"callback_url": f"{callback.url}/hook", "verify_token": "theirs"}
        assert httpx.post(address, data=form).status_code == 400
        made = httpx.post(address, data=form | {"verify_token": "ours"})
        assert httpx.post(address, data=form | {"verify_token": "ours"}).status_code == 400

    assert made.status_code == 201
    assert httpx.get(address, params=application).json() == [made.json()]
    assert httpx.get(address).status_code == 400
    assert httpx.delete(f"{address}/{made.json()['id']}", params=application).status_code == 204
    assert httpx.get(address, params=application).json() == []


def test_the_stand_in_answers_many_at_once(stand_in):
    stand_in.add(*map(make_activity, range(300)))
    stand_in.read_limits = stand_in.limits = (10_000, 10_000)
    access, _ = stand_in.connect()
    counts: list[int] = []

    def fetch():
        with client_of(stand_in, access_token=access) as strava:
            counts.append(sum(len(page.activities) for page in strava.pages()))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [300] * 8
    assert stand_in.used == (32, 32)


def test_made_activities_have_the_shape_of_the_samples():
    assert RUN.keys() - make_activity(1).keys() <= {"average_cadence", "average_temp", "suffer_score"}
    assert make_activity(1).keys() <= RUN.keys()
    assert make_gear("g1", "Brooks Ghost 16").keys() == sample("strava_gear.json").keys()
    assert "name" not in make_activity(1, name=...)
