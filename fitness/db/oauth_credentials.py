"""Tokens and keys of providers. They are encrypted before they are stored, and decrypted elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString

from fitness.db.connection import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class Credentials:
    """A connection with a provider. An API key is stored as an access token without expiry and refresh token.

    `client_id` is the application of the tokens, `account_id` the user's id at the provider, `refused_at` the time when
    the provider ended the connection.
    """

    client_id: str | None
    client_secret: str | None = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    scope: str | None
    account_id: str | None
    refused_at: datetime | None
    created_at: datetime


def account_of(provider: LiteralString) -> LiteralString:
    """Return the SQL of the person's account at a provider, which is SQL, too; null where none is connected."""
    return (
        "(SELECT o.account_id FROM oauth_credentials AS o WHERE o.user_id = %(user_id)s AND o.provider = "
        + provider
        + ")"
    )


_GET_CREDENTIALS: LiteralString = """
    SELECT c.client_id, c.client_secret, c.access_token, c.refresh_token, c.expires_at, c.scope, c.account_id,
        c.refused_at, c.created_at
    FROM oauth_credentials AS c
    WHERE c.user_id = %(user_id)s
      AND c.provider = %(provider)s
"""


def get_credentials(provider: str, *, lock: bool = False) -> Credentials | None:
    """Return the connection with a provider, None when there is none.

    With `lock`, other transactions cannot change it until this one ends.
    """
    return fetch_one(Credentials, _GET_CREDENTIALS + ("FOR UPDATE" if lock else ""), provider=provider)


def save_credentials(
    provider: str,
    *,
    access_token: str,
    client_id: str | None = None,
    client_secret: str | None = None,
    refresh_token: str | None = None,
    expires_at: datetime | None = None,
    scope: str | None = None,
    account_id: str | None = None,
) -> None:
    """Store a new connection; replaces an earlier one."""
    execute(
        """
        INSERT INTO oauth_credentials (
            user_id, provider, client_id, client_secret, access_token, refresh_token, expires_at, scope, account_id
        )
        VALUES (
            %(user_id)s, %(provider)s, %(client_id)s, %(client_secret)s, %(access_token)s, %(refresh_token)s,
            %(expires_at)s, %(scope)s, %(account_id)s
        )
        ON CONFLICT (user_id, provider) DO UPDATE
        SET client_id = excluded.client_id, client_secret = excluded.client_secret,
            access_token = excluded.access_token, refresh_token = excluded.refresh_token,
            expires_at = excluded.expires_at, scope = excluded.scope, account_id = excluded.account_id,
            refused_at = NULL, created_at = excluded.created_at, updated_at = excluded.updated_at
        """,
        provider=provider,
        client_id=client_id,
        client_secret=client_secret,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=expires_at,
        scope=scope,
        account_id=account_id,
    )


def save_refreshed(provider: str, *, access_token: str, refresh_token: str | None, expires_at: datetime | None) -> None:
    """Store refreshed tokens; without a new refresh token, the old one stays."""
    execute(
        """
        UPDATE oauth_credentials
        SET access_token = %(access_token)s, refresh_token = coalesce(%(refresh_token)s, refresh_token),
            expires_at = %(expires_at)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
        """,
        provider=provider,
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=expires_at,
    )


def mark_refused(provider: str) -> None:
    """Store that the provider has ended the connection: the user must connect again."""
    execute(
        """
        UPDATE oauth_credentials
        SET refused_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND refused_at IS NULL
        """,
        provider=provider,
    )


def delete_credentials(provider: str) -> bool:
    """Delete a connection; return False if there was none."""
    return (
        execute(
            "DELETE FROM oauth_credentials WHERE user_id = %(user_id)s AND provider = %(provider)s", provider=provider
        )
        > 0
    )


def get_users_of_account(provider: str, account_id: str) -> list[int]:
    """Return the users connected with an account of a provider, in a system transaction: a webhook names no user."""
    return fetch_all(
        int,
        """
        SELECT user_id
        FROM oauth_credentials
        WHERE provider = %(provider)s
          AND account_id = %(account_id)s
          AND refused_at IS NULL
        ORDER BY user_id
        """,
        provider=provider,
        account_id=account_id,
    )


def list_owners() -> list[int]:
    """Return the users with secrets in this table, in the order in which their rows are locked (system transaction)."""
    return fetch_all(int, "SELECT DISTINCT user_id FROM oauth_credentials ORDER BY user_id")


def rewrite_secrets(user_id: int, rewrite: Callable[[str], str]) -> int:
    """Replace every secret of a user with the result of `rewrite` (system transaction); return their number."""
    rows = fetch_all(
        tuple,
        """
        SELECT id, client_secret, access_token, refresh_token
        FROM oauth_credentials
        WHERE user_id = %(user_id)s
        ORDER BY id
        FOR UPDATE
        """,
        user_id=user_id,
    )
    secrets = [[secret and rewrite(secret) for secret in row[1:]] for row in rows]
    execute(
        """
        UPDATE oauth_credentials AS c
        SET client_secret = new.client_secret, access_token = new.access_token, refresh_token = new.refresh_token,
            updated_at = now()
        FROM unnest(
            %(ids)s::bigint[], %(client_secrets)s::text[], %(access_tokens)s::text[], %(refresh_tokens)s::text[]
        ) AS new (id, client_secret, access_token, refresh_token)
        WHERE c.user_id = %(user_id)s
          AND c.id = new.id
        """,
        user_id=user_id,
        ids=[row[0] for row in rows],
        client_secrets=[row[0] for row in secrets],
        access_tokens=[row[1] for row in secrets],
        refresh_tokens=[row[2] for row in secrets],
    )
    return sum(secret is not None for row in secrets for secret in row)
