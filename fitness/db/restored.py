"""What lets somebody in, in a database that was put back to an earlier state. System transactions only.

What was ended or used since then is not known any more: it would work again.
"""

from fitness.db.connection import execute, fetch_one


def end_sessions() -> None:
    """End all sessions, and all codes and states that work once, such as those of mails and invitations."""
    execute("UPDATE refresh_tokens SET revoked_at = now(), updated_at = now() WHERE revoked_at IS NULL")
    execute("DELETE FROM mail_codes")
    execute("DELETE FROM oauth_states")
    execute("DELETE FROM login_steps")
    execute("DELETE FROM invitations")


def revoke_tokens() -> None:
    """Revoke the personal access tokens of all accounts."""
    execute("UPDATE api_tokens SET revoked_at = now(), updated_at = now() WHERE revoked_at IS NULL")


def count_tokens() -> int:
    """Return how many personal access tokens of all accounts work."""
    count = fetch_one(
        int,
        """
        SELECT count(*)
        FROM api_tokens
        WHERE revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > now())
        """,
    )
    assert count is not None
    return count
