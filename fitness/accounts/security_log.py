"""The security log of an account: what happens, from which device and address."""

import re
from dataclasses import dataclass

from flask import has_request_context, request

from fitness.db import security_events

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Part of a User-Agent → browser; the first one that is found, as most name others too."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][\w.+-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from; outside of one, both are None."""

    device: str | None
    address: str | None


def origin() -> Origin:
    """Return where the current request comes from."""
    if not has_request_context():
        return Origin(None, None)
    return Origin(device_of(request.headers.get("User-Agent", "")), request.remote_addr)


def device_of(user_agent: str) -> str | None:
    """Return the device of a User-Agent in plain words: `Firefox on Windows`, `curl`; None if it says nothing."""
    browser = next((name for part, name in _BROWSERS if part in user_agent), None)
    system = next((name for part, name in _SYSTEMS if part in user_agent), None)
    if browser:
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    return product[0] if product else None


def record(user_id: int, event: str, detail: str | None = None) -> None:
    """Add an event to the log of a user, in a transaction of that user or a system transaction."""
    here = origin()
    security_events.add_event(user_id, event, detail=detail, device=here.device, address=here.address)
