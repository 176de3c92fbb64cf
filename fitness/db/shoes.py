"""Shoes. The id of a shoe is made from its first name, and stays when the shoe is renamed.

Names are compared by `fitness.names.name_key`.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from fitness.db import constraints
from fitness.db.connection import fetch_all, fetch_one
from fitness.db.counted_runs import COUNTED
from fitness.db.history import versions
from fitness.db.history.bulk import Selection
from fitness.db.history.deletions import find_deleted
from fitness.db.history.named import Named
from fitness.db.history.versioned import FILLED, Changed, Identified, Numbered, Recorded
from fitness.db.later import fetch_later
from fitness.errors import Conflict
from fitness.names import name_key, normal_name


@dataclass
class ShoeValues:
    """The columns of a shoe that its versions hold, with their types."""

    name: str
    retired_at: date | None = None
    notes: str | None = None
    retirement_notes: str | None = None
    merged_into: str | None = None


@dataclass
class Shoe(Recorded, ShoeValues, Identified):
    """A pair of shoes; retired if `retired_at` is set, merged into another one if `merged_into` is set."""

    id: str


@dataclass
class WornShoe(Shoe):
    """A shoe with the miles and the number of its counted runs."""

    mileage: float = FILLED
    run_count: int = FILLED


@dataclass
class ShoeVersion(Changed, ShoeValues, Numbered):
    """A version of a shoe."""

    shoe_id: str = FILLED


SHOES = Named(
    noun="Shoe",
    table="shoes",
    history="shoes_history",
    key="shoe_id",
    row=Shoe,
    version_row=ShoeVersion,
    cleared_on_restore=("merged_into",),
    in_use="""
        EXISTS (
            SELECT
            FROM runs AS u
            WHERE u.user_id = %(user_id)s AND u.shoe_id = r.id AND u.deleted_at IS NULL
        )
    """,
    refers_to_itself=("merged_into",),
)

constraints.conflict("shoes_pkey", "shoes_name_key_key", detail="A shoe with this name already exists")

_SELECT: LiteralString = "SELECT " + SHOES.columns + " FROM shoes AS r"

_SELECT_WORN = SHOES.sql(
    """
    SELECT {columns}, coalesce(w.mileage, 0) AS mileage, coalesce(w.run_count, 0) AS run_count
    FROM shoes AS r
    LEFT JOIN (
        SELECT r.shoe_id, sum(r.distance) AS mileage, count(*) AS run_count
        FROM runs AS r
        WHERE r.user_id = %(user_id)s
          AND {counted}
          AND r.shoe_id IS NOT NULL
        GROUP BY r.shoe_id
    ) AS w
      ON w.shoe_id = r.id
    """,
    counted=COUNTED,
)


def shoe_id_of(name: str) -> str:
    """Return the id of a new shoe with this name: `Nike Air Zoom Pegasus 38` → `nike_air_zoom_pegasus_38`.

    Lower case, composed, without what cannot be seen (see names); other characters than letters and digits
    become one underscore, without underscores at the ends. A name without letters and digits gets its hash as id.
    """
    normalised = re.sub(r"[\W_]+", "_", normal_name(name).lower()).strip("_")
    return normalised or f"shoe_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


_MATCHES: LiteralString = """
    (%(include_deleted)s OR r.deleted_at IS NULL)
    AND (%(retired)s::boolean IS NULL OR (r.retired_at IS NOT NULL) = %(retired)s)
    AND (%(q)s::text IS NULL
      OR strpos(lower(concat_ws(' ', r.name, r.notes, r.retirement_notes)), lower(%(q)s)) > 0)
"""
"""Condition on shoes `r` that meet the filters of the list."""


def get_shoes(*, retired: bool | None = None, q: str | None = None, include_deleted: bool = False) -> list[WornShoe]:
    """Return the shoes by name, with their mileage.

    `retired` selects only retired or only other shoes, `q` those with this text in their name or notes.
    """
    return fetch_all(
        WornShoe,
        _SELECT_WORN
        + """
        WHERE r.user_id = %(user_id)s
          AND """
        + _MATCHES
        + """
        ORDER BY lower(r.name), r.id
        """,
        retired=retired,
        q=q,
        include_deleted=include_deleted,
    )


def select_shoes(*, retired: bool | None = None, q: str | None = None, include_deleted: bool = False) -> Selection:
    """Return the selection of the shoes that the list has with these filters, for a bulk edit."""
    params: dict[str, Any] = {"retired": retired, "q": q, "include_deleted": include_deleted}
    return Selection(SHOES, "shoes AS r", _MATCHES, params)


def get_shoe_by_id(shoe_id: str, *, include_deleted: bool = False) -> WornShoe | None:
    """Return one of the user's shoes with its mileage, or None."""
    return fetch_one(
        WornShoe,
        _SELECT_WORN
        + """
        WHERE r.user_id = %(user_id)s
          AND r.id = %(shoe_id)s
          AND (%(include_deleted)s OR r.deleted_at IS NULL)
        """,
        shoe_id=shoe_id,
        include_deleted=include_deleted,
    )


