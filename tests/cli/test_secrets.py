"""`fitness secrets rotate`: every stored secret under the first key, or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from cryptography.fernet import Fernet

from fitness.connections.encryption import Cipher, Undecipherable
from fitness.db import oauth_applications, oauth_credentials
from fitness.db.connection import execute, transaction
from tests.cli.commands import Fitness

OLD_KEY, NEW_KEY, ANOTHER_KEY = (Fernet.generate_key().decode() for _ in range(3))
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
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
    bob,
    entrusted: Callable[[], list[tuple[str | None, ...]]],
) -> None:
    owner.execute(
        "UPDATE oauth_credentials SET access_token = %s WHERE provider = 'hevy'", [Cipher([ANOTHER_KEY]).encrypt("key")]
    )
    before = entrusted()

    refused = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{NEW_KEY},{OLD_KEY}")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: A stored secret was encrypted with a key that is no longer in ENCRYPTION_KEYS:"
        f" a connection of account {bob.user_id}. Nothing was changed.\n"
    )
    assert entrusted() == before


def test_without_secrets_there_is_nothing_to_rotate(fitness: Fitness, database_url: str) -> None:
    rotated = fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=NEW_KEY)
    assert (rotated.returncode, rotated.stdout) == (0, "0 secrets are now encrypted with the first key.\n")


def test_a_rotation_and_what_is_stored_meanwhile_end_under_the_first_key(
    fitness: Fitness, database_url: str, owner: psycopg.Connection, alice
) -> None:
    """A person sends the secret of their application anew while it is rotated: each waits for the other, once."""
    encrypt, new = Cipher([OLD_KEY]).encrypt, Cipher([NEW_KEY, OLD_KEY]).encrypt
    with transaction(alice.user_id):
        oauth_applications.save_application("strava", client_id="1", client_secret=encrypt("application"))
        oauth_credentials.save_credentials("strava", client_id="1", access_token=encrypt("access token"))

    with ThreadPoolExecutor(1) as other, transaction(alice.user_id):
        execute("SELECT FROM oauth_applications WHERE user_id = %(user_id)s FOR UPDATE")
        keys = f"{NEW_KEY},{OLD_KEY}"
        rotation = other.submit(fitness, "secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=keys)
        while owner.execute(WAITING).fetchone() is None and not rotation.done():
            pass
        oauth_applications.save_application("strava", client_id="1", client_secret=new("another"))

    assert (rotation.result().returncode, rotation.result().stderr) == (0, "")
    assert opened(NEW_KEY, owner.execute(SECRETS).fetchall()) == [["another", "access token", None]]
    assert opened(NEW_KEY, owner.execute("SELECT client_secret FROM oauth_applications").fetchall()) == [["another"]]
