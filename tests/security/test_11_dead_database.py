"""A dead embedded PostgreSQL is started again, and the server says meanwhile how it stands.

Before: it was never started again, and `/health` said ok.
"""

import psutil

from tests.server.servers import launch, place, prepared, serve
from tests.server.serving import CLUSTER, wait_for

__all__ = ["launch", "place", "prepared", "serve"]


def database_of(served):
    (found,) = [one for one in psutil.Process(served.process.pid).children() if one.name() == "postgres"]
    return found


def health(served):
    answer = served.get("/health")
    assert answer.status_code == 200
    return answer.json()["database"]


def test_a_killed_database_is_started_again(serve):
    served = serve()
    assert health(served) == "ok"

    killed = database_of(served)
    killed.kill()
    wait_for(lambda: killed.pid not in {one.pid for one in psutil.Process(served.process.pid).children()})
    wait_for(lambda: health(served) == "ok")

    assert served.get("/health/db").status_code == 200
    assert "PostgreSQL has ended and is started again" in served.log.read_text()
    assert served.stop() == 0


def test_while_it_cannot_start_the_server_says_so_and_starts_it_when_it_can(serve, place):
    """As with a full disk that has space again."""
    served = serve()
    files = place / "data" / CLUSTER
    needed = files / "global" / "pg_control"

    needed.rename(needed.with_suffix(".away"))
    database_of(served).kill()
    wait_for(lambda: health(served) == "unreachable")
    assert served.get("/health/db").status_code == 503
    wait_for(lambda: served.log.read_text().count("started again") > 1)
    needed.with_suffix(".away").rename(needed)

    wait_for(lambda: health(served) == "ok")
    assert "pg_control" in served.log.read_text()


def test_a_server_whose_master_was_killed_can_be_started_at_once(serve, launch):
    served = serve()
    served.process.kill()
    served.process.wait()

    again = launch(PORT=str(served.port))
    again.port = served.port
    again.wait_until_it_serves()

    assert "Cannot listen" not in again.log.read_text()
    assert again.stop() == 0
