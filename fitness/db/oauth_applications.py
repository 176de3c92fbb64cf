"""Users' own applications at providers, instead of the server's. Secrets are encrypted before they are stored."""

from collections.abc import Callable
from dataclasses import dataclass, field

from fitness.db.connection import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class StoredApplication:
    """A user's own application at a provider."""

    client_id: str
    client_secret: str = field(repr=False)


def get_application(provider: str) -> StoredApplication | None:
    """Return the user's own application at a provider, or None."""
    return fetch_one(
        StoredApplication,
        """
        SELECT client_id, client_secret
        FROM oauth_applications
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
        """,
        provider=provider,
    )


def save_application(provider: str, *, client_id: str, client_secret: str) -> None:
    """Store the user's own application; a connection through it gets the secret, too, which may have been renewed."""
    execute(
        """
        INSERT INTO oauth_applications (user_id, provider, client_id, client_secret)
        VALUES (%(user_id)s, %(provider)s, %(client_id)s, %(client_secret)s)
        ON CONFLICT (user_id, provider) DO UPDATE
        SET client_id = excluded.client_id, client_secret = excluded.client_secret, updated_at = excluded.updated_at
        """,
        provider=provider,
        client_id=client_id,
        client_secret=client_secret,
    )
    execute(
        """
        UPDATE oauth_credentials
        SET client_secret = %(client_secret)s
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND client_id = %(client_id)s
        """,
        provider=provider,
        client_id=client_id,
        client_secret=client_secret,
    )


def delete_application(provider: str) -> bool:
    """Delete the user's own application; return False if there is none. A connection through it stays."""
    return (
        execute(
            "DELETE FROM oauth_applications WHERE user_id = %(user_id)s AND provider = %(provider)s", provider=provider
        )
        > 0
    )


def list_owners() -> list[int]:
    """Return the users with secrets in this table, in the order in which their rows are locked (system transaction)."""
    return fetch_all(int, "SELECT DISTINCT user_id FROM oauth_applications ORDER BY user_id")


def rewrite_secrets(user_id: int, rewrite: Callable[[str], str]) -> int:
    """Replace every secret of a user with the result of `rewrite` (system transaction); return their number."""
    rows = fetch_all(
        tuple,
        """
        SELECT provider, client_secret
        FROM oauth_applications
        WHERE user_id = %(user_id)s
        ORDER BY provider
        FOR UPDATE
        """,
        user_id=user_id,
    )
    return execute(
        """
        UPDATE oauth_applications AS a
        SET client_secret = new.client_secret
        FROM unnest(%(providers)s::text[], %(client_secrets)s::text[]) AS new (provider, client_secret)
        WHERE a.user_id = %(user_id)s
          AND a.provider = new.provider
        """,
        user_id=user_id,
        providers=[provider for provider, _ in rows],
        client_secrets=[rewrite(secret) for _, secret in rows],
    )
