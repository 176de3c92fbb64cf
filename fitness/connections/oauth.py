"""Connect users with providers, read the state of a connection, disconnect.

Tokens and keys are encrypted before they are stored. Functions that call a provider open their own transactions, so
that no database connection waits for a response.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from fitness.config import Settings
from fitness.connections import clients
from fitness.connections.clients import OAUTH, PROVIDERS
from fitness.connections.encryption import Cipher, Undecipherable, digest
from fitness.db import (
    calendar,
    imported_records,
    oauth_applications,
    oauth_credentials,
    oauth_states,
    provider_events,
    sync_metadata,
    users,
    without_points,
)
from fitness.db.connection import transaction
from fitness.errors import Forbidden, Invalid, NotFound, Unauthorized, invalid_field
from fitness.providers.client import AccessExpired, ConnectionRefused, ProviderError, Tokens
from fitness.providers.hevy.client import Hevy

LONGEST_ACCOUNT = 200
"""Characters of an account's id or name that are kept."""

STATE_SECONDS = 600
"""How long a user may take to grant access at the provider, by the clock of the database."""
EXPIRED = "Expired or already used: connect again"


SYNCED = ("strava", "hevy")
"""The providers whose records are fetched, also without a request of the user."""

WITH_POINTS = ("strava",)
"""The providers of which points of activities can be fetched."""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a connection; `missing_scopes` are requested scopes that the user did not grant.

    `points_left` is how many runs there are whose points are still to be fetched; None if the user does not want them.
    `own_client_id` is the client id of the user's own application, if there is one; `hint` says what may have ended the
    connection.
    """

    provider: str
    connected: bool
    needs_reconnect: bool
    account_id: str | None
    scopes: list[str]
    missing_scopes: list[str]
    expires_at: datetime | None
    connected_at: datetime | None
    syncing: bool
    found: int
    last_success_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    retry_at: datetime | None
    next_sync_at: datetime | None
    points_left: int | None
    own_client_id: str | None
    hint: str | None


HINTS = {
    "google": "Google ends the connections of applications whose publishing status is Testing after seven days: the"
    " operator must publish the application, then connect again"
}
"""By provider, a frequent reason for which it ends connections."""


def get_status(provider: str) -> Status:
    """Return the state of the current user's connection with a provider, in the bound transaction."""
    _label(provider)
    credentials = oauth_credentials.get_credentials(provider)
    sync = sync_metadata.get_sync_state(provider)
    scopes = set(((credentials and credentials.scope) or "").replace(",", " ").split())
    wanted = OAUTH[provider].scopes if provider in OAUTH and credentials else set()
    own = oauth_applications.get_application(provider)
    ended = credentials is not None and credentials.refused_at is not None
    return Status(
        provider=provider,
        connected=credentials is not None and credentials.refused_at is None,
        needs_reconnect=ended,
        account_id=credentials and credentials.account_id,
        scopes=sorted(scopes),
        missing_scopes=sorted(wanted - scopes),
        expires_at=credentials and credentials.expires_at,
        connected_at=credentials and credentials.created_at,
        syncing=sync is not None and sync.running,
        found=sync.found if sync else 0,
        last_success_at=sync and sync.last_synced_at,
        last_error=sync and sync.last_error,
        last_error_at=sync and sync.last_error_at,
        retry_at=sync and sync.retry_at,
        points_left=_points_left(provider) if credentials else None,
        own_client_id=own and own.client_id,
        hint=HINTS.get(provider) if ended else None,
        next_sync_at=_next_sync_at(provider),
    )


def _points_left(provider: str) -> int | None:
    return without_points.count_wanted(provider) if provider in WITH_POINTS and users.syncs_points() else None


def _next_sync_at(provider: str) -> datetime | None:
    """Return when a sync starts by itself, None if none will."""
    minutes = _settings().sync_interval_minutes
    if not minutes or provider not in SYNCED:
        return None
    return sync_metadata.get_next_at(provider, interval_seconds=60 * minutes)


def read_status(provider: str, user_id: int) -> Status:
    """Return the state of a user's connection with a provider."""
    with transaction(user_id):
        return get_status(provider)


class AnotherBrowser(Exception):
    """A state came back from another browser than it was given to: only its user, logged in, may use it there."""


