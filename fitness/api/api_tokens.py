"""Personal access tokens: make, list, revoke. One of them does not do for any of that."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from fitness.accounts.api_tokens import create_api_token
from fitness.db import api_tokens
from fitness.errors import NotFound
from fitness.schemas.api_tokens import ApiTokenSchema, MadeApiTokenSchema, NewApiTokenSchema
from fitness.schemas.base import PageQuery, page_of
from fitness.web.blueprint import Blueprint, numbered_page

blp = Blueprint("tokens", __name__, url_prefix="/auth/tokens", description="Tokens for programs that act for you")


@blp.route("")
class ApiTokens(MethodView):
    @blp.scope(None)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(ApiTokenSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List your personal access tokens

        Newest first, those that are revoked or have expired too.
        """
        return numbered_page(query, "id", lambda limit, before: api_tokens.list_api_tokens(limit=limit, before=before))

    @blp.scope(None)
    @blp.arguments(NewApiTokenSchema)
    @blp.response(201, MadeApiTokenSchema)
    def post(self, token: dict[str, Any]) -> Any:
        """Make a personal access token

        The answer alone shows it. It is good wherever its scopes reach, until it expires or is revoked, but for what
        concerns the account itself: tokens, password, e-mail address, logging out, leaving.
        """
        made, secret = create_api_token(**{**token, "scopes": sorted(set(token["scopes"]))})
        return {**asdict(made), "token": secret}


@blp.route("/<int:token_id>")
class ApiTokenItem(MethodView):
    @blp.scope(None)
    @blp.response(204)
    def delete(self, token_id: int) -> None:
        """Revoke a personal access token

        It is refused from now on.
        """
        if not api_tokens.revoke_api_token(token_id):
            raise NotFound("Token not found")
