"""Your own account: profile, password, e-mail address, logout, deletion."""

from typing import Any

from flask import Response
from flask.views import MethodView

from fitness import auth
from fitness.accounts import passwords, sessions
from fitness.accounts.confirmation import confirm_password
from fitness.db import refresh_tokens, users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import Invalid, found
from fitness.schemas.account import CurrentPasswordSchema, EmailChangeSchema, LeavingSchema, PasswordChangeSchema
from fitness.schemas.auth import ProfileChangesSchema, UserSchema
from fitness.web import session_cookie
from fitness.web.blueprint import Blueprint

blp = Blueprint("me", __name__, url_prefix="", description="Your own account")


@blp.route("/auth/logout")
class Logout(MethodView):
    @blp.scope(None)
    @blp.response(204)
    def post(self) -> Any:
        """Log out

        Ends the session at once: its access and refresh tokens no longer work.
        """
        sessions.end_session(auth.session_id())
        response = Response(status=204)
        session_cookie.forget(response)
        return response


@blp.route("/users/me")
class Me(MethodView):
    @blp.untagged
    @blp.response(200, UserSchema)
    def get(self) -> Any:
        """Read your account"""
        return found(users.get_user(), "User")

    @blp.arguments(ProfileChangesSchema)
    @blp.response(200, UserSchema)
    @blp.alt_response(409, "CONFLICT")
    def patch(self, changes: dict[str, Any]) -> Any:
        """Change your account

        Only the fields you send change; null clears a field.
        """
        if not changes:
            raise Invalid("Send at least one field to change", errors={})
        return found(users.update_user(changes), "User")

    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(LeavingSchema)
    @blp.response(204)
    def delete(self, leaving: dict[str, Any]) -> None:
        """Delete your account

        Deletes all your data, history included, at once and permanently. The only way to get it back is to import an
        archive from `GET /users/me/export`. Send either `current_password` or `confirmation` (the word "delete", a
        space and your e-mail address).
        """
        if "current_password" in leaving:
            confirm_password(auth.user_id(), leaving["current_password"])
        else:
            _confirm_by_email(leaving["confirmation"])
        with system_transaction():
            users.delete_account(auth.user_id())


def _confirm_by_email(confirmation: str) -> None:
    with transaction(auth.user_id()):
        email = found(users.get_user(), "User").email
    if confirmation.lower() != f"delete {email}".lower():
        raise Invalid("Not confirmed", errors={"confirmation": [f"Must be: delete {email}"]})


blp.add_alias("/auth/me", Me)


@blp.route("/auth/password")
class Password(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(PasswordChangeSchema)
    @blp.response(204)
    def put(self, change: dict[str, Any]) -> None:
        """Change your password

        Ends all your other sessions. Personal access tokens stay valid: revoke those that you do not trust.
        """
        confirm_password(auth.user_id(), change["current_password"])
        with transaction(auth.user_id()):
            user = found(users.get_user(), "User")
        passwords.refuse_easy(change["new_password"], user.email, user.username, user.name, field="new_password")
        hashed_password = passwords.hash_password(change["new_password"])
        with system_transaction():
            users.set_password(auth.user_id(), hashed_password)
            refresh_tokens.revoke_other_families(auth.user_id(), kept=auth.session_id())


@blp.route("/auth/email")
class Email(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(EmailChangeSchema)
    @blp.response(200, UserSchema)
    @blp.alt_response(409, "CONFLICT")
    def put(self, change: dict[str, Any]) -> Any:
        """Change your e-mail address"""
        confirm_password(auth.user_id(), change["current_password"])
        with system_transaction():
            return found(users.set_email(auth.user_id(), change["email"]), "User")


@blp.route("/auth/deactivate")
class Deactivate(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(CurrentPasswordSchema)
    @blp.response(204)
    def post(self, confirmation: dict[str, Any]) -> None:
        """Deactivate your account

        You can no longer log in and all your tokens stop working. Nothing is deleted; the operator can reactivate the
        account.
        """
        confirm_password(auth.user_id(), confirmation["current_password"])
        with system_transaction():
            users.set_active(auth.user_id(), False)