def begin(provider: str, user_id: int, session_id: UUID, *, browser: str) -> str:
    """Return the URL at the provider where a user grants access; runs in the user's transaction.

    The state in the URL is signed, holds the user id, works once and expires after ten minutes, or with the session. It
    belongs to the browser with the secret `browser`. Raises NotFound for a provider without OAuth, and Misconfigured if
    neither the user nor the server has an application there.
    """
    with clients.oauth_client(provider, clients.new_application(provider)) as client:
        state = _states().dumps([user_id, provider, [str(session_id), secrets.token_urlsafe(16)]])
        verifier = secrets.token_urlsafe(48) if OAUTH[provider].pkce else None
        oauth_states.create_state(
            digest(state),
            browser_hash=digest(browser),
            provider=provider,
            code_verifier=verifier and _cipher().encrypt(verifier),
            lasts=timedelta(seconds=STATE_SECONDS),
        )
        challenge = verifier and create_s256_code_challenge(verifier)
        return client.authorize_url(_redirect_uri(provider), state, challenge)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a provider gives a browser that it sends back: a code, or an error."""

    code: str | None = None
    scope: str | None = None
    error: str | None = None


def complete(provider: str, granted: Granted, *, state: str, browser: str) -> str | None:
    """Store the connection of the user that a provider redirects back; return an error sentence, or None on success.

    `browser` is the secret in the browser's cookie. Raises Invalid if the state is forged, expired, already used or of
    another provider, and AnotherBrowser if the secret is not the one that was returned with the state.
    """
    user_id, session_id = _asker_of_state(provider, state)
    verifier = _use_state(provider, state, user_id, browser_hash=digest(browser))
    try:
        _exchange(provider, granted, user_id, session_id, verifier)
    except (ProviderError, Unauthorized) as failure:
        return failure.detail
    return None


def complete_here(provider: str, granted: Granted, *, state: str, asker_id: int, session_id: UUID) -> None:
    """Store the connection of the current user, who confirms it, whatever browser the state came back from.

    Raises Invalid for a state that `complete` would refuse, or of another user, Unauthorized if the session of the user
    has ended, and ProviderError.
    """
    if _asker_of_state(provider, state)[0] != asker_id:
        raise _bad_state("Another account asked for this connection: ask for your own")
    verifier = _use_state(provider, state, asker_id, browser_hash=None)
    _exchange(provider, granted, asker_id, session_id, verifier)


def _asker_of_state(provider: str, state: str) -> tuple[int, UUID]:
    """Return the ids of the user that a state was given to, and of the session."""
    try:
        signed = _states().loads(state)
    except BadSignature as error:
        raise _bad_state("Not issued by this server") from error
    match signed:
        case [user_id, of_provider, [session_id, _]]:
            if of_provider != provider:
                raise _bad_state("Belongs to another provider")
            return user_id, UUID(session_id)
    raise _bad_state(EXPIRED)  # made by an earlier release


def _use_state(provider: str, state: str, user_id: int, *, browser_hash: str | None) -> str | None:
    """Return the code verifier of a state, and mark the state as used."""
    with transaction(user_id):
        kept = oauth_states.use_state(digest(state), provider=provider, browser_hash=browser_hash)
        if kept is None and oauth_states.is_unused(digest(state), provider=provider):
            raise AnotherBrowser
    if kept is None:
        raise _bad_state(EXPIRED)
    return kept.code_verifier and _cipher().decrypt(kept.code_verifier)


def _exchange(provider: str, granted: Granted, user_id: int, session_id: UUID, verifier: str | None) -> None:
    """Exchange the code for tokens, and store them; raises ProviderError, and Unauthorized if the session has ended."""
    label = _label(provider)
    if granted.error == "access_denied":
        raise ConnectionRefused(f"You did not grant access at {label}")
    if granted.error or not granted.code:
        raise ConnectionRefused(f"{label} did not connect")
    with transaction(user_id):
        users.hold_session(user_id, session_id)
        application = clients.new_application(provider)
    with clients.oauth_client(provider, application) as client:
        tokens = client.exchange_code(granted.code, _redirect_uri(provider), verifier)
    with transaction(user_id):
        users.hold_session(user_id, session_id)
        _save(provider, tokens, application, scope=tokens.scope or granted.scope)


def _bad_state(why: str) -> Invalid:
    return invalid_field("state", why)


def _save(provider: str, tokens: Tokens, application: clients.Application, *, scope: str | None) -> None:
    account_id = tokens.account_id and tokens.account_id[:LONGEST_ACCOUNT]
    _reset_syncs_if_changed(provider, account_id=account_id, scope=scope)
    if provider == "google":
        calendar.forget_others(account_id)
    cipher = _cipher()
    client_id, client_secret = application
    oauth_credentials.save_credentials(
        provider,
        client_id=client_id,
        client_secret=cipher.encrypt(client_secret),
        access_token=cipher.encrypt(tokens.access_token),
        refresh_token=tokens.refresh_token and cipher.encrypt(tokens.refresh_token),
        expires_at=tokens.expires_at,
        scope=scope,
        account_id=account_id,
    )


def _reset_syncs_if_changed(provider: str, *, account_id: str | None, scope: str | None = None) -> None:
    """Reset the sync state if the new connection has another account or other scopes."""
    before = oauth_credentials.get_credentials(provider, lock=True)
    if before and (before.account_id, before.scope) != (account_id, scope):
        _forget_syncs(provider)


def _forget_syncs(provider: str) -> None:
    sync_metadata.delete_sync_state(provider)
    without_points.forget()
    provider_events.delete_events(provider)


def connect_hevy(user_id: int, session_id: UUID, key: str) -> None:
    """Store a user's Hevy key after checking it with Hevy.

    Raises Invalid if Hevy rejects it, and Unauthorized if the session has ended meanwhile.
    """
    try:
        with Hevy(_settings().hevy_api_url, key) as hevy:
            account = (hevy.check_key() or "")[:LONGEST_ACCOUNT] or None
    except ConnectionRefused as error:
        raise invalid_field("key", error.detail) from error
    with transaction(user_id):
        users.hold_session(user_id, session_id)
        _reset_syncs_if_changed("hevy", account_id=account)
        oauth_credentials.save_credentials("hevy", access_token=_cipher().encrypt(key), account_id=account)


def save_application(provider: str, *, client_id: str, client_secret: str) -> None:
    """Store the user's own application, in the bound transaction; raises NotFound for a provider without OAuth."""
    clients.require_oauth(provider)
    encrypted = _cipher().encrypt(client_secret)
    oauth_applications.save_application(provider, client_id=client_id, client_secret=encrypted)


