"""The validation runbook of data entry, area by area: a server that runs, plain HTTP, and the runbook's SQL in psql.

What HTTP and psql answered is printed: `.venv/bin/python -m pytest -s -q tests/test_runbook.py` shows it.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from fitness.config import ROOT
from fitness.server.postgres import binaries
from tests import loopback

VERSION = int(os.environ.get("POSTGRES_VERSION") or 18)


def say(text: str) -> str:
    print(text.rstrip())
    return text


@dataclass(frozen=True)
class Backend:
    """A running `fitness serve`, and the commands of the same environment."""

    url: str
    database_url: str
    environ: dict[str, str]

    def run(self, *command: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=stdin,
            cwd=ROOT,
            env=self.environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def alembic(self, *arguments: str) -> str:
        done = self.run(sys.executable, "-m", "alembic", "-c", "alembic.ini", *arguments)
        assert done.returncode == 0, done.stdout
        return say(done.stdout)

    def psql(self, *arguments: str, succeeds: bool = True) -> str:
        """Run psql as the owner, as `fitness db psql` does, but without asking each time where the database is."""
        done = self.run(str(binaries(VERSION) / "psql"), "--no-psqlrc", *arguments, self.database_url)
        assert (done.returncode == 0) == succeeds, done.stdout
        return say(done.stdout)

    def request(self, method: str, path: str, body: str | None = None, *, token: str | None = None) -> httpx.Response:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        response = loopback.request(method, self.url + path, content=body, headers=headers, timeout=60)
        answer = re.sub(r'(_token": *")[^"]+', r"\1…", response.text)
        say(f"{method} {path}\n{answer.rstrip()}\nHTTP:{response.status_code}")
        return response

    def post_workout(self, token: str, body: str) -> httpx.Response:
        return self.request("POST", "/v1/workouts", body, token=token)


@dataclass(frozen=True)
class Account:
    """Who has signed up."""

    email: str
    token: str


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    """A server on an embedded database of its own."""
    with tempfile.TemporaryDirectory(prefix="fitness-") as name, contextlib.ExitStack() as stack:
        place = Path(name)
        place.chmod(0o711)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        environ = {
            **os.environ,
            "FITNESS_DATA_DIR": str(place / "data"),
            "DATABASE_URL": "",
            "WORKERS": "1",
            "PORT": str(port),
            "PYTHONPATH": str(ROOT),
        }
        log = place / "server.log"
        with log.open("wb") as written:
            server = subprocess.Popen(
                [sys.executable, "-m", "fitness.cli", "serve"],
                env=environ,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        stack.callback(server.wait, 60)
        stack.callback(server.terminate)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not answers(url):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.01)
        asked = [sys.executable, "-m", "fitness.cli", "db", "url"]
        database_url = subprocess.run(asked, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        yield Backend(url, database_url, environ)


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return loopback.get(f"{url}/health/db", timeout=60).status_code == 200
    return False


def sign_up(backend: Backend, body: str) -> Account:
    email, password = f"qa.{uuid4().hex}@example.com", f"AthosTest!{uuid4().hex}"
    response = backend.request("POST", "/v1/auth/signup", body.replace("$EMAIL", email).replace("$PASSWORD", password))
    assert response.status_code == 201
    return Account(email, response.json()["access_token"])


USER = '{"email":"$EMAIL","name":"QA User","password":"$PASSWORD","birth_year":1992,"birth_month":8}'
USER_B = '{"email":"$EMAIL","name":"QA User B","password":"$PASSWORD","birth_year":1991,"birth_month":9}'


@pytest.fixture(autouse=True)
def heading(request: pytest.FixtureRequest) -> None:
    say(f"\n== {request.node.name}")


@pytest.fixture
def user(backend: Backend) -> Account:
    return sign_up(backend, USER)


def column(printed: str, name: str) -> list[str]:
    """Return the values below a heading that psql printed alone, one per result that has it."""
    return re.findall(rf"^ *{name} *\n-+\n *(.*?) *$", printed, flags=re.MULTILINE)


IDEMPOTENCY = """
{
  "workout_type": "STRENGTH",
  "title": "Idempotency QA",
  "start_ts": "2026-02-16T15:00:00Z",
  "client_uuid": "$CLIENT_UUID",
  "strength_sets": [
    {"exercise_name": "Squat", "set_index": 1, "weight": 225, "reps": 5},
    {"exercise_name": "Squat", "set_index": 2, "weight": 225, "reps": 5}
  ]
}
"""


def idempotency_body() -> str:
    return IDEMPOTENCY.replace("$CLIENT_UUID", str(uuid4()))


def schema_of(backend: Backend) -> dict[str, str]:
    return {
        table: backend.psql("-c", f"\\d {table}")
        for table in ("workouts", "exercises", "cardio_sessions", "strength_sets")
    }


def test_area_1_migrations_run_again_and_the_schema_has_not_drifted(backend: Backend) -> None:
    before = schema_of(backend)

    backend.alembic("upgrade", "head")
    checked = backend.alembic("check")

    # The keys begin with the user, as every key does here.
    assert checked.splitlines()[-1] == "No new upgrade operations detected."
    assert schema_of(backend) == before
    assert '"uq_workouts_user_client_uuid_not_null" UNIQUE, btree (user_id, client_uuid)' in before["workouts"]
    assert '"workouts_user_time" btree (user_id, start_ts DESC)' in before["workouts"]
    assert '"uq_exercises_user_name_lower" UNIQUE, btree (user_id, lower(name))' in before["exercises"]
    key = '"cardio_sessions_workout_id_key" UNIQUE CONSTRAINT, btree (user_id, workout_id)'
    assert key in before["cardio_sessions"]
    assert '"strength_sets_workout_order" btree (user_id, workout_id, set_index)' in before["strength_sets"]


def test_area_2_a_workout_sent_twice_is_stored_once_and_another_of_its_uuid_is_refused(
    backend: Backend, user: Account
) -> None:
    body = idempotency_body()

    first = backend.post_workout(user.token, body)
    second = backend.post_workout(user.token, body)
    another = backend.post_workout(user.token, body.replace("Idempotency QA", "Another"))

    workout_id = first.json()["workout_id"]
    assert [response.status_code for response in (first, second, another)] == [201, 200, 409]
    assert second.json()["workout_id"] == workout_id
    assert (first.json()["strength_set_count"], second.json()["strength_set_count"]) == (2, 0)
    assert workouts_of(backend, user) == ["Idempotency QA|2"]


def workouts_of(backend: Backend, user: Account) -> list[str]:
    """Return title and number of sets of the user's workouts."""
    query = f"""
SELECT w.title, (SELECT count(*) FROM strength_sets s WHERE s.workout_id = w.id)
FROM workouts w
JOIN users u ON u.user_id = w.user_id
WHERE u.email = '{user.email}';
"""
    return backend.psql("-t", "-A", "-c", query).split("\n")[:-1]


