"""A stand-in for Google: discovery, keys, OAuth with PKCE and id tokens, userinfo, and the events of calendars."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import unquote, urlencode
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from tests.samples import DATA
from tests.standins.server import Answer, Request, StandIn, json_answer

CALENDAR = "/calendar/v3"
TOKEN = "/token"
KEYS = "/oauth2/v3/certs"
EVENTS_SCOPE = "https://www.googleapis.com/auth/calendar.events"
SHORT_SCOPES = {"email": "https://www.googleapis.com/auth/userinfo.email"}
ERRORS = json.loads((DATA / "google_errors.json").read_text())
CLAIMS = json.loads((DATA / "google_id_token_claims.json").read_text())
BAD_GATEWAY = Answer(502, b"<html><body>Bad Gateway</body></html>", {"Content-Type": "text/html"})
LIFE = 3599


def refusal(reason: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the sample error of that reason, in the form of the calendar or of the token endpoint."""
    return next(
        json_answer(error["body"], error["status"], headers)
        for error in ERRORS
        if reason in (error["body"]["error"], *(one["reason"] for one in _errors(error["body"])))
    )


def _errors(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return body["error"]["errors"] if isinstance(body["error"], dict) else []


def denied(reason: str) -> Answer:
    """Return a refusal with status 403, of which the samples hold only some."""
    error = {"domain": "calendar", "reason": reason, "message": "Forbidden"}
    return json_answer({"error": {"errors": [error], "code": 403, "message": "Forbidden"}}, 403)


@cache
def signing_key(name: str) -> RSAPrivateKey:
    """Return the key of that name; making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def _signed(secret: bytes, *parts: object) -> str:
    """Return a token signed with a secret, of a kind that libraries refuse to sign with."""
    text = ".".join(_base64(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), 'sha256'))}"


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass(slots=True)
class _Code:
    """What a code was given for."""

    account: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str | None
    offline: bool


@dataclass(slots=True)
class _Grant:
    """What a person allowed: the tokens that are alive."""

    account: str
    scope: str
    refresh_token: str | None
    access_tokens: set[str] = field(default_factory=set[str])


class GoogleStandIn(StandIn):
    """Google on loopback. Whoever is `person` says yes on the page that asks.

    Change attributes with `self.lock` held while requests are under way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.client_id, self.client_secret = CLAIMS["aud"], "GOCSPX-5ec2e7"
        self.jwks_url = f"{self.url}{KEYS}?of={uuid4()}"
        """An address that no other one had: keys are remembered by it, and the system gives a port out again."""
        self.person: dict[str, Any] = {
            claim: CLAIMS[claim] for claim in ("sub", "email", "email_verified", "name", "picture")
        }
        """The claims about the person who says yes."""
        self.granted: str | None = None
        """The scope that is granted there, None for what is asked for; "" refuses."""
        self.claims: dict[str, Any] = {}
        """What id tokens claim instead of the truth; `...` leaves a claim out."""
        self.kid: str | None = "key-1"
        self.key, self.algorithm = "key-1", "RS256"
        """What id tokens say they are signed with, and what they are signed with."""
        self.published = ["key-1"]
        self.events: dict[str, dict[str, dict[str, Any]]] = {}
        """By the account and the calendar, and the event's id; deleted ones have the status `cancelled`."""
        self.final: set[str] = set()
        """The ids of events that cannot be brought back once they are deleted."""
        self.calendars = {"primary"}
        self._codes: dict[str, _Code] = {}
        self._grants: list[_Grant] = []
        self._numbers = count(1)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a server that has its application here."""
        return {
            "google_client_id": self.client_id,
            "google_client_secret": self.client_secret,
            "google_authorize_url": f"{self.url}/o/oauth2/v2/auth",
            "google_token_url": f"{self.url}{TOKEN}",
            "google_revoke_url": f"{self.url}/revoke",
            "google_jwks_url": self.jwks_url,
            "google_calendar_url": f"{self.url}{CALENDAR}",
        }

    # --- filling it, and making it fail

    def calendar(self, account: str | None = None, name: str = "primary") -> dict[str, dict[str, Any]]:
        """Return the events that are in a calendar, by id, without deleted ones."""
        with self.lock:
            events = self._events_of(account or self.person["email"], name)
            return {id: dict(event) for id, event in events.items() if event["status"] != "cancelled"}

    def delete_by_hand(self, event_id: str) -> None:
        """Let the person delete an event."""
        with self.lock:
            self._events_of(self.person["email"], "primary")[event_id]["status"] = "cancelled"

    def forget_events(self) -> None:
        """Let all events be gone without a trace, as in another calendar."""
        with self.lock:
            self.events.clear()

    def expire_access(self) -> None:
        """Let all access tokens be dead; they can be refreshed."""
        with self.lock:
            for grant in self._grants:
                grant.access_tokens.clear()

    def end_connections(self) -> None:
        """Let all tokens be dead for good, as when people have revoked the access."""
        with self.lock:
            self._grants.clear()

    def sign(self, nonce: str | None) -> str:
        """Return an id token of the person, with what is wrong about it."""
        now = int(datetime.now(UTC).timestamp())
        right = {**CLAIMS, **self.person, "aud": self.client_id, "nonce": nonce, "iat": now, "exp": now + LIFE}
        claims = {claim: value for claim, value in (right | self.claims).items() if value not in (..., None)}
        headers = {} if self.kid is None else {"kid": self.kid}
        if self.algorithm == "HS256":  # with the public key for a secret, which everybody has
            public = signing_key(self.key).public_key()
            secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            return _signed(secret, {"alg": "HS256", "typ": "JWT", **headers}, claims)
        key: Any = None if self.algorithm == "none" else signing_key(self.key)
        return jwt.encode(claims, key, algorithm=self.algorithm, headers=headers)

    # --- answering

    def answer(self, request: Request) -> Answer:
        with self.lock:
            if request.path.startswith(f"{CALENDAR}/"):
                return self._calendar(request)
            match request.method, request.path:
                case "GET", "/.well-known/openid-configuration":
                    return json_answer(self._discovery())
                case "GET", "/oauth2/v3/certs":
                    return json_answer({"keys": [self._jwk(name) for name in self.published]})
                case "GET", "/o/oauth2/v2/auth":
                    return self._authorize(request.query)
                case "POST", "/token":
                    return self._token(request.form)
                case "POST", "/revoke":
                    return self._revoke(request.form.get("token", ""))
                case "GET", "/userinfo":
                    return json_answer(self.person) if self._grant_of(request) else refusal("authError")
                case _:
                    return Answer(404, b"<html>Not found</html>", {"Content-Type": "text/html"})

    def _discovery(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "issuer": "https://accounts.google.com",
            "authorization_endpoint": settings["google_authorize_url"],
            "token_endpoint": settings["google_token_url"],
            "userinfo_endpoint": f"{self.url}/userinfo",
            "revocation_endpoint": settings["google_revoke_url"],
            "jwks_uri": settings["google_jwks_url"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["plain", "S256"],
        }

    def _jwk(self, name: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(signing_key(name).public_key(), as_dict=True)
        return {"kid": name, "use": "sig", "alg": "RS256", **{part: public[part] for part in ("kty", "n", "e")}}

    def _authorize(self, query: Mapping[str, str]) -> Answer:
        """Say yes or no at once, in the place of the person."""
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            return json_answer({"error": "invalid_request"}, 400)
        if query.get("code_challenge_method") != "S256":
            return json_answer({"error": "invalid_request"}, 400)
        asked = query["scope"] if self.granted is None else self.granted
        back = {"state": query.get("state", "")}
        if not asked:
            back["error"] = "access_denied"
        else:
            code = f"4/c0de{next(self._numbers)}"
            scope = " ".join(SHORT_SCOPES.get(one, one) for one in asked.split())
            offline = query.get("access_type") == "offline" and query.get("prompt") == "consent"
            self._codes[code] = _Code(
                self.person["email"], query["redirect_uri"], scope, query["code_challenge"], query.get("nonce"), offline
            )
            back |= {"code": code, "scope": scope, "authuser": "0", "prompt": "consent"}
        return Answer(302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    def _token(self, form: Mapping[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return refusal("invalid_client")
        if form.get("grant_type") == "refresh_token":
            wanted = form.get("refresh_token")
            grant = next((grant for grant in self._grants if wanted and grant.refresh_token == wanted), None)
            return json_answer(self._issue(grant)) if grant else refusal("invalid_grant")
        code = self._codes.pop(form.get("code", ""), None)
        challenge = _base64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if code is None or (code.redirect_uri, code.challenge) != (form.get("redirect_uri"), challenge):
            return refusal("invalid_grant")
        grant = _Grant(code.account, code.scope, f"1//made-up-{next(self._numbers)}" if code.offline else None)
        self._grants.append(grant)
        tokens = self._issue(grant) | {"id_token": self.sign(code.nonce)}
        return json_answer(tokens | ({"refresh_token": grant.refresh_token} if code.offline else {}))

    def _issue(self, grant: _Grant) -> dict[str, Any]:
        token = f"ya29.made-up-{next(self._numbers)}"
        grant.access_tokens.add(token)
        return {"access_token": token, "expires_in": LIFE, "scope": grant.scope, "token_type": "Bearer"}

    def _revoke(self, token: str) -> Answer:
        grant = next((one for one in self._grants if token in {one.refresh_token, *one.access_tokens}), None)
        if grant is None:
            return json_answer({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
        self._grants.remove(grant)
        return json_answer({})

    def _grant_of(self, request: Request) -> _Grant | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return next((grant for grant in self._grants if token in grant.access_tokens), None)

    def _events_of(self, account: str, calendar: str) -> dict[str, dict[str, Any]]:
        return self.events.setdefault(f"{account} {calendar}", {})

    def _calendar(self, request: Request) -> Answer:
        grant = self._grant_of(request)
        if grant is None:
            return refusal("authError")
        if EVENTS_SCOPE not in grant.scope.split():
            return refusal("insufficientPermissions")
        found = re.fullmatch(rf"{CALENDAR}/calendars/([^/]+)/events(?:/([^/]+))?", request.path)
        if found is None or unquote(found[1]) not in self.calendars:
            return refusal("notFound")
        events = self._events_of(grant.account, unquote(found[1]))
        if request.method == "POST" and not found[2]:
            return self._insert(events, request.json)
        event = events.get(found[2] or "")
        if event is None:
            return refusal("notFound")
        if request.method == "GET":
            return json_answer(event)
        if request.method == "PATCH":
            if event["status"] == "cancelled" and event["id"] in self.final:
                return denied("forbidden")
            return self._store(events, {**event, **request.json, "sequence": event["sequence"] + 1})
        if event["status"] == "cancelled":
            return refusal("deleted")
        event["status"] = "cancelled"
        return Answer(204)

    def _insert(self, events: dict[str, dict[str, Any]], given: dict[str, Any]) -> Answer:
        if not re.fullmatch("[a-v0-9]{5,1024}", given.get("id", "")):
            return refusal("invalid")
        if given["id"] in events:
            return refusal("duplicate")
        fresh = {"kind": "calendar#event", "status": "confirmed", "sequence": 0, "eventType": "default"}
        return self._store(events, fresh | given)

    def _store(self, events: dict[str, dict[str, Any]], event: dict[str, Any]) -> Answer:
        start, end = (datetime.fromisoformat(event[edge]["dateTime"]) for edge in ("start", "end"))
        if end < start:
            return refusal("timeRangeEmpty")
        events[event["id"]] = event
        return json_answer(event)
