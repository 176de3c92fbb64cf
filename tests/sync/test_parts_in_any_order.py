"""Several files of one activity of which each knows only a part, or no sport: their order does not matter."""

import io
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest

from fitness.db.connection import fetch_all, transaction
from fitness.db.turns import take_turn
from fitness.readers.recognition import recognise
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests.sync.one_run import ANSWERS, API, SAME_RUN, Log

FIT, GPX, TCX = "watch.fit", "strava_17405838535.gpx", "garmin_connect.tcx"
WITHOUT = {b"<type>running</type>": b""}
RIDE = {b"<type>running</type>": b"<type>cycling</type>"}
FILES: dict[str, tuple[str, int, dict[bytes, bytes]]] = {
    "most of FIT": (FIT, 6, {}),
    "some of FIT": (FIT, 4, {}),
    "GPX of no sport": (GPX, 10, WITHOUT),
    "most of GPX of no sport": (GPX, 6, WITHOUT),
    "some of GPX of no sport": (GPX, 4, WITHOUT),
    "most of GPX": (GPX, 6, {}),
    "some of GPX": (GPX, 4, {}),
    "most of TCX": (TCX, 6, {}),
    "ride": (GPX, 10, RIDE),
}
"""The file, how many tenths of it there are, and what is written in place of what. A cut FIT file says no sport."""

SETS = (
    ("most of FIT", "GPX of no sport", API),
    ("most of FIT", "some of FIT", API),
    ("most of FIT", "most of GPX of no sport", "most of TCX"),
    ("GPX of no sport", "most of GPX", API),
    ("most of GPX of no sport", "some of GPX of no sport", API),
    ("most of GPX of no sport", "some of GPX of no sport", "ride"),
    ("some of GPX", "most of TCX", API),
)


def read(name: str) -> tuple[str, list[Any]]:
    file, tenths, replaced = FILES[name]
    content = (SAME_RUN / file).read_bytes()
    content = content[: len(content) * tenths // 10]
    for old, new in replaced.items():
        content = content.replace(old, new)
    reader = recognise(io.BytesIO(content))
    return reader.source, list(reader.parse(io.BytesIO(content), ANSWERS))


@pytest.fixture
def log(logs, said):
    """Make a log into which the files can be loaded."""
    known = {**said, **{name: read(name) for name in FILES}}
    return lambda: logs(known)


def records(log: Log) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Return what the runs have, and the workouts."""
    query = """
        SELECT w.start_ts, w.end_ts, w.title, w.points_id, s.sport, s.distance_miles, s.duration_seconds
        FROM workouts AS w
        JOIN cardio_sessions AS s
          ON s.user_id = %(user_id)s AND s.workout_id = w.id
        WHERE w.user_id = %(user_id)s AND w.deleted_at IS NULL
    """
    with transaction(log.user_id):
        workouts = fetch_all(tuple, query)
    return log.runs(), workouts


def loaded(log: Log, names: Any) -> Log:
    for name in names:
        log.load(name)
    return log


@pytest.mark.parametrize("names", SETS, ids=", ".join)
def test_files_that_know_a_part_are_one_record_in_any_order(log, names):
    whole = records(loaded(log(), names))
    assert len(whole[0]) + len(whole[1]) == 1

    for order in permutations(names):
        one = loaded(log(), order)

        assert records(one) == whole, order
        assert [one.load(name).changeset_id for name in order] == [None] * len(order), order


@pytest.mark.parametrize("names", SETS, ids=", ".join)
def test_each_import_can_be_reverted_and_redone_on_the_way(log, names):
    whole = records(loaded(log(), names))
    dice = random.Random(1)

    for order in permutations(names):
        one = log()
        for name in order:
            one.load(name)
            before = records(one)
            one.revert(one.revert([dice.choice(list(one.changesets.values()))]))
            assert records(one) == before, (order, name)

        assert records(one) == whole, order


@pytest.mark.parametrize("names", SETS, ids=", ".join)
def test_an_import_that_is_reverted_is_as_if_it_had_never_been(log, names):
    for order in permutations(names):
        for reverted in order:
            one, others = loaded(log(), order), [name for name in order if name != reverted]

            reverts = one.revert([one.changesets[reverted]])
            assert records(one) == records(loaded(log(), others)), (order, reverted)
            one.revert(reverts)

            assert records(one) == records(loaded(log(), names)), (order, reverted)


def across(names: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield all histories that load the files in some order, and revert one and redo it while others are loaded."""
    for order in permutations(names):
        loads = [("load", name) for name in order]
        for place, name in enumerate(order, 1):
            for begin in range(place, len(order) + 1):
                for end in range(begin, len(order) + 1):
                    yield [*loads[:begin], ("revert", name), *loads[begin:end], ("redo", name), *loads[end:]]


@pytest.mark.parametrize("names", SETS, ids=", ".join)
def test_a_redo_joins_what_came_while_the_import_was_reverted(log, names):
    whole = records(loaded(log(), names))

    for history in random.Random(len(names[0])).sample([*across(names)], 20):
        one, reverts = log(), list[int]()
        for what, name in history:
            if what == "load":
                one.load(name)
            elif what == "revert":
                reverts = one.revert([one.changesets[name]])
            else:
                one.revert(reverts)

        assert records(one) == whole, history
        assert [one.load(name).changeset_id for name in names] == [None] * len(names), history


def test_the_same_revert_and_redo_twice_at_once_are_one(log):
    names = SETS[0]
    one, whole = loaded(log(), names), records(loaded(log(), names))

    def revert(changeset_id: int) -> list[int]:
        return one.revert([changeset_id])

    with ThreadPoolExecutor(2) as threads:
        reverts = list(threads.map(revert, [one.changesets[API]] * 2))
        assert records(one) == records(loaded(log(), names[:2]))
        redone = list(threads.map(revert, reverts[0] * 2))

    assert (len({*map(tuple, reverts)}), len({*map(tuple, redone)})) == (1, 1)
    assert records(one) == whole


@pytest.mark.parametrize("names", SETS, ids=", ".join)
def test_the_same_files_at_once_and_twice_are_one_record(log, names):
    one = log()

    def load(name: str) -> None:
        source, found = one.said[name]
        with transaction(one.user_id):
            take_turn(60)
            load_activities(found, Report(), source=source, actor="ada")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(load, random.Random(len(names[0])).sample(2 * names, 2 * len(names))))

    assert records(one) == records(loaded(log(), names))


def test_a_whole_activity_of_another_size_does_not_join_by_a_part(log, said):
    one = log()
    source, [run] = said[GPX]
    size = {"distance": 9.0, "duration": 9000.0, "elapsed": 9000.0}
    one.said["longer"] = source, [run._replace(id="gpx_longer", keys=(), **size)]

    loaded(one, (API, "some of GPX", "longer"))

    assert sorted(round(run["distance"]) for run in one.runs()) == [5, 9]
