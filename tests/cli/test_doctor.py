"""`fitness doctor`: says what is wrong, in words that anybody may read."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from fitness.cli import main
from fitness.config import VARIABLES
from fitness.server.doctor import OF_PROVIDER
from tests.standins.hevy import HevyStandIn

Doctor = Callable[..., Result]
PLANTED = "pLanted"


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Doctor:
    """Run the command in an empty directory, with settings in the environment; providers are a server on loopback."""
    monkeypatch.chdir(tmp_path)

    def doctor(*arguments: str, **settings: str) -> Result:
        silent = dict.fromkeys(filter(OF_PROVIDER.fullmatch, (one.name for one in VARIABLES)), "http://127.0.0.1:1")
        environ = {"FITNESS_DATA_DIR": str(tmp_path / "data"), "FITNESS_ENV": "dev", **silent, **settings}
        return CliRunner(env=environ).invoke(main, ["doctor", *arguments])

    return doctor


def findings(said: Result) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["state"], one["detail"]) for one in json.loads(said.stdout)["findings"]}


def test_a_sound_installation_passes(doctor: Doctor, database_url: str) -> None:
    with HevyStandIn.of_samples() as there:
        said = doctor("--json", DATABASE_URL=database_url, HEVY_API_URL=there.url)
    found = findings(said)

    assert said.exit_code == 0
    assert {name for name, (state, _) in found.items() if state != "ok"} <= {"providers", "disk"}
    assert found["database"][1].startswith("your own, PostgreSQL ")
    assert found["pooler"] == ("ok", "none")
    assert found["replicas"] == ("ok", "none")
    assert found["providers"][0] == "warning"
    assert "STRAVA_API_URL" in found["providers"][1]
    assert "HEVY_API_URL" not in found["providers"][1]
    assert found["secrets"][1] == "age: JWT_SECRET_KEY 0 days, ENCRYPTION_KEYS 0 days"


def test_the_page_has_a_line_for_each_check(doctor: Doctor, database_url: str) -> None:
    page = doctor(DATABASE_URL=database_url).stdout.splitlines()
    assert [line.split()[1] for line in page] == [
        *("program", "settings", "files", "secrets", "disk", "database", "schema", "pooler", "replicas", "clock"),
        *("sharding", "providers"),
    ]


def test_a_database_without_the_schema_or_out_of_reach_fails(doctor: Doctor, empty_database_url: str) -> None:
    behind = doctor("--json", DATABASE_URL=empty_database_url)
    gone = doctor("--json", DATABASE_URL="postgresql://me@127.0.0.1:1/log")

    assert behind.exit_code == gone.exit_code == 1
    assert findings(behind)["schema"][0] == "failed"
    assert "fitness db upgrade" in findings(behind)["schema"][1]
    assert findings(gone)["database"][0] == "failed"
    assert "refused" in findings(gone)["database"][1]


def test_the_way_around_a_pooler_leads_to_the_same_database(
    doctor: Doctor, database_url: str, empty_database_url: str
) -> None:
    def admin(url: str) -> tuple[str, str]:
        return findings(doctor("--json", DATABASE_URL=database_url, DATABASE_ADMIN_URL=url))["admin"]

    other = "DATABASE_ADMIN_URL leads to another database than DATABASE_URL"
    assert admin(database_url)[0] == "ok"
    assert admin(empty_database_url) == ("failed", other)
    state, why = admin("postgresql://me@127.0.0.1:1/log")
    assert (state, "refused" in why) == ("failed", True)


def test_a_schema_of_a_later_release_fails(doctor: Doctor, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    said = doctor("--json", DATABASE_URL=database_url)

    assert findings(said)["schema"][0] == "failed"
    assert "install the later release" in findings(said)["schema"][1]


def test_a_setting_that_contradicts_the_database_about_sharding_fails(doctor: Doctor, database_url: str) -> None:
    said = doctor("--json", DATABASE_URL=database_url, DATABASE_SHARDING="citus")

    assert findings(said)["sharding"] == ("failed", "DATABASE_SHARDING is citus, but the database is not distributed")


def test_open_files_and_old_secrets_are_warnings(doctor: Doctor, database_url: str, tmp_path: Path) -> None:
    secret = tmp_path / "jwt"
    secret.write_text("s3cret-" * 8 + "abcdefgh")
    secret.chmod(0o644)
    old = time.time() - 400 * 86_400
    os.utime(secret, (old, old))

    found = findings(doctor("--json", DATABASE_URL=database_url, JWT_SECRET_KEY_FILE=str(secret)))

    assert found["files"] == ("warning", "other users can read the file of JWT_SECRET_KEY")
    assert found["secrets"][0] == "warning"
    assert "JWT_SECRET_KEY 400 days" in found["secrets"][1]


VALID: dict[str, Any] = {
    "FITNESS_ENV": "prod",
    "DATABASE_URL": f"postgresql://{PLANTED}:{PLANTED}@127.0.0.1:1/{PLANTED}?application_name={PLANTED}",
    "JWT_SECRET_KEY": f"{PLANTED}-0123456789-abcdefghijklmnopqrs",
    "METRICS_TOKEN": f"{PLANTED}-9876543210-abcdefghijklmnopqrs",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SMTP_HOST": f"{PLANTED}.example",
    "SMTP_USERNAME": PLANTED,
    "SMTP_PASSWORD": PLANTED,
    "MAIL_FROM": f"{PLANTED}@log.example",
    "TRUSTED_HOSTS": f"{PLANTED}.example",
    "CORS_ORIGINS": f"https://{PLANTED}.example",
    "STRAVA_CLIENT_ID": PLANTED,
    "STRAVA_CLIENT_SECRET": PLANTED,
    "GOOGLE_CLIENT_ID": PLANTED,
    "GOOGLE_CLIENT_SECRET": PLANTED,
    "GOOGLE_CALENDAR_ID": PLANTED,
    "PUBLIC_API_BASE_URL": f"https://{PLANTED}.example",
    **{
        variable.name: f"http://{PLANTED}:{PLANTED}@127.0.0.1:1/{PLANTED}"
        for variable in VARIABLES
        if variable.name.endswith("_URL") and variable.default
    },
}
"""A secret in every setting that may be text."""


def test_no_secret_is_on_the_page(doctor: Doctor, tmp_path: Path) -> None:
    settings = VALID | {"FITNESS_DATA_DIR": str(tmp_path / PLANTED)}
    for arguments in ([], ["--json"]):
        said = doctor(*arguments, **settings)
        assert "DATABASE_URL" in said.output
        assert said.exit_code == 1  # nothing listens there
        assert PLANTED.lower() not in said.output.lower()
        assert settings["ENCRYPTION_KEYS"] not in said.output


def test_not_even_one_that_is_not_valid_where_it_stands(doctor: Doctor, tmp_path: Path) -> None:
    for variable in VARIABLES:
        # A relative directory would be made in the repository.
        value = f"{tmp_path}/{PLANTED}" if variable.name == "FITNESS_DATA_DIR" else f"{PLANTED} value"
        said = doctor(**{"DATABASE_URL": "postgresql://me@127.0.0.1:1/log", variable.name: value})
        assert PLANTED.lower() not in said.output.lower(), variable.name


def test_settings_that_are_not_valid_are_named(doctor: Doctor) -> None:
    said = doctor("--json", PORT="zero", DATABASE_URL="mysql://x")
    assert said.exit_code == 1
    assert findings(said)["settings"] == ("failed", "not valid: DATABASE_URL, PORT; fitness serve says why")
