"""What your account has stored, and what it may store."""

from typing import Any

from flask.views import MethodView

from fitness.db.usage import get_room
from fitness.schemas.usage import UsageSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("usage", __name__, url_prefix="/users/me", description="What your account has stored")


@blp.route("/usage")
class Usage(MethodView):
    @blp.untagged
    @blp.response(200, UsageSchema)
    def get(self) -> Any:
        """Read what you have stored

        Each record is a version, and each edit of one. Bytes are those of versions as text, of the points of activities
        and of the files they came in. What would exceed a quota of the server is refused with 409;
        reading, exporting and deleting always work. Deleted records keep their versions, so that they can be restored.
        """
        return get_room()
