"""Answers to the questions of files that are remembered for later imports: listed and forgotten."""

from typing import Any

import pytest

from fitness.db import drops
from fitness.sync import drops as of_drops
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


def table(word: str, day: int) -> bytes:
    return f"Datum,Strecke (km),Dauer,{word}\n2025-05-{day:02},10,0:50:00,x\n".encode()


def answer_table(drop: Drop, content: bytes) -> None:
    drop.send(content)
    (question,) = drop.finished("?dry_run=true")["questions"]
    assert drop.answer(kind="CSV", **{name: question[name] for name in TABLE}).status_code == 200


def test_the_answer_that_was_unused_for_longest_is_forgotten(client, make_person, monkeypatch):
    monkeypatch.setattr(drops, "MOST_ANSWERS", 2)
    ada = make_person("ada", time_zone="Europe/Berlin")
    for word in ("First", "Second"):
        answer_table(Drop(client, ada.headers), table(word, 1))
    used = Drop(client, ada.headers)
    used.send(table("First", 2))
    assert used.finished()["questions"] == []

    answer_table(Drop(client, ada.headers), table("Third", 3))

    assert len(client.get(ANSWERS, headers=ada.headers).json["items"]) == 2
    later = Drop(client, ada.headers)
    for word in ("First", "Second", "Third"):
        later.send(table(word, 4), f"{word}.csv")
    (question,) = later.finished("?dry_run=true")["questions"]
    assert question["names"] == ["Second.csv"]


def test_an_import_takes_so_many_answers_and_says_so(client, alice, monkeypatch):
    monkeypatch.setattr(of_drops, "MOST_ANSWERS", 1)
    drop = Drop(client, alice.headers)
    assert drop.answer(kind="Strong", weight_unit="lb").status_code == 200

    refused = drop.answer(kind="Strong", distance_unit="km")

    detail = "One import may have 1 answers for a kind of file: begin another one"
    assert (refused.status_code, refused.get_json()) == (409, {"detail": detail})
    assert drop.answer(kind="Strong", weight_unit="kg").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"), [({"columns": {"date": "a\0", "distance": "b"}}, "columns"), ({"sport": "a\0"}, "sport")]
)
def test_a_mapping_that_cannot_be_stored_is_refused_by_its_field(client, alice, changes, field):
    """Before: "A value in the request is not valid", without its name."""
    good: Any = {"mapping": {"columns": {"date": "Datum", "distance": "b"}}, "headings": ["a\0", "b", "Datum"]}

    refused = Drop(client, alice.headers).answer(kind="CSV", **good | {"mapping": good["mapping"] | changes})

    errors = (refused.json or {})["errors"]
    assert (refused.status_code, list(errors["mapping"])) == (422, [field])
