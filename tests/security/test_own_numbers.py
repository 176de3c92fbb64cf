"""No number that an answer or a cursor has says how much other people do.

Before: sequences numbered the versions, jobs, imports, sessions, tokens and bookmarks of all accounts together, so that
two numbers of one's own told how much all the others had stored in between. A number of a user still tells how many
accounts there have been.
"""

import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from fitness.api.changes import ORDER
from fitness.db.own_numbers import new_number
from fitness.db.paging import Cursor
from tests.samples import DATA

HISTORY = (DATA / "mapmyfitness.csv").read_bytes()


def upload(client, person, **headers):
    data = {"file": (io.BytesIO(HISTORY), "export.csv")}
    return client.post("/v1/mmf/upload-csv", data=data, headers={**person.headers, **headers}).json


def post(client, person, path, body=None):
    answer = client.post(path, json=body, headers=person.headers)
    assert answer.status_code == 201, answer.json
    return answer.json


def newest(client, person, path):
    return client.get(path, headers=person.headers).json["items"][0]["id"]


SHOWN = {
    "jobs": lambda client, person: upload(client, person, Prefer="respond-async")["job_id"],
    "drops": lambda client, person: post(client, person, "/v1/imports")["import_id"],
    "api_tokens": lambda client, person: post(client, person, "/v1/auth/tokens", {"name": "A", "scopes": ["read"]})[
        "id"
    ],
    "bookmarks": lambda client, person: post(client, person, "/v1/bookmarks", {"name": str(uuid4())})["id"],
    "sessions": lambda client, person: newest(client, person, "/v1/auth/sessions"),
    "security_events": lambda client, person: newest(client, person, "/v1/auth/security-log"),
}
"""What makes or shows the number of a row: table → that."""


def sequences(owner):
    """Return the tables with a sequence → whether it has given a number."""
    return dict(
        owner.execute(
            """
            SELECT c.table_name,
                (SELECT s.last_value IS NOT NULL FROM pg_sequences AS s
                 WHERE format('%I.%I', s.schemaname, s.sequencename)
                     = pg_get_serial_sequence(c.table_name, c.column_name))
            FROM information_schema.columns AS c
            WHERE c.is_identity = 'YES' AND c.table_schema = 'public'
            """
        )
    )


def test_no_sequence_gives_numbers_that_are_shown(client, owner, alice, bob):
    first = {table: number(client, alice) for table, number in SHOWN.items()}
    for number in SHOWN.values():
        number(client, bob)
    second = {table: SHOWN[table](client, alice) for table in ("jobs", "drops", "api_tokens", "bookmarks")}

    given = {table for table, used in sequences(owner).items() if used}
    assert given <= {"users", *(table for table in given if table.endswith("_history"))}
    assert all(second[table] > first[table] for table in second)
    assert all(2**40 < number < 2**53 for number in first.values()), "JSON holds them exactly"


def test_the_number_of_a_version_is_that_of_no_row_and_stays(client, owner, alice, bob, make_run):
    run = make_run(alice)
    for _ in range(5):
        make_run(bob)
    path = f"/v1/runs/{run.id}"
    client.patch(path, json={"distance": 3.5}, headers=alice.headers)

    numbers = [one["history_id"] for one in client.get(f"{path}/history", headers=alice.headers).json["items"]]

    rows = {number for (number,) in owner.execute("SELECT history_id FROM runs_history")}
    assert len(set(numbers)) == 2
    assert not rows & set(numbers)
    assert all(0 <= number < 2**53 for number in numbers)
    assert [client.get(f"{path}/history/{n}", headers=alice.headers).json["history_id"] for n in (2, 1)] == numbers


def test_a_cursor_of_the_feed_does_not_say_how_many_versions_others_have(client, alice, bob, make_run):
    upload(client, bob)
    make_run(alice)

    cursor = client.get("/v1/changes", headers=alice.headers).json["next_cursor"]

    assert json.loads(base64.urlsafe_b64decode(cursor))[2] == "1 runs +0"


@pytest.mark.parametrize("limit", [1, 4, 500])
def test_a_cursor_of_an_earlier_release_goes_on_where_it_ended(client, owner, alice, bob, limit):
    upload(client, bob)
    upload(client, alice)
    whole = client.get("/v1/changes", headers=alice.headers).json
    page = client.get(f"/v1/changes?limit={limit}", headers=alice.headers).json

    order, key, place = json.loads(base64.urlsafe_b64decode(page["next_cursor"]))
    position, noun, offset = place.split()
    query = "SELECT first_id FROM writes WHERE user_id = %s AND position = %s AND noun = %s"
    first = owner.execute(query, [alice.user_id, position, noun]).fetchone()[0]
    earlier = Cursor(key, f"{position} {noun} {first + int(offset)}").encode(ORDER)

    rest = client.get("/v1/changes", query_string={"after": earlier}, headers=alice.headers).json
    assert order == ORDER
    assert page["items"] + rest["items"] == whole["items"]


def test_each_number_is_larger_than_all_before(app):
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: [new_number() for _ in range(500)], range(8)))

    assert all(some == sorted(some) for some in made)
    assert len({number for some in made for number in some}) == 4000
