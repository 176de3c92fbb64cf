"""MapMyFitness's samples and headings."""

import gc
import tempfile
from collections import Counter
from datetime import UTC, datetime

import pytest

from fitness.readers.mapmyfitness import parse
from fitness.readers.reader import Answers
from fitness.readers.records import OtherSport, ParsedRun, UnreadableFile
from tests.archives import packed
from tests.readers.mapmyfitness.tables import CHICAGO, HEADING, PLAIN, read, table
from tests.readers.records import run_of
from tests.samples import DATA


def sample(name):
    with (DATA / name).open("rb") as stream:
        return list(parse(stream, Answers(CHICAGO)))


# --- the samples


def test_the_imperial_sample_gives_its_eleven_runs_and_four_skipped():
    found = sample("mapmyfitness.csv")

    assert Counter(map(type, found)) == {ParsedRun: 11, OtherSport: 4}
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
    assert [record.skipped.detail for record in found if isinstance(record, OtherSport)] == [
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

    assert [type(record) for record in found] == [ParsedRun, ParsedRun, OtherSport, OtherSport]
    assert found[1].id == "mmf_2255799002"
    assert run_of(found[1]).datetime_utc == datetime(2017, 6, 6, 17, tzinfo=UTC)


def test_the_real_metric_export_reads_whole_and_its_miles_have_the_six_digits_the_service_keeps():
    found = sample("mapmyfitness_real_km_2021.csv")
    runs = [record for record in found if isinstance(record, ParsedRun)]

    assert Counter(map(type, found)) == {ParsedRun: 39, OtherSport: 1}
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
    assert str(refused.value) == f"Not a MapMyFitness workout history: the header row lacks {named}."


def test_all_missing_needed_columns_are_named_at_once():
    with pytest.raises(UnreadableFile, match=r"lacks Activity Type, Distance \(mi\) or Distance \(km\), Link\."):
        read("Workout Date,Workout Time (seconds),Distance\n")


@pytest.mark.parametrize("column", ["Avg Heart Rate", "Notes", "Source", "Steps", "Date Submitted"])
def test_the_other_columns_may_be_missing(column):
    cells = PLAIN | {"Notes": "Shoes: Gym pair"}
    (whole,) = read(table(cells))

    (found,) = read(table(cells, heading=[name for name in HEADING if name != column]))

    absent = {"Avg Heart Rate": {"avg_heart_rate": None}, "Notes": {"notes": None, "shoe_name": None}}
    nothing = absent.get(column, {})
    assert found == run_of(whole)._replace(**nothing, unsaid=frozenset(nothing))


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


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\n", "empty"),
        (packed({"xl/workbook.xml": b"<workbook/>"}), "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as CSV"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a text file"),
        (bytes(range(1, 256)), "not a text file"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "broken or incomplete"),
        (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page"),
        (b"one;two;three\n1;2;3\n", "lacks Workout Date, Activity Type"),
        (table(PLAIN).split("\n", 1)[1].encode(), "lacks Workout Date, Activity Type"),
        (b"\n,,,\n", "no header row"),
        (b'"Date Submitted,Workout Date\n', "header row cannot be read"),
        (b"x" * 200_000, "header row cannot be read"),
    ],
)
def test_a_file_that_is_no_csv_export_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read(content)


def test_the_callers_stream_stays_open_also_when_reading_is_given_up():
    with tempfile.SpooledTemporaryFile(max_size=10) as stream:
        stream.write(table(PLAIN, PLAIN).encode())
        stream.seek(0)

        found = parse(stream, Answers(CHICAGO))  # pyright: ignore[reportArgumentType]  # a file in all but name
        assert isinstance(next(found), ParsedRun)
        del found
        gc.collect()

        assert not stream.closed
