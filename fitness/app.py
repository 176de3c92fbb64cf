"""Create the Flask application: settings, pool, extensions, blueprints, error handlers; nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import orjson
from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask_cors import CORS
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from fitness import api, logs
from fitness.accounts import sessions
from fitness.config import Settings
from fitness.db import pool
from fitness.db.quotas import Quota
from fitness.errors import Packed, Unreadable
from fitness.web import (
    compression,
    dashboard,
    deadlines,
    docs,
    errors,
    log_position,
    rate_limits,
    security_headers,
    tracing,
)
from fitness.web.description import HEADERS, DescribedApi

LARGEST_BODY = 1024 * 1024
"""Largest request body in bytes; uploads have their own limit."""


class OrjsonProvider(JSONProvider):
    """JSON with orjson: rows as they are, instants in UTC with Z; NaN and lone surrogates are rejected."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return self._bytes(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        body = self._bytes(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(body, mimetype="application/json")  # pyright: ignore[reportArgumentType]

    @staticmethod
    def _bytes(obj: Any) -> bytes:
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class Application(Flask):
    """Flask for synchronous views only, which skips Flask's check for async functions at every call."""

    json_provider_class = OrjsonProvider

    def make_default_options_response(self) -> Response:
        """Return a response that allows the methods of the path that was asked for.

        Flask would add those of patterns that the path meets as well: of `/runs/<id>` for `/runs/details`.
        """
        asked = request.url_rule
        same = [rule for rule in self.url_map.iter_rules() if asked and rule.rule == asked.rule]
        return Response(headers={"Allow": ", ".join(sorted(set().union(*(rule.methods or () for rule in same))))})

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class VersionedPaths:
    """Middleware that serves paths without `/v1` (`/runs`) and with `/api` (`/api/runs`) as `/v1/…`."""

    def __init__(self, app: Flask) -> None:
        self.wsgi_app = app.wsgi_app
        self.nouns = {rule.rule.split("/")[2] for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"].removeprefix("/api")
        if path[1:].partition("/")[0] in self.nouns:
            environ["PATH_INFO"] = f"/v1{path}"
        return self.wsgi_app(environ, start_response)


def create_app(settings: Settings) -> Flask:
    """Create the application of a process. `settings.database_url` must be set and its database migrated."""
    app = Application("fitness", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        API_TITLE="fitness",
        API_VERSION=version("fitness"),
        OPENAPI_VERSION="3.1.0",
    )
    logs.register(app)
    sessions.jwt.init_app(app)
    api.register(DescribedApi(app))
    errors.register(app)
    rate_limits.register(app)
    security_headers.register(app)
    compression.register(app)
    log_position.register(app)
    app.before_request(_refuse_without_host)
    app.before_request(_refuse_null_bytes)
    app.before_request(_refuse_packed_bodies)
    app.register_blueprint(docs.blp)
    app.register_blueprint(dashboard.blp)
    if settings.metrics_token:
        from fitness.web import prometheus  # late, as the module says

        prometheus.register(app)
    tracing.register(app)
    if settings.cors_origins:
        exposed = [*HEADERS, "X-Request-ID"]
        origins = list(settings.cors_origins)
        # Pages of other origins may not read the dashboard's files.
        others = r"/(?!dashboard/)"
        CORS(app, resources=others, origins=origins, expose_headers=exposed, supports_credentials=False)
    app.wsgi_app = VersionedPaths(app)
    app.wsgi_app = deadlines.Deadlines(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
    configure(app, settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Apply settings to an application: configuration, logs, connection pool.

    Its CORS origins and trusted proxies do not change, nor whether it has metrics.
    """
    app.config.update(
        SETTINGS=settings,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ENCODE_AUDIENCE=settings.public_api_base_url,
        JWT_DECODE_AUDIENCE=settings.public_api_base_url,
        # So much the clocks of several servers may differ; when a token ends is checked without it.
        JWT_DECODE_LEEWAY=timedelta(minutes=1),
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.access_token_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=settings.refresh_token_days),
    )
    logs.configure(settings.log_level)
    pool.open_pool(
        settings.database_url or "",
        size=settings.db_pool_size,
        replica_url=settings.database_replica_url,
        quota=Quota(settings.quota_versions or None, settings.quota_bytes or None),
        **settings.of_pools,
    )


def _refuse_without_host() -> None:
    """Answer 400 to HTTP/1.1 without Host, as that asks for: addresses in answers would be those of the server inside.

    What no host can be is none either, as it would stand in such addresses.
    """
    environ = request.environ
    host = environ.get("HTTP_HOST")
    if host is None and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        raise Unreadable("The header Host is missing")
    if host and _NO_HOST.search(host):
        raise Unreadable("The header Host is not valid")


_NO_HOST = re.compile(r"[^\w.:\[\]-]", re.ASCII)


def _refuse_null_bytes() -> None:
    """Answer 404 for a null byte in the path: no id has one, and PostgreSQL text cannot hold one."""
    if "\0" in request.path:
        raise NotFound


def _refuse_packed_bodies() -> None:
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Packed
