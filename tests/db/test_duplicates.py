"""Runs that two sources tell: which look alike, and how much; marks that lead neither on nor round in a circle."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fitness.db import connection, duplicates, runs, runs_import, shoes
from fitness.db.connection import fetch_all, transaction
from fitness.db.counted_runs import COUNTED
from fitness.db.history import changesets, reading, versions
from fitness.db.history import duplicates as marks
from fitness.db.runs import RUNS, NewRun
from fitness.errors import Conflict
from fitness.sync import undoing

BERLIN = ZoneInfo("Europe/Berlin")
STARTED = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
NOON = datetime(2025, 11, 2, 11, 0, tzinfo=UTC)
STRAVA = NewRun("strava_1", STARTED, "Outdoor Run", 5.0, 2400.0, "Strava", 150.0)
MANUAL = replace(STRAVA, id="manual_1", source="Manual", avg_heart_rate=None)
MMF = replace(STRAVA, id="mmf_1", source="MapMyFitness", datetime_utc=NOON)


@pytest.fixture
def as_alice(app, alice):
    """A transaction of Alice's around the test."""
    with transaction(alice.user_id):
        yield alice


def suggested(time_zone="Europe/Berlin", **page):
    items, _ = duplicates.list_runs(time_zone=time_zone, **page)
    return [(item.id, item.duplicate_of) for item in items]


def mark(run_id, other_id):
    return marks.mark_duplicate(RUNS, run_id, other_id, changed_by="alice")


def restore(run_id, version_number):
    return versions.restore(RUNS, run_id, version_number, changed_by="alice")


def delete(run_id):
    versions.delete(RUNS, run_id, versions.Change("alice"))


def counted():
    return set(fetch_all(str, f"SELECT r.id FROM runs AS r WHERE r.user_id = %(user_id)s AND {COUNTED}"))


def store(*new):
    assert runs_import.bulk_create_runs(new) == len(new)


# Which look alike


def near(one, other, share, least):
    """Return how near two numbers are: 1 when equal, 0 at the most that they may differ, negative beyond."""
    return 1 - abs(one - other) / max(share * max(one, other), least)


def overlap(one: NewRun, other: NewRun):
    """Tell whether two runs with a time of day were under way at the same time."""
    first, second = sorted((one, other), key=lambda run: run.datetime_utc)
    between = (second.datetime_utc - first.datetime_utc).total_seconds()
    durations = [run.duration for run in (one, other) if run.datetime_utc == first.datetime_utc]
    return one.source != "MapMyFitness" and between < min(durations)


def score_of(one: NewRun, other: NewRun):
    """Return (score, minutes apart) of two runs that look alike, None of others."""
    distance, duration = near(one.distance, other.distance, 0.05, 0.1), near(one.duration, other.duration, 0.1, 120)
    if distance < 0 or duration < 0 or (one.source == other.source and not overlap(one, other)):
        return None
    if "MapMyFitness" in (one.source, other.source):
        days = {run.datetime_utc.astimezone(BERLIN).date() for run in (one, other)}
        return ((0.5 + distance + duration) / 3, None) if len(days) == 1 else None
    seconds = abs((one.datetime_utc - other.datetime_utc).total_seconds())
    minutes = seconds / 60
    if 10 < minutes <= 18 * 60 and min(seconds % 900, -seconds % 900) <= 2 and min(distance, duration) >= 0.9:
        return (0.5 + distance + duration) / 3, minutes
    return ((1 - minutes / 10 + distance + duration) / 3, minutes) if minutes <= 10 else None


def worth(run: NewRun):
    return (run.source != "MapMyFitness", run.avg_heart_rate is not None, run.source == "Strava")


def random_runs(dice: random.Random):
    """Return runs of three sources around the same moments, days at whose ends clocks change among them."""
    for number in range(150):
        day = datetime(2025, 10, 24, tzinfo=BERLIN) + timedelta(days=number % 5)
        started = day + timedelta(hours=dice.choice((0, 7, 23)), minutes=dice.randrange(60))
        distance, duration = dice.choice((0.5, 3.0, 10.0)), dice.choice((600.0, 3600.0))
        for source, prefix in (("Strava", "strava"), ("Manual", "manual"), ("MapMyFitness", "mmf")):
            if dice.random() < 0.6:
                moved = started + timedelta(seconds=dice.randrange(-500, 500))
                noon = day.replace(hour=12)
                yield NewRun(
                    f"{prefix}_{number}",
                    (noon if source == "MapMyFitness" else moved).astimezone(UTC),
                    "Outdoor Run",
                    distance * dice.uniform(0.95, 1.05),
                    duration * dice.uniform(0.9, 1.1),
                    source,
                    dice.choice((None, 150.0)),
                )


