"""Health checks for load balancers and operators."""

from typing import Any

from flask import current_app
from flask.views import MethodView

from fitness.accounts.mail import sends_mail
from fitness.accounts.passkeys import site_of
from fitness.db import migrate
from fitness.db.connection import system_transaction
from fitness.db.pool import is_reachable
from fitness.errors import Unavailable
from fitness.schemas.health import DatabaseHealthSchema, HealthSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("health", __name__, url_prefix="/health", description="For load balancers and operators", public=True)


@blp.route("")
class Health(MethodView):
    @blp.response(200, HealthSchema)
    def get(self) -> Any:
        """Check that the process responds, and see which server this is

        200 while the database cannot be reached, too, as starting this process again would not help; load balancers
        ask `/health/db`.
        """
        settings = current_app.config["SETTINGS"]
        site = site_of(settings)
        return {
            "status": "ok",
            "database": "ok" if is_reachable() else "unreachable",
            "environment": settings.env,
            "version": current_app.config["API_VERSION"],
            "sign_up": settings.sign_up,
            "sends_mail": sends_mail(settings),
            "google_login": settings.google_client_id is not None,
            "passkey_origin": site and site.origin,
        }


@blp.route("/db")
class DatabaseHealth(MethodView):
    @blp.response(200, DatabaseHealthSchema)
    def get(self) -> Any:
        """Check that the database responds with the current schema

        Returns 503 if the database cannot be reached or its schema does not match the program.
        """
        with system_transaction():
            revision = migrate.current()
        if revision != migrate.head():
            raise Unavailable(migrate.advice(revision))
        return {"status": "ok", "revision": revision, "head": migrate.head()}
