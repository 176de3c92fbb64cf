"""Connections of people with providers: how they begin, how they stand, how they end.

Whatever a provider entrusts to us is encrypted before it is stored. Functions that ask a provider open transactions
of their own, so that no connection to the database waits for an answer.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from fitness.config import Settings
from fitness.connections import clients
from fitness.connections.clients import OAUTH, PROVIDERS
from fitness.connections.encryption import Cipher, Undecipherable, digest
from fitness.db import oauth_credentials, oauth_states, provider_events, sync_metadata
from fitness.db.connection import transaction
from fitness.errors import Forbidden, Invalid, NotFound, invalid_field
from fitness.providers.client import AccessExpired, ConnectionRefused, ProviderError, Tokens
from fitness.providers.hevy.client import Hevy

STATE_SECONDS = 600
"""How long a person may take to say yes at the provider."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a connection stands; `missing_scopes` are those that the person did not grant."""

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


def get_status(provider: str) -> Status:
    """Return how the asking person's connection with a provider stands, in the bound transaction."""
    _label(provider)
    credentials = oauth_credentials.get_credentials(provider)
    sync = sync_metadata.get_sync_state(provider)
    scopes = set(((credentials and credentials.scope) or "").replace(",", " ").split())
    wanted = OAUTH[provider].scopes if provider in OAUTH and credentials else set()
    return Status(
        provider=provider,
        connected=credentials is not None and credentials.refused_at is None,
        needs_reconnect=credentials is not None and credentials.refused_at is not None,
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
    )


def read_status(provider: str, user_id: int) -> Status:
    """Return how a person's connection with a provider stands."""
    with transaction(user_id):
        return get_status(provider)


def begin(provider: str, user_id: int) -> str:
    """Return the address at the provider that a person connects at, in their bound transaction.

    The state in it is signed, names the person, comes back once, and ends after ten minutes. Raises NotFound for a
    provider without OAuth, and Misconfigured when the server has no application there.
    """
    with clients.oauth_application(provider) as client:
        state = _states().dumps([user_id, provider, secrets.token_urlsafe(16)])
        verifier = secrets.token_urlsafe(48) if OAUTH[provider].pkce else None
        oauth_states.create_state(
            digest(state),
            provider=provider,
            code_verifier=verifier and _cipher().encrypt(verifier),
            expires_at=datetime.now(UTC) + timedelta(seconds=STATE_SECONDS),
        )
        return client.authorize_url(_redirect_uri(provider), state, verifier and create_s256_code_challenge(verifier))


def complete(provider: str, *, state: str, code: str | None, scope: str | None, error: str | None) -> str | None:
    """Store the connection of the person whom a provider sends back; return what went wrong, None if nothing did.

    Raises Invalid for a state that is forged, too old, of another provider, or that came back before.
    """
    user_id, code_verifier = _use_state(provider, state)
    label = _label(provider)
    if error or not code:
        return f"{label} was not allowed to connect" if error == "access_denied" else f"{label} did not connect"
    try:
        with clients.oauth_application(provider) as client:
            tokens = client.exchange_code(code, _redirect_uri(provider), code_verifier)
    except ProviderError as failure:
        return failure.detail
    with transaction(user_id):
        _save(provider, tokens, scope=tokens.scope or scope)
    return None


def _use_state(provider: str, state: str) -> tuple[int, str | None]:
    """Return whose state it is, and the verifier that was kept back; nobody can use it again."""
    try:
        user_id, of_provider, _ = _states().loads(state, max_age=STATE_SECONDS)
    except SignatureExpired as error:
        raise _bad_state("It is too old: connect again") from error
    except BadSignature as error:
        raise _bad_state("It is not one of ours") from error
    if of_provider != provider:
        raise _bad_state("It is of another provider")
    with transaction(user_id):
        kept = oauth_states.use_state(digest(state), provider=provider)
    if kept is None:
        raise _bad_state("It was used before: connect again")
    return user_id, kept.code_verifier and _cipher().decrypt(kept.code_verifier)


def _bad_state(why: str) -> Invalid:
    return invalid_field("state", why)


def _save(provider: str, tokens: Tokens, *, scope: str | None) -> None:
    _begin_anew(provider, account_id=tokens.account_id, scope=scope)
    cipher = _cipher()
    client_id, client_secret = OAUTH[provider].application(_settings())
    oauth_credentials.save_credentials(
        provider,
        client_id=client_id,
        client_secret=client_secret and cipher.encrypt(client_secret),
        access_token=cipher.encrypt(tokens.access_token),
        refresh_token=tokens.refresh_token and cipher.encrypt(tokens.refresh_token),
        expires_at=tokens.expires_at,
        scope=scope,
        account_id=tokens.account_id,
    )


def _begin_anew(provider: str, *, account_id: str | None, scope: str | None = None) -> None:
    """Forget how far the syncs came when the new connection is with another account, or shows something else of it."""
    before = oauth_credentials.get_credentials(provider, lock=True)
    if before and (before.account_id, before.scope) != (account_id, scope):
        _forget_syncs(provider)


def _forget_syncs(provider: str) -> None:
    sync_metadata.delete_sync_state(provider)
    provider_events.delete_events(provider)


def connect_hevy(user_id: int, key: str) -> None:
    """Store a person's key of Hevy once Hevy has accepted it; raise Invalid for one that it does not."""
    try:
        with Hevy(_settings().hevy_api_url, key) as hevy:
            account = hevy.check_key()
    except ConnectionRefused as error:
        raise invalid_field("key", error.detail) from error
    with transaction(user_id):
        _begin_anew("hevy", account_id=account)
        oauth_credentials.save_credentials("hevy", access_token=_cipher().encrypt(key), account_id=account)


def disconnect(provider: str, user_id: int, *, force: bool) -> None:
    """End a connection at the provider and forget it; the runs and workouts that came by it stay.

    Raises NotFound when there is none, and what is raised when the provider cannot be told, unless `force`.
    """
    label = _label(provider)
    if provider in OAUTH:
        try:
            _revoke(provider, user_id)
        except (ConnectionRefused, AccessExpired):
            pass  # it has ended there already
        except (ProviderError, Undecipherable):
            if not force:
                raise
    with transaction(user_id):
        if not oauth_credentials.delete_credentials(provider):
            raise NotFound(f"{label} is not connected")
        _forget_syncs(provider)


def _revoke(provider: str, user_id: int) -> None:
    access_token, credentials = clients.get_access(provider, user_id)
    with clients.oauth_application(provider, credentials) as client:
        try:
            client.revoke(access_token)
        except AccessExpired:  # while the connection may live on
            access_token, _ = clients.get_access(provider, user_id, refused=access_token)
            client.revoke(access_token)


def webhook_token(provider: str, settings: Settings) -> str:
    """Return what a provider is to say when it confirms a webhook: nobody else knows it."""
    return hmac.digest(settings.jwt_secret_key.encode(), f"webhook of {provider}".encode(), "sha256").hex()


def require_webhook_token(provider: str, token: str) -> None:
    """Raise Forbidden for another token than the provider was given."""
    if not hmac.compare_digest(token.encode(), webhook_token(provider, _settings()).encode()):
        raise Forbidden("This is not the token that the webhook was set up with")


def _label(provider: str) -> str:
    if provider not in PROVIDERS:
        raise NotFound("There is no such provider")
    return PROVIDERS[provider]


def _redirect_uri(provider: str) -> str:
    return f"{_settings().public_api_base_url}/v1/oauth/{provider}/callback"


def _states() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="oauth state")


def _cipher() -> Cipher:
    return Cipher(_settings().encryption_keys)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
