"""One run in files and answers of many kinds, and logs of people into which they are loaded."""

import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fitness.db import connection, record_sources, runs, runs_history
from fitness.db.runs import RUNS
from fitness.providers.strava.activities import parse_activity
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.sync import undoing
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from fitness.sync.separating import Separated, separate
from tests.samples import ACTIVITIES, DATA

SAME_RUN = ACTIVITIES / "same_run"
FILES = (
    SAME_RUN / "watch.fit",
    SAME_RUN / "garmin_connect.tcx",
    SAME_RUN / "strava_17405838535.gpx",
    SAME_RUN / "strava_export.zip",
    SAME_RUN / "garmin_account_export.zip",
    SAME_RUN / "garmin_activities.csv",
    SAME_RUN / "apple_health_export.zip",
    SAME_RUN / "health_auto_export.json",
    ACTIVITIES / "runkeeper" / "cardioActivities.csv",
    ACTIVITIES / "polar" / "session.json",
    ACTIVITIES / "google_fit" / "running.json",
    DATA / "strava_export_activities.csv",
)
ANSWERS = Answers(ZoneInfo("America/Chicago"), distance_unit="mi", zone_source="answer")
API = "api"
ALL = (*(path.name for path in FILES), API)
OF_STRAVA = (API, "strava_export_activities.csv")
"""The answer and the file of one source: what one of them has said already, the other one does not bring again."""
OF_ORDER = ("id", "source", "version", "last_edited_at", "last_edited_by", "created_at", "updated_at")
"""What depends on the order, or on when it was stored."""


def said_by_all() -> dict[str, tuple[str, list[Any]]]:
    """Return what each file or answer says, {its name: (source, records)}."""
    page = json.loads((DATA / "strava_activities_page1.json").read_text())
    api = [parse_activity(one, 1, {"g18811201": "Brooks Ghost 16"}) for one in page if one["id"] == 16321877401]
    return {path.name: _said_by(path) for path in FILES} | {API: ("Strava", api)}


def _said_by(path: Any) -> tuple[str, list[Any]]:
    stream = io.BytesIO(path.read_bytes())
    reader = recognise(stream)
    return reader.source, list(reader.parse(stream, ANSWERS))


def on_day(records: list[Any], day: str) -> list[Any]:
    """Return the runs of a day."""
    return [one for one in records if f"{getattr(one, 'datetime_utc', None)}".startswith(day)]


@dataclass
class Log:
    """Somebody's log into which it is loaded; `changesets` has the first one of each name that changed something."""

    user_id: int
    said: dict[str, tuple[str, list[Any]]]
    changesets: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def load(self, name: str) -> Report:
        source, records = self.said[name]
        report = Report("sync" if name == API else "import")
        with connection.transaction(self.user_id):
            load_activities(records, report, source=source, actor="ada")
        if report.changeset_id:
            self.changesets.setdefault(name, report.changeset_id)
            self.names[report.changeset_id] = name
        return report

    def revert(self, changesets: list[int]) -> list[int]:
        """Revert changesets; return those of the reverts, to be reverted in the opposite order."""
        done: list[int] = []
        for changeset_id in changesets:
            with connection.transaction(self.user_id):
                done.insert(0, undoing.revert_changeset(changeset_id, actor="ada").changeset_id)
        return done

    def separate(self, id: str, names: list[str]) -> Separated:
        """Take the sources that say it in these files or answers out of a run."""
        with connection.transaction(self.user_id):
            sources = record_sources.list_sources(RUNS, id)
            keys = [one.key for one in sources if one.changeset_id in {self.changesets.get(name) for name in names}]
            return separate(RUNS, id, keys, actor="ada")

    def edit(self, id: str, changes: dict[str, Any]) -> None:
        with connection.transaction(self.user_id):
            runs_history.update_run_with_history(id, changes, changed_by="ada")

    def rewind(self, to: datetime) -> None:
        with connection.transaction(self.user_id):
            undoing.rewind(to, actor="ada")

    def standing(self) -> list[tuple[int, str]]:
        """Return (changeset, kind) of those that are not reverted."""
        query = """
            SELECT changeset_id, kind
            FROM changesets
            WHERE user_id = %(user_id)s AND reverted_by IS NULL
            ORDER BY changeset_id
        """
        with connection.transaction(self.user_id):
            return connection.fetch_all(tuple, query)

    def runs(self) -> list[dict[str, Any]]:
        """Return the fields of all runs."""
        with connection.transaction(self.user_id):
            found = runs.get_all_runs()
        return [{name: value for name, value in vars(run).items() if name not in OF_ORDER} for run in found]

    def ids(self) -> list[str]:
        """Return the ids of all runs."""
        with connection.transaction(self.user_id):
            return [run.id for run in runs.get_all_runs()]

    def run(self) -> dict[str, Any]:
        """Return the fields of the only run."""
        (run,) = self.runs()
        return run
