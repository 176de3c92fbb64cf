"""Passkeys: add them, log in and confirm with them.

A passkey belongs to the host name of PUBLIC_API_BASE_URL, and signs a challenge that works once, within five minutes,
in the browser or session that asked for it. Its device checks who uses it, by a fingerprint, a face or a PIN: it is as
good as a password and a second factor together.
"""

import hmac
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app

from fitness.accounts import login_steps, security_log, sessions
from fitness.accounts.webauthn_messages import (
    TIMEOUT_SECONDS,
    BadAnswer,
    Site,
    challenge_of,
    check_signature,
    credential_of,
    options_to_add,
    options_to_sign,
    read_new_key,
)
from fitness.config import Settings
from fitness.db import passkeys, users
from fitness.db.connection import system_transaction, transaction
from fitness.db.login_steps import Purpose
from fitness.db.passkeys import Passkey
from fitness.db.users import Credentials, User
from fitness.errors import Conflict, Invalid, Unauthorized, invalid_field
from fitness.names import name_key

MOST_PASSKEYS = 20
"""Of an account."""
FIELD = "passkey"
NOT_READABLE = "Not what a browser answers for a passkey of this server"
REFUSED = "This passkey is not one of the account, or it did not sign for this server"
COPIED = "This passkey was refused, as another device seems to have a copy of it"


def site_of(settings: Settings) -> Site | None:
    """Return where passkeys work; None if browsers offer none at the address of the server."""
    address = urlsplit(settings.public_api_base_url.lower())
    host = address.hostname or ""
    is_local = host == "localhost" or host.endswith(".localhost")
    if _is_ip_address(host) or not (address.scheme == "https" or is_local):
        return None
    usual = {"http": 80, "https": 443}[address.scheme]
    port = "" if address.port in {None, usual} else f":{address.port}"
    return Site(f"{address.scheme}://{host}{port}", host)


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _site() -> Site:
    site = site_of(current_app.config["SETTINGS"])
    if site is None:
        raise Conflict("Passkeys need a host name and HTTPS, or localhost: see PUBLIC_API_BASE_URL")
    return site


# All functions below open their own transactions.


def begin_to_add(user: User, session_id: UUID) -> dict[str, Any]:
    """Return the options with which a browser makes a passkey for a user.

    Raises Conflict if the account has MOST_PASSKEYS, or passkeys do not work at the address of the server.
    """
    with transaction(user.user_id):
        handle = users.get_passkey_handle()
        known = passkeys.list_credential_ids(user.user_id)
    _refuse_too_many(known)
    options = options_to_add(_site(), handle=handle, email=user.email, name=user.name, known=known)
    return _kept(options, "new_passkey", str(session_id))


def _refuse_too_many(known: list[bytes]) -> None:
    if len(known) >= MOST_PASSKEYS:
        raise Conflict(f"An account has {MOST_PASSKEYS} passkeys at most: remove one first")


def add(user_id: int, session_id: UUID, answer: dict[str, Any], name: str) -> Passkey:
    """Store the passkey that a browser has made.

    Raises Invalid if it is not as the options asked for, Conflict if the account has it already, or MOST_PASSKEYS, and
    Unauthorized if the session has ended.
    """
    _use_challenge(answer, "new_passkey", str(session_id))
    try:
        key = read_new_key(answer, _site())
    except BadAnswer as error:
        raise _not_readable() from error
    with transaction(user_id):
        users.hold_session(user_id, session_id)
        _refuse_too_many(passkeys.list_credential_ids(user_id))
        passkey = passkeys.create_passkey(
            credential_id=key.credential_id, public_key=key.public_key, sign_count=key.sign_count, name=name
        )
        security_log.record(user_id, "passkey_added", name)
    return passkey


def begin_to_log_in(browser: str, email: str | None) -> dict[str, Any]:
    """Return the options with which a browser signs for a login; raises Conflict where passkeys do not work.

    Without an e-mail address, the person chooses among the passkeys that the device has for this server. With one, the
    passkeys of its account are named. If there are none, one is named that does not exist: the answer does not say
    whether an address has an account.
    """
    named: list[bytes] = []
    if email is not None:
        with system_transaction():
            credentials = users.get_credentials(email)
            named = passkeys.list_credential_ids(credentials.user_id) if credentials else []
        named = named or [_invented(email)]
    return _kept(options_to_sign(_site(), named), "passkey_login", browser)


