"""Nobody else's records exist: on every route with an id in it, a stranger's looks like one that is absent."""

import dataclasses
import gzip
import hashlib
import io
from uuid import UUID

import pytest
from psycopg import sql

from fitness.accounts.sessions import start_session
from fitness.db import drops, jobs, passkeys
from fitness.db.connection import transaction
from fitness.readers import points_bytes
from fitness.readers.activity import Points
from tests.api.test_activity_files import WATCH
from tests.google_browser import connect
from tests.routes import PUBLIC

EXECUTIONS = "/v1/workouts/<uuid:workout_id>/exercise-executions"
# What a route needs beside the ids so that they alone decide.
BODIES = {
    ("PATCH", "/v1/runs/<run_id>"): {"distance": 9},
    ("PUT", "/v1/runs/<string:run_id>/duplicate-of"): lambda ids: {"run_id": ids["other_run_id"]},
    ("PUT", "/v1/workouts/<uuid:workout_id>/duplicate-of"): lambda ids: {"workout_id": str(ids["other_workout_id"])},
    ("PUT", "/v1/planned-workouts/<int:planned_workout_id>/duplicate-of"): lambda ids: {
        "planned_workout_id": ids["other_planned_workout_id"]
    },
    ("PATCH", "/v1/auth/passkeys/<int:passkey_id>"): {"name": "Mine now"},
    ("PATCH", "/v1/shoes/<shoe_id>"): {"notes": "Mine now"},
    ("POST", "/v1/shoes/<shoe_id>/merge"): {"into": "own"},
    ("PATCH", "/v1/exercises/<uuid:exercise_id>"): {"notes": "Mine now"},
    ("PUT", "/v1/exercises/<uuid:exercise_id>"): {"name": "Mine now"},
    ("POST", "/v1/exercises/<uuid:exercise_id>/merge"): lambda ids: {"into": str(ids["other_exercise_id"])},
    ("PATCH", "/v1/workouts/<uuid:workout_id>"): {"title": "Mine now"},
    ("PATCH", f"{EXECUTIONS}/reorder"): lambda ids: {"exercise_ids": [ids["exercise_id"]]},
    ("PUT", f"{EXECUTIONS}/<uuid:exercise_id>"): {"note": "Mine now"},
    ("PATCH", f"{EXECUTIONS}/<uuid:exercise_id>"): {"note": "Mine now"},
    ("POST", f"{EXECUTIONS}/<uuid:exercise_id>/sets"): {"reps": 5},
    ("PATCH", f"{EXECUTIONS}/<uuid:exercise_id>/sets/<uuid:set_id>"): {"reps": 5},
    ("PATCH", "/v1/planned-workouts/<int:planned_workout_id>"): {"title": "Mine now"},
    ("PUT", "/v1/planned-workouts/<int:planned_workout_id>/done"): lambda ids: {"run_id": ids["run_id"]},
    ("PUT", "/v1/selections/<int:planned_workout_id>"): {"userNotes": "Mine now"},
    ("POST", "/v1/selections/<int:planned_workout_id>"): {"userNotes": "Mine now"},
    ("POST", "/v1/runs/<string:run_id>/conflicts/<field>"): {"take": "mine"},
    ("POST", "/v1/workouts/<uuid:workout_id>/conflicts/<field>"): {"take": "mine"},
    ("POST", "/v1/planned-workouts/<int:planned_workout_id>/conflicts/<field>"): {"take": "mine"},
    ("POST", "/v1/imports/<int:import_id>/answers"): {"weight_unit": "kg"},
    ("POST", "/v1/runs/<string:run_id>/separate"): lambda ids: {"keys": [f"runs:{ids['sha256']}"]},
    ("POST", "/v1/workouts/<uuid:workout_id>/separate"): lambda ids: {"keys": [f"workouts:{ids['sha256']}"]},
}
ABSENT = {
    "run_id": "manual_absent",
    "other_run_id": "manual_absent_too",
    "shoe_id": "absent",
    "exercise_id": UUID("00000000-0000-4000-8000-000000000000"),
    "other_exercise_id": UUID("00000000-0000-4000-8000-000000000004"),
    "workout_id": UUID("00000000-0000-4000-8000-000000000001"),
    "other_workout_id": UUID("00000000-0000-4000-8000-000000000003"),
    "set_id": UUID("00000000-0000-4000-8000-000000000002"),
    "changeset_id": 987654321,
    "bookmark_id": 987654321,
    "token_id": 987654321,
    "session_id": 987654321,
    "passkey_id": 987654321,
    "job_id": 987654321,
    "import_id": 987654321,
    "file_sha256": hashlib.sha256().hexdigest(),
    "planned_workout_id": 987654321,
    "other_planned_workout_id": 987654322,
    "version": 1,
    "field": "deleted_at",
    "sha256": 64 * "f",
}


