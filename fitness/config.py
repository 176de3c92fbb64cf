"""Settings: one table of variables, read once from the environment and `.env.<FITNESS_ENV>`."""

import contextlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from limits import parse_many
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from fitness.files import make_directory

ROOT = Path(__file__).resolve().parents[1]
"""Where the package is: the repository, or the site-packages of an environment that a wheel was installed into."""
IS_REPOSITORY = (ROOT / "pyproject.toml").is_file()
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 8
"""A random secret has at least this many different characters."""
_PLACEHOLDER = re.compile(r"change.?me|placeholder|example|your.?secret|^secret|^<.*>$|x{8}", re.IGNORECASE)


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


# Parsers of values. Their errors are shown to the operator and logged, so they never quote a possible secret.


def _text(value: str) -> str:
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    return parse


def _whole(lowest: int, highest: int, factor: int = 1) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {value!r}")
        return int(value) * factor

    return parse


def _base() -> Path:
    """Return where relative paths start; an installed program keeps nothing beside its modules."""
    return ROOT if IS_REPOSITORY else Path.cwd()


def _path(value: str) -> Path:
    try:
        return (_base() / Path(value).expanduser()).resolve()
    except RuntimeError:
        raise ValueError("begins with the home directory of an unknown user") from None


def _url(value: str) -> str:
    try:
        password = conninfo_to_dict(value).get("password")
    except ProgrammingError:
        raise ValueError("is not a URL of a PostgreSQL database") from None
    if not re.match(r"postgres(ql)?://", value):
        raise ValueError("must begin with postgresql://")
    if password and _PLACEHOLDER.search(str(password)):
        raise ValueError("still has a placeholder as its password")
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#]+[^\s?#]*", value):
        raise ValueError(f"must be a URL such as https://log.mine.net, not {value!r}")
    return value.rstrip("/")


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
        raise ValueError(f"must be an e-mail address such as log@mine.net, not {value!r}")
    return value


def _credential(value: str) -> str:
    if _PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    return value


def _rate(value: str) -> str:
    parse_many(value)
    return value


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _origins(value: str) -> tuple[str, ...]:
    for origin in _list(value):
        if not re.fullmatch(r"\*|https?://[^/\s*]+", origin):
            raise ValueError(f"must be * or an origin such as https://log.mine.net without a path, not {origin!r}")
    return _list(value)


def _hosts(value: str) -> tuple[str, ...]:
    for host in _list(value):
        if not re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]", host):
            raise ValueError(f"must be host names such as log.mine.net, without a port, not {host!r}")
    return _list(value)


def _secret(value: str) -> str:
    if _PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    if len(set(value)) < FEWEST_CHARACTERS:
        raise ValueError(f"has fewer than {FEWEST_CHARACTERS} different characters")
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    if not _list(value):
        raise ValueError("contains no key")
    for key in map(_secret, _list(value)):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("contains an invalid Fernet key (must be 32 bytes in URL-safe base64)") from None
    return _list(value)


