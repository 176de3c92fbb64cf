"""Logging in by way of Google.

Nobody is known yet when a login begins, so its state is bound to the browser: it comes back once, within ten minutes,
from where it went out. Then the id token says who it is. An e-mail address alone opens no account that is here
already: its owner confirms that the two belong together.
"""

import secrets
from datetime import UTC, datetime, timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from fitness.accounts import limits, passwords, sessions
from fitness.config import Settings
from fitness.connections import clients
from fitness.connections.encryption import Cipher, digest
from fitness.connections.oauth import STATE_SECONDS
from fitness.db import google_login
from fitness.db.connection import system_transaction
from fitness.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorized, invalid_field
from fitness.providers.client import Untrusted
from fitness.providers.google.identity import Identity


def begin() -> tuple[str, str]:
    """Return the address at Google to log in at, and the secret that the browser keeps meanwhile.

    Raises Misconfigured when the server has no application there.
    """
    settings = _settings()
    state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
    with clients.google_application(settings) as google:
        with system_transaction():
            google_login.create_login_state(
                digest(state),
                browser_hash=digest(browser),
                nonce=nonce,
                code_verifier=Cipher(settings.encryption_keys).encrypt(verifier),
                expires_at=datetime.now(UTC) + timedelta(seconds=STATE_SECONDS),
            )
        return google.login_url(_redirect_uri(), state, create_s256_code_challenge(verifier), nonce), browser


def identify(*, state: str, browser: str, code: str | None, error: str | None) -> Identity:
    """Return whom Google sends back; their e-mail address is verified.

    Raises Invalid for a state that is forged, too old, used, or of another browser, Untrusted when Google does not
    vouch for anybody, and what else Google raises.
    """
    settings = _settings()
    with system_transaction():
        kept = google_login.use_login_state(digest(state), browser_hash=digest(browser))
    if kept is None:
        raise invalid_field("state", "It is too old, was used before, or is of another browser: log in again")
    if error or not code:
        raise Untrusted("Google was not allowed to say who you are")
    with clients.google_application(settings) as google:
        verifier = Cipher(settings.encryption_keys).decrypt(kept.code_verifier)
        identity = google.identify(code, _redirect_uri(), verifier, kept.nonce)
    if not identity.verified:
        raise Untrusted("Google has not verified your e-mail address")
    return identity


def log_in(identity: Identity) -> sessions.Tokens | str:
    """Return a session of the account of a person at Google, a new one if they have none.

    If an account has their e-mail address, return instead what links it, once its owner has confirmed that. Raises
    Unauthorized for a deactivated account.
    """
    with system_transaction():
        account = (
            google_login.get_account(identity.sub)
            or google_login.create_account(
                google_id=identity.sub,
                email=identity.email,
                name=identity.name,
                profile_image_url=identity.picture,
            )
            # which the same person may have been doing at this very moment
            or google_login.get_account(identity.sub)
        )
        owner_id = google_login.get_user_id_of_email(identity.email) if account is None else None
    if account is None:
        return _links().dumps([owner_id, identity.sub])
    if not account.is_active:
        raise Unauthorized("This account is deactivated")
    return sessions.start_session(account.user_id)


def link_by_password(token: str, password: str) -> sessions.Tokens:
    """Link a Google account with the account whose password this is, and return a session of it.

    Raises Invalid for a token that is not good, Unauthorized for a wrong password, TooManyRequests, and Conflict.
    """
    user_id, google_id = _read_link(token)
    limits.limit_account("login", limits.account_number(user_id))
    with system_transaction():
        credentials = google_login.get_credentials_of_user(user_id)
    matches = passwords.check_password(password, credentials and credentials.hashed_password)
    if credentials is None or not matches or not credentials.is_active:
        raise Unauthorized("Wrong password")
    return _link(user_id, google_id)


def link_by_session(token: str, asker_id: int) -> sessions.Tokens:
    """Link a Google account with the account of the one who is asking, and return another session of it.

    Raises Invalid for a token that is not good, Forbidden for that of another account, and Conflict.
    """
    user_id, google_id = _read_link(token)
    if user_id != asker_id:
        raise Forbidden("This Google account has the e-mail address of another account than yours")
    return _link(user_id, google_id)


def unlink(user_id: int) -> None:
    """Let no Google account log in to an account any more.

    Raises NotFound when none does, and Conflict when there would be no way in left.
    """
    with system_transaction():
        if google_login.unlink_account(user_id):
            return
        linked = google_login.is_linked(user_id)
    if not linked:
        raise NotFound("No Google account is linked")
    raise Conflict("This account has no password: without Google nobody could log in to it")


def _link(user_id: int, google_id: str) -> sessions.Tokens:
    with system_transaction():
        if not google_login.link_account(user_id, google_id):
            raise Conflict("This account is linked with another Google account: unlink that one first")
    return sessions.start_session(user_id)


def _read_link(token: str) -> tuple[int, str]:
    try:
        user_id, google_id = _links().loads(token, max_age=STATE_SECONDS)
    except SignatureExpired as error:
        raise _bad_link("It is too old: log in with Google again") from error
    except BadSignature as error:
        raise _bad_link("It is not one of ours") from error
    return user_id, google_id


def _bad_link(why: str) -> Invalid:
    return invalid_field("link_token", why)


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="google link")


def _redirect_uri() -> str:
    return f"{_settings().public_api_base_url}/v1/auth/google/callback"


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
