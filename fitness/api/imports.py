"""Imports of files of any kind that is read: of one, or of a drop of several."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from fitness.api.drops import drop_answer
from fitness.auth import own_time_zone
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.schemas.drops import DropSchema
from fitness.schemas.imports import ImportFormSchema, ImportReportSchema, UploadQuery, UploadSchema
from fitness.sync import drops
from fitness.sync.files import answers_or_questions
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import allow_uploads, answer_of, import_file, refusing_unreadable, report_of

blp = Blueprint("imports", __name__, url_prefix="/imports", description="Imports of files of any kind")
allow_uploads(blp)


def _or_begin_drop(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let a request without a body begin a drop."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        if request.content_length or request.mimetype:
            return view(*args, **kwargs)
        response = jsonify(drop_answer(drops.begin_drop()))
        response.status_code = 201
        return response

    return run


@blp.route("")
class Imports(MethodView):
    @blp.can_wait
    @blp.scope("import")
    @_or_begin_drop
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

        Without a body, it begins an import of several files, a drop, and answers its `import_id`: send each file by
        PUT, then finish the import.
        """
        file = files["file"]
        with refusing_unreadable():
            reader = recognise(file.stream)
            given = {**form, "timezone": form.get("timezone") or own_time_zone()}
            found = answers_or_questions(reader, file.stream, given)
        report = report_of(reader, file, query)
        if isinstance(found, Answers):
            import_file(reader, file, found, report)
        else:
            report.questions += [question.fields() for question in found]
        return answer_of(report, ImportReportSchema)
