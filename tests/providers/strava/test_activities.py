"""Strava's JSON: activities and gear."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.providers.strava.activities import gear_id, gear_name, parse_activity
from fitness.readers.records import OtherSport, ParsedRun, Problem, Skipped, Zone
from tests.providers.strava.calls import GEAR_NAMES, PAGES, RUN, sample
from tests.readers.records import problem_of, run_of

# --- the API: the samples


def test_the_sample_pages_give_their_runs_and_say_what_was_left_out():
    found = [parse_activity(activity, row, GEAR_NAMES) for row, activity in enumerate(PAGES, 1)]

    assert Counter(map(type, found)) == {ParsedRun: 12, OtherSport: 6}
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
        time_zone=Zone("America/Chicago", "provider"),
    )
    assert [record.skipped.detail for record in found if isinstance(record, OtherSport)] == [
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
    other = parsed(sport_type="Ride", type="Run", distance="far", start_date=None)

    assert isinstance(other, OtherSport)
    assert other.skipped == Skipped(3, "strava_16321877401", "Not a run: “Ride”.")
    assert isinstance(other.workout, Problem)


def test_the_moving_time_counts_and_the_elapsed_one_where_nothing_moved():
    for nothing in (0, None, ...):
        assert run_of(parsed(moving_time=nothing)).duration == 2790
    assert run_of(parsed(moving_time=0, elapsed_time=...)).duration == 0
    assert run_of(parsed(moving_time=100, elapsed_time=...)).duration == 100


def test_a_moving_time_above_the_elapsed_one_is_not_taken_and_a_remark_names_it():
    run = run_of(parsed(moving_time=86400, elapsed_time=2700))

    assert run.duration == 2700
    assert run.remark == "moving_time: 86400 of 2700 elapsed seconds cannot be; these were taken."
    for plausible in ({"elapsed_time": 2700}, {"elapsed_time": 2699.5}, {"elapsed_time": 0}, {"elapsed_time": "?"}):
        run = run_of(parsed(moving_time=2700, **plausible))
        assert (run.duration, run.remark) == (2700, None)


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
        ({"id": "16321877401"}, "id: “16321877401” is not an activity id."),
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
        ({"name": "a\0b"}, "name: the text contains a null byte"),
        ({"name": "\ud83d"}, "name: the text contains half a character"),
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
