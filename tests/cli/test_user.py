"""Accounts that the operator makes, and the demonstration."""

import psycopg
from flask.testing import FlaskClient

from tests.cli.commands import PASSWORD, Fitness, row


def test_an_account_of_the_operators_making_logs_in_until_deactivated(
    fitness: Fitness, database_url: str, client: FlaskClient
) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD}

    made = fitness(
        *("user", "create", "ada@example.com", "--username", "ada", "--password-stdin"),
        given=f"{PASSWORD}\n",
        DATABASE_URL=database_url,
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert client.post("/v1/auth/login", json=login).status_code == 200
    assert "ada@example.com" in fitness("user", "list", DATABASE_URL=database_url).stdout

    assert fitness("user", "deactivate", "ada", DATABASE_URL=database_url).returncode == 0
    assert client.post("/v1/auth/login", json=login).status_code == 401
    assert fitness("user", "activate", "ada", DATABASE_URL=database_url).returncode == 0
    assert client.post("/v1/auth/login", json=login).status_code == 200


def test_an_account_that_cannot_be_is_refused_in_words(fitness: Fitness, database_url: str, alice) -> None:
    create = ("user", "create", "--name", "Ada", "--password-stdin")

    wrong = fitness(*create, "ada", given="short\n", DATABASE_URL=database_url)
    taken = fitness(*create, alice.email, given=f"{PASSWORD}\n", DATABASE_URL=database_url)
    nobody = fitness("user", "deactivate", "nobody", DATABASE_URL=database_url)

    assert wrong.returncode == 2
    assert "email: Not a valid email address." in wrong.stderr
    assert "password: Shorter than minimum length 8." in wrong.stderr
    assert (taken.returncode, taken.stderr) == (1, "Error: This e-mail address is already taken\n")
    assert (nobody.returncode, nobody.stderr) == (1, "Error: No account found for nobody.\n")


def test_the_demonstration_has_something_to_look_at(
    fitness: Fitness, database_url: str, owner: psycopg.Connection
) -> None:
    assert fitness("demo", DATABASE_URL=database_url).returncode == 0
    assert row(owner, "SELECT count(*) > 500 FROM runs") is True
    assert row(owner, "SELECT count(*) > 10 FROM runs_history WHERE change_type = 'edit'") is True
    assert row(owner, "SELECT count(*) FROM runs WHERE points_id IS NOT NULL") == 12
    assert row(owner, "SELECT count(*) FROM runs WHERE conflicts ? 'distance'") == 1
    assert row(owner, "SELECT count(*) FROM changesets WHERE kind = 'revert'") == 1
    assert row(owner, "SELECT count(*) > 5 FROM planned_workouts WHERE run_id IS NOT NULL") is True
    assert row(owner, "SELECT count(*) > 2 FROM planned_workouts WHERE current_plan_day IS NOT NULL") is True
    same_day = "coalesce(current_plan_day, originally_planned_day) = (datetime_utc AT TIME ZONE 'Europe/Berlin')::date"
    assert row(owner, f"SELECT bool_and({same_day}) FROM planned_workouts JOIN runs ON runs.id = run_id") is True
    assert row(owner, "SELECT max_heart_rate - resting_heart_rate > 100 FROM users") is True
