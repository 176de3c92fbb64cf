"""Import exercises of a provider: find them by external id or name, or create them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from fitness.db.connection import execute, fetch_all
from fitness.db.exercise_names import MERGED, lead_if_new
from fitness.db.exercises import ATTEMPTS, EXERCISES, NewExercise, bring_back, make
from fitness.db.history.deletions import taken_away
from fitness.db.history.versions import Change
from fitness.errors import Unavailable
from fitness.names import name_key


def find_exercises(sent: Collection[NewExercise]) -> dict[NewExercise, UUID]:
    """Return the id of the user's own exercise, even if deleted, for each that a provider sent, if there is one.

    It is the one with the external id, whatever its name, otherwise the one that the name leads to, which gets the
    external id. From then on, the name leads to the exercise that was found by its external id.
    """
    return _remembered(sent, _find(sent))


def list_unknown(sent: Collection[NewExercise]) -> list[NewExercise]:
    """Return the exercises that neither the user nor the catalog has."""
    return [one for one, use in zip(sent, _find(sent), strict=True) if use.own_id is None and use.catalog_id is None]


def use_provider_exercises(
    sent: Collection[NewExercise], *, changed_by: str | None, changeset_id: int | None = None
) -> dict[NewExercise, UUID]:
    """Return the id of the user's own exercise for each that a provider sent; create missing ones.

    They are found like in `find_exercises`. A deleted one is restored unchanged; a new one is copied from the catalog,
    otherwise stored as sent.
    """
    change = Change(changed_by, changeset_id=changeset_id)
    for _ in range(ATTEMPTS):
        uses = _find(sent)
        if all(use.own_id and not use.deleted for use in uses):
            return _remembered(sent, uses)
        bring_back({use.own_id for use in uses if use.own_id and use.deleted}, change)
        # Of several names with one external id, the first one is made; the others are found by it then.
        missing = [one for one, use in zip(sent, uses, strict=True) if use.own_id is None]
        make(list({one.external_id or one.name: one for one in reversed(missing)}.values()), change)
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Found:
    """The own exercise for a sent one, and the catalog exercise with the name.

    `unlinked`: it has no external id yet. `unnamed`: it was found by its external id, and the name leads nowhere yet.
    """

    own_id: UUID | None
    deleted: bool
    unlinked: bool
    unnamed: bool
    catalog_id: UUID | None


def _find(sent: Collection[NewExercise]) -> list[_Found]:
    """Look up the exercises; return the results in their order."""
    return fetch_all(
        _Found,
        _FIND,
        names=[name_key(one.name) for one in sent],
        external_ids=[one.external_id for one in sent],
    )


# Those that a revert took away count as missing.
_FIND: LiteralString = MERGED + EXERCISES.sql(
    """
        SELECT own.id AS own_id, own.deleted_at IS NOT NULL AS deleted,
            k.id IS NULL AND own.external_id IS NULL AS unlinked,
            k.id IS NOT NULL AND n.exercise_id IS NULL AS unnamed, c.id AS catalog_id
        FROM unnest(%(names)s::text[], %(external_ids)s::text[]) WITH ORDINALITY AS sent (name_key, external_id, place)
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.external_id = sent.external_id
            AND (k.merged_into IS NOT NULL OR NOT {by_id_taken_away})
        LEFT JOIN exercise_names AS n
          ON n.user_id = %(user_id)s AND n.name_key = sent.name_key
        LEFT JOIN merged AS m
          ON m.merged_id = coalesce(k.id, n.exercise_id)
        LEFT JOIN exercises AS own
          ON own.user_id = %(user_id)s AND own.id = coalesce(m.into_id, k.id, n.exercise_id) AND NOT {own_taken_away}
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = sent.name_key
        ORDER BY sent.place
    """,
    by_id_taken_away=taken_away(EXERCISES, "k"),
    own_taken_away=taken_away(EXERCISES, "own"),
)


def _remembered(sent: Collection[NewExercise], uses: Collection[_Found]) -> dict[NewExercise, UUID]:
    """Return the ids of existing exercises; store the external ids and names under which they were sent."""
    found = [(one, use, use.own_id) for one, use in zip(sent, uses, strict=True) if use.own_id]
    linked = {own_id: one.external_id for one, use, own_id in found if use.unlinked and one.external_id}
    if linked:
        execute(
            """
            UPDATE exercises AS r
            SET external_id = named.external_id
            FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[]) AS named (exercise_id, external_id)
            WHERE r.user_id = %(user_id)s
              AND r.id = named.exercise_id
              AND r.external_id IS NULL
            """,
            ids=list(linked),
            external_ids=list(linked.values()),
        )
    lead_if_new({name_key(one.name): own_id for one, use, own_id in found if use.unnamed})
    return {one: own_id for one, _, own_id in found}
