"""Clients that send or read slowly, or stop in the middle, hold no thread that serves requests.

All threads of a worker that serve requests wait at one poller. Who finds that a connection has something to read takes
it: no thread hands a request to another one. If its head is there with its whole body, it is served at once. If its
head is not whole, the connection goes back to the poller. If its body is not whole, a thread of another pool, which
only waits, reads it to a file first; such a thread also sends what a client does not take at once. Each part has a
deadline.
"""

import io
import logging
import re
import select
import selectors
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from fitness.server.answers import Answer

HEAD_SECONDS = 10.0
"""How long the head of a request may take."""
LARGEST_HEAD = 64 * 1024
"""Bytes; what is longer is refused without being awaited."""
STOP_SECONDS = 2.0
"""The same while the worker stops, and how long it waits then for another request on a connection."""
BETWEEN_SECONDS = 10.0
"""How long a client may send nothing in the middle of a body."""
BODY_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 16 * 1024
"""A body may take BODY_SECONDS, and longer if its client is at least that fast."""
READING_SECONDS = 30
"""How long a client may read nothing in the middle of an answer."""
READERS = 32
"""How many bodies are awaited at once, in each worker, and clients that read their answers slowly."""
SPOOLED_BYTES = 1024 * 1024
"""Larger bodies are kept in a file."""

logger = logging.getLogger(__name__)

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class TooSlow(ParseException):
    """A part of a request did not arrive in time."""

    def __str__(self) -> str:
        return "The request came too slowly"


class BodyTooLarge(ParseException):
    """The head of a request names a body that is larger than any may be: it is not read."""


class CutOff(ParseException):
    """A client left before the body had the length that the head names."""

    def __str__(self) -> str:
        return "The body is not whole"


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
        if seconds <= 0 or not _is_readable(self.sock, seconds):
            raise TooSlow
        received = super().chunk(size_hint)  # pyright: ignore[reportCallIssue] - the stubs are older
        self._ends_at += len(received) / SLOWEST_BYTES_PER_SECOND
        return received


class Connection(TConn):
    """A connection whose requests are read with deadlines.

    `seen` is how much of a head has arrived, and `late_at` when all of it must have. A connection is `idle` if it has
    had an answer, and nothing of its next request has arrived; it `is_read` if its next request was read already.
    `unsent` is an answer of which its client does not take all at once.
    """

    parser: Any
    seen = 0
    late_at = 0.0
    idle = is_read = False
    unsent: Answer | None = None

    def init(self) -> None:
        if not self.initialized:
            super().init()
            self.parser.unreader = Unreader(self.sock)


class Spooled:
    """A body that was read already; `is_whole` if nothing of it is left on the connection."""

    failed = False

    def __init__(self, file: IO[bytes], *, is_whole: bool) -> None:
        self.read, self.readline, self.is_whole = file.read, file.readline, is_whole

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

    def finish_body(self, **limits: Any) -> bool:
        """Return whether the connection is at the next request, however little of the body the application has read."""
        body = self.parser.mesg.body
        return body.is_whole if isinstance(body, Spooled) else self.parser.finish_body(**limits)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parser, name)


