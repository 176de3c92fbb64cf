"""`fitness secrets rotate` while a provider's tokens are refreshed: nothing is lost, and neither stops the other."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from cryptography.fernet import Fernet

from fitness.connections.encryption import Cipher
from fitness.providers.strava.client import Strava
from tests.cli.conftest import fitness
from tests.connecting import connect, sync
from tests.connections.states import change_settings, end_in
from tests.standins.server import Fault
from tests.standins.strava import TOKEN

__all__ = ["fitness"]

OLD_KEY, NEW_KEY = (Fernet.generate_key().decode() for _ in range(2))
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def rotate(app, client, alice, owner, monkeypatch, fitness, database_url):
    """Connect somebody whose tokens end soon, under the old key; return the command that rotates the secrets."""
    monkeypatch.setitem(Strava.__init__.__kwdefaults__, "time_limits", httpx.Timeout(50))  # a process is to start
    change_settings(app, monkeypatch, encryption_keys=[OLD_KEY])
    connect(client, alice.headers)
    end_in(owner, alice, 1)
    change_settings(app, monkeypatch, encryption_keys=[NEW_KEY, OLD_KEY])

    def run(**settings):
        keys = f"{NEW_KEY},{OLD_KEY}"
        return fitness("secrets", "rotate", DATABASE_URL=database_url, ENCRYPTION_KEYS=keys, **settings)

    return run


def under_the_new_key(owner):
    (secrets,) = owner.execute("SELECT access_token, refresh_token FROM oauth_credentials").fetchall()
    return [Cipher([NEW_KEY]).decrypt(secret) for secret in secrets]


def of_strava(strava):
    return [*strava.grants[0].access_tokens, strava.grants[0].refresh_token]


def wait_for_locks(owner, number, other):
    """Return when so many others wait for a lock, or the other one is done."""
    while owner.execute(WAITING).fetchone() != (number,) and not other.done():
        owner.execute("SELECT pg_stat_clear_snapshot()")


def test_a_rotation_waits_for_a_refresh(client, owner, alice, strava, rotate):
    with ThreadPoolExecutor(1) as other:
        rotations = []

        def rotate_meanwhile(_, answer):
            rotations.append(other.submit(rotate))
            wait_for_locks(owner, 1, rotations[0])
            return answer()

        strava.fail(Fault(rotate_meanwhile, on=TOKEN))
        synced = sync(client, alice.headers)
        rotation = rotations[0].result()

    assert (synced.status_code, rotation.returncode, rotation.stderr) == (200, 0, "")
    assert under_the_new_key(owner) == of_strava(strava)


def test_a_refresh_waits_for_a_rotation(app, owner, alice, strava, rotate):
    secret = Cipher([OLD_KEY]).encrypt("of the second factor")
    owner.execute("INSERT INTO second_factors (user_id, secret) VALUES (%s, %s)", [alice.user_id, secret])
    with ThreadPoolExecutor(2) as others, owner.transaction():
        owner.execute("SELECT FROM second_factors FOR UPDATE")
        rotation = others.submit(rotate)
        wait_for_locks(owner, 1, rotation)
        synced = others.submit(sync, app.test_client(), alice.headers)
        wait_for_locks(owner, 2, synced)
        held = not synced.done()

    assert held
    assert (synced.result().status_code, rotation.result().returncode) == (200, 0)
    assert under_the_new_key(owner) == of_strava(strava)


def test_a_rotation_that_waits_too_long_changes_nothing(client, owner, alice, strava, rotate):
    rotations = []

    def rotate_meanwhile(_, answer):
        rotations.append(rotate(DB_STATEMENT_TIMEOUT_SECONDS="1"))
        return answer()

    strava.fail(Fault(rotate_meanwhile, on=TOKEN))
    synced = sync(client, alice.headers)

    busy = f"A connection of account {alice.user_id} is being refreshed or changed. Nothing was changed: try again."
    assert (synced.status_code, rotations[0].returncode, rotations[0].stderr) == (200, 1, f"Error: {busy}\n")
    assert under_the_new_key(owner) == of_strava(strava)
