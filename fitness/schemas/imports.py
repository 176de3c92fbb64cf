"""Uploads and syncs, and their reports."""

from copy import deepcopy
from typing import Any, get_args

import orjson
from flask_smorest.fields import Upload
from marshmallow import ValidationError, fields, missing, post_load, validate, validates_schema

from fitness.readers.mapping import Clock, ColumnMapping, DateOrder, Duration, Field, Height, Length
from fitness.schemas.base import PROVIDERS, Flag, JsonValue, Schema, TimeZone, Verbatim, described
from fitness.schemas.records import PreviewQuery, previewed


class UploadSchema(Schema):
    """A file from a multipart form."""

    file = Upload(required=True, metadata={"description": "File to import"})


class UploadFormSchema(Schema):
    """Form fields beside the file."""

    timezone = TimeZone(
        metadata=described("Time zone of the file's local days and times; default: the user's", "Europe/Berlin")
    )


def _always_there(field: fields.Field) -> fields.Field:
    there = deepcopy(field)
    there.required, there.load_default = True, missing
    return there


def _left_open(choices: Any, description: str, example: str) -> fields.String:
    """Return the field of something that headings and values may leave open; null where they do not."""
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(get_args(choices)),
        metadata=described(description, example),
    )


class ColumnMappingSchema(Schema):
    """Which column of a table of your own says what, and what its headings and values leave open."""

    columns = fields.Dict(
        keys=fields.String(validate=validate.OneOf(get_args(Field))),
        values=Verbatim(shortest=1, longest=200),
        required=True,
        metadata=described("The heading of each column that is read", {"date": "Datum", "distance": "Strecke (km)"}),
    )
    date_order = _left_open(DateOrder, "What stands first in dates such as 04/05/2024", "day")
    distance_unit = _left_open(Length, "Unit of distances without one beside them", "km")
    duration_unit = _left_open(Duration, "Unit of durations that are mere numbers", "minutes")
    clock = fields.String(
        load_default="m:ss",
        validate=validate.OneOf(get_args(Clock)),
        metadata=described("What a duration such as 1:05 is", "m:ss"),
    )
    ascent_unit = _left_open(Height, "Unit of heights without one beside them", "m")
    sport = Verbatim(
        shortest=1,
        longest=50,
        load_default="Run",
        metadata=described("Sport of rows that name none", "Run"),
    )

    @validates_schema
    def check_columns(self, data: dict[str, Any], **_: Any) -> None:
        columns = data.get("columns", {})
        if "date" not in columns or not {"distance", "duration"} & columns.keys():
            raise ValidationError("A date, and a distance or a duration, are needed.", "columns")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ColumnMapping:
        return ColumnMapping(**data)


ProposedMappingSchema = Schema.from_dict(
    {name: _always_there(field) for name, field in ColumnMappingSchema._declared_fields.items()},
    name="ProposedMappingSchema",
)
"""The mapping that a question proposes: all of its fields are there."""


class _JsonText(fields.String):
    """An object of a schema as JSON in a form field."""

    def __init__(self, schema: type[Schema], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._schema = schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            found = orjson.loads(super()._deserialize(value, attr, data, **kwargs))
        except orjson.JSONDecodeError as error:
            raise ValidationError("Not JSON.") from error
        return self._schema().load(found)


class ImportFormSchema(UploadFormSchema):
    """Form fields beside a file of any kind: the answers to its questions."""

    weight_unit = fields.String(
        validate=validate.OneOf(("kg", "lb")),
        metadata=described("Unit of weights, where the file does not say it", "kg"),
    )
    distance_unit = fields.String(
        validate=validate.OneOf(("km", "mi")),
        metadata=described("Unit of distances, where the file does not say it", "km"),
    )
    mapping = _JsonText(
        ColumnMappingSchema,
        metadata=described(
            "What the columns of a table of your own are, as JSON: the mapping of the question, as it is or corrected",
            '{"columns": {"date": "Datum", "distance": "Strecke"}, "distance_unit": "km"}',
        ),
    )


class ImportQuery(Schema):
    """What imports and syncs store."""

    other_sports = Flag(
        metadata=described(
            "Store rides, walks, swims and other sports of Strava and MapMyFitness as workouts; default: your setting"
            " `import_other_sports`",
            True,
        )
    )

    restore_deleted = Flag(
        load_default=False, metadata=described("Bring back the records that you deleted here", False)
    )


class UploadQuery(ImportQuery, PreviewQuery):
    """Options of an import."""


class SyncQuery(ImportQuery):
    """Options of a sync."""

    dry_run = Flag(load_default=False, metadata=described("Report what would happen, store nothing", False))
    full_sync = Flag(
        load_default=False, metadata=described("Fetch everything, not only what is new since the last sync", False)
    )
    allow_deletes = Flag(
        load_default=False, metadata=described("Allow deleting more than a tenth of the records", False)
    )


def row_of_table() -> fields.Integer:
    """Return the field of the row that a sentence is about."""
    return fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Row as in a spreadsheet: the header is row 1; null for a file without rows", 17),
    )


class ProblemSchema(Schema):
    """A row that could not be read."""

    row = row_of_table()
    id = fields.String(required=True, allow_none=True, metadata=described("Record id, if known", "mmf_8700100201"))
    detail = fields.String(required=True, metadata=described("What is wrong", "The distance is negative."))


def _optional(kind: type[fields.Field[Any]], description: str, example: object) -> fields.Field[Any]:
    return kind(required=True, allow_none=True, metadata=described(description, example))


