"""The query functions of runs, under the names and arguments that the documentation gives them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fitness.db import connection, runs, runs_history, runs_import, runs_list
from fitness.db.connection import transaction
from fitness.db.fields import MANY
from fitness.db.runs import NewRun
from fitness.errors import Invalid, NotFound

IMPORTED = NewRun(
    id="strava_1234567890",
    datetime_utc=datetime(2025, 11, 2, 12, 5, 31, tzinfo=UTC),
    type="Outdoor Run",
    distance=5.1,
    duration=2400.0,
    source="Strava",
    avg_heart_rate=151.0,
)


@pytest.fixture
def as_alice(app, alice):
    """A transaction of Alice's around the test."""
    with transaction(alice.user_id):
        yield alice


def delete(run_id):
    connection.execute(
        "UPDATE runs SET deleted_at = now() WHERE user_id = %(user_id)s AND id = %(run_id)s", run_id=run_id
    )


def test_deleted_runs_are_left_out_unless_asked_for(as_alice):
    runs_import.bulk_create_runs([IMPORTED, replace(IMPORTED, id="strava_2")])
    delete("strava_2")

    assert [run.id for run in runs.get_all_runs()] == ["strava_1234567890"]
    assert {run.id for run in runs.get_all_runs(include_deleted=True)} == {"strava_1234567890", "strava_2"}
    assert [run.id for run in runs_list.get_all_run_details()] == ["strava_1234567890"]
    assert len(runs_list.get_all_run_details(include_deleted=True)) == 2
    assert runs.get_run_by_id("strava_2") is None
    found = runs.get_run_by_id("strava_2", include_deleted=True)
    assert found is not None and found.deleted_at is not None


def test_all_runs_come_newest_first(as_alice):
    for day in (3, 1, 2):
        runs_import.bulk_create_runs(
            [replace(IMPORTED, id=f"strava_{day}", datetime_utc=datetime(2025, 1, day, tzinfo=UTC))]
        )

    assert [run.id for run in runs.get_all_runs()] == ["strava_3", "strava_2", "strava_1"]
    assert [run.id for run in runs_list.get_all_run_details()] == ["strava_3", "strava_2", "strava_1"]


def test_bulk_create_stores_only_new_runs_and_counts_them(as_alice):
    first = runs_import.bulk_create_runs([IMPORTED])

    second = runs_import.bulk_create_runs([replace(IMPORTED, distance=9.9), replace(IMPORTED, id="strava_2")])

    assert (first, second) == (1, 1)
    unchanged = runs.get_run_by_id("strava_1234567890")
    assert unchanged is not None and unchanged.distance == 5.1
    assert runs.get_existing_run_ids() == {"strava_1234567890", "strava_2"}


def test_a_run_twice_in_one_load_is_stored_once(as_alice):
    created = runs_import.bulk_create_runs([IMPORTED, replace(IMPORTED, distance=9.9)])

    history = runs_history.get_run_history(IMPORTED.id)
    assert created == 1
    assert [(version.version_number, version.distance) for version in history] == [(1, 5.1)]


def test_whole_numbers_and_others_may_be_mixed(as_alice):
    whole = replace(IMPORTED, id="strava_2", distance=5, duration=2400, avg_heart_rate=150)

    created = runs_import.bulk_create_runs([IMPORTED, whole, replace(IMPORTED, id="strava_3", avg_heart_rate=None)])

    assert created == 3
    assert [run.avg_heart_rate for run in runs.get_all_runs()] == [None, 150, 151]


@pytest.mark.parametrize(
    "given",
    [
        {"notes": "Lake", "avg_power": 250.0},
        {"guessed": {"distance": 5.1}, "time_zone": {"name": "UTC", "source": "file"}},
    ],
)
def test_many_runs_are_stored_as_few_are(as_alice, given):
    bare = [replace(IMPORTED, id=f"strava_{number}") for number in range(MANY)]

    runs_import.bulk_create_runs([replace(IMPORTED, id="few"), replace(IMPORTED, id="few more", **given)])
    runs_import.bulk_create_runs(bare)
    runs_import.bulk_create_runs(
        [replace(one, id=f"{one.id}_more") for one in bare[1:]] + [replace(IMPORTED, id="more", **given)]
    )

    stored = connection.fetch_all(
        tuple,
        """
        SELECT to_jsonb(r) - '{id,created_at,updated_at}'::text[], count(*)
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
        GROUP BY 1
        ORDER BY 2
        """,
    )
    assert [number for _, number in stored] == [2, 2 * MANY]


