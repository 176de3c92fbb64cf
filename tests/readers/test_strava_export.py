"""Strava's export with the files of the activities: joined with its list, whatever a file is like."""

import gzip
import io
from collections import Counter

import pytest

from fitness.readers.folder import Budget, OverBudget, ZipFolder
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Skipped, Zone
from fitness.readers.strava_export import parse_export, parse_folder
from tests import strava_export
from tests.archives import packed
from tests.readers.fit import writer
from tests.readers.records import run_of, workout_of
from tests.readers.strava.tables import HEADING, PLAIN, table
from tests.samples import ACTIVITIES, DATA

EXPORT = (ACTIVITIES / "same_run" / "strava_export.zip").read_bytes()
WATCH = (ACTIVITIES / "same_run" / "watch.fit").read_bytes()
OF_ANOTHER_DAY = writer.file(writer.activity(), writer.session(start=writer.START + 90_000))
FILE = "activities/17405838535.fit.gz"


def records(content):
    return list(parse_export(io.BytesIO(content)))


def activity_of(record):
    found = record.workout if isinstance(record, OtherSport) else record
    assert isinstance(found, ParsedRun | ParsedWorkout), found
    return found


def row(**cells):
    """Return the plain row with other cells, by their headings."""
    changed = list(PLAIN)
    for name, value in ({"Filename": FILE} | cells).items():
        changed[HEADING.index(name)] = value
    return changed


def export(*rows, files):
    return packed(
        {"export_1/activities.csv": table(*rows)} | {f"export_1/{name}": data for name, data in files.items()}
    )


def test_the_sample_has_twenty_rows_two_of_them_with_points_and_says_once_which_files_are_missing():
    *rows, missing = records(EXPORT)

    assert len(rows) == 20
    assert [one.row for one in map(activity_of, rows) if one.points] == [2, 3]
    assert missing == Skipped(0, None, "17 files that the list names are not in the archive.")


def test_the_list_has_the_totals_and_the_file_adds_what_it_lacks():
    alone = run_of(records((DATA / "strava_export_activities.csv").read_bytes())[0])
    run = run_of(records(EXPORT)[0])

    added = ("points", "original", "elapsed", "ascent", "calories", "max_heart_rate", "avg_cadence", "device", "keys")
    more = ("avg_power", "temperature", "time_zone")
    assert run._replace(**{name: getattr(alone, name) for name in (*added, *more)}) == alone
    assert (run.id, run.name, run.shoe_name) == (
        "strava_16321877401",
        "Easy miles, clocks went back",
        "Brooks Ghost 16",
    )
    assert run.points and run.original
    assert (run.original.kind, run.original.content == WATCH) == ("FIT", True)
    assert (run.elapsed, run.ascent, run.max_heart_rate) == (2790, 21, 158)
    assert run.time_zone == Zone("-06:00", "file") and "time_zone" in run.unsaid  # the API names it
    assert run.keys == (
        "strava:16321877401",
        "strava_upload:17405838535",
        f"file:{run.original.sha256}",
        "device:3900000002:20251102T120531Z",
    )


def test_a_file_says_of_a_run_that_it_was_indoors():
    run = run_of(records(EXPORT)[1])

    assert (run.type, run.original.kind if run.original else None) == ("Treadmill Run", "TCX")
    assert "type" in run.unsaid  # the API may say otherwise, as people can


def test_a_list_alone_is_read_as_before():
    content = (DATA / "strava_export_activities.csv").read_bytes()

    assert records(packed({"activities.csv": content, "media/1.jpg": b"\xff\xd8"})) == records(content)


def test_files_that_the_list_does_not_name_are_counted():
    content = export(row(), files={FILE: gzip.compress(WATCH), "activities/1.fit": WATCH, "activities/2.jpg": b"x"})

    assert records(content)[1:] == [Skipped(0, None, "1 files of activities are not in the list.")]


def test_several_activities_of_one_file_are_those_that_begin_when_they_do():
    legs = [writer.session(start=writer.START + 600 * leg, seconds=60, sport=1) for leg in range(2)]
    points = [writer.points(60, start=writer.START + 600 * leg) for leg in range(2)]
    second = row(**{"Activity ID": "7002", "Activity Date": "Nov 2, 2025, 12:15:31 PM"})

    runs = [
        run_of(one)
        for one in records(export(row(), second, files={FILE: writer.file(writer.activity(), *points, *legs)}))
    ]

    assert [run.original.place for run in runs if run.original] == [1, 2]
    assert runs[0].points != runs[1].points


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (gzip.compress(WATCH)[:-9], "Its file: The archive is broken or incomplete: download it again."),
        (gzip.compress(WATCH[:30]), "Its file: The file is cut at 0 %: what was recorded before was read."),
        (OF_ANOTHER_DAY, "Its file: It begins at 2025-11-03 13:05 UTC, as that of another activity."),
    ],
    ids=["broken", "cut", "of another day"],
)
def test_a_file_of_which_nothing_can_be_taken_is_a_remark_and_the_row_stays(file, says):
    run = run_of(records(export(row(), files={FILE: file}))[0])

    assert (run.points, run.distance) == (None, 4.999987573)
    assert run.remark and run.remark.startswith(says)


def test_totals_that_contradict_each_other_are_remarked_on():
    longer = row(Distance="9.04")
    longer[17] = "9046.7"

    run = run_of(records(export(longer, files={FILE: WATCH}))[0])
    assert run.remark and "Its file: The list says 9,047 metres, the file 8,047: the former were taken." in run.remark


def test_a_workout_takes_the_sets_and_the_points_of_its_file():
    lifted = (ACTIVITIES / "fit" / "made_strength_sets.fit").read_bytes()
    rows = row(**{"Activity Type": "Weight Training", "Activity Date": "Oct 29, 2025, 10:31:48 PM", "Distance": ""})
    rows[17] = ""

    (found,) = records(export(rows, files={FILE: lifted}))

    assert isinstance(found, OtherSport)
    workout = workout_of(found.workout)
    assert (workout.workout_type, sum(len(one.sets) for one in workout.exercises)) == ("STRENGTH", 7)


def test_one_budget_holds_for_all_files():
    content = export(row(), files={FILE: gzip.compress(WATCH)})

    with ZipFolder(io.BytesIO(content), Budget(15_000)) as folder, pytest.raises(OverBudget):
        list(parse_folder(folder))


def test_a_made_export_is_read_whole():
    content = io.BytesIO()
    strava_export.write(content, 50, points=60)

    found = [activity_of(record) for record in records(content.getvalue())]

    assert all(one.points and not one.remark for one in found)
    assert Counter(one.original and one.original.kind for one in found) == {"GPX": 40, "FIT": 8, "TCX": 2}
    assert sum(isinstance(one, ParsedRun) for one in found) == 20
