"""Strava's exports of all years and languages."""

from collections import Counter

import pytest

from fitness.providers.strava.activities import parse_activity
from fitness.readers.records import OtherSport, ParsedRun, UnreadableFile
from fitness.readers.strava_export import parse_export
from tests.providers.strava.calls import GEAR_NAMES, PAGES
from tests.readers.records import problem_of, run_of, skipped_of
from tests.readers.strava.tables import HEADING, LOOP, PLAIN, cells_of, read, read_row, table
from tests.samples import DATA


def sample_export(name):
    with (DATA / name).open("rb") as stream:
        return list(parse_export(stream))


def test_the_export_of_2026_has_the_same_runs_as_the_api_but_knows_no_treadmill():
    of_api = {activity["id"]: run_of(record) for activity in PAGES
              if isinstance(record := parse_activity(activity, 1, GEAR_NAMES), ParsedRun)}  # fmt: skip

    found = sample_export("strava_export_activities.csv")

    assert Counter(map(type, found)) == {ParsedRun: 14, OtherSport: 6}
    assert [record.row for record in found] == list(range(2, 22))
    runs = {record.id: record for record in found if isinstance(record, ParsedRun)}
    assert runs.keys() == {run.id for run in of_api.values()} | {"strava_9912004417", "strava_4711200983"}
    for run in of_api.values():
        twin = runs[run.id]
        assert (twin.datetime_utc, twin.distance, twin.duration, twin.name, twin.shoe_name) == (
            run.datetime_utc, run.distance, run.duration, run.name, run.shoe_name,
        )  # fmt: skip
        assert (twin.avg_heart_rate is None) == (run.avg_heart_rate is None)
    assert [run.name for run in runs.values() if run.type == "Treadmill Run"] == ["Volcano Flat"]
    assert runs["strava_16298812755"].notes == "Mud, then sun.\nTook the long way back, twice"


def test_the_export_with_british_dates_reads_alike():
    def without_rows(records):
        return {
            record.id: record._replace(row=0, workout=record.workout._replace(row=0))
            if isinstance(record, OtherSport)
            else record._replace(row=0)
            for record in records
        }

    american = without_rows(sample_export("strava_export_activities.csv"))

    british = sample_export("strava_export_activities_en_gb.csv")

    assert Counter(map(type, british)) == {ParsedRun: 3, OtherSport: 2}
    assert without_rows(british).items() <= american.items()


def test_the_export_of_2023_reads_in_spite_of_its_html_headings_and_empty_numbers():
    measured, by_hand, ride = sample_export("strava_export_2023.csv")

    assert run_of(measured).distance == pytest.approx(6437.4 / 1609.344)
    assert (run_of(measured).duration, run_of(measured).avg_heart_rate) == (1874, 147.0)
    assert run_of(by_hand).distance == pytest.approx(5020 / 1609.344)
    assert run_of(by_hand).duration == 1860
    skipped_of(ride)


GERMAN = [
    "Aktivitäts-ID", "Aktivitätsdatum", "Name der Aktivität", "Aktivitätsart", "Aktivitätsbeschreibung",
    "Verstrichene Zeit", "Distanz", "Max. Herzfrequenz", "Relative Leistung", "Pendeln", "Private Notiz",
    "Ausrüstung", "Dateiname", "Gewicht", "Fahrradgewicht", "Verstrichene Zeit", "Bewegungszeit", "Distanz",
    *(f"Spalte {number}" for number in range(18, 103)),
]  # fmt: skip
FRENCH = [
    "ID de l’activité", "Date", "Nom", "Type", "Description", "Temps écoulé", "Distance", "FC max.", *GERMAN[8:15],
    "Temps écoulé", "Durée de déplacement", "Distance", *GERMAN[18:],
]  # fmt: skip


def test_the_plain_row_is_read_whole():
    assert read_row({}) == LOOP


@pytest.mark.parametrize("columns", [80, 87, 92, 94, 99, 103])
def test_columns_are_found_by_name_whether_the_file_has_many_or_few(columns):
    media_last = [*HEADING[: columns - 1], "Media"]

    assert read(table(PLAIN[:columns], heading=media_last)) == [LOOP]


def without(places, row):
    return [cell for place, cell in enumerate(row) if place not in places]