def _version(value: str) -> int:
    return int(_one_of("16", "18")(value))


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting: its environment variable, parser, default (None: none), and how dev generates a secret."""

    name: str
    attribute: str
    parse: Callable[[str], Any]
    default: str | None
    help: str
    make: Callable[[], str] | None = None


VARIABLES = (
    Variable("FITNESS_ENV", "env", _one_of("dev", "prod"), "dev", "dev or prod; selects the .env file"),
    Variable(
        "FITNESS_DATA_DIR",
        "data_dir",
        _path,
        ".data",
        "directory of the embedded database and, in dev, of the generated secrets",
    ),
    Variable("DATABASE_URL", "database_url", _url, None, "your own PostgreSQL, 15 or newer; none: the embedded one"),
    Variable(
        "DATABASE_ADMIN_URL",
        "database_admin_url",
        _url,
        None,
        "the same database without the pooler, for migrations and `fitness db`; none: `DATABASE_URL`",
    ),
    Variable(
        "DATABASE_POOLER",
        "database_pooler",
        _one_of("auto", "none", "unprepared", "prepared"),
        "auto",
        "what `DATABASE_URL` leads to: none; a pooler, prepared or unprepared; auto, found out",
    ),
    Variable(
        "DATABASE_REPLICA_URL",
        "database_replica_url",
        _url,
        None,
        "a streaming replica of the database, which reads of logged-in people run on; none: all run on `DATABASE_URL`",
    ),
    Variable(
        "DATABASE_SHARDING",
        "database_sharding",
        _one_of("none", "citus"),
        "none",
        "whether the database is a Citus cluster, distributed by `fitness db distribute`",
    ),
    Variable("HOST", "host", _text, "127.0.0.1", "address to listen on"),
    Variable("PORT", "port", _whole(1, 65535), "8000", "port to listen on"),
    Variable(
        "WORKERS",
        "workers",
        _whole(1, 64),
        None,
        "server processes; none: number of cores + 1, as some always wait for the disk",
    ),
    Variable(
        "THREADS",
        "threads",
        _whole(1, 64),
        "2",
        "threads per process; 2 is fastest, more can serve more slow requests at once",
    ),
    Variable(
        "JWT_SECRET_KEY",
        "jwt_secret_key",
        _secret,
        None,
        "signs access and refresh tokens; at least 32 characters; dev generates one",
        make=lambda: secrets.token_urlsafe(48),
    ),
    Variable(
        "ENCRYPTION_KEYS",
        "encryption_keys",
        _fernet_keys,
        None,
        "Fernet keys that encrypt provider secrets, comma-separated, newest first; dev generates one",
        make=lambda: Fernet.generate_key().decode(),
    ),
    Variable("ACCESS_TOKEN_MINUTES", "access_token_minutes", _whole(1, 1440), "15", "lifetime of an access token"),
    Variable("REFRESH_TOKEN_DAYS", "refresh_token_days", _whole(1, 365), "30", "lifetime of a refresh token"),
    Variable(
        "SESSION_DAYS", "session_days", _whole(1, 3650), "365", "longest time of a session, however often it is used"
    ),
    Variable(
        "SIGN_UP",
        "sign_up",
        _one_of("open", "invitation", "closed"),
        "open",
        "who may sign up: open, everybody; invitation, who has one; closed, nobody",
    ),
    Variable(
        "RATE_LIMIT_LOGIN",
        "rate_limit_login",
        _rate,
        "10 per minute",
        "login attempts for an account from one network (/24 of IPv4, /64 of IPv6); password confirmations likewise",
    ),
    Variable(
        "RATE_LIMIT_LOGIN_TOTAL",
        "rate_limit_login_total",
        _rate,
        "100 per minute",
        "login attempts for an account from everywhere, and from one network for all accounts",
    ),
    Variable("RATE_LIMIT_SIGNUP", "rate_limit_signup", _rate, "10 per hour", "sign-ups per network"),
    Variable("RATE_LIMIT_TOKEN", "rate_limit_token", _rate, "600 per minute", "requests per personal access token"),
    Variable(
        "CORS_ORIGINS", "cors_origins", _origins, "", "origins that may call the API from browsers, comma-separated"
    ),
    Variable("MAX_UPLOAD_MB", "max_upload_bytes", _whole(1, 10_000, 1024 * 1024), "64", "largest upload, in MB"),
    Variable("MAX_DROP_FILES", "max_drop_files", _whole(1, 1_000_000), "10000", "files of one import of several files"),
    Variable(
        "MAX_DROP_MB",
        "max_drop_bytes",
        _whole(1, 1_000_000, 1024 * 1024),
        "2048",
        "size of one import of several files, in MB",
    ),
    Variable(
        "QUOTA_VERSIONS",
        "quota_versions",
        _whole(0, 999_999_999),
        "1000000",
        "versions that an account may have: one per record, and one per edit of it; 0: any number",
    ),
    Variable(
        "QUOTA_MB",
        "quota_bytes",
        _whole(0, 1_000_000, 1024 * 1024),
        "2048",
        "size of these versions, in MB; 0: any size",
    ),
    Variable(
        "DB_POOL_SIZE",
        "db_pool_size",
        _whole(1, 64),
        None,
        "database connections per process; none: THREADS + 1",
    ),
    Variable(
        "DB_POOL_TIMEOUT_SECONDS",
        "db_pool_timeout_seconds",
        _whole(1, 60),
        "5",
        "wait for a free connection, then answer 503",
    ),
    Variable(
        "DB_STATEMENT_TIMEOUT_SECONDS",
        "db_statement_timeout_seconds",
        _whole(1, 3600),
        "30",
        "longest time for a statement",
    ),
    Variable(
        "REQUEST_TIMEOUT_SECONDS",
        "request_timeout_seconds",
        _whole(1, 3600),
        "300",
        "longest time for a request, such as an upload",
    ),
    Variable(
        "JOB_TIMEOUT_SECONDS",
        "job_timeout_seconds",
        _whole(1, 86_400),
        "3600",
        "longest time for a job, and for a sync that starts by itself",
    ),
    Variable(
        "LOG_LEVEL", "log_level", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "DEBUG, INFO, WARNING or ERROR"
    ),
    Variable(
        "METRICS_TOKEN",
        "metrics_token",
        _secret,
        None,
        "token of whoever reads /internal/metrics; at least 32 characters; none: nobody can",
    ),
    Variable(
        "TRUSTED_PROXIES",
        "trusted_proxies",
        _whole(0, 9),
        "0",
        "number of proxies in front whose X-Forwarded-For is trusted",
    ),
    Variable(
        "TRUSTED_HOSTS",
        "trusted_hosts",
        _hosts,
        "",
        "host names that requests may ask for, comma-separated, .mine.net with all below; none: any",
    ),
    Variable("POSTGRES_VERSION", "postgres_version", _version, "18", "version of the embedded PostgreSQL: 16 or 18"),
    Variable(
        "PUBLIC_API_BASE_URL",
        "public_api_base_url",
        _address,
        "http://localhost:8000",
        "URL at which browsers and providers reach this server",
    ),
    Variable("SMTP_HOST", "smtp_host", _text, None, "server that sends mail; none: no mail is sent"),
    Variable("SMTP_PORT", "smtp_port", _whole(1, 65535), "587", "port of the mail server"),
    Variable(
        "SMTP_SECURITY",
        "smtp_security",
        _one_of("starttls", "tls", "none"),
        "starttls",
        "how the connection to the mail server is encrypted: starttls, tls (port 465) or none",
    ),
    Variable("SMTP_USERNAME", "smtp_username", _text, None, "user name at the mail server"),
    Variable("SMTP_PASSWORD", "smtp_password", _credential, None, "password at the mail server"),
    Variable("MAIL_FROM", "mail_from", _mail_address, None, "sender of mails, such as log@mine.net"),
    Variable(
        "SYNC_INTERVAL_MINUTES",
        "sync_interval_minutes",
        _whole(0, 10_080),
        "60",
        "minutes between the syncs of a connection that start by themselves; 0: none do",
    ),
    Variable("STRAVA_CLIENT_ID", "strava_client_id", _credential, None, "client id of your Strava application"),
    Variable(
        "STRAVA_CLIENT_SECRET", "strava_client_secret", _credential, None, "client secret of your Strava application"
    ),
    Variable("STRAVA_API_URL", "strava_api_url", _address, "https://www.api-v3.strava.com", "Strava's API"),
    Variable(
        "STRAVA_AUTHORIZE_URL",
        "strava_authorize_url",
        _address,
        "https://www.strava.com/oauth/authorize",
        "Strava's OAuth authorization page",
    ),
    Variable(
        "STRAVA_TOKEN_URL",
        "strava_token_url",
        _address,
        "https://www.strava.com/oauth/token",
        "Strava's token endpoint",
    ),
    Variable(
        "STRAVA_REVOKE_URL",
        "strava_revoke_url",
        _address,
        "https://www.strava.com/oauth/revoke",
        "Strava's revocation endpoint",
    ),
    Variable("HEVY_API_URL", "hevy_api_url", _address, "https://api.hevyapp.com", "Hevy's API"),
    Variable("GOOGLE_CLIENT_ID", "google_client_id", _credential, None, "client id of your Google application"),
    Variable(
        "GOOGLE_CLIENT_SECRET", "google_client_secret", _credential, None, "client secret of your Google application"
    ),
    Variable("GOOGLE_CALENDAR_ID", "google_calendar_id", _text, "primary", "calendar that gets the runs and workouts"),
    Variable(
        "GOOGLE_AUTHORIZE_URL",
        "google_authorize_url",
        _address,
        "https://accounts.google.com/o/oauth2/v2/auth",
        "Google's OAuth authorization page",
    ),
    Variable(
        "GOOGLE_TOKEN_URL",
        "google_token_url",
        _address,
        "https://oauth2.googleapis.com/token",
        "Google's token endpoint",
    ),
    Variable(
        "GOOGLE_REVOKE_URL",
        "google_revoke_url",
        _address,
        "https://oauth2.googleapis.com/revoke",
        "Google's revocation endpoint",
    ),
    Variable(
        "GOOGLE_JWKS_URL",
        "google_jwks_url",
        _address,
        "https://www.googleapis.com/oauth2/v3/certs",
        "Google's public signing keys",
    ),
    Variable(
        "GOOGLE_CALENDAR_URL",
        "google_calendar_url",
        _address,
        "https://www.googleapis.com/calendar/v3",
        "Google Calendar API",
    ),
)
FROM_FILE = "_FILE"
"""Suffix of a variable that names a file with the value, such as `JWT_SECRET_KEY_FILE` for `JWT_SECRET_KEY`."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; environment variables override the .env file, an empty value counts as not set.

    Raises ConfigError with all problems at once.
    """
    given = os.environ if environ is None else environ
    env = given.get("FITNESS_ENV") or "dev"
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


SECRETS = {field.name for field in fields(Settings) if not field.repr}
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
                found[variable.name] = _path(file)
            elif values.get(variable.name):
                found[variable.name] = place
    return found


def _env(environ: Mapping[str, str] | None) -> str:
    return (os.environ if environ is None else environ).get("FITNESS_ENV") or "dev"


def _env_path(env: str) -> Path | None:
    """Return `.env.<env>` of the working directory, otherwise that of the repository."""
    return next((path for path in (Path.cwd() / f".env.{env}", _base() / f".env.{env}") if path.is_file()), None)


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
        text = _path(file).read_text(encoding="utf-8").strip()
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
