"""Passwords at their real cost: each hash takes a quarter of a second."""

import time

import pytest

from fitness.accounts.passwords import check_password, hash_password

PASSWORD = "a long pass phrase"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password(PASSWORD)


def test_the_stored_password_is_a_bcrypt_hash_of_cost_12(client, owner):
    account = {"email": "ada@example.com", "name": "Ada", "password": PASSWORD}

    client.post("/v1/auth/signup", json=account)

    (stored,) = owner.execute("SELECT hashed_password FROM users").fetchone()
    assert stored.startswith("hmac-sha256$2b$12$")
    assert check_password(PASSWORD, stored)


def test_a_password_is_hashed_with_a_salt_of_its_own(hashed):
    assert hash_password(PASSWORD) != hashed


def test_a_password_that_starts_like_the_right_one_is_wrong(hashed):
    wrong = [PASSWORD[:-1], PASSWORD + "x", PASSWORD + "\0", "", PASSWORD.upper()]

    assert check_password(PASSWORD, hashed)
    assert not any(check_password(one, hashed) for one in wrong)


def test_without_a_hash_no_password_is_right_and_the_answer_takes_as_long(hashed):
    def seconds(hashed_password: str | None) -> float:
        started = time.thread_time()
        assert not check_password("another pass phrase", hashed_password)
        return time.thread_time() - started

    seconds(None)
    samples = [(seconds(hashed), seconds(None)) for _ in range(3)]

    with_hash, without_hash = (min(column) for column in zip(*samples, strict=True))
    assert 0.5 < with_hash / without_hash < 2


def test_an_unknown_account_and_a_wrong_password_take_alike_long(client, make_person):
    def seconds(email: str) -> float:
        started = time.perf_counter()
        client.post("/v1/auth/login", json={"email": email, "password": "another pass phrase"})
        return time.perf_counter() - started

    client.post("/v1/auth/signup", json={"email": "ada@example.com", "name": "Ada", "password": PASSWORD})
    seconds("warm-up@example.com")
    samples = [(seconds("ada@example.com"), seconds("nobody@example.com")) for _ in range(3)]

    known, unknown = (min(column) for column in zip(*samples, strict=True))
    assert 0.5 < known / unknown < 2
