"""One run in files and answers of many kinds is one run, equal in every field, in whatever order they come."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.sync.one_run import API, OF_STRAVA, Log

ORDERS = 200
NAMES = (
    "watch.fit", "garmin_connect.tcx", "strava_17405838535.gpx", "cardioActivities.csv", "session.json", "running.json",
    "strava_export_activities.csv", API,
)  # fmt: skip


def loaded(log: Log, names: Any) -> dict[str, Any]:
    for name in names:
        log.load(name)
    return log.run()


def test_in_any_order_it_is_one_run_and_each_can_be_reverted(logs, said):
    dice = random.Random(20)
    names = sorted(NAMES)
    parts = [*((name,) for name in names if name not in OF_STRAVA), OF_STRAVA]
    whole = loaded(logs(), names)
    assert whole["points_id"] == said["watch.fit"][1][0].points.id
    assert whole["name"] == "Easy miles, clocks went back" and whole["shoe_id"] == "brooks_ghost_16"
    without = {part: loaded(logs(), [name for name in names if name not in part]) for part in parts}

    for number in range(ORDERS):
        order = dice.sample(names, len(names))
        log = logs()
        assert loaded(log, order) == whole, order
        if number % 4 == 0:
            again, part = dice.choice(names), dice.choice(parts)
            assert log.load(again).changeset_id is None, (order, again)
            reverts = log.revert([log.changesets[name] for name in part if name in log.changesets])
            assert log.run() == without[part], (order, part)
            log.revert(reverts)
            assert log.run() == whole, (order, part)


def test_files_of_one_run_that_come_at_once_are_one_run(logs, said):
    log = logs()
    names = NAMES[:3]

    with ThreadPoolExecutor(len(names)) as threads:
        reports = list(threads.map(log.load, names))

    assert sorted((report.created, report.joined) for report in reports) == [(0, 1), (0, 1), (1, 0)]
    assert log.run() == loaded(logs(), names)
