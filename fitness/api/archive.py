"""Export all data of an account, and import it into an empty account."""

import logging
import tempfile
from datetime import UTC, datetime
from typing import Any

from flask import Response, send_file
from flask.views import MethodView

from fitness import auth
from fitness.accounts.archive import load, write
from fitness.accounts.confirmation import refuse_unless_recent
from fitness.accounts.security_log import record
from fitness.db.connection import transaction
from fitness.db.statements import ReadOnly
from fitness.db.turns import take_turn
from fitness.schemas.archive import ArchiveReportSchema
from fitness.schemas.imports import UploadQuery, UploadSchema
from fitness.web.blueprint import Blueprint
from fitness.web.uploads import allow_uploads, refusing_unreadable

logger = logging.getLogger(__name__)

blp = Blueprint("archive", __name__, url_prefix="/users/me", description="Export and import all your data")
allow_uploads(blp)


@blp.route("/export")
class Export(MethodView):
    @blp.for_operator(False)
    @blp.own_transactions
    @blp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
    def get(self) -> Response:
        """Export all your data

        Returns a ZIP archive. `data/` holds all your rows as JSON lines, history included, without secrets;
        `manifest.json` holds their SHA-256. The CSV files are for spreadsheets. `POST /users/me/import` reads the
        archive. In a session it needs a login of the last five minutes, or `POST /auth/confirm`.
        """
        # Write to a file first: otherwise a slow download would hold a database connection until its end.
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
        try:
            if auth.has_session():
                _permit()
            with transaction(auth.user_id(), consistent=True):
                take_turn()
                write(file)
        except BaseException:
            file.close()
            raise
        size = file.tell()
        file.seek(0)
        name = f"fitness-{datetime.now(UTC):%Y-%m-%d}.zip"
        response = send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)
        response.content_length = size
        return response


def _permit() -> None:
    """Refuse an export unless the session was confirmed recently, and record it, if the database takes changes."""
    try:
        with transaction(auth.user_id()):
            refuse_unless_recent(auth.session_id())
            record(auth.user_id(), "data_exported")
    except ReadOnly:
        logger.warning("account %s is exported; its security log takes no changes now", auth.user_id())


@blp.route("/import")
class Import(MethodView):
    @blp.scope("import")
    @blp.own_transactions
    @blp.arguments(UploadSchema, location="files")
    @blp.arguments(UploadQuery, location="query")
    @blp.response(200, ArchiveReportSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, files: dict[str, Any], query: dict[str, Any]) -> Any:
        """Import all your data

        Imports an archive from `GET /users/me/export`, of this or another server, into an account without data. Rows
        keep their ids, versions and times, changesets their numbers. The e-mail address, username and password of the
        account stay as they are. Either everything is imported or nothing.
        """
        with refusing_unreadable():
            manifest = load(files["file"].stream, user_id=auth.user_id(), dry_run=query["dry_run"])
        return {"dry_run": query["dry_run"], "sha256": manifest.sha256, "tables": manifest.tables}
