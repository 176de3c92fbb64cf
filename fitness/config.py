"""Settings: one table of names, read once from the environment and `.env.<FITNESS_ENV>`, all problems said at once."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from limits import parse_many

ROOT = Path(__file__).resolve().parents[1]
SHORTEST_SECRET = 32
_PLACEHOLDER = re.compile(r"change.?me|placeholder|example|your.?secret|^secret|<.*>|xxxx|^(.)\1*$", re.IGNORECASE)


class ConfigError(Exception):
    """The settings are not usable; the message says each variable and what is wrong with it, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The settings are not usable:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told; secrets stay out of `repr`. `database_url` None means the embedded database."""

    env: str
    data_dir: Path
    database_url: str | None = field(repr=False)
    host: str
    port: int
    workers: int
    threads: int
    jwt_secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    access_token_minutes: int
    refresh_token_days: int
    rate_limit_login: str
    rate_limit_signup: str
    cors_origins: tuple[str, ...]
    max_upload_bytes: int
    db_pool_size: int
    db_pool_timeout_seconds: int
    db_statement_timeout_seconds: int
    log_level: str
    trusted_proxies: int
    postgres_version: int


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
        if not re.fullmatch(r"\d{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {value!r}")
        return int(value) * factor

    return parse


def _path(value: str) -> Path:
    return (ROOT / Path(value).expanduser()).resolve()


def _url(value: str) -> str:
    if not re.match(r"postgres(ql)?://", value):
        raise ValueError("must begin with postgresql://")
    return value


def _rate(value: str) -> str:
    parse_many(value)
    return value


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _secret(value: str) -> str:
    if _PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    for key in _list(value):
        try:
            Fernet(key)
        except ValueError as error:
            raise ValueError("holds what is no Fernet key (32 bytes in URL-safe base64)") from error
    return _list(value)


@dataclass(frozen=True, slots=True)
class Variable:
    """A setting: its environment variable, how it is read, and its default (None: none; dev may make one up)."""

    name: str
    attribute: str
    parse: Callable[[str], Any]
    default: str | None
    help: str


VARIABLES = (
    Variable("FITNESS_ENV", "env", _one_of("dev", "prod"), "dev", "dev or prod; names the .env file that is read"),
    Variable("FITNESS_DATA_DIR", "data_dir", _path, ".data", "embedded database and, in dev, the generated secrets"),
    Variable("DATABASE_URL", "database_url", _url, "", "a PostgreSQL of your own, 15 or newer; none: the embedded one"),
    Variable("HOST", "host", _text, "127.0.0.1", "address to listen on"),
    Variable("PORT", "port", _whole(1, 65535), "8000", "port to listen on"),
    Variable("WORKERS", "workers", _whole(1, 64), "2", "processes that serve"),
    Variable("THREADS", "threads", _whole(1, 64), "8", "threads of each process"),
    Variable(
        "JWT_SECRET_KEY", "jwt_secret_key", _secret, None, "signs access and refresh tokens; 32 characters or more"
    ),
    Variable(
        "ENCRYPTION_KEYS",
        "encryption_keys",
        _fernet_keys,
        None,
        "Fernet keys for provider secrets, comma-separated, newest first",
    ),
    Variable("ACCESS_TOKEN_MINUTES", "access_token_minutes", _whole(1, 1440), "15", "life of an access token"),
    Variable("REFRESH_TOKEN_DAYS", "refresh_token_days", _whole(1, 365), "30", "life of a refresh token"),
    Variable("RATE_LIMIT_LOGIN", "rate_limit_login", _rate, "10 per minute", "logins, per account and per address"),
    Variable("RATE_LIMIT_SIGNUP", "rate_limit_signup", _rate, "10 per hour", "sign-ups, per account and per address"),
    Variable("CORS_ORIGINS", "cors_origins", _list, "", "origins whose pages may call the API, comma-separated"),
    Variable("MAX_UPLOAD_MB", "max_upload_bytes", _whole(1, 10_000, 1024 * 1024), "64", "largest upload"),
    Variable("DB_POOL_SIZE", "db_pool_size", _whole(1, 64), "8", "database connections of each process"),
    Variable(
        "DB_POOL_TIMEOUT_SECONDS", "db_pool_timeout_seconds", _whole(1, 60), "5", "wait for a free one, then answer 503"
    ),
    Variable(
        "DB_STATEMENT_TIMEOUT_SECONDS", "db_statement_timeout_seconds", _whole(1, 3600), "30", "longest statement"
    ),
    Variable(
        "LOG_LEVEL", "log_level", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "DEBUG, INFO, WARNING or ERROR"
    ),
    Variable("TRUSTED_PROXIES", "trusted_proxies", _whole(0, 9), "0", "proxies whose X-Forwarded-For is believed"),
    Variable(
        "POSTGRES_VERSION", "postgres_version", lambda v: int(_one_of("16", "18")(v)), "18", "of the embedded one"
    ),
)
REQUIRED_IN_PROD = {"JWT_SECRET_KEY", "ENCRYPTION_KEYS"}
FROM_FILE = "_FILE"
"""`JWT_SECRET_KEY_FILE` names a file that holds `JWT_SECRET_KEY`; so for every variable."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; real environment variables win over the .env file, an empty value counts as none.

    Raises ConfigError with everything that is wrong.
    """
    given = dict(os.environ if environ is None else environ)
    env = given.get("FITNESS_ENV") or "dev"
    given = {**_env_file(env), **{name: value for name, value in given.items() if value}}
    problems: list[str] = []
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        try:
            values[variable.attribute] = _read(variable, given, env)
        except (ValueError, OSError) as error:
            problems.append(f"{variable.name} {error}")
    if env == "prod" and not (given.get("DATABASE_URL") or given.get("FITNESS_DATA_DIR")):
        problems.append("DATABASE_URL or FITNESS_DATA_DIR must say where the data is")
    if problems:
        raise ConfigError(problems)
    if env != "prod":
        secrets_dir = values["data_dir"] / "secrets"
        values["jwt_secret_key"] = values["jwt_secret_key"] or _kept(secrets_dir / "jwt", secrets.token_urlsafe(48))
        values["encryption_keys"] = values["encryption_keys"] or (
            _kept(secrets_dir / "encryption", Fernet.generate_key().decode()),
        )
    return Settings(**values)


def _env_file(env: str) -> dict[str, str]:
    """Return what `.env.<env>` of the working directory says, or the one beside the package."""
    here = next((path for path in (Path.cwd(), ROOT) if (path / f".env.{env}").is_file()), None)
    return {name: value for name, value in dotenv_values(here / f".env.{env}").items() if value} if here else {}


def _read(variable: Variable, given: Mapping[str, str], env: str) -> Any:
    value = given.get(variable.name)
    if path := given.get(variable.name + FROM_FILE):
        value = Path(path).read_text().strip()
    if value:
        return variable.parse(value)
    if variable.default:
        return variable.parse(variable.default)
    if env == "prod" and variable.name in REQUIRED_IN_PROD:
        raise ValueError("is missing")
    return () if variable.parse in (_list, _fernet_keys) else None


def _kept(path: Path, value: str) -> str:
    """Return what the file holds; if there is none, keep the value in it, for this user's eyes only.

    Of two processes that start at once, both return what the first one kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        return path.read_text()
    finally:
        draft.unlink()
    return value
