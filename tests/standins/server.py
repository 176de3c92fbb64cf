"""What the stand-ins share: an HTTP server on a free loopback port that notes what it is asked, and fails on demand."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked. Names of headers are in lower case; of a parameter given twice the last value stays."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body as JSON; raises ValueError for what is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with `value` as JSON."""
    return Answer(
        status, orjson.dumps(value), {"Content-Type": "application/json; charset=utf-8"} | dict(headers or {})
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one answer.

    `answer` is sent instead of the right one; a function gets the request and the function that makes the right answer,
    which it may leave uncalled. `delay` seconds pass before the answer, fewer when the stand-in is closed meanwhile.
    `cut` breaks the connection in the middle of the body; `endless` sends a space after the other, until the client
    hangs up. It strikes requests whose path starts with `on`.
    """

    answer: Answer | Callable[[Request, Callable[[], Answer]], Answer] | None = None
    delay: float = 0
    cut: bool = False
    on: str = "/"
    endless: bool = False


class StandIn:
    """A provider on loopback, for a `with` statement. A subclass says in `answer` what it answers.

    Requests are answered by several threads: a subclass guards what it keeps with `self.lock`, and so does a test
    that changes it while requests are under way.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._requests: list[Request] = []
        self._faults: list[Fault] = []
        self._closed = threading.Event()
        self.connections: set[socket.socket] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        """Return the right answer; called without the lock."""
        raise NotImplementedError

    def fail(self, *faults: Fault) -> None:
        """Let the next answers go wrong, one by each fault, in this order."""
        with self.lock:
            self._faults.extend(faults)

    @property
    def requests(self) -> list[Request]:
        """What was asked so far, in order; also what a fault befell."""
        with self.lock:
            return list(self._requests)

    def asked(self, path: str) -> list[Request]:
        """Return the requests whose path starts with `path`."""
        return [request for request in self.requests if request.path.startswith(path)]

    def close(self) -> None:
        """Stop answering, and end all connections."""
        self._closed.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        with self.lock:
            for connection in self.connections:
                _shut(connection)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def wait(self, seconds: float) -> bool:
        """Wait, or less long when this is closed meanwhile; return whether it is."""
        return self._closed.wait(seconds)

    def respond(self, request: Request) -> tuple[Answer, Fault]:
        """Note a request, and return the answer to it, and what goes wrong with how that is sent."""
        with self.lock:
            self._requests.append(request)
            fault = next((fault for fault in self._faults if request.path.startswith(fault.on)), None)
            if fault:
                self._faults.remove(fault)
        if fault is None:
            return self.answer(request), Fault()
        self.wait(fault.delay)
        if isinstance(fault.answer, Answer):
            return fault.answer, fault
        if fault.answer is not None:
            return fault.answer(request, lambda: self.answer(request)), fault
        return self.answer(request), fault


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # connections stay open, as they do with the real ones
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with stand_in.lock:
                stand_in.connections.add(self.connection)

        def finish(self) -> None:
            with stand_in.lock:
                stand_in.connections.discard(self.connection)
            super().finish()

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: `requests` tells more."""

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client hung up, as it does when a time limit is over
                super().handle()

        def _serve(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer, fault = stand_in.respond(
                Request(
                    self.command,
                    address.path,
                    dict(parse_qsl(address.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    body,
                )
            )
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(10**9 if fault.endless else len(answer.body)))
            self.end_headers()
            while fault.endless and not stand_in.wait(0.01):
                self.wfile.write(b" ")
            if fault.cut:
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self.close_connection = True
                _shut(self.connection)
            else:
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    return Handler


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side did it first
        connection.shutdown(socket.SHUT_RDWR)
