"""Workouts that a provider sends again at another time or under another title: recognised by their sets."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from fitness.db.connection import fetch_all
from fitness.db.fields import arrays
from fitness.db.workouts_compare import CONTENT, same_value
from fitness.db.workouts_import import Known, ProviderWorkout, Sent

_FOUND_BY = ("id", "external_id", "title", "start_ts", "end_ts")

FARTHEST_HOURS = 18
"""Farther apart than most pairs of zones, and less than a day, as a workout may be the same every day."""


def lock_moved(
    sent: Sequence[Sent],
    content_of: Callable[[UUID], list[dict[str, Any]]],
    *,
    source: str,
    without: Collection[UUID],
) -> list[tuple[UUID, Known]]:
    """Lock the stored workouts that some of the sent ones may be, and return the pairs: the sent id, the stored one.

    The two have the same exercises and sets, and either take place at the same time, or have the same title and length
    and start some quarters of an hour apart, as if they were read in two zones. One of the two came from a file. The
    stored ones `without` are known to be others.
    """
    if not sent:
        return []
    # The workouts near each sent one are read by their index (`near`), which row-level security allows for a comparison
    # with a plain column alone. Without statistics, a join would compare all of them with all that are sent.
    found = fetch_all(
        Known,
        """
        WITH sent AS MATERIALIZED (
            SELECT t.id, t.external_id, t.title, t.start_ts, date_trunc('minute', t.start_ts) AS begun,
                date_trunc('minute', coalesce(t.end_ts, t.start_ts)) AS ended,
                t.start_ts - make_interval(hours => %(farthest)s) AS earliest,
                t.start_ts + make_interval(hours => %(farthest)s) AS latest
            FROM unnest(
                %(id)s::uuid[], %(external_id)s::text[], %(title)s::text[], %(start_ts)s::timestamptz[],
                %(end_ts)s::timestamptz[]
            ) AS t (id, external_id, title, start_ts, end_ts)
        ), found AS MATERIALIZED (
            SELECT sent.id AS sent_id, near.id
            FROM sent
            CROSS JOIN LATERAL (
                SELECT w.id, w.external_id, w.provider_values ->> 'title' AS title,
                    date_trunc('minute', (w.provider_values ->> 'start_ts')::timestamptz) AS begun,
                    date_trunc(
                        'minute',
                        coalesce(w.provider_values ->> 'end_ts', w.provider_values ->> 'start_ts')::timestamptz
                    ) AS ended
                FROM workouts AS w
                WHERE w.user_id = %(user_id)s
                  AND w.deleted_at IS NULL
                  AND w.start_ts >= sent.earliest
                  AND w.start_ts <= sent.latest
                  AND w.source = %(source)s
                OFFSET 0
            ) AS near
            WHERE near.id <> sent.id
              AND (near.external_id IS NULL OR sent.external_id IS NULL)
              AND (
                near.begun = sent.begun
                OR (near.begun < sent.ended AND sent.begun < near.ended)
                OR (
                  near.title IS NOT DISTINCT FROM sent.title
                  AND near.ended - near.begun = sent.ended - sent.begun
                  AND extract(epoch FROM near.begun - sent.begun)::bigint %% 900 = 0
                )
              )
        )
        SELECT found.sent_id, r.id, r.external_id, true AS followed, NULL AS deleted_by, r.provider_values AS base
        FROM found
        JOIN workouts AS r
          ON r.user_id = %(user_id)s AND r.id = found.id
        WHERE r.user_id = %(user_id)s
          AND r.deleted_at IS NULL
        ORDER BY found.sent_id, r.id
        FOR UPDATE OF r
        """,
        **arrays(ProviderWorkout, _FOUND_BY, sent),
        source=source,
        farthest=FARTHEST_HOURS,
    )
    return [
        (one.sent_id, one)
        for one in found
        if one.id not in without
        and (content := content_of(one.sent_id))
        and same_value(CONTENT, content, one.base.get(CONTENT), rounded=True)
    ]


def unambiguous(pairs: Collection[tuple[UUID, Known]]) -> dict[UUID, Known]:
    """Return the stored workouts by the sent ids, of the pairs in which neither is in another pair."""
    sent, stored = Counter(sent_id for sent_id, _ in pairs), Counter(one.id for _, one in pairs)
    return {sent_id: one for sent_id, one in pairs if sent[sent_id] == stored[one.id] == 1}
