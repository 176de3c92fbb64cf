"""Sets that were added with a `client_uuid`: each request with its first answer, kept when the set is deleted."""

from collections.abc import Mapping
from typing import Any, LiteralString
from uuid import UUID

import orjson

from fitness.db.bound import note_growth
from fitness.db.connection import execute, fetch_one
from fitness.db.fields import OTHER_BYTES
from fitness.errors import Conflict

_SIZE: LiteralString = OTHER_BYTES + " + octet_length(s.request) + coalesce(octet_length(s.answer::text), 0)"
"""The bytes of a request `s` with its answer, as they count for the quota."""


def claim(client_uuid: UUID, request: str) -> bool:
    """Take the `client_uuid` for this request; False when it is taken. Waits for a request that is taking it now."""
    claimed = execute(
        """
        INSERT INTO added_sets (user_id, client_uuid, request)
        VALUES (%(user_id)s, %(client_uuid)s, %(request)s)
        ON CONFLICT (user_id, client_uuid) DO NOTHING
        """,
        client_uuid=client_uuid,
        request=request,
    )
    return claimed > 0


def keep_answer(client_uuid: UUID, answer: Mapping[str, Any]) -> None:
    """Store the set that the request added; it counts for the quota, as it stays when the set is deleted."""
    size = fetch_one(
        int,
        """
        UPDATE added_sets AS s
        SET answer = %(answer)s, updated_at = now()
        WHERE s.user_id = %(user_id)s
          AND s.client_uuid = %(client_uuid)s
        RETURNING """
        + _SIZE,
        client_uuid=client_uuid,
        answer=orjson.dumps(answer).decode(),
    )
    note_growth(0, size or 0)


def get_size() -> int:
    """Return the bytes of all requests with their answers, as they count for the quota."""
    size = fetch_one(
        int,
        """
        SELECT sum("""
        + _SIZE
        + """)::bigint
        FROM added_sets AS s
        WHERE s.user_id = %(user_id)s
        """,
    )
    return size or 0


def get_answer(client_uuid: UUID, request: str) -> dict[str, Any]:
    """Return the set that this request added before. Raises Conflict when it was another request."""
    stored = fetch_one(
        dict,
        """
        SELECT request, answer
        FROM added_sets
        WHERE user_id = %(user_id)s
          AND client_uuid = %(client_uuid)s
        """,
        client_uuid=client_uuid,
    )
    if stored is None or stored["request"] != request:
        raise Conflict("This client_uuid was used for another set")
    return stored["answer"]
