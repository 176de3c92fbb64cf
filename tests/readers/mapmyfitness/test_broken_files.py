"""Broken lines, large files and arbitrary bytes."""

import csv
import io
import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.readers import tables
from fitness.readers.mapmyfitness import parse
from fitness.readers.reader import Answers
from fitness.readers.records import ParsedRun, Problem, Skipped, UnreadableFile
from tests.readers.mapmyfitness.tables import CHICAGO, HEADING, PLAIN, read, table
from tests.readers.records import problem_of, run_of, skipped_of
from tests.samples import DATA

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
        (LINE.format("caf\xe9 \xbf").encode("latin-1"), "not UTF-8"),
        (LINE.format("x").encode().replace(b"Source", b"\xff"), "not UTF-8"),
        (LINE.format("\ud800").encode("utf-8", "surrogatepass"), "not UTF-8"),
        (LINE.format("x\0y").encode(), "null byte"),
        (b"May,2025\n", "2 cells, but the header has 15"),
        (LINE.format("a,b").encode(), "16 cells, but the header has 15"),
        (LINE.format('"never closed').encode(), "not closed"),
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
    monkeypatch.setattr(tables, "MOST_BROKEN_RECORDS", 10)

    # From the start of a record this line leaves a quote open; inside one it closes it and opens the next.
    found = parse(io.BytesIO((table() + 'a","\n' * 30_000).encode()), Answers(CHICAGO))
    problems = [problem_of(next(found)) for _ in range(11)]

    assert {problem.detail for problem in problems} == {"Longer than 100,000 characters: is a quote not closed?"}
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
            kinds = Counter(type(record) for record in parse(stream, Answers(CHICAGO)))
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
