"""Log in with Google.

The state of a login is bound to the browser that started it, and works once, within ten minutes. The ID token then
identifies the user. If an account with the same e-mail address exists, its owner must confirm the link first: an e-mail
address alone never gives access to an existing account.

A browser ends up on a page with a code in its address, which the page exchanges for a session. The code works once, for
a minute, in the browser that started the login: who finds it in a history or a log can do nothing with it.
"""

import secrets
from datetime import UTC, datetime, timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from fitness.accounts import limits, passwords, second_factor, security_log, sessions
from fitness.accounts.sign_up import refuse_unless_open
from fitness.config import Settings
from fitness.connections import clients
from fitness.connections.encryption import Cipher, digest
from fitness.connections.oauth import STATE_SECONDS
from fitness.db import google_login
from fitness.db.connection import system_transaction
from fitness.db.google_login import Account
from fitness.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized, invalid_field
from fitness.names import normal_address
from fitness.providers.client import Untrusted
from fitness.providers.google.identity import Identity

CODE_SECONDS = 60
"""How long a code can be exchanged for a session."""
SECOND_STEP_SECONDS = 300
"""How long it can be sent again, together with a code of the second factor."""

TRY_AGAIN = "Expired, already used, or from another browser: log in again"


def begin(*, browser: str) -> str:
    """Return the URL of the login at Google, for the browser with the secret `browser`.

    Raises Misconfigured if the server has no Google application.
    """
    settings = _settings()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with clients.google_application(settings) as google:
        with system_transaction():
            google_login.create_login_state(
                digest(state),
                browser_hash=digest(browser),
                nonce=nonce,
                code_verifier=Cipher(settings.encryption_keys).encrypt(verifier),
                expires_at=datetime.now(UTC) + timedelta(seconds=STATE_SECONDS),
            )
        return google.login_url(_redirect_uri(), state, create_s256_code_challenge(verifier), nonce)


def identify(*, state: str, browser: str, code: str | None, error: str | None) -> Identity:
    """Return the identity of the user that Google redirects back, with a verified e-mail address.

    Raises Invalid if the state is forged, expired, used or from another browser, Untrusted if Google does not confirm
    an identity, and the errors of the Google client.
    """
    settings = _settings()
    with system_transaction():
        kept = google_login.use_login_state(digest(state), browser_hash=digest(browser))
    if kept is None:
        raise invalid_field("state", TRY_AGAIN)
    if error or not code:
        raise Untrusted("Google login was cancelled: access was not granted")
    with clients.google_application(settings) as google:
        verifier = Cipher(settings.encryption_keys).decrypt(kept.code_verifier)
        identity = google.identify(code, _redirect_uri(), verifier, kept.nonce)
    if not identity.verified:
        raise Untrusted("Your e-mail address is not verified at Google")
    return identity


def find_account(identity: Identity) -> Account | str:
    """Return the account of a Google identity; new users get one.

    If an account with the same e-mail address exists but is not linked, return a link token (str) instead; its owner
    must confirm the link. Raises Unauthorized for a deactivated account, and Forbidden if not everybody may sign up.
    """
    email = normal_address(identity.email)
    with system_transaction():
        account = google_login.get_account(identity.sub)
        if account is None:
            if google_login.get_user_id_of_email(email) is None:
                refuse_unless_open()
            account = google_login.create_account(
                google_id=identity.sub, email=email, name=identity.name, profile_image_url=identity.picture
            )
            # another request of the same person may have created it at the same moment
            account = account or google_login.get_account(identity.sub)
        owner_id = google_login.get_user_id_of_email(email) if account is None else None
    if account is None:
        return _links().dumps([owner_id, identity.sub])
    return _active(account)


def create_code(identity: Identity, *, browser: str) -> str:
    """Return a code that the browser can exchange for a session of the identity's account."""
    code = secrets.token_urlsafe(32)
    with system_transaction():
        _keep_code(code, browser, identity.sub, CODE_SECONDS)
    return code


