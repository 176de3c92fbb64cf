"""Settings: the table of variables, read once from the environment and `.env.<FITNESS_ENV>`."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from fitness.files import make_directory
from fitness.setting_values import ROOT as ROOT
from fitness.setting_values import base, path_of
from fitness.variables import VARIABLES, Variable


class ConfigError(Exception):
    """The settings are not valid; the message lists each variable with its problem, one per line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The settings are not valid:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; secrets stay out of `repr`. `database_url` None means the embedded database."""

    env: str
    data_dir: Path
    database_url: str | None = field(repr=False)
    database_admin_url: str | None = field(repr=False)
    database_pooler: str
    database_replica_url: str | None = field(repr=False)
    database_sharding: str
    host: str
    port: int
    workers: int
    threads: int
    jwt_secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    access_token_minutes: int
    refresh_token_days: int
    session_days: int
    sign_up: str
    rate_limit_login: str
    rate_limit_login_total: str
    rate_limit_signup: str
    rate_limit_token: str
    cors_origins: tuple[str, ...]
    max_upload_bytes: int
    max_drop_files: int
    max_drop_bytes: int
    quota_versions: int
    quota_bytes: int
    db_pool_size: int
    db_pool_timeout_seconds: int
    db_statement_timeout_seconds: int
    request_timeout_seconds: int
    job_timeout_seconds: int
    log_level: str
    metrics_token: str | None = field(repr=False)
    trusted_proxies: int
    trusted_hosts: tuple[str, ...]
    postgres_version: int
    public_api_base_url: str
    smtp_host: str | None
    smtp_port: int
    smtp_security: str
    smtp_username: str | None
    smtp_password: str | None = field(repr=False)
    mail_from: str | None
    sync_interval_minutes: int
    strava_client_id: str | None
    strava_client_secret: str | None = field(repr=False)
    strava_api_url: str
    strava_authorize_url: str
    strava_token_url: str
    strava_revoke_url: str
    hevy_api_url: str
    google_client_id: str | None
    google_client_secret: str | None = field(repr=False)
    google_calendar_id: str
    google_authorize_url: str
    google_token_url: str
    google_revoke_url: str
    google_jwks_url: str
    google_calendar_url: str

    @property
    def is_https(self) -> bool:
        """Whether people reach the server by https, so that cookies and headers may ask for it."""
        return self.public_api_base_url.startswith("https:")

    @property
    def is_sharded(self) -> bool:
        """Whether the database is a Citus cluster, distributed by user."""
        return self.database_sharding == "citus"

    @property
    def of_pools(self) -> dict[str, Any]:
        """What every pool of connections to the database is opened with, see `fitness.db.pool.open_pool`."""
        return {
            "timeout_seconds": self.db_pool_timeout_seconds,
            "statement_timeout_seconds": self.db_statement_timeout_seconds,
            "pooler": self.database_pooler,
            "sharded": self.is_sharded,
        }


FROM_FILE = "_FILE"
"""Suffix of a variable that names a file with the value, such as `JWT_SECRET_KEY_FILE` for `JWT_SECRET_KEY`."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; environment variables override the .env file, an empty value counts as not set.

    Raises ConfigError with all problems at once.
    """
    given, env = os.environ if environ is None else environ, _env(environ)
    sources = {"FITNESS_ENV": env}, given, _env_file(env)
    problems: list[str] = []
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        try:
            values[variable.attribute] = _read(variable, sources, required=env == "prod" and variable.make is not None)
        except ValueError as error:
            problems.append(f"{variable.name} {error}")
    named = {name.removesuffix(FROM_FILE) for source in sources for name, value in source.items() if value}
    if env == "prod" and not named & {"DATABASE_URL", "FITNESS_DATA_DIR"}:
        problems.append("DATABASE_URL or FITNESS_DATA_DIR must be set")
    if not problems:
        problems = [
            f"{provider.upper()}_CLIENT_ID and {provider.upper()}_CLIENT_SECRET must be set together"
            for provider in ("strava", "google")
            if bool(values[f"{provider}_client_id"]) != bool(values[f"{provider}_client_secret"])
        ]
        if bool(values["smtp_username"]) != bool(values["smtp_password"]):
            problems.append("SMTP_USERNAME and SMTP_PASSWORD must be set together")
        if values["smtp_host"] and not values["mail_from"]:
            problems.append("MAIL_FROM must be set with SMTP_HOST")
        if values["database_replica_url"] and values["database_sharding"] == "citus":
            problems.append(
                "DATABASE_REPLICA_URL cannot be set with DATABASE_SHARDING=citus: each server has its own log"
            )
    if problems:
        raise ConfigError(problems)
    if values["workers"] is None:
        values["workers"] = 1 + len(os.sched_getaffinity(0))
    if values["db_pool_size"] is None:
        values["db_pool_size"] = values["threads"] + 1
    for variable in VARIABLES:
        if variable.make and values[variable.attribute] is None:
            values[variable.attribute] = _generated(variable, variable.make, values["data_dir"] / "secrets")
    return Settings(**values)


SECRETS = tuple(field.name for field in fields(Settings) if not field.repr)
"""The attributes of settings that are secret."""


def exposed_secrets(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the .env file if secrets are read from it and other users of this machine can read it, too.

    One that the environment replaces is not read; it may be a placeholder.
    """
    given = given_settings(environ)
    path = _env_path(_env(environ))
    read = {given[variable.name] for variable in VARIABLES if variable.name in given and variable.attribute in SECRETS}
    return path if path in read and path and path.stat().st_mode & stat.S_IROTH else None


