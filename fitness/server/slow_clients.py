"""Clients that send slowly, or stop in the middle, hold no thread that serves requests.

A new request waits in the worker's poller until its head is there. If its whole body is there as well, it is served at
once. Otherwise a thread of its own pool, which only waits, reads the body to a file first. Each part has a deadline.
"""

import errno
import io
import re
import select
import selectors
import socket
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import IO, Any

from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_SECONDS = 10.0
"""How long the head of a request may take."""
LARGEST_HEAD = 64 * 1024
"""Bytes; what is longer is refused without being awaited."""
STOP_SECONDS = 2.0
"""The same while the worker stops."""
BETWEEN_SECONDS = 10.0
"""How long a client may send nothing in the middle of a body."""
BODY_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""A body may take BODY_SECONDS, and longer if its client is at least that fast."""
READERS = 32
"""How many bodies are awaited at once, in each worker."""
SPOOLED_BYTES = 1024 * 1024
"""Larger bodies are kept in a file."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class TooSlow(ParseException):
    """A part of a request did not arrive in time."""

    def __str__(self) -> str:
        return "The request came too slowly"


class Unreader(SocketUnreader):
    """Reads a connection with deadlines."""

    _ends_at: float | None = None

    def restart(self) -> None:
        """Give the next request its own deadline."""
        self._ends_at = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        now = time.monotonic()
        self._ends_at = self._ends_at or now + BODY_SECONDS
        seconds = min(BETWEEN_SECONDS, self._ends_at - now)
        if seconds <= 0 or not select.select([self.sock], [], [], seconds)[0]:
            raise TooSlow
        received = super().chunk(size_hint)  # pyright: ignore[reportCallIssue] - the stubs are older
        self._ends_at += len(received) / SLOWEST_BYTES_PER_SECOND
        return received


class Connection(TConn):
    """A connection whose requests are read with deadlines.

    `seen` is how much of a head has arrived, and `late_at` when all of it must have.
    """

    parser: Any
    seen = 0
    late_at = 0.0

    def init(self) -> None:
        if not self.initialized:
            super().init()
            self.parser.unreader = Unreader(self.sock)


class Spooled:
    """A body that was read already."""

    failed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.read, self.readline = file.read, file.readline

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")


class ReadAhead:
    """A parser whose next request was read already."""

    def __init__(self, parser: Any, request: Any) -> None:
        self.parser = parser
        self._request = request

    def __next__(self) -> Any:
        request, self._request = self._request, None
        return request or next(self.parser)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parser, name)


class PatientWorker(ThreadWorker):
    """A worker whose threads serve only requests that have arrived; `largest_body` is where it stops to read one."""

    largest_body: int

    def init_process(self) -> None:
        self._heads: deque[Connection] = deque()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, client, address, listener.getsockname())
        connection.data_ready = True
        self._expect_head(connection)

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Take up a connection that was kept alive."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._expect_head(conn)

    def enqueue_req(self, conn: Any) -> None:
        """Serve what follows the request before on its connection, of which the first part was read with that one."""
        conn.parser.unreader.restart()
        self._read_first(conn)

    def murder_pending(self) -> None:
        """Close the connections whose heads did not come in time; a worker that stops gives them less."""
        super().murder_pending()
        if not self.alive:
            for one in self._heads:
                one.late_at = min(one.late_at, time.monotonic() + STOP_SECONDS)
        while self._heads and self._heads[0].late_at <= time.monotonic():
            late = self._heads.popleft()
            self.poller.unregister(late.sock)
            self.handle_error(None, late.sock, late.client, TooSlow())
            self._close(late)

    def _expect_head(self, conn: Connection) -> None:
        """Give a request the time to arrive, whatever those before it on its connection took."""
        if conn.initialized:
            conn.parser.unreader.restart()
        conn.late_at, conn.seen = time.monotonic() + HEAD_SECONDS, 0
        self._heads.append(conn)
        self._look_at_head(conn)

    def _look_at_head(self, conn: Connection) -> None:
        """Serve a request whose head is there; otherwise wait for more of it."""
        try:
            arrived = conn.sock.recv(LARGEST_HEAD, socket.MSG_PEEK)
        except BlockingIOError:
            self._wait_for_more(conn, 1)
            return
        except OSError:
            arrived = b""
        end = arrived.find(b"\r\n\r\n")
        if len(arrived) > conn.seen and end < 0 and len(arrived) < LARGEST_HEAD:
            conn.seen = len(arrived)
            self._wait_for_more(conn, conn.seen + 1)
            return
        self._heads.remove(conn)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        if len(arrived) <= conn.seen:  # nothing more will come
            self._close(conn)
        elif _is_whole(arrived, end + 4):
            super().enqueue_req(conn)
        else:
            self._read_first(conn)

    def _wait_for_more(self, conn: Connection, wanted: int) -> None:
        # Without it, the poller would report the bytes that are there already again and again.
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_more, conn))

    def _on_more(self, conn: Connection, client: socket.socket) -> None:
        self.poller.unregister(client)
        self._look_at_head(conn)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def _read_first(self, conn: Any) -> None:
        """Read a request in a thread that may wait, then let it be served."""
        self._readers.submit(self._read, conn).add_done_callback(partial(self._after_reading, conn))

    def _after_reading(self, conn: Any, done: "Future[bool]") -> None:
        if done.result():
            super().enqueue_req(conn)
        else:
            self.method_queue.defer(self.finish_request, conn, done)

    def _read(self, conn: Any) -> bool:
        """Read the next request of a connection; return False if it is none, which is answered."""
        request = None
        try:
            conn.sock.setblocking(True)
            conn.init()
            parser = getattr(conn.parser, "parser", conn.parser)
            request = next(parser)
            if request._expected_100_continue:
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
                request._expected_100_continue = False
            request.body = Spooled(self._spool(request.body))
            conn.parser = ReadAhead(parser, request)
        except StopIteration:
            return False
        except OSError:
            return False
        except Exception as error:
            self.handle_error(request, conn.sock, conn.client, error)
            return False
        return True

    def _spool(self, body: Any) -> IO[bytes]:
        """Read a body to a file, up to one byte more than the app accepts, so that it sees that there is more."""
        file = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - closed with the request
        left = self.largest_body + 1
        while left > 0 and (piece := body.read(min(left, io.DEFAULT_BUFFER_SIZE * 8))):
            file.write(piece)
            left -= len(piece)
        file.seek(0)
        return file


def _is_whole(arrived: bytes, head_bytes: int) -> bool:
    """Return whether a request has arrived with its body, as far as is seen at a glance."""
    head = arrived[:head_bytes]
    length = _LENGTH.search(head)
    return not _CHUNKED.search(head) and (length is None or len(arrived) >= head_bytes + int(length[1]))
