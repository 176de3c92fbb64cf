"""Numbers of what is counted for nobody, such as jobs: of the clock and of chance, so that they say nothing of others.

A sequence of the database would tell everybody how much all the others do; the next number of the user could be one of
something that was deleted. Those that sequences gave before stay, and are smaller.
"""

import secrets
import time
from threading import Lock

_SINCE = 1_735_689_600_000
"""Milliseconds of 1970 to 2025; so the numbers have 53 bits until 2059, and JSON holds them exactly."""

_BITS_OF_CHANCE = 13

_lock = Lock()
_last = 0


def new_number() -> int:
    """Return a number that is larger than all that this process has had.

    Another process may give the same user the same one by chance, once in 8,192 times within the same millisecond: the
    primary key then refuses it.
    """
    global _last
    with _lock:
        now = time.time_ns() // 1_000_000 - _SINCE
        _last = max(_last + 1, now << _BITS_OF_CHANCE | secrets.randbits(_BITS_OF_CHANCE))
        return _last
