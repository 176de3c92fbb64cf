"""The MapMyFitness parser: bytes in, runs, skipped rows and problems out."""

import csv
import gc
import io
import math
import tempfile
import tracemalloc
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.readers import records
from fitness.readers.mapmyfitness import parse
from fitness.readers.records import ParsedRun, Problem, Skipped, UnreadableFile
from tests.samples import DATA

CHICAGO = ZoneInfo("America/Chicago")
HEADING = [
    "Date Submitted", "Workout Date", "Activity Type", "Calories Burned (kCal)", "Distance (mi)",
    "Workout Time (seconds)", "Avg Pace (min/mi)", "Max Pace (min/mi)", "Avg Speed (mi/h)", "Max Speed (mi/h)",
    "Avg Heart Rate", "Steps", "Notes", "Source", "Link",
]  # fmt: skip
PLAIN = {
    "Date Submitted": "May 6, 2025",
    "Workout Date": "May 6, 2025",
    "Activity Type": "Run",
    "Distance (mi)": "3.1",
    "Workout Time (seconds)": "1500",
    "Avg Heart Rate": "151",
    "Link": "http://www.mapmyfitness.com/workout/8700100201",
}


def read(content, time_zone=CHICAGO):
    """Parse bytes, or text as UTF-8, into a list."""
    return list(parse(io.BytesIO(content.encode() if isinstance(content, str) else content), time_zone))


