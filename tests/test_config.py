"""Settings: where they come from, what is refused, and that no secret shows."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

from fitness.config import ROOT, VARIABLES, ConfigError, Settings, exposed_secrets, load_settings

NAMES = [variable.name for variable in VARIABLES]
JWT_SECRET_KEY = "f5N0-tL2_vQ8rY1wZ6xK3mB9cD4hJ7sA"
ENCRYPTION_KEY = "bm90IGEgc2VjcmV0LCBidXQgYXMgbG9uZyBhcyBvbmU="
PROD = {
    "FITNESS_ENV": "prod",
    "DATABASE_URL": "postgresql://fitness:pAss-w0rd@db/fitness",
    "JWT_SECRET_KEY": JWT_SECRET_KEY,
    "ENCRYPTION_KEYS": ENCRYPTION_KEY,
}


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory whose .env files, empty at first, come before those of the repository."""
    monkeypatch.chdir(tmp_path)
    for env in ("dev", "prod"):
        (tmp_path / f".env.{env}").touch()
    return tmp_path


def problems(environ: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load_settings(environ)
    return refused.value.problems


def test_development_needs_no_setting(directory: Path) -> None:
    settings = load_settings({"FITNESS_DATA_DIR": str(directory)})
    assert settings.env == "dev"
    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.cors_origins == ()


def test_production_is_read() -> None:
    settings = load_settings(
        PROD | {"CORS_ORIGINS": "https://log.mine.net, http://localhost:5173", "MAX_UPLOAD_MB": "3"}
    )
    assert settings.database_url == PROD["DATABASE_URL"]
    assert settings.jwt_secret_key == JWT_SECRET_KEY
    assert settings.encryption_keys == (ENCRYPTION_KEY,)
    assert settings.cors_origins == ("https://log.mine.net", "http://localhost:5173")
    assert settings.max_upload_bytes == 3 * 1024 * 1024


def test_every_attribute_has_one_variable() -> None:
    attributes = [field.name for field in dataclasses.fields(Settings)]
    assert sorted(variable.attribute for variable in VARIABLES) == sorted(attributes)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(directory: Path) -> None:
    (directory / ".env.prod").write_text("PORT=8001\nWORKERS=3\n")
    settings = load_settings(PROD | {"PORT": "8002"})
    assert (settings.port, settings.workers, settings.log_level) == (8002, 3, "INFO")


def test_an_empty_value_counts_as_none(directory: Path) -> None:
    (directory / ".env.prod").write_text("PORT=8001\n")
    assert load_settings(PROD | {"PORT": "", "THREADS": " "}).port == 8001
    assert problems(PROD | {"JWT_SECRET_KEY": ""}) == ["JWT_SECRET_KEY is missing"]


def test_the_file_cannot_change_which_file_is_read(directory: Path) -> None:
    (directory / ".env.dev").write_text("FITNESS_ENV=prod\n")
    assert load_settings({"FITNESS_DATA_DIR": str(directory)}).env == "dev"


def test_a_value_of_the_file_is_taken_as_it_is_written(directory: Path) -> None:
    (directory / ".env.prod").write_text(f"JWT_SECRET_KEY={JWT_SECRET_KEY}${{HOME}}\n")
    settings = load_settings({name: value for name, value in PROD.items() if name != "JWT_SECRET_KEY"})
    assert settings.jwt_secret_key == JWT_SECRET_KEY + "${HOME}"


def test_an_unreadable_env_file_is_said(directory: Path) -> None:
    (directory / ".env.dev").write_bytes(b"PORT=\xff\n")
    assert problems({}) == [f"{directory}/.env.dev cannot be read: it is not UTF-8 text"]


def test_there_is_a_worker_more_than_cores_unless_said() -> None:
    assert load_settings(PROD).workers == len(os.sched_getaffinity(0)) + 1
    assert load_settings(PROD | {"WORKERS": "7"}).workers == 7


def test_the_pool_is_as_large_as_the_threads_unless_said() -> None:
    assert load_settings(PROD | {"THREADS": "5"}).db_pool_size == 6
    assert load_settings(PROD | {"THREADS": "5", "DB_POOL_SIZE": "3"}).db_pool_size == 3


def test_a_relative_data_directory_starts_at_the_repository() -> None:
    assert load_settings(PROD | {"FITNESS_DATA_DIR": "elsewhere"}).data_dir == ROOT / "elsewhere"
    assert load_settings(PROD).data_dir == ROOT / ".data"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("FITNESS_ENV", "staging", "must be one of dev, prod, not 'staging'"),
        ("FITNESS_DATA_DIR", "~nobody-here/data", "begins with the home directory of an unknown user"),
        ("DATABASE_URL", "mysql://fitness@db/fitness", "is not a URL of a PostgreSQL database"),
        ("DATABASE_URL", "host=db dbname=fitness", "must begin with postgresql://"),
        ("DATABASE_URL", "postgresql://fitness:CHANGE-ME@db/fitness", "still has a placeholder as its password"),
        ("PORT", "0", "must be a whole number from 1 to 65535, not '0'"),
        ("PORT", "65536", "must be a whole number from 1 to 65535, not '65536'"),
        ("WORKERS", "two", "must be a whole number from 1 to 64, not 'two'"),
        ("WORKERS", "-1", "must be a whole number from 1 to 64, not '-1'"),
        ("WORKERS", "1.5", "must be a whole number from 1 to 64, not '1.5'"),
        ("JWT_SECRET_KEY", "change-me", "is still a placeholder"),
        ("JWT_SECRET_KEY", "your-secret-key-that-nobody-will-ever-guess", "is still a placeholder"),
        ("JWT_SECRET_KEY", "<thirty-two characters of randomness>", "is still a placeholder"),
        ("JWT_SECRET_KEY", JWT_SECRET_KEY[:-1], "is shorter than 32 characters"),
        ("JWT_SECRET_KEY", "abc" * 20, "has fewer than 8 different characters"),
        ("ENCRYPTION_KEYS", "CHANGE-ME", "is still a placeholder"),
        ("ENCRYPTION_KEYS", " , ", "contains no key"),
        ("ENCRYPTION_KEYS", f"{ENCRYPTION_KEY},{JWT_SECRET_KEY}", "contains an invalid Fernet key"),
        ("ENCRYPTION_KEYS", "A" * 43 + "=", "has fewer than 8 different characters"),
        ("RATE_LIMIT_LOGIN", "often", "couldn't parse rate limit string 'often'"),
        ("CORS_ORIGINS", "https://log.mine.net/", "must be * or an origin such as https://log.mine.net without a path"),
        ("LOG_LEVEL", "debug", "must be one of DEBUG, INFO, WARNING, ERROR, not 'debug'"),
        ("POSTGRES_VERSION", "17", "must be one of 16, 18, not '17'"),
    ],
)
def test_a_bad_value_is_refused(name: str, value: str, problem: str) -> None:
    assert [said[: len(name) + 1 + len(problem)] for said in problems(PROD | {name: value})] == [f"{name} {problem}"]


