"""How often a request waits for the database: measured through a proxy that delays each answer of PostgreSQL.

The server asks, PostgreSQL answers: that is a trip. The proxy passes the answer on later, as a long way would do, so a
request takes longer by the delay for each trip that it waits for, and not for one that it does not wait for.
"""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice, repeat
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import orjson
import psycopg

from benchmarks.load import Client, latencies, processors_awake, request
from benchmarks.measures import Bench, Measure
from benchmarks.service import Service, serving
from fitness.connections.encryption import digest

COUNTED_BY = 0.2
"""Seconds of delay by which trips are counted: much more than a request differs from one time to the next."""
WARM = 8
"""After so many times, a request's statements are prepared."""
FAR_AWAY = 0.002
"""Seconds to a database in another building."""
ALLOWED = {
    "page": 1,
    "one record": 1,
    "metric": 2,
    "edit": 3,
    "create": 3,
    "delete": 3,
    "workout of 20 sets": 5,
    "append a set": 5,
    "statistics": 4,
    "log-in": 6,
    "page, API token": 3,
    "edit, API token": 4,
}
"""Request → trips that it may wait for."""
FAR = {"page": 11.0, "edit": 15.0}
"""Request → milliseconds that it may take with a database that is FAR_AWAY."""
TRAVELLER = 9
"""The user of these requests, as they delete runs that other measures edit."""
ACCOUNT = {"email": "trips@example.com", "name": "Trips", "password": "a long pass phrase"}
API_TOKEN = f"fit_{TRAVELLER}.trips"


class Proxy:
    """Passes on what a server and PostgreSQL send; all that PostgreSQL sends takes `delay` seconds more."""

    def __init__(self, database_url: str) -> None:
        parts = urlsplit(database_url)
        query = parse_qs(parts.query)
        self._upstream = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://{parts.username}@127.0.0.1:{self._listener.getsockname()[1]}{parts.path}"
        self.delay = 0.0

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Accept connections until the block ends."""
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(self._upstream)
                answers: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
                for pump, given in (
                    (_pass_on, (client, upstream)),
                    (self._take_answers, (upstream, answers)),
                    (self._give_answers, (client, answers)),
                ):
                    threading.Thread(target=pump, args=given, daemon=True).start()

    def _take_answers(self, upstream: socket.socket, answers: "SimpleQueue[tuple[float, bytes]]") -> None:
        answer = b"first"
        while answer:
            try:
                answer = upstream.recv(1 << 16)
            except OSError:
                answer = b""
            answers.put((time.perf_counter() + self.delay, answer))

    def _give_answers(self, client: socket.socket, answers: "SimpleQueue[tuple[float, bytes]]") -> None:
        with suppress(OSError):
            while True:
                due, answer = answers.get()
                time.sleep(max(0.0, due - time.perf_counter()))
                if not answer:
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(answer)


def _pass_on(client: socket.socket, upstream: socket.socket) -> None:
    with suppress(OSError):
        while sent := client.recv(1 << 16):
            upstream.sendall(sent)
        upstream.shutdown(socket.SHUT_RDWR)


def trip_measures(bench: Bench) -> Iterator[Measure]:
    """Count the trips that requests wait for, against what each may; and time those of a database that is far away."""
    limits = ("RATE_LIMIT_LOGIN", "RATE_LIMIT_LOGIN_TOTAL", "RATE_LIMIT_TOKEN")
    settings = {"WORKERS": "1", **dict.fromkeys(limits, "100000 per minute")}
    with (
        Proxy(bench.large.database_url).running() as proxy,
        serving(proxy.url, bench.directory, settings) as service,
        processors_awake(),
    ):
        requests = _requests(service)
        client = Client(service.port)
        for name, allowed in ALLOWED.items():
            near, far = (min(_taken(client, proxy, requests[name], delay, bench.rounds)) for delay in (0.0, COUNTED_BY))
            yield Measure(f"trips: {name}", "trips", (far - near) / COUNTED_BY, allowed, at_most=1.1)
        for name, allowed in FAR.items():
            taken = statistics.median(_taken(client, proxy, requests[name], FAR_AWAY, 60 * bench.rounds)) * 1000
            yield Measure(f"2 ms a trip: {name}", "ms", taken, allowed, at_most=1)


def _taken(client: Client, proxy: Proxy, requests: Iterator[bytes], delay: float, times: int) -> list[float]:
    """Return how many seconds each of `times` answers took, after some that do not count."""

    def taken(times: int) -> list[float]:
        return [latencies(client, one, 1)[0] for one in islice(requests, times)]

    proxy.delay = 0
    taken(WARM)
    proxy.delay = delay
    return taken(1 + times)[1:]


def _requests(service: Service) -> dict[str, Iterator[bytes]]:
    """Return the requests of each name, without an end: some work only once."""
    token = service.token(TRAVELLER)
    with psycopg.connect(service.database_url, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO api_tokens (user_id, token_hash, name, scopes) VALUES (%s, %s, 'Trips', '{read,write}')",
            [TRAVELLER, digest(API_TOKEN)],
        )
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5} for _ in range(20)]
    workout = {"workout_type": "STRENGTH", "start_ts": "2025-11-02T12:00:00Z", "strength_sets": sets}
    with httpx.Client(base_url=f"{service.url}/v1", headers={"Authorization": f"Bearer {token}"}) as client:
        client.post("/auth/signup", json=ACCOUNT).raise_for_status()
        live = client.post("/workouts", json={**workout, "in_progress": True}).raise_for_status().json()["workout_id"]
        executions = client.get(f"/workouts/{live}").raise_for_status().json()["exercise_executions"]
    appended_to = f"/v1/workouts/{live}/exercise-executions/{executions[0]['exercise_id']}/sets"
    run = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
    login = {key: ACCOUNT[key] for key in ("email", "password")}
    page, edit = ("GET", "/v1/runs?limit=50"), ("PATCH", "/v1/runs/manual_1")
    corrected = {"distance": 5.25, "change_reason": "GPS was off"}

    def asking(method: str, path: str, body: Any = None, *, token: str = token) -> bytes:
        return request(method, path, token, b"" if body is None else orjson.dumps(body))

    return {
        "page": repeat(asking(*page)),
        "one record": repeat(asking("GET", "/v1/runs/manual_1")),
        "metric": repeat(asking("GET", "/v1/metrics/mileage/total")),
        "edit": repeat(asking(*edit, corrected)),
        "create": repeat(asking("POST", "/v1/runs", run)),
        "delete": (asking("DELETE", f"/v1/runs/manual_{number}") for number in count(2)),
        "workout of 20 sets": (asking("POST", "/v1/workouts", {**workout, "client_uuid": uuid4()}) for _ in count()),
        "append a set": repeat(asking("POST", appended_to, {"reps": 5, "weight": 100})),
        "statistics": repeat(asking("GET", "/v1/users/me/stats")),
        "log-in": repeat(asking("POST", "/v1/auth/login", login)),
        "page, API token": repeat(asking(*page, token=API_TOKEN)),
        "edit, API token": repeat(asking(*edit, corrected, token=API_TOKEN)),
    }
