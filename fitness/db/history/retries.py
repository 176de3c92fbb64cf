"""Retries: a request that is repeated with its `client_uuid` finds the record stored the first time."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fitness.db.connection import fetch_one
from fitness.db.history import reading
from fitness.db.history.versioned import R, V, Versioned
from fitness.errors import Conflict


def find_stored(kind: Versioned[R, V], client_uuid: UUID | None, is_same: Callable[[Any], bool]) -> Any:
    """Return the id of the record that an earlier request with this `client_uuid` stored, even if it is deleted.

    `is_same` compares the request with the record of an id. Raises Conflict if it was a different request, or if a
    record stored without `client_uuid` has it as its id.
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
    """Return whether the first version of a record has these values."""
    original = reading.get_version(kind, id, 1)
    return original is not None and all(getattr(original, field) == value for field, value in values.items())
