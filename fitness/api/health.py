"""Whether the service works: for balancers and operators."""

from typing import Any

from flask.views import MethodView

from fitness.db import migrate
from fitness.db.connection import system_transaction
from fitness.errors import Unavailable
from fitness.schemas.health import DatabaseHealthSchema, HealthSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("health", __name__, url_prefix="/health", description="For balancers and operators", public=True)


@blp.route("")
class Health(MethodView):
    @blp.response(200, HealthSchema)
    def get(self) -> Any:
        """Tell whether the process answers"""
        return {"status": "ok"}


@blp.route("/db")
class DatabaseHealth(MethodView):
    @blp.response(200, DatabaseHealthSchema)
    def get(self) -> Any:
        """Tell whether the database answers with the newest schema

        503 when it is out of reach or its schema is another than the program's.
        """
        with system_transaction():
            revision = migrate.current()
        if revision != migrate.head():
            raise Unavailable(f"The schema is at {revision}, the program needs {migrate.head()}: run the migrations")
        return {"status": "ok", "revision": revision, "head": migrate.head()}
