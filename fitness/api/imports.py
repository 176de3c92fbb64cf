"""Imports of files of any kind that is read: of one, or of a drop of several."""

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any, BinaryIO

from flask import Response, jsonify, request
from flask.views import MethodView

from fitness.api.drops import drop_answer
from fitness.auth import actor, own_time_zone
from fitness.db.drops import list_unfinished
from fitness.db.turns import take_turn
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.drops import DropSchema, UnfinishedDropSchema
from fitness.schemas.imports import ImportFormSchema, ImportReportSchema, UploadQuery, UploadSchema
from fitness.sync import drops
from fitness.sync.files import OWN_ZONE, load_any
from fitness.web.blueprint import Blueprint, numbered_list
from fitness.web.pieces import whole_body
from fitness.web.uploads import allow_uploads, answer_of, refusing_unreadable, report_of

blp = Blueprint("imports", __name__, url_prefix="/imports", description="Imports of files of any kind")
allow_uploads(blp)

PUSHED = "request.json"
"""What a file is called that is the body of a request."""


def _or_without_a_form(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let a request without a body begin a drop, and one whose body is JSON import that as a file."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        if request.is_json:
            query = Blueprint.ARGUMENTS_PARSER.parse(UploadQuery(), location="query")
            return jsonify(ImportReportSchema().dump(_import(BytesIO(whole_body()), PUSHED, {}, query)))
        if request.content_length or request.mimetype:
            return view(*args, **kwargs)
        response = jsonify(drop_answer(drops.begin_drop()))
        response.status_code = 201
        return response

    return run


@blp.route("")
class Imports(MethodView):
    @blp.scope("import")
    @blp.untagged
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(UnfinishedDropSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List unfinished imports

        Those of several files that have neither ended nor expired, newest first. Go on with one, or delete it: what was
        sent counts in the quota until then.
        """
        return numbered_list(query, "import_id", list_unfinished)

    @blp.can_wait
    @blp.scope("import")
    @blp.takes_json_file
    @_or_without_a_form
    @blp.arguments(UploadSchema, location="files")
    @blp.arguments(ImportFormSchema, location="form")
    @blp.arguments(UploadQuery, location="query")
    @blp.response(200, ImportReportSchema)
    @blp.alt_response(201, schema=DropSchema, description="Without a body: a drop has begun")
    @blp.alt_response(409, "CONFLICT")
    def post(self, files: dict[str, Any], form: dict[str, Any], query: dict[str, Any]) -> Any:
        """Import a file

        Of any kind that is read: Strava's archive or its activities.csv, MapMyFitness's workout history, Hevy's export,
        a plan in the columns of TrainingPeaks, a recorded activity as FIT, GPX or TCX, each also packed by gzip. What
        it is is found out by what it holds, and the answer is that of the import of its kind. Where something must be
        known first, such as the zone of its times, nothing is stored, and `questions` asks it: send the file again with
        the answer.

        An activity that another source has brought already joins its record: `joined` counts these, `remarks` say why.

        Of a ZIP that is no whole export, each file in it that may be one of these is imported.

        A JSON file may also be the body itself, as `application/json`: so apps push what is new.

        Without a body, it begins an import of several files, a drop, and answers its `import_id`: send each file by
        PUT, then finish the import.
        """
        file = files["file"]
        return _import(file.stream, file.filename, form, query)


def _import(stream: BinaryIO, name: str, form: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Store what a file says for the one who is asking, or try to; raises Invalid where it cannot be read."""
    report = report_of(query)
    given = {**form, OWN_ZONE: own_time_zone()}
    take_turn()
    with refusing_unreadable():
        load_any(stream, name, report, given=given, actor=actor())
    return answer_of(report, ImportReportSchema)
