"""Google's id tokens: who somebody is, in Google's word, which is checked before it is believed."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from fitness.providers.client import Untrusted

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LEEWAY_SECONDS = 30
"""How far Google's clock and this one may differ."""

KEYS_SECONDS = 3600
"""How long keys are believed in; Google changes them every few days, and tells new ones well before it uses them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at Google. `sub` never changes; the e-mail address may, and is theirs only when it is `verified`."""

    sub: str
    email: str
    verified: bool
    name: str
    picture: str | None


class Keys:
    """The public keys that Google signs with, by the addresses they are at, and shared by all who ask there."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, dict[str | None, jwt.PyJWK]]] = {}

    def find(self, kid: str, address: str, fetch: Callable[[], Any]) -> jwt.PyJWK:
        """Return the key of that id, with the keys fetched anew when they are old or it is not among them.

        Raises Untrusted when there is no such key.
        """
        fetched_at, keys = self._kept.get(address, (0.0, {}))
        if kid not in keys or time.monotonic() - fetched_at > KEYS_SECONDS:
            found = fetch()
            try:
                keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(found).keys}
            except (jwt.PyJWTError, AttributeError, TypeError, ValueError) as error:
                raise Untrusted("Google's keys cannot be read") from error
            self._kept[address] = time.monotonic(), keys
        if kid not in keys:
            raise Untrusted("Google's word on who this is was signed with a key that is not Google's")
        return keys[kid]


def read_id_token(
    token: str, find_key: Callable[[str], jwt.PyJWK], *, client_id: str, nonce: str | None = None
) -> Identity:
    """Return whom an id token is about; raise Untrusted when it is not Google's, not for us, too old, or not asked for.

    `nonce` is what the login was begun with, None for a token that came without a login.
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
        raise Untrusted(f"Google's word on who this is does not hold: {type(error).__name__}") from error
    if nonce is not None and not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
        raise Untrusted("Google's word on who this is belongs to another login")
    email, name, picture = (claims.get(claim) for claim in ("email", "name", "picture"))
    if not isinstance(email, str) or not email:
        raise Untrusted("Google does not tell the e-mail address")
    return Identity(
        sub=claims["sub"],
        email=email,
        verified=claims.get("email_verified") is True,
        name=name if isinstance(name, str) and name.strip() else email.partition("@")[0],
        picture=picture if isinstance(picture, str) else None,
    )
