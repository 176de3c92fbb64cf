"""What a run has follows from the sources that stand, whatever was imported, reverted, redone and rewound before."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from fitness.db import shoes
from fitness.db.connection import fetch_one, transaction
from fitness.db.history.record_merges import merge_once
from fitness.db.history.standing import list_joined
from fitness.db.runs import RUNS
from fitness.db.runs_history import update_run_with_history
from fitness.db.shoes import SHOES
from fitness.db.shoes_merge import merge_shoe
from tests.sync.one_run import ALL, OF_STRAVA, Log

SOURCES = tuple(name for name in ALL if name not in OF_STRAVA)
"""One name of each source: the export is that of Strava."""
OF_ACCOUNTS = tuple(name for name in SOURCES if name != "apple_health_export.zip")
"""Without one of the two of Apple Health: an account that has an activity twice means two."""
HISTORIES = 24
STEPS = 14
DURATIONS = (2700.0, 2712.0, 2790.0)
"""What a person may enter; the last two are what sources say."""


def now(log: Log) -> Any:
    with transaction(log.user_id):
        return fetch_one(datetime, "SELECT clock_timestamp()")


def one_step(log: Log, instants: list[Any], dice: random.Random, sources: Sequence[str] = SOURCES) -> str:
    """Do something in a log; return what."""
    standing = log.standing()
    imports = [number for number, kind in standing if kind == "import"]
    undone = [number for number, kind in standing if kind in {"revert", "rewind"}]
    name = dice.choice(sources)
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        f"import {name}": (4, lambda: log.load(name)),
        "revert": (3 * bool(imports), lambda: log.revert([dice.choice(imports)])),
        "redo": (3 * bool(undone), lambda: log.revert([dice.choice(undone)])),
        "rewind": (1 * bool(instants), lambda: log.rewind(dice.choice(instants))),
    }
    (way,) = dice.choices(list(ways), [weight for weight, _ in ways.values()])
    ways[way][1]()
    return way


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_after_any_history_a_run_is_what_its_sources_say(logs, seed):
    dice, log, instants, done = random.Random(seed), logs(), [], []

    for _ in range(STEPS):
        done.append(one_step(log, instants, dice))
        instants.append(now(log))
        stand = {log.names[number] for number, _ in log.standing() if number in log.names}
        plain = logs()
        for name in sorted(stand):
            plain.load(name)
        assert log.runs() == plain.runs(), (done, sorted(stand))


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_after_any_history_a_persons_value_stays(logs, seed):
    dice, log, done = random.Random(seed), logs(), []
    done.append(dice.choice(OF_ACCOUNTS))
    log.load(done[0])
    (id,) = log.ids()
    mine = dice.choice([value for value in DURATIONS if value != log.run()["duration"]])
    log.edit(id, {"duration": mine})

    for _ in range(STEPS):
        done.append(one_step(log, [], dice, OF_ACCOUNTS))
        stand = {log.names[number] for number, _ in log.standing() if number in log.names}
        plain = logs()
        for name in sorted(stand):
            plain.load(name)
        if stand:
            assert log.runs() == [{**plain.run(), "duration": mine}], (done, mine, sorted(stand))
        else:
            assert log.run()["duration"] == mine, (done, mine)


@pytest.mark.parametrize("one", ALL)
def test_two_files_in_turn_change_nothing_after_the_first_two(logs, whole_files, one):
    for other in ALL:
        log = logs(whole_files)

        reports = [log.load(name) for name in (one, other, one, other)]

        assert [report.changeset_id for report in reports[2:]] == [None, None], other


PAIRS = (("watch.fit", "strava_17405838535.gpx"), ("strava_export.zip", "garmin_connect.tcx"))


def edit(log: Log, **updates: Any) -> None:
    (run_id,) = log.ids()
    with transaction(log.user_id):
        update_run_with_history(run_id=run_id, updates=updates, changed_by="ada")


def edit_notes(log: Log) -> None:
    edit(log, notes="Own")


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_source_counts_again_in_a_run_that_an_edit_kept(logs, one, other):
    plain, log = logs(), logs()
    for name in (one, other):
        plain.load(name)
    edit_notes(plain)
    made = log.load(one)
    edit_notes(log)
    log.revert([made.changeset_id])

    again = log.load(one)
    assert (again.joined, again.unchanged, log.load(one).changeset_id) == (1, 1, None)
    joined = log.load(other)

    assert log.run() == plain.run()
    log.revert([joined.changeset_id])
    without = logs()
    without.load(one)
    edit_notes(without)
    assert log.run() == without.run()


@pytest.mark.parametrize("edited", [False, True])
def test_a_run_made_anew_is_that_of_its_source_alone(logs, edited):
    log = logs()
    made = log.load("watch.fit")
    log.revert([made.changeset_id])
    log.load("watch.fit")
    ids = log.ids()
    with transaction(log.user_id):
        assert not list_joined(RUNS, ids)
    if edited:
        edit_notes(log)

    again = log.load("watch.fit")

    assert (again.changeset_id, again.joined, again.unchanged) == (None, 0, 1)


FIT, EXPORT, APPLE, APP = "watch.fit", "strava_export.zip", "apple_health_export.zip", "health_auto_export.json"


@pytest.mark.parametrize("before", ["garmin_account_export.zip", FIT])
def test_a_name_that_two_sources_brought_stays_that_of_one(logs, before):
    log, plain = logs(), logs()
    log.revert([log.load(before).changeset_id])  # so that the run has an id of another source
    apple = log.load(APPLE)
    log.load(APP)
    log.revert([apple.changeset_id])

    assert (log.load(APPLE).joined, len(log.ids())) == (1, 1)
    for name in (APP, APPLE):
        plain.load(name)
    assert log.run() == plain.run()


def test_a_file_joins_by_its_name_in_an_export(logs):
    log = logs()
    first = log.load(FIT)
    log.load(EXPORT)
    edit(log, datetime_utc=datetime(2025, 11, 2, 15, tzinfo=UTC))
    (reverted,) = log.revert([first.changeset_id])

    again = log.load(FIT)
    assert (again.joined, len(log.ids())) == (1, 1)

    log.revert([reverted, again.changeset_id])
    assert (log.load(FIT).changeset_id, len(log.ids())) == (None, 1)


def test_a_source_that_names_a_merged_shoe_says_nothing_new(logs):
    log = logs()
    log.load(EXPORT)
    log.load(FIT)
    worn = log.run()["shoe_id"]
    with transaction(log.user_id):
        into = shoes.create_shoe("Own").id
        merged, _ = merge_once(SHOES, worn, into, actor="ada", merge=merge_shoe)

    again = log.load(EXPORT)

    assert (again.changeset_id, again.joined, again.unchanged) == (None, 0, 1)
    assert log.run()["shoe_id"] == into
    log.revert([merged])
    assert log.run()["shoe_id"] == worn
    assert log.load(EXPORT).changeset_id is None


LIST = "strava_export_activities.csv"


@pytest.mark.parametrize("before", [(), (FIT,)])
def test_what_an_import_repeats_stays_when_the_first_is_reverted(logs, before):
    log, plain = logs(), logs()
    for name in before:
        log.load(name)
    first = log.load(LIST)
    for name in (EXPORT, FIT):
        log.load(name)
        plain.load(name)

    log.revert([first.changeset_id])

    assert log.run() == plain.run()
