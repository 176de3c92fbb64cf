"""Runs that two sources tell."""

from marshmallow import fields

from fitness.schemas.base import Line, PageQuery, Schema, TimeZone, described
from fitness.schemas.runs import RunSchema


class SuggestionSchema(Schema):
    """Two runs that look like the same."""

    run = fields.Nested(RunSchema, required=True)
    duplicate_of = fields.Nested(RunSchema, required=True)
    score = fields.Float(required=True, metadata=described("How alike they are, from 0 to 1", 0.93))
    minutes_apart = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Between their beginnings; null where one has a day but no time", 2.0),
    )


class SuggestionsQuery(PageQuery):
    """Which suggestions."""

    time_zone = TimeZone(
        metadata=described("Zone of the local days; the user's own by default, else UTC", "Europe/Berlin")
    )


class DuplicateOfSchema(Schema):
    """Which run a run is a duplicate of."""

    run_id = Line(required=True, metadata=described("The run that is counted", "strava_1234567890"))