@pytest.mark.parametrize("seed", range(3))
def test_every_run_is_listed_with_the_one_that_it_is_most_like(as_alice, seed):
    dice = random.Random(seed)
    made = list(random_runs(dice))
    store(*made)
    expected = {}
    for run in made:
        alike = {
            other.id: score
            for other in made
            if (worth(other), run.id) > (worth(run), other.id) and (score := score_of(run, other)) is not None
        }
        if alike:
            expected[run.id] = min(alike.items(), key=lambda item: (-item[1][0], item[0]))

    found, after = [], None
    while True:
        items, after = duplicates.list_runs(time_zone="Europe/Berlin", limit=7, after=after)
        found += items
        if after is None:
            break

    started = {run.id: (run.datetime_utc, run.id) for run in made}
    assert len(expected) > 100
    assert [item.id for item in found] == sorted(expected, key=started.__getitem__, reverse=True)
    assert {item.id: item.duplicate_of for item in found} == {id: other for id, (other, _) in expected.items()}
    assert [item.score for item in found] == pytest.approx([expected[item.id][1][0] for item in found])
    assert [item.apart for item in found] == pytest.approx([expected[item.id][1][1] for item in found])


@pytest.mark.parametrize(
    ("field", "within", "beyond"),
    [
        ("datetime_utc", STARTED + timedelta(minutes=10), STARTED + timedelta(minutes=10, seconds=1)),
        ("datetime_utc", STARTED - timedelta(minutes=10), STARTED - timedelta(minutes=10, seconds=1)),
        ("distance", 5.24, 5.28),
        ("distance", 4.76, 4.74),
        ("duration", 2650.0, 2680.0),
        ("duration", 2170.0, 2150.0),
    ],
)
def test_runs_may_differ_by_so_much(as_alice, field, within, beyond):
    store(STRAVA, replace(MANUAL, **{field: within}))
    assert suggested() == [("manual_1", "strava_1")]

    edit("manual_1", **{field: beyond})
    assert suggested() == []


@pytest.mark.parametrize("hours", [1, -5, 5.75, 13, 18])
def test_a_run_that_was_read_in_another_time_zone_is_suggested(as_alice, hours):
    moved = STARTED + timedelta(hours=hours)
    store(STRAVA, replace(MANUAL, datetime_utc=moved, distance=5.01, duration=2410.0))
    assert suggested() == [("manual_1", "strava_1")]

    for changes in ({"datetime_utc": moved + timedelta(seconds=3)}, {"distance": 5.03}, {"duration": 2430.0}):
        edit("manual_1", **{"datetime_utc": moved, "distance": 5.01, "duration": 2410.0, **changes})
        assert suggested() == []


def test_a_watch_and_a_phone_of_one_source_are_suggested_but_not_two_runs_in_a_row(as_alice):
    phone = replace(STRAVA, id="strava_2", datetime_utc=STARTED + timedelta(seconds=20))
    lap = {"duration": 300.0, "distance": 0.5, "source": "Manual"}
    day_after = STARTED + timedelta(days=1)
    store(
        STRAVA,
        phone,
        replace(STRAVA, id="manual_1", datetime_utc=day_after, **lap),
        replace(STRAVA, id="manual_2", datetime_utc=day_after + timedelta(minutes=6), **lap),
    )

    assert suggested() == [("strava_2", "strava_1")]


def edit(run_id, **updates):
    versions.edit(RUNS, run_id, updates, versions.Change("alice"))


@pytest.mark.parametrize("changes", [{"distance": 0.3}, {"distance": 0.0}, {"duration": 0.0}, {"duration": 300.0}])
def test_short_runs_may_differ_by_a_tenth_of_a_mile_and_two_minutes(as_alice, changes):
    longer = {field: value + {"distance": 0.09, "duration": 119}[field] for field, value in changes.items()}
    too_long = {field: value + {"distance": 0.11, "duration": 121}[field] for field, value in changes.items()}
    store(replace(STRAVA, **changes), replace(MANUAL, **longer))
    assert suggested() == [("manual_1", "strava_1")]

    edit("manual_1", **too_long)
    assert suggested() == []


@pytest.mark.parametrize(
    ("local", "same_day"),
    [
        (datetime(2025, 10, 26, 0, 0, tzinfo=BERLIN), True),
        (datetime(2025, 10, 26, 23, 59, 59, 999999, tzinfo=BERLIN), True),
        (datetime(2025, 10, 25, 23, 59, 59, tzinfo=BERLIN), False),
        (datetime(2025, 10, 27, 0, 0, tzinfo=BERLIN), False),
    ],
)
def test_a_run_without_a_time_is_like_those_of_its_local_day(as_alice, local, same_day):
    """The day on which clocks go back has 25 hours."""
    store(
        replace(MMF, datetime_utc=datetime(2025, 10, 26, 12, tzinfo=BERLIN)),
        replace(STRAVA, datetime_utc=local),
    )

    assert suggested() == ([("mmf_1", "strava_1")] if same_day else [])


