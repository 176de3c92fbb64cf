"""What calls answer that have a dry run: reverts, rewinds and bulk edits."""

from typing import Any

from fitness.db.connection import discard
from fitness.db.history import records
from fitness.web.blueprint import cursor_of, page


def previewed(answer: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a call that made a changeset, `changeset_id`, or None if nothing changed.

    A dry run, see `PreviewQuery`, has the records that would change, and is rolled back.
    """
    if not query["dry_run"]:
        return {**answer, "dry_run": False, "records": None}
    return {**answer, "changeset_id": None, "dry_run": True, "records": _preview(answer["changeset_id"], query)}


def _preview(changeset_id: int | None, query: dict[str, Any]) -> dict[str, Any]:
    after = cursor_of(query.get("cursor"), records.PREVIEW)
    if changeset_id is None:
        return page([], None)
    items, following = records.list_records(changeset_id, limit=query["limit"], after=after, preview=True)
    discard()
    return page(items, following and following.encode(records.PREVIEW))
