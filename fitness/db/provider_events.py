"""Changes at providers that webhooks reported and that are still to be fetched: one row for each object."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_all, fetch_one

MOST_EVENTS = 100
"""Most events of a user that wait: each is a request to the provider."""


@dataclass(frozen=True, slots=True)
class Event:
    """An object that changed at a provider, and when the provider last reported it."""

    object_id: str
    received_at: datetime


def add_event(provider: str, object_id: str) -> None:
    """Store that an object changed, unless MOST_EVENTS of others wait."""
    execute(
        """
        INSERT INTO provider_events (user_id, provider, object_id)
        SELECT %(user_id)s, %(provider)s, %(object_id)s
        WHERE (
            SELECT count(*)
            FROM provider_events
            WHERE user_id = %(user_id)s
              AND provider = %(provider)s
              AND object_id <> %(object_id)s
          ) < %(most)s
        ON CONFLICT (user_id, provider, object_id) DO UPDATE
        SET received_at = excluded.received_at
        """,
        provider=provider,
        object_id=object_id,
        most=MOST_EVENTS,
    )


def list_events(provider: str) -> list[Event]:
    """Return the events that are still to be fetched, the oldest first."""
    return fetch_all(
        Event,
        """
        SELECT object_id, received_at
        FROM provider_events
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
        ORDER BY received_at, object_id
        """,
        provider=provider,
    )


def delete_events(provider: str) -> None:
    """Delete all events of a provider."""
    execute(
        "DELETE FROM provider_events WHERE user_id = %(user_id)s AND provider = %(provider)s",
        provider=provider,
    )


def postpone_event(provider: str, event: Event) -> None:
    """Move an event that could not be fetched behind the others, so that it does not block them."""
    execute(
        """
        UPDATE provider_events
        SET received_at = %(now)s
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND object_id = %(object_id)s
        """,
        provider=provider,
        object_id=event.object_id,
        now=fetch_one(datetime, "SELECT clock_timestamp()"),
    )


def delete_event(provider: str, event: Event) -> None:
    """Delete an event that was fetched, unless the provider reported the object again meanwhile."""
    execute(
        """
        DELETE FROM provider_events
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND object_id = %(object_id)s
          AND received_at = %(received_at)s
        """,
        provider=provider,
        object_id=event.object_id,
        received_at=event.received_at,
    )