def test_the_first_block_of_2021_lacks_two_columns():
    heading, row = without({7, 10}, HEADING[:81]), without({7, 10}, PLAIN[:81])

    assert len(heading) == 79
    assert read(table(row, heading=heading)) == [LOOP]
    assert read(table([*row[:3], "Lauf", *row[4:]], heading=without({7, 10}, GERMAN[:81]))) == [LOOP]


OLD = without({7, 8, 10}, HEADING[:13])
ROW_OF_2019 = ["7001", "Nov 2, 2025, 12:05:31 PM", "Loop", "Run", "Wet", "2712", "8.0467", "false", "Ghost", "x.gpx"]


def test_the_ten_columns_of_2019_have_kilometres():
    poorer = LOOP.unsaid | {"duration", "distance"}

    assert read(table(ROW_OF_2019, heading=OLD)) == [LOOP._replace(avg_heart_rate=None, unsaid=poorer)]


def test_the_ten_columns_of_2018_have_metres():
    heading = ["id", "date", "name", "type", "description", "elapsed_time", "distance", "commute", "gear", "filename"]
    row = ["7001", "2025-11-02 12:05:31", "Loop", "Run", "Wet", "2712", "8046.7", "false", "Ghost", "x.gpx"]

    poorer = LOOP.unsaid | {"duration"}

    assert read(table(row, heading=heading)) == [LOOP._replace(avg_heart_rate=None, unsaid=poorer)]


def test_german_exports_have_german_words_dates_and_commas():
    german = {1: "02.11.2025, 12:05:31", 3: "Lauf", 6: "8,04"}

    assert read_row(german, GERMAN) == LOOP
    assert run_of(read_row(german | {3: "Virtueller Lauf"}, GERMAN)).type == "Treadmill Run"
    assert run_of(read_row(german | {17: ""}, GERMAN)).distance == pytest.approx(8040 / 1609.344)
    assert run_of(read_row(german | {17: "8046,7"}, GERMAN)).distance == LOOP.distance
    for other in ("Radfahrt", "Wanderung", "Skilanglauf", "Eislauf", "Krafttraining"):
        assert skipped_of(read_row(german | {3: other}, GERMAN)).detail == f"Not a run: “{other}”."


def test_german_exports_of_2019_have_the_same_order():
    row = [*ROW_OF_2019[:1], "02.11.2025, 12:05:31", "Loop", "Lauf", "Wet", "2712", "8,04", *ROW_OF_2019[7:]]

    (run,) = read(table(row, heading=[*GERMAN[:7], "Pendeln", "Ausrüstung", "Dateiname"]))

    assert (run_of(run).distance, run_of(run).shoe_name) == (pytest.approx(8040 / 1609.344), "Ghost")


def test_in_another_language_columns_are_known_by_place_and_words_that_are_not_known_are_problems():
    french = {1: "2 nov. 2025, 12:05:31", 3: "Course à pied", 6: "8,04"}

    assert read_row(french, FRENCH) == LOOP
    assert run_of(read_row(french | {1: "2 févr. 2025 à 12:05:31"}, FRENCH)).datetime_utc.month == 2
    assert "set Strava to English" in problem_of(read_row(french | {3: "Bieg"}, FRENCH)).detail


def test_columns_that_are_not_known_are_refused():
    strange = [f"Spalte {number}" for number in range(103)]

    for heading in (strange, HEADING[1:]):
        with pytest.raises(UnreadableFile, match=r"lacks Activity ID, Activity Date.* set Strava to English"):
            read(table(PLAIN[: len(heading)], heading=heading))
    for heading in (strange[:10], ["id", "name"]):  # not like an export in another language
        with pytest.raises(UnreadableFile, match=r"lacks Activity ID, Activity Date\.$"):
            read(table(PLAIN[: len(heading)], heading=heading))
    still = [*PLAIN[:5], "60", "0", *PLAIN[7:15], "60", "60", "0", *PLAIN[18:]]
    for first_row in (PLAIN, still, cells_of({}), cells_of({102: "x"})):
        with pytest.raises(UnreadableFile, match="header row"):
            read(table(PLAIN, heading=first_row))
    with pytest.raises(UnreadableFile, match="lacks Activity Type, Distance"):
        read(table([], heading=["Activity ID", "Activity Date", "Elapsed Time"]))
    with pytest.raises(UnreadableFile, match="lacks Activity Type, Elapsed Time, Distance"):
        read(b"Activity ID;Activity Date\n")
    with pytest.raises(UnreadableFile, match="empty"):
        read(b"")