def test_a_load_of_many_chunks_keeps_an_original_version_of_each_run(as_alice):
    many = [
        replace(IMPORTED, id=f"strava_{number}", distance=number / 100)
        for number in range(2 * runs_import.CHUNK_ROWS + 1)
    ]

    created = runs_import.bulk_create_runs(iter(many), changed_by="importer")

    originals = connection.fetch_all(
        dict,
        """
        SELECT r.id, r.distance = h.distance AND r.datetime_utc = h.datetime_utc AS same, h.change_type, h.changed_by
        FROM runs AS r
        JOIN runs_history AS h ON h.user_id = %(user_id)s AND h.run_id = r.id AND h.version_number = r.version
        WHERE r.user_id = %(user_id)s
        """,
    )
    assert created == len(many)
    assert {row["id"] for row in originals} == {run.id for run in many}
    assert {(row["same"], row["change_type"], row["changed_by"]) for row in originals} == {
        (True, "original", "importer")
    }


def test_a_deleted_run_is_not_made_again(as_alice):
    runs_import.bulk_create_runs([IMPORTED])
    delete(IMPORTED.id)

    assert IMPORTED.id in runs.get_existing_run_ids()
    assert runs_import.bulk_create_runs([IMPORTED]) == 0
    assert runs.get_run_by_id(IMPORTED.id) is None


def test_details_in_a_date_range_hold_both_days_and_the_shoe_and_calendar_state(as_alice, owner):
    connection.execute(
        "INSERT INTO shoes (user_id, id, name, retired_at, retirement_notes) "
        "VALUES (%(user_id)s, 'ghost', 'Ghost', '2025-12-01', 'Worn out')"
    )
    times = {
        "before": datetime(2025, 10, 31, 23, 59, 59, tzinfo=UTC),
        "first": datetime(2025, 11, 1, tzinfo=UTC),
        "last": datetime(2025, 11, 30, 23, 59, 59, 999999, tzinfo=UTC),
        "after": datetime(2025, 12, 1, tzinfo=UTC),
    }
    runs_import.bulk_create_runs(
        replace(IMPORTED, id=name, datetime_utc=time, shoe_id="ghost") for name, time in times.items()
    )
    connection.execute(
        "INSERT INTO synced_runs (user_id, run_id, run_version, google_event_id, sync_status) "
        "VALUES (%(user_id)s, 'first', 1, 'event', 'synced')"
    )

    last, first = runs_list.get_run_details_in_date_range(date(2025, 11, 1), date(2025, 11, 30))

    assert (last.id, last.sync_status, last.google_event_id) == ("last", None, None)
    assert (first.id, first.sync_status, first.google_event_id, first.synced_version) == ("first", "synced", "event", 1)
    assert (first.shoes, first.shoe_retired_at, first.shoe_retirement_notes) == ("Ghost", date(2025, 12, 1), "Worn out")


def test_an_update_keeps_the_run_and_its_history_in_step(as_alice):
    runs_import.bulk_create_runs([IMPORTED])

    runs_history.update_run_with_history(
        run_id="strava_1234567890",
        updates={"distance": 5.2, "avg_heart_rate": 155},
        changed_by="user123",
        change_reason="Corrected GPS accuracy issue",
    )

    run = runs.get_run_by_id("strava_1234567890")
    newest, original = runs_history.get_run_history("strava_1234567890")
    second = runs_history.get_run_version("strava_1234567890", version_number=2)
    assert run is not None
    assert (run.version, run.distance, run.avg_heart_rate, run.last_edited_by) == (2, 5.2, 155, "user123")
    assert newest == second
    assert (newest.version_number, newest.change_type, newest.distance) == (2, "edit", 5.2)
    assert (newest.changed_by, newest.change_reason) == ("user123", "Corrected GPS accuracy issue")
    assert (original.version_number, original.change_type, original.distance) == (1, "original", 5.1)
    assert runs_history.get_latest_version_number("strava_1234567890") == 2


@pytest.mark.parametrize("field", ["id", "source", "version", "user_id", "deleted_at", "no_such_column"])
def test_a_protected_field_cannot_be_updated(as_alice, field):
    runs_import.bulk_create_runs([IMPORTED])

    with pytest.raises(Invalid, match=field):
        runs_history.update_run_with_history(run_id=IMPORTED.id, updates={field: "x"}, changed_by="user123")

    assert runs_history.get_latest_version_number(IMPORTED.id) == 1


def test_what_is_not_there_is_none_or_empty_and_cannot_be_updated(as_alice):
    assert runs.get_run_by_id("strava_0") is None
    assert runs_history.get_run_history("strava_0") == []
    assert runs_history.get_run_version("strava_0", version_number=1) is None
    assert runs_history.get_latest_version_number("strava_0") is None
    with pytest.raises(NotFound):
        runs_history.update_run_with_history(run_id="strava_0", updates={"distance": 1.0}, changed_by="user123")


def test_in_a_new_database_versions_find_their_run_by_its_key(app, owner):
    """A session plans that once, for its foreign keys, and keeps to it however many runs it adds."""
    owner.execute("SET plan_cache_mode = force_generic_plan")
    owner.execute("PREPARE key AS SELECT FROM ONLY runs AS r WHERE user_id = $1 AND id = $2 FOR KEY SHARE OF r")

    plan = "\n".join(line for (line,) in owner.execute("EXPLAIN EXECUTE key(1, 'strava_1')"))

    assert "Index Scan using runs_pkey" in plan
