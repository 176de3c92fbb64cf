"""Conflicts between providers and the person, and decisions about them."""

from marshmallow import fields, validate

from fitness.db.history.conflicts import KINDS, TAKE
from fitness.schemas.base import VERSION, Flag, PageQuery, Schema, described
from fitness.schemas.records import OCCURRED_AT, RECORD_ID, TITLE

FIELD = described("The field; `deleted_at`: the provider deleted a record that you edited", "distance")
_NOUN = described("What it is", "runs")


def _noun(*, required: bool = False) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(list(KINDS)), metadata=_NOUN)


class FieldConflictSchema(Schema):
    """A field in which a provider and you disagree."""

    noun = _noun(required=True)
    id = fields.Raw(required=True, metadata=RECORD_ID)
    title = fields.String(required=True, metadata=TITLE)
    occurred_at = fields.String(required=True, allow_none=True, metadata=OCCURRED_AT)
    version = fields.Integer(required=True, metadata=VERSION)
    field = fields.String(required=True, metadata=FIELD)
    yours = fields.Raw(required=True, allow_none=True, metadata=described("Your value, which stays until then", 3.2))
    theirs = fields.Raw(required=True, allow_none=True, metadata=described("The provider's value", 3.3))
    yours_at = fields.AwareDateTime(required=True, metadata=described("When you set it", "2025-11-03T07:00:00Z"))
    yours_by = fields.String(required=True, allow_none=True, metadata=described("Who set it", "ada"))


class ConflictsQuery(PageQuery):
    """Filters of conflicts."""

    noun = _noun()


class DecisionSchema(Schema):
    """A decision between two values."""

    take = fields.String(
        required=True,
        validate=validate.OneOf(TAKE),
        metadata=described("mine: your value stays; theirs: the provider's value is stored", "theirs"),
    )


class DecidedSchema(DecisionSchema):
    """A decision, and the record after it."""

    noun = _noun(required=True)
    id = fields.Raw(required=True, metadata=RECORD_ID)
    field = fields.String(required=True, metadata=FIELD)
    version = fields.Integer(required=True, metadata=VERSION)
    changed = Flag(required=True, metadata=described("True: the value of the field has changed", True))
    changeset_id = fields.Integer(
        required=True, metadata=described("Its changeset; reverting that brings the conflict back", 14)
    )