@pytest.fixture
def settings(settings, google):
    """Google is a stand-in."""
    return dataclasses.replace(settings, **google.settings)


@pytest.fixture
def make_ids(app, client, alice, owner, make_run, make_shoe, make_exercise):
    """Make records of Alice's of each kind; return their ids by the names that routes give them."""
    numbers = iter(range(1000))

    def make():
        number = next(numbers)
        row = f'"May 6, 2025",Run,3.1,1500,http://x.example/workout/{number}'
        content = f"Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link\n{row}".encode()
        report = client.post(
            "/v1/mmf/upload-csv", data={"file": (io.BytesIO(content), "history.csv")}, headers=alice.headers
        ).json
        exercise = make_exercise(alice, f"Exercise {number}")
        workout = {
            "workout_type": "STRENGTH",
            "in_progress": True,
            "strength_sets": [{"exercise_id": str(exercise.id), "reps": 8}],
        }
        workout_id = client.post("/v1/workouts", json=workout, headers=alice.headers).json["workout_id"]
        execution = client.get(
            f"/v1/workouts/{workout_id}/exercise-executions/{exercise.id}", headers=alice.headers
        ).json
        token = client.post("/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]}, headers=alice.headers).json
        with app.app_context():
            start_session(alice.user_id)
        (session_id,) = owner.execute("SELECT max(id) FROM sessions WHERE user_id = %s", [alice.user_id]).fetchone()
        with transaction(alice.user_id):
            passkey_id, _ = (
                passkeys.create_passkey(credential_id=name, public_key=b"x", sign_count=0, name="Phone").id
                for name in (b"%d" % number, b"another %d" % number)
            )
            job_id = jobs.create_job("/v1/hevy/sync", None)
            import_id = drops.create_drop().import_id
        bookmark = client.post("/v1/bookmarks", json={"name": f"Then {number}"}, headers=alice.headers).json
        planned = {"title": f"Run {number}", "workout_type": "Run", "originally_planned_day": "2026-03-01"}
        planned_workout = client.post("/v1/planned-workouts", json=planned, headers=alice.headers).json
        client.put(f"/v1/selections/{planned_workout['id']}", json={"userNotes": "Own"}, headers=alice.headers)
        run = make_run(alice)
        for table in ("runs", "workouts", "planned_workouts"):
            owner.execute(
                f"UPDATE {table} SET conflicts = %s WHERE user_id = %s",
                ['{"deleted_at": "2025-12-01T07:00:00Z"}', alice.user_id],
            )
        return {
            "planned_workout_id": planned_workout["id"],
            "other_planned_workout_id": client.post("/v1/planned-workouts", json=planned, headers=alice.headers).json[
                "id"
            ],
            "run_id": run.id,
            "other_run_id": make_run(alice).id,
            "shoe_id": make_shoe(alice, f"Shoe {number}").id,
            "exercise_id": exercise.id,
            "other_exercise_id": make_exercise(alice, f"Other exercise {number}").id,
            "workout_id": workout_id,
            "other_workout_id": client.post("/v1/workouts", json=workout, headers=alice.headers).json["workout_id"],
            "set_id": execution["sets"][0]["id"],
            "changeset_id": report["changeset_id"],
            "bookmark_id": bookmark["id"],
            "token_id": token["id"],
            "session_id": session_id,
            "passkey_id": passkey_id,
            "job_id": job_id,
            "import_id": import_id,
            "file_sha256": ABSENT["file_sha256"],
            "version": 1,
            "field": "deleted_at",
            "sha256": measure(owner, alice, run.id, workout_id, number, report["changeset_id"]),
        }

    return make


def measure(owner, person, run_id, workout_id, number, changeset_id):
    """Give a run and a workout points, a source, and the same file; return its hash."""
    points_id, sha256 = f"{number:064x}", f"{number:064x}"
    params = {"user_id": person.user_id, "points_id": points_id, "sha256": sha256}
    params["points"] = points_bytes.pack(points_bytes.plain(Points([1.0, 2.0], distance=[0.0, 3.0])))
    params |= {"size": WATCH.stat().st_size, "file": gzip.compress(WATCH.read_bytes())}
    owner.execute("INSERT INTO activity_points VALUES (%(user_id)s, %(points_id)s, %(points)s)", params)
    owner.execute("INSERT INTO activity_files VALUES (%(user_id)s, %(sha256)s, 'FIT', %(size)s, %(file)s)", params)
    for table, key, record_id in (("runs", "run_id", run_id), ("workouts", "workout_id", workout_id)):
        params["record_id"] = record_id
        owner.execute(f"UPDATE {table} SET points_id = %(points_id)s WHERE id = %(record_id)s", params)
        owner.execute(f"UPDATE {table}_history SET points_id = %(points_id)s WHERE {key} = %(record_id)s", params)
        owner.execute("INSERT INTO record_files VALUES (%(user_id)s, %(record_id)s, %(sha256)s, 99)", params)
        owner.execute(
            f"INSERT INTO activity_sources (user_id, key, changeset_id, {key}, source, provider_values)"
            f" VALUES (%(user_id)s, '{table}:' || %(sha256)s, %(changeset_id)s, %(record_id)s, 'FIT', '{{}}')",
            {**params, "changeset_id": changeset_id},
        )
    return sha256


def routes_with_ids(app):
    return sorted(
        (method, rule.rule, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and rule.rule not in PUBLIC and rule.arguments - {"provider"}
        for method in rule.methods - {"HEAD", "OPTIONS"}
    )


@pytest.fixture(params=[True, False], ids=["both locks", "the statements alone"])
def locks(request, owner):
    """Statements name their user, and rows are secured beside: each lock must hold without the other."""
    if not request.param:
        tables = owner.execute("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity").fetchall()
        assert tables
        for (table,) in tables:
            owner.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))


