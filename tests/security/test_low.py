"""What is small by itself: headers, hosts, names, spreadsheets, settings, sessions."""

import csv
import dataclasses
import io

import jwt
import pytest

from fitness.app import create_app
from fitness.config import ConfigError, load_settings
from fitness.db import pool
from tests.archives import export, files_of

HTTPS = "https://log.example.com"
PATHS = ["/v1/health", "/v1/runs", "/v1/openapi.json", "/docs/", "/dashboard/", "/nothing", "/v1/users/me"]


# Headers


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_tells_browsers_what_not_to_do(client, path):
    headers = client.get(path, buffered=True).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert "Strict-Transport-Security" not in headers


def test_what_is_personal_is_stored_nowhere(client, alice, make_run):
    run = make_run(alice)

    for path in ("/v1/users/me", "/v1/runs", f"/v1/runs/{run.id}", "/v1/users/me/export", "/v1/runs/nobodys"):
        assert client.get(path, headers=alice.headers, buffered=True).headers["Cache-Control"] == "no-store"


def test_behind_tls_browsers_stay_there(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], public_api_base_url=HTTPS))

    assert client.get("/v1/health").headers["Strict-Transport-Security"] == "max-age=31536000"


# Hosts


@pytest.mark.parametrize("path", ["//runs", "/docs", "/dashboard", "//v1//health"])
def test_no_redirect_leads_to_the_host_that_a_request_names(wire, path):
    answer = wire.ask(f"GET {path} HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n".encode())

    location = answer.headers.get("location", "/")
    assert location.startswith("/") and not location.startswith("//")
    assert b"evil" not in answer.body


def test_with_trusted_hosts_others_are_refused(settings):
    app = create_app(dataclasses.replace(settings, trusted_hosts=("log.example.com", ".mine.net")))
    client = app.test_client()
    statuses = {
        host: client.get("/v1/health", headers={"Host": host}).status_code
        for host in ("log.example.com", "log.example.com:8000", "a.mine.net", "evil.example.com", "mine.net.evil.com")
    }
    refused = client.get("/v1/health", headers={"Host": "evil.example.com"})
    pool.close_pool()

    assert list(statuses.values()) == [200, 200, 200, 400, 400]
    assert "detail" in refused.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGINS", "https://*.example.com"),
        ("CORS_ORIGINS", "https://example.*"),
        ("TRUSTED_HOSTS", "https://log.example.com"),
        ("TRUSTED_HOSTS", "log.example.com:8000"),
        ("TRUSTED_HOSTS", "*"),
    ],
)
def test_a_pattern_is_no_origin_and_no_host(tmp_path, name, value):
    with pytest.raises(ConfigError, match=name):
        load_settings({"FITNESS_DATA_DIR": str(tmp_path), name: value})


# Names and pictures


@pytest.mark.parametrize("name", ["Ada\x1b[2J", "Ada\nroot", "A\u202eda", "Ada\x7f\x00"])
def test_a_name_steers_no_terminal(client, alice, name):
    answer = client.patch("/v1/users/me", json={"name": name}, headers=alice.headers)

    assert answer.status_code == 422 or answer.json["name"].isprintable()


@pytest.mark.parametrize("address", ["http://example.com/a.png", "javascript:alert(1)", "data:image/png;base64,AA=="])
def test_a_picture_has_an_address_of_https(client, alice, address):
    answer = client.patch("/v1/users/me", json={"profile_image_url": address}, headers=alice.headers)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["profile_image_url"])


def test_a_spreadsheet_has_no_formulas(client, alice):
    formulas = ['=HYPERLINK("https://evil.example.com")', "+1", "-1", "@SUM(A1)", "plain"]
    for notes in formulas:
        body = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}
        assert client.post("/v1/runs", json={**body, "notes": notes}, headers=alice.headers).status_code == 201

    sheet = files_of(export(client, alice.headers))["runs.csv"].decode()

    notes = {row["notes"] for row in csv.DictReader(io.StringIO(sheet))}
    assert notes == {f"'{one}" for one in formulas[:-1]} | {"plain"}


# Sessions


def test_tokens_are_for_this_server_alone(app, client, alice, settings):
    token = alice.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, settings.jwt_secret_key, ["HS256"], audience=settings.public_api_base_url)

    for audience in ("https://staging.example.com", None):
        forged = jwt.encode({**claims, "aud": audience}, settings.jwt_secret_key, "HS256")
        assert client.get("/v1/users/me", headers={"Authorization": f"Bearer {forged}"}).status_code == 401
