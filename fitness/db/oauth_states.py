"""States of started connections; each state works once."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_one


@dataclass(frozen=True, slots=True)
class State:
    """The secret of a connection that has begun; the verifier is encrypted."""

    code_verifier: str | None


def create_state(state_hash: str, *, provider: str, code_verifier: str | None, expires_at: datetime) -> None:
    """Store the hash of a new state, and delete expired ones."""
    execute("DELETE FROM oauth_states WHERE user_id = %(user_id)s AND expires_at < now()")
    execute(
        """
        INSERT INTO oauth_states (user_id, state_hash, provider, code_verifier, expires_at)
        VALUES (%(user_id)s, %(state_hash)s, %(provider)s, %(code_verifier)s, %(expires_at)s)
        """,
        state_hash=state_hash,
        provider=provider,
        code_verifier=code_verifier,
        expires_at=expires_at,
    )


def use_state(state_hash: str, *, provider: str) -> State | None:
    """Delete a state and return its data; None if it is unknown or used."""
    return fetch_one(
        State,
        """
        DELETE FROM oauth_states AS s
        WHERE s.user_id = %(user_id)s
          AND s.state_hash = %(state_hash)s
          AND s.provider = %(provider)s
        RETURNING s.code_verifier
        """,
        state_hash=state_hash,
        provider=provider,
    )
