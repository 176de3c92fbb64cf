"""Clients of providers: without a user, and for one user, whose tokens they refresh.

Tokens and keys are stored encrypted, and refreshed by one worker at a time. Functions that call a provider open their
own transactions, so that no database connection waits for a response. Only a refresh holds one, as the old refresh
token stops working as soon as the provider issues a new one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app

from fitness.config import Settings
from fitness.connections.encryption import Cipher
from fitness.db import oauth_applications, oauth_credentials
from fitness.db.connection import transaction
from fitness.db.oauth_credentials import Credentials
from fitness.deadline import to_the_end
from fitness.errors import NotFound
from fitness.providers.client import AccessExpired, ConnectionRefused, Misconfigured, OAuthClient, ProviderError
from fitness.providers.google.client import EVENTS_SCOPE, Google
from fitness.providers.hevy.client import Hevy
from fitness.providers.strava.client import SCOPE as STRAVA_SCOPE
from fitness.providers.strava.client import Strava

C = TypeVar("C")
Application = tuple[str, str]
"""The client id and the client secret, decrypted, of an application at a provider."""

REFRESH_AHEAD = timedelta(minutes=10)
"""A token that expires sooner than this is refreshed before use."""


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """A provider that users connect with through OAuth 2.

    `application` returns our client id and secret from the settings, or None; `client` creates a client for them.
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
"""Name in URLs → display name."""


def strava_application(settings: Settings) -> Strava:
    """Return a Strava client without a user, for a `with` block; raises Misconfigured without an application."""
    return _strava(settings, *_server_application("strava", settings))


def google_application(settings: Settings) -> Google:
    """Return a Google client without a user, for a `with` block; raises Misconfigured without an application."""
    return _google(settings, *_server_application("google", settings))


def oauth_client(provider: str, application: Application) -> OAuthClient:
    """Return a client without a user, for a `with` block."""
    return OAUTH[provider].client(_settings(), *application)


def require_oauth(provider: str) -> None:
    """Raise NotFound for a provider without OAuth."""
    if provider not in OAUTH:
        raise NotFound("Unknown provider, or a provider without OAuth")


def new_application(provider: str) -> Application:
    """Return the application for new connections, in the bound transaction: the user's own, or the server's.

    Raises NotFound for a provider without OAuth, and Misconfigured if there is no application.
    """
    require_oauth(provider)
    own = oauth_applications.get_application(provider)
    return (own.client_id, _cipher().decrypt(own.client_secret)) if own else _server_application(provider, _settings())


def _server_application(provider: str, settings: Settings) -> Application:
    client_id, client_secret = OAUTH[provider].application(settings)
    if client_id is None or client_secret is None:
        raise Misconfigured(f"This server has no {PROVIDERS[provider]} application: its operator must set one up")
    return client_id, client_secret


def application_of(provider: str, credentials: Credentials) -> Application:
    """Return the application of a connection, as tokens only work with the application that they were issued for.

    If it is the application of the settings, the secret comes from there, as it may have been renewed since.
    """
    client_id, _ = OAUTH[provider].application(_settings())
    if credentials.client_id and credentials.client_secret and credentials.client_id != client_id:
        return credentials.client_id, _cipher().decrypt(credentials.client_secret)
    return _server_application(provider, _settings())


def strava(user_id: int) -> Strava:
    """Return a Strava client for a user, for a `with` block; raises ConnectionRefused if the user must connect."""
    return _of_person(_strava, "strava", user_id)


def google(user_id: int) -> Google:
    """Return a Google client for a user, for a `with` block; raises ConnectionRefused if the user must connect."""
    return _of_person(_google, "google", user_id)


def _of_person(client: Callable[..., C], provider: str, user_id: int) -> C:
    access_token, credentials = get_access(provider, user_id)
    return client(
        _settings(),
        *application_of(provider, credentials),
        access_token=access_token,
        renewed=lambda refused: get_access(provider, user_id, refused=refused)[0],
    )


def hevy(user_id: int) -> Hevy:
    """Return a Hevy client for a user, for a `with` block; raises ConnectionRefused if the user must connect."""
    with transaction(user_id):
        credentials = _connected("hevy")
    return Hevy(_settings().hevy_api_url, _cipher().decrypt(credentials.access_token))


def check_connection(provider: str, user_id: int) -> None:
    """Check whether the provider has ended a connection, as an unsigned event says; if so, store that."""
    try:
        with transaction(user_id):
            token = _cipher().decrypt(_connected(provider).access_token)
        get_access(provider, user_id, refused=token)
    except ConnectionRefused:
        pass  # stored now, or before


def get_access(provider: str, user_id: int, refused: str | None = None) -> tuple[str, Credentials]:
    """Return an access token, refreshed if it expires soon, and its connection.

    `refused` is a token that the provider no longer accepts. Raises ConnectionRefused if the user must connect (again).
    """
    with transaction(user_id):
        credentials = _connected(provider)
    token = _valid_token(credentials, refused)
    if token is not None:
        return token, credentials
    failure: ProviderError
    with transaction(user_id):
        # Another worker may have refreshed it while this one waited for the lock.
        credentials = _connected(provider, lock=True)
        token = _valid_token(credentials, refused)
        if token is not None:
            return token, credentials
        try:
            with to_the_end():  # the tokens that come are stored, even if whoever asked has left
                return _refresh(provider, credentials), credentials
        except ConnectionRefused as error:
            oauth_credentials.mark_refused(provider)
            failure = error
    raise failure


def revoke(provider: str, user_id: int) -> None:
    """End a user's connection at a provider; raises ConnectionRefused if it has already ended there."""
    access_token, credentials = get_access(provider, user_id)
    with oauth_client(provider, application_of(provider, credentials)) as client:
        try:
            client.revoke(access_token, _refresh_token(provider, user_id))
        except AccessExpired:  # only the access token; the connection may still be valid
            access_token, _ = get_access(provider, user_id, refused=access_token)
            client.revoke(access_token, _refresh_token(provider, user_id))


def _refresh_token(provider: str, user_id: int) -> str | None:
    with transaction(user_id):
        stored = _connected(provider).refresh_token
    return stored and _cipher().decrypt(stored)


def _valid_token(credentials: Credentials, refused: str | None) -> str | None:
    ends_soon = credentials.expires_at and credentials.expires_at < datetime.now(UTC) + REFRESH_AHEAD
    token = _cipher().decrypt(credentials.access_token)
    return None if ends_soon or token == refused else token


def _refresh(provider: str, credentials: Credentials) -> str:
    cipher = _cipher()
    if credentials.refresh_token is None:
        raise ConnectionRefused(f"{PROVIDERS[provider]} has ended the connection: connect again")
    with oauth_client(provider, application_of(provider, credentials)) as client:
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


def _cipher() -> Cipher:
    return Cipher(_settings().encryption_keys)


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
