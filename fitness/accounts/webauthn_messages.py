"""The messages of WebAuthn: options for browsers, and what browsers answer. Knows no database and no request.

Options and answers are JSON as browsers take and make it (`parseRequestOptionsFromJSON`, `toJSON`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

TIMEOUT_SECONDS = 300
"""How long a browser waits for the person."""


class BadAnswer(Exception):
    """An answer is not as browsers make it, or not signed as it must be."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys work: the origin of the pages, and the host name that passkeys belong to."""

    origin: str
    host: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A passkey that an authenticator has made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def options_to_add(site: Site, *, handle: UUID, email: str, name: str, known: Sequence[bytes]) -> dict[str, Any]:
    """Return the options with which a browser makes a passkey; not on a device that has one of those `known`."""
    return options_to_json_dict(
        generate_registration_options(
            rp_id=site.host,
            rp_name="fitness",
            user_id=handle.bytes,
            user_name=email,
            user_display_name=name,
            timeout=TIMEOUT_SECONDS * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(known),
        )
    )


def options_to_sign(site: Site, named: Sequence[bytes]) -> dict[str, Any]:
    """Return the options with which a browser signs by one of the passkeys; with none, by any for this server."""
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=site.host,
            timeout=TIMEOUT_SECONDS * 1000,
            allow_credentials=_descriptors(named),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def _descriptors(credential_ids: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in credential_ids]


def challenge_of(answer: dict[str, Any]) -> str:
    """Return the challenge that an answer has signed, in the form of the options; raises BadAnswer."""
    with _readable():
        client_data = parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return bytes_to_base64url(client_data.challenge)


def credential_of(answer: dict[str, Any]) -> tuple[bytes, UUID | None]:
    """Return the id of the passkey that has signed, and the handle of its account, if known; raises BadAnswer."""
    with _readable():
        credential = parse_authentication_credential_json(answer)
        handle = credential.response.user_handle
        return credential.raw_id, UUID(bytes=handle) if handle else None


def read_new_key(answer: dict[str, Any], site: Site) -> NewKey:
    """Return the passkey that an answer brings; raises BadAnswer.

    Whoever calls it has taken the challenge of the answer to be one of this server's.
    """
    with _readable():
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge_of(answer)),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        # Refuses a key that could never check a signature.
        decoded_public_key_to_cryptography(decode_credential_public_key(made.credential_public_key))
        return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def check_signature(answer: dict[str, Any], site: Site, public_key: bytes) -> int:
    """Return how often the authenticator says it has signed, 0 if it does not count; raises BadAnswer.

    Whoever calls it has taken the challenge of the answer to be one of this server's.
    """
    with _readable():
        signed = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge_of(answer)),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            # The database compares the counts, as two answers may come at once.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return signed.new_sign_count


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadAnswer(str(error)) from error
