"""ETags of lists, metrics and statistics: 304 to a client that has the answer, and a new tag whenever it may differ."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g

from fitness.db import connection
from fitness.db.history import feed
from fitness.db.users import Asker
from fitness.db.writes import QUIET
from fitness.web.conditional import current_tag
from tests.samples import DATA

# What these answer changes without a write of the user that counts.
UNTAGGED = {
    "/v1/auth/me",
    "/v1/auth/passkeys",
    "/v1/auth/protection",
    "/v1/auth/security-log",
    "/v1/auth/sessions",
    "/v1/auth/tokens",
    "/v1/health",
    "/v1/health/db",
    "/v1/imports",
    "/v1/imports/answers",
    "/v1/jobs",
    "/v1/users/me",
    "/v1/users/me/export",
    "/v1/users/me/usage",
    "/v1/openapi.json",
}
# Without an id of a record, these have a query that they cannot do without, or lead elsewhere.
NOT_ASKED = {"/v1/auth/google/login", "/v1/auth/google/callback", "/v1/strava/webhook"}


DAYS = "?start=2025-11-01&end=2025-11-30"
QUERIES = {
    "/v1/metrics/training-load/by-day": DAYS,
    "/v1/metrics/trimp/by-day": DAYS,
    "/v1/plan/adherence": DAYS,
    "/v1/today": "?start=2025-11-01&week=2025-11-24",
}


def lists(app: Flask) -> list[str]:
    """Return the paths of all GET routes without an id, each with the query that it needs."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = {rule.rule for rule in rules if rule.rule.startswith("/v1/")} - NOT_ASKED
    return sorted(path + QUERIES.get(path, "") for path in paths)


def tag_of(client, person, path: str) -> str:
    answer = client.get(path, headers=person.headers)
    assert answer.status_code == 200, answer.json
    return answer.headers["ETag"]


def ask_again(client, person, path: str, tag: str, **headers: str) -> Any:
    return client.get(path, headers={**person.headers, "If-None-Match": tag, **headers})


def test_every_list_metric_and_statistic_answers_304_to_a_client_that_has_it(app, client, full, statements):
    paths = [path for path in lists(app) if path not in UNTAGGED]
    tags = {path: tag_of(client, full, path) for path in paths}
    statements.clear()

    answers = {path: ask_again(client, full, path, tag) for path, tag in tags.items()}

    assert {(path, answer.status_code, answer.data) for path, answer in answers.items()} == {
        (path, 304, b"") for path in paths
    }
    assert {path: answer.headers["ETag"] for path, answer in answers.items()} == tags
    # The check of the session, once for each, and nothing else.
    assert len(statements) == len(paths) >= 40
    assert len(set(statements)) == 1
    assert len(set(tags.values())) == len(paths)


def test_no_answer_with_a_tag_shows_what_does_not_count(app, client, full, statements):
    check = None
    for path in lists(app):
        if path not in UNTAGGED:
            statements.clear()
            tag_of(client, full, path)
            check = check or statements[0]
            others = [statement for statement in statements if statement != check]
            assert not [table for table in QUIET if re.search(rf"\b(FROM|JOIN) {table}\b", " ".join(others))], path


def test_what_changes_without_a_write_of_the_user_has_no_tag(client, full):
    for path in sorted(UNTAGGED - {"/v1/users/me/export"}):
        assert "ETag" not in client.get(path, headers=full.headers).headers, path


def test_a_record_keeps_the_tag_of_its_version(client, alice, make_run):
    run = make_run(alice)

    answer = ask_again(client, alice, f"/v1/runs/{run.id}", '"1"')

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')


WRITES = {
    "a run": ("POST", "/runs", {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5,
                                "duration": 2400}),
    "an edit": ("PATCH", "/runs/manual_a", {"name": "Morning"}),
    "a deletion": ("DELETE", "/runs/manual_a", None),
    "a shoe": ("POST", "/shoes", {"name": "Brooks Ghost 16"}),
    "a mark as different": ("DELETE", "/runs/manual_a/duplicate-of/manual_b", None),
    "a mark as duplicate": ("PUT", "/runs/manual_a/duplicate-of", {"run_id": "manual_b"}),
    "a bookmark": ("POST", "/bookmarks", {"name": "Now"}),
    "the own heart rates": ("PATCH", "/users/me", {"max_heart_rate": 186}),
    "the own weeks": ("PATCH", "/users/me", {"week_start": "sunday"}),
    "the own time zone": ("PATCH", "/users/me", {"time_zone": "Europe/Berlin"}),
}  # fmt: skip


@pytest.mark.parametrize("what", WRITES)
def test_each_write_gives_lists_and_metrics_a_new_tag(client, alice, make_run, what):
    for name in ("a", "b"):
        make_run(alice, id=f"manual_{name}")
    method, path, body = WRITES[what]
    paths = ("/v1/runs/details", "/v1/metrics/trimp/by-day", "/v1/runs/duplicates", "/v1/bookmarks", "/v1/changesets")
    before = {one: tag_of(client, alice, one) for one in paths}

    assert client.open(f"/v1{path}", method=method, json=body, headers=alice.headers).status_code < 300

    for one, tag in before.items():
        answer = ask_again(client, alice, one, tag)
        assert answer.status_code == 200
        assert answer.headers["ETag"] != tag