ISOLATION = (
    '{"workout_type":"STRENGTH","title":"Isolation","start_ts":"2026-02-16T19:00:00Z",'
    '"strength_sets":[{"exercise_id":"$EXERCISE_ID","set_index":1,"weight":45,"reps":12}]}'
)


def test_area_3_nobody_trains_with_an_exercise_of_another_user(backend: Backend, user: Account) -> None:
    backend.post_workout(user.token, idempotency_body())
    user_id = backend.request("GET", "/v1/auth/me", token=user.token).json()["user_id"]
    query = f"\nSELECT id FROM exercises WHERE user_id = {user_id} LIMIT 1;\n"
    exercise_id = backend.psql("-t", "-A", "-c", query).strip()
    user_b = sign_up(backend, USER_B)

    refused = backend.post_workout(user_b.token, ISOLATION.replace("$EXERCISE_ID", exercise_id))

    assert isinstance(user_id, int)
    assert (refused.status_code, refused.json()) == (404, {"detail": "Exercise not found"})
    assert workouts_of(backend, user_b) == []


CARDIO = """
{
    "workout_type": "CARDIO",
    "title": "Cardio Uniqueness QA",
    "start_ts": "2026-02-16T13:00:00Z",
    "cardio_session": {"distance_miles": 3.1, "duration_seconds": 1800, "speed_mph": 6.2}
}
"""
SECOND_CARDIO_ROW = """
SELECT count(*) AS cardio_rows_before
FROM cardio_sessions
WHERE workout_id = '$CARDIO_WORKOUT_ID';

INSERT INTO cardio_sessions (id, user_id, workout_id, created_at, updated_at)
SELECT gen_random_uuid(), user_id, '$CARDIO_WORKOUT_ID', now(), now()
FROM workouts
WHERE id = '$CARDIO_WORKOUT_ID';
"""


