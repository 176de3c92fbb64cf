"""An authenticator in software, and the browser before it: makes passkeys, and signs with them.

It does as WebAuthn says, unless a test changes what it does.
"""

import dataclasses
import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

Options = dict[str, Any]
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "==")


@dataclasses.dataclass
class Passkey:
    """A passkey on the device; `handle` is how the server names its account."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    handle: str


@dataclasses.dataclass
class Authenticator:
    """A device with passkeys, at a page of `origin`; it counts its signatures if `counts`."""

    origin: str = "http://localhost:8000"
    host: str = "localhost"
    flags: int = PRESENT | VERIFIED
    counts: bool = True
    count: int = 0
    passkeys: list[Passkey] = dataclasses.field(default_factory=list)

    def make(self, options: Options) -> Options:
        """Return what `navigator.credentials.create` answers, as JSON."""
        known = {one["id"] for one in options["excludeCredentials"]}
        assert not known & {encoded(one.id) for one in self.passkeys}
        key = ec.generate_private_key(ec.SECP256R1())
        passkey = Passkey(secrets.token_bytes(32), key, options["user"]["id"])
        self.passkeys.append(passkey)
        point = key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(passkey.id).to_bytes(2, "big") + passkey.id + cbor2.dumps(public)
        data = self._data(self.flags | WITH_KEY) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        return self._answer(passkey, clientDataJSON=encoded(client_data), attestationObject=encoded(attestation))

    def sign(self, options: Options, passkey: Passkey | None = None) -> Options:
        """Return what `navigator.credentials.get` answers, as JSON: with one of the passkeys that the options name."""
        named = {one["id"] for one in options["allowCredentials"]}
        passkey = passkey or next(one for one in self.passkeys if not named or encoded(one.id) in named)
        self.count += self.counts
        data = self._data(self.flags)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = passkey.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            passkey,
            clientDataJSON=encoded(client_data),
            authenticatorData=encoded(data),
            signature=encoded(signature),
            # Only a passkey that names its account itself says so.
            userHandle=None if named else passkey.handle,
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    @staticmethod
    def _answer(passkey: Passkey, **response: Any) -> Options:
        return {
            "id": encoded(passkey.id),
            "rawId": encoded(passkey.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {name: value for name, value in response.items() if value is not None},
        }
