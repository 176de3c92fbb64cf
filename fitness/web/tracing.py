"""Traces for OpenTelemetry: one span per request, sent where the variables OTEL_EXPORTER_OTLP_… say.

A span names the route and never the path or the query, which may hold secrets and ids.
"""

import logging
import os
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

logger = logging.getLogger(__name__)

VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def register(app: Flask) -> None:
    """Trace each request, if the environment names a collector and the packages of `fitness[otel]` are there."""
    if not any(os.environ.get(name) for name in VARIABLES):
        return
    try:
        provider = _provider()
    except ModuleNotFoundError:
        logger.warning("traces are not sent: install the packages of fitness[otel]")
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    tracer = provider.get_tracer("fitness")
    app.extensions["traces"] = provider

    @app.before_request
    def start() -> None:
        g.span = tracer.start_span("request", extract(request.headers), SpanKind.SERVER)

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        g.span.update_name(f"{request.method} {route}")
        g.span.set_attribute("http.request.method", request.method)
        g.span.set_attribute("http.route", route)
        g.span.set_attribute("http.response.status_code", response.status_code)
        g.span.end()
        return response


def _provider() -> "TracerProvider":
    """Return what sends spans in batches, from a thread of this process, and the rest when the process ends."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(
        resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "fitness")})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
