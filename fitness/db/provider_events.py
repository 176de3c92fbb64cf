"""Objects of providers that are still to be fetched, one row for each: by events of webhooks, or as they are unread.

An unread record is one that a sync could not read, or that the provider failed to send: its `problem` says why. Later
syncs ask for it again, MOST_TRIES times; then it waits no more, until the provider reports it or sends it readably.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from fitness.db.connection import execute, fetch_all, fetch_one

MOST_EVENTS = 100
"""Most events of a user that wait: each is a request to the provider."""
MOST_UNREAD = 200
"""Most unread records of a user that wait."""
MOST_TRIES = 5
"""How often a record is asked for, or an event fetched, that fails each time."""
LONGEST_PROBLEM = 500


@dataclass(frozen=True, slots=True)
class Event:
    """An object that changed at a provider, and when the provider last reported it."""

    object_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that could not be read, and how often it was asked for since."""

    object_id: str
    problem: str
    tries: int

    @property
    def is_last_try(self) -> bool:
        return self.tries + 1 >= MOST_TRIES


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
              AND problem IS NULL
          ) < %(most)s
        ON CONFLICT (user_id, provider, object_id) DO UPDATE
        SET received_at = excluded.received_at, problem = NULL, tries = 0
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
          AND problem IS NULL
        ORDER BY received_at, object_id
        """,
        provider=provider,
    )


def add_unread(provider: str, problems: Mapping[str, str]) -> None:
    """Store why these objects could not be read, {id: problem}, unless an event or MOST_UNREAD others wait already."""
    if problems:
        execute(
            """
            INSERT INTO provider_events AS e (user_id, provider, object_id, problem)
            SELECT %(user_id)s, %(provider)s, new.object_id, left(new.problem, %(longest)s)
            FROM unnest(%(ids)s::text[], %(problems)s::text[]) AS new (object_id, problem)
            ORDER BY new.object_id
            LIMIT greatest(
                0,
                %(most)s - (
                    SELECT count(*)
                    FROM provider_events AS w
                    WHERE w.user_id = %(user_id)s
                      AND w.provider = %(provider)s
                      AND w.problem IS NOT NULL
                      AND w.tries < %(tries)s
                      AND w.object_id <> ALL(%(ids)s::text[])
                )
            )
            ON CONFLICT (user_id, provider, object_id) DO UPDATE
            SET problem = excluded.problem
            WHERE e.problem IS NOT NULL
            """,
            provider=provider,
            ids=list(problems),
            problems=list(problems.values()),
            longest=LONGEST_PROBLEM,
            most=MOST_UNREAD,
            tries=MOST_TRIES,
        )


def list_unread(provider: str, *, before: datetime, most: int) -> list[Unread]:
    """Return records that could not be read before an instant, those first that were asked for least often."""
    return fetch_all(
        Unread,
        """
        SELECT object_id, problem, tries
        FROM provider_events
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND problem IS NOT NULL
          AND tries < %(tries)s
          AND received_at < %(before)s
        ORDER BY tries, received_at, object_id
        LIMIT %(most)s
        """,
        provider=provider,
        tries=MOST_TRIES,
        before=before,
        most=most,
    )


def count_tries(provider: str, problems: Mapping[str, str]) -> None:
    """Store that objects could not be read once more, {id: problem}."""
    if problems:
        execute(
            """
            UPDATE provider_events AS e
            SET tries = e.tries + 1, problem = left(new.problem, %(longest)s)
            FROM unnest(%(ids)s::text[], %(problems)s::text[]) AS new (object_id, problem)
            WHERE e.user_id = %(user_id)s
              AND e.provider = %(provider)s
              AND e.object_id = new.object_id
              AND e.problem IS NOT NULL
            """,
            provider=provider,
            ids=list(problems),
            problems=list(problems.values()),
            longest=LONGEST_PROBLEM,
        )


def delete_unread(provider: str, object_ids: Collection[str]) -> None:
    """Forget that these objects could not be read; an event of one stays."""
    if object_ids:
        execute(
            """
            DELETE FROM provider_events
            WHERE user_id = %(user_id)s
              AND provider = %(provider)s
              AND object_id = ANY(%(ids)s::text[])
              AND problem IS NOT NULL
            """,
            provider=provider,
            ids=list(object_ids),
        )


def delete_events(provider: str) -> None:
    """Delete all events of a provider."""
    execute(
        "DELETE FROM provider_events WHERE user_id = %(user_id)s AND provider = %(provider)s",
        provider=provider,
    )


def postpone_event(provider: str, event: Event, problem: str, *, counted: bool) -> None:
    """Move an event that could not be fetched behind the others, so that it does not block them.

    If it is `counted`, and has failed MOST_TRIES times, its object is an unread record from then on.
    """
    execute(
        """
        UPDATE provider_events
        SET received_at = %(now)s,
            tries = CASE WHEN NOT %(counted)s THEN tries WHEN tries + 1 < %(tries)s THEN tries + 1 ELSE 0 END,
            problem = CASE WHEN %(counted)s AND tries + 1 >= %(tries)s THEN left(%(problem)s, %(longest)s) END
        WHERE user_id = %(user_id)s
          AND provider = %(provider)s
          AND object_id = %(object_id)s
        """,
        provider=provider,
        object_id=event.object_id,
        now=fetch_one(datetime, "SELECT clock_timestamp()"),
        counted=counted,
        problem=problem,
        tries=MOST_TRIES,
        longest=LONGEST_PROBLEM,
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
