"""Your own account: profile, password, e-mail address, logout, deletion."""

from typing import Any

from flask import Response
from flask.views import MethodView

from fitness import auth
from fitness.accounts import by_mail, passwords, sessions
from fitness.accounts.confirmation import confirm_owner, refuse_unless_recent
from fitness.accounts.security_log import record
from fitness.db import api_tokens, users
from fitness.db.connection import system_transaction, transaction
from fitness.errors import Conflict, Invalid, found
from fitness.schemas.account import (
    ChangedPasswordSchema,
    EmailChangeSchema,
    LeavingSchema,
    NewPasswordSchema,
    OwnerSchema,
    PasswordChangeSchema,
)
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
        sessions.end_session(auth.user_id(), auth.session_id())
        record(auth.user_id(), "logout")
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
        space and your e-mail address), which needs a login of the last five minutes, or `POST /auth/confirm`.
        """
        if "current_password" in leaving:
            confirm_owner(auth.user_id(), auth.session_id(), leaving["current_password"])
        else:
            _confirm_by_email(leaving["confirmation"])
        with system_transaction():
            users.hold_session(auth.user_id(), auth.session_id())
            users.delete_account(auth.user_id())


def _confirm_by_email(confirmation: str) -> None:
    with transaction(auth.user_id()):
        email = found(users.get_user(), "User").email
        if confirmation.lower() != f"delete {email}".lower():
            raise Invalid("Not confirmed", errors={"confirmation": [f"Must be: delete {email}"]})
        refuse_unless_recent(auth.session_id())


blp.add_alias("/auth/me", Me)


@blp.route("/auth/password")
class Password(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(PasswordChangeSchema)
    @blp.response(200, ChangedPasswordSchema)
    @blp.alt_response(409, "CONFLICT")
    def put(self, change: dict[str, Any]) -> Any:
        """Change your password

        Ends all your other sessions. Personal access tokens stay valid, unless `revoke_tokens` is true. An account
        that has no password yet, as it was made by a Google login, gets one by `POST`.
        """
        former = confirm_owner(auth.user_id(), auth.session_id(), change.get("current_password"))
        return _set_password(change["new_password"], revoke_tokens=change["revoke_tokens"], former=former)

    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(NewPasswordSchema)
    @blp.response(200, ChangedPasswordSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, change: dict[str, Any]) -> Any:
        """Set your first password

        For an account made by a Google login. Needs a login of the last five minutes.
        """
        with transaction(auth.user_id()):
            if users.get_hashed_password() is not None:
                raise Conflict("This account has a password: change it by PUT")
            refuse_unless_recent(auth.session_id())
        return _set_password(change["new_password"], revoke_tokens=False, former=None)


def _set_password(new_password: str, *, revoke_tokens: bool, former: str | None) -> dict[str, int]:
    user_id = auth.user_id()
    with transaction(user_id):
        user = found(users.get_user(), "User")
    hashed_password = passwords.hash_new_password(new_password, user)
    with system_transaction():
        users.hold_session(user_id, auth.session_id())
        if found(users.get_credentials_of_user(user_id), "User").hashed_password != former:
            raise Conflict("The password was changed meanwhile")
        ended_sessions = passwords.set_password(
            user_id, hashed_password, "password_changed", kept_session=auth.session_id(), revoke_tokens=revoke_tokens
        )
        return {"ended_sessions": ended_sessions, "active_tokens": api_tokens.count_active_tokens(user_id)}


@blp.route("/auth/email")
class Email(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(EmailChangeSchema)
    @blp.response(200, UserSchema)
    @blp.alt_response(409, "CONFLICT")
    def put(self, change: dict[str, Any]) -> Any:
        """Change your e-mail address

        If the server sends mail, the new address gets a code to verify it, and the former one a notice.
        """
        user_id = auth.user_id()
        confirm_owner(user_id, auth.session_id(), change.get("current_password"))
        with transaction(user_id):
            former = found(users.get_user(), "User").email
        with system_transaction():
            users.hold_session(user_id, auth.session_id())
            record(user_id, "email_changed", change["email"])
            user = found(users.set_email(user_id, change["email"]), "User")
        by_mail.tell_former_address(user_id, former=former)
        by_mail.verify_later(user_id)
        return user


@blp.route("/auth/deactivate")
class Deactivate(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(OwnerSchema)
    @blp.response(204)
    def post(self, leaving: dict[str, Any]) -> None:
        """Deactivate your account

        You can no longer log in, and all your sessions and tokens end. Nothing is deleted; the operator can reactivate
        the account: then log in again, and make other tokens. Without `current_password` it needs a login of the last
        five minutes, or `POST /auth/confirm`.
        """
        if "current_password" in leaving:
            confirm_owner(auth.user_id(), auth.session_id(), leaving["current_password"])
        else:
            with transaction(auth.user_id()):
                refuse_unless_recent(auth.session_id())
        with system_transaction():
            users.hold_session(auth.user_id(), auth.session_id())
            sessions.deactivate(auth.user_id())