def test_a_cluster_has_no_replica() -> None:
    given = {"DATABASE_REPLICA_URL": "postgresql://fitness@db/fitness", "DATABASE_SHARDING": "citus"}
    assert problems(PROD | given) == [
        "DATABASE_REPLICA_URL cannot be set with DATABASE_SHARDING=citus: each server has its own log"
    ]


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({"FITNESS_ENV": "prod", "PORT": "x", "JWT_SECRET_KEY": "short"})
    assert str(refused.value).splitlines() == [
        "The settings are not valid:",
        "  PORT must be a whole number from 1 to 65535, not 'x'",
        "  JWT_SECRET_KEY is shorter than 32 characters",
        "  ENCRYPTION_KEYS is missing",
        "  DATABASE_URL or FITNESS_DATA_DIR must be set",
    ]


def test_a_secret_never_shows() -> None:
    shown = repr(load_settings(PROD))
    for value in (PROD["DATABASE_URL"], JWT_SECRET_KEY, ENCRYPTION_KEY):
        assert value not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "xyzzy"),
        ("DATABASE_URL", "password=xyzzy"),
        ("DATABASE_URL", "postgresql://me:xyzzy@[db/fitness"),
        ("DATABASE_URL", "postgresql://me:xyzzy%zz@db/fitness"),
        ("DATABASE_URL", "postgresql://me:xyzzy@db/fitness?colour=xyzzy"),
        ("DATABASE_URL", "postgresql://me:xyzzy-change-me@db/fitness"),
        ("JWT_SECRET_KEY", "xyzzy"),
        ("ENCRYPTION_KEYS", "xyzzy"),
        ("ENCRYPTION_KEYS", "xyzzy-and-enough-of-other-characters"),
        ("ENCRYPTION_KEYS", "xyzzy-and-enough-of-other-characters-\u00e9"),
    ],
)
@pytest.mark.parametrize("by_file", [False, True])
def test_no_problem_quotes_a_secret(name: str, value: str, by_file: bool, directory: Path) -> None:
    environ = {other: given for other, given in PROD.items() if other != name}
    if by_file:
        (directory / "file").write_text(value, encoding="utf-8")
        environ[name + "_FILE"] = str(directory / "file")
    else:
        environ[name] = value
    assert len(problems(environ)) == 1
    assert "xyzzy" not in str(problems(environ))


def test_a_secret_may_come_from_a_file(directory: Path) -> None:
    (directory / "jwt").write_text(JWT_SECRET_KEY + "\n")
    (directory / "url").write_text(PROD["DATABASE_URL"] + "\n")
    settings = load_settings(
        {
            "FITNESS_ENV": "prod",
            "DATABASE_URL_FILE": str(directory / "url"),
            "JWT_SECRET_KEY_FILE": str(directory / "jwt"),
            "ENCRYPTION_KEYS": ENCRYPTION_KEY,
        }
    )
    assert settings.jwt_secret_key == JWT_SECRET_KEY
    assert settings.database_url == PROD["DATABASE_URL"]


