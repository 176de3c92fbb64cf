"""What an account has stored, and what it may store."""

from marshmallow import fields

from fitness.schemas.base import Schema, described


class UsageSchema(Schema):
    """Versions and bytes, and the most of each; null: any number."""

    versions = fields.Integer(required=True, metadata=described("Stored versions: records, and edits of them", 12_345))
    most_versions = fields.Integer(
        required=True, allow_none=True, metadata=described("The most versions; null: any number", 1_000_000)
    )
    bytes = fields.Integer(
        required=True, metadata=described("Bytes of the versions as text, and of points and files", 4_567_890)
    )
    most_bytes = fields.Integer(
        required=True, allow_none=True, metadata=described("The most bytes; null: any number", 2_147_483_648)
    )
    points_bytes = fields.Integer(
        required=True, metadata=described("Of them, those of points of activities", 1_204_224)
    )
    files_bytes = fields.Integer(required=True, metadata=described("Of them, those of files as they came", 2_345_678))
