"""`fitness secrets rotate`: every stored secret under the first key, or none."""

from collections.abc import Callable

import psycopg
import pytest
from cryptography.fernet import Fernet

from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db import oauth_credentials
from fitness.db.connection import transaction
from tests.cli.commands import Fitness

OLD_KEY, NEW_KEY, ANOTHER_KEY = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = "SELECT client_secret, access_token, refresh_token FROM oauth_credentials ORDER BY user_id"


@pytest.fixture
def entrusted(owner: psycopg.Connection, alice, bob) -> Callable[[], list[tuple[str | None, ...]]]:
    """Alice's tokens and Bob's key, encrypted with the old key; return them as they are stored."""
    encrypt = Cipher([OLD_KEY]).encrypt
    with transaction(alice.user_id):
        oauth_credentials.save_credentials(
            "strava",
            client_id="12345",
            client_secret=encrypt("client secret"),
            access_token=encrypt("access token"),
            refresh_token=encrypt("refresh token"),
        )
    with transaction(bob.user_id):
        oauth_credentials.save_credentials("hevy", access_token=encrypt("key"))
    return lambda: owner.execute(SECRETS).fetchall()


def opened(key: str, rows: list[tuple[str | None, ...]]) -> list[list[str | None]]:
    return [[secret and Cipher([key]).decrypt(secret) for secret in row] for row in rows]


def test_secrets_are_rotated_to_the_first_key_and_open_with_it_alone(
    fitness: Fitness, database_url: str, entrusted: Callable[[], list[tuple[str | None, ...]]]
) -> None:
    rotated = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW_KEY},{OLD_KEY}")

    assert (rotated.returncode, rotated.stderr) == (0, "")
    assert rotated.stdout == "4 secrets are now encrypted with the first key.\n"
    assert opened(NEW_KEY, entrusted()) == [["client secret", "access token", "refresh token"], [None, "key", None]]
    with pytest.raises(Undecipherable):
        opened(OLD_KEY, entrusted())
    assert fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW_KEY).returncode == 0


def test_when_the_key_of_one_secret_is_missing_none_is_rotated(
    fitness: Fitness,
    database_url: str,
    owner: psycopg.Connection,
    entrusted: Callable[[], list[tuple[str | None, ...]]],
) -> None:
    owner.execute(
        "UPDATE oauth_credentials SET access_token = %s WHERE provider = 'hevy'", [Cipher([ANOTHER_KEY]).encrypt("key")]
    )
    before = entrusted()

    refused = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW_KEY},{OLD_KEY}")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: A stored secret was encrypted with a key that is no longer in ENCRYPTION_KEYS; nothing was changed.\n"
    )
    assert entrusted() == before


def test_without_secrets_there_is_nothing_to_rotate(fitness: Fitness, database_url: str) -> None:
    rotated = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW_KEY)
    assert (rotated.returncode, rotated.stdout) == (0, "0 secrets are now encrypted with the first key.\n")