def given_settings(environ: Mapping[str, str] | None = None) -> dict[str, Path | None]:
    """Return the names of the given settings, each with the file of its value; None: the environment itself."""
    given, env = os.environ if environ is None else environ, _env(environ)
    found: dict[str, Path | None] = {}
    for values, place in ((_env_file(env), _env_path(env)), (given, None)):
        for variable in VARIABLES:
            if file := values.get(variable.name + FROM_FILE):
                found[variable.name] = path_of(file)
            elif values.get(variable.name):
                found[variable.name] = place
    return found


def _env(environ: Mapping[str, str] | None) -> str:
    return (os.environ if environ is None else environ).get("FITNESS_ENV") or "dev"


def _env_path(env: str) -> Path | None:
    """Return `.env.<env>` of the working directory, otherwise that of the repository."""
    return next((path for path in (Path.cwd() / f".env.{env}", base() / f".env.{env}") if path.is_file()), None)


def _env_file(env: str) -> dict[str, str]:
    path = _env_path(env)
    if path is None:
        return {}
    try:
        lines = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {_reason(error)}"]) from None
    return {name: value for name, value in lines.items() if value}


def _read(variable: Variable, sources: Iterable[Mapping[str, str]], *, required: bool) -> Any:
    """Return the value from the first source that has it, directly or as the name of a file, otherwise the default."""
    for source in sources:
        text, file = source.get(variable.name, "").strip(), source.get(variable.name + FROM_FILE)
        if text and file:
            raise ValueError(f"and {variable.name + FROM_FILE} are both set")
        if file:
            text = _content(file)
        if text:
            return variable.parse(text)
    if required:
        raise ValueError("is missing")
    return None if variable.default is None else variable.parse(variable.default)


def _content(file: str) -> str:
    try:
        text = path_of(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot be read from its file: {_reason(error)}") from None
    if not text:
        raise ValueError("names an empty file")
    return text


def _generated(variable: Variable, make: Callable[[], str], directory: Path) -> Any:
    path = directory / variable.attribute
    try:
        return variable.parse(_stored_secret(path, make))
    except OSError as error:
        raise ConfigError([f"{variable.name} cannot be stored in {path}: {_reason(error)}"]) from None
    except ValueError as error:
        raise ConfigError([f"{variable.name}, stored in {path}, {error}"]) from None


def _stored_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the content of the file; if there is no file, generate it, readable only by this user.

    If two processes start at once, both return what the first one stored.
    """
    if not path.exists():
        make_directory(path.parent)
        path.parent.chmod(0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:
            draft.write(make())
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text()


def _reason(error: OSError | UnicodeDecodeError) -> str:
    """Return the cause of an error, without the content or name of the file."""
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "it is not UTF-8 text"