def test_a_time_that_is_not_known_counts_half(as_alice):
    store(STRAVA, MMF)

    (item,), _ = duplicates.list_runs(time_zone="Europe/Berlin")

    assert (item.score, item.apart) == (pytest.approx(2.5 / 3), None)


@pytest.mark.parametrize(
    ("kept", "marked"),
    [
        (STRAVA, MMF),
        (replace(STRAVA, avg_heart_rate=None), MMF),
        (MANUAL, MMF),
        (replace(MANUAL, avg_heart_rate=140.0), replace(STRAVA, avg_heart_rate=None)),
        (STRAVA, replace(MANUAL, avg_heart_rate=140.0)),
        (replace(STRAVA, avg_heart_rate=None), MANUAL),
    ],
)
def test_the_run_that_knows_more_is_to_be_kept(as_alice, kept, marked):
    store(kept, marked)

    assert suggested() == [(marked.id, kept.id)]


@pytest.mark.parametrize(
    "settle",
    [
        lambda: mark("mmf_1", "strava_1"),
        lambda: mark("strava_1", "mmf_1"),
        lambda: marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice"),
        lambda: marks.mark_different(RUNS, "strava_1", "mmf_1", changed_by="alice"),
        lambda: delete("mmf_1"),
        lambda: delete("strava_1"),
    ],
    ids=["marked", "marked the other way", "told apart", "told apart the other way", "deleted", "the other deleted"],
)
def test_what_is_settled_is_not_suggested(as_alice, settle):
    store(STRAVA, MMF)
    assert suggested() == [("mmf_1", "strava_1")]

    settle()

    assert suggested() == []


def test_told_apart_from_the_best_a_run_is_listed_with_the_next(as_alice):
    store(STRAVA, replace(STRAVA, id="strava_2", distance=5.1), MMF)

    marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice")

    assert sorted(suggested()) == [("mmf_1", "strava_2"), ("strava_2", "strava_1")]


def test_marked_once_more_and_unmarked_by_a_restore_a_pair_is_suggested_again(as_alice):
    store(STRAVA, MMF)
    marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice")

    mark("mmf_1", "strava_1")
    restore("mmf_1", 1)

    assert suggested() == [("mmf_1", "strava_1")]


@pytest.mark.parametrize(("marked", "other"), [("mmf_1", "strava_1"), ("strava_1", "mmf_1")])
def test_told_apart_whichever_was_marked_counts_again(as_alice, marked, other):
    store(STRAVA, MMF)
    mark(marked, other)

    for _ in range(2):
        marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice")

    assert counted() == {"mmf_1", "strava_1"}
    assert [version.duplicate_of for version in reading.get_history(RUNS, marked)] == [None, other, None]
    assert len(reading.get_history(RUNS, other)) == 1


# What counts


def test_of_a_run_here_thrice_one_counts_whichever_are_deleted(as_alice):
    store(STRAVA, MANUAL, MMF)
    mark("manual_1", "strava_1")
    mark("mmf_1", "strava_1")
    assert counted() == {"strava_1"}

    delete("strava_1")
    assert counted() == {"manual_1"}
    delete("manual_1")
    assert counted() == {"mmf_1"}
    restore("strava_1", 1)
    assert counted() == {"strava_1"}
    restore("manual_1", 1)
    assert counted() == {"strava_1", "manual_1"}


def test_a_shoe_has_run_what_is_here_twice_once(as_alice):
    ghost = shoes.create_shoe("Ghost")
    store(replace(STRAVA, shoe_id=ghost.id, distance=5.0), replace(MMF, shoe_id=ghost.id, distance=5.1))
    mark("mmf_1", "strava_1")

    def worn():
        (listed,), read = shoes.get_shoes(), shoes.get_shoe_by_id(ghost.id)
        assert read is not None and (listed.mileage, listed.run_count) == (read.mileage, read.run_count)
        return read.mileage, read.run_count

    assert worn() == (5.0, 1)
    delete("strava_1")
    assert worn() == (5.1, 1)
    delete("mmf_1")
    assert worn() == (0, 0)


# Neither chains nor circles


