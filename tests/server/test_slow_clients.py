"""What threads of a worker do with connections, whatever becomes of these; more is in tests/security."""

import io
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from gunicorn.config import Config

from fitness.server.slow_clients import Connection, PatientWorker
from tests.security.wire import Wire, read_from
from tests.server.serving import Served


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


def test_a_body_for_which_there_is_no_room_is_no_lost_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    worker = Worker()
    worker.largest_body = 4 * 1024**2
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))

    with pytest.raises(RuntimeError):
        worker._spool(io.BytesIO(bytes(2 * 1024**2)))


def test_the_answer_to_a_body_that_is_too_large_says_that_the_connection_is_closed(
    serve: Callable[..., Served],
) -> None:
    size = 2 * 1024**2 + 70_000
    wire = Wire(serve(MAX_UPLOAD_MB="1").port)
    with wire.connect() as client, client.makefile("rb") as stream:
        client.sendall(f"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size)

        assert read_from(stream).headers["connection"] == "close"
        assert stream.read() == b""
