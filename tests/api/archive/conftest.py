"""What tests of archives share: the files of one, and another database that it goes into."""

import dataclasses
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient

from fitness.accounts import sessions
from fitness.app import create_app
from fitness.db import connection, migrate, pool, users
from tests.archives import export, files_of


@pytest.fixture
def session_of(app) -> Callable[[str], dict[str, str]]:
    """Start a session of an account, without its password; the headers of its requests."""

    def start(email: str) -> dict[str, str]:
        with connection.system_transaction():
            credentials = users.get_credentials(email)
        assert credentials is not None
        with app.app_context():
            return {"Authorization": f"Bearer {sessions.start_session(credentials.user_id).access_token}"}

    return start


@pytest.fixture
def elsewhere(settings, empty_database_url, request) -> Callable[[], tuple[FlaskClient, dict[str, str]]]:
    """Make another database with an empty account, whose numbers are taken by others; a client, and its headers.

    From then on the process is that database's alone.
    """

    def make() -> tuple[FlaskClient, dict[str, str]]:
        migrate.upgrade(empty_database_url)
        app = create_app(dataclasses.replace(settings, database_url=empty_database_url))
        request.addfinalizer(pool.close_pool)
        with psycopg.connect(empty_database_url, autocommit=True) as owner:
            owner.execute(
                "INSERT INTO users (email, name) SELECT n || '@example.com', 'X' FROM generate_series(1, 4) n"
            )
            owner.execute("INSERT INTO changesets (user_id, kind) VALUES (1, 'import'), (1, 'import')")
        with connection.system_transaction():
            user = users.create_user(email="new@example.com", name="New", username="new", hashed_password=None)
        with app.app_context():
            token = sessions.start_session(user.user_id).access_token
        return app.test_client(), {"Authorization": f"Bearer {token}"}

    return make


@pytest.fixture
def files(client, full) -> dict[str, bytes]:
    """The files of a good archive, to be damaged."""
    return files_of(export(client, full.headers))
