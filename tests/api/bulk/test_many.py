"""Bulk edits of many records, and several at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fitness.db.history import bulk as bulk_edits


def test_ten_thousand_runs_of_a_filter_change_and_go_back(call, edit, owner, alice):
    owner.execute(
        """
        INSERT INTO runs (user_id, id, datetime_utc, type, distance, duration, source)
        SELECT %s, 'manual_' || n, now(), 'Outdoor Run', 5, 2400, 'Manual' FROM generate_series(1, 10000) AS n
        """,
        [alice.user_id],
    )
    owner.execute(
        """
        INSERT INTO runs_history (
            user_id, run_id, version_number, change_type, datetime_utc, type, distance, duration, source
        )
        SELECT user_id, id, 1, 'original', datetime_utc, type, distance, duration, source FROM runs
        """
    )

    report = edit("runs", filters={"type": "Outdoor Run"}, changes={"type": "Treadmill Run"})

    assert (report["matched"], report["changed"]) == (10_000, 10_000)
    types = "SELECT type, version, count(*) FROM runs GROUP BY type, version"
    assert owner.execute(types).fetchall() == [("Treadmill Run", 2, 10_000)]
    stored = "SELECT count(*), count(DISTINCT run_id) FROM runs_history WHERE changeset_id = %s AND version_number = 2"
    assert owner.execute(stored, [report["changeset_id"]]).fetchone() == (10_000, 10_000)
    assert call("POST", f"/changesets/{report['changeset_id']}/revert")["reverted"] == 10_000
    assert owner.execute(types).fetchall() == [("Outdoor Run", 3, 10_000)]


def test_the_number_of_statements_does_not_grow_with_the_records(edit, alice, make_run, statements):
    def statements_for(runs: int) -> int:
        ids = [make_run(alice).id for _ in range(runs)]
        statements.clear()
        edit("runs", ids=ids, changes={"name": "New"})
        return len(statements)

    assert statements_for(1) == statements_for(30)


def test_filters_that_match_too_many_are_refused(client, call, alice, make_run, monkeypatch):
    ids = [make_run(alice).id for _ in range(3)]
    monkeypatch.setattr(bulk_edits, "MOST_MATCHED", 2)

    refused = client.post("/v1/runs/bulk", json={"filters": {}, "delete": True}, headers=alice.headers)

    why = "These filters match more than 2 records; use narrower ones"
    assert (refused.status_code, refused.json["errors"]) == (422, {"filters": [why]})
    assert {run["id"] for run in call("GET", "/runs")["items"]} == set(ids)
    assert call("GET", "/changesets")["items"] == []


def test_the_same_edit_twice_at_once_makes_one_version_of_each(app, alice, call, make_run):
    ids = [make_run(alice).id for _ in range(40)]

    def send(order: int) -> Any:
        body = {"ids": ids[::order], "changes": {"name": "New"}}
        return app.test_client().post("/v1/runs/bulk", json=body, headers=alice.headers)

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(send, (1, -1, 1, -1)))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert sorted(answer.json["changed"] for answer in answers) in ([0, 0, 0, 40], [0] * 4)

    assert {run["version"] for run in call("GET", "/runs")["items"]} == {2}


def test_a_request_with_an_idempotency_key_is_done_once(client, alice, make_run):
    make_run(alice)
    body = {"filters": {}, "changes": {"name": "New"}}
    headers = {**alice.headers, "Idempotency-Key": "once"}

    first, again = (client.post("/v1/runs/bulk", json=body, headers=headers) for _ in range(2))

    assert (again.status_code, again.json) == (200, first.json)
    assert first.json["changed"] == 1
