"""What threads of a worker do with connections, whatever becomes of these; more is in tests/security."""

import socket

from gunicorn.config import Config

from fitness.server.slow_clients import Connection, PatientWorker


class Worker(PatientWorker):
    """A worker that serves nobody, and notes which connections it closes."""

    def __init__(self) -> None:
        self.ended: list[Connection] = []

    def end(self, conn: Connection) -> None:
        self.ended.append(conn)


def fail(conn: Connection) -> None:
    raise ValueError(conn)


def test_a_connection_that_fails_is_closed_and_its_thread_goes_on() -> None:
    worker = Worker()
    here, there = socket.socketpair()
    with here, there:
        conn = Connection(Config(), here, "", "")

        worker.guard(fail, conn)

    assert worker.ended == [conn]
