"""Sources that were taken out of a run stay apart, whatever comes again in whatever order."""

import random
from typing import Any

import pytest

from tests.sync.one_run import API, OF_STRAVA, Log

NAMES = (
    "watch.fit", "garmin_connect.tcx", "strava_17405838535.gpx", "cardioActivities.csv", "session.json",
    "strava_export_activities.csv", API,
)  # fmt: skip
ORDERS = 12


def loaded(log: Log, names: Any) -> Log:
    for name in names:
        log.load(name)
    return log


def fields(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(runs, key=str)


@pytest.fixture
def parted(logs):
    """Make a log in which some of the names are taken out of the run of all; return it, and what the runs are."""

    def parted(order: list[str], part: set[str]) -> tuple[Log, int, list[dict[str, Any]]]:
        log = loaded(logs(), order)
        (id,) = log.ids()
        separation = log.separate(id, sorted(part))
        one, other = ([name for name in order if (name in part) == taken] for taken in (False, True))
        return log, separation.changeset_id, fields([loaded(logs(), names).run() for names in (one, other)])

    return parted


@pytest.mark.parametrize("number", range(ORDERS))
def test_what_is_apart_stays_apart_in_any_order(logs, parted, number):
    dice = random.Random(number)
    order = dice.sample(NAMES, len(NAMES))
    part = set(dice.sample(NAMES, dice.randint(1, len(NAMES) - 3)))
    part |= set(OF_STRAVA) if part & set(OF_STRAVA) else set()
    log, separation, expected = parted(order, part)
    assert fields(log.runs()) == expected

    for again in (dice.sample(NAMES, len(NAMES)) for _ in range(2)):
        assert [log.load(name).changeset_id for name in again] == [None] * len(NAMES), (order, part, again)
    imports = [changeset for changeset, kind in log.standing() if kind in {"import", "sync"}]
    reverts = log.revert(dice.sample(imports, len(imports)))
    assert log.runs() == []
    if number % 2:
        log.revert(reverts)
    else:
        loaded(log, dice.sample(NAMES, len(NAMES)))
    assert fields(log.runs()) == expected, (order, part)

    redo = log.revert([separation])
    assert log.run() == loaded(logs(), NAMES).run(), (order, part)
    log.revert(redo)
    assert fields(log.runs()) == expected, (order, part)


def test_a_run_stays_with_the_source_that_it_was_made_of(parted):
    order = ["strava_export_activities.csv", "watch.fit", "garmin_connect.tcx"]
    log, _, expected = parted(order, {"strava_export_activities.csv"})

    assert sorted(log.ids())[1] == "strava_16321877401"
    assert log.ids()[0].startswith("file_") or log.ids()[1].startswith("file_")
    assert fields(log.runs()) == expected


def test_the_same_separation_again_changes_nothing(logs):
    log = loaded(logs(), NAMES[:3])
    (id,) = log.ids()
    first = log.separate(id, [NAMES[1]])
    before = log.standing(), log.runs()

    assert log.separate(id, [NAMES[1]]) == first
    assert (log.standing(), log.runs()) == before


def test_a_source_that_joins_a_new_record_follows_it_back(logs):
    log = loaded(logs(), NAMES[:2])
    (id,) = log.ids()
    separation = log.separate(id, [NAMES[1]])
    log.revert([log.changesets[NAMES[0]]])
    log.load(NAMES[2])
    assert len(log.ids()) == 1

    redo = log.revert([separation.changeset_id])
    assert log.ids() == [id]
    log.revert(redo)
    assert log.ids() == [separation.id]
