"""Verify Google's ID tokens, which identify a user."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from fitness.names import normal_name
from fitness.providers.client import Untrusted
from fitness.ranges import LONGEST_EMAIL, LONGEST_NAME, LONGEST_URL

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LEEWAY_SECONDS = 30
"""Allowed difference between Google's clock and ours, in seconds."""

KEYS_SECONDS = 3600
"""How long keys are cached; Google changes them every few days and publishes new ones well before it uses them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A Google user. `sub` never changes; the e-mail address may, and only belongs to the user if it is `verified`."""

    sub: str
    email: str
    verified: bool
    name: str
    picture: str | None


class Keys:
    """Google's public signing keys, cached per URL and shared by all threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, dict[str | None, jwt.PyJWK]]] = {}

    def find(self, kid: str, address: str, fetch: Callable[[], Any]) -> jwt.PyJWK:
        """Return the key with the id; fetches the keys again if they are old or the id is missing.

        Raises Untrusted if there is no such key.
        """
        fetched_at, keys = self._kept.get(address, (0.0, {}))
        if kid not in keys or time.monotonic() - fetched_at > KEYS_SECONDS:
            found = fetch()
            try:
                keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(found).keys}
            except (jwt.PyJWTError, AttributeError, TypeError, ValueError) as error:
                raise Untrusted("Google's signing keys cannot be read") from error
            self._kept[address] = time.monotonic(), keys
        if kid not in keys:
            raise Untrusted("The ID token signature is invalid: unknown key")
        return keys[kid]


def read_id_token(
    token: str, find_key: Callable[[str], jwt.PyJWK], *, client_id: str, nonce: str | None = None
) -> Identity:
    """Return the identity in an ID token; raises Untrusted if it is forged, expired, or not for us or this login.

    `nonce` is that of the login; None for a token that came without a login.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        claims = jwt.decode(
            token,
            find_key(kid if isinstance(kid, str) else ""),
            algorithms=["RS256"],
            audience=client_id,
            issuer=ISSUERS,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "sub", "iat", "exp"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Untrusted(f"The ID token is invalid: {type(error).__name__}") from error
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise Untrusted("The ID token belongs to another login")
    email, name, picture = (claims.get(claim) for claim in ("email", "name", "picture"))
    if not isinstance(email, str) or not 0 < len(email) <= LONGEST_EMAIL:
        raise Untrusted("The ID token has no e-mail address")
    return Identity(
        sub=claims["sub"],
        email=email,
        verified=claims.get("email_verified") is True,
        name=_shown_name(name) or email.partition("@")[0][:LONGEST_NAME],
        picture=picture if isinstance(picture, str) and _is_picture(picture) else None,
    )


def _shown_name(name: object) -> str:
    return normal_name(name)[:LONGEST_NAME].strip() if isinstance(name, str) else ""


def _is_picture(address: str) -> bool:
    """Return whether a browser may be sent to the address, as far as the profile accepts it."""
    return address.startswith("https://") and len(address) <= LONGEST_URL
