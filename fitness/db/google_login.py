"""Accounts that are linked to a Google account. System transactions only, but for `hold_link`."""

from fitness.db.connection import execute, fetch_one
from fitness.db.users import Credentials, hold_account


def create_account(*, google_id: str, email: str, name: str, profile_image_url: str | None) -> Credentials | None:
    """Create an account without a password, with a verified e-mail address.

    Returns None if the e-mail address or the Google account already has one.
    """
    return fetch_one(
        Credentials,
        """
        INSERT INTO users AS u (email, name, google_id, profile_image_url, email_verified_at)
        VALUES (%(email)s, %(name)s, %(google_id)s, %(profile_image_url)s, now())
        ON CONFLICT DO NOTHING
        RETURNING u.user_id, u.hashed_password, u.is_active
        """,
        email=email,
        name=name,
        google_id=google_id,
        profile_image_url=profile_image_url,
    )


def get_user_id_of_email(email: str) -> int | None:
    """Return the user id of an e-mail address, or None; unlike a login, it takes no username."""
    return fetch_one(int, "SELECT user_id FROM users WHERE address_key(email) = address_key(%(email)s)", email=email)


def link_account(user_id: int, google_id: str) -> bool:
    """Link a Google account to an account; return False if the account is linked to another Google account.

    Raises Conflict if the Google account is linked to another account.
    """
    linked = execute(
        """
        UPDATE users
        SET google_id = %(google_id)s, updated_at = now()
        WHERE user_id = %(user_id)s
          AND (google_id IS NULL OR google_id = %(google_id)s)
        """,
        user_id=user_id,
        google_id=google_id,
    )
    return linked > 0


def hold_link(user_id: int, google_id: str) -> bool:
    """Return whether the account of a user, which is active, is linked to this Google account.

    If so, no other transaction changes the account until this one ends.
    """
    return hold_account(user_id, "google_id = %(google_id)s AND is_active", google_id=google_id)


def unlink_account(user_id: int) -> None:
    """Unlink the Google account of an account."""
    execute("UPDATE users SET google_id = NULL, updated_at = now() WHERE user_id = %(user_id)s", user_id=user_id)
