"""Ids of activities that have joined in the record of another source lead to that record."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from fitness.auth import user_id
from fitness.db import activity_keys
from fitness.db.bound import is_open
from fitness.db.connection import transaction
from fitness.db.history.versioned import Versioned
from fitness.errors import NotFound


def led_by_keys(view: Callable[..., Any], *, kind: Versioned[Any, Any]) -> Callable[..., Any]:
    """Let a view answer for the records that ids of its path lead to, if it finds nothing under these ids.

    Nothing is asked of the database as long as it finds something.
    """

    @wraps(view)
    def run(**path: Any) -> Any:
        try:
            return view(**path)
        except NotFound:
            names = {kind.key, f"other_{kind.key}"} & path.keys()
            led = {name: _record_of(kind, path[name]) for name in names}
            if led.items() <= path.items():
                raise
        return view(**{**path, **led})

    return run


def _record_of(kind: Versioned[Any, Any], id: Any) -> Any:
    # Views with their own transactions are between two of them.
    with nullcontext() if is_open() else transaction(user_id()):
        return activity_keys.find_record(kind, id) or id
