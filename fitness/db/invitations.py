"""Invitations to sign up, each for one account. System transactions only."""

from datetime import datetime, timedelta

from fitness.db.connection import execute, fetch_one


def create_invitation(code_hash: str, *, lasts: timedelta) -> datetime:
    """Store the hash of a new code, and delete expired ones; return when it expires."""
    execute("DELETE FROM invitations WHERE expires_at < now()")
    expires_at = fetch_one(
        datetime,
        """
        INSERT INTO invitations (code_hash, expires_at)
        VALUES (%(code_hash)s, now() + %(lasts)s::interval)
        RETURNING expires_at
        """,
        code_hash=code_hash,
        lasts=lasts,
    )
    assert expires_at is not None
    return expires_at


def use_invitation(code_hash: str) -> bool:
    """Delete an invitation; return False if it is unknown, used or expired."""
    deleted = execute(
        "DELETE FROM invitations WHERE code_hash = %(code_hash)s AND expires_at > now()", code_hash=code_hash
    )
    return deleted > 0
