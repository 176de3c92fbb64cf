"""HTTP clients that cost little: sockets kept open, requests made beforehand, answers read and counted."""

import random
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Client:
    """One open connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer; RuntimeError unless it is a 200 or 201."""
        self.socket.sendall(request)
        head, _, body = self.socket.recv(1 << 16).partition(b"\r\n\r\n")
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise RuntimeError(f"unexpected answer: {head!r} {body!r}")
        start = head.lower().index(b"content-length:") + 15
        length = int(head[start:].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += self.socket.recv(1 << 16)
        return body


def _ask_for(seconds: float, port: int, requests: Sequence[bytes], seed: int) -> int:
    client = Client(port)
    choose = random.Random(seed).choice
    answered = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        client.ask(choose(requests))
        answered += 1
    return answered


def requests_per_second(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> float:
    """Let so many clients, a process each, send random ones of the requests, and return the answers per second."""
    with ProcessPoolExecutor(clients) as pool:
        jobs = [pool.submit(_ask_for, seconds, port, requests, seed) for seed in range(clients)]
        return sum(job.result() for job in jobs) / seconds


def latencies(client: Client, request: bytes, count: int) -> list[float]:
    """Return how many seconds each of `count` requests took, one after the other."""
    taken = []
    for _ in range(count):
        started = time.perf_counter()
        client.ask(request)
        taken.append(time.perf_counter() - started)
    return taken