class ConflictSchema(Schema):
    """A field that both you and the provider changed; your value stayed."""

    id = fields.String(required=True, metadata=described("Record id", "strava_16321877401"))
    field = fields.String(required=True, metadata=described("Field name", "distance"))
    yours = JsonValue(metadata=described("Your value, which stayed", 6.2))
    theirs = JsonValue(metadata=described("The provider's value", 6.25))


class RemarkSchema(Schema):
    """A record that was not read as it stands in the file."""

    row = row_of_table()
    id = fields.String(required=True, metadata=described("Record id", "strava_16321877401"))
    detail = fields.String(
        required=True,
        metadata=described("What was read how", "The two Distance columns stand in each other's place."),
    )


class ShownRowSchema(Schema):
    """A row of a table as it would be stored, or why it cannot be."""

    row = fields.Integer(required=True, metadata=described("Row as in a spreadsheet", 2))
    start = _optional(fields.String, "Local time", "2025-11-02T12:00:00")
    sport = _optional(fields.String, "Sport", "Outdoor Run")
    distance = _optional(fields.Float, "Miles", 5.0)
    duration = _optional(fields.Float, "Seconds in motion", 2712)
    avg_heart_rate = _optional(fields.Float, "Beats per minute", 143)
    shoe = _optional(fields.String, "Shoe", "Ghost 16")
    name = _optional(fields.String, "Name", "Easy miles")
    notes = _optional(fields.String, "Notes", "Wind")
    problem = _optional(fields.String, "Why the row cannot be read", None)


class QuestionSchema(Schema):
    """What must be answered before a file can be read."""

    field = fields.String(required=True, metadata=described("The field to send the answer in", "timezone"))
    detail = fields.String(
        required=True,
        metadata=described("The question", "The times in this file name no zone: say in which one they are"),
    )
    choices = fields.List(
        fields.String(), required=True, metadata=described("The answers that there are; empty: others", ["kg", "lb"])
    )
    examples = fields.List(
        fields.String(),
        required=True,
        metadata=described("Rows of the file, read each way", ["Bench Press: 135 kg or 135 lb"]),
    )
    mapping = fields.Nested(
        ProposedMappingSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Of a table of your own: what its columns seem to be"},
    )
    left_open = fields.List(
        fields.String(),
        required=True,
        metadata=described("The fields of this mapping that must still be said", ["date_order"]),
    )
    headings = fields.List(
        fields.String(), required=True, metadata=described("All headings of such a table", ["Datum", "Strecke (km)"])
    )
    rows = fields.List(
        fields.Nested(ShownRowSchema),
        required=True,
        metadata={"description": "Its first 20 rows as they would be stored; empty while something is left open"},
    )


class ImportedFileSchema(Schema):
    """A file, and what it is."""

    name = fields.String(required=True, allow_none=True, metadata=described("As it was sent", "activities.csv"))
    source = fields.String(
        required=True, validate=validate.OneOf(PROVIDERS), metadata=described("Whose file it is", "Strava")
    )


def _count(description: str, example: int) -> fields.Integer:
    return fields.Integer(required=True, metadata=described(description, example))


def skipped_why() -> fields.Dict:
    """Return the field of the reasons for which records were left out."""
    return fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata=described("Number of records left out, by reason", {"Not a run: “Ride”.": 5}),
    )


def time_zone() -> fields.String:
    """Return the field of the zone of a file."""
    return fields.String(
        required=True,
        allow_none=True,
        metadata=described("Zone in which the file's local times were read; null where it has none", "Europe/Berlin"),
    )


class CountsSchema(Schema):
    """How many records an import or sync found, and what came of them."""

    found = _count("Records found", 15)
    created = _count("New records", 9)
    updated = _count("Records changed by the provider", 0)
    unchanged = _count("Records already here and equal", 0)
    kept = _count("Records changed by the provider and by you; your values stayed", 0)
    joined = _count("Records that other sources have too, of which something new is known; also counted above", 0)
    deleted = _count("Records deleted by the provider", 0)
    skipped = _count("Records left out on purpose, such as rides if you do not want other sports", 5)
    deleted_here = _count("Records that you deleted here; they stay deleted without `restore_deleted`", 0)
    failed = _count("Rows that could not be read", 1)


class OfChangesetSchema(Schema):
    """What an import or sync can be undone by."""

    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Revert it to undo the import; null if nothing changed", 12)
    )
    dry_run = Flag(required=True, metadata=described("True: nothing was stored", False))


class ImportReportSchema(CountsSchema, OfChangesetSchema):
    """The result of an import or sync."""

    deleted_here_ids = fields.List(
        fields.String(),
        required=True,
        metadata=described("Ids of the first 100 records that you deleted here", ["strava_16321877401"]),
    )
    skipped_why = skipped_why()
    problems = fields.List(
        fields.Nested(ProblemSchema),
        required=True,
        metadata={"description": "The first 1,000 rows that could not be read"},
    )
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)
    remarks = fields.List(
        fields.Nested(RemarkSchema),
        required=True,
        metadata={"description": "The first 1,000 records that were not read as they stand in the file"},
    )
    time_zone = time_zone()
    questions = fields.List(
        fields.Nested(QuestionSchema),
        required=True,
        metadata={"description": "What must be answered first: nothing is stored then"},
    )
    files = fields.List(
        fields.Nested(ImportedFileSchema), required=True, metadata={"description": "The files that were read"}
    )
    records = previewed()


class SyncReportSchema(ImportReportSchema):
    """The result of a sync."""

    complete = Flag(
        required=True,
        metadata=described("False if the provider's rate limit stopped the sync: sync again at `resume_at`", True),
    )
    resume_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata=described("Earliest time for the next sync", None)
    )
