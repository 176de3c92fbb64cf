"""The measure of syncs: a first sync with a Strava that answers at once, against the same activities in a file."""

import csv
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measures import Bench, Measure, in_turn, upload_file
from benchmarks.service import Service, serving
from tests.standins.server import Answer, json_answer
from tests.standins.strava import MOST_PER_PAGE, StravaStandIn, make_activity

ACTIVITIES = 10_000
FIRST_USER = 20
"""Those before it have runs of other measures."""

HEADING = [
    *("Activity ID", "Activity Date", "Activity Name", "Activity Type", "Activity Description", "Elapsed Time"),
    *("Distance", "Max Heart Rate", "Relative Effort", "Commute", "Activity Private Note", "Activity Gear", "Filename"),
    *("Athlete Weight", "Bike Weight", "Elapsed Time", "Moving Time", "Distance"),
]


class ReadyStrava(StravaStandIn):
    """A Strava that has the answers ready: what it takes to make them is not measured."""

    def __init__(self, activities: list[dict[str, Any]]) -> None:
        super().__init__()
        pages = range(0, len(activities), MOST_PER_PAGE)
        self._ready = [json_answer(activities[first : first + MOST_PER_PAGE]) for first in pages]
        self._end = json_answer([])
        self.limits = self.read_limits = (1_000_000, 1_000_000)

    def _page(self, activities: list[dict[str, Any]], query: Mapping[str, str]) -> Answer:
        number = int(query["page"])
        return self._ready[number - 1] if number <= len(self._ready) else self._end


def sync_measures(bench: Bench) -> Iterator[Measure]:
    """Rows a second of a first sync end to end, against the upload of an export of the same activities."""
    activities = [make_activity(number) for number in range(ACTIVITIES)]
    file = bench.directory / "activities.csv"
    _export(file, activities)
    users = iter(range(FIRST_USER, FIRST_USER + 2 * (bench.rounds + 1)))
    with ReadyStrava(activities) as strava:
        settings = {f"STRAVA_{name.upper()}": address for name, address in strava.addresses.items()}
        settings |= {"STRAVA_CLIENT_ID": strava.client_id, "STRAVA_CLIENT_SECRET": strava.client_secret}
        with serving(bench.large.database_url, bench.directory, settings) as service:
            ours, reference = in_turn(
                bench.rounds,
                lambda: _sync(service, next(users)),
                lambda: upload_file(service, "strava", file, next(users)),
            )
    yield Measure(f"sync of {ACTIVITIES:,} activities ÷ upload", "rows/s", ours, reference, at_least=0.5)


def _sync(service: Service, user_id: int) -> float:
    """Connect a user as a browser would, sync, and return the rows a second that were new."""
    headers = {"Authorization": f"Bearer {service.token(user_id)}"}
    with httpx.Client(base_url=f"{service.url}/v1", headers=headers, timeout=600) as client:
        asked = client.get("/oauth/strava/authorize-url").raise_for_status().json()["url"]
        came_back = httpx.URL(httpx.get(asked).headers["Location"])
        client.get(f"/oauth/strava/callback?{came_back.query.decode()}")
        started = time.perf_counter()
        report = client.post("/strava/sync").raise_for_status().json()
        return report["created"] / (time.perf_counter() - started)


def _export(file: Path, activities: list[dict[str, Any]]) -> None:
    """Write activities as Strava's export has them."""
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADING)
        for one in activities:
            start = datetime.fromisoformat(one["start_date"])
            said = one["id"], f"{start:%b} {start.day}, {start:%Y, %I:%M:%S %p}", one["name"], "Run", ""
            shown = one["elapsed_time"], f"{one['distance'] / 1000:.2f}", "", "", "false", "", "", "", "", ""
            measured = float(one["elapsed_time"]), float(one["moving_time"]), float(one["distance"])
            writer.writerow([*said, *shown, *measured])