@pytest.mark.usefixtures("locks")
def test_a_strangers_id_is_answered_like_an_absent_one_on_every_route(
    app, client, alice, bob, make_ids, make_shoe, owner
):
    for person in (alice, bob):
        make_shoe(person, "Own")
    connect(client, alice.headers)
    routes = routes_with_ids(app)

    def call(person, method, rule, endpoint, ids):
        with app.test_request_context():
            arguments = next(one.arguments for one in app.url_map.iter_rules(endpoint) if one.rule == rule)
            url = app.url_map.bind("localhost").build(endpoint, {name: ids[name] for name in arguments}, method=method)
        body = BODIES.get((method, rule))
        return client.open(url, method=method, json=body(ids) if callable(body) else body, headers=person.headers)

    for method, rule, endpoint in routes:
        ids = make_ids()
        before = records_of(owner, alice)

        absent = call(bob, method, rule, endpoint, ABSENT)
        strangers = call(bob, method, rule, endpoint, ids)

        assert (strangers.status_code, strangers.data) == (absent.status_code, absent.data), (method, rule)
        assert strangers.status_code == 404, (method, rule)
        assert records_of(owner, alice) == before, (method, rule)
        assert call(alice, method, rule, endpoint, ids).status_code < 300, (method, rule)

    assert len(routes) >= 15


