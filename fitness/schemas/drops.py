"""Drops: imports of several files."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from fitness.schemas.base import PROVIDERS, Flag, Line, Schema, described
from fitness.schemas.imports import (
    ColumnMappingSchema,
    CountsSchema,
    ImportFormSchema,
    ImportQuery,
    ProblemSchema,
    ProposedMappingSchema,
    QuestionSchema,
    RemarkSchema,
    skipped_why,
    time_zone,
)
from fitness.schemas.records import DryRunQuery, previewed

LONGEST_LABEL = 1000

KIND = validate.OneOf(PROVIDERS)


class DropFileQuery(Schema):
    """What a file is called."""

    name = Line(
        longest=LONGEST_LABEL,
        metadata=described("Label of the file, such as its path; default: its SHA-256", "activities/1234.fit.gz"),
    )


class DropAnswersSchema(ImportFormSchema):
    """Answers to the questions of a drop."""

    kind = fields.String(
        validate=KIND,
        metadata=described(
            "The kind of files that they are for, and remembered for; without it, all files of this import", "Strong"
        ),
    )

    mapping = fields.Nested(
        ColumnMappingSchema,
        metadata={"description": "Of tables of your own with these headings: what their columns are"},
    )
    headings = fields.List(
        fields.String(),
        metadata=described("The headings that the mapping is for; default: any", ["Datum", "Strecke (km)"]),
    )

    @validates_schema
    def check_any(self, data: dict[str, Any], **_: object) -> None:
        if not data.keys() - {"kind", "headings"}:
            raise ValidationError("Send an answer, such as weight_unit", "weight_unit")
        if "headings" in data and "mapping" not in data:
            raise ValidationError("Headings belong to a mapping", "mapping")
        if "mapping" in data and "kind" in data and "headings" not in data:
            raise ValidationError("A mapping is remembered for headings: send them, too", "headings")
        columns = data["mapping"].columns.values() if "headings" in data and "mapping" in data else ()
        if absent := [column for column in columns if column not in data["headings"]]:
            raise ValidationError(f"The headings lack {', '.join(absent)}", "mapping")


class RememberedAnswerQuery(Schema):
    """Which of the remembered answers."""

    kind = fields.String(required=True, validate=KIND, metadata=described("The kind of files", "Strong"))
    key = fields.String(required=True, metadata=described("Names it among those of the kind", "weight_unit"))


class RememberedAnswerSchema(RememberedAnswerQuery):
    """An answer that is also used for later imports of several files."""

    field = fields.String(required=True, metadata=described("The field of the question", "weight_unit"))
    value = fields.String(
        required=True, allow_none=True, metadata=described("The answer; null if it is a mapping", "lb")
    )
    mapping = fields.Nested(
        ProposedMappingSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What the columns of a table of your own are"},
    )


class DropQuery(ImportQuery, DryRunQuery):
    """Options of loading a drop."""


class DropFileSchema(CountsSchema):
    """A file of a drop, and what came of it."""

    name = fields.String(required=True, metadata=described("As it was sent", "activities/1234.fit.gz"))
    sha256 = fields.String(
        required=True,
        allow_none=True,
        metadata=described("SHA-256 of the file", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    )
    size = fields.Integer(required=True, metadata=described("Bytes of the file", 48211))
    received = fields.Integer(required=True, metadata=described("Bytes that have arrived", 48211))
    state = fields.String(
        required=True,
        validate=validate.OneOf(("incomplete", "waiting", "asked", "loaded", "refused")),
        metadata=described(
            "`incomplete`: parts are missing; `waiting`: not loaded yet, the counts are those of a dry run; `asked`: a"
            " question is open",
            "loaded",
        ),
    )
    kind = fields.String(
        required=True,
        allow_none=True,
        validate=KIND,
        metadata=described("Whose file it is; null if that is not known", "FIT"),
    )
    detail = fields.String(
        required=True, allow_none=True, metadata=described("Why it was refused, or what else it belongs to", None)
    )
    time_zone = time_zone()
    skipped_why = skipped_why()
    problems = fields.List(
        fields.Nested(ProblemSchema),
        required=True,
        metadata={"description": "The first 20 rows that could not be read"},
    )
    remarks = fields.List(
        fields.Nested(RemarkSchema),
        required=True,
        metadata={"description": "The first 20 records that were not read as they stand in the file"},
    )


class DropQuestionSchema(QuestionSchema):
    """What must be answered before the files of a kind can be read."""

    kind = fields.String(required=True, validate=KIND, metadata=described("The kind of files", "Strong"))
    files = fields.Integer(required=True, metadata=described("How many files wait for the answer", 1))
    names = fields.List(
        fields.String(), required=True, metadata=described("The names of the first 20 of them", ["strong.csv"])
    )


class BegunDropSchema(Schema):
    """What every import of several files has."""

    import_id = fields.Integer(required=True, metadata=described("Number of the import", 4))
    state = fields.String(
        required=True,
        validate=validate.OneOf(("open", "loading", "asking", "done", "expired")),
        metadata=described(
            "`open`: files can be sent; `loading`: some are loaded, finish it again to go on; `asking`: only files with"
            " questions are left; `expired`: it was not finished within an hour, and its files are deleted",
            "done",
        ),
    )
    changeset_id = fields.Integer(
        required=True, allow_none=True, metadata=described("Revert it to undo the import; null if nothing changed", 12)
    )
    created_at = fields.AwareDateTime(required=True, metadata=described("When it was begun", "2025-11-02T13:00:00Z"))
    expires_at = fields.AwareDateTime(
        required=True, metadata=described("Until when it can be finished; each call extends it", "2025-11-02T14:00:00Z")
    )


class UnfinishedDropSchema(BegunDropSchema):
    """An import of several files that has neither ended nor expired."""

    state = fields.String(
        required=True,
        validate=validate.OneOf(("open", "loading", "asking")),
        metadata=described("As that of the import itself", "open"),
    )
    files = fields.Integer(required=True, metadata=described("How many files it has", 2))
    names = fields.List(
        fields.String(), required=True, metadata=described("The names of the first 20 of them", ["activities.zip"])
    )
    size = fields.Integer(required=True, metadata=described("Bytes of its files", 20000000))
    received = fields.Integer(required=True, metadata=described("Bytes of them that have arrived", 8388608))


class DropSchema(BegunDropSchema, CountsSchema):
    """An import of several files; the counts are those of all."""

    piece_bytes = fields.Integer(required=True, metadata=described("Most bytes of one request", 8388608))
    questions = fields.List(
        fields.Nested(DropQuestionSchema),
        required=True,
        metadata={"description": "What must be answered before some of the files can be read"},
    )
    files = fields.List(
        fields.Nested(DropFileSchema), required=True, metadata={"description": "The files, and what came of each"}
    )


class LoadedDropSchema(DropSchema):
    """An import of several files after it was loaded, or tried."""

    dry_run = Flag(required=True, metadata=described("True: nothing was stored", False))
    records = previewed()
