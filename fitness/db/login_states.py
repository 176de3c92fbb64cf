"""Logins that were begun at Google, and are nobody's yet: system transactions, each state comes back once."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_one


@dataclass(frozen=True, slots=True)
class LoginState:
    """What was kept back of a login that was begun; the verifier is encrypted."""

    nonce: str
    code_verifier: str


def create_login_state(
    state_hash: str, *, browser_hash: str, nonce: str, code_verifier: str, expires_at: datetime
) -> None:
    """Store the hash of a state that goes out with a browser, and forget those that never came back."""
    execute("DELETE FROM login_states WHERE expires_at < now()")
    execute(
        """
        INSERT INTO login_states (state_hash, browser_hash, nonce, code_verifier, expires_at)
        VALUES (%(state_hash)s, %(browser_hash)s, %(nonce)s, %(code_verifier)s, %(expires_at)s)
        """,
        state_hash=state_hash,
        browser_hash=browser_hash,
        nonce=nonce,
        code_verifier=code_verifier,
        expires_at=expires_at,
    )


def use_login_state(state_hash: str, *, browser_hash: str) -> LoginState | None:
    """Use a state up; None when it is unknown, used, or too old, or went out with another browser."""
    return fetch_one(
        LoginState,
        """
        DELETE FROM login_states AS s
        WHERE s.state_hash = %(state_hash)s
          AND s.browser_hash = %(browser_hash)s
          AND s.expires_at > now()
        RETURNING s.nonce, s.code_verifier
        """,
        state_hash=state_hash,
        browser_hash=browser_hash,
    )