def test_area_4_a_workout_has_one_cardio_row_at_most(backend: Backend, user: Account) -> None:
    workout_id = backend.post_workout(user.token, CARDIO).json()["workout_id"]

    printed = backend.psql("-c", SECOND_CARDIO_ROW.replace("$CARDIO_WORKOUT_ID", workout_id), succeeds=False)

    assert column(printed, "cardio_rows_before") == ["1"]
    assert 'duplicate key value violates unique constraint "cardio_sessions_workout_id_key"' in printed


CASCADES = {
    "strength_sets": """
{
    "workout_type": "STRENGTH",
    "title": "Cascade Strength",
    "start_ts": "2026-02-16T20:00:00Z",
    "strength_sets": [{"exercise_name":"Cascade Lift","set_index":1,"weight":100,"reps":5}]
}
""",
    "cardio_sessions": """
{
    "workout_type": "CARDIO",
    "title": "Cascade Cardio",
    "start_ts": "2026-02-16T20:30:00Z",
    "cardio_session": {"distance_miles": 1.0, "duration_seconds": 600}
}
""",
}


@pytest.mark.parametrize("table", CASCADES)
def test_area_4_what_was_done_in_a_workout_goes_with_it(backend: Backend, user: Account, table: str) -> None:
    workout_id = backend.post_workout(user.token, CASCADES[table]).json()["workout_id"]

    printed = backend.psql(
        "-c",
        f"""
SELECT count(*) AS child_count_before
FROM {table}
WHERE workout_id = '{workout_id}';

DELETE FROM workouts
WHERE id = '{workout_id}';

SELECT count(*) AS child_count_after
FROM {table}
WHERE workout_id = '{workout_id}';
""",
    )

    assert (column(printed, "child_count_before"), column(printed, "child_count_after")) == (["1"], ["0"])


NORMALIZATION = (
    ("Normalization 1", "2026-02-16T17:00:00Z", "Cable Row", 90, 10),
    ("Normalization 2", "2026-02-16T17:10:00Z", "cable row", 95, 8),
    ("Normalization 3", "2026-02-16T17:20:00Z", "  cable row  ", 95, 8),
)


def test_area_5_case_and_blanks_make_no_other_exercise(backend: Backend, user: Account) -> None:
    posted = [
        backend.post_workout(
            user.token,
            f"""
{{
    "workout_type": "STRENGTH",
    "title": "{title}",
    "start_ts": "{start_ts}",
    "strength_sets": [{{"exercise_name":"{name}","set_index":1,"weight":{weight},"reps":{reps}}}]
}}
""",
        )
        for title, start_ts, name, weight, reps in NORMALIZATION
    ]

    printed = backend.psql(
        "-c",
        f"""
SELECT COUNT(*) AS canonical_exercise_rows
FROM exercises
WHERE user_id = (SELECT user_id FROM users WHERE email = '{user.email}')
  AND lower(name) LIKE '%cable row%';
""",
    )

    assert [response.status_code for response in posted] == [201, 201, 201]
    assert column(printed, "canonical_exercise_rows") == ["1"]


