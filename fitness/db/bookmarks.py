"""Bookmarks: instants with a name, to look back at or to rewind to."""

from dataclasses import dataclass
from datetime import datetime

from fitness.db import constraints
from fitness.db.connection import execute, fetch_all, fetch_one
from fitness.db.own_numbers import new_number
from fitness.errors import Conflict

constraints.conflict("bookmarks_user_id_name_key", detail="A bookmark with this name already exists")

MOST = 1000
"""All bookmarks are in one page."""


@dataclass
class Bookmark:
    """An instant with a name."""

    id: int
    name: str
    instant: datetime
    created_at: datetime


def list_bookmarks() -> list[Bookmark]:
    """Return all bookmarks, newest instant first."""
    return fetch_all(
        Bookmark,
        """
        SELECT id, name, instant, created_at
        FROM bookmarks
        WHERE user_id = %(user_id)s
        ORDER BY instant DESC, id DESC
        """,
    )


def create_bookmark(name: str, *, instant: datetime | None = None) -> Bookmark:
    """Store an instant, by default now, by a name; raises Conflict if the name is taken, or there are MOST."""
    bookmark = fetch_one(
        Bookmark,
        """
        INSERT INTO bookmarks AS b (user_id, id, name, instant)
        OVERRIDING SYSTEM VALUE
        WITH own AS MATERIALIZED (
            SELECT count(*) AS bookmarks
            FROM bookmarks
            WHERE user_id = %(user_id)s
        )
        SELECT %(user_id)s, %(id)s, %(name)s, coalesce(%(instant)s, now())
        FROM own
        WHERE own.bookmarks < %(most)s
        RETURNING b.id, b.name, b.instant, b.created_at
        """,
        id=new_number(),
        name=name,
        instant=instant,
        most=MOST,
    )
    if bookmark is None:
        raise Conflict(f"There are {MOST:,} bookmarks, the most that are kept: delete one that you no longer need")
    return bookmark


def delete_bookmark(bookmark_id: int) -> bool:
    """Delete a bookmark; return whether it existed."""
    return (
        execute(
            """
            DELETE FROM bookmarks
            WHERE user_id = %(user_id)s
              AND id = %(bookmark_id)s
            """,
            bookmark_id=bookmark_id,
        )
        > 0
    )