class PatientWorker(ThreadWorker):
    """A worker whose threads serve only requests that have arrived; `largest_body` is where it stops to read one.

    The main thread accepts and closes connections, and looks after deadlines. `_waiting` has the connections that wait
    at the poller, by their file descriptors: a connection belongs to the thread that has taken it out.
    """

    largest_body: int

    def init_process(self) -> None:
        self._arrivals = selectors.DefaultSelector()
        self._waiting: dict[int, Connection] = {}
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="patient")
        super().init_process()

    def run(self) -> None:
        for number in range(self.cfg.threads):
            threading.Thread(target=self._serve_arrivals, name=f"server-{number}", daemon=True).start()
        super().run()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, client, address, listener.getsockname())
        connection.late_at = time.monotonic() + HEAD_SECONDS
        connection.data_ready = True
        client.setblocking(True)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", READING_SECONDS, 0))
        self._wait(connection)

    def murder_pending(self) -> None:
        """Close the connections whose heads did not come in time; a worker that stops gives them less."""
        now = time.monotonic()
        for descriptor, conn in list(self._waiting.items()):
            if not self.alive:
                conn.late_at = min(conn.late_at, now + STOP_SECONDS)
            if conn.late_at <= now and self._take(descriptor):
                if not conn.idle:
                    self.handle_error(None, conn.sock, conn.client, TooSlow())
                self._close(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Serve a request; return whether its connection stays open."""
        answer, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg, response_class=Answer)  # pyright: ignore[reportCallIssue] - the stubs are older
        environ["wsgi.multithread"] = True
        is_cut = isinstance(req.body, Spooled) and not req.body.is_whole
        if is_cut or not self.alive or len(self._waiting) >= self.max_keepalived:
            answer.force_close()
        answer.begin(self.wsgi(environ, answer.start_response))
        return self._send(conn, answer, waits=False)

    def _send(self, conn: Connection, answer: Answer, *, waits: bool) -> bool:
        """Send an answer; return whether its connection stays open. What its client does not take becomes `unsent`."""
        try:
            if not answer.send(waits=waits):
                conn.unsent = answer
                return True
        except OSError:  # the client has left, or reads too slowly
            answer.force_close()
        except Exception as error:
            answer.force_close()
            if not answer.has_begun:
                answer.end()
                raise
            logger.error("an answer broke off", exc_info=error)
        answer.end()
        return not answer.should_close()

    def _send_rest(self, conn: Connection, answer: Answer, stays: bool) -> None:
        """Send the rest of an answer in a thread that may wait."""
        self._go_on(conn, self._send(conn, answer, waits=True) and stays)

    def _wait(self, conn: Connection, event: int = selectors.EVENT_READ) -> None:
        """Let whichever thread is free first take a connection when it has something to read, or can be written to."""
        self._arrivals.register(conn.sock, event)
        self._waiting[conn.sock.fileno()] = conn

    def _take(self, descriptor: int) -> Connection | None:
        """Return a connection that was waiting; None if another thread was faster."""
        conn = self._waiting.pop(descriptor, None)
        if conn is not None:
            self._arrivals.unregister(conn.sock)
        return conn

    def _serve_arrivals(self) -> None:
        """Serve one connection after the other, for ever."""
        while True:
            for key, _ in self._arrivals.select()[:1]:
                if conn := self._take(key.fd):
                    self.guard(self._serve, conn)

    def guard(self, work: Callable[..., None], conn: Connection, *args: Any) -> None:
        """Do something for a connection; if that fails, the connection is closed, and the thread goes on."""
        try:
            work(conn, *args)
        except Exception as error:
            logger.error("a connection failed", exc_info=error)
            self.end(conn)

    def _serve(self, conn: Connection) -> None:
        """Serve a request if it is there, then let its connection wait for the next one."""
        if not (conn.is_read or self._has_arrived(conn)):
            return
        conn.is_read = False
        stays = self.handle(conn)
        answer, conn.unsent = conn.unsent, None
        if answer is None:
            self._go_on(conn, stays)
        else:
            self._readers.submit(self.guard, self._send_rest, conn, answer, stays)

    def _go_on(self, conn: Connection, stays: bool) -> None:
        """Let a connection that stays open wait for its next request."""
        if not stays:
            self.end(conn)
            return
        conn.parser.unreader.restart()
        if conn.parser.unreader.buf.getvalue():  # came with the one before
            self._read_first(conn)
            return
        conn.late_at, conn.seen, conn.idle = time.monotonic() + self.cfg.keepalive, 0, True
        self._wait(conn)

    def _has_arrived(self, conn: Connection) -> bool:
        """Return whether the next request is there as a whole; otherwise let the connection wait for the rest."""
        try:
            arrived = conn.sock.recv(LARGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            arrived = None
        except OSError:
            arrived = b""
        if arrived is None or (conn.seen == len(arrived) > 0 and not _is_readable(conn.sock, 0)):
            # Another thread was awake for it as well, and has looked already.
            self._wait(conn)
            return False
        if conn.idle and arrived:
            conn.late_at, conn.idle = time.monotonic() + HEAD_SECONDS, False
        end = arrived.find(b"\r\n\r\n")
        if len(arrived) > conn.seen and end < 0 and len(arrived) < LARGEST_HEAD:
            conn.seen = len(arrived)
            # Without it, the poller would report the bytes that are there already again and again.
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, conn.seen + 1)
            self._wait(conn)
            return False
        if conn.seen:
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        if len(arrived) <= conn.seen:  # nothing more will come
            self.method_queue.defer(self._close, conn)
            return False
        if not _is_whole(arrived, end + 4):
            self._read_first(conn)
            return False
        return True

    def _read_first(self, conn: Connection) -> None:
        """Read a request in a thread that may wait, then let it be served."""
        self._readers.submit(self.guard, self._read, conn)

    def _read(self, conn: Connection) -> None:
        """Read the next request of a connection; what is none is answered."""
        request = None
        try:
            conn.init()
            parser = getattr(conn.parser, "parser", conn.parser)
            request = next(parser)
            # A chunked body has no length, and says itself where it ends.
            length = getattr(request.body.reader, "length", 0)
            if length > self.largest_body:
                raise BodyTooLarge
            if request._expected_100_continue:
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
                request._expected_100_continue = False
            request.body = self._spool(request.body, length=length)
        except (StopIteration, OSError):
            self.end(conn)
        except Exception as error:
            self.handle_error(request, conn.sock, conn.client, error)
            self.end(conn)
        else:
            conn.parser = ReadAhead(parser, request)
            conn.is_read, conn.idle, conn.late_at = True, False, time.monotonic() + READING_SECONDS
            # It can be written to at once: this wakes a thread that serves.
            self._wait(conn, selectors.EVENT_WRITE)

    def end(self, conn: Connection) -> None:
        """Close a connection when its client has read the last answer, or did not for two seconds."""

        def closed(_: object) -> None:
            self.method_queue.defer(self._forget)

        self._readers.submit(conn.close, graceful=True).add_done_callback(closed)

    def _close(self, conn: Connection) -> None:
        conn.close()
        self._forget()

    def _forget(self) -> None:
        self.nr_conns -= 1

    def _spool(self, body: Any, *, length: int = 0) -> Spooled:
        """Read a body to a file, up to one byte more than the app accepts, so that it sees that there is more.

        Raises CutOff if it ends before it has this length in bytes.
        """
        file = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - closed with the request
        left = self.largest_body + 1
        while left > 0 and (piece := body.read(min(left, io.DEFAULT_BUFFER_SIZE * 8))):
            try:
                file.write(piece)
            except OSError as error:
                file.close()
                raise RuntimeError("a body could not be kept among the temporary files") from error
            left -= len(piece)
        if left > 0 and file.tell() < length:
            file.close()
            raise CutOff
        file.seek(0)
        return Spooled(file, is_whole=left > 0)


def _is_whole(arrived: bytes, head_bytes: int) -> bool:
    """Return whether a request has arrived with its body, as far as is seen at a glance."""
    head = arrived[:head_bytes]
    length = _LENGTH.search(head)
    return not _CHUNKED.search(head) and (length is None or len(arrived) >= head_bytes + int(length[1]))


def _is_readable(client: socket.socket, seconds: float) -> bool:
    """Return whether there is something to read, or the client has left; wait so long for it."""
    poll = select.poll()
    poll.register(client, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
