"""Rows of Hevy's exports become workouts or problems."""

import csv
import tracemalloc
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.readers.hevy import export_id, parse_export
from fitness.readers.hevy_values import NAMESPACE
from fitness.readers.reader import Answers
from fitness.readers.records import ParsedWorkout, Problem, UnreadableFile
from tests.providers.hevy.records import WHEN, assert_storable
from tests.readers.hevy.tables import CHICAGO, HEADING, PLAIN, read, read_row, table
from tests.readers.records import problem_of, workout_of
from tests.samples import DATA


def test_rows_of_one_title_start_and_end_that_follow_each_other_are_a_workout():
    later = PLAIN | {"start_time": "29 Oct 2025, 18:31", "end_time": ""}
    found = read(table(PLAIN, PLAIN | {"set_index": "1"}, PLAIN | {"title": "Arms"}, later, PLAIN | {"end_time": ""}))

    assert [(one.row, one.title, one.start_ts.hour, one.end_ts is None) for one in map(workout_of, found)] == [
        (2, "Legs", 22, False), (4, "Arms", 22, False), (5, "Legs", 23, True), (6, "Legs", 22, True),
    ]  # fmt: skip


def test_the_id_is_made_of_title_and_start_and_counts_workouts_that_share_both():
    found = read(table(PLAIN, PLAIN | {"end_time": "29 Oct 2025, 18:00"}, PLAIN | {"title": "", "end_time": ""}))

    start = WHEN.replace(second=0)
    assert [workout_of(one).id for one in found] == [
        uuid5(NAMESPACE, "hevy:Legs:2025-10-29T22:31Z"),
        uuid5(NAMESPACE, "hevy:Legs:2025-10-29T22:31Z:2"),
        uuid5(NAMESPACE, "hevy::2025-10-29T22:31Z"),
    ]
    assert [workout_of(one).id for one in found] == [
        export_id("Legs", WHEN), export_id("Legs", start, 2), export_id(None, start.astimezone(CHICAGO)),
    ]  # fmt: skip
    assert {workout_of(one).external_id for one in found} == {None}


def test_a_set_index_that_does_not_rise_or_another_title_note_or_superset_begins_a_block():
    rows = [
        ("Squat", "0", "", ""), ("Squat", "1", "", ""), ("Squat", "0", "", ""), ("Press", "0", "", ""),
        ("Press", "1", "slow", ""), ("Press", "2", "slow", "1"), ("Squat", "3", "", ""),
    ]  # fmt: skip
    names = ("exercise_title", "set_index", "exercise_notes", "superset_id")

    (found,) = read(table(*(PLAIN | dict(zip(names, row, strict=True)) for row in rows)))

    assert [(block.name, block.note, len(block.sets)) for block in workout_of(found).exercises] == [
        ("Squat", None, 2), ("Squat", None, 1), ("Press", None, 1), ("Press", "slow", 1), ("Press", "slow", 1),
        ("Squat", None, 1),
    ]  # fmt: skip


def test_rows_that_cannot_be_read_are_problems_and_the_rest_of_the_workout_goes_in():
    text = table(
        PLAIN,
        PLAIN | {"set_index": "1", "reps": "many"},
        PLAIN | {"set_index": "2", "start_time": "some day"},
        PLAIN | {"set_index": "3"},
    )
    broken = text + "Legs,too,few\n" + table(PLAIN | {"set_index": "4"}, PLAIN | {"title": "Arms"}).split("\n", 1)[1]

    found = read(broken)

    assert [(type(one), one.row) for one in found] == [
        (Problem, 3), (Problem, 4), (Problem, 6), (ParsedWorkout, 2), (ParsedWorkout, 8),
    ]  # fmt: skip
    assert len(workout_of(found[3]).exercises[0].sets) == 3
    assert problem_of(found[2]).detail == "3 cells, but the header has 14."


def test_a_workout_of_which_no_row_can_be_read_is_none():
    bad = PLAIN | {"reps": "x"}

    found = read(table(bad, bad, PLAIN | {"title": "Arms"}, bad))

    assert [(type(one), one.row) for one in found] == [(Problem, 2), (Problem, 3), (ParsedWorkout, 4), (Problem, 5)]


