"""Create accounts: by themselves, by invitation, or not at all, as the server's settings say."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app

from fitness.accounts import passwords
from fitness.connections.encryption import digest
from fitness.db import invitations, users
from fitness.db.connection import system_transaction
from fitness.db.users import User
from fitness.errors import Forbidden, invalid_field

CLOSED = "Sign-up is closed on this server"
BY_INVITATION = "This server takes new accounts by invitation"


def sign_up(account: dict[str, Any]) -> User:
    """Create the account of a person who signs up, from the fields of the schema.

    Raises Forbidden if sign-up is closed, Invalid for an easy password and an invitation that is missing or not valid,
    and Conflict.
    """
    mode = current_app.config["SETTINGS"].sign_up
    invitation = account.pop("invitation", None)
    if mode == "closed":
        raise Forbidden(CLOSED)
    if mode == "invitation" and invitation is None:
        raise invalid_field("invitation", BY_INVITATION)
    new = prepare(account)
    with system_transaction():
        if mode == "invitation" and not invitations.use_invitation(digest(invitation or "")):
            raise invalid_field("invitation", "Unknown, expired or already used")
        return users.create_user(**new)


def prepare(account: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a new account, with the hash of its password; raises Invalid for an easy one."""
    new = {"name": account.get("username"), **account}
    password = new.pop("password")
    passwords.refuse_easy(password, new["email"], new.get("username"), new["name"])
    return {**new, "hashed_password": passwords.hash_password(password)}


def refuse_unless_open() -> None:
    """Raise Forbidden unless anybody may sign up, for ways to sign up that take no invitation."""
    mode = current_app.config["SETTINGS"].sign_up
    if mode != "open":
        raise Forbidden(CLOSED if mode == "closed" else f"{BY_INVITATION}: sign up with it first")


def invite(*, days: int) -> tuple[str, datetime]:
    """Create an invitation; return its code, which is stored nowhere, and when it expires."""
    code = "inv_" + secrets.token_urlsafe(24)
    with system_transaction():
        return code, invitations.create_invitation(digest(code), lasts=timedelta(days=days))
