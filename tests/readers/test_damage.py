"""Damaged copies of every sample: each is read with the right values, or refused row by row."""

from collections import Counter

import pytest

from fitness.readers.records import ParsedWorkout, Problem, Skipped
from tests.readers.damage import DAMAGES, GARBAGE, good, read, rows_of
from tests.samples import DATA

SAMPLES = sorted(path.name for path in DATA.glob("*.csv"))
OF = {name: read((DATA / name).read_bytes()) for name in SAMPLES}
RUNS = [name for name, (reader, _) in OF.items() if reader.noun == "runs"]


def damaged(sample, damage):
    """Return the records of a damaged copy, and those of the sample itself."""
    reader, records = OF[sample]
    return read(DAMAGES[damage]((DATA / sample).read_bytes(), reader.source))[1], records


def only(kind, records):
    return [record for record in records if isinstance(record, kind)]


def sets_of(workouts):
    """Return the sets of workouts by exercise, which keep their order whatever that of the exercises is."""
    return {
        (workout.id, name): [one for block in workout.exercises if block.name == name for one in block.sets]
        for workout in workouts
        for name in {block.name for block in workout.exercises}
    }


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(
    "damage",
    ["saved_by_a_spreadsheet", "in_utf_16", "with_old_line_ends", "with_trailing_cells", "joined"],
)
def test_what_changes_no_value_changes_no_record(sample, damage):
    found, records = damaged(sample, damage)

    assert good(found) == good(records)
    assert only(Problem, found) == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_in_a_file_joined_to_itself_everything_is_skipped_once_in_words(sample):
    found, records = damaged(sample, "joined")

    again = Counter(record.detail.partition(" as row ")[0] for record in only(Skipped, found))
    other_sports = [record for record in only(Skipped, records) if record.detail.startswith("Not a run")]
    for record in only(Skipped, records):
        again[record.detail] -= 1 if record in other_sports else 2
    assert sum(again.values()) == len(good(records)) + len(other_sports)
    assert {why for why, count in again.items() if count} <= {
        "The same activity", "The same workout", "The same workout again.", "The same planned workout again.",
    }  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES)
def test_rows_in_another_order_are_the_same_records(sample):
    found, records = damaged(sample, "sorted_otherwise")

    if OF[sample][0].noun == "workouts":
        assert sets_of(only(ParsedWorkout, found)) == sets_of(only(ParsedWorkout, records))
    else:
        assert good(found) == good(records)
    assert only(Problem, found) == []


@pytest.mark.parametrize("sample", [name for name in SAMPLES if not name.startswith("trainingpeaks")])
def test_rows_that_come_twice_count_once(sample):
    found, records = damaged(sample, "with_rows_twice")

    assert good(found) == good(records)
    assert only(Problem, found) == []


def test_a_plan_has_no_ids_so_rows_that_come_twice_are_two_sessions_of_a_day():
    found, records = damaged("trainingpeaks_plan.csv", "with_rows_twice")

    assert len(good(found)) == 2 * len(good(records))


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_cut_file_names_its_last_row_and_keeps_the_others(sample):
    found, records = damaged(sample, "cut")

    last_row = max(len(rows_of((DATA / sample).read_bytes())), 2)
    # Of a plan, the columns that are read are whole.
    assert [problem.row for problem in only(Problem, found)] == ([] if "plan" in sample else [last_row])
    if OF[sample][0].noun == "runs":
        assert good(found) == [record for record in good(records) if record.id not in lost(found, records)]
    lost_sets = sum(map(len, sets_of(only(ParsedWorkout, records)).values())) - sum(
        map(len, sets_of(only(ParsedWorkout, found)).values())
    )
    assert lost_sets == (1 if OF[sample][0].noun == "workouts" else 0)


def lost(found, records):
    """Return the ids of what is missing, which is the last record at most."""
    missing = {record.id for record in good(records)} - {record.id for record in good(found)}
    assert missing <= {records[-1].id}
    return missing


@pytest.mark.parametrize("sample", SAMPLES)
def test_wherever_a_file_is_cut_no_record_is_read_that_it_did_not_have(sample):
    content = (DATA / sample).read_bytes()
    reader, records = OF[sample]
    if reader.noun == "workouts":
        return  # their last rows are compared set by set above
    known = good(records)
    last_line = content.rstrip().rfind(b"\n") + 1

    for end in range(last_line + 1, len(content)):
        _, found = read(content[:end])
        assert [record for record in good(found) if record not in known] == [], content[last_line:end]


@pytest.mark.parametrize("sample", SAMPLES)
def test_swapped_columns_are_seen_where_the_file_says_a_value_twice(sample):
    found, records = damaged(sample, "with_swapped_columns")

    problems = only(Problem, found)
    unread = {problem.id for problem in problems}
    assert [one for one in good(found) if one.id not in unread] == [
        one for one in good(records) if one.id not in unread
    ]
    # A time without any distance, in the place of the distance, is none.
    assert [problem.detail.partition(":")[0] for problem in problems] in ([], ["Distance"])
    if sample in RUNS:
        remarks = [record.remark for record in found if getattr(record, "remark", None)]
        moved = [record for record in good(found) if record.distance > 0 and record.duration > 0]
        assert len(remarks) == len(moved)
        assert all("stand in each other's place" in one or "cannot be" in one for one in remarks)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_column_that_is_missing_leaves_its_field_empty_and_no_other(sample):
    found, records = damaged(sample, "with_a_column_removed")

    def without(record):
        if OF[sample][0].noun == "runs":
            return record._replace(avg_heart_rate=None)
        if OF[sample][0].noun == "planned workouts":
            return record._replace(values={**record.values, "coach_comments": None})
        return record._replace(
            exercises=tuple(
                block._replace(sets=tuple(one._replace(rpe=None) for one in block.sets)) for block in record.exercises
            )
        )

    assert list(map(without, good(found))) == list(map(without, good(records)))
    assert only(Problem, found) == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_decimal_commas_between_commas_are_read_in_strava_files_and_named_in_others(sample):
    found, records = damaged(sample, "with_decimal_commas")

    if OF[sample][0].source == "Strava":
        assert good(found) == good(records)
    else:
        assert only(Problem, found) != []
        assert all("is not a" in problem.detail for problem in only(Problem, found))
        if OF[sample][0].noun != "workouts":  # of a workout the other sets go in
            assert [record for record in good(found) if record not in good(records)] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_rows_that_are_none_are_named_and_the_others_go_in(sample):
    found, records = damaged(sample, "with_garbage")

    assert good(found) == good(records)
    assert len(only(Problem, found)) == len(GARBAGE)
    assert all(", but the header has" in problem.detail for problem in only(Problem, found))
