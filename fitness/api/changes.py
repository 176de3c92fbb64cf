"""The feed of changes: every version of every noun, for clients that follow."""

import re
from collections import defaultdict
from typing import Any

from flask.views import MethodView

from fitness.auth import asker
from fitness.db.history.feed import START, Place, list_changes, place_of
from fitness.db.paging import Cursor
from fitness.errors import CursorExpired, invalid_field
from fitness.schemas.changes import ChangesQuery, ChangesSchema
from fitness.web.blueprint import Blueprint, cursor_of, page
from fitness.web.history import round_versions

blp = Blueprint("changes", __name__, url_prefix="/changes", description="Every version of every record, in order")

ORDER = "changes"
_KEY = re.compile(r"(\d{1,18}) (\d{1,19})", re.ASCII)
_ID = re.compile(r"(\d{1,18}) ([a-z-]*) (\+?)(\d{1,18})", re.ASCII)


@blp.route("")
class Changes(MethodView):
    @blp.arguments(ChangesQuery, location="query")
    @blp.response(200, ChangesSchema)
    @blp.alt_response(410, "GONE")
    def get(self, query: dict[str, Any]) -> Any:
        """Follow all changes

        Every version of every record, deletions and restores included, in the order in which they were stored. Read
        from the beginning until `items` is empty, keep `next_cursor`, and ask again with it later: nothing can appear
        before it. A version of a workout in progress comes again each time it grows.
        """
        changes, place = list_changes(
            _place(query.get("after")), limit=query["limit"], with_records="fields" not in query
        )
        records: dict[str, list[Any]] = defaultdict(list)
        for change in changes:
            records[change["noun"]].append(change["record"])
        round_versions(records)
        return page(changes, _cursor(place))


def _cursor(place: Place) -> str:
    """Return the cursor of a place, which holds only for this user and until the next epoch."""
    position, noun, offset = place
    return Cursor(f"{asker().user_id} {asker().epoch}", f"{position} {noun} +{offset}").encode(ORDER)


def _place(after: str | None) -> Place:
    """Return the place of a cursor; raises Invalid if it is damaged or of another user or list, and CursorExpired."""
    cursor = cursor_of(after, ORDER, field="after")
    if cursor is None:
        return START
    key, place = _KEY.fullmatch(cursor.key), _ID.fullmatch(cursor.id)
    if not key or not place or int(key[1]) != asker().user_id:
        raise invalid_field("after", "This cursor belongs to another list or account")
    if int(key[2]) != asker().epoch:
        raise CursorExpired
    find = Place if place[3] else place_of
    return find(int(place[1]), place[2], int(place[4]))
