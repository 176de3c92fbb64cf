"""The schema and the fields that all others are made of."""

from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, cast
from zoneinfo import available_timezones

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_NAME

EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)


@cache
def _time_zones() -> set[str]:
    """Return those that PostgreSQL knows as well: "localtime" is a zone of this machine alone."""
    return available_timezones() - {"localtime"}


class Schema(MarshmallowSchema):
    """Loads what comes in strictly: unknown fields are errors, and so are those that nobody may set.

    What goes out is not rebuilt: rows leave with the fields and types that the database gave them, and the schema
    only documents them. The tests hold every answer against the documentation.
    """

    protected: ClassVar[frozenset[str]] = frozenset()

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        return obj

    def handle_error(self, error: ValidationError, data: Any, **_: Any) -> None:
        for field in self.protected & error.normalized_messages().keys():
            cast("dict[str, Any]", error.messages)[field] = ["This field cannot be edited"]


def described(description: str, example: Any) -> dict[str, Any]:
    """Return the metadata of a field: what it is, and an example of it."""
    return {"description": description, "examples": [example]}


class Line(fields.String):
    """Text without null bytes, of `longest` characters at most, blanks around it stripped."""

    def __init__(self, *, longest: int = LONGEST_NAME, **kwargs: Any) -> None:
        super().__init__(validate=[validate.Length(min=1, max=longest), *kwargs.pop("validate", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and "\0" in text:
            raise ValidationError("A null byte is not text")
        return text.strip()


class Number(fields.Float):
    """A JSON number; text, booleans, NaN and infinity are none."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Whole(fields.Integer):
    """A whole JSON number; text, booleans and fractions are none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Instant(fields.AwareDateTime):
    """An ISO 8601 instant with its zone (`Z` or an offset), from 1900 on and before 2200."""

    default_error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        "invalid_awareness": "The zone is missing: end it in Z or an offset such as +01:00"
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(EARLIEST, LATEST, max_inclusive=False), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and "\0" in value:  # where datetime.fromisoformat() stops reading
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the instant in UTC: whatever zone it was written in, it is the same one."""
        instant = super().deserialize(value, attr, data, **kwargs)
        return instant.astimezone(UTC) if isinstance(instant, datetime) else instant


class Day(fields.Date):
    """An ISO 8601 day, from 1900 on and before 2200."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            format="iso", validate=validate.Range(EARLIEST.date(), LATEST.date(), max_inclusive=False), **kwargs
        )


class TimeZone(fields.String):
    """The name of a time zone in the IANA database."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in _time_zones():
            raise ValidationError("There is no such time zone; write it like Europe/Berlin")
        return name


FIRST_DAY = described("First local day", "2025-11-01")
LAST_DAY = described("Last local day, included", "2025-11-30")


class RangeQuery(Schema):
    """A range of days; both ends may be left out."""

    start = Day(metadata=FIRST_DAY)
    end = Day(metadata=LAST_DAY)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and data["start"] > data["end"]:
            raise ValidationError("The range ends before it starts", "end")


class ZoneQuery(Schema):
    """Where days begin and end."""

    time_zone = TimeZone(metadata=described("Zone of the days; the user's own by default, else UTC", "Europe/Berlin"))


class DaysQuery(RangeQuery, ZoneQuery):
    """A range of local days; both ends may be left out."""


class PageQuery(Schema):
    """How much of a list, and from where."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500), metadata=described("How many at most", 50))
    cursor = fields.String(metadata=described("`next_cursor` of the page before", "WyJkYXRlIGRlc2MiLCAi…"))


class DeletedQuery(Schema):
    """Whether a deleted record counts."""

    include_deleted = fields.Boolean(load_default=False, metadata=described("Deleted ones too", False))


CHANGE_REASON = described("Why, for the history", "GPS was off")
VERSION = described("Counts up with every change", 2)


class RecordFields(Schema):
    """What every record that keeps its history says about itself."""

    version = fields.Integer(required=True, metadata=VERSION)
    last_edited_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Last change", "2025-12-01T07:00:00Z")
    )
    last_edited_by = fields.String(required=True, allow_none=True, metadata=described("Who made it", "ada"))
    deleted_at = fields.AwareDateTime(required=True, allow_none=True, metadata=described("When deleted", None))
    created_at = fields.AwareDateTime(required=True, metadata=described("First stored", "2025-11-02T13:00:00Z"))
    updated_at = fields.AwareDateTime(required=True, metadata=described("Last stored", "2025-12-01T07:00:00Z"))


class VersionFields(Schema):
    """What every version says about how it came to be."""

    history_id = fields.Integer(required=True, metadata=described("Number of the history row", 7))
    version_number = fields.Integer(required=True, metadata=described("1 is the original", 2))
    change_type = fields.String(required=True, metadata=described("original, edit or deletion", "edit"))
    changed_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-03T07:00:00Z"))
    changed_by = fields.String(required=True, allow_none=True, metadata=described("Who", "ada"))
    change_reason = fields.String(required=True, allow_none=True, metadata=CHANGE_REASON)
    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Import, merge or revert that did it", 12)
    )


class ErrorSchema(Schema):
    """What every error says."""

    detail = fields.String(required=True, metadata=described("What is wrong, for a person", "Run not found"))
    errors = fields.Dict(
        keys=fields.String(),
        metadata=described("For 422: each field and why", {"distance": ["Not a valid number."]}),
    )
    request_id = fields.String(metadata=described("For 500: what to look for in the log", "7d3f2c7a9b1e4f60"))


@cache
def page_of(item: type[Schema]) -> MarshmallowSchema:
    """Return the schema of a page of such items; the same one for every list of them, as the API docs name it once."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(
                required=True,
                allow_none=True,
                metadata=described("Hand it in as `cursor` for the next page; null at the end", None),
            ),
        },
        name=item.__name__.removesuffix("Schema") + "Page",
    )()
