"""Rate limits: passwords given, per account and network; sign-ups per network; requests per personal access token."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import current_app, g, request
from limits import parse_many

from fitness.connections.encryption import digest
from fitness.db import rate_limits
from fitness.db.connection import system_transaction
from fitness.errors import TooManyRequests
from fitness.names import name_key
from fitness.ranges import LONGEST_EMAIL

IPV4_PREFIX, IPV6_PREFIX = 24, 64
"""Bits of an address that are the network: who has one address of it can easily use all."""
NAT64 = ip_network("64:ff9b::/96")
"""The IPv6 addresses by which a translator names those of IPv4, in their last 32 bits (RFC 6052)."""
_WITH_PORT = re.compile(r"(?:\[([^\]]+)\]|([0-9.]+))(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Window:
    """A limit and its current window: `attempts` of `amount` are used, it ends in `seconds_left`."""

    action: str
    amount: int
    seconds: int
    attempts: int
    seconds_left: int

    @property
    def remaining(self) -> int:
        return max(0, self.amount - self.attempts)


def limit_attempts(limits: str, action: str, *who: str) -> None:
    """Count an attempt of each of `who` (an account, an address) against limits such as `10 per minute`.

    Raises TooManyRequests with the seconds to wait if one of them exceeds a limit.
    """
    with system_transaction(durable=False):
        windows = count_attempts(limits, action, *who, delete_ended=True)
    refuse_if_any_is_used_up(windows)


def has_left(action: str, limits: str, who: str) -> bool:
    """Count an attempt, and return whether it is within the limits."""
    with system_transaction():
        windows = count_attempts(limits, action, who)
    return all(window.attempts <= window.amount for window in windows)


def count_attempts(limits: str, action: str, *who: str, delete_ended: bool = False) -> list[Window]:
    """Count an attempt of each of `who` against each of the limits, in the bound system transaction."""
    parsed = _parsed(limits)
    keys = {digest(f"{action} {limit.get_expiry()} {one}"): limit for limit in parsed for one in who}
    windows = {key: limit.get_expiry() for key, limit in keys.items()}
    counted = rate_limits.count_attempts(windows, delete_ended=delete_ended)
    return [Window(action, limit.amount, limit.get_expiry(), *counted[key]) for key, limit in keys.items()]


_parsed = cache(parse_many)


def refuse_if_any_is_used_up(windows: list[Window]) -> None:
    """Keep the windows for the headers of the response; raise TooManyRequests if a limit is exceeded."""
    g.rate_limits = [*g.get("rate_limits", []), *windows]
    waits = [window.seconds_left for window in windows if window.attempts > window.amount]
    if waits:
        raise TooManyRequests(max(1, *waits))


def limit_passwords(action: str, *accounts: str) -> None:
    """Count a password that is given for an account, in a login or a confirmation (`action`).

    `accounts`: the keys of the account. Raises TooManyRequests.
    """
    settings = current_app.config["SETTINGS"]
    here = network()
    limit_attempts(settings.rate_limit_login, action, *(f"{account} from {here}" for account in accounts))
    # What was refused above is not counted here, so no network alone can use up the limit of an account.
    limit_attempts(settings.rate_limit_login_total, f"{action}-total", *accounts, here)


def limit_network(action: str, limits: str) -> None:
    """Count an attempt of the client's network. Raises TooManyRequests."""
    limit_attempts(limits, action, network())


def network() -> str:
    """Return the key of the client's network for limits."""
    return f"network {network_of(request.remote_addr or '')}"


def network_of(address: str) -> str:
    """Return the network of an IP address, which some proxies send with a port; what is none stands for itself."""
    with_port = _WITH_PORT.fullmatch(address)
    try:
        parsed = ip_address(with_port[1] or with_port[2] if with_port else address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        parsed = _within(parsed) or parsed
    return str(ip_network((parsed, IPV6_PREFIX if parsed.version == 6 else IPV4_PREFIX), strict=False))


def _within(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address in an IPv6 address that was made of one, by a translator or a tunnel."""
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])


def account_number(user_id: int) -> str:
    """Return the key of an account for limits, which its e-mail address and its username share."""
    return f"number {user_id}"


def account_name(login: str) -> str:
    """Return the key of a name for limits, whether an account has it or not; names that look alike share one."""
    return f"name {name_key(unicodedata.normalize('NFKC', login[:LONGEST_EMAIL]))}"