def create_shoe(name: str, *, notes: str | None = None, changed_by: str | None = None) -> Shoe:
    """Store a shoe and its first version, or bring back the deleted shoe of this name, with the notes if given.

    Raises Conflict if a shoe with this name or id exists, or was merged into another.
    """
    shoe = fetch_one(
        Shoe,
        SHOES.sql(
            """
            INSERT INTO shoes AS r (user_id, id, name, name_key, notes)
            VALUES (%(user_id)s, %(id)s, %(name)s, %(name_key)s, %(notes)s)
            ON CONFLICT DO NOTHING
            RETURNING {columns}
            """
        ),
        id=shoe_id_of(name),
        name=name,
        name_key=name_key(name),
        notes=notes,
    )
    if shoe is None:
        return _bring_back_named(name, notes, versions.Change(changed_by))
    versions.add(SHOES, shoe, versions.Change(changed_by))
    return shoe


def _bring_back_named(name: str, notes: str | None, change: versions.Change) -> Shoe:
    """Undelete the shoe of a name, with notes if there are any; raises Conflict unless it is deleted and not merged."""
    ids = versions.write_all(
        SHOES,
        "deleted_at = NULL, notes = coalesce(%(notes)s, r.notes)",
        "r.name_key = %(name_key)s AND r.deleted_at IS NOT NULL AND r.merged_into IS NULL",
        change,
        name_key=name_key(name),
        notes=notes,
    )
    shoe = get_shoe_by_id(ids[0]) if ids else None
    if shoe is None:
        raise _taken(name)
    return shoe


def _taken(name: str) -> Conflict:
    there = fetch_one(
        Shoe,
        _SELECT
        + """
        WHERE r.user_id = %(user_id)s
          AND (r.id = %(id)s OR r.name_key = %(name_key)s)
        ORDER BY r.id = %(id)s DESC
        LIMIT 1
        """,
        id=shoe_id_of(name),
        name_key=name_key(name),
    )
    assert there is not None
    state = "; it is deleted: restore it" if there.deleted_at else ""
    return Conflict(f"Shoe {there.id} with the name {there.name} already exists{state}")


def retire_shoe_by_id(
    shoe_id: str, retired_at: date, retirement_notes: str | None = None, *, changed_by: str | None = None
) -> Shoe:
    """Retire a shoe on a day; raises NotFound if the shoe does not exist."""
    updates = {"retired_at": retired_at, "retirement_notes": retirement_notes}
    return versions.edit(SHOES, shoe_id, updates, versions.Change(changed_by, "Retired"))


def unretire_shoe_by_id(shoe_id: str, *, changed_by: str | None = None) -> Shoe:
    """Take a shoe back into use; raises NotFound if the shoe does not exist."""
    updates = {"retired_at": None, "retirement_notes": None}
    return versions.edit(SHOES, shoe_id, updates, versions.Change(changed_by, "Taken back into use"))


def get_existing_shoes_by_names(names: Collection[str]) -> dict[str, str]:
    """Return {name: shoe id} for names that a shoe has, had at its creation, or had before it was merged.

    The name of a merged shoe leads to the shoe it was merged into; deleted shoes are found too, except those that a
    revert took away. If reverts turned merges into a circle, the last shoe before the circle closes is returned. Until
    the transaction ends, none of them is merged into another one.
    """
    keys = {name: name_key(name) for name in names}
    made = {name: shoe_id_of(name) for name in names}
    rows = _follow(list(made.values()), keys.values(), hold=True)
    ids = {asked_id: shoe_id for asked_id, _, shoe_id in rows}
    by_key = {asked_key: shoe_id for _, asked_key, shoe_id in rows}
    matches = {name: by_key.get(key) or ids.get(made[name]) for name, key in keys.items()}
    unmade = find_deleted(SHOES, set(matches.values()) & set(made.values())).taken_away
    return {
        name: shoe_id
        for name, shoe_id in matches.items()
        if shoe_id is not None and not (shoe_id in unmade and shoe_id == made[name])
    }


