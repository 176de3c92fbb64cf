"""Runs that two sources tell, over HTTP: suggested, marked and unmarked, counted once."""

from datetime import UTC, datetime

import pytest

from fitness.db import runs_import
from fitness.db.connection import transaction
from fitness.db.runs import NewRun


@pytest.fixture
def pair(alice, make_run):
    """The same run of Alice's from two sources: Strava's is to be kept."""
    strava = make_run(alice, id="strava_1", source="Strava", distance=5.0, datetime_utc="2025-11-02T06:30:00Z")
    mmf = make_run(alice, id="mmf_1", source="MapMyFitness", distance=5.1, datetime_utc="2025-11-02T11:00:00Z")
    return strava, mmf


def suggestions(client, person, **query):
    return client.get("/v1/runs/duplicates", query_string=query, headers=person.headers)


def mark(client, person, run_id, other_id, **headers):
    return client.put(
        f"/v1/runs/{run_id}/duplicate-of", json={"run_id": other_id}, headers={**person.headers, **headers}
    )


def mark_different(client, person, run_id, other_id, **headers):
    return client.delete(f"/v1/runs/{run_id}/duplicate-of/{other_id}", headers={**person.headers, **headers})


def read(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}", headers=person.headers).json


def history_of(client, person, run_id):
    return client.get(f"/v1/runs/{run_id}/history", headers=person.headers).json["items"]


def run_ids(client, person, **query):
    response = client.get("/v1/runs", query_string=query, headers=person.headers)
    return {run["id"] for run in response.json["items"]}


@pytest.mark.usefixtures("pair")
def test_a_suggestion_shows_both_runs_as_they_are(client, alice):
    response = suggestions(client, alice)

    (item,) = response.json["items"]
    assert (response.status_code, response.json["next_cursor"]) == (200, None)
    assert item["run"] == read(client, alice, "mmf_1")
    assert item["duplicate_of"] == read(client, alice, "strava_1")
    assert item["score"] == pytest.approx((0.5 + (1 - 0.1 / 0.255) + 1) / 3)
    assert item["minutes_apart"] is None


def test_between_two_runs_with_times_the_minutes_are_told(client, alice, make_run):
    make_run(alice, id="strava_1", source="Strava", datetime_utc="2025-11-02T06:30:00Z")
    make_run(alice, id="manual_1", datetime_utc="2025-11-02T06:27:30Z")

    (item,) = suggestions(client, alice).json["items"]

    assert (item["run"]["id"], item["duplicate_of"]["id"]) == ("manual_1", "strava_1")
    assert (item["minutes_apart"], item["score"]) == (2.5, pytest.approx(2.75 / 3))


def test_days_are_local_to_the_users_time_zone_or_the_one_asked_for(client, make_person, make_run):
    ann = make_person("ann", time_zone="America/Los_Angeles")
    make_run(ann, id="strava_1", source="Strava", datetime_utc="2025-11-03T02:00:00Z")
    make_run(ann, id="mmf_1", source="MapMyFitness", datetime_utc="2025-11-02T20:00:00Z")

    assert len(suggestions(client, ann).json["items"]) == 1
    assert suggestions(client, ann, time_zone="UTC").json["items"] == []
    assert list(suggestions(client, ann, time_zone="Mars").json["errors"]) == ["time_zone"]


