"""Invitations to sign up, each for one account. System transactions only."""

from datetime import datetime

from fitness.db.connection import execute


def create_invitation(code_hash: str, *, expires_at: datetime) -> None:
    """Store the hash of a new code, and delete expired ones."""
    execute("DELETE FROM invitations WHERE expires_at < now()")
    execute(
        "INSERT INTO invitations (code_hash, expires_at) VALUES (%(code_hash)s, %(expires_at)s)",
        code_hash=code_hash,
        expires_at=expires_at,
    )


def use_invitation(code_hash: str) -> bool:
    """Delete an invitation; return False if it is unknown, used or expired."""
    deleted = execute(
        "DELETE FROM invitations WHERE code_hash = %(code_hash)s AND expires_at > now()", code_hash=code_hash
    )
    return deleted > 0
