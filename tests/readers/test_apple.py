"""Apple Health: its own export, whole or export.xml alone, and the files of Health Auto Export."""

import io
import json
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers import apple, apple_health, points_bytes
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import OtherSport, Problem, Skipped, UnreadableFile
from tests.archives import files_of, packed
from tests.readers.cuts import damaged
from tests.readers.records import run_of, workout_of
from tests.samples import ACTIVITIES

EXPORT = (ACTIVITIES / "same_run" / "apple_health_export.zip").read_bytes()
JSON = (ACTIVITIES / "same_run" / "health_auto_export.json").read_bytes()
XML = files_of(EXPORT)["apple_health_export/export.xml"]
START = datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)


def records(content):
    stream = io.BytesIO(content)
    reader = recognise(stream)
    assert reader.source == "Apple Health"
    return list(reader.parse(stream, Answers(ZoneInfo("UTC"))))


def points_of(record):
    return points_bytes.decode(record.points.content)


def health(*elements):
    return f"<!DOCTYPE HealthData [<!ELEMENT Me ANY>]><HealthData>{''.join(elements)}</HealthData>".encode()


def workout(*children, kind="Running", **attributes):
    written = {"startDate": "2025-11-02 06:05:31 -0600", "endDate": "2025-11-02 06:52:01 -0600"} | attributes
    text = " ".join(f'{name}="{value}"' for name, value in written.items())
    return f'<Workout workoutActivityType="HKWorkoutActivityType{kind}" {text}>{"".join(children)}</Workout>'


def rate(time, value=140):
    return f'<Record type="HKQuantityTypeIdentifierHeartRate" startDate="{time}" value="{value}"/>'


def test_the_sample_is_three_workouts_of_newer_and_older_files_and_of_strength():
    run, older, lifting = records(EXPORT)

    run, older = run_of(run), run_of(older)
    assert (run.id, run.datetime_utc, run.type) == ("applehealth_20251102T120531Z", START, "Outdoor Run")
    assert (run.distance, run.duration, run.elapsed) == (pytest.approx(5, abs=0.001), 2712, 2790)
    assert (run.avg_heart_rate, run.max_heart_rate, run.calories, run.ascent) == (143.4, 158, 588.1, 21)
    assert (older.distance, older.duration, older.elapsed) == (pytest.approx(3.10686, abs=1e-5), 1800, 1860)
    assert (older.calories, older.points) == (320, None)
    assert isinstance(lifting, OtherSport)
    assert workout_of(lifting.workout).workout_type == "STRENGTH"


def test_heart_rates_within_the_times_and_the_route_make_the_points():
    run = run_of(records(EXPORT)[0])

    points = points_of(run)
    assert points.time[0] == START.timestamp()
    assert len([one for one in points.lat if one is not None]) == XML_ROUTE.count(b"<trkpt")
    assert len([one for one in points.heart_rate if one is not None]) == 23
    assert run.points and run.points.pauses == [(1762086535.0, 1762086613.0)]
    assert points.time == sorted(points.time)


XML_ROUTE = files_of(EXPORT)["apple_health_export/workout-routes/route_2025-11-02_6.52am.gpx"]


def test_a_route_is_joined_by_the_time_in_it_whatever_its_name():
    files = files_of(EXPORT)
    name = next(name for name in files if name.endswith(".gpx"))
    renamed = {"x/y": files.pop(name)} | files

    assert records(packed(renamed)) == records(EXPORT)


def test_routes_of_no_workout_are_counted():
    content = packed({"export.xml": health(), "a.gpx": XML_ROUTE, "b.gpx": XML_ROUTE[:300]})

    assert records(content) == [Skipped(0, None, "2 routes of no workout.")]


def test_a_route_that_is_cut_is_remarked_on():
    files = files_of(EXPORT)
    name = next(name for name in files if name.endswith(".gpx"))

    run = run_of(records(packed(files | {name: files[name][:20_000]}))[0])

    assert run.remark and run.remark.startswith("Its route: The file is cut or broken in line")
    assert run.distance == pytest.approx(5, abs=0.001)


def test_the_file_alone_is_read_too_without_routes():
    run, *others = records(XML)

    assert (run_of(run).distance, len(others)) == (pytest.approx(5, abs=0.001), 2)
    assert points_of(run).lat == []


