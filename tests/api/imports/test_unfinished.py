"""Imports of several files that nobody finished are listed, so that a client that lost its number finds its import."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from fitness.sync import drop_loading, drops
from tests.drops import HISTORY, SHEET, STRAVA, STRONG, Drop, sha256_of


def at_once(*calls):
    """Make calls at the same time; return their results."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [one.result() for one in [threads.submit(call) for call in calls]]


@pytest.fixture
def unfinished(client, alice):
    def read(query=""):
        answer = client.get(f"/v1/imports{query}", headers=alice.headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    return read


def test_an_import_whose_number_was_lost_is_listed_with_what_arrived(drop, unfinished):
    drop.send(HISTORY, "history.csv")
    drop.send_piece(STRAVA, 0, 99)

    (listed,) = unfinished()["items"]

    begun = {name: drop.begun[name] for name in ("import_id", "state", "changeset_id", "created_at")}
    assert listed == {
        **begun,
        "expires_at": listed["expires_at"],
        "files": 2,
        "names": ["history.csv", "a.csv"],
        "size": len(HISTORY) + len(STRAVA),
        "received": len(HISTORY) + 100,
    }
    assert listed["expires_at"] == drop.read()["expires_at"]


def test_what_ended_was_given_up_or_expired_is_not_listed(client, alice, owner, unfinished):
    done, given_up, expired, empty = (Drop(client, alice.headers) for _ in range(4))
    done.send(HISTORY)
    done.finished()
    client.delete(given_up.path, headers=alice.headers)
    expired_id = expired.begun["import_id"]
    owner.execute("UPDATE drops SET updated_at = now() - interval '1 hour' WHERE import_id = %s", [expired_id])

    (listed,) = unfinished()["items"]

    assert listed["import_id"] == empty.begun["import_id"]
    assert (listed["files"], listed["names"], listed["size"], listed["received"]) == (0, [], 0, 0)


def test_an_import_with_an_open_question_is_listed_until_it_is_answered(drop, unfinished):
    drop.send(STRONG, "strong.csv")
    drop.finished()
    assert [one["state"] for one in unfinished()["items"]] == ["asking"]

    drop.answer(weight_unit="lb", timezone="UTC")
    drop.finished()

    assert unfinished()["items"] == []


def test_the_files_that_wait_for_an_answer_are_tried_before_they_are_loaded(client, alice, drop):
    for content, name in ((HISTORY, "history.csv"), (SHEET, "sheet.csv")):
        drop.send(content, name)
    questions = drop.finished()["questions"]
    (mapping,) = (question["mapping"] for question in questions if question["field"] == "mapping")
    right = {"timezone": "UTC", "mapping": mapping}
    wrong = {**right, "mapping": {**mapping, "columns": {**mapping["columns"], "date": "Tag"}}}

    def tried_with(answers):
        assert client.post(f"{drop.path}/answers", json=answers, headers=alice.headers).status_code == 200
        tried = drop.finished("?dry_run=true")
        states = {line["name"]: (line["state"], line["created"]) for line in tried["files"]}
        return tried["state"], states, len(tried["records"]["items"])

    asked = drop.finished("?dry_run=true")
    assert (asked["state"], asked["questions"]) == ("asking", questions)
    assert tried_with(wrong) == ("asking", {"history.csv": ("loaded", 15), "sheet.csv": ("waiting", 0)}, 0)
    assert "Tag" in drop.read()["files"][1]["detail"]
    assert tried_with(right) == ("asking", {"history.csv": ("loaded", 15), "sheet.csv": ("waiting", 2)}, 2)
    assert (drop.finished()["state"], drop.read()["created"]) == ("done", 17)


def test_unfinished_imports_come_in_pages_newest_first(client, alice, make_person, unfinished):
    numbers = [Drop(client, alice.headers).begun["import_id"] for _ in range(3)]
    Drop(client, make_person("bob").headers)

    first = unfinished("?limit=2")
    second = unfinished(f"?limit=2&cursor={first['next_cursor']}")

    assert [one["import_id"] for one in first["items"] + second["items"]] == numbers[::-1]
    assert second["next_cursor"] is None


def test_a_full_quota_of_unfinished_imports_is_found_and_freed(client, alice, unfinished, monkeypatch):
    monkeypatch.setattr(drops, "MOST_UNFINISHED", 2)
    for _ in range(2):
        Drop(client, alice.headers)
    assert client.post("/v1/imports", headers=alice.headers).status_code == 409

    for one in unfinished()["items"]:
        assert client.delete(f"/v1/imports/{one['import_id']}", headers=alice.headers).status_code == 204

    assert client.post("/v1/imports", headers=alice.headers).status_code == 201


# --- at the limits, and given up


def test_a_piece_sent_again_counts_once_in_the_quota(drop, limit):
    limit(quota_bytes=len(HISTORY) + 150)
    drop.send(HISTORY)
    assert drop.send_piece(STRAVA, 0, 99).status_code == 204

    assert drop.send_piece(STRAVA, 0, 99).status_code == 204
    assert drop.send_piece(STRAVA, 100, 199).status_code == 409

    assert drop.read()["files"][1]["received"] == 100


def test_imports_at_once_stay_within_the_limits(app, client, alice, unfinished, limit, monkeypatch):
    monkeypatch.setattr(drops, "MOST_UNFINISHED", 3)
    limit(quota_bytes=2 * len(HISTORY))
    begun = at_once(*[lambda: app.test_client().post("/v1/imports", headers=alice.headers).status_code] * 6)
    paths = [f"/v1/imports/{one['import_id']}/files/{sha256_of(HISTORY)}" for one in unfinished()["items"]]

    def send(path):
        return app.test_client().put(path, data=HISTORY, headers=alice.headers).status_code

    sent = at_once(*[partial(send, path) for path in paths])

    assert sorted(begun) == [201] * 3 + [409] * 3
    assert sorted(sent) == [204, 204, 409]


def test_an_import_given_up_while_it_is_loaded_says_what_stays(client, alice, drop, monkeypatch):
    monkeypatch.setattr(drop_loading, "BATCH_FILES", 1)
    drop.send(HISTORY)
    drop.send(STRAVA, "b.csv")
    load = drop_loading._Loading._load_some

    def load_then_give_up(loading):
        added = load(loading)
        client.delete(drop.path, headers=alice.headers)
        return added

    monkeypatch.setattr(drop_loading._Loading, "_load_some", load_then_give_up)
    refused = drop.finish()

    (changeset,) = client.get("/v1/changesets", headers=alice.headers).json["items"]
    why = f"This import was given up while it was loaded. What was loaded is changeset {changeset['changeset_id']}."
    assert (refused.status_code, refused.json["detail"]) == (409, why)
    assert changeset["counts"]["created"] == 15