def test_a_file_named_in_the_environment_wins_over_a_value_in_the_env_file(directory: Path) -> None:
    (directory / ".env.prod").write_text("PORT=CHANGE-ME\n")
    (directory / "port").write_text("8001\n")
    assert load_settings(PROD | {"PORT_FILE": str(directory / "port")}).port == 8001


def test_a_file_that_gives_nothing_is_a_problem(directory: Path) -> None:
    (directory / "empty").touch()
    (directory / "binary").write_bytes(b"\xff\xfe")
    assert problems(PROD | {"HOST_FILE": str(directory / "none")}) == [
        "HOST cannot be read from its file: No such file or directory"
    ]
    assert problems(PROD | {"HOST_FILE": str(directory / "empty")}) == ["HOST names an empty file"]
    assert problems(PROD | {"HOST_FILE": str(directory / "binary")}) == [
        "HOST cannot be read from its file: it is not UTF-8 text"
    ]
    assert problems(PROD | {"PORT": "1", "PORT_FILE": "port"}) == ["PORT and PORT_FILE are both set"]


def test_development_keys_are_made_once_for_this_user_alone(directory: Path) -> None:
    data = directory / "data"
    first = load_settings({"FITNESS_DATA_DIR": str(data)})
    assert load_settings({"FITNESS_DATA_DIR": str(data)}) == first
    assert load_settings({"FITNESS_DATA_DIR": str(directory / "other")}).jwt_secret_key != first.jwt_secret_key
    assert (data / "secrets").stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in (data / "secrets").iterdir()} == {
        "jwt_secret_key": 0o600,
        "encryption_keys": 0o600,
    }


def test_processes_that_start_at_once_agree_on_the_keys(directory: Path) -> None:
    show = "from fitness.config import *; s = load_settings(); print(s.jwt_secret_key, s.encryption_keys)"
    environ = os.environ | {"FITNESS_ENV": "dev", "FITNESS_DATA_DIR": str(directory / "data")}
    starts = [
        subprocess.Popen([sys.executable, "-c", show], env=environ, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    shown = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0] * 6
    assert len(shown) == 1
    assert len(list((directory / "data" / "secrets").iterdir())) == 2


def test_a_damaged_key_is_said_and_not_used(directory: Path) -> None:
    kept = directory / "secrets" / "jwt_secret_key"
    kept.parent.mkdir()
    kept.touch()
    assert problems({"FITNESS_DATA_DIR": str(directory)}) == [
        f"JWT_SECRET_KEY, stored in {kept}, is shorter than 32 characters"
    ]


def test_a_data_directory_that_is_none_is_said(directory: Path) -> None:
    (directory / "data").touch()
    assert problems({"FITNESS_DATA_DIR": str(directory / "data")}) == [
        f"JWT_SECRET_KEY cannot be stored in {directory}/data/secrets/jwt_secret_key: Not a directory"
    ]


def test_production_makes_no_keys(directory: Path) -> None:
    load_settings(PROD | {"FITNESS_DATA_DIR": str(directory / "data")})
    assert not (directory / "data").exists()


def test_env_dev_works_untouched_and_holds_no_secret(directory: Path) -> None:
    (directory / ".env.dev").write_bytes((ROOT / ".env.dev").read_bytes())
    assert load_settings({"FITNESS_DATA_DIR": str(directory)}).env == "dev"
    assert not {variable.name for variable in VARIABLES if variable.make} & set(dotenv_values(ROOT / ".env.dev"))


def test_env_prod_lists_every_variable_with_its_default() -> None:
    listed = dotenv_values(ROOT / ".env.prod")
    assert set(listed) == set(NAMES)
    to_fill_in = {"FITNESS_ENV", "FITNESS_DATA_DIR", "DATABASE_URL", "JWT_SECRET_KEY", "ENCRYPTION_KEYS"}
    for variable in VARIABLES:
        assert variable.name in to_fill_in or listed[variable.name] == (variable.default or "")


def test_env_prod_is_refused_until_it_is_filled_in(directory: Path) -> None:
    (directory / ".env.prod").write_bytes((ROOT / ".env.prod").read_bytes())
    assert problems({"FITNESS_ENV": "prod"}) == [
        "DATABASE_URL still has a placeholder as its password",
        "JWT_SECRET_KEY is still a placeholder",
        "ENCRYPTION_KEYS is still a placeholder",
    ]
    assert load_settings(PROD).database_url == PROD["DATABASE_URL"]


def test_secrets_that_other_users_of_the_machine_can_read_are_named(directory: Path) -> None:
    path = directory / ".env.prod"
    path.write_text("PORT=8001\n")
    path.chmod(0o644)
    environ = {"FITNESS_ENV": "prod"}
    assert exposed_secrets(environ) is None

    path.write_text(f"JWT_SECRET_KEY={PROD['JWT_SECRET_KEY']}\n")
    assert exposed_secrets(environ) == path
    # A placeholder that the environment replaces is no secret.
    assert exposed_secrets(PROD) is None

    path.chmod(0o600)
    assert exposed_secrets(environ) is None