@pytest.mark.parametrize("entity", [b'<!ENTITY a "b">', b'<!ENTITY a SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("place", [30, 65_532])  # the latter is the border of two pieces
def test_a_doctype_is_allowed_and_entities_are_refused(entity, place):
    begins = b"<!DOCTYPE HealthData [<!-- "
    content = begins + b"x" * (place - len(begins) - 3) + b"-->" + entity + b"]><HealthData/>"

    with pytest.raises(UnreadableFile, match="declares entities"):
        list(apple.parse(io.BytesIO(content), Answers(ZoneInfo("UTC"))))


def test_indoors_is_a_treadmill_and_units_are_read():
    indoors = '<MetadataEntry key="HKIndoorWorkout" value="1"/>'
    energy = '<WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" sum="836.8" unit="kJ"/>'
    distance = '<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="1000" unit="yd"/>'

    (run,) = records(health(workout(indoors, energy, distance, duration="0.5", durationUnit="hr")))

    run = run_of(run)
    assert (run.type, run.calories, run.duration) == ("Treadmill Run", 200, 1800)
    assert run.distance == pytest.approx(914.4 / 1609.344, abs=1e-4)


def test_a_workout_that_cannot_be_read_hides_no_other():
    bad = workout(startDate="yesterday")
    furlongs = workout(totalDistance="8", totalDistanceUnit="furlong", startDate="2025-11-01 06:05:31 -0600")

    first, second, run, again = records(health(bad, furlongs, workout(), workout()))

    assert first == Problem(1, None, "A workout without a start and an end.")
    assert second == Problem(2, None, "Distance Unit: “furlong” is not known.")
    assert run_of(run).row == 3
    assert again == Skipped(4, None, "The same activity as number 3.")


def test_memory_does_not_grow_with_the_measurements():
    steps = '<Record type="HKQuantityTypeIdentifierStepCount" startDate="2025-11-02 06:05:31 -0600" value="9"/>\n'
    rates = "\n".join(rate(f"2025-11-0{day} {hour:02}:{minute:02}:00 +0000") for day in range(1, 8)
                      for hour in range(24) for minute in range(60))  # fmt: skip
    content = io.BytesIO(packed({"export.xml": health(steps * 60_000, rates, workout())}))

    tracemalloc.start()
    try:
        (run,) = recognise(content).parse(content, Answers(ZoneInfo("UTC")))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(points_of(run_of(run)).heart_rate) == 47
    assert peak < 4_000_000


def test_more_heart_rates_than_are_kept_are_refused(monkeypatch):
    monkeypatch.setattr(apple_health, "MOST_HEART_RATES", 2)

    with pytest.raises(UnreadableFile, match="More than 2 heart rates"):
        records(health(*[rate("2025-11-02 06:05:31 -0600")] * 3))


def test_damage_raises_nothing_but_a_sentence_and_what_is_cut_is_said():
    for copy, is_cut in damaged(XML):
        try:
            found = records(copy)
        except UnreadableFile:
            continue
        assert not is_cut or any(isinstance(one, Problem) for one in found)


def test_health_auto_export_is_the_same_run_with_its_units():
    run, lifting = records(JSON)

    run = run_of(run)
    assert (run.id, run.datetime_utc) == ("healthautoexport_20251102T120531Z", START)
    assert "applehealth:20251102T120531Z" in run.keys
    assert (run.distance, run.duration, run.elapsed) == (pytest.approx(5, abs=0.001), 2712, 2790)
    assert (run.avg_heart_rate, run.max_heart_rate, run.ascent) == (143.4, 158, 21)
    assert run.calories == pytest.approx(2460.5 / 4.184, abs=0.1)
    assert points_of(run).heart_rate == [118]
    assert workout_of(lifting.workout).workout_type == "STRENGTH"


def test_older_files_of_health_auto_export_have_other_names():
    old = {"name": "Running", "start": "2025-11-02 06:05:31 -0600", "end": "2025-11-02 06:52:01 -0600",
           "avgHeartRate": {"qty": 140, "units": "bpm"}, "activeEnergy": {"qty": 500, "units": "kcal"},
           "route": [{"lat": 30.0, "lon": -40.0, "timestamp": "2025-11-02 06:05:31 -0600"}]}  # fmt: skip
    content = json.dumps({"data": {"workouts": [old, {"name": "Running"}]}}).encode()

    run, problem = records(content)

    assert (run_of(run).avg_heart_rate, run_of(run).calories, points_of(run).lat) == (140, 500, [30.0])
    assert problem == Problem(2, None, "Workout 2: no start or end.")


def test_damage_to_a_json_file_raises_nothing_but_a_sentence():
    for copy, _ in damaged(JSON):
        try:
            records(copy)
        except UnreadableFile:
            continue
