"""The dashboard's files, and the session that a browser keeps in a cookie."""

import gzip
from pathlib import Path

import pytest

from fitness.web import dashboard

ACCOUNT = {"email": "ada@example.com", "password": "a long pass phrase", "name": "Ada"}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle of a page and a script."""
    (tmp_path / "assets").mkdir()
    for name, text in (("index.html", b"<!doctype html>"), ("assets/main-1a2b.js", b"export {}")):
        (tmp_path / name).write_bytes(text)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text))
    monkeypatch.setattr(dashboard, "BUNDLE", tmp_path)
    return tmp_path


def test_the_root_leads_to_the_dashboard(client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/dashboard/")


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("http://127.0.0.1:8000/dashboard/log?add=run", "http://localhost:8000/dashboard/log?add=run"),
        ("http://127.0.0.1:9000/dashboard/", None),
        ("http://192.0.2.7:8000/dashboard/", None),
        ("http://127.0.0.1:8000/v1/health", None),
    ],
)
def test_a_page_at_the_ip_address_of_this_machine_leads_to_localhost(client, bundle: Path, asked, leads_to) -> None:
    answer = client.get(asked, buffered=True)
    assert (answer.status_code, answer.location) == ((302, leads_to) if leads_to else (200, None))


@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/log", "/dashboard/runs/manual_1"])
def test_every_page_is_the_one_page_and_is_asked_for_anew(client, bundle: Path, path: str) -> None:
    answer = client.get(path, buffered=True)
    assert answer.data == b"<!doctype html>"
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_assets_are_kept_for_a_year_and_come_packed_to_those_who_can_unpack(client, bundle: Path) -> None:
    plain = client.get("/dashboard/assets/main-1a2b.js", buffered=True)
    packed = client.get("/dashboard/assets/main-1a2b.js", headers={"Accept-Encoding": "br, gzip"}, buffered=True)
    assert plain.data == gzip.decompress(packed.data) == b"export {}"
    assert packed.headers["Content-Encoding"] == "gzip"
    for answer in (plain, packed):
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_name_that_no_file_can_have_is_as_one_that_is_not_there(client, bundle: Path) -> None:
    """Before: Internal server error."""
    for length in (253, 3000):
        name = "a" * length
        for path, status in ((f"/dashboard/{name}", 200), (f"/dashboard/assets/{name}", 404), (f"/docs/{name}", 404)):
            answer = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
            assert answer.status_code == status, path


def test_an_asset_that_is_not_there_is_no_page(client, bundle: Path) -> None:
    assert client.get("/dashboard/assets/old-9f9f.js").status_code == 404


def test_scripts_and_connections_are_those_of_this_server_alone(client, bundle: Path) -> None:
    policy = client.get("/dashboard/", buffered=True).headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["..%2fapp.py", "../app.py", "assets/..%2f..%2fapp.py"])
def test_nothing_outside_of_the_bundle_is_served(client, bundle: Path, name: str) -> None:
    answer = client.get(f"/dashboard/{name}", buffered=True)
    assert b"create_app" not in answer.data


def test_without_a_bundle_the_answer_says_how_to_get_it(client, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(dashboard, "BUNDLE", tmp_path)
    answer = client.get("/dashboard/")
    assert answer.status_code == 404
    assert "scripts/server" in answer.json["detail"]


@pytest.fixture
def session(client, quick_hashes):
    """A browser that has signed up; the client keeps its cookie."""
    return client.post("/v1/auth/signup?cookie=true", json=ACCOUNT)


def test_a_browsers_refresh_token_is_only_in_a_cookie_that_scripts_cannot_read(session) -> None:
    cookie = session.headers["Set-Cookie"]
    assert session.json["refresh_token"] is None
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/v1/auth"))
    assert session.headers["Cache-Control"] == "no-store"


def test_the_cookie_is_good_for_refreshing_and_is_replaced_each_time(client, session) -> None:
    first = client.get_cookie("fitness_refresh", path="/v1/auth").value
    answer = client.post("/v1/auth/refresh")
    assert answer.status_code == 200
    assert client.get_cookie("fitness_refresh", path="/v1/auth").value != first
    assert client.post("/v1/auth/refresh").status_code == 200


def test_the_cookie_alone_opens_nothing(client, session) -> None:
    assert client.get("/v1/auth/me").status_code == 401
    assert client.post("/v1/auth/logout").status_code == 401


def test_a_page_of_another_origin_cannot_use_the_cookie(client, session) -> None:
    answer = client.post("/v1/auth/refresh", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert client.post("/v1/auth/refresh", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_login_by_cookie_is_ended_by_logging_out(client, session) -> None:
    login = client.post("/v1/auth/login?cookie=true", json={k: ACCOUNT[k] for k in ("email", "password")})
    headers = {"Authorization": f"Bearer {login.json['access_token']}"}
    assert client.post("/v1/auth/logout", headers=headers).status_code == 204
    assert client.get_cookie("fitness_refresh", path="/v1/auth") is None
    assert client.post("/v1/auth/refresh").status_code == 401
