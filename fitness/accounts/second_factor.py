"""The second factor of a login: a time-based code (TOTP, RFC 6238) of an app, a recovery code, or a passkey.

A passkey is asked for only where codes are, as it may as well be used without the password.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any
from uuid import UUID

from flask import current_app
from pyotp import random_base32
from pyotp.totp import TOTP

from fitness.accounts import passkeys, security_log
from fitness.accounts.limits import account_number, limit_attempts
from fitness.connections.encryption import Cipher, digest
from fitness.db import second_factors, users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import Conflict, SecondFactorNeeded, Unauthorized, invalid_field

ISSUER = "fitness"
RECOVERY_CODES = 10
STEPS_APART = 1
"""How many steps of 30 seconds the clock of a telephone may be wrong, either way."""
LIMITS = "5 per minute; 50 per day"
"""Codes that may be tried, per account: only who knows the password gets here."""
_TIME_BASED = re.compile(r"[0-9]{6}")
_BLANKS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a login brings as its second factor, if anything, and the secret of the browser that it comes from."""

    browser: str
    code: str | None = None
    passkey: dict[str, Any] | None = None


def begin(user_id: int, email: str) -> tuple[str, str]:
    """Return a new secret, and its address for apps (the text of a QR code); raises Conflict if a second factor is on.

    It is not on before it is confirmed. Runs in the bound transaction of the user.
    """
    secret = random_base32()
    if not second_factors.begin_second_factor(user_id, _cipher().encrypt(secret)):
        raise Conflict("A second factor is on: switch it off first")
    return secret, TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm(user_id: int, session_id: UUID, code: str) -> list[str]:
    """Switch the second factor on by its first code; return the recovery codes.

    Raises Conflict if none was begun, or one is on, Invalid for a wrong code, Unauthorized if the session has ended,
    and TooManyRequests.
    """
    limit_attempts(LIMITS, "second factor", account_number(user_id))
    with transaction(user_id):
        users.hold_session(user_id, session_id)
        # Locked, as another request may begin one anew, with another secret, or confirm it.
        factor = second_factors.get_second_factor(user_id, lock=True)
        if factor is None or factor.confirmed_at:
            raise Conflict("There is no second factor to confirm: begin with POST /auth/second-factor")
        if not _use_time_based(user_id, factor.secret, code):
            raise invalid_field("second_factor", "Wrong code")
        second_factors.confirm_second_factor(user_id)
        security_log.record(user_id, "second_factor_on")
        return make_recovery_codes(user_id)


def make_recovery_codes(user_id: int) -> list[str]:
    """Return new recovery codes, of which only digests are stored; those of before stop working."""
    second_factors.get_second_factor(user_id, lock=True)  # so that of two requests one has the codes that work
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    second_factors.replace_recovery_codes(user_id, [digest(_BLANKS.sub("", code)) for code in codes])
    security_log.record(user_id, "recovery_codes_made")
    return codes


def is_on(user_id: int) -> bool:
    """Return whether a user has a second factor, in the bound transaction."""
    factor = second_factors.get_second_factor(user_id)
    return factor is not None and factor.confirmed_at is not None


def check(user_id: int, proof: Proof) -> None:
    """Raise an error unless the second factor is right, or not needed; call it outside of any transaction.

    Raises as `check_code` and `passkeys.check`.
    """
    if proof.passkey is not None:
        passkeys.check(user_id, proof.passkey, browser=proof.browser)
    else:
        check_code(user_id, proof.code)


def check_code(user_id: int, code: str | None, *, failure: str = "login_failed") -> None:
    """Raise an error unless the code is right, or the user has no second factor.

    Each code works once. Raises SecondFactorNeeded without a code, Unauthorized for a wrong one, which is recorded as
    the event `failure`, and TooManyRequests.
    """
    with system_transaction():
        needed = is_on(user_id)
    if not needed:
        return
    if code is None:
        raise SecondFactorNeeded
    limit_attempts(LIMITS, "second factor", account_number(user_id))
    with system_transaction():
        if _use(user_id, code):
            return
        security_log.record(user_id, failure, "second factor")
    raise Unauthorized("Wrong code of the second factor")


def check_in_session(user_id: int, code: str | None) -> None:
    """As `check_code`, but raise Invalid for a missing and a wrong code: 401 would say that the session has ended."""
    try:
        check_code(user_id, code, failure="confirmation_failed")
    except SecondFactorNeeded as error:
        raise invalid_field("second_factor", "Missing data for required field.") from error
    except Unauthorized as error:
        raise invalid_field("second_factor", "Wrong code") from error


def _use(user_id: int, code: str) -> bool:
    factor = second_factors.get_second_factor(user_id)
    if factor is None:
        return False
    plain = _BLANKS.sub("", code).lower()
    if _TIME_BASED.fullmatch(plain):
        return _use_time_based(user_id, factor.secret, plain)
    if second_factors.use_recovery_code(user_id, digest(plain)):
        security_log.record(user_id, "recovery_code_used")
        return True
    return False


def _use_time_based(user_id: int, encrypted: str, code: str) -> bool:
    """Return whether the code is of now or a step apart, and no code of that step or a later one was used."""
    totp = TOTP(_cipher().decrypt(encrypted))
    plain = _BLANKS.sub("", code)
    now = totp.timecode(datetime.now(UTC))
    steps = range(now - STEPS_APART, now + STEPS_APART + 1)
    matching = [step for step in steps if compare_digest(totp.generate_otp(step).encode(), plain.encode())]
    return any(second_factors.use_step(user_id, step) for step in matching)


def _recovery_code() -> str:
    """Return 80 random bits as four groups of four letters and digits."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, 16, 4))


def _cipher() -> Cipher:
    return Cipher(current_app.config["SETTINGS"].encryption_keys)
