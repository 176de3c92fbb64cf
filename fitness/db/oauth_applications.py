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


def rewrite_secrets(rewrite: Callable[[str], str]) -> int:
    """Replace every stored secret with the result of `rewrite` (system transaction); return their number."""
    rows = fetch_all(
        tuple,
        """
        SELECT user_id, provider, client_secret
        FROM oauth_applications
        ORDER BY user_id, provider
        FOR UPDATE
        """,
    )
    execute(
        """
        UPDATE oauth_applications AS a
        SET client_secret = new.client_secret
        FROM unnest(%(user_ids)s::bigint[], %(providers)s::text[], %(client_secrets)s::text[])
          AS new (of_user, provider, client_secret)
        WHERE a.user_id = new.of_user
          AND a.provider = new.provider
        """,
        user_ids=[row[0] for row in rows],
        providers=[row[1] for row in rows],
        client_secrets=[rewrite(row[2]) for row in rows],
    )
    return len(rows)
