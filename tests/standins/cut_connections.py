"""A way to PostgreSQL on which connections are lost behind a certain message of the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def cut_behind(kind: bytes, content: bytes, database_url: str) -> Iterator[str]:
    """Yield the address of a server that passes on what a database says, and cuts connections behind that message."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, database_url, (kind, content)), daemon=True).start()
    host, port = listener.getsockname()
    try:
        yield make_conninfo(database_url, host=host, port=port, sslmode="disable", gssencmode="disable")
    finally:
        listener.close()


def _accept(listener: socket.socket, database_url: str, last: tuple[bytes, bytes]) -> None:
    parts = conninfo_to_dict(database_url)
    with suppress(OSError):  # closed
        while True:
            client, _ = listener.accept()
            if str(parts["host"]).startswith("/"):
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{parts['host']}/.s.PGSQL.{parts['port']}")
            else:
                server = socket.create_connection((str(parts["host"]), int(parts["port"] or 5432)))
            threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
            threading.Thread(target=_answer, args=(server, client, last), daemon=True).start()


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while sent := client.recv(1 << 16):
            server.sendall(sent)


def _answer(server: socket.socket, client: socket.socket, last: tuple[bytes, bytes]) -> None:
    """Pass on each message: its kind, four bytes with the length of these and the content, and that."""
    with suppress(OSError), server, client, server.makefile("rb") as answers:
        while head := answers.read(5):
            content = answers.read(int.from_bytes(head[1:]) - 4)
            client.sendall(head + content)
            if (head[:1], content) == last:
                client.shutdown(socket.SHUT_RDWR)
                return
