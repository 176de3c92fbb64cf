"""The API's description, and the providers' stand-ins."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from fitness.config import Settings
from tests.api.docs.description import ACCOUNT, BINARY, HEADERS, PARTS, Spec, Validators, operations, resolved, unlike
from tests.standins.google import GoogleStandIn
from tests.standins.hevy import HevyStandIn
from tests.standins.strava import StravaStandIn


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    """The providers are stand-ins."""
    with StravaStandIn() as strava, HevyStandIn.of_samples() as hevy, GoogleStandIn() as google:
        google.person["email"] = ACCOUNT["email"]
        addresses = {f"strava_{name}": address for name, address in strava.addresses.items()}
        application = {"strava_client_id": strava.client_id, "strava_client_secret": strava.client_secret}
        yield dataclasses.replace(settings, **addresses, **application, hevy_api_url=hevy.url, **google.settings)


@pytest.fixture
def spec(client: FlaskClient) -> Spec:
    answer = client.get("/v1/openapi.json")
    assert answer.json is not None
    return answer.json


@dataclasses.dataclass
class Tour:
    """Sends requests, and holds each answer against what the description says of it."""

    client: FlaskClient
    spec: Spec
    validators: Validators
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    seen: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    unsent: dict[tuple[str, str, str], set[str]] = dataclasses.field(default_factory=dict)

    def __call__(self, method: str, path: str, *ids: Any, query: str = "", **kwargs: Any) -> Any:
        names = re.findall(r"\{\w+\}", path)
        address = path
        for name, value in zip(names, ids, strict=True):
            address = address.replace(name, str(value))
        request = {"headers": self.headers, "buffered": True, **kwargs}
        answer = self.client.open(address + query, method=method, **request)
        self.hold(method, path, answer)
        return answer.json if answer.data and answer.is_json else answer.data

    def saw_all_of(self, part: str) -> None:
        """Check that each operation of a part of the API has succeeded, and has sent the headers described for that."""
        described = {(method, path) for method, path, _ in operations(self.spec) if re.fullmatch(PARTS[part], path)}
        assert described
        assert described - self.seen == set()
        assert {call: names for call, names in self.unsent.items() if names and call[:2] in described} == {}

    def hold(self, method: str, path: str, answer: Any) -> None:
        described = self.spec["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in described, (method, path, answer.status_code, answer.data)
        answered = resolved(self.spec, described[str(answer.status_code)])
        content = answered.get("content")
        sent, declared = HEADERS & set(answer.headers.keys()), set(answered.get("headers", {}))
        assert sent <= declared, (method, path, answer.status_code, "sends but does not describe", sent - declared)
        if answer.status_code < 400:
            self.seen.add((method, path))
            call = (method, path, str(answer.status_code))
            # Only personal access tokens have a limit; the others are sent by every call at some time.
            own = {"ETag", "Location"} & declared
            self.unsent[call] = self.unsent.get(call, own) - sent
        if content is None:
            assert answer.data == b""
        elif answer.content_type in BINARY:
            assert answer.content_type in content
        else:
            assert answer.content_type == "application/json"
            body = content["application/json"]
            self.validators.of(body["schema"]).validate(answer.json)
            if answer.status_code < 400:
                assert unlike(self.spec, body["schema"], body["example"], answer.json) == [], (method, path)


@pytest.fixture
def tour(client: FlaskClient, spec: Spec) -> Tour:
    return Tour(client, spec, Validators(spec))
