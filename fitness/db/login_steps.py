"""What a browser sends back once during a login: states, codes, challenges. System transactions only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from psycopg.types.json import Jsonb

from fitness.db.connection import execute, fetch_one

Purpose: TypeAlias = Literal["google_state", "google_code", "passkey_login", "passkey_confirmation", "new_passkey"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a login needs to go on."""

    content: dict[str, Any]


def create_step(
    step_hash: str, *, purpose: Purpose, browser_hash: str, lasts: timedelta, content: dict[str, Any]
) -> None:
    """Store the hash of a new step and its browser, and delete expired ones."""
    execute("DELETE FROM login_steps WHERE expires_at < now()")
    execute(
        """
        INSERT INTO login_steps (step_hash, browser_hash, purpose, content, expires_at)
        VALUES (%(step_hash)s, %(browser_hash)s, %(purpose)s, %(content)s, now() + %(lasts)s::interval)
        """,
        step_hash=step_hash,
        browser_hash=browser_hash,
        purpose=purpose,
        content=Jsonb(content),
        lasts=lasts,
    )


def use_step(step_hash: str, *, purpose: Purpose, browser_hash: str) -> Step | None:
    """Delete a step and return it.

    None if it is unknown, used, expired, for something else or from another browser; such a step stays.
    """
    return fetch_one(
        Step,
        """
        DELETE FROM login_steps AS s
        WHERE s.step_hash = %(step_hash)s
          AND s.purpose = %(purpose)s
          AND s.browser_hash = %(browser_hash)s
          AND s.expires_at > now()
        RETURNING s.content
        """,
        step_hash=step_hash,
        purpose=purpose,
        browser_hash=browser_hash,
    )
