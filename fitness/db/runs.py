"""Runs. Distances are miles, durations seconds, instants UTC."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from fitness.db import activity_points, constraints, shoes
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.fields import listed, names_of
from fitness.db.history import duplicates, retries, versions
from fitness.db.history.instants import BY_ID, looks_back_at
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded, Versioned
from fitness.db.tables import Table
from fitness.errors import Invalid, found


@dataclass
class RunValues:
    """The columns of a run that its versions hold, with their types.

    `distance` is in miles, `ascent` in metres, `temperature` in °C; `duration` is the time in motion, `elapsed` that
    from start to end, both in seconds. `points_id` names the points, even where they were removed. `time_zone` is that
    in which the run began, `name`, and where it came from, `source`: one value, as the one means nothing without the
    other.
    """

    datetime_utc: datetime
    type: str
    distance: float
    duration: float
    source: str
    avg_heart_rate: float | None = None
    shoe_id: str | None = None
    name: str | None = None
    notes: str | None = None
    duplicate_of: str | None = None
    elapsed: float | None = None
    ascent: float | None = None
    calories: float | None = None
    max_heart_rate: float | None = None
    avg_cadence: float | None = None
    avg_power: float | None = None
    temperature: float | None = None
    device: str | None = None
    points_id: str | None = None
    time_zone: dict[str, str] | None = None


@dataclass
class NewRun(RunValues, Identified):
    """A new run; clients set `client_uuid` to retry safely.

    `guessed` has the values that its source does not know, or only roughly: any other source knows better.
    """

    id: str
    client_uuid: UUID | None = None
    guessed: dict[str, Any] | None = None


@dataclass
class Run(Recorded, RunValues, Identified):
    """A run; `conflicts` has the provider's values of fields that a person has changed."""

    id: str
    conflicts: dict[str, Any] | None = None


@dataclass
class RunVersion(Changed, RunValues, Numbered):
    """A version of a run."""

    run_id: str = FILLED


class _Runs(Versioned[Run, RunVersion]):
    def title(self, record: RunValues) -> str:
        return record.name or record.type

    def lost(self, version: RunVersion) -> str:
        return activity_points.lost(version.run_id, version.points_id)

    def occurred_at(self, record: RunValues) -> datetime:
        return record.datetime_utc

    def check(self, ids: Collection[Any], changed: Collection[str]) -> None:
        duplicates.refuse_chains(self, ids, changed)
        if "shoe_id" in changed:
            _refuse_deleted_shoes(ids)

    def mend(self, ids: Collection[Any]) -> Mapping[Any, tuple[str, str]]:
        return duplicates.unmark_chains(self, ids)

    def use_live(self, ids: Collection[Any], change: versions.Change) -> None:
        worn = fetch_all(
            str,
            """
            SELECT DISTINCT r.shoe_id
            FROM runs AS r
            WHERE r.user_id = %(user_id)s
              AND r.id IN (SELECT unnest(%(ids)s::text[]))
              AND r.deleted_at IS NULL
              AND r.shoe_id IS NOT NULL
            """,
            ids=list(ids),
        )
        live = shoes.follow_merges(worn)
        if any(shoe_id != into_id for shoe_id, into_id in live.items()):
            self._wear(ids, live)
        shoes.bring_back(set(live.values()), change)

    def _wear(self, ids: Collection[Any], live: Mapping[str, str]) -> None:
        """Let these runs wear the shoes that theirs were merged into."""
        execute(
            """
            UPDATE runs AS r
            SET shoe_id = merged.into_id
            FROM unnest(%(shoe_ids)s::text[], %(into_ids)s::text[]) AS merged (shoe_id, into_id)
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s)
              AND r.deleted_at IS NULL
              AND r.shoe_id = merged.shoe_id
              AND merged.into_id <> merged.shoe_id
            """,
            ids=list(ids),
            shoe_ids=list(live.keys()),
            into_ids=list(live.values()),
        )


NO_SUCH_SHOE = "Shoe not found"

RUNS = _Runs(
    noun="Run",
    table="runs",
    history="runs_history",
    key="run_id",
    row=Run,
    version_row=RunVersion,
    snapshot_only=("source",),
    follows_provider=True,
    joins=True,
    refers_to_itself=("duplicate_of",),
    dependents=(duplicates.distinct_table("runs", "run_id"), Table("synced_runs", numbered=True)),
)

