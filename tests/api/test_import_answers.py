"""Answers to the questions of files that are remembered for later imports: listed and forgotten."""

import pytest

from tests.drops import Drop
from tests.samples import ACTIVITIES

ANSWERS = "/v1/imports/answers"
STRONG = (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes()
SHEET = b"Datum,Strecke (km),Dauer\n2025-05-01,10,0:50:00\n"


@pytest.fixture
def remembered(client, make_person):
    """Return somebody who answered the questions of two kinds of files, and what is remembered."""
    ada = make_person("ada", time_zone="Europe/Berlin")
    drop = Drop(client, ada.headers)
    drop.send(STRONG, "strong.csv")
    drop.send(SHEET, "sheet.csv")
    for question in drop.finished("?dry_run=true")["questions"]:
        answer = {"weight_unit": "lb"} if question["kind"] == "Strong" else {name: question[name] for name in TABLE}
        assert drop.answer(kind=question["kind"], **answer).status_code == 200
    return ada, client.get(ANSWERS, headers=ada.headers).json["items"]


TABLE = ("mapping", "headings")


def test_a_question_names_the_files_that_wait(client, alice):
    drop = Drop(client, alice.headers)
    drop.send(STRONG, "strong.csv")
    drop.send(STRONG + b"\n", "again.csv")

    questions = drop.finished("?dry_run=true")["questions"]

    units = next(question for question in questions if question["field"] == "weight_unit")
    assert sorted(units["names"]) == ["again.csv", "strong.csv"]


def test_remembered_answers_are_listed(remembered):
    _, [table, unit] = remembered

    assert unit == {"kind": "Strong", "key": "weight_unit", "field": "weight_unit", "value": "lb", "mapping": None}
    assert (table["kind"], table["field"], table["value"]) == ("CSV", "mapping", None)
    assert table["mapping"]["columns"] == {"date": "Datum", "distance": "Strecke (km)", "duration": "Dauer"}


def test_what_is_forgotten_is_asked_again(client, remembered):
    ada, [table, unit] = remembered

    for answer in (table, unit):
        which = {name: answer[name] for name in ("kind", "key")}
        forgotten = [client.delete(ANSWERS, query_string=which, headers=ada.headers) for _ in range(2)]
        assert [one.status_code for one in forgotten] == [204, 404]

    assert client.get(ANSWERS, headers=ada.headers).json["items"] == []
    later = Drop(client, ada.headers)
    later.send(STRONG)
    later.send(SHEET)
    assert len(later.finished("?dry_run=true")["questions"]) == 2


def test_a_strangers_answer_is_absent_and_stays(client, bob, remembered):
    ada, _ = remembered

    refused = client.delete(f"{ANSWERS}?kind=Strong&key=weight_unit", headers=bob.headers)

    assert (refused.status_code, refused.json) == (404, {"detail": "Answer not found"})
    assert client.get(ANSWERS, headers=bob.headers).json["items"] == []
    assert len(client.get(ANSWERS, headers=ada.headers).json["items"]) == 2
