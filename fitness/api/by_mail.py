"""Verify an e-mail address, and set another password, by codes that are sent by mail."""

from typing import Any

from flask.views import MethodView

from fitness import auth
from fitness.accounts import by_mail
from fitness.schemas.by_mail import ForgottenPasswordSchema, MailedCodeSchema, PasswordResetSchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("by_mail", __name__, url_prefix="/auth", description="Codes that are sent by mail", public=True)
own_blp = Blueprint("own_mail", __name__, url_prefix="/auth", description="Your e-mail address")


@blp.route("/password/forgotten")
class ForgottenPassword(MethodView):
    @blp.arguments(ForgottenPasswordSchema)
    @blp.response(204)
    @blp.alt_response(409, "CONFLICT")
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, Any]) -> None:
        """Ask for a code to set another password

        If the address has an account, a mail with a code is sent to it. The answer does not say whether it has one. 409
        if the server sends no mail (`sends_mail` of `GET /health`).
        """
        by_mail.ask_for_reset(body["email"])


@blp.route("/password/reset")
class PasswordReset(MethodView):
    @blp.arguments(PasswordResetSchema)
    @blp.response(204)
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, Any]) -> None:
        """Set another password by a code

        A code works once, within an hour. All sessions end. Personal access tokens stay valid, unless `revoke_tokens`
        is true, or the address was not verified before: then somebody else may have made the account.
        """
        by_mail.reset_password(body["code"], body["new_password"], revoke_tokens=body["revoke_tokens"])


@blp.route("/email/verify")
class EmailVerification(MethodView):
    @blp.arguments(MailedCodeSchema)
    @blp.response(204)
    @blp.alt_response(429, "TOO_MANY_REQUESTS")
    def post(self, body: dict[str, Any]) -> None:
        """Verify an e-mail address by a code

        A code works once, within three days. It is sent after a sign-up and after a change of the address.
        """
        by_mail.verify(body["code"])


@own_blp.route("/email/verification")
class OwnVerification(MethodView):
    @own_blp.scope(None)
    @own_blp.own_transactions
    @own_blp.response(204)
    @own_blp.alt_response(409, "CONFLICT")
    def post(self) -> None:
        """Ask for another code to verify your e-mail address

        Codes that were sent before stop working. 409 if the server sends no mail.
        """
        by_mail.ask_for_verification(auth.user_id())
