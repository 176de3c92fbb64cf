"""The base schema and the fields that all schemas use."""

import re
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple, cast

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, validate, validates_schema
from orjson import Fragment

from fitness.db.days import WEEK_STARTS
from fitness.names import normal_name
from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_NAME
from fitness.times import is_offset, is_time_zone
from fitness.units import MILES_DECIMALS, SUM_DECIMALS

EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)


class Schema(MarshmallowSchema):
    """A schema that rejects unknown fields and the fields in `protected`.

    It does not convert responses: rows are sent with the fields and types of the database, and the schema documents
    them and rounds those that it says are rounded. The tests compare every response with the documentation.
    """

    protected: ClassVar[frozenset[str]] = frozenset()

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        _round(obj, self._rounded)
        return obj

    @cached_property
    def _rounded(self) -> "RoundedFields":
        """The fields to round; conflicts are values of the same fields."""
        rounded = RoundedFields([], [])
        for name, field in self.fields.items():
            if name == "conflicts":
                continue
            one = field.inner if isinstance(field, fields.List) else field
            if isinstance(one, Rounded):
                rounded.numbers.append((name, one.decimals))
            elif isinstance(one, fields.Nested) and any(cast(Schema, one.schema)._rounded):
                rounded.parts.append((name, cast(Schema, one.schema)))
        if any(rounded) and "conflicts" in self.fields:
            rounded.parts.append(("conflicts", self))
        return rounded

    def handle_error(self, error: ValidationError, data: Any, **_: Any) -> None:
        for field in self.protected & error.normalized_messages().keys():
            cast("dict[str, Any]", error.messages)[field] = ["This field cannot be edited"]


class RoundedFields(NamedTuple):
    """The fields of a schema to round: those with numbers, or lists of them, by their decimals; those with parts."""

    numbers: list[tuple[str, int]]
    parts: list[tuple[str, Schema]]


def _round(answer: Any, rounded: RoundedFields) -> None:
    """Round the fields of a record, or of each in a list; JSON that PostgreSQL has written is rounded already."""
    numbers, parts = rounded
    if not numbers and not parts:
        return
    records = cast("list[Any]", answer) if isinstance(answer, list) else [answer]
    # A field of all records at a time: by record, a page of fifty takes twice as long.
    fields_of = [
        cast("dict[str, Any]", one) if isinstance(one, dict) else vars(one)
        for one in records
        if one is not None and not isinstance(one, Fragment)
    ]
    for name, decimals in numbers:
        for values in fields_of:
            value = values.get(name)
            if isinstance(value, list):
                values[name] = [_round_value(number, decimals) for number in cast("list[float | None]", value)]
            elif value is not None:
                values[name] = round(value, decimals)
    for name, schema in parts:
        for values in fields_of:
            if (part := values.get(name)) is not None:
                _round(part, schema._rounded)


