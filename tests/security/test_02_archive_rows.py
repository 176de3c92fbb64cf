"""Rows of an archive that break a rule: the answer says which file, which line, and what is wrong.

Before: each answered that the archive contains data that this program cannot have exported.
"""

import json

import pytest

from fitness.accounts import archive
from tests.archives import export, files_of, load, sealed
from tests.security.conftest import full

__all__ = ["full"]

BROKEN = [
    ("runs", {"distance": -5}, "distance has a value that is not allowed"),
    ("runs", {"distance": "x"}, 'invalid input syntax for type double precision: "x"'),
    ("runs", {"datetime_utc": "infinity"}, "datetime_utc has a value that is not allowed"),
    ("runs", {"datetime_utc": "soon"}, 'invalid input syntax for type timestamp with time zone: "soon"'),
    ("runs", {"type": None}, "type is missing"),
    ("runs", {"notes": "x" * 10_001}, "notes has a value that is not allowed"),
    ("runs", {"shoe_id": "missing"}, "shoe_id refers to something that does not exist"),
    ("runs", {"client_uuid": "zz"}, 'invalid input syntax for type uuid: "zz"'),
    ("runs_history", {"change_type": "zz"}, "change_type has a value that is not allowed"),
    ("runs_history", {"version_number": 0}, "version_number has a value that is not allowed"),
    ("shoes", {"name": "x" * 201}, "name has a value that is not allowed"),
    ("shoes", {"retired_at": "2999-01-01"}, "retired_at has a value that is not allowed"),
    ("exercises", {"name": None}, "name is missing"),
    ("exercises", {"body_part": "x" * 101}, "body_part has a value that is not allowed"),
    ("workouts", {"workout_type": "XX"}, "workout_type has a value that is not allowed"),
    ("workouts", {"calories_burned": 1e9}, "calories_burned has a value that is not allowed"),
    ("strength_sets", {"reps": -1}, "reps has a value that is not allowed"),
    ("strength_sets", {"set_type": "zz"}, "set_type has a value that is not allowed"),
    ("cardio_sessions", {"distance_miles": -1}, "distance_miles has a value that is not allowed"),
    ("rep_sessions", {"reps_count": "many"}, 'invalid input syntax for type integer: "many"'),
    ("planned_workouts", {"planned_duration_hours": 1e9}, "planned_duration_hours has a value that is not allowed"),
    ("planned_workouts", {"title": None}, "title is missing"),
    ("changesets", {"reason": "x" * 2_001}, "reason has a value that is not allowed"),
    ("bookmarks", {"instant": "infinity"}, "instant has a value that is not allowed"),
]


@pytest.fixture
def broken(client, full, make_person):
    """Break the last row of a file of an archive, load it, and return the answer and the number of the line."""
    files = files_of(export(client, full.headers))

    def load_broken(table, change):
        name = f"data/{table}.jsonl"
        *rows, last = files[name].splitlines(keepends=True)
        changed = json.dumps({**json.loads(last), **change}).encode() + b"\n"
        person = make_person(f"person{len(made)}")
        made.append(person)
        return load(client, person.headers, sealed({**files, name: b"".join([*rows, changed])})), len(rows) + 1

    made = []
    return load_broken


@pytest.mark.parametrize("rows_of_a_page", [500, 2])
def test_the_answer_says_file_line_and_what(broken, monkeypatch, rows_of_a_page):
    monkeypatch.setattr(archive, "PAGE_ROWS", rows_of_a_page)
    answers, expected = [], []
    for table, change, why in BROKEN:
        answer, line = broken(table, change)
        answers.append((answer.status_code, answer.json.get("errors")))
        expected.append((422, {"file": [f"data/{table}.jsonl, line {line}: {why}."]}))

    assert answers == expected
