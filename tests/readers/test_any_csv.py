"""A person's own table: the mapping that is proposed, what it leaves open, and what is read by it."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fitness.readers.mapping import ColumnMapping, columns_of, instant_of, number_of
from fitness.readers.reader import Answers, Shown
from fitness.readers.recognition import recognise
from fitness.readers.records import BadValue, OtherSport, ParsedRun, Problem, UnreadableFile
from tests.readers.cuts import damaged
from tests.readers.records import problem_of, run_of, workout_of
from tests.samples import ACTIVITIES

GERMAN = (ACTIVITIES / "any_csv" / "my_sheet_de.csv").read_bytes()
AMBIGUOUS = (ACTIVITIES / "any_csv" / "ambiguous_dates.csv").read_bytes()
INTERVALS = (ACTIVITIES / "any_csv" / "intervals.csv").read_bytes()
BERLIN = ZoneInfo("Europe/Berlin")


def asked(content):
    stream = io.BytesIO(content)
    reader = recognise(stream)
    assert reader.source == "CSV"
    (question,) = reader.questions(stream)
    assert (question.field, question.mapping is not None) == ("mapping", True)
    return question


def records(content, mapping=None, zone=BERLIN):
    stream = io.BytesIO(content)
    return list(recognise(stream).parse(stream, Answers(zone, mapping=mapping or asked(content).mapping)))


def table(*rows):
    return "\n".join(rows).encode() + b"\n"


def test_all_columns_of_a_german_table_are_proposed_and_the_rows_shown_as_they_would_be_stored():
    question = asked(GERMAN)

    assert question.mapping == ColumnMapping(
        {
            "date": "Datum", "distance": "Strecke (km)", "duration": "Zeit", "avg_heart_rate": "Puls",
            "shoe": "Schuhe", "notes": "Bemerkung",
        },
        distance_unit="km",
    )  # fmt: skip
    assert question.headings == ("Datum", "Strecke (km)", "Zeit", "Puls", "Schuhe", "Bemerkung")
    assert question.rows == (
        Shown(2, "2025-11-02T12:00:00", "Outdoor Run", 5.002038098, 2712, 143, "Ghost 16", None, "locker; Wind"),
        Shown(3, "2025-10-31T12:00:00", "Outdoor Run", 6.213711922, 3750, None, "Ghost 16"),
    )


def test_the_table_is_read_by_the_mapping_days_at_noon_in_the_zone():
    run, second = records(GERMAN)

    run = run_of(run)
    assert (run.id, run.datetime_utc) == ("csv_20251102T110000Z", datetime(2025, 11, 2, 11, tzinfo=UTC))
    assert (run.shoe_name, run.notes, run.avg_heart_rate) == ("Ghost 16", "locker; Wind", 143)
    assert "shoe_name" not in run.unsaid
    assert run_of(second).duration == 3750


def test_an_ambiguous_date_is_asked_for_and_never_guessed():
    question = asked(AMBIGUOUS)

    assert question.mapping and (question.mapping.date_order, question.mapping.distance_unit) == (None, "mi")
    assert (question.rows, question.examples) == ((), ("04/05/2024: day first 4 May 2024, month first 5 Apr 2024",))
    assert question.left_open == ("date_order",)
    assert {problem_of(one).detail for one in records(AMBIGUOUS)} == {
        "Date: “04/05/2024” is no day that can be read, or may be two.",
        "Date: “06/07/2024” is no day that can be read, or may be two.",
    }
    days = [
        [
            run_of(one).datetime_utc.date().isoformat()
            for one in records(AMBIGUOUS, question.mapping._replace(date_order=order))
        ]
        for order in ("day", "month")
    ]
    assert days == [["2024-05-04", "2024-07-06"], ["2024-04-05", "2024-06-07"]]


@pytest.mark.parametrize(("other", "order"), [("25/12/2024", "day"), ("12/25/2024", "month")])
def test_one_date_that_is_clear_says_the_order_of_all(other, order):
    question = asked(table("date,km", "04/05/2024,5", f"{other},6"))

    assert question.mapping and question.mapping.date_order == order
    assert len(question.rows) == 2


def test_dates_that_contradict_each_other_leave_the_order_open():
    question = asked(table("date,km", "04/05/2024,5", "25/12/2024,6", "12/25/2024,6"))

    assert question.mapping and question.mapping.date_order is None


def test_a_unit_that_no_heading_names_is_asked_for():
    question = asked(table("date,distance,time", "2024-05-04,5,28:10"))

    assert question.examples == ("5 km or 5 mi or 5 m",)
    assert problem_of(records(table("date,distance", "2024-05-04,5"))[0]).detail == (
        "Distance: “5” has no unit, and the mapping names none."
    )


def test_a_table_with_the_names_of_an_api_joins_by_the_id_of_strava():
    (run,) = records(INTERVALS, zone=ZoneInfo("America/Chicago"))

    run = run_of(run)
    assert (run.name, run.duration, run.elapsed) == ("Easy miles", 2712, 2790)
    assert run.distance == pytest.approx(5, abs=0.001)
    assert run.datetime_utc == datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC)
    assert "strava:16321877401" in run.keys


def test_other_sports_are_workouts_and_rows_of_one_day_stay_apart():
    run, same, ride = records(table("date,km,sport", "2024-05-04,5,Run", "2024-05-04,5,Run", "2024-05-05,20,Ride"))

    assert [run_of(one).id for one in (run, same)] == ["csv_20240504T100000Z", "csv_20240504T100000Z_2"]
    assert isinstance(ride, OtherSport)
    assert workout_of(ride.workout).cardio_session


@pytest.mark.parametrize(
    ("heading", "written", "seconds"),
    [
        ("time", "28:10", 1690),
        ("time", "1:02:30", 3750),
        ("time", "0:45", 2700),  # no runner needs 45 seconds
        ("time (min)", "45", 2700),
        ("time (min)", "45,5", 2730),
        ("moving_time", "2712", 2712),
        ("hours", "0.75", 2700),
        ("time", "45 min", 2700),
    ],
)
def test_durations_are_read_as_they_are_written(heading, written, seconds):
    heading = "Dauer (h)" if heading == "hours" else heading

    (run,) = records(table(f"date;km;{heading}", f"2024-05-04;8;{written}"))

    assert run_of(run).duration == seconds


@pytest.mark.parametrize(
    ("written", "number"),
    [("8.05", 8.05), ("8,05", 8.05), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("8 km", 8), ("0,500", 0.5)],
)
def test_numbers_have_either_sign_before_their_decimals(written, number):
    assert number_of(written)[0] == number


@pytest.mark.parametrize("written", ["8,046", "1.2.3", "far", "-5", "", "1e5"])
def test_what_is_no_number_or_may_be_two_is_refused(written):
    with pytest.raises(BadValue):
        number_of(written)


def test_days_and_times_are_read_in_many_ways():
    noon = datetime(2024, 5, 4, 12)  # noqa: DTZ001 - of a table, in a zone to be said

    assert {
        instant_of(written, "day") for written in ("2024-05-04", "4 May 2024", "04/05/24", "4-5-2024", "04.05.2024")
    } == {noon}
    assert instant_of("05/04/2024 6:30 PM", "month") == noon.replace(hour=18, minute=30)
    assert instant_of("31/31/2024", "day") is None


@pytest.mark.parametrize(
    ("heading", "sport", "written", "stored"),
    [
        ("Average cadence", "Run", "168", 84),
        ("Schrittfrequenz", "Run", "172", 86),
        ("Cadence", "Treadmill", "84.5", 84.5),
        ("Cadence", "Ride", "130", 130),
    ],
)
def test_cadences_of_runs_count_one_foot(heading, sport, written, stored):
    (record,) = records(table(f"Date,Distance (km),Time,Sport,{heading}", f"2026-11-02,10,0:50:00,{sport},{written}"))

    found = workout_of(record.workout).cardio_session if isinstance(record, OtherSport) else run_of(record)
    assert found
    assert found.avg_cadence == stored


def test_headings_with_units_say_what_they_are():
    assert columns_of(["Date", "Distance [km]", "Avg HR (bpm)", "distance_km", "Weather"]) == {
        "date": "Date", "distance": "Distance [km]", "avg_heart_rate": "Avg HR (bpm)",
    }  # fmt: skip


def test_a_damaged_file_of_a_lifting_app_is_no_table_of_activities():
    strong = (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes().replace(b"Set Order", b"X")

    with pytest.raises(UnreadableFile, match="Not an export of Strong"):
        recognise(io.BytesIO(strong))


@pytest.mark.parametrize(
    "heading", ["date,distance,time,title", "Date,Type,Distance,Duration,Notes", "day;km", "Datum,Zeit"]
)
def test_tables_that_people_keep_are_not_taken_for_damaged_files_of_others(heading):
    assert recognise(io.BytesIO(heading.encode() + b"\n")).source == "CSV"


def test_a_mapping_of_columns_that_are_not_there_is_refused():
    with pytest.raises(UnreadableFile, match="lacks Tag"):
        records(GERMAN, ColumnMapping({"date": "Tag", "distance": "Strecke (km)"}))


def test_damage_raises_nothing_but_a_sentence():
    mapping = asked(GERMAN).mapping
    for copy, _ in damaged(GERMAN):
        try:
            found = records(copy, mapping)
        except UnreadableFile:
            continue
        assert all(isinstance(one, Problem | ParsedRun) for one in found)


def test_a_table_is_a_source_by_its_headings_that_are_read():
    one = b"Date,Distance (km),Time,Shoe\n2025-11-02,8,45:12,Ghost\n"
    more = b"Date,Distance (km),Mood,Time,Shoe\n2025-11-02,9,good,50:00,Ghost\n2025-11-02,9,good,50:00,Ghost\n"
    other = b"Tag,Strecke (km),Zeit\n2025-11-02,8,45:12\n"

    keys = [[run_of(record).keys for record in records(content)] for content in (one, more, other)]

    (first,), (same, second), (apart,) = keys
    assert first == same != apart
    assert [one.startswith("file:") for one in first] == [False, True]
    assert second == tuple(f"{key}_2" for key in first)
