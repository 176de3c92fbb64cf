"""The measure of syncs: a first sync with a Strava that answers at once, against the same activities in a file."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from benchmarks.measures import Bench, Measure, in_turn
from benchmarks.service import Service, serving
from benchmarks.uploads import upload_file, write_strava_export
from tests.standins.server import Answer, json_answer
from tests.standins.strava import MOST_PER_PAGE, StravaStandIn, make_activity

ACTIVITIES = 10_000
FIRST_USER = 20
"""Those before it have runs of other measures."""


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
    write_strava_export(file, activities)
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
