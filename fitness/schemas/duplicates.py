"""Duplicate runs."""

from marshmallow import fields

from fitness.schemas.base import Line, PageQuery, Schema, TimeZone, described
from fitness.schemas.runs import RunSchema


class SuggestionSchema(Schema):
    """Two runs that may be the same."""

    run = fields.Nested(RunSchema, required=True)
    duplicate_of = fields.Nested(RunSchema, required=True)
    score = fields.Float(required=True, metadata=described("How similar the runs are, from 0 to 1", 0.93))
    minutes_apart = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Minutes between the start times; null if one has no time of day", 2.0),
    )


class SuggestionsQuery(PageQuery):
    """Filters of the suggestions."""

    time_zone = TimeZone(
        metadata=described("Time zone of the days; default: the user's, otherwise UTC", "Europe/Berlin")
    )


class DuplicateOfSchema(Schema):
    """The run that another one is a duplicate of."""

    run_id = Line(required=True, metadata=described("Id of the run that counts", "strava_1234567890"))
