"""Shoes: create, rename, retire, delete, merge, history, restore."""

from typing import Any

from flask.views import MethodView

from fitness.auth import actor
from fitness.db import shoes
from fitness.db.history import record_merges, versions
from fitness.db.shoes import SHOES, WornShoe
from fitness.db.shoes_merge import merge_shoe
from fitness.errors import found
from fitness.schemas.base import Line, RecordQuery, page_of
from fitness.schemas.shoes import (
    SHOE_ID,
    BulkShoeChangesSchema,
    MergeAnswerSchema,
    MergeSchema,
    NewShoeSchema,
    ShoeChangesSchema,
    ShoeFilters,
    ShoeSchema,
    ShoesQuery,
    ShoeVersionSchema,
)
from fitness.web.blueprint import IF_MATCH, Blueprint, etag_of, if_match, page, with_etag
from fitness.web.bulk import add_bulk
from fitness.web.history import add_history

blp = Blueprint("shoes", __name__, url_prefix="/shoes", description="Your shoes")


def _worn(shoe_id: str) -> WornShoe:
    return found(shoes.get_shoe_by_id(shoe_id, include_deleted=True), "Shoe")


@blp.route("")
class Shoes(MethodView):
    @blp.arguments(ShoesQuery, location="query")
    @blp.response(200, page_of(ShoeSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List shoes

        Sorted by name, with the mileage of each; all shoes in one page.
        """
        return page(shoes.get_shoes(**query), None)

    @blp.arguments(NewShoeSchema)
    @blp.response(201, ShoeSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, fields: dict[str, Any]) -> Any:
        """Add a shoe"""
        shoe = shoes.create_shoe(**fields, changed_by=actor())
        return _worn(shoe.id), 201, {**etag_of(shoe), "Location": f"/v1/shoes/{shoe.id}"}


@blp.route("/<shoe_id>")
class ShoeItem(MethodView):
    @blp.arguments(RecordQuery, location="query")
    @blp.response(200, ShoeSchema)
    def get(self, query: dict[str, Any], shoe_id: str) -> Any:
        """Read one shoe"""
        return with_etag(found(shoes.get_shoe_by_id(shoe_id, **query), "Shoe"))

    @blp.for_operator(True)
    @blp.arguments(ShoeChangesSchema)
    @blp.response(200, ShoeSchema)
    @blp.alt_response(409, "CONFLICT")
    @blp.doc(parameters=[IF_MATCH])
    def patch(self, changes: dict[str, Any], shoe_id: str) -> Any:
        """Rename, retire or annotate one shoe

        Only the fields you send change. A day in `retired_at` retires the shoe; null takes it back into use.
        """
        change = versions.Change(actor(), changes.pop("change_reason", None))
        versions.edit(SHOES, shoe_id, changes, change, if_tags=if_match())
        return with_etag(_worn(shoe_id))

    @blp.response(204)
    @blp.doc(parameters=[IF_MATCH])
    def delete(self, shoe_id: str) -> None:
        """Delete one shoe

        Its runs keep it; to undo the deletion, restore a version.
        """
        versions.delete(SHOES, shoe_id, versions.Change(actor()), if_tags=if_match())


@blp.route("/<shoe_id>/merge")
class ShoeMerge(MethodView):
    @blp.arguments(MergeSchema)
    @blp.response(200, MergeAnswerSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, body: dict[str, Any], shoe_id: str) -> Any:
        """Merge one shoe into another

        Moves its runs to the other shoe and deletes it. Later imports that name it use the other shoe. To undo the
        merge, revert its changeset. Sending it again answers the same and changes nothing.
        """
        changeset_id, moved = record_merges.merge_once(SHOES, shoe_id, body["into"], actor=actor(), merge=merge_shoe)
        return {"changeset_id": changeset_id, "moved": moved, "shoe": _worn(body["into"])}


add_bulk(
    blp,
    SHOES,
    id_field=Line(metadata=SHOE_ID),
    filters=ShoeFilters,
    changes=BulkShoeChangesSchema,
    example={"filters": {"retired": False}, "changes": {"retired_at": "2025-12-01"}},
    select=lambda filters: shoes.select_shoes(**filters),
)
add_history(blp, SHOES, schema=ShoeSchema, version_schema=ShoeVersionSchema, read=_worn)
