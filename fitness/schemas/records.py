"""The records of a changeset, and of the one that a dry run would make."""

from functools import cached_property
from typing import Any, cast

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.db.history.records import KINDS, WHAT
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.schemas.base import Digits, Flag, PageQuery, RoundedFields, Schema, described, page_of
from fitness.schemas.history import changes_schema
from fitness.schemas.runs import RunVersionSchema
from fitness.schemas.workouts import WorkoutVersionSchema

RECORD_ID = described("Record id: text, or a number for planned workouts", "mmf_8700100201")
TITLE = described("What a person calls it", "Morning run")
OCCURRED_AT = described(
    "When it took place, or the day it is planned for; null for shoes and exercises", "2025-11-02T12:05:31Z"
)


# The changes of the nouns with values that are rounded.
_Changes = Schema.from_dict(
    {
        **changes_schema(WORKOUTS, WorkoutVersionSchema)._declared_fields,
        **changes_schema(RUNS, RunVersionSchema)._declared_fields,
    },
    name="_Changes",
)


class ChangedRecordSchema(Schema):
    """A record of a changeset: what happened to it."""

    noun = fields.String(required=True, validate=validate.OneOf(list(KINDS)), metadata=described("What it is", "runs"))
    id = fields.Raw(required=True, metadata=RECORD_ID)
    title = fields.String(required=True, metadata=TITLE)
    occurred_at = fields.String(required=True, allow_none=True, metadata=OCCURRED_AT)
    what = fields.String(
        required=True,
        validate=validate.OneOf(WHAT),
        metadata=described("created, updated, deleted or restored", "updated"),
    )
    changes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=described(
            "Fields that changed, each as `[before, after]`, as in the history of the noun", {"duration": [3000, 3600]}
        ),
    )
    edited_since = Flag(required=True, metadata=described("True: a person has edited it after the changeset", False))

    @cached_property
    def _rounded(self) -> RoundedFields:
        return RoundedFields([], [("changes", cast("Schema", _Changes()))])


class RecordsQuery(PageQuery):
    """Filters of the records of a changeset."""

    noun = fields.String(validate=validate.OneOf(list(KINDS)), metadata=described("Only records of this noun", "runs"))
    what = fields.String(validate=validate.OneOf(WHAT), metadata=described("Only what this happened to", "created"))


class DryRunQuery(Schema):
    """A dry run, and how many of the records that it would change are shown."""

    dry_run = Flag(load_default=False, metadata=described("Report what would happen, store nothing", False))
    limit = Digits(
        load_default=50,
        validate=validate.Range(1, 500),
        metadata=described("For a dry run: maximum number of `records`", 50),
    )


class PreviewQuery(DryRunQuery):
    """A dry run, and paging of the records that it would change."""

    cursor = fields.String(
        metadata=described("For a dry run: `next_cursor` of the previous `records`", "WyJwcmV2aWV3IiwgInJ1…")
    )

    @validates_schema
    def pages_a_dry_run(self, data: dict[str, Any], **_: Any) -> None:
        if "cursor" in data and not data["dry_run"]:
            raise ValidationError("Only for a dry run", "cursor")


def previewed() -> fields.Field:
    """Return the field with the records that a dry run would change."""
    return fields.Nested(
        page_of(ChangedRecordSchema),
        required=True,
        allow_none=True,
        metadata={
            "description": "For a dry run: the records that it would change. For the next page, repeat it with `cursor`"
        },
    )