constraints.invalid("runs_shoe_id_fkey", field="shoe_id", why=NO_SUCH_SHOE)

PROVIDER_FIELDS: tuple[LiteralString, ...] = tuple(field for field in RUNS.editable if field != "duplicate_of")
"""The fields of a run that providers send and persons can edit."""

MEASURED: tuple[LiteralString, ...] = (
    "elapsed", "ascent", "calories", "max_heart_rate", "avg_cadence", "avg_power", "temperature", "device", "points_id",
    "time_zone",
)  # fmt: skip
"""Those of which a provider that has none says nothing: that changes no run."""

RUN_COLUMNS = RUNS.columns
SELECT_RUNS: LiteralString = "SELECT " + RUN_COLUMNS + " FROM runs AS r"
_SELECT_RUN: LiteralString = (
    "SELECT "
    + RUN_COLUMNS
    + """
    FROM {runs} AS r
    WHERE r.user_id = %(user_id)s
      AND r.id = %(run_id)s
      AND (%(include_deleted)s OR r.deleted_at IS NULL)
    """
)


def _refuse_deleted_shoes(ids: Collection[str]) -> None:
    """Raise Invalid if one of these runs, which are not deleted, wears a deleted shoe."""
    deleted = fetch_one(
        str,
        """
        SELECT s.id
        FROM runs AS r
        JOIN shoes AS s
          ON s.user_id = %(user_id)s AND s.id = r.shoe_id AND s.deleted_at IS NOT NULL
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
          AND r.deleted_at IS NULL
        LIMIT 1
        """,
        ids=list(ids),
    )
    if deleted is not None:
        raise Invalid(NO_SUCH_SHOE, errors={"shoe_id": [NO_SUCH_SHOE]})


def get_all_runs(*, include_deleted: bool = False) -> list[Run]:
    """Return all runs, newest first."""
    return fetch_all(
        Run,
        SELECT_RUNS
        + """
        WHERE r.user_id = %(user_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        ORDER BY r.datetime_utc DESC, r.id DESC
        """,
        include_deleted=include_deleted,
    )


def get_run_by_id(run_id: str, *, include_deleted: bool = False) -> Run | None:
    """Return one of the user's runs, or None."""
    return fetch_one(
        Run,
        _SELECT_RUN.format(runs=BY_ID if looks_back_at() else "runs"),
        run_id=run_id,
        include_deleted=include_deleted,
    )


def get_runs_by_ids(ids: Collection[str]) -> dict[str, Run]:
    """Return {run id: run} for the ids of the user's runs, including deleted runs."""
    runs = fetch_all(
        Run,
        SELECT_RUNS
        + """
        WHERE r.user_id = %(user_id)s
          AND r.id = ANY(%(ids)s)
        """,
        ids=list(ids),
    )
    return {run.id: run for run in runs}


def get_existing_run_ids(*, among: Collection[str] | None = None) -> set[str]:
    """Return the ids of all runs, or those `among` the given; includes deleted runs, which imports must not add."""
    if among is None:
        return set(fetch_all(str, "SELECT id FROM runs WHERE user_id = %(user_id)s"))
    return set(
        fetch_all(
            str,
            """
            SELECT id
            FROM runs
            WHERE user_id = %(user_id)s
              AND id = ANY(%(ids)s)
            """,
            ids=list(among),
        )
    )


_NEW = names_of(NewRun, without=("guessed",))
_INSERT = RUNS.sql(
    """
    INSERT INTO runs AS r (user_id, {names})
    VALUES (%(user_id)s, {values})
    ON CONFLICT DO NOTHING
    RETURNING {columns}
    """,
    names=listed(_NEW),
    values=listed(_NEW, "%({})s"),
)


def create_run(run: NewRun, *, changed_by: str | None) -> tuple[Run, bool]:
    """Store a run and its first version; return it, and whether it is new.

    It is not new if its `client_uuid` stored it before. Raises Conflict if that run was different.
    """
    created = fetch_one(Run, _INSERT, **vars(run))
    if created is not None:
        RUNS.check([created.id], ["shoe_id"] if created.shoe_id else [])
        versions.add(RUNS, created, versions.Change(changed_by))
        return created, True
    sent = {field: getattr(run, field) for field in PROVIDER_FIELDS}
    run_id = retries.find_stored(RUNS, run.client_uuid, lambda run_id: retries.is_original(RUNS, run_id, sent))
    return found(get_run_by_id(run_id, include_deleted=True), RUNS.noun), False
