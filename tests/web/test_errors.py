"""Errors: one JSON shape for all of them, the known ones in words, the unknown ones without any."""

import io

import pytest

from fitness.db.constraints import CONFLICTS, INVALID

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}


def test_an_address_that_leads_nowhere_is_a_404(client, alice):
    paths = [
        "/nowhere",
        "/v1",
        "/v1/nowhere",
        "/v1/runs/",
        "/v1/runs/x/y/z",
        "/v1/changesets/x",
        "/v1/runs/x/history/-1",
    ]
    paths += [
        "/v1/runs/%00",
        "/%FF%FE",
        "/v1/runs/x%2F..%2Fy/z",
        "/docs/nowhere",
        "/api",
        "/api/nowhere",
        "/v1/v1/runs",
    ]

    answers = {path: client.get(path, headers=alice.headers) for path in paths}

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 404)
    assert all(list(answer.json) == ["detail"] for answer in answers.values())
    assert answers["/nowhere"].json == {"detail": "Not found"}


def test_a_method_that_an_address_does_not_answer_is_a_405_that_names_the_others(client):
    answer = client.put("/v1/runs")

    assert (answer.status_code, answer.json) == (405, {"detail": "Method not allowed"})
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"email": NaN}', b'{"email": "\\ud800"}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_400(client, body):
    answer = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert (answer.status_code, answer.json) == (400, {"detail": "The request cannot be read"})


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_of_another_content_type_is_a_415(client, content_type):
    answer = client.post("/v1/auth/login", data=b'{"email": "a@example.com"}', content_type=content_type)

    assert (answer.status_code, answer.json) == (415, {"detail": "Send application/json"})


def test_a_body_that_is_too_large_is_a_413_before_it_is_read(client):
    class Unread(io.RawIOBase):
        def readinto(self, buffer: object) -> int:
            raise AssertionError("the body was read")

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

    answer = client.post(
        "/v1/auth/login",
        input_stream=Unread(),
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(1024 * 1024 + 1)},
    )

    assert (answer.status_code, answer.json) == (413, {"detail": "The body is too large"})


def test_what_is_wrong_is_said_by_field(client, alice):
    answer = client.post("/v1/runs", json={**RUN, "distance": "far", "colour": "red"}, headers=alice.headers)

    assert answer.status_code == 422
    assert answer.json == {
        "detail": "The request is not valid",
        "errors": {"distance": ["Not a valid number."], "colour": ["Unknown field."]},
    }


def test_every_constraint_that_has_words_exists(owner):
    names = {
        name
        for (name,) in owner.execute("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class").fetchall()
    }

    assert (CONFLICTS.keys() | INVALID.keys()) - names == set()


def test_a_constraint_is_recognised_by_the_name_that_a_shard_gives_it(client, owner, alice):
    owner.execute("ALTER TABLE runs RENAME CONSTRAINT runs_shoe_id_fkey TO runs_shoe_id_fkey_102008")

    answer = client.post("/v1/runs", json={**RUN, "shoe_id": "none"}, headers=alice.headers)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"shoe_id": ["Shoe not found"]}


def test_a_constraint_that_has_no_words_is_a_bare_500(client, owner, alice, caplog):
    owner.execute("ALTER TABLE runs ADD CONSTRAINT runs_unlucky_check CHECK (distance <> 13)")

    answer = client.post("/v1/runs", json={**RUN, "distance": 13}, headers=alice.headers)

    assert answer.status_code == 500
    assert answer.json == {
        "detail": "Internal server error",
        "request_id": answer.headers["X-Request-ID"],
    }
    assert "runs_unlucky_check" in caplog.text
    assert client.get("/v1/runs", headers=alice.headers).json["items"] == []


def test_a_missing_column_is_a_bare_500(client, owner, alice, caplog):
    owner.execute("ALTER TABLE runs DROP COLUMN notes CASCADE")

    answer = client.get("/v1/runs", headers=alice.headers)

    assert (answer.status_code, set(answer.json)) == (500, {"detail", "request_id"})
    assert "UndefinedColumn" in caplog.text


# Problem details (RFC 9457)

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("accept", [PROBLEM, f"application/json, {PROBLEM}", f"{PROBLEM.upper()};q=0.5, */*"])
def test_a_client_that_accepts_problem_details_gets_them_with_a_code(client, alice, accept):
    answer = client.get("/v1/runs/mmf_1", headers={**alice.headers, "Accept": accept})

    assert (answer.status_code, answer.content_type) == (404, PROBLEM)
    assert answer.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "Run not found",
    }


@pytest.mark.parametrize("accept", [None, "*/*", "application/*", "application/json", f"{PROBLEM};q=0", "text/html"])
def test_every_other_client_gets_the_plain_body(client, alice, accept):
    headers = {**alice.headers, **({"Accept": accept} if accept else {})}

    answer = client.get("/v1/runs/mmf_1", headers=headers)

    assert (answer.content_type, answer.json) == ("application/json", {"detail": "Run not found"})
    assert "Accept" in answer.headers["Vary"]


def test_problem_details_of_errors_of_every_origin(client, owner, alice):
    headers = {**alice.headers, "Accept": PROBLEM}
    owner.execute("ALTER TABLE shoes DROP COLUMN notes CASCADE")
    calls = {
        "not_found": client.get("/nowhere", headers=headers),
        "method_not_allowed": client.put("/v1/runs", headers=headers),
        "unauthorized": client.get("/v1/runs", headers={"Accept": PROBLEM}),
        "unreadable": client.post("/v1/runs", data=b"{", content_type="application/json", headers=headers),
        "unsupported_media_type": client.post("/v1/runs", data=b"{}", content_type="text/plain", headers=headers),
        "invalid": client.post("/v1/runs", json={**RUN, "distance": "far"}, headers=headers),
        "internal_error": client.get("/v1/shoes", headers=headers),
    }

    assert {code: answer.json["code"] for code, answer in calls.items()} == {code: code for code in calls}
    assert {answer.content_type for answer in calls.values()} == {PROBLEM}
    assert calls["invalid"].json["errors"] == {"distance": ["Not a valid number."]}
    assert set(calls["method_not_allowed"].headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert calls["internal_error"].json["request_id"] == calls["internal_error"].headers["X-Request-ID"]


def test_a_success_is_the_same_for_a_client_that_accepts_problem_details(client, alice):
    answer = client.get("/v1/runs", headers={**alice.headers, "Accept": f"{PROBLEM}, application/json"})

    assert (answer.status_code, answer.content_type) == (200, "application/json")
