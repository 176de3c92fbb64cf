"""Login with Google: linked accounts, states of started logins, codes of ended ones. System transactions only."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_one
from fitness.db.users import Credentials


@dataclass(frozen=True, slots=True)
class Account:
    """An account that a Google account is linked to."""

    user_id: int
    is_active: bool


def get_account(google_id: str) -> Account | None:
    """Return the account that a Google account is linked to, or None."""
    return fetch_one(
        Account, "SELECT user_id, is_active FROM users WHERE google_id = %(google_id)s", google_id=google_id
    )


def create_account(*, google_id: str, email: str, name: str, profile_image_url: str | None) -> Account | None:
    """Create an account without a password, with a verified e-mail address.

    Returns None if the e-mail address or the Google account already has one.
    """
    return fetch_one(
        Account,
        """
        INSERT INTO users AS u (email, name, google_id, profile_image_url, email_verified_at)
        VALUES (%(email)s, %(name)s, %(google_id)s, %(profile_image_url)s, now())
        ON CONFLICT DO NOTHING
        RETURNING u.user_id, u.is_active
        """,
        email=email,
        name=name,
        google_id=google_id,
        profile_image_url=profile_image_url,
    )


def get_user_id_of_email(email: str) -> int | None:
    """Return the user id of an e-mail address, or None."""
    return fetch_one(int, "SELECT user_id FROM users WHERE address_key(email) = address_key(%(email)s)", email=email)


def get_credentials_of_user(user_id: int) -> Credentials | None:
    """Return the credentials of a user, or None."""
    return fetch_one(
        Credentials,
        "SELECT user_id, hashed_password, is_active FROM users WHERE user_id = %(user_id)s",
        user_id=user_id,
    )


def link_account(user_id: int, google_id: str) -> bool:
    """Link a Google account to an account; return False if the account is linked to another Google account.

    Raises Conflict if the Google account is linked to another account.
    """
    return (
        execute(
            """
            UPDATE users
            SET google_id = %(google_id)s, updated_at = now()
            WHERE user_id = %(user_id)s
              AND (google_id IS NULL OR google_id = %(google_id)s)
            """,
            user_id=user_id,
            google_id=google_id,
        )
        > 0
    )


def unlink_account(user_id: int) -> bool:
    """Unlink the Google account; return False if none is linked, or the account has no password."""
    return (
        execute(
            """
            UPDATE users
            SET google_id = NULL, updated_at = now()
            WHERE user_id = %(user_id)s
              AND google_id IS NOT NULL
              AND hashed_password IS NOT NULL
            """,
            user_id=user_id,
        )
        > 0
    )


def is_linked(user_id: int) -> bool:
    """Return whether a Google account is linked to an account."""
    return bool(fetch_one(bool, "SELECT google_id IS NOT NULL FROM users WHERE user_id = %(user_id)s", user_id=user_id))


@dataclass(frozen=True, slots=True)
class LoginState:
    """The secrets of a login that has begun; the verifier is encrypted."""

    nonce: str
    code_verifier: str


def create_login_state(
    state_hash: str, *, browser_hash: str, nonce: str, code_verifier: str, expires_at: datetime
) -> None:
    """Store the hash of a new state and its browser, and delete expired ones."""
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
    """Delete a state and return its data; None if it is unknown, used, expired or from another browser."""
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


def create_login_code(code_hash: str, *, browser_hash: str, google_id: str, expires_at: datetime) -> None:
    """Store the hash of a new code and its browser, and delete expired ones."""
    execute("DELETE FROM login_codes WHERE expires_at < now()")
    execute(
        """
        INSERT INTO login_codes (code_hash, browser_hash, google_id, expires_at)
        VALUES (%(code_hash)s, %(browser_hash)s, %(google_id)s, %(expires_at)s)
        """,
        code_hash=code_hash,
        browser_hash=browser_hash,
        google_id=google_id,
        expires_at=expires_at,
    )


def use_login_code(code_hash: str, *, browser_hash: str) -> str | None:
    """Delete a code and return its Google account; None if it is unknown, used, expired or from another browser."""
    return fetch_one(
        str,
        """
        DELETE FROM login_codes AS c
        WHERE c.code_hash = %(code_hash)s
          AND c.browser_hash = %(browser_hash)s
          AND c.expires_at > now()
        RETURNING c.google_id
        """,
        code_hash=code_hash,
        browser_hash=browser_hash,
    )
