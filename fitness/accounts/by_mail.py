"""What needs a mail: verifying an e-mail address, and setting another password when the old one is forgotten."""

import secrets
from datetime import timedelta

from flask import current_app

from fitness.accounts import passwords, security_log
from fitness.accounts.limits import account_name, account_number, limit_attempts, network
from fitness.accounts.mail import later, send, sends_mail
from fitness.config import Settings
from fitness.connections.encryption import digest
from fitness.db import mail_codes, passkeys, second_factors, users
from fitness.db.connection import system_transaction
from fitness.db.mail_codes import Addressee, Purpose
from fitness.errors import Conflict, invalid_field

HOURS: dict[Purpose, int] = {"verify": 72, "reset": 1}
"""How long a code is valid."""
NOT_VALID = "Unknown, expired or already used"

VERIFY = """Hello {name},

somebody has given this e-mail address for an account in the training log at {server}. If it was you, open this page:

{server}/dashboard#verify_code={code}

The page works once, within {hours} hours. If it was not you, ignore this mail.
"""
RESET = """Hello {name},

somebody wants to set another password for your account in the training log at {server}. If it was you, open this page:

{server}/dashboard#reset_code={code}

The page works once, within {hours} hour. If it was not you, ignore this mail: your password stays as it is.
"""
CHANGED = """Hello {name},

your account in the training log at {server} has another e-mail address now: {email}. If it was not you who changed it,
ask the operator of the server for help.
"""


def ask_for_reset(email: str) -> None:
    """Send a code to an e-mail address, if it has an account; nothing says whether it has one.

    Raises Conflict if the server sends no mail, and TooManyRequests.
    """
    settings = _settings()
    _limit_mails(account_name(email))
    later(_send_reset, settings, email)


def _send_reset(settings: Settings, email: str) -> None:
    with system_transaction():
        addressee = mail_codes.get_addressee(email)
    if addressee:
        _send_code(settings, addressee, "reset", "Set another password", RESET)


def verify_later(user_id: int) -> None:
    """Send a code to the e-mail address of a user, if the server sends mail; call it after the commit."""
    settings: Settings = current_app.config["SETTINGS"]
    if sends_mail(settings):
        later(_send_verification, settings, user_id)


def ask_for_verification(user_id: int) -> None:
    """Send another code to the e-mail address of a user; raises as `ask_for_reset`."""
    settings = _settings()
    _limit_mails(account_number(user_id))
    later(_send_verification, settings, user_id)


def _send_verification(settings: Settings, user_id: int) -> None:
    with system_transaction():
        addressee = mail_codes.get_addressee_of_user(user_id)
    if addressee and not addressee.verified:
        _send_code(settings, addressee, "verify", "Verify your e-mail address", VERIFY)


def tell_former_address(user_id: int, *, former: str) -> None:
    """Say at the former e-mail address that the account has another one, if the server sends mail."""
    settings: Settings = current_app.config["SETTINGS"]
    if sends_mail(settings):
        later(_send_notice, settings, user_id, former)


def _send_notice(settings: Settings, user_id: int, former: str) -> None:
    with system_transaction():
        addressee = mail_codes.get_addressee_of_user(user_id)
    if addressee:
        text = CHANGED.format(name=addressee.name, server=settings.public_api_base_url, email=addressee.email)
        send(settings, to=former, subject="Your e-mail address was changed", text=text)


def _send_code(settings: Settings, addressee: Addressee, purpose: Purpose, subject: str, text: str) -> None:
    code, hours = secrets.token_urlsafe(32), HOURS[purpose]
    with system_transaction():
        mail_codes.create_code(addressee, digest(code), purpose=purpose, lasts=timedelta(hours=hours))
    filled = text.format(name=addressee.name, server=settings.public_api_base_url, code=code, hours=hours)
    send(settings, to=addressee.email, subject=subject, text=filled)


def verify(code: str) -> None:
    """Store that the owner of an account reads mail at its address; raises Invalid for a code that is not valid."""
    _limit_codes()
    with system_transaction():
        addressee = _use_code(code, "verify")
        mail_codes.set_verified(addressee.user_id)
        security_log.record(addressee.user_id, "email_verified", addressee.email)


def reset_password(code: str, new_password: str, *, revoke_tokens: bool) -> None:
    """Set the password of a code's account, and end all its sessions; with `revoke_tokens`, its tokens too.

    If the address was not verified before, somebody else may have made the account: whatever lets them in ends as well.
    Raises Invalid for a code that is not valid and an easy password, and TooManyRequests.
    """
    _limit_codes()
    with system_transaction():
        addressee = mail_codes.get_addressee_of_code(digest(code), purpose="reset")
    if addressee is None:
        raise invalid_field("code", NOT_VALID)
    hashed_password = passwords.hash_new_password(new_password, addressee)
    with system_transaction():
        addressee = _use_code(code, "reset")
        user_id = addressee.user_id
        revoke_tokens = revoke_tokens or not addressee.verified
        if not addressee.verified:
            second_factors.delete_second_factor(user_id)
            passkeys.delete_all_passkeys(user_id)
        # After that: it ends the sessions of logins with them, too.
        passwords.set_password(user_id, hashed_password, "password_reset", revoke_tokens=revoke_tokens)
        mail_codes.set_verified(user_id)


def _use_code(code: str, purpose: Purpose) -> Addressee:
    """Use up a code; return its account, whose address nobody changes until the transaction ends; raises Invalid."""
    addressee = mail_codes.get_addressee_of_code(digest(code), purpose=purpose)
    if addressee is not None and users.hold_account(addressee.user_id):
        # Again: somebody may have changed the address just before.
        addressee = mail_codes.get_addressee_of_code(digest(code), purpose=purpose)
    if addressee is None or not mail_codes.use_code(addressee.user_id, digest(code)):
        raise invalid_field("code", NOT_VALID)
    return addressee


def _settings() -> Settings:
    """Return the settings of a server that sends mail; raises Conflict for another one."""
    settings: Settings = current_app.config["SETTINGS"]
    if not sends_mail(settings):
        raise Conflict("This server sends no mail: ask its operator")
    return settings


def _limit_mails(account: str) -> None:
    limits = current_app.config["SETTINGS"].rate_limit_signup
    limit_attempts(limits, "mail", account, network())


def _limit_codes() -> None:
    limit_attempts(current_app.config["SETTINGS"].rate_limit_login, "code", network())