RACE = """
import json, time
from concurrent.futures import ThreadPoolExecutor, as_completed
from urllib.request import Request, urlopen

base = "http://127.0.0.1:8000"
email = f"race.{int(time.time())}@example.com"
password = f"AthosTest!{int(time.time())}"
exercise_name = "Concurrency Bench"

def req(method, path, payload=None, token=None):
    data = None if payload is None else json.dumps(payload).encode()
    r = Request(base + path, data=data, method=method)
    r.add_header("Content-Type", "application/json")
    if token:
        r.add_header("Authorization", f"Bearer {token}")
    with urlopen(r) as resp:
        return resp.status, json.loads(resp.read().decode())

_, signup = req("POST", "/v1/auth/signup", {
    "email": email,
    "name": "Race User",
    "password": password,
    "birth_year": 1990,
    "birth_month": 7,
})
token = signup["access_token"]

def post_once(i):
    body = {
        "workout_type": "STRENGTH",
        "title": f"Race {i}",
        "start_ts": "2026-02-16T16:00:00Z",
        "strength_sets": [
            {"exercise_name": exercise_name, "set_index": 1, "weight": 100, "reps": 10}
        ],
    }
    return req("POST", "/v1/workouts", body, token=token)

ok = 0
err = 0
with ThreadPoolExecutor(max_workers=20) as ex:
    futures = [ex.submit(post_once, i) for i in range(20)]
    for f in as_completed(futures):
        try:
            status, _ = f.result()
            if status == 201:
                ok += 1
            else:
                err += 1
        except Exception:
            err += 1

print(json.dumps({"ok_201": ok, "errors": err, "email": email, "exercise_name": exercise_name}))
"""


def test_area_6_twenty_posts_at_once_of_a_new_exercise_make_one(backend: Backend) -> None:
    done = backend.run(sys.executable, "-", stdin=RACE.replace("http://127.0.0.1:8000", backend.url))
    say(done.stdout)
    result = json.loads(done.stdout)
    printed = backend.psql(
        "-c",
        f"""
SELECT COUNT(*)
FROM exercises e
JOIN users u ON u.user_id = e.user_id
WHERE u.email = '{result["email"]}'
  AND lower(e.name) = lower('{result["exercise_name"]}');
""",
    )

    assert (result["ok_201"], result["errors"]) == (20, 0)
    assert column(printed, "count") == ["1"]


def test_area_7_both_times_are_those_of_the_insert_and_no_trigger_moves_them(backend: Backend, user: Account) -> None:
    for _ in range(5):
        backend.post_workout(user.token, idempotency_body())

    newest = backend.psql(
        "-c",
        """
SELECT id, created_at, updated_at, (created_at = updated_at) AS same_on_insert
FROM workouts
ORDER BY created_at DESC
LIMIT 5;
""",
    )
    workout_id = backend.psql("-t", "-A", "-c", "\nSELECT id FROM workouts ORDER BY created_at DESC LIMIT 1;\n").strip()
    times = f"\nSELECT created_at, updated_at FROM workouts WHERE id = '{workout_id}';\n"
    before = backend.psql("-c", times)
    updated = backend.psql("-c", f"\nUPDATE workouts SET title = 'Timestamp Probe' WHERE id = '{workout_id}';\n")
    after = backend.psql("-c", times)

    assert re.findall(r"\| (\w+) *$", newest, flags=re.MULTILINE) == ["same_on_insert", *"ttttt"]
    assert updated.strip() == "UPDATE 1"
    assert re.search(r"^ *20[\d-]+ [\d:.+]+ \| 20[\d-]+ [\d:.+]+$", before, flags=re.MULTILINE)
    assert after == before
