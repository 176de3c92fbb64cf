"""The upload route, the same for every kind of file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from flask import current_app, request
from flask.views import MethodView
from marshmallow import Schema

from fitness.auth import actor, own_time_zone
from fitness.db.history.records import PREVIEW
from fitness.db.turns import take_turn
from fitness.errors import Invalid
from fitness.readers.reader import Reader
from fitness.readers.records import UnreadableFile
from fitness.schemas.imports import ImportReportSchema, UploadFormSchema, UploadQuery, UploadSchema
from fitness.sync.files import WHICH_ZONE, in_zone, load_file
from fitness.sync.report import Preview, Report
from fitness.web.blueprint import Blueprint, cursor_of


def answer_of(report: Report, schema: type[Schema]) -> dict[str, Any]:
    """Return the fields of a report that the schema names, as a view's response."""
    return {name: getattr(report, name) for name in schema().fields}


def allow_uploads(blp: Blueprint) -> None:
    """Raise the body limit of a blueprint's views to that of uploads."""

    @blp.before_request
    def allow() -> None:
        request.max_content_length = current_app.config["SETTINGS"].max_upload_bytes


@contextmanager
def refusing_unreadable() -> Iterator[None]:
    """Turn UnreadableFile into a 422 response with the reason."""
    try:
        yield
    except UnreadableFile as error:
        raise Invalid(str(error), errors={"file": [str(error)]}) from error


def report_of(query: dict[str, Any], kind: str = "import") -> Report:
    """Return the empty report of an import or sync; `query` is that of ImportQuery, or, with a preview, UploadQuery."""
    return Report(
        kind,
        dry_run=query["dry_run"],
        other_sports=query.get("other_sports"),
        restore_deleted=query["restore_deleted"],
        preview=Preview(query["limit"], cursor_of(query.get("cursor"), PREVIEW)) if "limit" in query else Preview(),
    )


def add_upload(blp: Blueprint, reader: Reader, *, path: str = "/upload-csv", summary: str, description: str) -> None:
    """Serve `path`: what a file of the reader's kind says is stored, or tried to."""

    allow_uploads(blp)

    @blp.route(path)
    class UploadCsv(MethodView):
        @blp.can_wait
        @blp.scope("import")
        @blp.arguments(UploadSchema, location="files")
        @blp.arguments(UploadFormSchema, location="form")
        @blp.arguments(UploadQuery, location="query")
        @blp.response(200, ImportReportSchema)
        @blp.doc(summary=summary, description=description)
        def post(self, files: dict[str, Any], form: dict[str, Any], query: dict[str, Any]) -> Any:
            answers = in_zone(reader, form.get("timezone"), own_time_zone())
            if answers is None:
                raise Invalid(WHICH_ZONE.detail, errors={"timezone": [WHICH_ZONE.detail]})
            report, file = report_of(query), files["file"]
            report.files.append({"name": file.filename, "source": reader.source})
            take_turn()
            with refusing_unreadable():
                load_file(reader, cast(BinaryIO, file.stream), report, answers=answers, actor=actor())
            return answer_of(report, ImportReportSchema)
