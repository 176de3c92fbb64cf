"""Jobs: requests that are stored with their body, and done after the client was answered.

A process that does a job holds a lease, which it renews. The job of a process that was killed is free again when its
lease ends. A job that has ended has the status and body of its answer, and no longer the body of its request.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all, fetch_one, stream
from fitness.db.leases import is_held
from fitness.db.own_numbers import new_number

LEASE_SECONDS = 30
KEPT: LiteralString = "interval '1 day'"
"""How long the result of a job is kept."""
MOST_ENDED = 500
"""How many results of a user are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job; `state` is waiting, running, done or failed. `found` is the number of records found so far."""

    job_id: int
    path: str
    state: str
    found: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    status: int | None


@dataclass(frozen=True, slots=True)
class JobWithResult(Job):
    """A job with the body of its answer, if it has ended."""

    result: Any


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a process needs to do a job; `attempts` counts this one."""

    job_id: int
    path: str
    content_type: str | None
    attempts: int
    lease_id: UUID


_COLUMNS: LiteralString = (
    """
    j.job_id, j.path,
    CASE
        WHEN j.status < 400 THEN 'done'
        WHEN j.status IS NOT NULL THEN 'failed'
        WHEN j.lease_id IS NOT NULL AND """
    + is_held("j.lease_until")
    + """ THEN 'running'
        ELSE 'waiting'
    END AS state,
    j.found, j.created_at, j.started_at, j.ended_at, j.status
"""
)


def create_job(path: str, content_type: str | None) -> int:
    """Store a job without a body, and return its number. Of those that have ended, only the last MOST_ENDED stay."""
    execute(
        """
        DELETE FROM jobs AS j
        WHERE j.user_id = %(user_id)s
          AND j.job_id IN (
            SELECT e.job_id
            FROM jobs AS e
            WHERE e.user_id = %(user_id)s
              AND e.ended_at IS NOT NULL
            ORDER BY e.job_id DESC
            OFFSET %(most)s
          )
        """,
        most=MOST_ENDED,
    )
    job_id = fetch_one(
        int,
        """
        INSERT INTO jobs (user_id, job_id, path, content_type)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(job_id)s, %(path)s, %(content_type)s)
        RETURNING job_id
        """,
        job_id=new_number(),
        path=path,
        content_type=content_type,
    )
    assert job_id is not None
    return job_id


def add_part(job_id: int, part: int, content: bytes) -> None:
    """Store the next part of the body of a job's request."""
    execute(
        """
        INSERT INTO job_parts (user_id, job_id, part, content)
        VALUES (%(user_id)s, %(job_id)s, %(part)s, %(content)s)
        """,
        job_id=job_id,
        part=part,
        content=content,
    )


def stream_parts(job_id: int) -> Generator[bytes]:
    """Yield the parts of the body of a job's request, in order."""
    return stream(
        bytes,
        """
        SELECT content
        FROM job_parts
        WHERE user_id = %(user_id)s
          AND job_id = %(job_id)s
        ORDER BY part
        """,
        fetched=1,
        job_id=job_id,
    )


def get_job(job_id: int) -> JobWithResult | None:
    """Return one job, or None."""
    return fetch_one(
        JobWithResult,
        "SELECT "
        + _COLUMNS
        + """, j.result
        FROM jobs AS j
        WHERE j.user_id = %(user_id)s
          AND j.job_id = %(job_id)s
        """,
        job_id=job_id,
    )


def list_jobs(*, limit: int, before: int | None = None) -> list[Job]:
    """Return up to `limit` jobs with numbers below `before`, newest first."""
    return fetch_all(
        Job,
        "SELECT "
        + _COLUMNS
        + """
        FROM jobs AS j
        WHERE j.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR j.job_id < %(before)s)
        ORDER BY j.job_id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )


def count_unfinished() -> int:
    """Return the number of the user's jobs that have not ended."""
    return fetch_one(int, "SELECT count(*) FROM jobs WHERE user_id = %(user_id)s AND ended_at IS NULL") or 0


def list_free() -> list[tuple[int, int]]:
    """Return [(user id, job id)] of the jobs to do next, the oldest first (system transaction).

    Jobs of a user are done one after the other: only the first one is free, and none while one is being done.
    """
    return fetch_all(
        tuple,
        """
        SELECT user_id, min(job_id)
        FROM jobs
        WHERE ended_at IS NULL
        GROUP BY user_id
        HAVING NOT coalesce(bool_or("""
        + is_held("lease_until")
        + """), false)
        ORDER BY min(created_at)
        """,
    )


def claim_job(job_id: int, lease_id: UUID) -> Claimed | None:
    """Take the lease of a job; return None if another process has it."""
    return fetch_one(
        Claimed,
        """
        UPDATE jobs AS j
        SET lease_id = %(lease_id)s, lease_until = now() + make_interval(secs => %(seconds)s),
            attempts = attempts + 1, found = 0, started_at = least(started_at, now()), updated_at = now()
        WHERE j.user_id = %(user_id)s
          AND j.job_id = %(job_id)s
          AND j.ended_at IS NULL
          AND (j.lease_until IS NULL OR NOT """
        + is_held("j.lease_until")
        + """)
        RETURNING j.job_id, j.path, j.content_type, j.attempts, j.lease_id
        """,
        job_id=job_id,
        lease_id=lease_id,
        seconds=LEASE_SECONDS,
    )


def renew_lease(job: Claimed, *, found: int) -> None:
    """Store the number of found records, and renew the lease, unless another process has it."""
    execute(
        """
        UPDATE jobs
        SET lease_until = now() + make_interval(secs => %(seconds)s), found = %(found)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND job_id = %(job_id)s
          AND lease_id = %(lease_id)s
        """,
        job_id=job.job_id,
        lease_id=job.lease_id,
        seconds=LEASE_SECONDS,
        found=found,
    )


def postpone_job(job: Claimed, seconds: int) -> None:
    """Give up the lease; the job is free again after so many seconds."""
    execute(
        """
        UPDATE jobs
        SET lease_id = NULL, lease_until = now() + make_interval(secs => %(seconds)s), updated_at = now()
        WHERE user_id = %(user_id)s
          AND job_id = %(job_id)s
          AND lease_id = %(lease_id)s
        """,
        job_id=job.job_id,
        lease_id=job.lease_id,
        seconds=seconds,
    )


def finish_job(job: Claimed, *, status: int, result: str, found: int) -> bool:
    """Store the answer of a job, and delete the body of its request; return False if the lease is lost."""
    finished = execute(
        """
        UPDATE jobs
        SET lease_id = NULL, lease_until = NULL, ended_at = %(now)s, status = %(status)s,
            result = %(result)s::json, found = %(found)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND job_id = %(job_id)s
          AND lease_id = %(lease_id)s
        """,
        job_id=job.job_id,
        lease_id=job.lease_id,
        status=status,
        result=result,
        found=found,
        now=fetch_one(datetime, "SELECT clock_timestamp()"),
    )
    if finished:
        execute("DELETE FROM job_parts WHERE user_id = %(user_id)s AND job_id = %(job_id)s", job_id=job.job_id)
    return finished > 0


def delete_old_jobs() -> int:
    """Delete the jobs that ended more than a day ago (system transaction); return their number."""
    return execute("DELETE FROM jobs WHERE ended_at < now() - " + KEPT)
