"""Traces: spans of requests reach a collector, by route, without what a person sent."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fitness.config import Settings

pytest.importorskip("opentelemetry.sdk", reason="the packages of fitness[otel] are not installed")

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a collector on loopback has received; the environment names it."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield bodies
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, collected: list[bytes]) -> Settings:
    """After the collector is there, as the application looks for it when it is made."""
    return settings


@pytest.mark.own_app
def test_each_request_is_a_span_named_by_its_route(
    app: Flask, client: FlaskClient, alice, collected: list[bytes]
) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.get("/v1/runs/private", headers={**alice.headers, "traceparent": parent})
    client.get("/nowhere-private")
    provider = app.extensions["traces"]
    assert provider.force_flush()
    provider.shutdown()

    sent = b"".join(collected)
    (resource,) = [one for body in collected for one in ExportTraceServiceRequest.FromString(body).resource_spans]
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    assert spans.keys() == {"GET /v1/runs/<run_id>", "GET unknown"}
    of_run = spans["GET /v1/runs/<run_id>"]
    assert of_run.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert {one.key: one.value.int_value or one.value.string_value for one in of_run.attributes} == {
        "http.request.method": "GET",
        "http.route": "/v1/runs/<run_id>",
        "http.response.status_code": 404,
    }
    assert b"fitness" in sent
    assert b"private" not in sent
    assert b"alice" not in sent
