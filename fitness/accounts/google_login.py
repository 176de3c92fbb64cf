"""Log in with Google.

The state of a login is bound to the browser that started it, and works once, within ten minutes. The ID token then
identifies the user. If an account with the same e-mail address exists, its owner must confirm the link first: an e-mail
address alone never gives access to an existing account.

A browser ends up on a page with a code in its address, which the page exchanges for a session. The code works once, for
a minute, in the browser that started the login: who finds it in a history or a log can do nothing with it.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from fitness.accounts import limits, login_steps, passwords, second_factor, security_log, sessions, ways_in
from fitness.accounts.second_factor import Proof
from fitness.accounts.sign_up import refuse_unless_open
from fitness.config import Settings
from fitness.connections import clients
from fitness.connections.encryption import Cipher
from fitness.connections.oauth import STATE_SECONDS
from fitness.db import google_login, second_factors, users
from fitness.db.connection import system_transaction
from fitness.db.users import Credentials
from fitness.errors import Conflict, Forbidden, Invalid, NotFound, SecondFactorNeeded, Unauthorized, invalid_field
from fitness.names import normal_address
from fitness.providers.client import Untrusted
from fitness.providers.google.identity import Identity

CODE_SECONDS = 60
"""How long a code can be exchanged for a session."""
SECOND_STEP_SECONDS = 300
"""How long it can be sent again, together with a code of the second factor."""


def begin(*, browser: str) -> str:
    """Return the URL of the login at Google, for the browser with the secret `browser`.

    Raises Misconfigured if the server has no Google application.
    """
    settings = _settings()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    with clients.google_application(settings) as google:
        content = {"nonce": nonce, "code_verifier": Cipher(settings.encryption_keys).encrypt(verifier)}
        login_steps.begin(state, "google_state", browser, seconds=STATE_SECONDS, content=content)
        return google.login_url(_redirect_uri(), state, create_s256_code_challenge(verifier), nonce)


def identify(*, state: str, browser: str, code: str | None, error: str | None) -> Identity:
    """Return the identity of the user that Google redirects back, with a verified e-mail address.

    Raises Invalid if the state is forged, expired, used or from another browser, Untrusted if Google does not confirm
    an identity, and the errors of the Google client.
    """
    settings = _settings()
    kept = login_steps.use(state, "google_state", browser, field="state")
    if error or not code:
        raise Untrusted("Google login was cancelled: access was not granted")
    with clients.google_application(settings) as google:
        verifier = Cipher(settings.encryption_keys).decrypt(kept["code_verifier"])
        identity = google.identify(code, _redirect_uri(), verifier, kept["nonce"])
    if not identity.verified:
        raise Untrusted("Your e-mail address is not verified at Google")
    return identity


def find_account(identity: Identity) -> Credentials | str:
    """Return the account of a Google identity; new users get one.

    If an account with the same e-mail address exists but is not linked, return a link token (str) instead; its owner
    must confirm the link. Raises Unauthorized for a deactivated account, and Forbidden if not everybody may sign up.
    """
    email = normal_address(identity.email)
    with system_transaction():
        account = users.get_credentials_of_google(identity.sub)
        if account is None:
            if google_login.get_user_id_of_email(email) is None:
                refuse_unless_open()
            account = google_login.create_account(
                google_id=identity.sub, email=email, name=identity.name, profile_image_url=identity.picture
            )
            # another request of the same person may have created it at the same moment
            account = account or users.get_credentials_of_google(identity.sub)
        owner_id = google_login.get_user_id_of_email(email) if account is None else None
    if account is None:
        return _links().dumps([owner_id, identity.sub])
    return _active(account)


def create_code(identity: Identity, *, browser: str) -> str:
    """Return a code that the browser can exchange for a session of the identity's account."""
    code = secrets.token_urlsafe(32)
    _keep_code(code, browser, identity.sub, CODE_SECONDS)
    return code


