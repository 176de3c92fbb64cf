"""What several tests of the API need."""

from typing import Any

import pytest

from tests.full_account import full

__all__ = ["full"]


@pytest.fixture
def call(client, alice):
    """Call the API as somebody; return the JSON of its answer."""

    def send(method: str, path: str, person: Any = alice, **kwargs: Any) -> Any:
        answer = client.open(f"/v1{path}", method=method, headers=person.headers, **kwargs)
        assert answer.status_code < 300, answer.json
        return answer.json if answer.data else None

    return send
