"""Workouts from files and providers: new ones are stored, known ones follow their provider in each field that no
person has changed. What was done in a workout is one field.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fitness.db import workout_parts
from fitness.db.connection import execute, fetch_all
from fitness.db.fields import arrays, listed, names_of, unnested
from fitness.db.history import merges, versions
from fitness.db.history.merges import Merge
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT, instant, same_value


@dataclass(frozen=True, slots=True)
class ProviderWorkout:
    """A workout with lifts as a provider sends it; what was done in it is the JSON that `workout_parts` stores."""

    id: UUID
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    notes: str | None
    external_id: str | None
    exercise_executions: list[dict[str, Any]]


_SENT = names_of(ProviderWorkout)
_COLUMNS = names_of(ProviderWorkout, without=(CONTENT,))
PROVIDER_FIELDS = names_of(ProviderWorkout, without=("id", "external_id"))
"""The fields of a workout that a provider sends, and a person may correct."""

_INSERT = WORKOUTS.sql(
    """
    INSERT INTO workouts AS r (user_id, {names}, finished_at, workout_type, source, provider_values)
    SELECT %(user_id)s, {values}, coalesce(new.end_ts, new.start_ts), 'STRENGTH', %(source)s,
        jsonb_build_object({provider_values})
    FROM {new_workouts}
    ON CONFLICT DO NOTHING
    RETURNING r.id
    """,
    names=listed(_COLUMNS),
    values=listed(_COLUMNS, "new.{}"),
    provider_values=listed(PROVIDER_FIELDS, "'{0}', new.{0}"),
    new_workouts=unnested(ProviderWorkout, _SENT),
)


def bulk_create_workouts(
    workouts: Sequence[ProviderWorkout], *, source: str, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store those of the workouts that are new, finished, with their original versions; return how many were."""
    if not workouts:
        return 0
    ids = fetch_all(UUID, _INSERT, **arrays(ProviderWorkout, _SENT, workouts), source=source)
    done = {workout.id: workout.exercise_executions for workout in workouts}
    workout_parts.insert_all({workout_id: done[workout_id] for workout_id in ids})
    versions.add_all(WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Known:
    """A workout that is here, of one that was sent; `base` holds the values that the provider sent before.

    One that is not `followed`, because it is deleted or the person's own, does not follow the provider.
    """

    sent_id: UUID
    id: UUID
    external_id: str | None
    followed: bool
    base: dict[str, Any]


_KNOWN_BY = ("id", "external_id", "title", "start_ts")


def lock_known(sent: Sequence[ProviderWorkout], *, source: str) -> dict[UUID, Known]:
    """Lock those of the workouts that are here, even deleted ones, and return them by the ids that were sent.

    A workout is known by its id or its external id. A file has no external ids: where one of the two came by a file,
    title and the minute of the start decide, as they are here, or as the provider sent them before a person edited
    them. Other loads of workouts wait until this transaction ends: neither would see what the other makes.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('workouts sent', %(user_id)s))")
    candidates = fetch_all(
        Known,
        """
        WITH sent AS MATERIALIZED (
            SELECT t.id, t.external_id, t.title, date_trunc('minute', t.start_ts) AS minute
            FROM unnest(
                %(id)s::uuid[], %(external_id)s::text[], %(title)s::text[], %(start_ts)s::timestamptz[]
            ) AS t (id, external_id, title, start_ts)
        ), edited AS MATERIALIZED (
            SELECT w.id, w.external_id, w.provider_values ->> 'title' AS title,
                date_trunc('minute', (w.provider_values ->> 'start_ts')::timestamptz) AS minute
            FROM workouts AS w
            WHERE w.user_id = %(user_id)s
              AND w.source = %(source)s
              AND w.version > 1
        )
        SELECT found.sent_id, r.id, r.external_id, r.deleted_at IS NULL AND r.source = %(source)s AS followed,
            coalesce(r.provider_values, '{}') AS base
        FROM (
            SELECT sent.id AS sent_id, w.id AS workout_id, 1 AS rank
            FROM sent
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.id = sent.id
            UNION ALL
            SELECT sent.id, w.id, 2
            FROM sent
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.source = %(source)s AND w.external_id = sent.external_id
            UNION ALL
            SELECT sent.id, w.id, 3
            FROM sent
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.source = %(source)s
                AND w.start_ts >= sent.minute AND w.start_ts < sent.minute + interval '1 minute'
                AND w.title IS NOT DISTINCT FROM sent.title
                AND (w.external_id IS NULL OR sent.external_id IS NULL)
            UNION ALL
            SELECT sent.id, e.id, 4
            FROM sent
            JOIN edited AS e
              ON e.minute = sent.minute AND e.title IS NOT DISTINCT FROM sent.title
                AND (e.external_id IS NULL OR sent.external_id IS NULL)
        ) AS found
        JOIN workouts AS r
          ON r.user_id = %(user_id)s AND r.id = found.workout_id
        ORDER BY found.rank, r.start_ts, r.id
        FOR UPDATE OF r
        """,
        **arrays(ProviderWorkout, _KNOWN_BY, sent),
        source=source,
    )
    known: dict[UUID, Known] = {}
    paired: set[UUID] = set()
    for one in candidates:
        if one.sent_id not in known and one.id not in paired:
            known[one.sent_id] = one
            paired.add(one.id)
    return known


def compare_with_provider(pairs: Iterable[tuple[ProviderWorkout, Known]]) -> list[Merge]:
    """Compare the workouts that a provider sent with those here, which are locked.

    A field that the provider changed is taken over if it still has the provider's last value here; it is a conflict
    if the person has changed it to something else. The same change on both sides is neither. A file changes nothing
    of a workout that came by the API: it holds less, and may be older.
    """
    news: list[tuple[Known, dict[str, Any], bool]] = []
    for sent, known in pairs:
        if known.followed and (sent.external_id or not known.external_id):
            # One that came by a file first has another id than the API's.
            rounded = sent.external_id is None or known.id != sent.id
            theirs = {
                field: value
                for field, value in _values(sent).items()
                if not same_value(field, value, known.base.get(field), rounded=rounded)
            }
            if theirs:
                news.append((known, theirs, rounded))
    yours = _yours([known.id for known, _, _ in news])
    return [_merged(known, theirs, yours[known.id], rounded=rounded) for known, theirs, rounded in news]


def _values(sent: ProviderWorkout) -> dict[str, Any]:
    """Return what the provider sent of a workout, as JSON."""
    values = {field: getattr(sent, field) for field in PROVIDER_FIELDS}
    return {field: value.isoformat() if isinstance(value, datetime) else value for field, value in values.items()}


_YOURS = WORKOUTS.sql(
    """
    SELECT r.id, json_build_object(
        'title', r.title, 'start_ts', r.start_ts, 'end_ts', r.end_ts, 'finished_at', r.finished_at,
        'notes', r.notes, 'exercise_executions', {content}
    )
    FROM workouts AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s)
    """,
    content=workout_parts.PARTS[CONTENT],
)


def _yours(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return workouts as they are here, as JSON.

    They are locked by an earlier statement: the one that waits for a lock sees the parts as they were before it waited.
    """
    return dict(fetch_all(tuple, _YOURS, ids=list(ids))) if ids else {}