def test_an_import_and_a_bulk_edit_that_change_nothing_leave_the_tag(client, alice):
    def upload() -> Any:
        file = io.BytesIO((DATA / "mapmyfitness.csv").read_bytes())
        return client.post("/v1/mmf/upload-csv", data={"file": (file, "history.csv")}, headers=alice.headers)

    upload()
    tags = {path: tag_of(client, alice, path) for path in ("/v1/runs", "/v1/changesets")}

    again = upload()
    edited = client.post("/v1/runs/bulk", json={"filters": {}, "changes": {"name": None}}, headers=alice.headers)

    assert (again.json["changeset_id"], edited.json["changeset_id"]) == (None, None)
    assert [ask_again(client, alice, path, tag).status_code for path, tag in tags.items()] == [304, 304]


def test_the_state_in_the_calendar_gives_a_new_tag(client, alice, make_run):
    run = make_run(alice)
    tag = tag_of(client, alice, "/v1/runs/details")
    with connection.transaction(alice.user_id):
        connection.execute(
            """
            INSERT INTO synced_runs (user_id, run_id, run_version, sync_status)
            VALUES (%(user_id)s, %(run_id)s, 1, 'failed')
            """,
            run_id=run.id,
        )

    answer = ask_again(client, alice, "/v1/runs/details", tag)

    assert (answer.status_code, answer.json["items"][0]["sync_status"]) == (200, "failed")


def test_a_login_or_the_use_of_a_token_leaves_the_tag(client, alice, make_token):
    tag = tag_of(client, alice, "/v1/runs")
    token = make_token(alice, "read")

    answer = client.get("/v1/runs", headers={**token, "If-None-Match": tag})

    assert answer.status_code == 304
    assert "RateLimit" in answer.headers


def test_a_token_costs_no_transaction_of_the_user_for_a_304(client, alice, make_token, monkeypatch):
    tag, token = tag_of(client, alice, "/v1/runs"), make_token(alice, "read")
    monkeypatch.setattr("fitness.auth.transaction", None)

    assert client.get("/v1/runs", headers={**token, "If-None-Match": tag}).status_code == 304


def test_a_tag_opens_nothing_to_those_who_may_not_read(client, alice, bob, make_token):
    tag = tag_of(client, alice, "/v1/runs")

    assert ask_again(client, bob, "/v1/runs", tag).status_code == 200
    assert client.get("/v1/runs", headers={"If-None-Match": tag}).status_code == 401
    token = make_token(alice, "import")
    assert client.get("/v1/runs", headers={**token, "If-None-Match": tag}).status_code == 403
    client.post("/v1/auth/logout", headers=alice.headers)
    assert ask_again(client, alice, "/v1/runs", tag).status_code == 401


def test_tags_are_of_one_query(client, alice):
    tag = tag_of(client, alice, "/v1/runs?limit=5")

    assert ask_again(client, alice, "/v1/runs?limit=6", tag).status_code == 200
    assert ask_again(client, alice, "/v1/runs?limit=5", f'"x", W/{tag}').status_code == 304
    assert ask_again(client, alice, "/v1/runs?limit=5", "*").status_code == 200
    assert client.head("/v1/runs?limit=5", headers={**alice.headers, "If-None-Match": tag}).status_code == 304


def test_a_query_that_is_not_valid_is_refused_with_a_tag_too(client, alice):
    tag = tag_of(client, alice, "/v1/runs")

    for query in ("time_zone=Moon/Sea", "time_zone=../etc", "limit=0"):
        assert ask_again(client, alice, f"/v1/runs?{query}", tag).status_code == 422


def test_a_compressed_answer_is_confirmed_as_the_client_has_it(client, full):
    zipped = client.get("/v1/runs", headers={**full.headers, "Accept-Encoding": "gzip"}).headers["ETag"]

    answer = ask_again(client, full, "/v1/runs", zipped, **{"Accept-Encoding": "gzip"})

    assert zipped.endswith(':gzip"')
    assert (answer.status_code, answer.headers["ETag"]) == (304, zipped)


def test_a_new_epoch_gives_new_tags(client, alice):
    tag = tag_of(client, alice, "/v1/runs")
    with connection.system_transaction():
        feed.begin_epoch()

    assert ask_again(client, alice, "/v1/runs", tag).status_code == 200


def test_visitors_get_the_catalog_without_a_tag(client):
    assert "ETag" not in client.get("/v1/exercises").headers


MIDNIGHT = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # in Berlin


@pytest.mark.parametrize(
    ("zone", "query", "changes"),
    [("Europe/Berlin", "", True), (None, "?time_zone=Europe/Berlin", True), (None, "", False)],
)
def test_the_tag_changes_at_midnight_where_the_user_is(app, zone, query, changes):
    def tag_at(instant: datetime) -> str | None:
        with app.test_request_context(f"/v1/metrics/mileage/by-day{query}"):
            g.asker = Asker(1, "ada", zone, "monday", 0, 7, instant, None)
            return current_tag()

    first, before, after = (tag_at(MIDNIGHT - timedelta(seconds=seconds)) for seconds in (3600, 1, 0))

    assert first == before
    assert (before != after) is changes
