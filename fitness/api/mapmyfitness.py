"""Uploads of MapMyFitness exports."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, request
from flask.views import MethodView

from fitness.api.blueprint import Blueprint
from fitness.auth import actor, time_zone
from fitness.errors import Invalid
from fitness.providers import mapmyfitness
from fitness.providers.records import UnreadableFile
from fitness.schemas.imports import ReportSchema, UploadFormSchema, UploadQuery, UploadSchema
from fitness.sync.load import load_runs

blp = Blueprint("mmf", __name__, url_prefix="/mmf", description="Imports from MapMyFitness")


@blp.before_request
def allow_uploads() -> None:
    request.max_content_length = current_app.config["SETTINGS"].max_upload_bytes


@blp.route("/upload-csv")
class UploadCsv(MethodView):
    @blp.arguments(UploadSchema, location="files")
    @blp.arguments(UploadFormSchema, location="form")
    @blp.arguments(UploadQuery, location="query")
    @blp.response(200, ReportSchema)
    def post(self, files: dict[str, Any], form: dict[str, Any], query: dict[str, Any]) -> Any:
        """Import a MapMyFitness export

        The CSV file of the workout history. Runs go in, once each, with the shoes that their notes name; other
        workouts are counted as skipped, and rows that cannot be read are listed. The file knows days and no times:
        a run is stored at noon of its day.
        """
        zone = ZoneInfo(form.get("timezone", time_zone()))
        try:
            records = mapmyfitness.parse(files["file"].stream, zone)
            return load_runs(records, source="MapMyFitness", actor=actor(), dry_run=query["dry_run"])
        except UnreadableFile as error:
            raise Invalid(str(error), errors={"file": [str(error)]}) from error