def table(*rows, heading=HEADING, **format_):
    """Return CSV text: the heading, and a line for each dict of cells."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **format_})
    writer.writerow(heading)
    writer.writerows([[row.get(name, "") for name in heading] for row in rows])
    return text.getvalue()


def read_row(**cells):
    """Parse one plain run with some cells changed, named without blanks and units: WorkoutDate, Distance, Notes."""
    by_short_name = {name.split(" (")[0].replace(" ", ""): name for name in HEADING}
    (record,) = read(table(PLAIN | {by_short_name[short]: value for short, value in cells.items()}))
    return record


def run_of(record):
    assert isinstance(record, ParsedRun), record
    return record


def problem_of(record):
    assert isinstance(record, Problem), record
    return record


def skipped_of(record):
    assert isinstance(record, Skipped), record
    return record


def sample(name):
    with (DATA / name).open("rb") as stream:
        return list(parse(stream, CHICAGO))


# --- the samples


def test_the_imperial_sample_gives_its_eleven_runs_and_four_skipped():
    found = sample("mapmyfitness.csv")

    assert Counter(map(type, found)) == {ParsedRun: 11, Skipped: 4}
    assert [record.row for record in found] == list(range(2, 17))
    assert found[0] == ParsedRun(
        row=2,
        id="mmf_8700100201",
        datetime_utc=datetime(2025, 11, 1, 17, tzinfo=UTC),
        type="Outdoor Run",
        distance=3.1068,
        duration=1512.0,
        avg_heart_rate=151.0,
        shoe_name="Brooks Ghost 16",
        name=None,
        notes="Shoes: Brooks Ghost 16",
    )
    assert [record.detail for record in found if isinstance(record, Skipped)] == [
        "Not a run: “Walk”.",
        "Not a run: “Bike Ride”.",
        "Not a run: “Weight Workout”.",
        "Not a run: “Hike”.",
    ]
    assert [record.shoe_name for record in found if isinstance(record, ParsedRun)] == [
        "Brooks Ghost 16", "Gym pair", "Brooks Ghost 16", "Gym pair", "Saucony Ride 15", "Saucony Ride 15",
        None, None, "Mizuno Wave 24", None, None,
    ]  # fmt: skip


def test_a_run_logged_later_is_dated_when_it_was_run():
    logged_later = next(record for record in sample("mapmyfitness.csv") if record.id == "mmf_8692455310")

    assert run_of(logged_later).datetime_utc == datetime(2025, 10, 18, 17, tzinfo=UTC)


def test_the_metric_sample_gives_the_same_runs_as_the_imperial_one():
    imperial = {record.id: record for record in sample("mapmyfitness.csv")}

    metric = [record for record in sample("mapmyfitness_km_bom.csv") if isinstance(record, ParsedRun)]

    assert len(metric) == 4
    for run in metric:
        twin = run_of(imperial[run.id])
        assert (run.datetime_utc, run.type, run.distance, run.duration) == (
            twin.datetime_utc, twin.type, twin.distance, twin.duration,
        )  # fmt: skip
    assert [run.notes for run in metric] == [
        "Shoes: Brooks Ghost 16", None, "cold, icy... didn't push", "café loop",
    ]  # fmt: skip


def test_the_sample_of_2017_reads_in_spite_of_its_older_headings():
    found = sample("mapmyfitness_2017.csv")

    assert [type(record) for record in found] == [ParsedRun, ParsedRun, Skipped, Skipped]
    assert found[1].id == "mmf_2255799002"
    assert run_of(found[1]).datetime_utc == datetime(2017, 6, 6, 17, tzinfo=UTC)


def test_the_real_metric_export_reads_whole_and_its_miles_have_the_six_digits_the_service_keeps():
    found = sample("mapmyfitness_real_km_2021.csv")
    runs = [record for record in found if isinstance(record, ParsedRun)]

    assert Counter(map(type, found)) == {ParsedRun: 39, Skipped: 1}
    assert runs[0].distance == 2.18071
    assert [run for run in runs if float(f"{run.distance:.6g}") != run.distance] == []


def test_dust_and_zero_distance_runs_are_kept():
    dust = next(record for record in sample("mapmyfitness.csv") if record.id == "mmf_8089900101")
    still = sample("mapmyfitness_real_km_2021.csv")[-1]

    assert (run_of(dust).distance, run_of(dust).duration) == (0.000279617, 2)
    assert (run_of(still).distance, run_of(still).duration) == (0, 1662)


# --- headings and files


def test_columns_are_found_by_name_in_any_order_and_case_with_unknown_ones_ignored():
    shuffled = [*(name.upper() for name in reversed(HEADING)), "Mood"]
    cells = {name.upper(): value for name, value in PLAIN.items()} | {"Mood": "fine"}

    assert read(table(cells, heading=shuffled)) == read(table(PLAIN))


@pytest.mark.parametrize("column", ["Workout Date", "Activity Type", "Distance (mi)", "Workout Time (seconds)", "Link"])
def test_a_missing_needed_column_is_named(column):
    with pytest.raises(UnreadableFile) as refused:
        read(table(PLAIN, heading=[name for name in HEADING if name != column]))

    named = "Distance (mi) or Distance (km)" if column == "Distance (mi)" else column
    assert str(refused.value) == f"Not a MapMyFitness workout history: the heading row lacks {named}."


def test_all_missing_needed_columns_are_named_at_once():
    with pytest.raises(UnreadableFile, match=r"lacks Activity Type, Distance \(mi\) or Distance \(km\), Link\."):
        read("Workout Date,Workout Time (seconds),Distance\n")


@pytest.mark.parametrize("column", ["Avg Heart Rate", "Notes", "Source", "Steps", "Date Submitted"])
def test_the_other_columns_may_be_missing(column):
    cells = PLAIN | {"Notes": "Shoes: Gym pair"}
    (whole,) = read(table(cells))

    (found,) = read(table(cells, heading=[name for name in HEADING if name != column]))

    absent = {"Avg Heart Rate": {"avg_heart_rate": None}, "Notes": {"notes": None, "shoe_name": None}}
    assert found == run_of(whole)._replace(**absent.get(column, {}))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_any_line_ending_change_nothing(mark, ending):
    cells = PLAIN | {"Notes": 'windy, "fun"'}
    needed_first = HEADING[1:]  # a mark that stayed would hide this column

    found = read(
        mark + table(cells, cells | {"Link": "/workout/2"}, heading=needed_first, lineterminator=ending).encode()
    )

    assert [(record.row, record.id) for record in found] == [(2, "mmf_8700100201"), (3, "mmf_2")]
    assert run_of(found[0]).notes == 'windy, "fun"'


def test_a_heading_alone_holds_nothing():
    assert read(table()) == []


def xlsx():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\n", "empty"),
        (xlsx(), "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as CSV"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (table(PLAIN).encode("utf-16"), "UTF-16"),
        (table(PLAIN).encode("utf-16-le"), "UTF-16"),
        (table(PLAIN).encode("utf-16-be"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text file"),
        (bytes(range(1, 256)), "not a text file"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "not a text file"),
        (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page"),
        (table(PLAIN, delimiter=";").encode(), "semicolons"),
        (table(PLAIN, delimiter="\t").encode(), "tabs"),
        (b"one;two;three\n1;2;3\n", "lacks Workout Date, Activity Type"),
        (table(PLAIN).split("\n", 1)[1].encode(), "lacks Workout Date, Activity Type"),
        (b"\n,,,\n", "no heading row"),
        (b'"Date Submitted,Workout Date\n', "heading row cannot be read"),
        (b"x" * 200_000, "heading row cannot be read"),
    ],
)
def test_a_file_that_is_no_csv_export_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read(content)


def test_the_callers_stream_stays_open_also_when_reading_is_given_up():
    with tempfile.SpooledTemporaryFile(max_size=10) as stream:
        stream.write(table(PLAIN, PLAIN).encode())
        stream.seek(0)

        found = parse(stream, CHICAGO)  # pyright: ignore[reportArgumentType]  # a file in all but name
        assert isinstance(next(found), ParsedRun)
        del found
        gc.collect()

        assert not stream.closed


# --- cells


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Jan. 8, 2021", date(2021, 1, 8)),
        ("Feb. 29, 2024", date(2024, 2, 29)),
        ("March 9, 2025", date(2025, 3, 9)),
        ("April 30, 2021", date(2021, 4, 30)),
        ("May 6, 2025", date(2025, 5, 6)),
        ("June 11, 2022", date(2022, 6, 11)),
        ("July 4, 2024", date(2024, 7, 4)),
        ("Aug. 19, 2019", date(2019, 8, 19)),
        ("Sept. 24, 2024", date(2024, 9, 24)),
        ("Oct. 18, 2025", date(2025, 10, 18)),
        ("Nov. 1, 2025", date(2025, 11, 1)),
        ("Dec. 31, 2023", date(2023, 12, 31)),
        ("September 24, 2024", date(2024, 9, 24)),
        ("december 1, 1900", date(1900, 12, 1)),
        ("Sep 24, 2199", date(2199, 9, 24)),
        ("6-Jun-17", date(2017, 6, 6)),
        ("06-Jun-2017", date(2017, 6, 6)),
        ("24-Sept-24", date(2024, 9, 24)),
        ("31-Dec-99", date(1999, 12, 31)),
        ("2024-09-24", date(2024, 9, 24)),
        ("  May 6, 2025 ", date(2025, 5, 6)),
    ],
)
def test_every_way_of_writing_a_day_is_read(written, day):
    run = run_of(read_row(WorkoutDate=written))

    assert run.datetime_utc.astimezone(CHICAGO) == datetime(day.year, day.month, day.day, 12, tzinfo=CHICAGO)
    assert run.datetime_utc.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    ["", "Feb. 29, 2025", "Smarch 1, 2025", "May 6", "5/6/2025", "Dec. 31, 1899", "Jan. 1, 2200", "May 0, 2025",
     "May 32, 2025", "2025-13-01", "0000-01-01", "yesterday", "٢٠٢٥-01-01"],
)  # fmt: skip
def test_an_unreadable_day_is_a_problem(written):
    problem = problem_of(read_row(WorkoutDate=written))

    assert (problem.row, problem.id) == (2, "mmf_8700100201")
    assert problem.detail.startswith(f"Workout Date: “{written}” is not a day")


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 12), ("America/Chicago", 18), ("Asia/Kolkata", 6)])
def test_the_instant_is_noon_in_the_given_zone(zone, hour):
    (run,) = read(table(PLAIN | {"Workout Date": "Jan. 8, 2021"}), ZoneInfo(zone))

    assert run_of(run).datetime_utc.replace(minute=0) == datetime(2021, 1, 8, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "link",
    [
        "http://www.mapmyfitness.com/workout/8700100201",
        "https://www.mapmyfitness.com/workout/8700100201",
        "http://www.mapmyrun.com/workout/8700100201",
        "https://mapmyride.com/workout/8700100201/",
        "HTTP://WWW.MAPMYRUN.COM/workout/8700100201?utm=x",
        "https://www.mapmywalk.com/workout/8700100201/?a=b#c",
        "www.mapmyhike.com/workout/8700100201",
        " http://www.mapmyfitness.com/workout/8700100201 ",
    ],
)
def test_the_workout_number_is_found_in_any_link(link):
    assert run_of(read_row(Link=link)).id == "mmf_8700100201"


@pytest.mark.parametrize(
    "link",
    ["", "8700100201", "http://www.mapmyfitness.com/", "http://www.mapmyfitness.com/workout/",
     "http://www.mapmyfitness.com/workout/abc", "http://www.mapmyfitness.com/workout/12x",
     "http://www.mapmyfitness.com/workout/" + "1" * 21, "http://x/?next=/workout/12", "http://x/workout/١٢"],
)  # fmt: skip
def test_a_link_without_a_workout_number_is_a_problem_without_an_id(link):
    problem = problem_of(read_row(Link=link))

    assert problem.id is None
    assert problem.detail.startswith("Link: ")


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("Run", "Outdoor Run"),
        ("run", "Outdoor Run"),
        ("Trail Run", "Outdoor Run"),
        ("Track Running", "Outdoor Run"),
        ("Run / Jog", "Outdoor Run"),
        ("Indoor Run / Jog", "Treadmill Run"),
        ("Treadmill Run", "Treadmill Run"),
        ("Treadmill", "Treadmill Run"),
    ],
)
def test_every_kind_of_run_goes_in(kind, type_):
    assert run_of(read_row(ActivityType=kind)).type == type_


@pytest.mark.parametrize(
    "kind",
    ["Walk", "Hike", "Bike Ride", "Indoor Bike Ride", "Swim", "Weight Workout", "Machine Workout", "Generic",
     "Sport / Other Activity", "Winter Sport / Activity", "Crunches", "Treadmill Walk", "Ski Run", "Bike / Run"],
)  # fmt: skip
def test_any_other_activity_is_skipped_whatever_its_numbers_are(kind):
    skipped = skipped_of(read_row(ActivityType=kind, Distance="", WorkoutDate="?"))

    assert skipped == Skipped(2, "mmf_8700100201", f"Not a run: “{kind}”.")


def test_a_row_without_an_activity_type_is_a_problem():
    assert problem_of(read_row(ActivityType=" ")).detail == "Activity Type: empty."


@pytest.mark.parametrize(
    ("written", "rate"), [("", None), ("0", None), ("0.0", None), (" ", None), ("20", 20.0), ("300", 300.0)]
)
def test_a_heart_rate_is_read_and_empty_or_zero_means_none(written, rate):
    assert run_of(read_row(AvgHeartRate=written)).avg_heart_rate == rate


ABSURD = ["-1", "nan", "inf", "-inf", "1e999", "abc", "1_0", "1,5", "0x10"]


@pytest.mark.parametrize("written", [*ABSURD, "", "1000.01"])
def test_an_absurd_distance_is_a_problem(written):
    assert (
        problem_of(read_row(Distance=written)).detail == f"Distance: “{written}” is not a number from 0 to 1,000 miles."
    )


@pytest.mark.parametrize("written", [*ABSURD, "", "3600001"])
def test_an_absurd_duration_is_a_problem(written):
    assert (
        problem_of(read_row(WorkoutTime=written)).detail
        == f"Workout Time: “{written}” is not a number from 0 to 3,600,000 seconds."
    )


@pytest.mark.parametrize("written", [*ABSURD, "19.9", "1", "301"])
def test_an_absurd_heart_rate_is_a_problem(written):
    assert problem_of(read_row(AvgHeartRate=written)).detail.startswith(f"Avg Heart Rate: “{written}” is ")


def test_the_largest_and_the_smallest_numbers_go_in():
    largest = run_of(read_row(Distance="1000", WorkoutTime="3600000"))
    smallest = run_of(read_row(Distance="-0.0", WorkoutTime="0"))

    assert (largest.distance, largest.duration) == (1000, 3_600_000)
    assert (math.copysign(1, smallest.distance), smallest.duration) == (1, 0)


@pytest.mark.parametrize("unit", ["km", "KM", "kilometers", "kilometres"])
def test_kilometres_are_converted_and_their_limit_is_the_same(unit):
    heading = [name.replace("(mi)", f"({unit})") for name in HEADING]

    marathon, farthest, beyond = read(
        table(
            PLAIN | {f"Distance ({unit})": "42.195"},
            PLAIN | {f"Distance ({unit})": "1609.344", "Link": "/workout/2"},
            PLAIN | {f"Distance ({unit})": "1609.35", "Link": "/workout/3"},
            heading=heading,
        )
    )

    assert run_of(marathon).distance == pytest.approx(26.218758, abs=1e-6)
    assert run_of(farthest).distance == 1000
    assert problem_of(beyond).detail == "Distance: “1609.35” is not a number from 0 to 1,609.344 km."


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ("", None),
        ("  ", None),
        (" easy \n", "easy"),
        ("two\nlines", "two\nlines"),
        ("café 🏃", "café 🏃"),
        ("b''", None),
        ('b""', None),
        ("b'Fail :('", "Fail :("),
        (r"b'didn\'t push'", "didn't push"),
        ('b"didn\'t push"', "didn't push"),
        (r"b'a\nb\tc\r\\n'", "a\nb\tc\r\\n"),
        (r"b'caf\xc3\xa9 \xf0\x9f\x8f\x83'", "café 🏃"),
        (r"b'caf\xe9'", "caf\ufffd"),
        ("b'", "b'"),
        ("b'never closed", "b'never closed"),
        ("b'it's'", "b'it's'"),
        (r"b'\d'", r"b'\d'"),
        (r"b'\xc'", r"b'\xc'"),
        ("b'a' + b'b'", "b'a' + b'b'"),
        ("b'café'", "b'café'"),
        ("bib 12", "bib 12"),
    ],
)
def test_a_note_is_unwrapped_when_it_is_a_bytes_literal_and_else_left_as_it_is(written, note):
    assert run_of(read_row(Notes=written)).notes == note


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_every_bytes_literal_unwraps_to_what_was_wrapped(text):
    expected = text.strip() or None

    assert run_of(read_row(Notes=repr(text.encode()))).notes == expected


@pytest.mark.parametrize(
    ("notes", "name"),
    [
        ("Shoes: Brooks Ghost 16", "Brooks Ghost 16"),
        ("Shoes:Brooks", "Brooks"),
        ("shoes :  Mizuno \t Wave 24  ", "Mizuno Wave 24"),
        ("Windy, felt slow. Shoes: Brooks Ghost 16", "Brooks Ghost 16"),
        ("Shoes: Saucony Ride 15\nPark loop", "Saucony Ride 15"),
        ("Park loop\r\nShoes: Saucony Ride 15\r\nagain", "Saucony Ride 15"),
        ("Shoes: Ghost, red, wide", "Ghost, red, wide"),
        (r"b'Shoes: Brooks Ghost 16\nfelt good'", "Brooks Ghost 16"),
        ("Shoes:\nGym pair", None),
        ("Shoes: \nShoes: Gym pair", "Gym pair"),
        ("Shoes: --", None),
        ("new shoes", None),
        ("Snowshoes: Tubbs", None),
        ("Shoes: " + "x" * 200, "x" * 200),
    ],
)
def test_shoes_are_read_from_the_note_and_the_note_stays_whole(notes, name):
    run = run_of(read_row(Notes=notes))

    assert run.shoe_name == name
    assert run.notes is not None and (run.notes == notes.strip() or notes.startswith("b'"))


def test_an_endless_shoe_name_is_a_problem():
    assert problem_of(read_row(Notes="Shoes: " + "x" * 201)).detail.startswith("Notes: the name after “Shoes:”")


def test_a_note_of_up_to_ten_thousand_characters_goes_in_and_a_longer_one_is_a_problem():
    assert len(run_of(read_row(Notes="x" * 10_000)).notes or "") == 10_000
    assert len(run_of(read_row(Notes=repr(("é" * 10_000).encode()))).notes or "") == 10_000
    assert problem_of(read_row(Notes="x" * 10_001)).detail == "Notes: longer than 10000 characters."


def test_long_cells_are_cut_in_messages():
    assert len(problem_of(read_row(Distance="9" * 5_000)).detail) < 200
    assert len(skipped_of(read_row(ActivityType="Yoga " * 1_000)).detail) < 200


# --- broken rows, and the rows around them


def around(broken):
    """Parse a good row, the broken bytes, and another good row; return what lies between the two runs."""
    first, last = table(PLAIN).encode(), table(PLAIN | {"Link": "/workout/2"}).encode().split(b"\n", 1)[1]
    before, *between, after = read(first + broken + last)
    assert (run_of(before).id, run_of(after).id) == ("mmf_8700100201", "mmf_2")
    return between


LINE = '"May 6, 2025","May 6, 2025",Run,400,3.1,1500,8,7,7,8,,5011,{},Source,http://www.mapmyfitness.com/workout/1\n'


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (LINE.format("caf\xe9").encode("latin-1"), "not UTF-8"),
        (LINE.format("x").encode().replace(b"Source", b"\xff"), "not UTF-8"),
        (LINE.format("\ud800").encode("utf-8", "surrogatepass"), "not UTF-8"),
        (LINE.format("x\0y").encode(), "null byte"),
        (b"May,2025\n", "2 cells where the heading has 15"),
        (LINE.format("a,b").encode(), "16 cells where the heading has 15"),
        (LINE.format('"never closed').encode(), "never closed"),
        (LINE.format('"said "hi" to all"').encode(), "not doubled"),
        (LINE.format("x" * 200_000).encode(), "Longer than 100,000 characters"),
        (LINE.format('"' + "x" * 200_000).encode(), "Longer than 100,000 characters"),
        (LINE.format(r"b'\x00'").encode(), "null byte"),
    ],
)
def test_a_broken_line_is_one_problem_with_its_number_and_the_next_row_goes_in(line, says):
    (problem,) = around(line)

    assert problem_of(problem).row == 3
    assert says in problem_of(problem).detail


def test_a_bad_byte_in_a_note_of_several_lines_is_one_problem():
    (problem,) = around(LINE.format('"one\ntwo \xe9\nthree"').encode("latin-1"))

    assert problem_of(problem).row == 3


def test_an_open_quote_swallows_no_other_row_even_without_another_quote_in_the_file():
    plain = LINE.replace('"May 6, 2025"', "6-May-25")
    lines = [plain.format("").replace("workout/1", f"workout/{number}") for number in range(1, 2_001)]
    lines[999] = plain.format('"open').replace("workout/1", "workout/1000")

    found = read(",".join(HEADING) + "\n" + "".join(lines))

    assert [record.row for record in found] == list(range(2, 2_002))
    assert [record.id for record in found] == [f"mmf_{n}" if n != 1_000 else None for n in range(1, 2_001)]
    assert [record for record in found if not isinstance(record, ParsedRun)] == [found[999]]
    assert "quote" in problem_of(found[999]).detail


def test_an_open_quote_in_the_last_row_is_a_problem():
    found = read(table(PLAIN) + LINE.format('"open'))

    assert [type(record) for record in found] == [ParsedRun, Problem]


def test_lines_that_each_open_a_quote_are_given_up_with_the_row(monkeypatch):
    monkeypatch.setattr(records, "MOST_BROKEN_RECORDS", 10)

    # From the start of a record this line leaves a quote open; inside one it closes it and opens the next.
    found = parse(io.BytesIO((table() + 'a","\n' * 30_000).encode()), CHICAGO)
    problems = [problem_of(next(found)) for _ in range(11)]

    assert {problem.detail for problem in problems} == {"Longer than 100,000 characters: is a quote never closed?"}
    with pytest.raises(UnreadableFile, match="Too many broken quotes; reading stopped at row 12"):
        next(found)


def test_rows_count_records_and_blank_lines_but_not_line_breaks_in_cells():
    text = (
        table(PLAIN | {"Notes": "one\ntwo\nthree"})
        + "\n,,,\n"
        + table(PLAIN | {"Link": "/workout/2"}).split("\n", 1)[1]
    )

    assert [(record.row, record.id) for record in read(text)] == [(2, "mmf_8700100201"), (5, "mmf_2")]


def test_the_second_row_of_a_workout_is_skipped_and_names_the_first():
    found = read(table(PLAIN, PLAIN | {"Link": "/workout/2"}, PLAIN | {"Distance (mi)": "9"}))

    assert run_of(found[0]).distance == 3.1
    assert skipped_of(found[2]) == Skipped(4, "mmf_8700100201", "The same workout as row 2.")


def test_a_row_that_could_not_be_read_does_not_stand_in_the_way_of_a_good_one():
    found = read(table(PLAIN | {"Distance (mi)": "?"}, PLAIN))

    assert [type(record) for record in found] == [Problem, ParsedRun]


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(",".join(HEADING) + "\n")
        file.writelines(LINE.format("x" * 9_000) for _ in range(2_000))  # 18 MB
        file.write("y" * 20_000_000)

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            kinds = Counter(type(record) for record in parse(stream, CHICAGO))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kinds == {ParsedRun: 1, Skipped: 1_999, Problem: 1}
    assert peak < 4_000_000


# --- anything at all


def read_or_refuse(content):
    try:
        return read(content)
    except UnreadableFile as refused:
        assert str(refused).endswith(".")
        return []


@given(st.binary())
@example(b'"')
@example(b"\xef\xbb\xbf")
@example(b",")
def test_arbitrary_bytes_raise_nothing_but_unreadable_file(content):
    read_or_refuse(content)


@given(st.data())
def test_a_damaged_export_raises_nothing_but_unreadable_file_and_numbers_what_it_finds(data):
    content = bytearray((DATA / "mapmyfitness_km_bom.csv").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 200))
        content[start : start + length] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b",", b"\0"])
        )

    found = read_or_refuse(bytes(content))

    rows = [record.row for record in found]
    assert rows == sorted(set(rows))
    for record in found:
        if isinstance(record, ParsedRun):
            assert 0 <= record.distance <= 1000 and 0 <= record.duration <= 3_600_000
            assert "\0" not in (record.notes or "")
            (record.notes or "").encode()


AP_MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()  # noqa: SIM905  # one line reads better
# No carriage returns: csv.writer leaves a lone one unquoted, and then it ends the line, as in files of old Macs.
note_texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=60).map(str.strip)
generated_runs = st.lists(
    st.builds(
        dict,
        number=st.integers(1, 10**19),
        day=st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        indoors=st.booleans(),
        distance=st.floats(0, 1000),
        duration=st.integers(0, 3_600_000),
        heart_rate=st.none() | st.integers(20, 300),
        note=note_texts.filter(lambda note: not note.startswith(("b'", 'b"')) and "hoe" not in note),
        shoe=st.sampled_from([None, "Brooks Ghost 16", "Schuh, rot"]),
    ),
    unique_by=lambda run: run["number"],
    max_size=8,
)


@given(generated_runs, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_what_was_written_is_what_is_read(runs, ending, quote_all, wrapped):
    def cells(run):
        note = run["note"] + (f"\nShoes: {run['shoe']}" if run["shoe"] else "")
        return {
            "Workout Date": f"{AP_MONTHS[run['day'].month - 1]} {run['day'].day}, {run['day'].year}",
            "Activity Type": "Indoor Run / Jog" if run["indoors"] else "Run",
            "Distance (mi)": repr(run["distance"]),
            "Workout Time (seconds)": str(run["duration"]),
            "Avg Heart Rate": str(run["heart_rate"] or ""),
            "Notes": repr(note.encode()) if wrapped else note,
            "Link": f"http://www.mapmyfitness.com/workout/{run['number']}",
        }

    style = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    found = read(table(*map(cells, runs), lineterminator=ending, quoting=style))

    assert found == [
        ParsedRun(
            row=row,
            id=f"mmf_{run['number']}",
            datetime_utc=datetime.combine(run["day"], datetime.min.time(), CHICAGO).replace(hour=12).astimezone(UTC),
            type="Treadmill Run" if run["indoors"] else "Outdoor Run",
            distance=run["distance"],
            duration=run["duration"],
            avg_heart_rate=run["heart_rate"],
            shoe_name=run["shoe"],
            notes=(run["note"] + (f"\nShoes: {run['shoe']}" if run["shoe"] else "")).strip() or None,
        )
        for row, run in enumerate(runs, start=2)
    ]