def test_no_workout_has_more_sets_than_may_be_stored():
    rows = [PLAIN | {"set_index": str(number)} for number in range(1001)]

    problem, workout = read(table(*rows[:1000], PLAIN))

    assert problem_of(problem) == Problem(1002, None, "Squat (Barbell): More than 1,000 sets in the workout.")
    assert len(workout_of(workout).exercises[0].sets) == 1000


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_any_line_ending_change_nothing(mark, ending):
    cells = PLAIN | {"description": 'windy, "fun"'}

    (found,) = read(mark + table(cells, lineterminator=ending, quoting=csv.QUOTE_ALL).encode())

    assert (workout_of(found).title, workout_of(found).notes) == ("Legs", 'windy, "fun"')


@pytest.mark.parametrize("written", ["one\ntwo", "one\r\ntwo", r"one\ntwo"])
def test_a_line_break_in_a_text_is_one_however_it_was_written(written):
    found = workout_of(read_row(description=written, exercise_notes=written))

    assert (found.notes, found.exercises[0].note) == ("one\ntwo", "one\ntwo")


@pytest.mark.parametrize("column", ["description", "superset_id", "exercise_notes", "rpe"])
def test_some_columns_may_be_missing(column):
    assert read(table(PLAIN, heading=[name for name in HEADING if name != column])) == read(table(PLAIN))


def test_columns_are_found_by_name_in_any_order_and_case_with_unknown_ones_ignored():
    heading = [*(name.upper() for name in reversed(HEADING)), "Mood"]

    assert read(table({name.upper(): cell for name, cell in PLAIN.items()}, heading=heading)) == read(table(PLAIN))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        ((DATA / "mapmyfitness.csv").read_bytes(), "Not a Hevy export: the header row lacks title, start_time, "),
        *(
            (table(PLAIN, heading=[name for name in HEADING if name != column]).encode(), f"lacks {named}.")
            for column, named in {
                **{name: name for name in ("title", "start_time", "end_time", "exercise_title", "set_index", "reps")},
                "weight_kg": "weight_kg or weight_lbs",
                "distance_km": "distance_km or distance_miles",
            }.items()
        ),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile) as refused:
        read(content)

    assert says in str(refused.value)


def test_a_heading_alone_holds_nothing():
    assert read(table()) == []


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w") as file:
        file.write(",".join(HEADING) + "\n")
        for number in range(2_000):
            when = WHEN - timedelta(days=number)
            row = PLAIN | {"start_time": f"{when:%Y-%m-%d %H:%M}", "end_time": "", "description": "x" * 9_000}
            file.write(table(row).split("\n", 1)[1])  # 18 MB in all

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            kinds = Counter(type(record) for record in parse_export(stream, Answers(CHICAGO)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kinds == {ParsedWorkout: 2_000}
    assert peak < 4_000_000


@given(st.binary())
@example(b'"')
@example(b"\xef\xbb\xbf")
def test_arbitrary_bytes_raise_nothing_but_unreadable_file(content):
    try:
        read(content)
    except UnreadableFile as refused:
        assert str(refused).endswith(".")


@given(st.data())
def test_a_damaged_export_raises_nothing_but_unreadable_file_and_what_it_gives_can_be_stored(data):
    content = bytearray((DATA / "hevy_export_lbs_web.csv").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 200))] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b'"', b"\n", b",", b"\0"])
        )

    try:
        found = read(bytes(content))
    except UnreadableFile:
        return

    for record in found:
        if isinstance(record, ParsedWorkout):
            assert record.exercises
            assert_storable(record)


@given(st.integers(0, 600_000), st.sampled_from(["America/Chicago", "Europe/Berlin", "Pacific/Chatham", "Asia/Seoul"]))
def test_any_minute_comes_back_but_for_the_second_time_that_clocks_show_it(minutes, name):
    zone = ZoneInfo(name)
    instant = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    local = instant.astimezone(zone)

    found = workout_of(read_row(zone, start_time=f"{local:%d.%m.%Y, %H:%M}", end_time=""))

    assert found.start_ts == local.replace(fold=0).astimezone(UTC)
    assert found.start_ts == instant or local.fold == 1
