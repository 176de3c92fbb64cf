"""Import exercises of a provider: find them by external id or name, or create them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from fitness.db.connection import execute, fetch_all
from fitness.db.exercises import ATTEMPTS, EXERCISES, NewExercise, bring_back, make
from fitness.db.history.deletions import taken_away
from fitness.db.history.versions import Change
from fitness.errors import Unavailable


def find_exercises(sent: Collection[NewExercise]) -> dict[NewExercise, UUID]:
    """Return the id of the user's own exercise, even if deleted, for each that a provider sent, if there is one.

    It is the one with the external id, whatever its name, otherwise the one with the name, which gets the external id.
    """
    return _known_by_external_id(sent, _find(sent))


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
            return _known_by_external_id(sent, uses)
        bring_back({use.own_id for use in uses if use.own_id and use.deleted}, change)
        make([one for one, use in zip(sent, uses, strict=True) if use.own_id is None], change)
    raise Unavailable


@dataclass(frozen=True, slots=True)
class _Found:
    """The own exercise for a sent one, whether it has no external id yet, and the catalog exercise with the name."""

    own_id: UUID | None
    deleted: bool
    unlinked: bool
    catalog_id: UUID | None


def _find(sent: Collection[NewExercise]) -> list[_Found]:
    """Look up the exercises; return the results in their order."""
    return fetch_all(
        _Found,
        _FIND,
        names=[one.name for one in sent],
        external_ids=[one.external_id for one in sent],
    )


# Those that a revert took away count as missing.
_FIND = EXERCISES.sql(
    """
        SELECT coalesce(k.id, n.id) AS own_id, coalesce(k.deleted_at, n.deleted_at) IS NOT NULL AS deleted,
            k.id IS NULL AND n.external_id IS NULL AS unlinked, c.id AS catalog_id
        FROM unnest(%(names)s::text[], %(external_ids)s::text[]) WITH ORDINALITY AS sent (name, external_id, place)
        LEFT JOIN exercises AS k
          ON k.user_id = %(user_id)s AND k.external_id = sent.external_id AND NOT {by_id_taken_away}
        LEFT JOIN exercises AS n
          ON n.user_id = %(user_id)s AND k.id IS NULL AND lower(n.name) = lower(sent.name) AND NOT {by_name_taken_away}
        LEFT JOIN exercise_catalog AS c
          ON lower(c.name) = lower(sent.name)
        ORDER BY sent.place
    """,
    by_id_taken_away=taken_away(EXERCISES, "k"),
    by_name_taken_away=taken_away(EXERCISES, "n"),
)


def _known_by_external_id(sent: Collection[NewExercise], uses: Collection[_Found]) -> dict[NewExercise, UUID]:
    """Return the ids of existing exercises, and store the external ids of those that were found by name."""
    named = {use.own_id: one.external_id for one, use in zip(sent, uses, strict=True) if use.unlinked}
    named = {own_id: external_id for own_id, external_id in named.items() if own_id and external_id}
    if named:
        execute(
            """
            UPDATE exercises AS r
            SET external_id = named.external_id
            FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[]) AS named (exercise_id, external_id)
            WHERE r.user_id = %(user_id)s
              AND r.id = named.exercise_id
              AND r.external_id IS NULL
            """,
            ids=list(named),
            external_ids=list(named.values()),
        )
    return {one: use.own_id for one, use in zip(sent, uses, strict=True) if use.own_id}