def use_code(code: str, *, browser: str, second_factor_code: str | None) -> sessions.Tokens:
    """Return the tokens of a new session for a code.

    Raises Invalid if the code is forged, expired, used or from another browser, and Unauthorized if the account was
    unlinked or deactivated since. If the code of the second factor is missing, raises SecondFactorNeeded, and the code
    can be sent again.
    """
    with system_transaction():
        google_id = google_login.use_login_code(digest(code), browser_hash=digest(browser))
        account = google_login.get_account(google_id) if google_id else None
        if google_id and account and second_factor_code is None and second_factor.is_on(account.user_id):
            _keep_code(code, browser, google_id, SECOND_STEP_SECONDS)
    if google_id is None:
        raise invalid_field("code", TRY_AGAIN)
    user_id = _active(account).user_id
    second_factor.check(user_id, second_factor_code)
    return sessions.start_session(user_id)


def _keep_code(code: str, browser: str, google_id: str, seconds: int) -> None:
    google_login.create_login_code(
        digest(code),
        browser_hash=digest(browser),
        google_id=google_id,
        expires_at=datetime.now(UTC) + timedelta(seconds=seconds),
    )


def _active(account: Account | None) -> Account:
    if account is None or not account.is_active:
        raise Unauthorized("This account is deactivated")
    return account


def link_by_password(token: str, password: str, second_factor_code: str | None) -> sessions.Tokens:
    """Link a Google account to the account of the link token, confirmed by its password; return a session.

    Raises Invalid for an invalid token, Unauthorized for a wrong password, SecondFactorNeeded, TooManyRequests, and
    Conflict.
    """
    user_id, google_id = _read_link(token)
    limits.limit_passwords("login", limits.account_number(user_id))
    with system_transaction():
        credentials = google_login.get_credentials_of_user(user_id)
    matches = passwords.check_password(password, credentials and credentials.hashed_password)
    if credentials is None or not matches or not credentials.is_active:
        if credentials is not None:
            with system_transaction():
                security_log.record(user_id, "login_failed")
        raise Unauthorized("Wrong password")
    second_factor.check(user_id, second_factor_code)
    return _link(user_id, google_id)


def link_by_session(token: str, asker_id: int) -> sessions.Tokens:
    """Link a Google account to the account of the current user, and return another session.

    Raises Invalid for an invalid token, Forbidden for a token of another account, and Conflict.
    """
    user_id, google_id = _read_link(token)
    if user_id != asker_id:
        raise Forbidden("This Google account has the e-mail address of another account")
    return _link(user_id, google_id)


def unlink(user_id: int) -> None:
    """Unlink the Google account of an account.

    Raises NotFound if none is linked, and Conflict if the account has no password to log in with.
    """
    with system_transaction():
        if google_login.unlink_account(user_id):
            security_log.record(user_id, "google_unlinked")
            return
        linked = google_login.is_linked(user_id)
    if not linked:
        raise NotFound("No Google account is linked")
    raise Conflict("This account has no password: without Google you could not log in")


def _link(user_id: int, google_id: str) -> sessions.Tokens:
    with system_transaction():
        if not google_login.link_account(user_id, google_id):
            raise Conflict("This account is linked to another Google account: unlink that one first")
        security_log.record(user_id, "google_linked")
    return sessions.start_session(user_id)


def _read_link(token: str) -> tuple[int, str]:
    try:
        user_id, google_id = _links().loads(token, max_age=STATE_SECONDS)
    except SignatureExpired as error:
        raise _bad_link("Expired: log in with Google again") from error
    except BadSignature as error:
        raise _bad_link("Not issued by this server") from error
    return user_id, google_id


def _bad_link(why: str) -> Invalid:
    return invalid_field("link_token", why)


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="google link")


def _redirect_uri() -> str:
    return f"{_settings().public_api_base_url}/v1/auth/google/callback"


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
