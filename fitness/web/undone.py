"""What reverts and rewinds answer."""

from dataclasses import asdict
from typing import Any

from fitness.db.connection import discard
from fitness.db.history import records
from fitness.db.history.undo import Undone
from fitness.web.blueprint import cursor_of, page


def undone(result: Undone, query: dict[str, Any]) -> dict[str, Any]:
    """Return the answer; a dry run, see `PreviewQuery`, has the records that would change, and is rolled back."""
    if not query["dry_run"]:
        return {**asdict(result), "dry_run": False, "records": None}
    after = cursor_of(query.get("cursor"), records.PREVIEW)
    items, following = records.list_records(result.changeset_id, limit=query["limit"], after=after, preview=True)
    discard()
    previewed = page(items, following and following.encode(records.PREVIEW))
    return {**asdict(result), "changeset_id": None, "dry_run": True, "records": previewed}
