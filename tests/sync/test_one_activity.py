"""One run in files and answers of many kinds is one run, equal in every field, in whatever order they come."""

import io
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fitness.db import connection, runs, users
from fitness.db.history import undo
from fitness.providers.strava.activities import parse_activity
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from tests.samples import ACTIVITIES, DATA

ORDERS = 200
FILES = (
    ACTIVITIES / "same_run" / "watch.fit",
    ACTIVITIES / "same_run" / "garmin_connect.tcx",
    ACTIVITIES / "same_run" / "strava_17405838535.gpx",
    ACTIVITIES / "runkeeper" / "cardioActivities.csv",
    ACTIVITIES / "polar" / "session.json",
    ACTIVITIES / "google_fit" / "running.json",
    DATA / "strava_export_activities.csv",
)
DAY = "2025-11-02"
OF_STRAVA = ("api", "strava_export_activities.csv")
"""The answer and the file of one source: what one of them has said already, the other one does not bring again."""

OF_ORDER = ("id", "source", "version", "last_edited_at", "last_edited_by", "created_at", "updated_at")
"""What depends on the order, or on when it was stored."""


def of_file(path: Any) -> tuple[str, list[Any]]:
    """Return the source of a file, and its records of the day."""
    stream = io.BytesIO(path.read_bytes())
    reader = recognise(stream)
    parsed = reader.parse(stream, Answers(ZoneInfo("America/Chicago")))
    return reader.source, [one for one in parsed if f"{getattr(one, 'datetime_utc', None)}".startswith(DAY)]


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[str, list[Any]]]:
    """What each file or answer says, {its name: (source, records)}."""
    page = json.loads((DATA / "strava_activities_page1.json").read_text())
    api = [parse_activity(one, 1, {"g18811201": "Brooks Ghost 16"}) for one in page if one["id"] == 16321877401]
    found = {path.name: of_file(path) for path in FILES} | {"api": ("Strava", api)}
    assert all(len(records) == 1 for _, records in found.values()), found
    return found


@dataclass
class Log:
    """Somebody's log into which it is loaded; `changesets` has the first one of each name that changed something."""

    user_id: int
    said: dict[str, tuple[str, list[Any]]]
    changesets: dict[str, int] = field(default_factory=dict)

    def load(self, name: str) -> Report:
        source, records = self.said[name]
        report = Report("sync" if name == "api" else "import")
        with connection.transaction(self.user_id):
            load_activities(records, report, source=source, actor="ada")
        if report.changeset_id:
            self.changesets.setdefault(name, report.changeset_id)
        return report

    def revert(self, changesets: list[int]) -> list[int]:
        """Revert changesets; return those of the reverts, to be reverted in the opposite order."""
        done: list[int] = []
        for changeset_id in changesets:
            with connection.transaction(self.user_id):
                done.insert(0, undo.revert_changeset(changeset_id, actor="ada").changeset_id)
        return done

    def run(self) -> dict[str, Any]:
        """Return the fields of the only run."""
        with connection.transaction(self.user_id):
            (run,) = runs.get_all_runs()
        return {name: value for name, value in vars(run).items() if name not in OF_ORDER}


@pytest.fixture
def logs(app: Any, said: Any) -> Callable[[], Log]:
    """Make logs of people of their own, in one database."""
    numbers: Iterator[int] = iter(range(10_000))

    def make() -> Log:
        name = f"ada{next(numbers)}"
        with connection.system_transaction():
            user = users.create_user(email=f"{name}@example.com", name=name, hashed_password=None, username=name)
        return Log(user.user_id, said)

    return make


def loaded(log: Log, names: Any) -> dict[str, Any]:
    for name in names:
        log.load(name)
    return log.run()


def test_in_any_order_it_is_one_run_and_each_can_be_reverted(logs, said):
    dice = random.Random(20)
    names = sorted(said)
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
    names = [path.name for path in FILES[:3]]

    with ThreadPoolExecutor(len(names)) as threads:
        reports = list(threads.map(log.load, names))

    assert sorted((report.created, report.joined) for report in reports) == [(0, 1), (0, 1), (1, 0)]
    assert log.run() == loaded(logs(), names)
