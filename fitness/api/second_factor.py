"""Your second factor: set up, confirm, switch off; and how your account is protected."""

from typing import Any

from flask.views import MethodView

from fitness import auth
from fitness.accounts import second_factor
from fitness.accounts.confirmation import refuse_unless_recent
from fitness.accounts.security_log import record
from fitness.db import second_factors, users
from fitness.db.connection import transaction
from fitness.errors import Conflict, found
from fitness.schemas.second_factor import (
    NewSecondFactorSchema,
    ProtectionSchema,
    RecoveryCodesSchema,
    SecondFactorSchema,
)
from fitness.web.blueprint import Blueprint

blp = Blueprint("second_factor", __name__, url_prefix="/auth", description="Your second factor")


@blp.route("/protection")
class Protection(MethodView):
    @blp.scope(None)
    @blp.untagged
    @blp.response(200, ProtectionSchema)
    def get(self) -> Any:
        """Read how your account is protected"""
        return found(second_factors.get_protection(auth.user_id()), "User")


@blp.route("/second-factor")
class SecondFactor(MethodView):
    @blp.scope(None)
    @blp.response(201, NewSecondFactorSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self) -> Any:
        """Begin to set up a second factor

        For an app that shows time-based codes (TOTP). It is on after `POST /auth/second-factor/confirm`. Needs a login
        of the last five minutes, or `POST /auth/confirm`.
        """
        refuse_unless_recent(auth.session_id())
        users.hold_session(auth.user_id(), auth.session_id())
        email = found(users.get_user(), "User").email
        secret, uri = second_factor.begin(auth.user_id(), email)
        return {"secret": secret, "uri": uri}

    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(SecondFactorSchema)
    @blp.response(204)
    @blp.alt_response(409, "CONFLICT")
    def delete(self, body: dict[str, Any]) -> None:
        """Switch the second factor off

        Needs a code of it, or a recovery code, and a login of the last five minutes, or `POST /auth/confirm`.
        """
        with transaction(auth.user_id()):
            refuse_unless_recent(auth.session_id())
            _require_one()
        second_factor.check_in_session(auth.user_id(), body["second_factor"])
        with transaction(auth.user_id()):
            users.hold_session(auth.user_id(), auth.session_id())
            second_factors.delete_second_factor(auth.user_id())
            record(auth.user_id(), "second_factor_off")


@blp.route("/second-factor/confirm")
class SecondFactorConfirmation(MethodView):
    @blp.scope(None)
    @blp.own_transactions
    @blp.arguments(SecondFactorSchema)
    @blp.response(200, RecoveryCodesSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self, body: dict[str, Any]) -> Any:
        """Switch the second factor on

        With a code that the app shows. The recovery codes are shown only in this response.
        """
        return {"recovery_codes": second_factor.confirm(auth.user_id(), auth.session_id(), body["second_factor"])}


@blp.route("/second-factor/recovery-codes")
class RecoveryCodes(MethodView):
    @blp.scope(None)
    @blp.response(200, RecoveryCodesSchema)
    @blp.alt_response(409, "CONFLICT")
    def post(self) -> Any:
        """Make new recovery codes

        Those of before stop working. Needs a login of the last five minutes, or `POST /auth/confirm`.
        """
        refuse_unless_recent(auth.session_id())
        users.hold_session(auth.user_id(), auth.session_id())
        _require_one()
        return {"recovery_codes": second_factor.make_recovery_codes(auth.user_id())}


def _require_one() -> None:
    if not second_factor.is_on(auth.user_id()):
        raise Conflict("There is no second factor")