def use_code(code: str, proof: Proof) -> sessions.Tokens:
    """Return the tokens of a new session for a code, in the browser of the proof.

    Raises Invalid if the code is forged, expired, used or from another browser, and Unauthorized if the account was
    unlinked or deactivated since. If the second factor is missing, raises SecondFactorNeeded, and the code can be sent
    again.
    """
    google_id = login_steps.use(code, "google_code", proof.browser, field="code")["google_id"]
    with system_transaction():
        user_id = _active(users.get_credentials_of_google(google_id)).user_id
    try:
        second_factor.check(user_id, proof)
    except SecondFactorNeeded:
        _keep_code(code, proof.browser, google_id, SECOND_STEP_SECONDS)
        raise
    return start_session(user_id, google_id)


def start_session(user_id: int, google_id: str) -> sessions.Tokens:
    """Return the tokens of a new session; raises Unauthorized unless the account is linked to the Google account."""
    return sessions.start_session(user_id, still=partial(google_login.hold_link, user_id, google_id))


def _keep_code(code: str, browser: str, google_id: str, seconds: int) -> None:
    login_steps.begin(code, "google_code", browser, seconds=seconds, content={"google_id": google_id})


def _active(account: Credentials | None) -> Credentials:
    if account is None or not account.is_active:
        raise Unauthorized("This account is deactivated")
    return account


def link_by_password(token: str, password: str, proof: Proof) -> sessions.Tokens:
    """Link a Google account to the account of the link token, confirmed by its password; return a session.

    Raises Invalid for an invalid token, Unauthorized for a wrong password, SecondFactorNeeded, TooManyRequests, and
    Conflict.
    """
    user_id, google_id = _read_link(token)
    limits.limit_passwords("login", limits.account_number(user_id))
    with system_transaction():
        credentials = users.get_credentials_of_user(user_id)
    matches = passwords.check_password(password, credentials and credentials.hashed_password)
    if credentials is None or not matches or not credentials.is_active:
        if credentials is not None:
            with system_transaction():
                security_log.record(user_id, "login_failed")
        raise Unauthorized("Wrong password")
    second_factor.check(user_id, proof)
    return _link(user_id, google_id, partial(users.hold_password, user_id, credentials.hashed_password))


def link_by_session(token: str, asker_id: int, session_id: UUID) -> sessions.Tokens:
    """Link a Google account to the account of the current user, and return another session.

    Raises Invalid for an invalid token, Forbidden for a token of another account, Unauthorized if the session has ended
    meanwhile, and Conflict.
    """
    user_id, google_id = _read_link(token)
    if user_id != asker_id:
        raise Forbidden("This Google account has the e-mail address of another account")

    def still() -> bool:
        users.hold_session(user_id, session_id)
        return True

    return _link(user_id, google_id, still)


def unlink(user_id: int, session_id: UUID) -> None:
    """Unlink the Google account of the account of a session.

    Raises NotFound if none is linked, Conflict if it is the only way to log in, and Unauthorized if the session has
    ended.
    """
    with system_transaction():
        users.hold_session(user_id, session_id)
        protection = second_factors.get_protection(user_id)
        if protection is None or not protection.has_google:
            raise NotFound("No Google account is linked")
        google_login.unlink_account(user_id)
        ways_in.require_one_left(user_id)
        security_log.record(user_id, "google_unlinked")


def _link(user_id: int, google_id: str, still: Callable[[], bool]) -> sessions.Tokens:
    with system_transaction():
        sessions.require(still)
        if not google_login.link_account(user_id, google_id):
            raise Conflict("This account is linked to another Google account: unlink that one first")
        security_log.record(user_id, "google_linked")
    return sessions.start_session(user_id, still=lambda: still() and google_login.hold_link(user_id, google_id))


def _read_link(token: str) -> tuple[int, str]:
    try:
        (user_id, google_id), signed_at = _links().loads(token, return_timestamp=True)
    except BadSignature as error:
        raise _bad_link("Not issued by this server") from error
    # The clock may have been put back since, or be behind that of another server.
    if abs(datetime.now(UTC) - signed_at) > timedelta(seconds=STATE_SECONDS):
        raise _bad_link("Expired: log in with Google again")
    return user_id, google_id


def _bad_link(why: str) -> Invalid:
    return invalid_field("link_token", why)


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="google link")


def _redirect_uri() -> str:
    return f"{_settings().public_api_base_url}/v1/auth/google/callback"


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
