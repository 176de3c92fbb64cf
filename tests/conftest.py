"""A real PostgreSQL for the tests: migrated once into a template, cloned for each test.

The role of the tests is no superuser, so that they need what an ordinary installation has.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql
from pytest_postgresql import factories

from fitness.accounts import api_tokens, sessions
from fitness.app import create_app
from fitness.config import Settings, load_settings
from fitness.db import connection, exercises, migrate, runs, shoes, users
from fitness.db.exercises import Exercise, NewExercise
from fitness.db.runs import NewRun, Run
from fitness.db.shoes import Shoe
from fitness.server.postgres import throwaway_postgres
from tests.standins.google import GoogleStandIn
from tests.standins.strava import StravaStandIn

ROLE = "fitness"
POSTGRES = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start one server for the whole test run; the processes that run tests in parallel are told where it is."""
    if not hasattr(config, "workerinput"):
        config.stash[POSTGRES] = stack = contextlib.ExitStack()
        version = int(os.environ.get("POSTGRES_VERSION") or 18)
        # A database is dropped after its test, and who does that may not end a vacuum that has begun there.
        postgres = stack.enter_context(throwaway_postgres(version, autovacuum="off"))
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(ROLE)))
            connection.execute(sql.SQL("CREATE DATABASE first OWNER {}").format(sql.Identifier(ROLE)))
        # The first migration of a server makes its roles: not something for two processes at once.
        migrate.upgrade(postgres.url("first", ROLE))
        os.environ["TEST_POSTGRES_SOCKET_DIR"] = str(postgres.socket_dir)
    config.option.postgresql_host = os.environ["TEST_POSTGRES_SOCKET_DIR"]
    config.option.postgresql_port = "5432"
    config.option.postgresql_user = ROLE


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(POSTGRES, None):
        stack.close()


def url_of(*, host: str, port: int | str, user: str, dbname: str, **_: Any) -> str:
    return f"postgresql://{user}@/{dbname}?host={host}&port={port}"


def _migrate(**server: Any) -> None:
    migrate.upgrade(url_of(**server))


empty_postgresql_proc = factories.postgresql_noproc(dbname="empty")
empty_postgresql = factories.postgresql("empty_postgresql_proc")
postgresql_proc = factories.postgresql_noproc(load=[_migrate])
postgresql = factories.postgresql("postgresql_proc")


@pytest.fixture
def empty_database_url(empty_postgresql: psycopg.Connection) -> str:
    """A database of this test alone, without any table."""
    return url_of(**empty_postgresql.info.get_parameters(), port=empty_postgresql.info.port)


@pytest.fixture
def database_url(postgresql: psycopg.Connection) -> str:
    """A migrated database of this test alone."""
    return url_of(**postgresql.info.get_parameters(), port=postgresql.info.port)


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner's role, which sees every row; each statement commits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for development, as `.env.dev` leaves them, with this test's database."""
    data_dir = tmp_path_factory.mktemp("data")
    return load_settings({"FITNESS_DATA_DIR": str(data_dir), "DATABASE_URL": database_url, "LOG_LEVEL": "INFO"})


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    connection.close_pool()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def strava() -> Iterator[StravaStandIn]:
    """Strava on loopback; a test's settings name it only if its module says so."""
    with StravaStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    """Google on loopback, likewise."""
    with GoogleStandIn() as stand_in:
        yield stand_in


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody with an account and a session."""

    user_id: int
    email: str
    headers: dict[str, str]


@pytest.fixture
def make_person(app: Flask) -> Callable[..., Person]:
    """Make accounts without passwords (hashing one takes a quarter of a second), logged in."""

    def make(name: str, **fields: Any) -> Person:
        email = f"{name}@example.com"
        with connection.system_transaction():
            user = users.create_user(email=email, name=name.title(), hashed_password=None, username=name, **fields)
        with app.app_context():
            tokens = sessions.start_session(user.user_id)
        return Person(user.user_id, email, {"Authorization": f"Bearer {tokens.access_token}"})

    return make


@pytest.fixture
def alice(make_person: Callable[..., Person]) -> Person:
    return make_person("alice")


@pytest.fixture
def bob(make_person: Callable[..., Person]) -> Person:
    return make_person("bob")


@pytest.fixture
def make_token(app: Flask) -> Callable[..., dict[str, str]]:
    """Make personal access tokens of a person; the headers of requests by them."""

    def make(person: Person, *scopes: str, **fields: Any) -> dict[str, str]:
        with connection.transaction(person.user_id):
            _, token = api_tokens.create_api_token(
                **{"name": "Watch", "expires_at": None, **fields}, scopes=list(scopes)
            )
        return {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def make_run(app: Flask) -> Callable[..., Run]:
    """Store a run of a person; what the test does not say is filled in."""

    def make(person: Person, **fields: Any) -> Run:
        values = {
            "id": f"manual_{uuid4()}",
            "datetime_utc": "2025-11-02T12:05:31Z",
            "type": "Outdoor Run",
            "distance": 5.0,
            "duration": 2400.0,
            "source": "Manual",
            **fields,
        }
        with connection.transaction(person.user_id):
            run, _ = runs.create_run(NewRun(**values), changed_by="alice")
        return run

    return make


@pytest.fixture
def make_shoe(app: Flask) -> Callable[..., Shoe]:
    """Store a shoe of a person."""

    def make(person: Person, name: str = "Brooks Ghost 16", *, notes: str | None = None) -> Shoe:
        with connection.transaction(person.user_id):
            return shoes.create_shoe(name, notes=notes, changed_by="alice")

    return make


@pytest.fixture
def make_exercise(app: Flask) -> Callable[..., Exercise]:
    """Store an exercise of a person's own."""

    def make(person: Person, name: str = "Zercher Carry", **fields: Any) -> Exercise:
        with connection.transaction(person.user_id):
            exercise_id = exercises.create_exercise(NewExercise(name, **fields), changed_by="alice")
            exercise = exercises.get_own_exercise_by_id(exercise_id)
        assert exercise is not None
        return exercise

    return make


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that ran so far, but for those that begin and end transactions; clear it to count anew."""
    ran: list[str] = []
    execute = psycopg.Cursor.execute

    def note(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        ran.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", note)
    return ran
