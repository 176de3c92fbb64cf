"""Metrics of a real server: those of all its processes together, and of those that are alive."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from tests.server.serving import Served, wait_for

TOKEN = "a-token-for-reading-metrics-0123456789"


def value(served: Served, metric: str) -> float:
    answer = httpx.get(
        f"http://127.0.0.1:{served.port}/internal/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
    )
    found = re.search(rf"^{re.escape(metric)} (\S+)$", answer.text, re.MULTILINE)
    return float(found[1]) if found else 0


def workers(served: Served) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(served.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            found += [one] if one.name() != "postgres" else []
    return found


def test_the_processes_of_a_server_count_together(serve: Callable[..., Served], place: Path) -> None:
    temporary = place / "temporary"
    temporary.mkdir()
    temporary.chmod(0o1777)
    served = serve(WORKERS="2", THREADS="1", METRICS_TOKEN=TOKEN, TMPDIR=str(temporary))
    most = 'fitness_pool_connections{state="most"}'
    count = 'fitness_requests_total{method="unknown",route="unknown",status="404"}'

    def ask() -> float:
        assert served.get("/nowhere").status_code == 404
        return value(served, most)

    for _ in range(20):
        ask()
    assert value(served, count) == 20
    # Each of them has answered by now, and has a pool of two.
    wait_for(lambda: ask() == 4)
    before = value(served, count)

    killed = workers(served)[0]
    killed.kill()
    wait_for(lambda: len(workers(served)) == 2 and killed not in workers(served))
    wait_for(lambda: ask() == 4)

    assert value(served, count) > before
    assert {path.name.partition("-metrics-")[0] for path in temporary.iterdir()} == {"fitness"}
    assert served.stop() == 0
    assert list(temporary.iterdir()) == []
