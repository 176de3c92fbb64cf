"""The addresses of the API, for tests that try all of them."""

import re
from collections.abc import Iterator

from flask import Flask

PUBLIC = {
    "/v1/auth/signup",
    "/v1/auth/login",
    "/v1/auth/refresh",
    "/v1/auth/password/forgotten",
    "/v1/auth/password/reset",
    "/v1/auth/email/verify",
    "/v1/auth/passkeys/login/options",
    "/v1/auth/passkeys/login",
    "/v1/auth/google/login",
    "/v1/auth/google/callback",
    "/v1/auth/google/session",
    "/v1/oauth/<provider>/callback",
    "/v1/strava/webhook",
    "/v1/strava/webhook/<secret>",
    "/v1/health",
    "/v1/health/db",
    "/v1/openapi.json",
}
"""Rules that need no login."""

LOGIN_OPTIONAL = {
    ("POST", "/v1/auth/google/link"),  # with a session, or with the password
    *(  # the catalog of exercises is for everybody
        (method, f"/v1/exercises{path}")
        for method in ("GET", "HEAD")
        for path in ("", "/system", "/body-parts", "/modalities", "/<uuid:exercise_id>")
    ),
}
"""Methods and rules that need no login, but know one."""


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Yield each method, rule and path, with ids that nobody has, of all that needs a login or knows one."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/") and rule.rule not in PUBLIC:
            path = re.sub(r"<uuid:\w+>", "00000000-0000-4000-8000-000000000000", rule.rule)
            path = re.sub(r"<(string:)?\w+>", "x", re.sub(r"<int:\w+>", "1", path))
            for method in (rule.methods or set()) - {"OPTIONS"}:
                yield method, rule.rule, path