def test_a_duplicate_of_a_duplicate_is_refused(as_alice):
    store(STRAVA, MANUAL, MMF)
    mark("manual_1", "strava_1")

    with pytest.raises(Conflict, match="Run manual_1 is itself marked as a duplicate of run strava_1"):
        mark("mmf_1", "manual_1")
    with pytest.raises(Conflict, match="Run manual_1 is itself marked as a duplicate of run strava_1"):
        mark("strava_1", "manual_1")


def test_what_has_duplicates_is_no_duplicate_itself_until_they_are_deleted(alice, app):
    with transaction(alice.user_id):
        store(STRAVA, MANUAL, MMF)
        mark("mmf_1", "manual_1")

    with (
        pytest.raises(Conflict, match="Run manual_1 has a duplicate itself: run mmf_1"),
        transaction(alice.user_id),
    ):
        mark("manual_1", "strava_1")

    with transaction(alice.user_id):
        delete("mmf_1")
        mark("manual_1", "strava_1")
    # What was deleted comes back, but not as the duplicate that it was.
    with pytest.raises(Conflict, match="Run manual_1 is itself marked"), transaction(alice.user_id):
        restore("mmf_1", 3)
    with transaction(alice.user_id):
        assert restore("mmf_1", 1).duplicate_of is None
        assert counted() == {"strava_1", "mmf_1"}


def test_a_restored_version_is_a_duplicate_as_it_was_then(as_alice):
    store(STRAVA, MMF)
    mark("mmf_1", "strava_1")
    marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice")

    assert restore("mmf_1", 2).duplicate_of == "strava_1"
    assert counted() == {"strava_1"}


def test_a_restore_that_would_close_a_circle_is_refused(alice, app):
    with transaction(alice.user_id):
        store(STRAVA, MMF)
        mark("mmf_1", "strava_1")
        marks.mark_different(RUNS, "mmf_1", "strava_1", changed_by="alice")
        mark("strava_1", "mmf_1")

    with pytest.raises(Conflict, match="Run strava_1 is itself marked"), transaction(alice.user_id):
        restore("mmf_1", 2)

    with transaction(alice.user_id):
        assert counted() == {"mmf_1"}
        assert len(reading.get_history(RUNS, "mmf_1")) == 3


def test_a_redo_that_would_close_a_circle_leaves_the_mark_out_and_names_it(alice, app):
    with transaction(alice.user_id):
        changeset_id = changesets.create_changeset("import", actor="alice")
        runs_import.bulk_create_runs([STRAVA, MMF], changed_by="alice", changeset_id=changeset_id)
        mark("mmf_1", "strava_1")
        versions.delete(RUNS, "strava_1", versions.Change("alice"))
        undone = undoing.revert_changeset(changeset_id, actor="alice", force=True).changeset_id
        assert undone is not None
        restore("strava_1", 1)
        store(MANUAL)
        mark("strava_1", "manual_1")

        redone = undoing.revert_changeset(undone, actor="alice")

        assert [(one["id"], one["fields"], one["detail"]) for one in redone.problems] == [
            ("mmf_1", ["duplicate_of"], "Run strava_1 is itself marked as a duplicate of run manual_1")
        ]
        back = runs.get_run_by_id("mmf_1")
        assert back is not None and back.duplicate_of is None
        assert reading.get_history(RUNS, "mmf_1")[0].duplicate_of is None


@pytest.mark.parametrize(
    "meanwhile",
    [lambda: mark("strava_1", "mmf_1"), lambda: restore("strava_1", 2), lambda: mark("strava_1", "manual_1")],
    ids=["a mark the other way", "a restored mark the other way", "a mark that leads on"],
)
def test_of_two_marks_at_once_that_meet_one_is_refused(owner, alice, app, meanwhile):
    with transaction(alice.user_id):
        store(STRAVA, MANUAL, MMF)
        mark("strava_1", "mmf_1")
        restore("strava_1", 1)

    def try_meanwhile():
        with transaction(alice.user_id):
            meanwhile()

    with ThreadPoolExecutor(1) as threads:
        with transaction(alice.user_id):
            mark("mmf_1", "strava_1")
            other = threads.submit(try_meanwhile)
            while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
                assert not other.done()
        assert isinstance(other.exception(), Conflict)

    with transaction(alice.user_id):
        assert counted() == {"strava_1", "manual_1"}


def test_a_provider_has_no_say_in_what_is_a_duplicate(as_alice):
    store(STRAVA, MMF)
    mark("mmf_1", "strava_1")

    told = connection.fetch_one(dict, "SELECT provider_values FROM runs WHERE user_id = %(user_id)s AND id = 'mmf_1'")

    assert told is not None and set(told["provider_values"]) == {*runs.PROVIDER_FIELDS} - {*runs.MEASURED}
    assert len(runs.PROVIDER_FIELDS) == 18 and "duplicate_of" not in runs.PROVIDER_FIELDS
