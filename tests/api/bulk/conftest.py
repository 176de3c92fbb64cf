"""Bulk edits by a person, and the records that they change."""

from typing import Any

import pytest

from tests.api.bulk.bodies import COUNTED


@pytest.fixture
def edit(call):
    """Send a bulk edit of a noun."""
    return lambda noun, **body: call("POST", f"/{noun}/bulk", json=body)


@pytest.fixture
def listed(call):
    """Return {id: record} of a noun, deleted ones too, without what counts writes."""

    def read(noun: str, query: str = "?include_deleted=true") -> dict[Any, dict[str, Any]]:
        items = call("GET", f"/{noun}{query}")["items"]
        return {one["id"]: {name: one[name] for name in one if name not in COUNTED} for one in items}

    return read