def _merged(known: Known, theirs: dict[str, Any], yours: dict[str, Any], *, rounded: bool) -> Merge:
    taken: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for field, value in theirs.items():
        if same_value(field, yours[field], known.base.get(field)):
            taken[field] = value
        elif not same_value(field, yours[field], value, rounded=rounded):
            conflicts[field] = value
    after = {**yours, **taken}
    if after["end_ts"] and instant(after["end_ts"]) < instant(after["start_ts"]):
        # The provider's time does not go together with the person's.
        conflicts |= {field: taken.pop(field) for field in ("start_ts", "end_ts") if field in taken}
    elif yours["finished_at"] == (yours["end_ts"] or yours["start_ts"]) and taken.keys() & {"start_ts", "end_ts"}:
        taken["finished_at"] = after["end_ts"] or after["start_ts"]
    return Merge(str(known.id), theirs, taken, conflicts, {field: yours[field] for field in conflicts})


def take_from_provider(compared: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Write the result of the comparison: a version of each workout that takes something over, and the conflicts."""
    workout_parts.replace_all({UUID(merge.id): merge.taken[CONTENT] for merge in compared if CONTENT in merge.taken})
    merges.take(WORKOUTS, compared, changed_by=changed_by, changeset_id=changeset_id)


def list_unlisted(listed: Collection[str | None], *, source: str) -> list[str]:
    """Return the external ids of the undeleted workouts here that are not among those that the provider lists."""
    return fetch_all(
        str,
        """
        SELECT r.external_id
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.source = %(source)s
          AND r.deleted_at IS NULL
          AND r.external_id NOT IN (SELECT one FROM unnest(%(listed)s::text[]) AS one WHERE one IS NOT NULL)
        ORDER BY r.external_id
        """,
        listed=list(listed),
        source=source,
    )


def set_external_ids(external_ids: Mapping[UUID, str]) -> None:
    """Store the external ids of workouts that came by a file: from now on they are known by them."""
    if external_ids:
        execute(
            """
            UPDATE workouts AS r
            SET external_id = named.external_id
            FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[]) AS named (workout_id, external_id)
            WHERE r.user_id = %(user_id)s
              AND r.id = named.workout_id
              AND r.external_id IS NULL
            """,
            ids=list(external_ids),
            external_ids=list(external_ids.values()),
        )
