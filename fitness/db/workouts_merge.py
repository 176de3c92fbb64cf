"""Workouts as their provider tells them now: each field follows the provider until a person changes it.

What was done in a workout is one field. A file of the provider's is coarser than its API: values are rounded, times
are to the minute. What differs by no more than that is no change.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fitness.db import workout_parts
from fitness.db.connection import execute, fetch_all
from fitness.db.history import merges
from fitness.db.history.merges import Merge
from fitness.db.workouts import WORKOUTS, ToldWorkout
from fitness.units import KG_PER_LB

CONTENT = "exercise_executions"

CONVERTED = 1e-6
"""What converting a number between units adds or takes at most."""
ROUNDED = 0.005 + CONVERTED
"""What rounding to two decimals adds or takes at most: in kilograms or miles, which are the larger units."""


@dataclass(frozen=True, slots=True)
class Known:
    """A workout that is here, of one that was told; `base` is what the provider said before.

    Of one that is not `followed`, because it is deleted or the person's own, the provider has no say.
    """

    told_id: UUID
    id: UUID
    external_id: str | None
    followed: bool
    base: dict[str, Any]


def lock_known(told: Collection[ToldWorkout], *, source: str) -> dict[UUID, Known]:
    """Lock those of the workouts that are here, be it deleted, and return them by the ids that they are told by.

    A workout is known by its id or its external id. A file has no external ids: where one of the two came by a file,
    title and the minute of the start tell, as they are here, or as the provider said before a person edited them.
    Whoever else loads workouts waits until this transaction ends: neither would see what the other makes.
    """
    execute("SELECT pg_advisory_xact_lock(hashtextextended('workouts told', %(user_id)s))")
    candidates = fetch_all(
        Known,
        """
        WITH told AS MATERIALIZED (
            SELECT t.id, t.external_id, t.title, date_trunc('minute', t.start_ts) AS minute
            FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[], %(titles)s::text[], %(starts)s::timestamptz[])
              AS t (id, external_id, title, start_ts)
        ), edited AS MATERIALIZED (
            SELECT w.id, w.external_id, w.provider_values ->> 'title' AS title,
                date_trunc('minute', (w.provider_values ->> 'start_ts')::timestamptz) AS minute
            FROM workouts AS w
            WHERE w.user_id = %(user_id)s
              AND w.source = %(source)s
              AND w.version > 1
        )
        SELECT found.told_id, r.id, r.external_id, r.deleted_at IS NULL AND r.source = %(source)s AS followed,
            coalesce(r.provider_values, '{}') AS base
        FROM (
            SELECT told.id AS told_id, w.id AS workout_id, 1 AS rank
            FROM told
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.id = told.id
            UNION ALL
            SELECT told.id, w.id, 2
            FROM told
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.source = %(source)s AND w.external_id = told.external_id
            UNION ALL
            SELECT told.id, w.id, 3
            FROM told
            JOIN workouts AS w
              ON w.user_id = %(user_id)s AND w.source = %(source)s
                AND w.start_ts >= told.minute AND w.start_ts < told.minute + interval '1 minute'
                AND w.title IS NOT DISTINCT FROM told.title
                AND (w.external_id IS NULL OR told.external_id IS NULL)
            UNION ALL
            SELECT told.id, e.id, 4
            FROM told
            JOIN edited AS e
              ON e.minute = told.minute AND e.title IS NOT DISTINCT FROM told.title
                AND (e.external_id IS NULL OR told.external_id IS NULL)
        ) AS found
        JOIN workouts AS r
          ON r.user_id = %(user_id)s AND r.id = found.workout_id
        ORDER BY found.rank, r.start_ts, r.id
        FOR UPDATE OF r
        """,
        ids=[workout.id for workout in told],
        external_ids=[workout.external_id for workout in told],
        titles=[workout.title for workout in told],
        starts=[workout.start_ts for workout in told],
        source=source,
    )
    known: dict[UUID, Known] = {}
    paired: set[UUID] = set()
    for one in candidates:
        if one.told_id not in known and one.id not in paired:
            known[one.told_id] = one
            paired.add(one.id)
    return known


def compare_with_provider(pairs: Iterable[tuple[ToldWorkout, Known]]) -> list[Merge]:
    """Compare what is told of workouts with what is here of them, which is locked.

    A field that the provider changed is taken over if it still is here as the provider had it; it is a conflict if
    the person has changed it to something else. What both changed alike is neither. Of a workout that came by the API,
    a file has no say: it tells less, and may be older.
    """
    news: list[tuple[Known, dict[str, Any], bool]] = []
    for told, known in pairs:
        if known.followed and (told.external_id or not known.external_id):
            # One that a file told first has another id than the API's.
            rounded = told.external_id is None or known.id != told.id
            theirs = {
                field: value
                for field, value in _values(told).items()
                if not _same(field, value, known.base.get(field), rounded=rounded)
            }
            if theirs:
                news.append((known, theirs, rounded))
    yours = _yours([known.id for known, _, _ in news])
    return [_merged(known, theirs, yours[known.id], rounded=rounded) for known, theirs, rounded in news]


def _values(told: ToldWorkout) -> dict[str, Any]:
    """Return what is told of a workout, as JSON."""
    return {
        "title": told.title,
        "start_ts": told.start_ts.isoformat(),
        "end_ts": told.end_ts and told.end_ts.isoformat(),
        "notes": told.notes,
        CONTENT: told.exercise_executions,
    }


def _yours(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return workouts as they are here, as JSON.

    They are locked by an earlier statement: the one that waits for a lock sees the parts as they were before it waited.
    """
    if not ids:
        return {}
    return dict(
        fetch_all(
            tuple,
            f"""
            SELECT r.id, json_build_object(
                'title', r.title, 'start_ts', r.start_ts, 'end_ts', r.end_ts, 'finished_at', r.finished_at,
                'notes', r.notes, 'exercise_executions', {workout_parts.PARTS[CONTENT]}
            )
            FROM workouts AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s)
            """,
            ids=ids,
        )
    )


