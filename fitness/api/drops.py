"""Drops: imports of several files. `POST /imports` without a body begins one, see `fitness.api.imports`."""

import re
from typing import Any

from flask import current_app
from flask.views import MethodView

from fitness.auth import actor, own_time_zone, user_id
from fitness.db import drops as stored
from fitness.db.connection import transaction
from fitness.errors import NotFound, invalid_field
from fitness.schemas.base import page_of
from fitness.schemas.drops import (
    DropAnswersSchema,
    DropFileQuery,
    DropQuery,
    DropSchema,
    LoadedDropSchema,
    RememberedAnswerQuery,
    RememberedAnswerSchema,
)
from fitness.sync import drops
from fitness.sync.drop_files import Limits, receive_piece
from fitness.sync.drop_loading import Asker, load_drop
from fitness.sync.files import answer_key
from fitness.web.blueprint import Blueprint, page
from fitness.web.pieces import most_bytes, piece_of_request
from fitness.web.uploads import report_of

blp = Blueprint("drops", __name__, url_prefix="/imports", description="Imports of several files")


def drop_answer(drop: dict[str, Any]) -> dict[str, Any]:
    """Return a drop as a view's response."""
    return {**drop, "piece_bytes": most_bytes()}


@blp.route("/<int:import_id>")
class Drop(MethodView):
    @blp.scope("import")
    @blp.untagged
    @blp.response(200, DropSchema)
    def get(self, import_id: int) -> Any:
        """Read one import of several files

        It is kept for a day after it ended.
        """
        return drop_answer(drops.get_drop(import_id))

    @blp.scope("import")
    @blp.response(204)
    def delete(self, import_id: int) -> None:
        """Give up an import of several files

        Its files are deleted. What was loaded of them stays: revert its changeset.
        """
        if not stored.delete_drop(import_id):
            raise NotFound("Import not found")


@blp.route("/<int:import_id>/files/<file_sha256>")
class DropFile(MethodView):
    @blp.own_transactions
    @blp.takes_pieces
    @blp.scope("import")
    @blp.arguments(DropFileQuery, location="query")
    @blp.response(204)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(410, "GONE")
    def put(self, query: dict[str, Any], import_id: int, file_sha256: str) -> None:
        """Send a file of an import, or a piece of it

        A piece has at most `piece_bytes` bytes, and `Content-Range` says where it belongs. Pieces can be sent in any
        order, and again. The file is checked against its SHA-256, in the path, once all of it is here; if it has
        another one, the answer is 422, and it can be sent anew.
        """
        if not re.fullmatch("[0-9a-f]{64}", file_sha256):
            raise invalid_field("sha256", "Must be the SHA-256 of the file: 64 hexadecimal digits, in lower case")
        piece = piece_of_request()
        settings = current_app.config["SETTINGS"]
        limits = Limits(settings.max_drop_files, settings.max_drop_bytes)
        with transaction(user_id()):
            matches = receive_piece(import_id, file_sha256, query.get("name", file_sha256), piece, limits)
        if not matches:
            raise invalid_field("sha256", "The file that arrived has another SHA-256: send it again")


@blp.route("/<int:import_id>/answers")
class DropAnswers(MethodView):
    @blp.scope("import")
    @blp.arguments(DropAnswersSchema)
    @blp.response(200, DropSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(410, "GONE")
    def post(self, answers: dict[str, Any], import_id: int) -> Any:
        """Answer questions of an import

        For a kind of files, and then also for later imports; finish the import, again, to load the files that waited.
        """
        kind, headings = answers.pop("kind", None), answers.pop("headings", ())
        if "mapping" in answers:
            answers[answer_key("mapping", headings)] = answers.pop("mapping")._asdict()
        drops.answer_questions(import_id, kind, answers)
        return drop_answer(drops.get_drop(import_id))


@blp.route("/answers")
class RememberedAnswers(MethodView):
    @blp.scope("import")
    @blp.untagged
    @blp.response(200, page_of(RememberedAnswerSchema))
    def get(self) -> Any:
        """List the remembered answers

        Those that were given for a kind of files, and are also used for later imports of several files; all in one
        page.
        """
        return page(drops.list_remembered(), None)

    @blp.scope("import")
    @blp.arguments(RememberedAnswerQuery, location="query")
    @blp.response(204)
    @blp.alt_response(404, "NOT_FOUND")
    def delete(self, answer: dict[str, str]) -> None:
        """Forget a remembered answer

        The next import that needs it asks again.
        """
        if not stored.forget_answer(**answer):
            raise NotFound("Answer not found")


@blp.route("/<int:import_id>/finish")
class FinishedDrop(MethodView):
    @blp.own_transactions
    @blp.can_wait
    @blp.scope("import")
    @blp.arguments(DropQuery, location="query")
    @blp.response(200, LoadedDropSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(410, "GONE")
    def post(self, query: dict[str, Any], import_id: int) -> Any:
        """Load the files of an import

        All of them are one changeset. A file that cannot be read, or has an open question, does not keep the others
        out: each has its line in `files`. With `dry_run`, nothing is stored, and the files can be loaded for an hour.
        If it was stopped, as by the end of the server, finish it again: it goes on with the files that are left. As a
        job, it does so by itself.
        """
        report = report_of(query)
        asker = Asker(user_id(), actor(), own_time_zone(), current_app.config["SETTINGS"].max_drop_files)
        load_drop(asker, import_id, report)
        with transaction(user_id()):
            drop = drop_answer(drops.get_drop(import_id))
        records = page(report.preview.items, None) if report.dry_run else None
        return {**drop, "dry_run": report.dry_run, "records": records}
