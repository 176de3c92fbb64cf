"""The other addresses of the API, its page, and who may call it from a browser."""

import dataclasses
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient

from fitness.app import create_app
from fitness.db import pool
from tests.api.docs.description import filled, operations

# The other addresses


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_every_described_address_answers_without_v1_and_with_api_the_same(client, spec, alice, make_run, prefix):
    make_run(alice)
    differing = []
    for method, path, _ in operations(spec):
        for headers in ({}, alice.headers if method == "GET" else {}):
            first, second = (
                client.open(one, method=method, headers=headers, buffered=True)
                for one in (filled(path), filled(path).replace("/v1", prefix, 1))
            )
            # A challenge is another one each time.
            bodies = {re.sub(rb'"challenge":"[^"]+"', b"", answer.data) for answer in (first, second)}
            if first.status_code != second.status_code or len(bodies) > 1:
                differing.append((method, path, first.status_code, second.status_code))

    assert differing == []


def test_the_documented_addresses_of_the_description_and_its_page(client):
    assert client.get("/openapi.json").json == client.get("/v1/openapi.json").json
    assert client.get("/docs").headers["Location"].endswith("/docs/")


# The page


def test_the_page_and_all_it_loads_come_from_here(client):
    page = client.get("/docs", follow_redirects=True, buffered=True)
    assets = re.findall(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)=["']([^"']*)["']""", page.text)
    answers = {asset: client.get(urljoin("/docs/", asset), buffered=True) for asset in assets}

    assert page.status_code == 200
    assert len(assets) >= 4
    assert [asset for asset in assets if re.match(r"(\w+:)?//", asset)] == []
    assert {asset: answer.status_code for asset, answer in answers.items()} == dict.fromkeys(assets, 200)
    styles = "".join(answer.text for asset, answer in answers.items() if asset.endswith(".css"))
    assert re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^"')]*""", styles) == []


def test_the_page_asks_no_outside_host_about_the_description(client):
    script = client.get("/docs/docs.js", buffered=True).text

    assert 'url: "/v1/openapi.json"' in script
    # Left out, the page asks a validator on the internet whether the description is valid.
    assert "validatorUrl: null" in script
    assert re.findall(r"https?://", script) == []


def test_the_page_runs_no_script_of_another_host_and_none_within_it(client):
    page = client.get("/docs/", buffered=True)

    assert re.findall(r"<script>", page.text) == []
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["..%2fdocs.py", "../docs.py", "nowhere.js"])
def test_the_page_serves_no_file_but_its_own(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


# Other origins


@pytest.fixture
def client_with_cors(settings) -> Iterator[FlaskClient]:
    yield create_app(dataclasses.replace(settings, cors_origins=("https://dash.example.com",))).test_client()
    pool.close_pool()


def test_a_page_of_an_allowed_origin_may_call_and_see_what_it_needs(client_with_cors):
    answer = client_with_cors.get("/v1/health", headers={"Origin": "https://dash.example.com"})

    assert answer.headers["Access-Control-Allow-Origin"] == "https://dash.example.com"
    assert {"ETag", "Retry-After", "X-Request-ID"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/v1/runs/x", "/runs/x", "/api/runs/x"])
def test_a_page_of_an_allowed_origin_may_ask_before_it_edits(client_with_cors, path):
    answer = client_with_cors.options(
        path,
        headers={
            "Origin": "https://dash.example.com",
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, content-type, if-match",
        },
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://dash.example.com"
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "if-match"))


def test_errors_may_be_read_by_an_allowed_origin_too(client_with_cors):
    answer = client_with_cors.get("/v1/runs", headers={"Origin": "https://dash.example.com"})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, "https://dash.example.com")


def test_other_origins_get_no_leave(client_with_cors):
    for origin in ("https://evil.example.com", "http://dash.example.com", "https://dash.example.com.evil.com", "null"):
        answer = client_with_cors.get("/v1/health", headers={"Origin": origin})

        assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_the_setting_no_origin_gets_leave(client):
    answer = client.get("/v1/health", headers={"Origin": "https://dash.example.com"})

    assert "Access-Control-Allow-Origin" not in answer.headers