def _round_value(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def described(description: str, example: Any) -> dict[str, Any]:
    """Return the metadata of a field: a description and an example."""
    return {"description": description, "examples": [example]}


class Verbatim(fields.String):
    """Text of `shortest` to `longest` characters without null bytes, as it is."""

    def __init__(self, *, shortest: int = 0, longest: int, **kwargs: Any) -> None:
        length = validate.Length(min=shortest, max=longest)
        super().__init__(validate=[length, *kwargs.pop("validate", [])], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and "\0" in text:
            raise ValidationError("Null bytes are not allowed")
        return text


class Line(Verbatim):
    """Text of 1 to `longest` characters without null bytes; spaces around it are removed."""

    def __init__(self, *, longest: int = LONGEST_NAME, **kwargs: Any) -> None:
        super().__init__(shortest=1, longest=longest, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class Name(Line):
    """A name, without invisible characters and with single spaces; one of nothing that can be seen is rejected."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return normal_name(super()._deserialize(value, attr, data, **kwargs))


class Number(fields.Float):
    """A JSON number; text, booleans, NaN and infinity are rejected, and -0.0 becomes 0.0."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value) + 0.0  # as in `fitness.readers.values`


class Rounded(Number):
    """A number that is rounded in answers; requests are taken as precisely as they are sent."""

    decimals = SUM_DECIMALS


class Miles(Rounded):
    """A distance."""

    decimals = MILES_DECIMALS


class Whole(fields.Integer):
    """A whole JSON number; text, booleans and fractions are rejected."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Digits(fields.Integer):
    """A whole number in a query, in ASCII digits; what else Python reads as one, such as 1_0 and ٣, is rejected."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


_DIGITS = re.compile("-?[0-9]+")


class Flag(fields.Boolean):
    """JSON's true or false; text and numbers are rejected. In a query, it is the word, see `web/blueprint.py`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Instant(fields.AwareDateTime):
    """An ISO 8601 instant with a zone (`Z` or an offset), from 1900 up to, not including, 2200."""

    default_error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        "invalid_awareness": "Time zone missing: end with Z or an offset such as +01:00"
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", validate=validate.Range(EARLIEST, LATEST, max_inclusive=False), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and "\0" in value:  # where datetime.fromisoformat() stops reading
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **kwargs)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the instant in UTC, so that equal instants compare equal whatever their zone."""
        instant = super().deserialize(value, attr, data, **kwargs)
        return instant.astimezone(UTC) if isinstance(instant, datetime) else instant


class Day(fields.Date):
    """An ISO 8601 day, from 1900 up to, not including, 2200."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            format="iso", validate=validate.Range(EARLIEST.date(), LATEST.date(), max_inclusive=False), **kwargs
        )


class TimeZone(fields.String):
    """The name of a time zone in the IANA database."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not is_time_zone(name):
            raise ValidationError("Unknown time zone; use a name such as Europe/Berlin")
        return name


class ZoneName(fields.String):
    """The time zone of a place: its name in the IANA database, or an offset from UTC such as +05:30."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if not is_time_zone(name) and not is_offset(name):
            raise ValidationError("Unknown time zone; use a name such as Europe/Berlin, or an offset such as +05:30")
        return name


class JsonValue(fields.Raw):
    """The value of any field, in an answer."""

    def __init__(self, metadata: dict[str, Any]) -> None:
        kinds = ["string", "number", "boolean", "array", "object"]
        super().__init__(required=True, allow_none=True, metadata={"type": kinds, **metadata})


class AsOfQuery(Schema):
    """An instant to look back at, see `fitness.web.blueprint`."""

    as_of = Instant(
        metadata=described(
            "Answer what the log said at this instant, by the time of change; send it again for the next page",
            "2025-12-01T07:00:00Z",
        )
    )


FIRST_DAY = described("First local day", "2025-11-01")
LAST_DAY = described("Last local day (inclusive)", "2025-11-30")


class RangeQuery(Schema):
    """A range of days; both ends may be left out."""

    start = Day(metadata=FIRST_DAY)
    end = Day(metadata=LAST_DAY)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "start" in data and "end" in data and data["start"] > data["end"]:
            raise ValidationError("The range ends before it starts", "end")


class ZoneQuery(Schema):
    """The time zone of local days."""

    time_zone = TimeZone(
        metadata=described("Time zone of the days; default: the user's, otherwise UTC", "Europe/Berlin")
    )


class DaysQuery(RangeQuery, ZoneQuery):
    """A range of local days; both ends may be left out."""


class WeeksQuery(Schema):
    """The day on which weeks start."""

    week_start = fields.String(
        validate=validate.OneOf(list(WEEK_STARTS)),
        metadata=described("Day on which weeks start; default: the user's, otherwise monday", "monday"),
    )


class PageQuery(Schema):
    """Paging of a list."""

    limit = Digits(load_default=50, validate=validate.Range(1, 500), metadata=described("Maximum number of items", 50))
    cursor = fields.String(metadata=described("`next_cursor` of the previous page", "WyJkYXRlIGRlc2MiLCAi…"))


class DeletedQuery(Schema):
    """Whether deleted records are included."""

    include_deleted = Flag(load_default=False, metadata=described("Include deleted records", False))


class RecordQuery(AsOfQuery, DeletedQuery):
    """How to read one record."""


class SearchQuery(Schema):
    """A search for text."""

    q = Line(metadata=described("Text to find in names and notes, ignoring case", "windy"))


def sync_status() -> fields.String:
    """Return the filter by the state in the calendar."""
    return fields.String(
        validate=validate.OneOf(["synced", "failed", "pending", "none"]),
        metadata=described("Calendar state; none: never sent", "synced"),
    )


FILES = ("FIT", "GPX", "TCX", "Runkeeper", "Polar", "Google Fit", "Garmin", "Apple Health", "CSV")
"""The sources of runs and workouts that come from files of activities."""
LIFTING_APPS = ("Strong", "FitNotes", "Fitbod", "StrongLifts")
"""The sources of workouts that come from files of lifting apps."""
PROVIDERS = ("Strava", "MapMyFitness", "Hevy", "TrainingPeaks", *FILES, *LIFTING_APPS)
CHANGE_REASON = described("Reason of the change, stored in the history", "GPS was off")
VERSION = described("Version; each change adds 1", 2)
CHANGE_TYPES = ("original", "edit", "deletion")


class RecordFields(Schema):
    """The fields that every record with a history has."""

    version = fields.Integer(required=True, metadata=VERSION)
    last_edited_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of the last change", "2025-12-01T07:00:00Z")
    )
    last_edited_by = fields.String(
        required=True, allow_none=True, metadata=described("Who made the last change", "ada")
    )
    deleted_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Time of deletion; null unless deleted", None)
    )
    created_at = fields.AwareDateTime(required=True, metadata=described("Time of creation", "2025-11-02T13:00:00Z"))
    updated_at = fields.AwareDateTime(
        required=True, metadata=described("Time of the last write", "2025-12-01T07:00:00Z")
    )


class VersionFields(Schema):
    """The fields that every version has."""

    history_id = fields.Integer(required=True, metadata=described("Id of the history row", 7))
    version_number = fields.Integer(required=True, metadata=described("Number of the version; 1 is the original", 2))
    change_type = fields.String(
        required=True, validate=validate.OneOf(CHANGE_TYPES), metadata=described("original, edit or deletion", "edit")
    )
    changed_at = fields.AwareDateTime(required=True, metadata=described("When", "2025-11-03T07:00:00Z"))
    changed_by = fields.String(required=True, allow_none=True, metadata=described("Who", "ada"))
    change_reason = fields.String(required=True, allow_none=True, metadata=CHANGE_REASON)
    changeset_id = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Changeset (import, merge or revert) that made the version", 12),
    )


def conflicts_of(values: type[Schema], *, name: str) -> type[MarshmallowSchema]:
    """Return the schema of a record's conflicts: the provider's values of fields that a person has changed too.

    `deleted_at` is there if the provider has deleted the record.
    """
    conflicts: dict[str, fields.Field] = {
        field_name: _optional(field) for field_name, field in values().declared_fields.items()
    }
    deleted_at = fields.AwareDateTime(metadata={"description": "When the provider deleted it"})
    return Schema.from_dict({**conflicts, "deleted_at": deleted_at}, name=name)


def _optional(field: fields.Field) -> fields.Field:
    if isinstance(field, fields.Nested | fields.List):  # in the provider's form
        return fields.Raw(metadata=field.metadata)
    copied = deepcopy(field)
    copied.required = False
    return copied


@cache
def page_of(item: type[Schema]) -> MarshmallowSchema:
    """Return the schema of a page of items, one per item schema, as the API docs list each schema once."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(
                required=True,
                allow_none=True,
                metadata=described("Send it as `cursor` to get the next page; null on the last page", None),
            ),
        },
        name=item.__name__.removesuffix("Schema") + "Page",
    )()
