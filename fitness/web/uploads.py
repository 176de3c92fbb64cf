"""Uploads of providers' files: the same for every provider, but for what the file says."""

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
    """Return what the schema tells of a report, as a view's answer."""
    return {name: getattr(report, name) for name in schema().fields}


def allow_uploads(blp: Blueprint) -> None:
    """Let the bodies that a blueprint's views read be as large as uploads may be."""

    @blp.before_request
    def allow() -> None:
        request.max_content_length = current_app.config["SETTINGS"].max_upload_bytes


@contextmanager
def refusing_unreadable() -> Iterator[None]:
    """Answer an uploaded file that cannot be read with the reason why."""
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
    """Serve `path`: `load` stores what a file says in the zone of its local days, for an actor, or tries to."""

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