def delete_application(provider: str) -> None:
    """Delete the user's own application, in the bound transaction; raises NotFound if there is none."""
    clients.require_oauth(provider)
    if not oauth_applications.delete_application(provider):
        raise NotFound(f"You have no {_label(provider)} application of your own")


def disconnect(provider: str, user_id: int, *, force: bool, keep_records: bool, actor: str) -> None:
    """Revoke a connection at the provider and delete it here, and its runs and workouts unless `keep_records`.

    Raises NotFound if there is no connection and, unless `force`, the error if the provider cannot revoke it.
    """
    label = _label(provider)
    if provider in OAUTH:
        try:
            clients.revoke(provider, user_id)
        except (ConnectionRefused, AccessExpired):
            pass  # already ended there
        except (ProviderError, Undecipherable):
            if not force:
                raise
    with transaction(user_id):
        if not keep_records:  # while it is known which account is connected
            imported_records.delete_imported(label, actor=actor)
        if not oauth_credentials.delete_credentials(provider):
            raise NotFound(f"{label} is not connected")
        _forget_syncs(provider)


def webhook_token(provider: str, settings: Settings) -> str:
    """Return the secret token that a provider sends to confirm a webhook."""
    return hmac.digest(settings.jwt_secret_key.encode(), f"webhook of {provider}".encode(), "sha256").hex()


def require_webhook_token(provider: str, token: str) -> None:
    """Raise Forbidden if the token is not the one that was given to the provider."""
    if not hmac.compare_digest(token.encode(), webhook_token(provider, _settings()).encode()):
        raise Forbidden("Wrong webhook token")


def _label(provider: str) -> str:
    if provider not in PROVIDERS:
        raise NotFound("Unknown provider")
    return PROVIDERS[provider]


def _redirect_uri(provider: str) -> str:
    return f"{_settings().public_api_base_url}/v1/oauth/{provider}/callback"


def _states() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="oauth state")


def _cipher() -> Cipher:
    return Cipher(_settings().encryption_keys)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
