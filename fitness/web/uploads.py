"""The upload route, the same for every kind of file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flask import current_app, request
from flask.views import MethodView
from marshmallow import Schema

from fitness.auth import actor, time_zone
from fitness.errors import Invalid
from fitness.readers.records import UnreadableFile
from fitness.schemas.imports import ReportSchema, UploadFormSchema, UploadQuery, UploadSchema
from fitness.sync.report import Report
from fitness.web.blueprint import Blueprint


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


def add_upload(
    blp: Blueprint,
    *,
    path: str = "/upload-csv",
    summary: str,
    description: str,
    load: Callable[[BinaryIO, ZoneInfo, str, bool], Report],
) -> None:
    """Add an upload route at `path`; `load(stream, zone, actor, dry_run)` stores the file and returns the report."""

    allow_uploads(blp)

    @blp.route(path)
    class UploadCsv(MethodView):
        @blp.scope("import")
        @blp.arguments(UploadSchema, location="files")
        @blp.arguments(UploadFormSchema, location="form")
        @blp.arguments(UploadQuery, location="query")
        @blp.response(200, ReportSchema)
        @blp.doc(summary=summary, description=description)
        def post(self, files: dict[str, Any], form: dict[str, Any], query: dict[str, Any]) -> Any:
            zone = ZoneInfo(form.get("timezone", time_zone()))
            with refusing_unreadable():
                return answer_of(load(files["file"].stream, zone, actor(), query["dry_run"]), ReportSchema)
