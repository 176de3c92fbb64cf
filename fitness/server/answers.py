"""The bytes of an answer: one message if possible, and no thread that waits for a client that reads slowly."""

import socket
from typing import Any

from gunicorn.http import wsgi


class Answer(wsgi.Response):
    """An answer that is sent as far as its client takes it; its head leaves with the first part of its body."""

    has_begun = False
    """Whether something of it has left."""
    _unsent = b""
    _ended = False

    def begin(self, parts: Any) -> None:
        """Set the parts of the body, an iterable of the application."""
        self._parts, self._left = parts, iter(parts)

    def send(self, *, waits: bool) -> bool:
        """Send all that is left, or what the client takes without waiting; return whether nothing is left.

        Raises OSError if the client has left, or reads nothing for the timeout of the socket.
        """
        while self._flush(waits):
            if self._ended:
                return True
            part = next(self._left, None)
            if part is None:
                self.close()
            else:
                self.write(part)
        return False

    def end(self) -> None:
        """Let the application close what it has opened for the body."""
        if hasattr(self._parts, "close"):
            self._parts.close()

    def send_headers(self) -> None:
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self._unsent = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def close(self) -> None:
        self.send_headers()
        self._unsent += b"0\r\n\r\n" if self.chunked else b""
        self._ended = True

    def _emit_body(self, data: bytes) -> None:
        self._unsent += b"%X\r\n%b\r\n" % (len(data), data) if self.chunked else data

    def _flush(self, waits: bool) -> bool:
        if self._unsent:
            if waits:
                self.sock.sendall(self._unsent)
                sent = len(self._unsent)
            else:
                sent = _send_some(self.sock, self._unsent)
            self._unsent = self._unsent[sent:]
            self.has_begun = True
        return not self._unsent


def _send_some(client: socket.socket, data: bytes) -> int:
    """Send what a client takes at once; return how many bytes that are."""
    try:
        return client.send(data, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
