"""Imports of files of any kind that is read."""

from typing import Any

from flask.views import MethodView

from fitness.readers.reader import Answers, Question
from fitness.readers.recognition import recognise
from fitness.schemas.imports import ImportFormSchema, ImportReportSchema, UploadQuery, UploadSchema
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import (
    WHICH_ZONE,
    allow_uploads,
    answer_of,
    import_file,
    refusing_unreadable,
    report_of,
    zone_of,
)

blp = Blueprint("imports", __name__, url_prefix="/imports", description="Imports of files of any kind")
allow_uploads(blp)


@blp.route("")
class Imports(MethodView):
    @blp.can_wait
    @blp.scope("import")
    @blp.arguments(UploadSchema, location="files")
    @blp.arguments(ImportFormSchema, location="form")
    @blp.arguments(UploadQuery, location="query")
    @blp.response(200, ImportReportSchema)
    def post(self, files: dict[str, Any], form: dict[str, Any], query: dict[str, Any]) -> Any:
        """Import a file

        Of any kind that is read: Strava's archive or its activities.csv, MapMyFitness's workout history, Hevy's export,
        a plan in the columns of TrainingPeaks, a recorded activity as FIT, GPX or TCX, each also packed by gzip. What
        it is is found out by what it holds, and the answer is that of the import of its kind. Where something must be
        known first, such as the zone of its times, nothing is stored, and `questions` asks it: send the file again with
        the answer.
        """
        file = files["file"]
        with refusing_unreadable():
            reader = recognise(file.stream)
            asked = reader.questions(file.stream)
        zone = zone_of(reader, form.get("timezone"))
        report = report_of(reader, file, query)
        report.questions += [question.fields() for question in asked if question.field not in form]
        if zone is None:
            report.questions.append(Question("timezone", WHICH_ZONE, (), ()).fields())
        elif not report.questions:
            file.stream.seek(0)
            import_file(
                reader,
                file,
                Answers(zone, form.get("weight_unit"), form.get("distance_unit"), form.get("mapping")),
                report,
            )
        return answer_of(report, ImportReportSchema)
