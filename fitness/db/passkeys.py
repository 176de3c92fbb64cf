"""Passkeys. In transactions of the user or system transactions; see also `passkey_handle` of users."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db import constraints
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import columns
from fitness.db.own_numbers import new_number


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey, as its owner sees it."""

    id: int
    name: str
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What the signatures of a passkey are checked with."""

    name: str
    public_key: bytes


_COLUMNS = columns(Passkey, "p")

constraints.conflict("passkeys_user_id_credential_id_key", detail="This passkey has been added already")


def create_passkey(*, credential_id: bytes, public_key: bytes, sign_count: int, name: str) -> Passkey:
    """Store a new passkey of the transaction's user; raises Conflict if the account has it already."""
    passkey = fetch_one(
        Passkey,
        """
        INSERT INTO passkeys AS p (user_id, id, credential_id, public_key, sign_count, name)
        OVERRIDING SYSTEM VALUE
        VALUES (%(user_id)s, %(id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(name)s)
        RETURNING """
        + _COLUMNS,
        id=new_number(),
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
    )
    assert passkey is not None
    return passkey


def list_passkeys(*, limit: int, before: int | None = None) -> list[Passkey]:
    """Return up to `limit` passkeys with ids below `before`, newest first."""
    return fetch_all(
        Passkey,
        "SELECT "
        + _COLUMNS
        + """
        FROM passkeys AS p
        WHERE p.user_id = %(user_id)s
          AND (%(before)s::bigint IS NULL OR p.id < %(before)s)
        ORDER BY p.id DESC
        LIMIT %(limit)s
        """,
        limit=limit,
        before=before,
    )


def list_credential_ids(user_id: int) -> list[bytes]:
    """Return the ids by which authenticators know the passkeys of a user."""
    return fetch_all(
        bytes, "SELECT credential_id FROM passkeys WHERE user_id = %(user_id)s ORDER BY id", user_id=user_id
    )


def rename_passkey(passkey_id: int, name: str) -> Passkey | None:
    """Give a passkey another name; return None if there is no such passkey."""
    return fetch_one(
        Passkey,
        """
        UPDATE passkeys AS p
        SET name = %(name)s, updated_at = now()
        WHERE p.user_id = %(user_id)s
          AND p.id = %(passkey_id)s
        RETURNING """
        + _COLUMNS,
        passkey_id=passkey_id,
        name=name,
    )


def delete_passkey(passkey_id: int) -> str | None:
    """Delete a passkey; return its name, or None if there is no such passkey."""
    return fetch_one(
        str,
        "DELETE FROM passkeys AS p WHERE p.user_id = %(user_id)s AND p.id = %(passkey_id)s RETURNING p.name",
        passkey_id=passkey_id,
    )


def delete_all_passkeys(user_id: int) -> None:
    """Delete all passkeys of a user."""
    execute("DELETE FROM passkeys WHERE user_id = %(user_id)s", user_id=user_id)


def get_public_key(user_id: int, credential_id: bytes) -> PublicKey | None:
    """Return the public key of a passkey of a user, or None."""
    return fetch_one(
        PublicKey,
        """
        SELECT name, public_key
        FROM passkeys
        WHERE user_id = %(user_id)s
          AND credential_id = %(credential_id)s
        """,
        user_id=user_id,
        credential_id=credential_id,
    )


def hold_passkey(credential_id: bytes) -> bool:
    """Return whether the transaction's user has a passkey; if so, nobody else removes it until this one ends."""
    query = "SELECT id FROM passkeys WHERE user_id = %(user_id)s AND credential_id = %(credential_id)s FOR UPDATE"
    return fetch_one(int, query, credential_id=credential_id) is not None


def use_passkey(user_id: int, credential_id: bytes, sign_count: int) -> bool:
    """Store the use of a passkey; return False if its authenticator has counted that far before.

    Authenticators that do not count always send 0.
    """
    used = execute(
        """
        UPDATE passkeys
        SET sign_count = %(sign_count)s, last_used_at = now(), updated_at = now()
        WHERE user_id = %(user_id)s
          AND credential_id = %(credential_id)s
          AND (sign_count < %(sign_count)s OR (sign_count = 0 AND %(sign_count)s = 0))
        """,
        user_id=user_id,
        credential_id=credential_id,
        sign_count=sign_count,
    )
    return used > 0
