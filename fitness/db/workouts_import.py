"""Import workouts from files and providers: store new ones, merge known ones field by field, see `merges`.

All exercises and sets of a workout are one field.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString, Protocol
from uuid import UUID

from fitness.db import merged_records, workout_parts, workout_sessions
from fitness.db.best_sources import FILES, GUESSED, with_guesses
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import arrays, listed, names_of, unnested
from fitness.db.history import bases, merges, provider_deletes, versions
from fitness.db.history.deletions import deleted_by, taken_away
from fitness.db.history.merges import Merge
from fitness.db.later import execute_later
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT, SESSION, instant, same_value


@dataclass(frozen=True, slots=True)
class ProviderWorkout:
    """A workout as a provider sent it; its exercises and sets, and its session, are the JSON of `workout_parts`.

    `unsaid` are the fields, also those of the session, of which the provider says nothing here: they change no known
    workout. `guessed` has those of their values that are not known, or only roughly.
    """

    id: UUID
    title: str | None
    start_ts: datetime
    end_ts: datetime | None
    notes: str | None
    external_id: str | None
    exercise_executions: list[dict[str, Any]]
    workout_type: str = "STRENGTH"
    cardio_session: dict[str, Any] | None = None
    calories_burned: float | None = None
    device: str | None = None
    points_id: str | None = None
    time_zone: dict[str, str] | None = None
    guessed: dict[str, Any] | None = None
    unsaid: frozenset[str] = frozenset()


_SENT = names_of(ProviderWorkout, without=("unsaid",))
_COLUMNS = names_of(ProviderWorkout, without=(CONTENT, SESSION, "guessed", "unsaid"))
PROVIDER_FIELDS = names_of(ProviderWorkout, without=("id", "external_id", "guessed", "unsaid"))
"""The fields of a workout that providers send."""
MEASURED = ("calories_burned", "device", "points_id", "time_zone")
"""Those of which a provider that has none says nothing: that changes no workout."""

_PROVIDER_VALUES: LiteralString = (
    "(jsonb_build_object("
    + listed(PROVIDER_FIELDS, "'{0}', new.{0}")
    + ") || jsonb_strip_nulls(jsonb_build_object('guessed', new.guessed)))"
)

_INSERT = WORKOUTS.sql(
    """
    INSERT INTO workouts AS r (user_id, {names}, finished_at, source, provider_values)
    SELECT %(user_id)s, {values}, coalesce(new.end_ts, new.start_ts), %(source)s,
        {provider_values}
    FROM {new_workouts}
    ON CONFLICT DO NOTHING
    RETURNING r.id
    """,
    names=listed(_COLUMNS),
    values=listed(_COLUMNS, "new.{}"),
    provider_values=_PROVIDER_VALUES,
    new_workouts=unnested(ProviderWorkout, _SENT),
)


@dataclass(frozen=True, slots=True)
class Has:
    """Whether there are workouts of a source, deleted ones as well, and live ones whose file did not say the sport."""

    of_source: bool
    of_any_sport: bool


def has_workouts(source: str) -> Has:
    """Return which workouts there are that a run of a source may take the place of."""
    found = fetch_one(
        Has,
        """
        SELECT EXISTS (SELECT FROM workouts AS w WHERE w.user_id = %(user_id)s AND w.source = %(source)s) AS of_source,
            EXISTS (
                SELECT
                FROM workouts AS w
                WHERE w.user_id = %(user_id)s
                  AND w.deleted_at IS NULL
                  AND w.source = ANY(%(files)s)
                  AND (
                    w.provider_values -> 'guessed' -> 'cardio_session' ? 'sport'
                    OR EXISTS (
                        SELECT
                        FROM activity_sources AS a
                        WHERE a.user_id = %(user_id)s
                          AND a.workout_id = w.id
                          AND a.provider_values -> 'guessed' -> 'cardio_session' ? 'sport'
                    )
                  )
            ) AS of_any_sport
        """,
        source=source,
        files=list(FILES),
    )
    assert found is not None
    return found


def bulk_create_workouts(
    workouts: Sequence[ProviderWorkout], *, source: str, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store the workouts that are new, as finished, with their first versions; return their number."""
    if not workouts:
        return 0
    _free_external_ids([workout.external_id for workout in workouts if workout.external_id], source)
    ids = fetch_all(UUID, _INSERT, **arrays(ProviderWorkout, _SENT, workouts), source=source)
    done = {workout.id: workout for workout in workouts}
    workout_parts.insert_all({id: done[id].exercise_executions for id in ids if done[id].exercise_executions})
    _replace_cardio({id: done[id].cardio_session for id in ids if done[id].cardio_session})
    versions.add_all(WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


def _replace_cardio(sessions: Mapping[UUID, Mapping[str, Any] | None]) -> None:
    if sessions:
        workout_sessions.replace_cardio(sessions)


def _free_external_ids(external_ids: Collection[str], source: str) -> None:
    """Take these external ids from workouts that a revert took away: workouts with other ids have them now."""
    if external_ids:
        execute(
            WORKOUTS.sql(
                """
                UPDATE workouts AS r
                SET external_id = NULL
                WHERE r.user_id = %(user_id)s
                  AND r.source = %(source)s
                  AND r.external_id = ANY(%(external_ids)s)
                  AND {taken_away}
                """,
                taken_away=taken_away(WORKOUTS),
            ),
            external_ids=list(external_ids),
            source=source,
        )


_FIRST_SENT = (*PROVIDER_FIELDS, GUESSED)
_MAKE_ANEW = WORKOUTS.sql(
    """
    UPDATE workouts AS r
    SET {assignments}
    FROM (
        SELECT new.*, {provider_values} AS provider_values
        FROM {new_workouts}
        OFFSET 0
    ) AS new
    WHERE r.user_id = %(user_id)s
      AND r.id = new.id
      AND r.deleted_at IS NOT NULL
    RETURNING r.id
    """,
    assignments=WORKOUTS.counted_up(
        listed([name for name in _COLUMNS if name != "id"], "{0} = new.{0}"),
        "finished_at = coalesce(new.end_ts, new.start_ts)",
        "provider_values = new.provider_values, duplicate_of = NULL, conflicts = NULL, deleted_at = NULL",
    ),
    provider_values=_PROVIDER_VALUES,
    new_workouts=unnested(ProviderWorkout, _SENT),
)


def make_workouts_anew(
    workouts: Sequence[ProviderWorkout], *, source: str, changed_by: str | None, changeset_id: int | None
) -> int:
    """Store these workouts, which a revert took away, as if they were new; return their number."""
    if not workouts:
        return 0
    _free_external_ids([workout.external_id for workout in workouts if workout.external_id], source)
    with bases.noted(WORKOUTS, changeset_id, {workout.id: _FIRST_SENT for workout in workouts}):
        ids = fetch_all(UUID, _MAKE_ANEW, **arrays(ProviderWorkout, _SENT, workouts), changed_by=changed_by)
    done = {workout.id: workout for workout in workouts}
    workout_parts.replace_all({id: done[id].exercise_executions for id in ids})
    _replace_cardio({id: done[id].cardio_session for id in ids})
    versions.add_all(WORKOUTS, ids, versions.Change(changed_by, changeset_id=changeset_id))
    return len(ids)


@dataclass(frozen=True, slots=True)
class Known:
    """The stored workout for a sent one; `base` has the values that the provider sent before.

    If it is not `followed`, because it is deleted or was entered by hand, the provider does not change it. `deleted_by`
    says who deleted it, see `deletions.deleted_by`.
    """

    sent_id: UUID
    id: UUID
    external_id: str | None
    followed: bool
    deleted_by: str | None
    base: dict[str, Any]


_KNOWN_BY = ("id", "external_id", "title", "start_ts")


class Sent(Protocol):
    """What a workout is known by."""

    @property
    def id(self) -> UUID: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def start_ts(self) -> datetime: ...
    @property
    def end_ts(self) -> datetime | None: ...


def wait_for_loads() -> None:
    """Let the next statement wait until no other transaction loads workouts, or files of activities.

    Others wait for this one then.
    """
    execute_later("SELECT pg_advisory_xact_lock(hashtextextended('workouts sent', %(user_id)s))")


def lock_known(
    sent: Sequence[Sent], *, source: str, apart: Callable[[UUID, UUID], bool] = lambda *_: False
) -> dict[UUID, Known]:
    """Lock the sent workouts that exist, even deleted ones, and return them by the sent ids.

    A workout is identified by its id or external id. A file has no external ids: if one of the two came from a file,
    they are compared by title and start minute, either the current ones or those that the provider sent before an edit.
    A sent id and an existing one that are `apart` are never the same workout. One that a revert took away comes after
    all others: it is made anew. Other loads of workouts wait until this transaction ends, as they would not see the
    workouts that it creates.
    """
    wait_for_loads()
    candidates = fetch_all(Known, _CANDIDATES, **arrays(ProviderWorkout, _KNOWN_BY, sent), source=source)
    merged_records.follow(WORKOUTS, [one.base for one in candidates])
    known: dict[UUID, Known] = {}
    paired: set[UUID] = set()
    for one in candidates:
        if one.sent_id not in known and one.id not in paired and not apart(one.sent_id, one.id):
            known[one.sent_id] = one
            paired.add(one.id)
    return known


# The existing workouts are read once and looked up in hashes (`here`). Without statistics, joins would read all of them
# for each one sent. A join for each way to know one compares one value of each pair, or looks it up.
_CANDIDATES = WORKOUTS.sql(
    """
        WITH sent AS MATERIALIZED (
            SELECT t.id, t.external_id, t.title, date_trunc('minute', t.start_ts) AS minute
            FROM unnest(
                %(id)s::uuid[], %(external_id)s::text[], %(title)s::text[], %(start_ts)s::timestamptz[]
            ) AS t (id, external_id, title, start_ts)
        ), here AS MATERIALIZED (
            SELECT w.*
            FROM (
                SELECT w.id, w.external_id, w.title, date_trunc('minute', w.start_ts) AS minute,
                    w.source = %(source)s AS is_of_source,
                    CASE WHEN w.version > 1 THEN w.provider_values ->> 'title' END AS sent_title,
                    CASE
                        WHEN w.version > 1
                        THEN date_trunc('minute', (w.provider_values ->> 'start_ts')::timestamptz)
                    END AS sent_minute
                FROM workouts AS w
                WHERE w.user_id = %(user_id)s
                OFFSET 0
            ) AS w
            WHERE w.id IN (SELECT id FROM sent)
              OR (w.is_of_source AND (
                w.minute IN (SELECT minute FROM sent)
                OR w.external_id IN (SELECT external_id FROM sent WHERE external_id IS NOT NULL)
                OR w.sent_minute IN (SELECT minute FROM sent)
              ))
        )
        SELECT found.sent_id, r.id, r.external_id, r.deleted_at IS NULL AND r.source = %(source)s AS followed,
            r.deleted_by,
            jsonb_build_object('workout_type', r.workout_type) || coalesce(r.provider_values, '{{}}') AS base
        FROM (
            SELECT sent.id AS sent_id, h.id AS workout_id, 1 AS rank
            FROM sent
            JOIN here AS h ON h.id = sent.id
            UNION ALL
            SELECT sent.id, h.id, 2
            FROM sent
            JOIN here AS h ON h.external_id = sent.external_id
            WHERE h.is_of_source AND h.id <> sent.id
            UNION ALL
            SELECT sent.id, h.id, 3
            FROM sent
            JOIN here AS h ON h.minute = sent.minute AND h.title IS NOT DISTINCT FROM sent.title
            WHERE h.is_of_source AND h.id <> sent.id AND (h.external_id IS NULL OR sent.external_id IS NULL)
            UNION ALL
            SELECT sent.id, h.id, 4
            FROM sent
            JOIN here AS h ON h.sent_minute = sent.minute AND h.sent_title IS NOT DISTINCT FROM sent.title
            WHERE h.is_of_source AND h.id <> sent.id AND (h.external_id IS NULL OR sent.external_id IS NULL)
              AND (h.minute <> sent.minute OR h.title IS DISTINCT FROM sent.title)
            ORDER BY workout_id
        ) AS found
        CROSS JOIN LATERAL (
            SELECT w.*, CASE WHEN w.deleted_at IS NOT NULL AND w.source = %(source)s THEN {deleted_by} END AS deleted_by
            FROM workouts AS w
            WHERE w.user_id = %(user_id)s AND w.id = found.workout_id
            FOR UPDATE
        ) AS r
        ORDER BY r.deleted_by IS NOT DISTINCT FROM 'revert', found.rank, r.start_ts, r.id
    """,
    deleted_by=deleted_by(WORKOUTS, "w"),
)


def compare_with_provider(pairs: Iterable[tuple[ProviderWorkout, Known]]) -> list[Merge]:
    """Compare the workouts that a provider sent with the stored ones, which are locked.

    A field that the provider changed is taken over if the workout still has the provider's earlier value; it is a
    conflict if the person changed it to something else. The same change on both sides is neither. A file never changes
    a workout from the API, as it has less detail and may be older.
    """
    news: list[tuple[Known, dict[str, Any], bool]] = []
    for sent, known in pairs:
        if known.followed and (sent.external_id or not known.external_id):
            # A workout that first came from a file has a different id than from the API.
            rounded = sent.external_id is None or known.id != sent.id
            said = values_said(sent)
            theirs = {
                field: value
                for field, value in said.items()
                if not same_value(field, value, known.base.get(field), rounded=rounded)
            }
            if "time_zone" not in said and known.base.get("time_zone") and _is_moved(theirs, known.base):
                theirs["time_zone"] = None  # in which the start was read wrongly
            if "time_zone" not in said and sent.time_zone and not known.base.get("time_zone"):
                theirs["time_zone"] = sent.time_zone
            if sent.guessed or GUESSED in known.base:
                guessed = _guessed_now(sent, known.base, {*said, *theirs})
                if guessed != known.base.get(GUESSED, {}):
                    theirs[GUESSED] = guessed
            if theirs:
                news.append((known, theirs, rounded))
    yours = get_values([known.id for known, _, _ in news])
    return [_merged(known, theirs, yours[known.id], rounded=rounded) for known, theirs, rounded in news]


def _guessed_now(sent: ProviderWorkout, base: Mapping[str, Any], said: Collection[str]) -> dict[str, Any]:
    """Return what is guessed of a workout: of fields that are neither `said` now, nor before."""
    before = base.get(GUESSED, {})
    kept = {
        **{name: value for name, value in before.items() if name not in said},
        SESSION: {name: value for name, value in before.get(SESSION, {}).items() if name in sent.unsaid},
    }
    new = {
        name: value
        for name, value in (sent.guessed or {}).items()
        if base.get(name) is None or name in before or name == SESSION
    }
    session = base.get(SESSION) or {}
    of_session = before.get(SESSION, {})
    new[SESSION] = {
        name: value for name, value in new.get(SESSION, {}).items() if session.get(name) is None or name in of_session
    }
    return {name: value for name, value in with_guesses(kept, new).items() if value}


def _is_moved(theirs: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Say whether a start is another one by a quarter of an hour or more, as if it was read in another zone."""
    if "start_ts" not in theirs or not base.get("start_ts"):
        return False
    return abs(instant(theirs["start_ts"]) - instant(base["start_ts"])) >= timedelta(minutes=15)


def values_said(sent: ProviderWorkout) -> dict[str, Any]:
    """Return the sent values of a workout, as JSON."""
    values = {field: getattr(sent, field) for field in PROVIDER_FIELDS if field not in sent.unsaid}
    return {
        field: value.isoformat() if isinstance(value, datetime) else value
        for field, value in values.items()
        if value is not None or field not in MEASURED
    }


_YOURS = WORKOUTS.sql(
    """
    SELECT r.id, json_build_object(
        'title', r.title, 'start_ts', r.start_ts, 'end_ts', r.end_ts, 'finished_at', r.finished_at,
        'notes', r.notes, 'workout_type', r.workout_type, 'calories_burned', r.calories_burned, 'device', r.device,
        'points_id', r.points_id, 'time_zone', r.time_zone, 'exercise_executions', {content},
        'cardio_session', {session}
    )
    FROM workouts AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = ANY(%(ids)s)
    """,
    content=workout_parts.PARTS[CONTENT],
    session=workout_parts.PARTS[SESSION],
)


def get_values(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return the stored workouts, as JSON.

    An earlier statement must lock them: a statement that waits for a lock itself would see the parts from before the
    wait.
    """
    return dict(fetch_all(tuple, _YOURS, ids=list(ids))) if ids else {}


def _merged(known: Known, theirs: dict[str, Any], yours: dict[str, Any], *, rounded: bool) -> Merge:
    taken: dict[str, Any] = {}
    conflicts: dict[str, Any] = {}
    for field, value in theirs.items():
        if field == GUESSED:
            continue
        if same_value(field, yours[field], known.base.get(field)) and not known.base.get(merges.agreed(field)):
            taken[field] = value
        elif not same_value(field, yours[field], value, rounded=rounded):
            conflicts[field] = value
    same = theirs.keys() - taken.keys() - conflicts.keys() - {GUESSED}
    agreements = merges.agreements(known.base, theirs, same)
    possible = in_order(taken, yours)
    conflicts |= {field: value for field, value in taken.items() if field not in possible}
    return Merge(str(known.id), theirs | agreements, possible, conflicts, {field: yours[field] for field in conflicts})


def in_order(taken: Mapping[str, Any], yours: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values to take over, with the time at which the workout was finished if it follows from them.

    Without its times, if the end would be before the start: then the provider's contradict the person's.
    """
    after = {**yours, **taken}
    if after["end_ts"] and instant(after["end_ts"]) < instant(after["start_ts"]):
        return {field: value for field, value in taken.items() if field not in {"start_ts", "end_ts"}}
    if yours["finished_at"] == (yours["end_ts"] or yours["start_ts"]) and taken.keys() & {"start_ts", "end_ts"}:
        return {**taken, "finished_at": after["end_ts"] or after["start_ts"]}
    return dict(taken)


def take_from_provider(compared: Collection[Merge], *, changed_by: str | None, changeset_id: int) -> None:
    """Store the result of the comparison: a version of each workout that takes over a field, and the conflicts."""
    workout_parts.replace_all({UUID(merge.id): merge.taken[CONTENT] for merge in compared if CONTENT in merge.taken})
    _replace_cardio({UUID(merge.id): merge.taken[SESSION] for merge in compared if SESSION in merge.taken})
    merges.take(WORKOUTS, compared, changed_by=changed_by, changeset_id=changeset_id)


def list_unlisted(listed: Collection[str | None], *, source: str, before: datetime | None = None) -> list[str]:
    """Return the external ids of undeleted workouts that the connected account may have but does not list.

    With `before`, those that were created before it.
    """
    return fetch_all(
        str,
        """
        SELECT r.external_id
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.source = %(source)s
          AND r.deleted_at IS NULL
          AND r.external_id IS NOT NULL
          AND r.external_id NOT IN (SELECT one FROM unnest(%(listed)s::text[]) AS one WHERE one IS NOT NULL)
          AND (%(before)s::timestamptz IS NULL OR r.created_at < %(before)s)
          AND """
        + provider_deletes.may_have(WORKOUTS)
        + "ORDER BY r.external_id",
        listed=list(listed),
        source=source,
        before=before,
    )


def list_external_ids(ids: Collection[UUID]) -> list[str]:
    """Return the external ids of these workouts."""
    return fetch_all(
        str,
        """
        SELECT r.external_id
        FROM workouts AS r
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND r.external_id IS NOT NULL
        ORDER BY r.external_id
        """,
        ids=list(ids),
    )


def set_external_ids(external_ids: Mapping[UUID, str], *, source: str, changeset_id: int) -> None:
    """Store the external ids of workouts of a source that have none, as from a file, to identify them later."""
    if not external_ids:
        return
    with bases.noted(WORKOUTS, changeset_id, dict.fromkeys(external_ids, ("external_id",))):
        execute(
            """
            UPDATE workouts AS r
            SET external_id = named.external_id, provider_values = r.provider_values || named.sent
            FROM (
                SELECT workout_id, external_id, jsonb_build_object('external_id', external_id) AS sent
                FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[]) AS n (workout_id, external_id)
                OFFSET 0
            ) AS named
            WHERE r.user_id = %(user_id)s
              AND r.id = named.workout_id
              AND r.source = %(source)s
              AND r.external_id IS NULL
              AND NOT EXISTS (
                SELECT
                FROM workouts AS o
                WHERE o.user_id = %(user_id)s AND o.source = %(source)s AND o.external_id = named.external_id
              )
            """,
            source=source,
            ids=list(external_ids),
            external_ids=list(external_ids.values()),
        )
