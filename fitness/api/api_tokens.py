"""Personal access tokens: create, list, revoke. These calls need a login; a personal access token is refused."""

from dataclasses import asdict
from typing import Any

from flask.views import MethodView

from fitness import auth
from fitness.accounts.api_tokens import create_api_token
from fitness.accounts.confirmation import refuse_unless_recent
from fitness.accounts.security_log import record
from fitness.db import api_tokens, users
from fitness.errors import found
from fitness.schemas.api_tokens import ApiTokenSchema, MadeApiTokenSchema, NewApiTokenSchema
from fitness.schemas.base import PageQuery, page_of
from fitness.web.blueprint import Blueprint, numbered_list

blp = Blueprint(
    "tokens", __name__, url_prefix="/auth/tokens", description="Personal access tokens for scripts and apps"
)


@blp.route("")
class ApiTokens(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(ApiTokenSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List your personal access tokens

        Newest first, including revoked and expired tokens.
        """
        return numbered_list(query, "id", api_tokens.list_api_tokens)

    @blp.scope(None)
    @blp.arguments(NewApiTokenSchema)
    @blp.response(201, MadeApiTokenSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, token: dict[str, Any]) -> Any:
        """Create a personal access token

        The token is shown only in this response. It works for every call that its scopes allow until it expires or is
        revoked, except for calls on the account itself: tokens, password, e-mail address, logout, deactivation,
        deletion. Needs a login of the last five minutes, or `POST /auth/confirm`. 409 if you have a thousand.
        """
        refuse_unless_recent(auth.session_id())
        users.hold_session(auth.user_id(), auth.session_id())
        made, secret = create_api_token(**{**token, "scopes": sorted(set(token["scopes"]))})
        record(auth.user_id(), "token_created", made.name)
        return {**asdict(made), "token": secret}


@blp.route("/<int:token_id>")
class ApiTokenItem(MethodView):
    @blp.scope(None)
    @blp.response(204)
    def delete(self, token_id: int) -> None:
        """Revoke a personal access token

        The token stops working at once.
        """
        record(auth.user_id(), "token_revoked", found(api_tokens.revoke_api_token(token_id), "Token"))
