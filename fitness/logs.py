"""Structured logs: one JSON line per event, one event per request; never a body, query or header."""

import logging
import random
import re
import sys
import time
from datetime import UTC, datetime

import orjson
import psycopg
from flask import Flask, Response, g, has_request_context, request

logger = logging.getLogger("fitness.requests")

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}\Z")


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON; `extra={"fields": {...}}` adds fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if has_request_context():
            line["request_id"] = g.get("request_id")
        if record.exc_info:
            line["exception"] = _without_rows(self.formatException(record.exc_info), record.exc_info[1])
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()


def _without_rows(text: str, error: BaseException | None) -> str:
    """Remove the row that PostgreSQL quotes in an error, as it may hold personal data or hashed passwords."""
    while error is not None:
        if isinstance(error, psycopg.Error) and error.diag.message_detail:
            text = text.replace(error.diag.message_detail, "(left out)")
        error = error.__cause__ or error.__context__
    return text


def configure(level: str) -> None:
    """Send this process's logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # The lines do not include this information, so do not collect it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue] - the documented way
    # These loggers log every request to a provider, including URLs with secrets.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def register(app: Flask) -> None:
    """Give each request an id (the client's `X-Request-ID` if valid), send it in the response, and log the request."""

    @app.before_request
    def start() -> None:
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        g.request_id = given if _REQUEST_ID.match(given) else f"{random.getrandbits(64):016x}"
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        asker = g.get("asker")
        fields = {
            "method": request.method,
            "path": _path(),
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - g.started) * 1000, 2),
            "user_id": asker and asker.user_id,
            "address": request.remote_addr,
        }
        logger.info("request", extra={"fields": fields})
        return response


def _path() -> str:
    """Return the path of the request, without a secret at its end."""
    secret = (request.view_args or {}).get("secret")
    return request.path.removesuffix(secret) + "…" if secret else request.path
