"""Bookmarks: instants with a name; rewind to one."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db import bookmarks
from fitness.db.turns import take_turn
from fitness.errors import NotFound
from fitness.schemas.base import page_of
from fitness.schemas.bookmarks import BookmarkSchema, NewBookmarkSchema, RewindSchema
from fitness.schemas.changesets import UndoneSchema
from fitness.sync import undoing
from fitness.web.blueprint import Blueprint, page
from fitness.web.preview import previewed

blp = Blueprint("bookmarks", __name__, url_prefix="/bookmarks", description="Instants with a name")
rewind_blp = Blueprint("rewind", __name__, url_prefix="/users/me", description="Everything back to an instant")


@blp.route("")
class Bookmarks(MethodView):
    @blp.response(200, page_of(BookmarkSchema))
    def get(self) -> Any:
        """List bookmarks

        Newest instant first; all in one page.
        """
        return page(bookmarks.list_bookmarks(), None)

    @blp.arguments(NewBookmarkSchema)
    @blp.response(201, BookmarkSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, new: dict[str, Any]) -> Any:
        """Add a bookmark

        Keeps an instant, by default now, by a name.
        """
        return bookmarks.create_bookmark(**new), 201


@blp.route("/<int:bookmark_id>")
class BookmarkItem(MethodView):
    @blp.response(204)
    def delete(self, bookmark_id: int) -> None:
        """Delete one bookmark"""
        if not bookmarks.delete_bookmark(bookmark_id):
            raise NotFound("Bookmark not found")


@rewind_blp.route("/rewind")
class Rewind(MethodView):
    @rewind_blp.for_operator(True)
    @rewind_blp.arguments(RewindSchema)
    @rewind_blp.response(200, UndoneSchema)
    def post(self, body: dict[str, Any]) -> Any:
        """Rewind everything to an instant

        Puts every run, shoe, workout, exercise and planned workout back to its state at that instant, and deletes those
        created later. This is one changeset: to undo it, revert it. With `dry_run`, nothing is stored, and `records`
        has what would change.
        """
        take_turn()
        return previewed(asdict(undoing.rewind(body["to"], actor=actor())), body)
