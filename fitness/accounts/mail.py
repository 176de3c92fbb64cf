"""Send mail by the operator's SMTP server, in a thread of its own.

No request waits for it or fails with it, and no answer takes longer because an address has an account.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

from fitness.config import Settings

TIMEOUT_SECONDS = 15

logger = logging.getLogger(__name__)
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def sends_mail(settings: Settings) -> bool:
    """Return whether the operator has set up a mail server."""
    return settings.smtp_host is not None


def later(work: Callable[..., None], *args: Any) -> None:
    """Run what looks up and sends mails after this request; what fails is logged."""
    _thread.submit(_run, work, *args)


def _run(work: Callable[..., None], *args: Any) -> None:
    try:
        work(*args)
    except (OSError, smtplib.SMTPException) as error:
        # Without the text of the error, which may name the address.
        logger.error("mail not sent: %s", type(error).__name__)
    except Exception:
        logger.exception("mail not sent")


def send(settings: Settings, *, to: str, subject: str, text: str) -> None:
    """Send a mail; raises OSError, SMTPException, and ValueError for an address that no header can have."""
    assert settings.smtp_host is not None
    assert settings.mail_from is not None
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
    with server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_username and settings.smtp_password:
            server.login(settings.smtp_username, settings.smtp_password)
        server.send_message(message)