def _merged(known: Known, theirs: dict[str, Any], yours: dict[str, Any], *, rounded: bool) -> Merge:
    taken: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for field, value in theirs.items():
        if _same(field, yours[field], known.base.get(field)):
            taken[field] = value
        elif not _same(field, yours[field], value, rounded=rounded):
            conflicts[field] = value
    after = {**yours, **taken}
    if after["end_ts"] and _instant(after["end_ts"]) < _instant(after["start_ts"]):
        # The provider's time does not go together with the person's.
        conflicts |= {field: taken.pop(field) for field in ("start_ts", "end_ts") if field in taken}
    elif yours["finished_at"] == (yours["end_ts"] or yours["start_ts"]) and taken.keys() & {"start_ts", "end_ts"}:
        taken["finished_at"] = after["end_ts"] or after["start_ts"]
    return Merge(str(known.id), theirs, taken, conflicts, {field: yours[field] for field in conflicts})


def take_from_provider(compared: Collection[Merge], *, changed_by: str, changeset_id: int) -> None:
    """Make what the comparison found true: a version of each workout that takes something over, and what conflicts."""
    workout_parts.replace_all({UUID(merge.id): merge.taken[CONTENT] for merge in compared if CONTENT in merge.taken})
    merges.take(WORKOUTS, compared, changed_by=changed_by, changeset_id=changeset_id)


def list_unlisted(listed: Collection[str | None], *, source: str) -> list[str]:
    """Return what the provider calls the workouts that are here, undeleted, and are not among those it lists."""
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
    """Note what the provider calls workouts that came by a file: from now on they are known by it."""
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


def _same(field: str, one: Any, other: Any, *, rounded: bool = False) -> bool:
    """Tell whether two values of a field mean the same; with `rounded`, as far as a file tells."""
    if field == CONTENT:
        return _same_content(one or [], other or [], ROUNDED if rounded else CONVERTED)
    if field in {"start_ts", "end_ts"} and one and other:
        return _instant(one, to_minute=rounded) == _instant(other, to_minute=rounded)
    return one == other


def _instant(written: str, *, to_minute: bool = False) -> datetime:
    instant = datetime.fromisoformat(written)
    return instant.replace(second=0, microsecond=0) if to_minute else instant


Json = Mapping[str, Any]


def _same_content(one: Collection[Json], other: Collection[Json], tolerance: float) -> bool:
    """Tell whether the same was done: the same exercises with the same sets in the same order, whatever their ids."""
    exercises, sets = _in_order(one)
    other_exercises, other_sets = _in_order(other)
    return (
        len(exercises) == len(other_exercises)
        and len(sets) == len(other_sets)
        and all(map(_same_exercise, exercises, other_exercises))
        and all(
            places == other_places and _same_set(of_set, other_set, tolerance)
            for (places, of_set), (other_places, other_set) in zip(sets, other_sets, strict=True)
        )
    )


def _in_order(executions: Collection[Json]) -> tuple[list[Json], list[tuple[tuple[int, int], Json]]]:
    """Return the executions, and the sets of them all, each with the place of its exercise and its number there."""
    ordered = sorted(executions, key=lambda execution: execution["execution_order"])
    sets = [
        ((place, of_set["set_index"]), of_set)
        for place, execution in enumerate(ordered)
        for of_set in execution["sets"]
    ]
    return ordered, sorted(sets, key=lambda placed: (placed[1]["position"], placed[0]))


def _same_exercise(one: Json, other: Json) -> bool:
    """Tell whether two executions are of one exercise, which may have been renamed here or there, with one note."""
    of_one_id = one["exercise_id"] is not None and one["exercise_id"] == other["exercise_id"]
    of_one_name = one["exercise_name"].lower() == other["exercise_name"].lower()
    return (of_one_id or of_one_name) and one["note"] == other["note"]


def _same_set(one: Json, other: Json, tolerance: float) -> bool:
    return all(one.get(field) == other.get(field) for field in _PLAIN) and all(
        _near(a, b, tolerance) for a, b in zip(_measures(one), _measures(other), strict=True)
    )


_PLAIN = ("set_type", "reps", "forced_reps", "rpe", "superset_id", "note")


def _measures(of_set: Json) -> tuple[float | None, ...]:
    """Return weight in kilograms, distance and duration."""
    weight = of_set["weight"]
    kilograms = weight * KG_PER_LB if weight is not None and of_set["weight_unit"] == "lb" else weight
    return kilograms, of_set["distance_miles"], of_set["duration_seconds"]


def _near(one: float | None, other: float | None, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= tolerance
