"""Jobs: with `Prefer: respond-async` (RFC 7240) a request is stored and answered 202; it is done afterwards.

To do a job is to serve its request again, as the user who sent it: the result is what the request itself would have
answered. Only requests that change nothing the second time may become jobs, as a job may be done again if its server
was killed.
"""

import tempfile
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any
from uuid import uuid4

import orjson
from flask import Flask, Response, after_this_request, jsonify, request
from werkzeug.http import parse_list_header
from werkzeug.test import create_environ
from werkzeug.wrappers import Response as PlainResponse

from fitness.auth import ASKER, user_id
from fitness.db import bound, drops, jobs, users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import Conflict, TooManyRequests
from fitness.sync.background import repeated
from fitness.sync.report import Report, watcher

PREFER = {
    "in": "header",
    "name": "Prefer",
    "schema": {"type": "string"},
    "description": "`respond-async`: answer 202 at once, with a job to ask for the result",
    "example": "respond-async",
}
"""The header that a view accepts whose requests may become jobs."""

PART_BYTES = 1024 * 1024
MOST_UNFINISHED = 20
"""How many jobs a user may have that have not ended."""
RETRY_SECONDS = 60
MOST_ATTEMPTS = 5
"""An answer that time may change, such as 503, is not the result before so many attempts."""
RENEW_SECONDS = 5

_RUNNING = "fitness.job"
"""Key of a request's environment with the job that it is served for."""

waiting = threading.Event()
"""Set when this process has stored a job."""


@dataclass
class Running:
    """A job that this process is doing."""

    user_id: int
    job: jobs.Claimed
    report: Report | None = None

    @property
    def found(self) -> int:
        return self.report.found if self.report else 0

    def watch(self, report: Report) -> None:
        self.report = report

    def renew(self) -> None:
        with transaction(self.user_id):
            jobs.renew_lease(self.job, found=self.found)

    def finish(self, status: int, result: str) -> bool:
        """Store the answer, in the bound transaction; return False if another process has taken over the job."""
        return jobs.finish_job(self.job, status=status, result=result, found=self.found)


def respond_async(view: Callable[..., Response], *, methods: Collection[str]) -> Callable[..., Response]:
    """Let clients of these methods of a view ask for a job; the user is known by then."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        running: Running | None = request.environ.get(_RUNNING)
        if running is None:
            return _store() if request.method in methods and _is_preferred() else view(*args, **kwargs)
        response = view(*args, **kwargs)
        # In the transaction of the import, so that either both are stored or nothing.
        if bound.is_open() and not running.finish(response.status_code, response.get_data(as_text=True)):
            raise Conflict("Another process has taken over this job")
        return response

    return run


def is_job(environ: Mapping[str, Any]) -> bool:
    """Return whether a request is served for a job."""
    return _RUNNING in environ


def _is_preferred() -> bool:
    sent = parse_list_header(",".join(request.headers.getlist("Prefer")))
    return any(one.partition(";")[0].strip().lower() == "respond-async" for one in sent)


def _store() -> Response:
    """Store the request as a job, in the transaction of the view if it has one."""
    own: AbstractContextManager[None] = nullcontext() if bound.is_open() else transaction(user_id())
    with own:
        if jobs.count_unfinished() >= MOST_UNFINISHED:
            raise TooManyRequests(RETRY_SECONDS)
        query = request.query_string.decode()
        job_id = jobs.create_job(f"{request.path}?{query}" if query else request.path, request.content_type)
        for part, content in enumerate(iter(lambda: request.stream.read(PART_BYTES), b"")):
            jobs.add_part(job_id, part, content)
        response = jsonify(jobs.get_job(job_id))
    response.status_code = 202
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    response.headers["Preference-Applied"] = "respond-async"

    @after_this_request
    def wake(answer: Response) -> Response:  # pyright: ignore[reportUnusedFunction] - after the commit
        waiting.set()
        return answer

    return response


def claim_next() -> Running | None:
    """Take the lease of the next job that is free."""
    with system_transaction():
        jobs.delete_old_jobs()
        drops.delete_old_drops()
        free = jobs.list_free()
    for of_user, job_id in free:
        with transaction(of_user):
            job = jobs.claim_job(job_id, uuid4())
        if job is not None:
            return Running(of_user, job)
    return None


def do(app: Flask, running: Running) -> None:
    """Serve the request of a job, and store the answer, unless it is to be tried again."""
    job = running.job
    if job.attempts > MOST_ATTEMPTS:
        _finish(running, 500, {"detail": f"The server stopped in each of {MOST_ATTEMPTS} attempts"})
        return
    with repeated(running.renew, RENEW_SECONDS), tempfile.TemporaryFile() as body:
        with transaction(running.user_id):
            asker = users.get_asker_of_job()
            with closing(jobs.stream_parts(job.job_id)) as parts:
                body.writelines(parts)
        if asker is None:
            _finish(running, 401, {"detail": "The account is deactivated"})
            return
        answer = _serve(app, running, asker, body)
    # The sync of an attempt that was killed blocks the next ones for two minutes.
    status, soon = answer.status_code, int(answer.headers.get("Retry-After", RETRY_SECONDS)) < RETRY_SECONDS
    may_change = status == 503 or (status == 409 and job.attempts > 1) or (status == 429 and soon)
    with transaction(running.user_id):
        if may_change and job.attempts < MOST_ATTEMPTS:
            jobs.postpone_job(job, RETRY_SECONDS)
        else:
            running.finish(answer.status_code, answer.get_data(as_text=True))


def _finish(running: Running, status: int, body: object) -> None:
    with transaction(running.user_id):
        running.finish(status, orjson.dumps(body).decode())


def _serve(app: Flask, running: Running, asker: users.Asker, body: IO[bytes]) -> PlainResponse:
    size = body.tell()
    body.seek(0)
    environ = create_environ(
        running.job.path,
        method="POST",
        content_type=running.job.content_type,
        content_length=size,
        input_stream=body,
    )
    environ |= {ASKER: asker, _RUNNING: running, "wsgi.multithread": True}
    token = watcher.set(running.watch)
    try:
        return PlainResponse.from_app(app.wsgi_app, environ, buffered=True)
    finally:
        watcher.reset(token)
