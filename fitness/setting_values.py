"""Parsers of the values of settings; their errors are shown and logged, so they never quote a possible secret."""

import re
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from limits import parse_many
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[1]
"""Where the package is: the repository, or the site-packages of an environment that a wheel was installed into."""
IS_REPOSITORY = (ROOT / "pyproject.toml").is_file()
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 8
"""A random secret has at least this many different characters."""
_PLACEHOLDER = re.compile(r"change.?me|placeholder|example|your.?secret|^secret|^<.*>$|x{8}", re.IGNORECASE)


def text(value: str) -> str:
    return value


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    return parse


def whole(lowest: int, highest: int, factor: int = 1) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {value!r}")
        return int(value) * factor

    return parse


def base() -> Path:
    """Return where relative paths start; an installed program keeps nothing beside its modules."""
    return ROOT if IS_REPOSITORY else Path.cwd()


def path_of(value: str) -> Path:
    try:
        return (base() / Path(value).expanduser()).resolve()
    except RuntimeError:
        raise ValueError("begins with the home directory of an unknown user") from None


def url(value: str) -> str:
    try:
        password = conninfo_to_dict(value).get("password")
    except ProgrammingError:
        raise ValueError("is not a URL of a PostgreSQL database") from None
    if not re.match(r"postgres(ql)?://", value):
        raise ValueError("must begin with postgresql://")
    if password and _PLACEHOLDER.search(str(password)):
        raise ValueError("still has a placeholder as its password")
    return value


def address(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#]+[^\s?#]*", value):
        raise ValueError(f"must be a URL such as https://log.mine.net, not {value!r}")
    return value.rstrip("/")


def mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
        raise ValueError(f"must be an e-mail address such as log@mine.net, not {value!r}")
    return value


def credential(value: str) -> str:
    if _PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    return value


def rate(value: str) -> str:
    parse_many(value)
    return value


def listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def origins(value: str) -> tuple[str, ...]:
    for origin in listed(value):
        if not re.fullmatch(r"\*|https?://[^/\s*]+", origin):
            raise ValueError(f"must be * or an origin such as https://log.mine.net without a path, not {origin!r}")
    return listed(value)


def hosts(value: str) -> tuple[str, ...]:
    for host in listed(value):
        if not re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-fA-F:]+\]", host):
            raise ValueError(f"must be host names such as log.mine.net, without a port, not {host!r}")
    return listed(value)


def secret(value: str) -> str:
    if _PLACEHOLDER.search(value):
        raise ValueError("is still a placeholder")
    if len(value) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    if len(set(value)) < FEWEST_CHARACTERS:
        raise ValueError(f"has fewer than {FEWEST_CHARACTERS} different characters")
    return value


def fernet_keys(value: str) -> tuple[str, ...]:
    if not listed(value):
        raise ValueError("contains no key")
    for key in map(secret, listed(value)):
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("contains an invalid Fernet key (must be 32 bytes in URL-safe base64)") from None
    return listed(value)


def version(value: str) -> int:
    return int(one_of("16", "18")(value))
