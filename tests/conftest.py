"""What every test may ask for: a database of its own, the application on it, people and their records."""

import contextlib
import dataclasses
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from fitness.accounts import api_tokens, passwords, sessions
from fitness.app import configure, create_app
from fitness.config import Settings, load_settings
from fitness.db import bound, connection, exercises, pool, runs, shoes, users
from fitness.db.bound import Bound
from fitness.db.exercises import Exercise, NewExercise
from fitness.db.runs import NewRun, Run
from fitness.db.shoes import Shoe
from fitness.db.wire import Wire
from tests import databases, sharding
from tests.standins.google import GoogleStandIn
from tests.standins.strava import StravaStandIn
from tests.statement_check import StatementCheck

RUNNING = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start one server for the whole test run, in the process that the others are started from."""
    if not hasattr(config, "workerinput"):
        # Whoever ends the run leaves no server behind, and no files in memory.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        config.stash[RUNNING] = stack = contextlib.ExitStack()
        stack.enter_context(databases.temporary_files_in_memory())
        stack.enter_context(databases.server())


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(RUNNING, None):
        stack.close()


@pytest.fixture(scope="session")
def admin() -> Iterator[psycopg.Connection]:
    """The connection that makes and drops databases: one a process."""
    with psycopg.connect(databases.url_of("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session", autouse=True)
def statement_check(admin: psycopg.Connection) -> Iterator[None]:
    """Check every statement that the program runs in the process of the tests."""
    check = StatementCheck(sharding.read_catalog(admin))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bound, "on_statement", check)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail the test that ran a statement which a sharded database refuses, or sends to all shards."""
    yield
    check = bound.on_statement
    if isinstance(check, StatementCheck) and check.broken:
        broken, check.broken = check.broken, {}
        pytest.fail("\n\n".join(f"{'; '.join(why)}\n{text}" for text, why in broken.items()), pytrace=False)


@pytest.fixture
def empty_database_url(admin: psycopg.Connection) -> Iterator[str]:
    """A database of this test alone, without any table."""
    with databases.Clone(admin, "empty", template="template1") as clone:
        yield clone.url


@pytest.fixture
def database_url(admin: psycopg.Connection) -> Iterator[str]:
    """A migrated database of this test alone."""
    with databases.Clone(admin, "tests") as clone:
        yield clone.url


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner's role, which sees every row; each statement commits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


HELD_SECONDS = 2


@pytest.fixture
def open_transactions(owner: psycopg.Connection) -> Callable[[], int]:
    """Count the transactions that others hold open in this test's database.

    Nobody waits for the COMMIT of a read, so one may still be on its way: what is held is still there after some time.
    """

    def ask() -> int:
        found = owner.execute(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
            """
        ).fetchone()
        assert found is not None
        return found[0]

    def count() -> int:
        asked_at = time.monotonic()
        while (held := ask()) and time.monotonic() - asked_at < HELD_SECONDS:
            pass
        return held

    return count


@pytest.fixture
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings for development, as `.env.dev` leaves them, with this test's database."""
    data_dir = tmp_path_factory.mktemp("data")
    return load_settings({"FITNESS_DATA_DIR": str(data_dir), "DATABASE_URL": database_url, "LOG_LEVEL": "INFO"})


Apps = dict[tuple[Any, ...], Flask]


@pytest.fixture(scope="session")
def made_apps() -> Apps:
    """The applications that this process has made so far."""
    return {}


def parts_of(app: Flask) -> tuple[Any, ...]:
    """Return what an application is made of, settings apart."""
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    handlers = [
        (blueprint, code, error, handler)
        for blueprint, by_code in app.error_handler_spec.items()
        for code, by_error in by_code.items()
        for error, handler in by_error.items()
    ]
    return (*map(str, app.url_map.iter_rules()), *map(str, hooks), *handlers, dict(app.view_functions), app.wsgi_app)


@pytest.fixture
def app(settings: Settings, made_apps: Apps, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application with this test's settings and database.

    Making one takes as long as many a test. So tests share it: each gives it
    its settings and a new pool, and proves that it leaves it as it was. A test that changes the application itself
    is marked `own_app`.
    """
    own = request.node.get_closest_marker("own_app")
    shape = settings.cors_origins, settings.trusted_proxies, settings.metrics_token
    if not own and shape in made_apps:
        app = made_apps.pop(shape)
        configure(app, settings)
    else:
        app = create_app(settings)
    config, parts = dict(app.config), parts_of(app)
    yield app
    pool.close_pool()
    if not own:
        assert parts_of(app) == parts, "This test changed the application that tests share: mark it `own_app`"
        app.config.clear()
        app.config.update(config)
        made_apps[shape] = app


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], int]:
    """Count how often a request waits for PostgreSQL."""
    waited: list[None] = []
    run = Wire.run

    def counting(wire: Wire, *rest: Any) -> None:
        waited.append(None)
        run(wire, *rest)

    monkeypatch.setattr(Wire, "run", counting)

    def count(ask: Callable[[], Any]) -> int:
        waited.clear()
        answer = ask()
        assert answer.status_code in {200, 201, 204, 304}, answer.text
        return len(waited)

    return count


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


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords in a millisecond; what the real cost promises is in tests/accounts/test_passwords.py."""
    monkeypatch.setattr(passwords, "BCRYPT_COST", 4)


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
    queue = Bound.queue

    def note(bound: Bound, query: Any, params: dict[str, Any]) -> Any:
        ran.append(str(query))
        return queue(bound, query, params)

    monkeypatch.setattr(Bound, "queue", note)
    return ran
