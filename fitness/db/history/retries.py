"""Retries: a request that is sent again with its `client_uuid` finds what it stored the first time."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fitness.db.connection import fetch_one
from fitness.db.history import versions
from fitness.db.history.versioned import R, V, Versioned
from fitness.errors import Conflict


def find_stored(kind: Versioned[R, V], client_uuid: UUID | None, is_same: Callable[[Any], bool]) -> Any:
    """Return the id of the record that an earlier request with this `client_uuid` stored, be it deleted.

    `is_same` compares the request with the record of an id. Raises Conflict when it was another request, and when the
    `client_uuid` is taken by a record that was stored without it.
    """
    record_id = fetch_one(
        object,
        kind.sql("SELECT id FROM {table} WHERE user_id = %(user_id)s AND client_uuid = %(client_uuid)s"),
        client_uuid=client_uuid,
    )
    if record_id is None or not is_same(record_id):
        raise Conflict(f"This client_uuid was used for another {kind.noun.lower()}")
    return record_id


def is_original(kind: Versioned[R, V], id: Any, values: Mapping[str, Any]) -> bool:
    """Tell whether the first version of a record holds these values."""
    original = versions.get_version(kind, id, 1)
    return original is not None and all(getattr(original, field) == value for field, value in values.items())