def test_pages_hold_every_suggestion_once_newest_first_in_one_statement_more_than_none(client, alice, statements):
    suggestions(client, alice)
    statements.clear()
    suggestions(client, alice)
    for_none = len(statements)
    with transaction(alice.user_id):
        runs_import.bulk_create_runs(
            # Two on each day, at the same time.
            NewRun(
                f"{prefix}_{n}",
                datetime(2025, 11, n // 2 + 1, 12, tzinfo=UTC),
                "Outdoor Run",
                n,
                2400.0 + n % 2 * 1200,
                source,
            )
            for n in range(50)
            for prefix, source in (("strava", "Strava"), ("manual", "Manual"))
        )

    ids, query = [], {"limit": 7}
    while True:
        statements.clear()
        page = suggestions(client, alice, **query).json
        assert len(statements) == for_none + 1
        ids += [item["run"]["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert ids == sorted((f"manual_{n}" for n in range(50)), key=lambda id_: (int(id_[7:]) // 2, id_), reverse=True)


@pytest.mark.usefixtures("pair")
def test_a_marked_run_says_so_as_a_version_with_who_and_why(client, alice):
    response = mark(client, alice, "mmf_1", "strava_1")

    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')
    assert (response.json["duplicate_of"], response.json["version"]) == ("strava_1", 2)
    assert response.json == read(client, alice, "mmf_1")
    marked, original = history_of(client, alice, "mmf_1")
    assert (marked["duplicate_of"], original["duplicate_of"]) == ("strava_1", None)
    assert (marked["change_type"], marked["changed_by"]) == ("edit", "alice")
    assert marked["change_reason"] == "Marked as a duplicate of strava_1"
    assert suggestions(client, alice).json["items"] == []


@pytest.mark.usefixtures("pair")
def test_marked_so_again_it_stays_as_it_is(client, alice):
    first = mark(client, alice, "mmf_1", "strava_1")

    again = mark(client, alice, "mmf_1", "strava_1", **{"If-Match": '"1"'})

    assert (again.status_code, again.json, again.headers["ETag"]) == (200, first.json, '"2"')
    assert len(history_of(client, alice, "mmf_1")) == 2


@pytest.mark.usefixtures("pair")
def test_told_apart_it_counts_again_and_is_not_suggested(client, alice):
    mark(client, alice, "mmf_1", "strava_1")

    answers = [mark_different(client, alice, "mmf_1", "strava_1") for _ in range(2)]

    assert [(answer.status_code, answer.headers["ETag"]) for answer in answers] == [(200, '"3"')] * 2
    assert answers[0].json == answers[1].json == read(client, alice, "mmf_1")
    assert answers[0].json["duplicate_of"] is None
    assert history_of(client, alice, "mmf_1")[0]["change_reason"] == "Not the same run"
    assert suggestions(client, alice).json["items"] == []


@pytest.mark.usefixtures("pair")
def test_told_apart_without_having_been_marked_nothing_changes_but_the_suggestion(client, alice):
    before = read(client, alice, "mmf_1")

    response = mark_different(client, alice, "mmf_1", "strava_1")

    assert (response.status_code, response.json) == (200, before)
    assert suggestions(client, alice).json["items"] == []
    assert mark(client, alice, "mmf_1", "strava_1").json["duplicate_of"] == "strava_1"


@pytest.mark.usefixtures("pair")
def test_a_mark_for_another_version_is_refused_and_so_is_its_removal(client, alice):
    stale = mark(client, alice, "mmf_1", "strava_1", **{"If-Match": '"7"'})
    mark(client, alice, "mmf_1", "strava_1", **{"If-Match": '"1"'})
    removal = mark_different(client, alice, "mmf_1", "strava_1", **{"If-Match": '"1"'})

    assert [(answer.status_code, answer.headers["ETag"]) for answer in (stale, removal)] == [(412, '"1"'), (412, '"2"')]
    assert read(client, alice, "mmf_1")["duplicate_of"] == "strava_1"
    client.post("/v1/runs/mmf_1/restore/1", headers=alice.headers)
    # The removal that failed has not told them apart.
    assert len(suggestions(client, alice).json["items"]) == 1


@pytest.mark.usefixtures("pair")
def test_a_duplicate_of_a_duplicate_is_a_conflict_that_says_of_what(client, alice, make_run):
    make_run(alice, id="manual_1")
    mark(client, alice, "mmf_1", "strava_1")

    of_a_duplicate = mark(client, alice, "manual_1", "mmf_1")
    of_its_own = mark(client, alice, "strava_1", "manual_1")

    assert (of_a_duplicate.status_code, of_its_own.status_code) == (409, 409)
    assert of_a_duplicate.json == {"detail": "Run mmf_1 is itself marked as a duplicate of run strava_1"}
    assert of_its_own.json == {"detail": "Run strava_1 has a duplicate itself: run mmf_1"}
    assert [read(client, alice, run_id)["version"] for run_id in ("manual_1", "strava_1")] == [1, 1]


@pytest.mark.usefixtures("pair")
def test_a_run_is_no_duplicate_of_itself_nor_of_one_that_is_not_there(client, alice, bob, make_run):
    make_run(bob, id="manual_bobs")
    make_run(alice, id="manual_deleted")
    client.delete("/v1/runs/manual_deleted", headers=alice.headers)

    for call in (mark, mark_different):
        itself = call(client, alice, "mmf_1", "mmf_1")
        assert (itself.status_code, list(itself.json["errors"])) == (422, ["run_id"])
        for ids in (("mmf_1", "manual_bobs"), ("mmf_1", "absent"), ("absent", "mmf_1"), ("manual_deleted", "mmf_1")):
            response = call(client, alice, *ids)
            assert (response.status_code, response.json) == (404, {"detail": "Run not found"}), ids
    assert mark(client, alice, "mmf_1", "manual_deleted").status_code == 404
    assert read(client, alice, "mmf_1")["version"] == 1


@pytest.mark.usefixtures("pair")
def test_while_the_kept_run_is_deleted_its_duplicate_counts_and_can_be_unmarked(client, alice):
    mark(client, alice, "mmf_1", "strava_1")
    assert run_ids(client, alice, include_duplicates="false") == {"strava_1"}
    client.delete("/v1/runs/strava_1", headers=alice.headers)
    assert run_ids(client, alice, include_duplicates="false") == {"mmf_1"}

    response = mark_different(client, alice, "mmf_1", "strava_1")

    assert (response.status_code, response.json["duplicate_of"]) == (200, None)


@pytest.mark.usefixtures("pair")
def test_lists_show_duplicates_unless_told_otherwise(client, alice):
    mark(client, alice, "mmf_1", "strava_1")

    assert run_ids(client, alice) == {"strava_1", "mmf_1"}
    assert run_ids(client, alice, include_duplicates="true") == {"strava_1", "mmf_1"}
    assert run_ids(client, alice, include_duplicates="false") == {"strava_1"}
    details = client.get("/v1/runs/details?include_duplicates=false", headers=alice.headers).json["items"]
    assert [run["id"] for run in details] == ["strava_1"]


@pytest.mark.usefixtures("pair")
def test_a_mark_is_no_field_to_send(client, alice):
    edit = client.patch("/v1/runs/mmf_1", json={"duplicate_of": "strava_1"}, headers=alice.headers)
    new = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 6, "duration": 3180}
    made = client.post("/v1/runs", json={**new, "duplicate_of": "strava_1"}, headers=alice.headers)

    for response in (edit, made):
        assert response.status_code == 422
        assert response.json["errors"] == {"duplicate_of": ["This field cannot be edited"]}


@pytest.mark.usefixtures("pair")
def test_an_edit_leaves_the_mark(client, alice):
    mark(client, alice, "mmf_1", "strava_1")

    edited = client.patch("/v1/runs/mmf_1", json={"distance": 5.2}, headers=alice.headers).json

    assert (edited["duplicate_of"], edited["distance"], edited["version"]) == ("strava_1", 5.2, 3)


def test_a_restore_that_would_close_a_circle_is_a_conflict(client, alice, pair):
    mark(client, alice, "mmf_1", "strava_1")
    mark_different(client, alice, "mmf_1", "strava_1")
    mark(client, alice, "strava_1", "mmf_1")

    response = client.post("/v1/runs/mmf_1/restore/2", headers=alice.headers)

    assert response.status_code == 409
    assert response.json == {"detail": "Run strava_1 is itself marked as a duplicate of run mmf_1"}
    assert read(client, alice, "mmf_1")["version"] == 3


def test_somebody_elses_runs_are_not_suggested(client, alice, bob, make_run):
    make_run(alice, id="strava_1", source="Strava")
    make_run(bob, id="manual_1")

    assert suggestions(client, alice).json["items"] == suggestions(client, bob).json["items"] == []
