"""The routes that say where a record comes from, and take sources out of it."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db import record_sources
from fitness.db.history import reading
from fitness.db.history.versioned import Versioned
from fitness.errors import found
from fitness.schemas.record_sources import RecordSourcesSchema, SeparatedSchema, SeparationSchema
from fitness.sync.separating import separate
from fitness.web.blueprint import Blueprint
from fitness.web.history import item_path


def add_sources(blp: Blueprint, kind: Versioned[Any, Any]) -> None:
    """Add `/<id>/sources` and `/<id>/separate`."""
    noun = kind.noun.lower()
    item = item_path(kind)

    @blp.route(f"{item}/sources", endpoint=f"{noun}_sources")
    class Sources(MethodView):
        @blp.response(200, RecordSourcesSchema)
        @blp.doc(
            summary=f"List where a {noun} comes from",
            description=f"""The files and accounts that joined in it, the oldest first, and why; those of reverted
imports are left out. `apart` are the {noun}s that it is not: separated from it, or declined as duplicates.""",
        )
        def get(self, **path: Any) -> Any:
            id = path[kind.key]
            found(reading.latest_version_number(kind, id), kind.noun)
            return {"items": record_sources.list_sources(kind, id), "apart": record_sources.list_apart(kind, id)}

    @blp.route(f"{item}/separate", endpoint=f"{noun}_separate")
    class Separate(MethodView):
        @blp.arguments(SeparationSchema)
        @blp.response(200, SeparatedSchema)
        @blp.alt_response(409, "CONFLICT")
        @blp.doc(
            summary=f"Take sources out of a {noun}",
            description=f"""They become a {noun} of their own, with what they say, and never join this one again:
neither by their next import or sync, nor after a revert. The {noun} stays with the source that it was made of, and with
what you edited. It is a changeset: revert it, and they are one {noun} again. Repeating the call changes nothing.""",
        )
        def post(self, body: dict[str, Any], **path: Any) -> Any:
            return separate(kind, path[kind.key], body["keys"], actor=actor())
