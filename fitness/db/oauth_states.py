"""States of started connections; each state works once, by itself only in the browser that started it."""

from dataclasses import dataclass
from datetime import timedelta

from fitness.db.connection import execute, fetch_one

MOST = 20
"""States of an account that are kept: whoever begins again and again fills no disk."""


@dataclass(frozen=True, slots=True)
class State:
    """The secret of a connection that has begun; the verifier is encrypted."""

    code_verifier: str | None


def create_state(
    state_hash: str, *, browser_hash: str, provider: str, code_verifier: str | None, lasts: timedelta
) -> None:
    """Store the hash of a new state and its browser, and delete expired ones, and the oldest if there are MOST."""
    execute(
        """
        DELETE FROM oauth_states AS s
        WHERE s.user_id = %(user_id)s
          AND (
            s.expires_at < now()
            OR s.state_hash IN (
              SELECT o.state_hash
              FROM oauth_states AS o
              WHERE o.user_id = %(user_id)s
              ORDER BY o.expires_at DESC
              OFFSET %(most)s::bigint - 1
            )
          )
        """,
        most=MOST,
    )
    execute(
        """
        INSERT INTO oauth_states (user_id, state_hash, browser_hash, provider, code_verifier, expires_at)
        VALUES (%(user_id)s, %(state_hash)s, %(browser_hash)s, %(provider)s, %(code_verifier)s,
            now() + %(lasts)s::interval)
        """,
        state_hash=state_hash,
        browser_hash=browser_hash,
        provider=provider,
        code_verifier=code_verifier,
        lasts=lasts,
    )


def use_state(state_hash: str, *, provider: str, browser_hash: str | None) -> State | None:
    """Delete a state and return its data; None if it is unknown, used, expired, or from another browser.

    With None for the browser, any will do: the user has confirmed it.
    """
    return fetch_one(
        State,
        """
        DELETE FROM oauth_states AS s
        WHERE s.user_id = %(user_id)s
          AND s.state_hash = %(state_hash)s
          AND s.provider = %(provider)s
          AND s.expires_at > now()
          AND (%(browser_hash)s::text IS NULL OR s.browser_hash = %(browser_hash)s)
        RETURNING s.code_verifier
        """,
        state_hash=state_hash,
        provider=provider,
        browser_hash=browser_hash,
    )


def is_unused(state_hash: str, *, provider: str) -> bool:
    """Return whether a state can still be used."""
    return bool(
        fetch_one(
            bool,
            """
            SELECT EXISTS (
                SELECT FROM oauth_states
                WHERE user_id = %(user_id)s
                  AND state_hash = %(state_hash)s
                  AND provider = %(provider)s
                  AND expires_at > now()
            )
            """,
            state_hash=state_hash,
            provider=provider,
        )
    )
