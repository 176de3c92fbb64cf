"""Every change of a connection with a provider is dated."""

from collections.abc import Callable

import pytest

from fitness.db import oauth_credentials
from fitness.db.connection import system_transaction, transaction

TOKENS = {"access_token": "next", "refresh_token": None, "expires_at": None}


@pytest.mark.parametrize(
    "change",
    [
        lambda: oauth_credentials.save_credentials("strava", **TOKENS),
        lambda: oauth_credentials.save_refreshed("strava", **TOKENS),
        lambda: oauth_credentials.mark_refused("strava"),
    ],
)
def test_a_change_sets_updated_at(owner, alice, change: Callable[[], None]):
    with transaction(alice.user_id):
        oauth_credentials.save_credentials("strava", **TOKENS)
    owner.execute("UPDATE oauth_credentials SET updated_at = '2025-01-01'")

    with transaction(alice.user_id):
        change()

    assert owner.execute("SELECT updated_at > '2025-01-02' FROM oauth_credentials").fetchone() == (True,)


def test_new_secrets_set_updated_at(owner, alice):
    with transaction(alice.user_id):
        oauth_credentials.save_credentials("strava", **TOKENS)
    owner.execute("UPDATE oauth_credentials SET updated_at = '2025-01-01'")

    with system_transaction():
        assert oauth_credentials.rewrite_secrets(alice.user_id, str.upper) == 1

    row = owner.execute("SELECT access_token, updated_at > '2025-01-02' FROM oauth_credentials").fetchone()
    assert row == ("NEXT", True)
