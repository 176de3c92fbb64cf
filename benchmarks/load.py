"""HTTP clients that cost little: sockets kept open, requests made beforehand, answers read and counted."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from types import MappingProxyType


def request(
    method: str, path: str, token: str, body: bytes = b"", *, headers: Mapping[str, str] = MappingProxyType({})
) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Client:
    """One open connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer; RuntimeError unless it is a 200, 201, 204 or 304."""
        self.socket.sendall(request)
        head, _, body = self.socket.recv(1 << 16).partition(b"\r\n\r\n")
        status = head[9:12]
        if status not in {b"200", b"201", b"204", b"304"}:
            raise RuntimeError(f"unexpected answer: {head!r} {body!r}")
        if status in {b"204", b"304"}:
            return b""
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


_SPIN = """
import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {%d})
while True:
    pass
"""


@contextmanager
def processors_awake() -> Iterator[None]:
    """Let no processor fall asleep until the block ends: each runs something that makes way for everything else.

    One that slept while it waited for an answer wakes up slowly, on virtual machines above all, and whoever waits more
    often would be charged for it.
    """
    processors = os.sched_getaffinity(0)
    spinning = [subprocess.Popen([sys.executable, "-c", _SPIN % processor]) for processor in processors]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()
