"""Revert a changeset: all nouns, in the order in which they use each other."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fitness.db import activity_sources, joined_records, retyped, separations, sync_metadata, unedited
from fitness.db.connection import fetch_all
from fitness.db.history import changesets, reverts
from fitness.db.history.reverts import Kept, Touched
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS
from fitness.errors import found

MOST_KEPT = 1000
"""Largest number of kept records that an answer names; `kept` counts all."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What a revert or rewind did: the number of changed records, and those that stay in part or as they are.

    `changeset_id` is that of the revert or rewind itself.
    """

    changeset_id: int
    reverted: int
    kept: int
    problems: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reverted(Undone):
    """What a revert did to the changeset `reverts`."""

    reverts: int


Follow = Callable[[Collection[Touched], Change], None]
"""Lets what is read from files follow a revert or rewind, see `fitness.sync.undoing`."""


def revert_changeset(changeset_id: int, *, actor: str | None, follow: Follow, force: bool = False) -> Reverted:
    """Take back what a changeset changed, field by field, see `reverts`. A revert is a changeset too.

    With `force`, what was edited since is taken back as well. Without it, a changeset that is already reverted stays
    so, and the answer is that of its revert. Raises NotFound.
    """
    changesets.hold_off_changesets()
    changeset = found(changesets.get_changeset(changeset_id), "Changeset")
    if changeset.reverted_by and not force:
        return _answer_of(changeset.reverted_by, changeset_id)
    reason = f"Changeset {changeset_id} reverted"
    by_id = changesets.create_changeset("revert", actor=actor, reason=reason, reverts=changeset_id)
    decided = [changeset_id, *changesets.settle()]
    separations.follow(decided)
    change = Change(actor, reason, by_id)
    by_provider = changesets.first_kind(changeset) in {"import", "sync", separations.KIND}
    touched: list[Touched] = []
    # What runs and workouts use is put back before them, and deleted after them, if nothing uses it any more.
    for kind in NOUNS:
        touched.append(reverts.lock_touched(kind, changeset_id, by_provider=by_provider, force=force))
        if changeset.reverts and touched[-1].follow:
            _begin_sources(touched[-1], by_id)
        reverts.put_back(touched[-1], changeset_id, change, force=force)
        if not by_provider:
            unedited.follow(kind, touched[-1].changed - touched[-1].gone, changeset_id, change)
    follow_sources(touched, decided, change, follow)
    for one in reversed(touched):
        reverts.delete_unused(one, change)
    sync_metadata.turn_back(decided)
    undone = finish(by_id, reversed(touched))
    if changeset.reverted_by and not undone.reverted:
        changesets.withdraw_revert(by_id)
        return _answer_of(changeset.reverted_by, changeset_id)
    return Reverted(**asdict(undone), reverts=changeset_id)


def _begin_sources(touched: Touched, changeset_id: int) -> None:
    """Let records that an import made anew while another one was reverted follow both, now that this stands again."""
    if touched.kind.joins:
        anew = reverts.list_made_anew(touched.kind, set(touched.ids) - touched.joined)
        activity_sources.begin(touched.kind, anew, changeset_id=changeset_id)
        touched.joined |= anew


def follow_sources(
    touched: Collection[Touched], changeset_ids: Collection[int], change: Change, follow: Follow
) -> None:
    """Let records in which several sources have joined follow those that still count.

    These are the touched ones, and those of which the changesets say something. An activity stays one record.
    """
    for one in touched:
        if one.kind.joins:
            settled = joined_records.settle(one.kind, one.joined, changeset_ids, change)
            one.said |= settled.ids
            one.changed |= settled.changed
            one.kept += settled.kept
    retyped.follow(touched, changeset_ids, change)
    follow(touched, change)


def finish(changeset_id: int, touched: Iterable[Touched]) -> Undone:
    """Store the counts of a revert or rewind, and what it kept, and return them."""
    changed, kept = 0, list[Kept]()
    for one in touched:
        changed += len(one.changed)
        kept += reverts.joined(one.kept)
    problems = [asdict(one) for one in kept[:MOST_KEPT]]
    changesets.set_counts(changeset_id, {"reverted": changed, "kept": len(kept)}, problems)
    return Undone(changeset_id, changed, len(kept), _named(problems))


def _named(problems: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add to what a revert kept what a person calls each record, and when that took place, both as they are now."""
    ids: dict[str, list[str]] = {}
    for one in problems:
        ids.setdefault(one["noun"], []).append(one["id"])
    records = {
        (kind.path, str(record.id)): (kind.title(record), kind.occurred_at(record))
        for kind in NOUNS
        if kind.path in ids
        for record in _list_records(kind, ids[kind.path])
    }
    return [
        {"noun": one["noun"], "id": one["id"], "title": title, "occurred_at": occurred_at, **one}
        for one in problems
        for title, occurred_at in [records.get((one["noun"], one["id"]), (one["id"], None))]
    ]


def _list_records(kind: Versioned[Any, Any], ids: Collection[str]) -> list[Any]:
    """Return these records, deleted ones too."""
    return fetch_all(
        kind.row,
        kind.sql(
            """
            SELECT {columns}
            FROM {table} AS r
            WHERE r.user_id = %(user_id)s
              AND r.id = ANY(%(ids)s::{id_type}[])
            """
        ),
        ids=list(ids),
    )


def _answer_of(by_id: int, changeset_id: int) -> Reverted:
    """Return the answer of a revert that was made before."""
    ((counts, kept),) = fetch_all(
        tuple,
        """
        SELECT counts, kept
        FROM changesets
        WHERE user_id = %(user_id)s
          AND changeset_id = %(by_id)s
        """,
        by_id=by_id,
    )
    return Reverted(by_id, counts.get("reverted", 0), counts.get("kept", 0), _named(kept), changeset_id)
