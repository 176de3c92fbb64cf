"""Strava's exports in French and Spanish, dates of many forms, and names however they are written."""

import csv
import io
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from fitness.names import name_key, normal_name
from fitness.readers import mapmyfitness, strava_export, times
from fitness.readers.reader import Answers
from fitness.readers.records import OtherSport, ParsedRun
from tests.samples import DATA

ENGLISH = next(csv.reader((DATA / "strava_export_activities.csv").read_text().splitlines()))
FRENCH = [
    "ID de l'activité", "Date de l'activité", "Nom de l'activité", "Type d'activité", "Description de l'activité",
    "Temps écoulé", "Distance", "Fréquence cardiaque max.", "Effort relatif", "Trajet", "Note privée", "Équipement",
    "Nom du fichier", "Poids de l'athlète", "Poids du vélo", "Temps écoulé", "Durée de déplacement", "Distance",
]  # fmt: skip
SPANISH = [
    "ID de actividad", "Fecha de la actividad", "Nombre de la actividad", "Tipo de actividad", "Descripción",
    "Tiempo transcurrido", "Distancia", "Frecuencia cardiaca máx.", "Esfuerzo relativo", "Desplazamiento", "Nota",
    "Equipamiento", "Nombre de archivo", "Peso del atleta", "Peso de la bicicleta", "Tiempo transcurrido",
    "Tiempo en movimiento", "Distancia",
]  # fmt: skip


def read(names, kind, day, *, apostrophe="'"):
    heading = [name.replace("'", apostrophe) for name in [*names, *ENGLISH[len(names) :]]]
    heading[18:] = [f"{name} ({place})" for place, name in enumerate(heading[18:], 18)]
    cells = {0: "7001", 1: day, 3: kind, 5: "2790", 6: "8,04", 15: "2790,0", 16: "2712,0", 17: "8046,7"}
    content = io.StringIO()
    csv.writer(content).writerows([heading, [cells.get(place, "") for place in range(len(heading))]])
    (record,) = strava_export.parse_export(io.BytesIO(content.getvalue().encode()))
    return record


@pytest.mark.parametrize(
    ("names", "kind", "day", "type_"),
    [
        (FRENCH, "Course à pied", "2 nov. 2025, 12:05:31", "Outdoor Run"),
        (FRENCH, "Course", "2 nov. 2025 à 12:05:31", "Outdoor Run"),
        (FRENCH, "Trail", "2 nov. 2025, 12:05:31", "Outdoor Run"),
        (FRENCH, "Course à pied virtuelle", "2 nov. 2025, 12:05:31", "Treadmill Run"),
        (SPANISH, "Carrera", "2 nov 2025, 12:05:31", "Outdoor Run"),
        (SPANISH, "Carrera de montaña", "2 nov 2025, 12:05:31", "Outdoor Run"),
        (SPANISH, "Carrera virtual", "2 de noviembre de 2025, 12:05:31", "Treadmill Run"),
    ],
)
@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_french_and_spanish_runs_are_read(names, kind, day, type_, apostrophe):
    run = read(names, kind, day, apostrophe=apostrophe)

    assert isinstance(run, ParsedRun), run
    assert (run.datetime_utc, run.type, run.distance, run.duration) == (
        datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC), type_, 4.999987573, 2712,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        (FRENCH, ["Vélo", "Sortie à vélo", "Randonnée", "Marche", "Natation", "Ski de fond", "Musculation"]),
        (
            SPANISH,
            ["Bicicleta", "Vuelta en bicicleta", "Caminata", "Senderismo", "Natación", "Entrenamiento con pesas"],
        ),
    ],
)
def test_other_french_and_spanish_activities_are_skipped_and_not_failed(names, kinds):
    for kind in kinds:
        record = read(names, kind, "2 nov. 2025, 12:05:31")

        assert isinstance(record, OtherSport), record
        assert record.skipped.detail == f"Not a run: “{kind}”."


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2025-07-14T10:12:10Z", datetime(2025, 7, 14, 10, 12, 10, tzinfo=UTC)),
        ("2025-07-14T10:12:10.123Z", datetime(2025, 7, 14, 10, 12, 10, tzinfo=UTC)),
        ("2025-07-14 10:12:10+02:00", datetime(2025, 7, 14, 10, 12, 10, tzinfo=timezone(timedelta(hours=2)))),
        ("2025-07-14T10:12", "2025-07-14T10:12"),
        ("Jul 14, 2025, 10:12 AM", "2025-07-14T10:12"),
        ("14 Jul 2025 22:12", "2025-07-14T22:12"),
        ("14.07.2025, 10:12", "2025-07-14T10:12"),
        ("14-Jul-25 10:12", "2025-07-14T10:12"),
        ("14 août 2025, 10:12".replace("û", "u\u0302"), "2025-08-14T10:12"),
        ("07/14/2025 10:12", None),
        ("14.07.2025", None),
        ("14 Jul 2025, 25:12", None),
        ("2025-07-14T10:12:10+99:00", None),
        ("14 Jul 2200, 10:12", None),
    ],
)  # fmt: skip
def test_times_of_many_forms_are_read_and_an_order_that_is_not_sure_is_not(written, found):
    expected = datetime.fromisoformat(found) if isinstance(found, str) else found
    assert times.time(written) == expected


def test_strava_dates_that_name_an_offset_are_instants():
    run = read(SPANISH, "Carrera", "2025-07-14T10:12:10+02:00")

    assert isinstance(run, ParsedRun)
    assert run.datetime_utc == datetime(2025, 7, 14, 8, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", ["06.05.2025", "6.5.2025", "6 May 2025", "6-May-25", "2025-05-06"])
def test_days_of_many_forms_are_read(written):
    assert times.day(written) == date(2025, 5, 6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (unicodedata.normalize("NFC", "Café Ghost"), unicodedata.normalize("NFD", "Café Ghost")),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("Bench\u200b Press", "bench press"),
        ("Bench\xa0 Press\u2060", " Bench Press"),
        ("\ufeffSquat", "squat"),
        ("So\xadft", "soft"),
        ("❤\ufe0f Run", "❤ run"),
    ],
)
def test_names_that_look_the_same_have_one_key(one, other):
    assert name_key(one) == name_key(other) != ""


def test_names_that_look_different_have_other_keys():
    names = ["Squat", "Squat 2", "Squát", "Squat²", "スクワット", "Присед", "🦵"]

    assert len({name_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u200d\u200c", "\ufe0f", "\u2060\ufeff\xad", "\u202e", "\x07"])
def test_a_name_of_nothing_that_can_be_seen_is_empty(name):
    assert normal_name(name) == name_key(name) == ""


def test_a_name_is_kept_as_it_is_seen():
    assert normal_name(" Cafe\u0301 \t Ghost\u200b ") == "Café Ghost"
    assert normal_name("👩\u200d🚒 run") == "👩\u200d🚒 run"
    assert normal_name("می\u200cدوم") == "می\u200cدوم"


def test_a_shoe_in_notes_is_named_as_it_is_seen():
    line = '"May 6, 2025",Run,3.1,1500,"Shoes: Cafe\u0301\u200b  Ghost",http://www.mapmyfitness.com/workout/1\n'
    content = f"Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link\n{line}"

    (run,) = mapmyfitness.parse(io.BytesIO(content.encode()), Answers(ZoneInfo("UTC")))

    assert isinstance(run, ParsedRun)
    assert run.shoe_name == "Café Ghost"
