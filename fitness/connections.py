"""Connections of people with providers: how they begin, how their tokens stay fresh, how they end.

Whatever a provider entrusts to us is encrypted before it is stored, and refreshed by one worker at a time. Functions
that ask a provider open transactions of their own, so that no connection to the database waits for an answer; a refresh
does hold one, as the old refresh token is dead as soon as the provider gives a new one.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from fitness.config import Settings
from fitness.db import oauth_credentials, oauth_states, provider_events, sync_metadata
from fitness.db.connection import transaction
from fitness.db.oauth_credentials import Credentials
from fitness.encryption import Cipher, Undecipherable
from fitness.errors import Forbidden, Invalid, NotFound
from fitness.providers.client import (
    AccessExpired,
    ConnectionRefused,
    Misconfigured,
    OAuthClient,
    ProviderError,
    Tokens,
)
from fitness.providers.google.client import EVENTS_SCOPE, Google
from fitness.providers.hevy.client import Hevy
from fitness.providers.strava.client import SCOPE as STRAVA_SCOPE
from fitness.providers.strava.client import Strava

C = TypeVar("C")

STATE_SECONDS = 600
"""How long a person may take to say yes at the provider."""

REFRESH_AHEAD = timedelta(minutes=10)
"""A token that ends sooner is refreshed before it is used."""


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """A provider that people connect with by OAuth 2.

    `application` is our client id and secret there, None where there is none; `client` speaks for an application.
    """

    label: str
    scopes: frozenset[str]
    pkce: bool
    application: Callable[[Settings], tuple[str | None, str | None]]
    client: Callable[[Settings, str, str], OAuthClient]


def _strava(settings: Settings, client_id: str, client_secret: str, **access: Any) -> Strava:
    return Strava(
        api_url=settings.strava_api_url,
        authorize_url=settings.strava_authorize_url,
        token_url=settings.strava_token_url,
        revoke_url=settings.strava_revoke_url,
        client_id=client_id,
        client_secret=client_secret,
        **access,
    )


def _google(settings: Settings, client_id: str, client_secret: str, **access: Any) -> Google:
    return Google(
        authorize_url=settings.google_authorize_url,
        token_url=settings.google_token_url,
        revoke_url=settings.google_revoke_url,
        jwks_url=settings.google_jwks_url,
        calendar_url=settings.google_calendar_url,
        calendar_id=settings.google_calendar_id,
        client_id=client_id,
        client_secret=client_secret,
        **access,
    )


OAUTH = {
    "strava": OAuthProvider(
        label="Strava",
        scopes=frozenset(STRAVA_SCOPE.split(",")),
        pkce=False,
        application=lambda settings: (settings.strava_client_id, settings.strava_client_secret),
        client=_strava,
    ),
    "google": OAuthProvider(
        label="Google",
        scopes=frozenset({EVENTS_SCOPE}),
        pkce=True,
        application=lambda settings: (settings.google_client_id, settings.google_client_secret),
        client=_google,
    ),
}
PROVIDERS = {**{name: provider.label for name, provider in OAUTH.items()}, "hevy": "Hevy"}
"""Name in addresses → name for people."""


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
    with _oauth_client(provider) as client:
        state = _states().dumps([user_id, provider, secrets.token_urlsafe(16)])
        verifier = secrets.token_urlsafe(48) if OAUTH[provider].pkce else None
        oauth_states.create_state(
            _hash(state),
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
        with _oauth_client(provider) as client:
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
        kept = oauth_states.use_state(_hash(state), provider=provider)
    if kept is None:
        raise _bad_state("It was used before: connect again")
    return user_id, kept.code_verifier and _cipher().decrypt(kept.code_verifier)


def _bad_state(why: str) -> Invalid:
    return Invalid("The request is not valid", errors={"state": [why]})


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
        raise Invalid("The request is not valid", errors={"key": [error.detail]}) from error
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
    access_token = _access_token(provider, user_id)
    with transaction(user_id):
        credentials = _connected(provider)
    with _oauth_client(provider, credentials) as client:
        try:
            client.revoke(access_token)
        except AccessExpired:  # while the connection may live on
            client.revoke(_access_token(provider, user_id, refused=access_token))


def webhook_token(provider: str, settings: Settings) -> str:
    """Return what a provider is to say when it confirms a webhook: nobody else knows it."""
    return hmac.digest(settings.jwt_secret_key.encode(), f"webhook of {provider}".encode(), "sha256").hex()


def require_webhook_token(provider: str, token: str) -> None:
    """Raise Forbidden for another token than the provider was given."""
    if not hmac.compare_digest(token.encode(), webhook_token(provider, _settings()).encode()):
        raise Forbidden("This is not the token that the webhook was set up with")


def strava_application(settings: Settings) -> Strava:
    """Return Strava for nobody, to be used in a `with` block; raise Misconfigured when there is no application."""
    return _strava(settings, *_application("strava", settings))


def google_application(settings: Settings) -> Google:
    """Return Google for nobody, to be used in a `with` block; raise Misconfigured when there is no application."""
    return _google(settings, *_application("google", settings))


def strava(user_id: int) -> Strava:
    """Return Strava for one person, to be used in a `with` block; raise ConnectionRefused when they must connect."""
    return _of_person(_strava, "strava", user_id)


def google(user_id: int) -> Google:
    """Return Google for one person, to be used in a `with` block; raise ConnectionRefused when they must connect."""
    return _of_person(_google, "google", user_id)


def _of_person(client: Callable[..., C], provider: str, user_id: int) -> C:
    access_token = _access_token(provider, user_id)
    with transaction(user_id):
        credentials = _connected(provider)
    return client(
        _settings(),
        *_application(provider, _settings(), credentials),
        access_token=access_token,
        renewed=partial(_access_token, provider, user_id),
    )


def hevy(user_id: int) -> Hevy:
    """Return Hevy for one person, to be used in a `with` block; raise ConnectionRefused when they must connect."""
    with transaction(user_id):
        credentials = _connected("hevy")
    return Hevy(_settings().hevy_api_url, _cipher().decrypt(credentials.access_token))


def confirm(provider: str, user_id: int) -> None:
    """Try whether a connection lives, which its provider is said to have ended; if it has, note that."""
    try:
        with transaction(user_id):
            token = _cipher().decrypt(_connected(provider).access_token)
        _access_token(provider, user_id, refused=token)
    except ConnectionRefused:
        pass  # noted, or known before


def _access_token(provider: str, user_id: int, refused: str | None = None) -> str:
    """Return an access token that is good for a while, refreshed if need be; `refused` is one that no longer is."""
    with transaction(user_id):
        token = _good_token(_connected(provider), refused)
    if token is not None:
        return token
    failure: ProviderError
    with transaction(user_id):
        # Another worker may have refreshed it while this one waited for the lock.
        credentials = _connected(provider, lock=True)
        token = _good_token(credentials, refused)
        if token is not None:
            return token
        try:
            return _refresh(provider, credentials)
        except ConnectionRefused as error:
            oauth_credentials.mark_refused(provider)
            failure = error
    raise failure


def _good_token(credentials: Credentials, refused: str | None) -> str | None:
    ends_soon = credentials.expires_at and credentials.expires_at < datetime.now(UTC) + REFRESH_AHEAD
    token = _cipher().decrypt(credentials.access_token)
    return None if ends_soon or token == refused else token


def _refresh(provider: str, credentials: Credentials) -> str:
    cipher = _cipher()
    if credentials.refresh_token is None:
        raise ConnectionRefused(f"{PROVIDERS[provider]} has ended the connection: connect again")
    with _oauth_client(provider, credentials) as client:
        tokens = client.refresh(cipher.decrypt(credentials.refresh_token))
    oauth_credentials.save_refreshed(
        provider,
        access_token=cipher.encrypt(tokens.access_token),
        refresh_token=tokens.refresh_token and cipher.encrypt(tokens.refresh_token),
        expires_at=tokens.expires_at,
    )
    return tokens.access_token


def _connected(provider: str, *, lock: bool = False) -> Credentials:
    credentials = oauth_credentials.get_credentials(provider, lock=lock)
    if credentials is None:
        raise ConnectionRefused(f"{PROVIDERS[provider]} is not connected: connect it first")
    if credentials.refused_at is not None:
        raise ConnectionRefused(f"{PROVIDERS[provider]} has ended the connection: connect again")
    return credentials


def _oauth_client(provider: str, credentials: Credentials | None = None) -> OAuthClient:
    if provider not in OAUTH:
        raise NotFound("There is no such provider, or it knows no OAuth")
    return OAUTH[provider].client(_settings(), *_application(provider, _settings(), credentials))


def _application(provider: str, settings: Settings, credentials: Credentials | None = None) -> tuple[str, str]:
    """Return the application that a connection was made for: tokens are good for no other one.

    Of that of the settings, the secret may have been renewed since.
    """
    client_id, client_secret = OAUTH[provider].application(settings)
    if credentials and credentials.client_id and credentials.client_secret and credentials.client_id != client_id:
        return credentials.client_id, _cipher().decrypt(credentials.client_secret)
    if client_id is None or client_secret is None:
        raise Misconfigured(f"This server has no application at {PROVIDERS[provider]}: its operator must set one up")
    return client_id, client_secret


def _label(provider: str) -> str:
    if provider not in PROVIDERS:
        raise NotFound("There is no such provider")
    return PROVIDERS[provider]


def _redirect_uri(provider: str) -> str:
    return f"{_settings().public_api_base_url}/v1/oauth/{provider}/callback"


def _states() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_settings().jwt_secret_key, salt="oauth state")


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _cipher() -> Cipher:
    return Cipher(_settings().encryption_keys)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
