"""The directory in which the server's processes share the values of their metrics."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pwd import struct_passwd

from fitness.config import Settings

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus-client learns of the directory, when it is imported."""


@contextmanager
def shared_metrics(settings: Settings, user: struct_passwd) -> Iterator[None]:
    """Let the processes that the block starts share a directory, which the workers' user can write to.

    Does nothing if metrics are closed. An earlier directory is never used again: its counts have ended.
    """
    if not settings.metrics_token:
        yield
        return
    process = os.getpid()
    directory = tempfile.mkdtemp(prefix="fitness-metrics-")
    if os.geteuid() == 0:
        os.chown(directory, user.pw_uid, user.pw_gid)
    os.environ[DIRECTORY] = directory
    try:
        yield
    finally:
        # The workers, forked during the block, exit through here too.
        if os.getpid() == process:
            shutil.rmtree(directory)


def forget_worker(pid: int) -> None:
    """Remove what a worker that has ended said about its present; what it has counted stays."""
    if DIRECTORY in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)