def follow_merges(shoe_ids: Collection[str]) -> dict[str, str]:
    """Return {shoe id: id of the shoe that it was merged into, or its own}, deleted ones as well."""
    return {asked_id: shoe_id for asked_id, _, shoe_id in _follow(shoe_ids, ())} if shoe_ids else {}


def _follow(shoe_ids: Collection[str], keys: Collection[str], *, hold: bool = False) -> list[tuple[str, str, str]]:
    """Return (id, key of the name, id of the shoe that it leads to) of each shoe with one of the ids or keys.

    If reverts have bent merges into a circle, it leads to the last shoe before the circle closes. `hold`: until the
    transaction ends, none of the shoes that they lead to is merged.
    """
    return fetch_all(
        tuple,
        _FOLLOW + (_HELD if hold else ""),
        ids=list(shoe_ids),
        keys=list(keys),
    )


_FOLLOW: LiteralString = """
    WITH RECURSIVE found AS (
        SELECT id AS asked_id, name_key AS asked_key, id, merged_into, ARRAY[id] AS path
        FROM shoes
        WHERE user_id = %(user_id)s
          AND (id = ANY(%(ids)s) OR name_key = ANY(%(keys)s))
        UNION ALL
        SELECT f.asked_id, f.asked_key, s.id, s.merged_into, f.path || s.id
        FROM found AS f
        JOIN shoes AS s
          ON s.user_id = %(user_id)s AND s.id = f.merged_into AND s.id <> ALL(f.path)
    )
    SELECT f.asked_id, f.asked_key, f.id
    FROM found AS f
    JOIN shoes AS r ON r.user_id = %(user_id)s AND r.id = f.id
    WHERE f.merged_into IS NULL
      OR f.merged_into = ANY(f.path)
"""
_HELD: LiteralString = "ORDER BY r.id FOR KEY SHARE OF r"


def bring_back(shoe_ids: Collection[str | None], change: versions.Change) -> None:
    """Undelete those of the shoes that are deleted: a run uses them."""
    ids = [shoe_id for shoe_id in shoe_ids if shoe_id is not None]
    if ids:
        versions.write_all(
            SHOES,
            "deleted_at = NULL, merged_into = NULL",
            "r.id = ANY(%(ids)s) AND r.deleted_at IS NOT NULL",
            change,
            ids=ids,
        )


def find_deleted_ones(shoe_ids: Collection[str | None]) -> Callable[[], list[str]]:
    """Let the next statement find out which of the shoes are deleted; return what returns their ids."""
    ids = [shoe_id for shoe_id in shoe_ids if shoe_id is not None]
    if not ids:
        return list
    return fetch_later(
        str,
        "SELECT id FROM shoes WHERE user_id = %(user_id)s AND id = ANY(%(ids)s) AND deleted_at IS NOT NULL",
        ids=ids,
    )


def bulk_create_shoes_by_names(
    names: Collection[str], *, changed_by: str | None = None, changeset_id: int | None = None
) -> dict[str, str]:
    """Return {name: shoe id} for all names; create missing shoes, and those that a revert took away."""
    existing = get_existing_shoes_by_names(names)
    missing = {shoe_id_of(name): name for name in sorted(names) if name not in existing}
    if missing:
        change = versions.Change(changed_by, changeset_id=changeset_id)
        _make_anew(missing, change)
        created = fetch_all(
            str,
            """
            INSERT INTO shoes AS r (user_id, id, name, name_key)
            SELECT %(user_id)s, new.id, new.name, new.name_key
            FROM unnest(%(ids)s::text[], %(names)s::text[], %(keys)s::text[]) AS new (id, name, name_key)
            ON CONFLICT DO NOTHING
            RETURNING r.id
            """,
            ids=list(missing),
            names=list(missing.values()),
            keys=list(map(name_key, missing.values())),
        )
        versions.add_all(SHOES, created, change)
        existing = get_existing_shoes_by_names(names)
    return existing


def _make_anew(names: Mapping[str, str], change: versions.Change) -> None:
    """Store the shoes {id: name} that a revert took away as if they were new."""
    taken = find_deleted(SHOES, names).taken_away
    if taken:
        versions.write_all(
            SHOES,
            """
            name = (%(names)s::jsonb ->> r.id), retired_at = NULL, notes = NULL, retirement_notes = NULL,
            merged_into = NULL, deleted_at = NULL
            """,
            "r.id = ANY(%(ids)s)",
            change,
            ids=list(taken),
            names=Jsonb({shoe_id: names[shoe_id] for shoe_id in taken}),
        )
