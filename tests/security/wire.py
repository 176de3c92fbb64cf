"""Requests that no HTTP library would send."""

import json
import socket
from dataclasses import dataclass
from typing import IO, Any

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Raw:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Wire:
    """A server's port on loopback."""

    port: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def ask(self, request: bytes) -> Raw:
        """Send these bytes, and return the answer; the server closes the connection, or is asked to."""
        with self.connect() as client:
            client.sendall(request)
            return read(client)


def read(client: socket.socket) -> Raw:
    """Read one answer."""
    with client.makefile("rb") as stream:
        return read_from(stream)


def read_from(stream: IO[bytes]) -> Raw:
    """Read the next answer of a connection."""
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while line := stream.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Raw(status, headers, stream.read(int(headers.get("content-length", 0))))


def request(method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
    """Return a request whose connection ends with it, with further header lines."""
    head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode() + body
