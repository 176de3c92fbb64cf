"""What several sources say together of an activity follows from what they say, not from their order."""

from itertools import permutations

from fitness.db.best_sources import Source, combined

STRAVA = Source("strava:1", "Strava", {"distance": 5.1, "name": "Easy", "avg_heart_rate": None})
FIT = Source("file:2", "FIT", {"distance": 5.0, "duration": 2700.0, "avg_heart_rate": 143.0, "points_id": "b"})
GPX = Source("file:1", "GPX", {"distance": 5.2, "duration": 2790.0, "notes": "Wet", "points_id": "a"})


def test_each_field_comes_from_the_best_source_that_has_it():
    together = {
        "distance": 5.1, "name": "Easy", "avg_heart_rate": 143, "duration": 2700, "notes": "Wet", "points_id": "b",
    }  # fmt: skip

    assert all(combined(order) == together for order in permutations((STRAVA, FIT, GPX)))


def test_of_two_files_of_one_kind_the_longer_one_is_better():
    cut = Source("file:1", "FIT", {"distance": 3.0, "duration": 1600.0, "points_id": "c"})

    for order in permutations((cut, FIT)):
        assert (combined(order)["distance"], combined(order)["points_id"]) == (5.0, "b")


def test_a_guess_counts_where_nothing_is_said():
    export = Source("strava:1", "Strava", {"guessed": {"type": "Outdoor Run", "avg_heart_rate": 143.0}})
    treadmill = Source("file:1", "FIT", {"type": "Treadmill Run"})

    for order in permutations((export, treadmill)):
        assert combined(order) == {"type": "Treadmill Run", "avg_heart_rate": 143}


def test_a_session_is_put_together_field_by_field():
    one = Source("strava:1", "Strava", {"cardio_session": {"sport": "Gravel Ride", "avg_heart_rate": None}})
    other = Source("file:1", "FIT", {"cardio_session": {"sport": "Ride", "avg_heart_rate": 131, "ascent": 210}})

    for order in permutations((one, other)):
        session = combined(order)["cardio_session"]
        assert session == {"sport": "Gravel Ride", "avg_heart_rate": 131, "ascent": 210}


def test_a_source_that_is_not_known_comes_last():
    other = Source("other:1", "Some App", {"distance": 9.0, "name": "Theirs"})

    assert combined((other, GPX))["distance"] == 5.2
    assert combined((other, GPX))["name"] == "Theirs"


def test_a_zone_is_that_of_who_recorded_the_activity_before_one_that_a_file_was_read_in():
    zones = {source: {"name": "America/Chicago", "source": source} for source in ("provider", "file", "answer")}
    read = Source("strava:1", "Strava", {"time_zone": zones["answer"]})
    watch = Source("file:1", "GPX", {"guessed": {"time_zone": zones["file"]}})
    synced = Source("garmin:1", "Some App", {"time_zone": zones["provider"]})

    for order in permutations((read, watch, synced)):
        assert combined(order)["time_zone"] == zones["provider"]
        assert combined(order[:2])["time_zone"]["source"] == min(
            (zone["source"] for zone in map(_said, order[:2])), key=[*zones].index
        )


def _said(source):
    return source.values.get("time_zone") or source.values["guessed"]["time_zone"]
