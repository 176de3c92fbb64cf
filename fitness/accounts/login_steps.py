"""What a browser sends back during a login (a state, a code, a challenge): once, within minutes, from that browser.

Only digests are stored. The browser is a secret in its cookie, or its session.
"""

from datetime import timedelta
from typing import Any

from fitness.connections.encryption import digest
from fitness.db import login_steps
from fitness.db.connection import system_transaction
from fitness.db.login_steps import Purpose
from fitness.errors import invalid_field

TRY_AGAIN = "Expired, already used, or from another browser: begin again"


def begin(step: str, purpose: Purpose, browser: str, *, seconds: int, content: dict[str, Any] | None = None) -> None:
    """Let the browser send the secret `step` back once within the time; `content` is what is needed then."""
    # By the clock of the database, which says when it is over, as that of this machine may be a minute wrong.
    lasts = timedelta(seconds=seconds)
    with system_transaction():
        login_steps.create_step(
            digest(step), purpose=purpose, browser_hash=digest(browser), lasts=lasts, content=content or {}
        )


def use(step: str, purpose: Purpose, browser: str, *, field: str) -> dict[str, Any]:
    """Return the content of a step, which does not work again.

    Raises Invalid at `field` if it is forged, expired, used, from another browser or for another purpose.
    """
    with system_transaction():
        kept = login_steps.use_step(digest(step), purpose=purpose, browser_hash=digest(browser))
    if kept is None:
        raise invalid_field(field, TRY_AGAIN)
    return kept.content
