"""Take sources out of a record: they get one of their own, and do not join the first one again."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

from fitness.db import (
    activity_sources,
    joined_records,
    merged_records,
    record_sources,
    runs_import,
    separations,
    shoes,
    workouts_import,
)
from fitness.db.activity_sources import BY_HAND, Json, Kind
from fitness.db.best_sources import Source, combined
from fitness.db.connection import fetch_one
from fitness.db.history import changesets
from fitness.db.history.versions import Change
from fitness.db.runs import PROVIDER_FIELDS, RUNS, NewRun
from fitness.db.separations import Separation
from fitness.db.turns import take_turn
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT
from fitness.db.workouts_import import ProviderWorkout
from fitness.errors import Conflict, NotFound, invalid_field
from fitness.readers.hevy_values import NAMESPACE

ONE_STAYS = "One source must stay: name those that belong together in the other record"


@dataclass(frozen=True, slots=True)
class Separated:
    """The changeset of a separation, and the id of the record that it made."""

    changeset_id: int
    id: Any


def separate(kind: Kind, id: Any, keys: Collection[str], *, actor: str | None) -> Separated:
    """Take the sources with these keys out of a record, in the bound transaction; the same again changes nothing.

    The record stays with the source that it was made of: if that is among them, the others are taken out. What a
    person edited stays with it as well. Raises NotFound if it is missing or deleted, Invalid if it has no such
    sources, and Conflict if none would stay.
    """
    take_turn()
    stored = joined_records.lock_values(kind, id)
    if stored is None:
        raise NotFound(f"{kind.noun} not found")
    before = [one for one in separations.list_separations(kind) if one.stands and one.id == id]
    for one in before:
        if set(keys) <= set(one.keys):
            return Separated(one.changeset_id, one.new_id)
    here = record_sources.list_sources(kind, id)
    if unknown := sorted(set(keys) - {one.key for one in here}):
        raise invalid_field("keys", f"Not among the sources of this {kind.noun.lower()}: {', '.join(unknown)}")
    said = activity_sources.list_sources(kind, [id]).get(id, {})
    going = set(keys)
    if any(one.first and one.key in going for one in here):
        going = said.keys() - going
        if not going and before:  # they have left already
            return Separated(before[-1].changeset_id, before[-1].new_id)
    if not going or (going == said.keys() and here[0].source != BY_HAND):
        raise Conflict(ONE_STAYS)
    return _separate(kind, id, {key: said[key] for key in sorted(going)}, stored, actor)


def _separate(kind: Kind, id: Any, going: Mapping[str, Source], stored: Json, actor: str | None) -> Separated:
    names = ", ".join(sorted({source.name for source in going.values()}))
    reason = f"{names} separated from {kind.noun.lower()} {id}"
    changeset_id = changesets.create_changeset(separations.KIND, actor=actor, reason=reason)
    values = {**stored, **combined(going.values())}
    first = next(iter(going))
    new_id = next(one for one in _ids(kind, first) if not _exists(kind, one))
    _create(kind, new_id, going[first].name, values, actor=actor, changeset_id=changeset_id)
    change = Change(actor, reason, changeset_id)
    separations.begin(kind, Separation(changeset_id, id, new_id, list(going), stands=True))
    settled = joined_records.settle(kind, [], [changeset_id], change)
    kind.use_live([new_id], change)
    changesets.set_counts(changeset_id, {"created": 1, "updated": len(settled.changed - {new_id})})
    return Separated(changeset_id, new_id)


def _ids(kind: Kind, key: str) -> Iterator[Any]:
    """Yield ids for a record of the source with a key, the first one being the one that it has by itself."""
    named = key.replace(":", "_", 1).replace("#", "-")
    if kind is RUNS:
        yield named
        yield from (f"{named}-{number}" for number in count(2))
    if key.startswith("workout:"):
        yield UUID(key.partition(":")[2])
    yield from (uuid5(NAMESPACE, f"{key} {number}") for number in count(1))


def _exists(kind: Kind, id: Any) -> bool:
    query = kind.sql("SELECT EXISTS (SELECT FROM {table} WHERE user_id = %(user_id)s AND id = %(record_id)s)")
    return bool(fetch_one(bool, query, record_id=id))


def _create(kind: Kind, id: Any, source: str, values: Json, *, actor: str | None, changeset_id: int) -> None:
    if kind is RUNS:
        new = _run(id, source, values)
        runs_import.bulk_create_runs([new], changed_by=actor, changeset_id=changeset_id)
    else:
        workout = _workout(id, values)
        workouts_import.bulk_create_workouts([workout], source=source, changed_by=actor, changeset_id=changeset_id)


def _run(id: str, source: str, values: Json) -> NewRun:
    fields: dict[str, Any] = {name: values.get(name) for name in PROVIDER_FIELDS}
    worn = fields["shoe_id"]
    fields["shoe_id"] = shoes.follow_merges([worn]).get(worn) if worn else None  # it may never have been made
    fields["datetime_utc"] = datetime.fromisoformat(values["datetime_utc"])
    return NewRun(id=id, source=source, **fields)


def _workout(id: UUID, values: Json) -> ProviderWorkout:
    fields: dict[str, Any] = {name: values.get(name) for name in workouts_import.PROVIDER_FIELDS}
    for name in ("start_ts", "end_ts"):
        fields[name] = datetime.fromisoformat(fields[name]) if fields[name] else None
    merged_records.follow(WORKOUTS, [fields])
    # The first record may keep its sets, if a person has edited them: these are others.
    fields[CONTENT] = [
        {**execution, "sets": [{**one, "id": str(uuid4())} for one in execution["sets"]]}
        for execution in fields[CONTENT] or []
    ]
    return ProviderWorkout(id=id, external_id=None, **fields)
