"""Tokens of the operator: what they may do for a person, and what the person sees of it."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fitness.accounts.api_tokens import create_operator_token
from fitness.db.connection import transaction
from tests.api.test_api_tokens import addresses, needed

REASON = "Lost phone, ticket 12"
CHANGES = {
    ("PATCH", "/v1/runs/<run_id>"),
    ("PATCH", "/v1/shoes/<shoe_id>"),
    ("PATCH", "/v1/workouts/<uuid:workout_id>"),
    ("PATCH", "/v1/workouts/<uuid:workout_id>/finish"),
    ("PATCH", "/v1/workouts/<uuid:workout_id>/exercise-executions/reorder"),
    ("PATCH", "/v1/workouts/<uuid:workout_id>/exercise-executions/<uuid:exercise_id>"),
    ("PATCH", "/v1/workouts/<uuid:workout_id>/exercise-executions/<uuid:exercise_id>/sets/<uuid:set_id>"),
    ("PATCH", "/v1/exercises/<uuid:exercise_id>"),
    ("PATCH", "/v1/planned-workouts/<int:planned_workout_id>"),
    *(
        ("POST", f"/v1/{noun}/restore/<int:version>")
        for noun in (
            "runs/<string:run_id>",
            "shoes/<string:shoe_id>",
            "workouts/<uuid:workout_id>",
            "exercises/<uuid:exercise_id>",
            "planned-workouts/<int:planned_workout_id>",
        )
    ),
    ("POST", "/v1/workouts/<uuid:workout_id>/exercise-executions/<uuid:exercise_id>/restore/<int:version>"),
    *(
        ("POST", f"/v1/{noun}/conflicts/<field>")
        for noun in (
            "runs/<string:run_id>",
            "workouts/<uuid:workout_id>",
            "planned-workouts/<int:planned_workout_id>",
        )
    ),
    ("POST", "/v1/changesets/<int:changeset_id>/revert"),
    ("POST", "/v1/users/me/rewind"),
}
"""The only calls that change something for a person and that the operator may make."""


@pytest.fixture
def make_operator(app):
    """Make tokens of the operator for a person; the headers of requests by them."""

    def make(person: Any, reason: str = REASON, minutes: int = 30) -> dict[str, str]:
        with transaction(person.user_id):
            _, token = create_operator_token(minutes=minutes, reason=reason)
        return {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def operator(make_operator, alice):
    return make_operator(alice)


@pytest.fixture
def call(client, alice):
    def send(method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any) -> Any:
        answer = client.open(f"/v1{path}", method=method, headers=headers or alice.headers, **kwargs)
        assert answer.status_code < 300, answer.json
        return answer.json if answer.data else None

    return send


def newest(call: Any, path: str) -> tuple[Any, ...]:
    """Return who made the newest version of a record, and why, as its owner sees it."""
    version = call("GET", f"{path}/history")["items"][0]
    return version["changed_by"], version["change_reason"]


def import_run(call: Any, miles: float) -> int:
    rows = (
        f"Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link\nMay 6 2025,Run,{miles},1500,w/workout/1"
    )
    return call("POST", "/mmf/upload-csv", data={"file": (io.BytesIO(rows.encode()), "history.csv")})["changeset_id"]


# What the operator may do


def test_the_operator_reads_and_makes_the_calls_that_put_right_and_no_other(app, client, operator):
    seen, wrong = set(), []

    for method, rule, path in addresses(app):
        reads = method in {"GET", "HEAD"} and needed(method, rule) == "read" and rule != "/v1/users/me/export"
        allowed = reads or (method, rule) in CHANGES
        seen.add((method, rule))
        answer = client.open(path, method=method, headers=operator, buffered=True)
        refused = answer.status_code == 403 and "insufficient_scope" in answer.headers.get("WWW-Authenticate", "")
        if refused is allowed or answer.status_code == 401:
            wrong.append((method, rule, answer.status_code))

    assert wrong == []
    assert seen >= CHANGES


def test_what_is_refused_changes_nothing(client, alice, operator, make_run):
    run = make_run(alice)

    refused = client.delete(f"/v1/runs/{run.id}", headers=operator)
    account = client.patch("/v1/users/me", json={"name": "Mallory"}, headers=operator)

    assert (refused.status_code, account.status_code) == (403, 403)
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["version"] == 1
    assert client.get("/v1/users/me", headers=alice.headers).json["name"] == "Alice"


def test_another_persons_records_are_out_of_reach(client, bob, operator, make_run):
    run = make_run(bob)

    assert client.get(f"/v1/runs/{run.id}", headers=operator).status_code == 404
    assert client.patch(f"/v1/runs/{run.id}", json={"distance": 9}, headers=operator).status_code == 404


# What the person sees


def test_an_edit_and_a_restore_say_that_the_operator_made_them_and_why(call, alice, operator, make_run):
    path = f"/runs/{make_run(alice).id}"

    call("PATCH", path, operator, json={"distance": 9, "change_reason": "GPS was off"})
    assert newest(call, path) == ("operator", f"{REASON}: GPS was off")
    call("PATCH", path, operator, json={"distance": 10})
    assert newest(call, path) == ("operator", REASON)
    call("POST", f"{path}/restore/1", operator)
    assert newest(call, path) == ("operator", f"{REASON}: Restored to version 1")
    assert call("GET", path)["last_edited_by"] == "operator"

    call("PATCH", path, json={"distance": 7})
    assert newest(call, path) == ("alice", None)


def test_a_repeated_restore_makes_no_second_version(call, alice, operator, make_run):
    path = f"/runs/{make_run(alice).id}"
    call("PATCH", path, json={"distance": 9})

    versions = [call("POST", f"{path}/restore/1", operator)["version"] for _ in range(2)]

    assert versions == [3, 3]


def test_what_a_restore_brings_back_with_a_record_says_so_too(call, alice, operator, make_run, make_shoe):
    make_shoe(alice, "Ghost")
    path = f"/runs/{make_run(alice, shoe_id='ghost').id}"
    call("DELETE", path)
    call("DELETE", "/shoes/ghost")

    call("POST", f"{path}/restore/1", operator)

    assert newest(call, "/shoes/ghost") == ("operator", f"{REASON}: Restored to version 1")


def test_a_revert_and_a_rewind_say_that_the_operator_made_them_and_why(call, operator):
    to = call("POST", "/bookmarks", json={"name": "Before"})["instant"]
    imported = import_run(call, 3.1)

    reverted = call("POST", f"/changesets/{imported}/revert", operator)["changeset_id"]
    assert newest(call, "/runs/mmf_1") == ("operator", f"{REASON}: Changeset {imported} reverted")
    call("POST", f"/changesets/{reverted}/revert", operator)
    rewound = call("POST", "/users/me/rewind", operator, json={"to": to})["changeset_id"]

    assert newest(call, "/runs/mmf_1") == ("operator", f"{REASON}: Back to {to[:10]} {to[11:19]} UTC")
    for changeset_id in (reverted, rewound):
        changeset = call("GET", f"/changesets/{changeset_id}")
        assert (changeset["actor"], changeset["reason"].startswith(f"{REASON}: ")) == ("operator", True)
    assert call("GET", f"/changesets/{imported}")["actor"] == "alice"


@pytest.mark.parametrize(("take", "done"), [("theirs", "taken"), ("mine", "refused")])
def test_a_decided_conflict_says_that_the_operator_decided_it_and_why(call, owner, operator, take, done):
    import_run(call, 3.1)
    owner.execute("""UPDATE runs SET conflicts = '{"notes": "Theirs"}'""")

    call("POST", "/runs/mmf_1/conflicts/notes", operator, json={"take": take})

    assert newest(call, "/runs/mmf_1") == ("operator", f"{REASON}: notes of the provider {done}")


def test_an_edit_of_the_operator_is_as_safe_from_providers_as_the_persons_own(call, operator):
    import_run(call, 3.1)
    call("PATCH", "/runs/mmf_1", operator, json={"distance": 9})

    import_run(call, 4.2)

    run = call("GET", "/runs/mmf_1")
    assert (run["distance"], run["conflicts"]) == (9, {"distance": 4.2})


def test_edits_of_a_workout_in_progress_never_join_those_of_somebody_else(call, alice, make_operator):
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    body = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": sets}
    path = f"/workouts/{call('POST', '/workouts', json=body)['workout_id']}"
    one, other = make_operator(alice, "One"), make_operator(alice, "Other")

    for headers, title in ((None, "A"), (one, "B"), (other, "C"), (None, "D")):
        call("PATCH", path, headers, json={"title": title})

    history = [(one["title"], one["change_reason"]) for one in call("GET", f"{path}/history")["items"]]
    assert history == [("D", None), ("C", "Other"), ("B", "One"), ("A", None), (None, None)]


def test_the_person_sees_the_token_and_can_revoke_it(client, alice, operator):
    (token,) = client.get("/v1/auth/tokens", headers=alice.headers).json["items"]
    used = client.get("/v1/runs", headers=operator)

    client.delete(f"/v1/auth/tokens/{token['id']}", headers=alice.headers)

    assert (token["name"], token["scopes"], token["reason"]) == ("Operator", ["operator"], REASON)
    assert (used.status_code, client.get("/v1/runs", headers=operator).status_code) == (200, 401)


# Its end, and its form


def test_the_token_ends_after_its_minutes(client, alice, operator, owner):
    (token,) = client.get("/v1/auth/tokens", headers=alice.headers).json["items"]
    lasts = datetime.fromisoformat(token["expires_at"]) - datetime.now(UTC)

    owner.execute("UPDATE api_tokens SET expires_at = now()")

    assert timedelta(minutes=29) < lasts <= timedelta(minutes=30)
    assert client.get("/v1/runs", headers=operator).status_code == 401


def test_nobody_makes_such_a_token_by_the_api(client, alice, make_token):
    body = {"name": "Watch", "scopes": ["operator"]}

    refused = client.post("/v1/auth/tokens", json=body, headers=alice.headers)
    with_reason = client.post(
        "/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"], "reason": "x"}, headers=alice.headers
    )

    assert [answer.status_code for answer in (refused, with_reason)] == [422, 422]
    assert list(with_reason.json["errors"]) == ["reason"]


@pytest.mark.parametrize(
    ("scopes", "reason", "expires_at"),
    [
        (["operator"], None, "2100-01-01"),
        (["operator"], "", "2100-01-01"),
        (["operator"], "x", None),
        (["operator", "write"], "x", "2100-01-01"),
        (["read"], "x", "2100-01-01"),
    ],
)
def test_the_database_stores_no_other_form_of_such_a_token(owner, alice, scopes, reason, expires_at):
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(
            """
            INSERT INTO api_tokens (user_id, token_hash, name, scopes, reason, expires_at)
            VALUES (%s, 'x', 'Operator', %s, %s, %s)
            """,
            [alice.user_id, scopes, reason, expires_at],
        )


def test_no_user_can_be_called_like_the_operator(client, alice):
    answer = client.patch("/v1/users/me", json={"username": "Operator"}, headers=alice.headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {"username": ["This username is reserved"]})


def test_the_token_itself_is_stored_as_a_hash_alone(owner, operator):
    token = operator["Authorization"].removeprefix("Bearer ")

    assert re.fullmatch(r"fit_[0-9]+\.[A-Za-z0-9_-]{43}", token)
    assert token not in owner.execute("SELECT t::text FROM api_tokens AS t").fetchone()[0]