def records_of(owner, person):
    return [
        owner.execute(query, [person.user_id]).fetchall()
        for query in (
            "SELECT id, version, updated_at, deleted_at FROM runs WHERE user_id = %s ORDER BY id",
            "SELECT run_id, other_run_id FROM distinct_runs WHERE user_id = %s ORDER BY run_id, other_run_id",
            "SELECT workout_id, other_workout_id FROM distinct_workouts WHERE user_id = %s ORDER BY 1, 2",
            "SELECT planned_workout_id, created_at FROM distinct_planned_workouts WHERE user_id = %s ORDER BY 1",
            "SELECT id, version, updated_at, deleted_at FROM shoes WHERE user_id = %s ORDER BY id",
            "SELECT id, version, updated_at, deleted_at FROM exercises WHERE user_id = %s ORDER BY id",
            "SELECT id, version, updated_at, deleted_at FROM workouts WHERE user_id = %s ORDER BY id",
            "SELECT id, reps, updated_at FROM strength_sets WHERE user_id = %s ORDER BY id",
            "SELECT id, revoked_at, updated_at FROM api_tokens WHERE user_id = %s ORDER BY id",
            "SELECT id, name FROM passkeys WHERE user_id = %s ORDER BY id",
            "SELECT family_id, revoked_at FROM refresh_tokens WHERE user_id = %s ORDER BY created_at, family_id",
            "SELECT id, version, updated_at, deleted_at FROM planned_workouts WHERE user_id = %s ORDER BY id",
            "SELECT changeset_id, reverted_by FROM changesets WHERE user_id = %s ORDER BY changeset_id",
            "SELECT import_id, state, answers, updated_at FROM drops WHERE user_id = %s ORDER BY import_id",
            "SELECT import_id, sha256 FROM drop_files WHERE user_id = %s ORDER BY import_id, number",
            "SELECT id, name FROM bookmarks WHERE user_id = %s ORDER BY id",
            "SELECT points_id FROM activity_points WHERE user_id = %s ORDER BY points_id",
            "SELECT record_id, sha256 FROM record_files WHERE user_id = %s ORDER BY record_id, sha256",
        )
    ]


def test_a_strangers_shoe_is_no_place_to_merge_into(client, alice, bob, make_shoe):
    make_shoe(alice, "Alices")
    make_shoe(bob, "Own")

    answers = [
        client.post("/v1/shoes/own/merge", json={"into": into}, headers=bob.headers) for into in ("alices", "absent")
    ]

    assert [(answer.status_code, answer.json) for answer in answers] == [(404, {"detail": "Shoe not found"})] * 2


def test_a_strangers_cursor_shows_nothing_of_theirs(client, alice, bob, make_run):
    for _ in range(3):
        make_run(alice)
    own = make_run(bob, datetime_utc="2020-01-01T00:00:00Z")
    cursor = client.get("/v1/runs?limit=1", headers=alice.headers).json["next_cursor"]

    page = client.get("/v1/runs", query_string={"cursor": cursor}, headers=bob.headers).json

    assert [run["id"] for run in page["items"]] == [own.id]


def test_a_strangers_shoe_as_a_filter_finds_nothing(client, alice, bob, make_run, make_shoe):
    make_shoe(alice, "Ghost")
    make_run(alice, shoe_id="ghost")
    make_run(bob)

    assert client.get("/v1/runs?shoe_id=ghost", headers=bob.headers).json["items"] == []


def test_a_strangers_run_is_nothing_to_be_a_duplicate_of(client, alice, bob, make_run):
    own, alices = make_run(bob).id, make_run(alice).id

    for other in (alices, "absent"):
        marked = client.put(f"/v1/runs/{own}/duplicate-of", json={"run_id": other}, headers=bob.headers)
        told_apart = client.delete(f"/v1/runs/{own}/duplicate-of/{other}", headers=bob.headers)

        assert [(answer.status_code, answer.json) for answer in (marked, told_apart)] == [
            (404, {"detail": "Run not found"})
        ] * 2
