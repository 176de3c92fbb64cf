"""Where a record comes from, and the sources that are taken out of it."""

from marshmallow import fields, validate

from fitness.schemas.base import Schema, described
from fitness.schemas.timeline import SOURCES

A_KEY = "file:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CHANGESET = "Changeset of the import or sync that brought it first; null if it is not known"


class RecordSourceSchema(Schema):
    """A file, an account or a person that says the activity."""

    key = fields.String(required=True, metadata=described("Key of the source", A_KEY))
    source = fields.String(
        required=True, validate=validate.OneOf(SOURCES), metadata=described("The kind of file, or the app", "FIT")
    )
    known_by = fields.String(
        required=True, metadata=described("By what the activity is recognised again", "the content of the file")
    )
    changeset_id = fields.Integer(required=True, allow_none=True, metadata=described(CHANGESET, 12))
    created_at = fields.AwareDateTime(required=True, metadata=described("Since when", "2025-11-02T13:00:00Z"))
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata=described("Why it joined; null for the first one", "Starts 0 s apart, distance 0.4% apart."),
    )
    first = fields.Boolean(required=True, metadata=described("Whether the record was made of it", True))
    originals = fields.List(
        fields.String(),
        required=True,
        metadata=described("SHA-256 of those of its files that are kept", ["9f86d081884c7d659a2feaa0c55ad015"]),
    )


class ApartSchema(Schema):
    """A record that was marked as different."""

    id = fields.String(required=True, metadata=described("Id of the other record", "strava_1234567890"))
    changeset_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("The separation, which can be reverted; null if a suggestion was declined", 14),
    )


class RecordSourcesSchema(Schema):
    """Where a record comes from."""

    items = fields.List(fields.Nested(RecordSourceSchema), required=True)
    apart = fields.List(fields.Nested(ApartSchema), required=True)


class SeparationSchema(Schema):
    """The sources to take out of a record."""

    keys = fields.List(
        fields.String(validate=validate.Length(1, 300)),
        required=True,
        validate=validate.Length(1, 100),
        metadata=described("Keys of sources that belong together", [A_KEY]),
    )


class SeparatedSchema(Schema):
    """What a separation did."""

    changeset_id = fields.Integer(required=True, metadata=described("The separation, which can be reverted", 14))
    id = fields.String(
        required=True, metadata=described("Id of the record that has these sources now", "strava_1234567890")
    )
