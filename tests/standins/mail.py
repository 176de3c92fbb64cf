"""A mail server on loopback that keeps what it is sent."""

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Inbox:
    """Mails that a server has taken, each with its recipients, and what was said at its door."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.logins: list[tuple[str, str]] = []
        self.port = 0
        self._transports: list[asyncio.Transport] = []

    async def handle_EHLO(  # noqa: N802 - named by aiosmtpd
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._transports.append(server.transport)
        return responses

    async def hang_up(self) -> None:
        """End the connections that clients have left open, or are about to close."""
        for transport in self._transports:
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)  # the loop closes them

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - named by aiosmtpd
        message = cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default))
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    @property
    def settings(self) -> dict[str, Any]:
        return {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none", "mail_from": "log@mine.net"}

    def codes(self) -> list[str]:
        """Return the codes in all mails, the oldest first."""
        found = [re.search(r"_code=([\w-]+)", message.get_content()) for _, message in self.mails]
        return [match[1] for match in found if match]

    def page_for(self, recipient: str, name: str, seconds: float = 30) -> str:
        """Wait for a mail to somebody with a page of this name, and return the page's address."""
        deadline = time.monotonic() + seconds
        while True:
            for recipients, message in reversed(self.mails):
                page = re.search(rf"\S+#{name}=\S+", message.get_content())
                if page and recipient in recipients:
                    return page[0]
            assert time.monotonic() < deadline, f"no {name} came to {recipient}"
            time.sleep(0.01)


@contextmanager
def mail_server() -> Iterator[Inbox]:
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=inbox.authenticate,
        auth_require_tls=False,
        decode_data=False,
    )
    controller.start()
    inbox.port = port
    yield inbox
    asyncio.run_coroutine_threadsafe(inbox.hang_up(), controller.loop).result()
    controller.stop()
