"""Strava's client at the stand-in, and the samples that it answers with."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from fitness.providers.client import ProviderError
from fitness.providers.strava.client import Strava
from tests.samples import DATA


def sample(name):
    return json.loads((DATA / name).read_bytes())


PAGES = sample("strava_activities_page1.json") + sample("strava_activities_page2.json")
GEAR_NAMES = {id: gear["name"] for id, gear in sample("strava_gear_by_id.json").items()}
RUN = PAGES[0]


NOON = datetime(2025, 11, 2, 12, 7, 30, tzinfo=UTC)
SECRETS = ["5ec2e7", "a11ce", "c0ffee", "c0de"]


def client_of(stand_in, **changes: Any) -> Strava:
    return Strava(
        **{
            **stand_in.addresses,
            "client_id": stand_in.client_id,
            "client_secret": stand_in.client_secret,
            "time_limits": httpx.Timeout(30),
            "code_wait": 0,
            "now": lambda: NOON,
        }
        | changes
    )


def refused(kind: type[ProviderError], call, *args: Any) -> Any:
    """Return the error of a kind that a call ends with, and make sure that it and its causes give no secret away."""
    with pytest.raises(ProviderError) as raised:
        call(*args)
    assert type(raised.value) is kind, raised.value
    error: BaseException | None = raised.value
    while error:
        assert not [secret for secret in SECRETS if secret in f"{error!s}{error!r}"]
        error = error.__cause__ or error.__context__
    return raised.value
