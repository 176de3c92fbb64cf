"""What is read of single files of Runkeeper, Polar Flow and Google Fit."""

import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import google_fit, polar
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, UnreadableFile, Zone
from tests.readers.cuts import damaged
from tests.readers.records import run_of, workout_of
from tests.samples import ACTIVITIES

SAMPLES = [
    ACTIVITIES / name for name in ("runkeeper/cardioActivities.csv", "polar/session.json", "google_fit/running.json")
]
START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


def records(path, zone="America/Chicago"):
    stream = io.BytesIO(path.read_bytes())
    reader = recognise(stream)
    return reader.source, list(reader.parse(stream, Answers(ZoneInfo(zone))))


@pytest.mark.parametrize(
    ("path", "source", "run_id"),
    [
        (SAMPLES[0], "Runkeeper", "runkeeper_abababab-abab-abab-abab-abababababab"),
        (SAMPLES[1], "Polar", "polar_20251102T120531Z"),
        (SAMPLES[2], "Google Fit", "googlefit_20251102T120531Z"),
    ],
)
def test_each_is_the_same_run(path, source, run_id):
    found, (run, *_) = records(path)

    run = run_of(run)
    assert (found, run.id, run.datetime_utc, run.type) == (source, run_id, START, "Outdoor Run")
    assert run.distance == pytest.approx(5, abs=0.001)
    assert run.duration == 2712
    assert run.avg_heart_rate == pytest.approx(143, abs=0.2)


def test_other_sports_of_runkeeper_are_workouts_and_notes_are_kept():
    _, (run, lifting) = records(SAMPLES[0])

    assert run_of(run).notes == 'Easy, with "strides"'
    assert isinstance(lifting, OtherSport)
    workout = workout_of(lifting.workout)
    assert (lifting.sport, workout.workout_type) == ("Weight Training", "STRENGTH")
    assert workout.external_id == "4ae694e5-53aa-4c1b-9189-50a401286540"


def test_samples_of_polar_without_a_value_are_dropouts():
    (activity,) = polar.read(SAMPLES[1].read_bytes()).activities

    assert (activity.time_zone, activity.ascent, activity.elapsed_seconds) == (Zone("-06:00", "file"), 21, 2790)
    assert activity.points.heart_rate == [105]
    assert (activity.points.lat, activity.points.lon, activity.points.altitude) == ([41.95], [-87.45], [176.8])


def test_polar_writes_the_offset_in_two_ways_and_must_write_it():
    session = json.loads(SAMPLES[1].read_text())
    del session["exercises"][0]["timezoneOffset"]

    assert polar.read(json.dumps(session).encode()).activities[0].start == START
    del session["timeZoneOffset"]
    assert polar.read(json.dumps(session).encode()).problems == ["Exercise 1: its times name no offset from UTC."]


def test_a_session_of_google_fit_without_a_start_is_a_problem():
    assert google_fit.read(b'{"fitnessActivity": "running"}').problems == ["A session without a start."]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_damage_raises_nothing_but_a_sentence(sample):
    for copy, _ in damaged(sample.read_bytes()):
        stream = io.BytesIO(copy)
        try:
            list(recognise(stream).parse(stream, Answers(ZoneInfo("UTC"))))
        except UnreadableFile:
            continue
