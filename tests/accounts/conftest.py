"""What tests of accounts share: no limits in the way, and the requests that sign up, log in and refresh."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from fitness.config import Settings
from tests.accounts.signing_in import ADA, PASSWORD, bearer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limits in the way, but for the tests of the limits."""
    often = "1000 per minute"
    return dataclasses.replace(settings, rate_limit_login=often, rate_limit_login_total=often, rate_limit_signup=often)


@pytest.fixture
def sign_up(client: FlaskClient) -> Callable[..., Any]:
    def post(**fields: Any) -> Any:
        return client.post("/v1/auth/signup", json={**ADA, **fields})

    return post


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., Any]:
    def post(password: str = PASSWORD, **name: str) -> Any:
        return client.post("/v1/auth/login", json={**name, "password": password})

    return post


@pytest.fixture
def me(client: FlaskClient) -> Callable[[str], int]:
    """Return the status that reading one's account with this access token answers."""

    def get(access_token: str) -> int:
        return client.get("/v1/auth/me", headers=bearer(access_token)).status_code

    return get


@pytest.fixture
def refresh(client: FlaskClient) -> Callable[[str], Any]:
    def post(refresh_token: str) -> Any:
        return client.post("/v1/auth/refresh", json={"refresh_token": refresh_token})

    return post
