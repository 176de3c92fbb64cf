"""Bookmarks and rewinds."""

from marshmallow import fields

from fitness.schemas.base import Instant, Name, Schema, described
from fitness.schemas.records import PreviewQuery

NAME = described("Name", "Before the big import")
INSTANT = described("Instant", "2025-12-01T07:00:00Z")


class BookmarkSchema(Schema):
    """An instant with a name."""

    id = fields.Integer(required=True, metadata=described("Bookmark id", 3))
    name = fields.String(required=True, metadata=NAME)
    instant = fields.AwareDateTime(required=True, metadata=INSTANT)
    created_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-12-01T07:00:00Z"))


class NewBookmarkSchema(Schema):
    """A new bookmark; without an instant, it is now."""

    name = Name(required=True, metadata=NAME)
    instant = Instant(metadata=INSTANT)


class RewindSchema(PreviewQuery):
    """The instant to go back to."""

    to = Instant(required=True, metadata=INSTANT)