def log_in(answer: dict[str, Any], *, browser: str, email: str | None) -> sessions.Tokens:
    """Return the tokens of a new session of the account that a passkey signed for.

    The account is the one that the authenticator names, or that of the e-mail address. Raises Invalid for a challenge
    that does not work (any more), and Unauthorized.
    """
    _use_challenge(answer, "passkey_login", browser)
    account = _account_of(answer, email)
    if account is None:
        raise Unauthorized(REFUSED)
    name = _verify(account.user_id, answer, failure="login_failed")
    if not account.is_active:
        raise Unauthorized("This account is deactivated")
    credential_id, _ = credential_of(answer)
    still = partial(passkeys.hold_passkey, credential_id)
    return sessions.start_session(account.user_id, how=f"passkey {name}", still=still)


def check(user_id: int, answer: dict[str, Any], *, browser: str) -> None:
    """Raise Invalid or Unauthorized, as `log_in`, unless a passkey of this user signed for a login."""
    _use_challenge(answer, "passkey_login", browser)
    _verify(user_id, answer, failure="login_failed")


def begin_to_confirm(user_id: int, session_id: UUID) -> dict[str, Any]:
    """Return the options with which a browser signs to confirm a session; raises Conflict without a passkey."""
    with transaction(user_id):
        named = passkeys.list_credential_ids(user_id)
    if not named:
        raise Conflict("This account has no passkey")
    return _kept(options_to_sign(_site(), named), "passkey_confirmation", str(session_id))


def check_in_session(user_id: int, answer: dict[str, Any], session_id: UUID) -> str:
    """Return the name of the passkey of the user that signed to confirm the session; raises Invalid."""
    _use_challenge(answer, "passkey_confirmation", str(session_id))
    try:
        return _verify(user_id, answer, failure="confirmation_failed")
    except Unauthorized as error:
        # 401 would say that the session has ended.
        raise invalid_field(FIELD, error.detail) from error


def _account_of(answer: dict[str, Any], email: str | None) -> Credentials | None:
    try:
        _, handle = credential_of(answer)
    except BadAnswer as error:
        raise _not_readable() from error
    with system_transaction():
        if handle is not None:
            return users.get_credentials_of_handle(handle)
        return users.get_credentials(email) if email is not None else None


def _verify(user_id: int, answer: dict[str, Any], *, failure: str) -> str:
    """Return the name of the user's passkey that signed an answer, and store its use.

    Raises Unauthorized, and records the event `failure`, or that somebody seems to have a copy of the passkey.
    """
    try:
        credential_id, _ = credential_of(answer)
        with system_transaction():
            known = passkeys.get_public_key(user_id, credential_id)
        if known is None:
            raise BadAnswer
        count = check_signature(answer, _site(), known.public_key)
    except BadAnswer as error:
        raise _refused(user_id, failure, "passkey", REFUSED) from error
    with system_transaction():
        if passkeys.use_passkey(user_id, credential_id, count):
            return known.name
    raise _refused(user_id, "passkey_copied", known.name, COPIED)


def _refused(user_id: int, event: str, detail: str, why: str) -> Unauthorized:
    with system_transaction():
        security_log.record(user_id, event, detail)
    return Unauthorized(why)


def _kept(options: dict[str, Any], purpose: Purpose, browser: str) -> dict[str, Any]:
    """Keep the challenge of options for a browser, and return them."""
    login_steps.begin(options["challenge"], purpose, browser, seconds=TIMEOUT_SECONDS)
    return options


def _use_challenge(answer: dict[str, Any], purpose: Purpose, browser: str) -> None:
    """Use up the challenge that an answer says it has signed; raises Invalid if it does not work (any more)."""
    try:
        challenge = challenge_of(answer)
    except BadAnswer as error:
        raise _not_readable() from error
    login_steps.use(challenge, purpose, browser, field=FIELD)


def _not_readable() -> Invalid:
    return invalid_field(FIELD, NOT_READABLE)


def _invented(email: str) -> bytes:
    """Return the id of a passkey that does not exist, always the same for an address."""
    key = current_app.config["SETTINGS"].jwt_secret_key.encode()
    return hmac.digest(key, f"passkey of {name_key(email)}".encode(), "sha256")
