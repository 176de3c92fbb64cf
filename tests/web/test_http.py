"""What HTTP asks of a server: one host, the methods of a page; and what a body or query says twice is not guessed."""

import pytest

from fitness.web.json_keys import require_single_keys


@pytest.mark.parametrize("page", ["/docs", "/docs/", "/docs/docs.js", "/dashboard", "/dashboard/", "/", "/v1/health"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_answers_405_to_other_methods_and_names_its_own(client, page, method):
    answer = client.open(page, method=method)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("page", ["/docs", "/dashboard"])
def test_a_page_without_its_slash_leads_to_it_with_the_query(client, page):
    for query in ("", "?connected=strava&x=%C3%A9"):
        answer = client.get(page + query)

        assert (answer.status_code, answer.headers["Location"]) == (308, f"{page}/{query}")


def test_http_1_1_without_one_host_is_refused(client):
    def ask(**environ):
        answer = client.get("/v1/health", environ_overrides=environ)
        return answer.status_code, answer.json.get("detail")

    assert ask()[0] == 200
    for host in ("a.example", "a.example:8000", "[::1]:8000", "10.0.0.1", "my_server"):
        assert ask(HTTP_HOST=host)[0] == 200, host
    for host in ("a.example,b.example", "a b", "a/b", "a@b", "a?b", "a\\b", "<a>", "a#b"):
        assert ask(HTTP_HOST=host) == (400, "The header Host is not valid"), host


TWICE = {
    '{"distance": 1, "distance": 2}': "distance",
    '{"distance": 1, "d\\u0069stance": 2}': "distance",
    '{"name": "x", "notes": "a", "notes": "a"}': "notes",
    '{"sets": [{"reps": 1}, {"reps": 2, "weight": 3, "reps": 4}]}': "reps",
    '{"é": 1, "é": 2}': "é",
}


@pytest.mark.parametrize("body", TWICE)
def test_a_key_that_stands_twice_in_a_body_is_refused_by_its_name(client, alice, make_run, body):
    run = make_run(alice, distance=5.0)

    answer = client.patch(
        f"/v1/runs/{run.id}", data=body.encode(), content_type="application/json", headers=alice.headers
    )

    assert (answer.status_code, answer.json) == (400, {"detail": f"The key {TWICE[body]} stands twice in one object"})
    assert client.get(f"/v1/runs/{run.id}", headers=alice.headers).json["version"] == 1


@pytest.mark.parametrize(
    "body", ['{"a": {"a": 1}, "b": {"a": 1}}', '[{"a": 1}, {"a": 2}]', '{"a": "a\\": 1, \\"a"}', "1" * 5000, "null"]
)
def test_keys_of_several_objects_and_texts_are_not_mixed_up(body):
    require_single_keys(body.encode())


def test_a_field_of_a_query_that_is_sent_twice_is_refused_by_its_name(client, alice):
    answer = client.get("/v1/runs?limit=1&limit=500", headers=alice.headers)

    assert (answer.status_code, answer.json["errors"]) == (422, {"limit": ["Sent more than once"]})


def test_a_field_of_a_form_that_is_sent_twice_is_refused_by_its_name(client, alice):
    answer = client.post(
        "/v1/mmf/upload-csv",
        data={"timezone": ["Europe/London", "Europe/Paris"], "file": (__file__, "a.csv")},
        headers=alice.headers,
    )

    assert (answer.status_code, answer.json["errors"]) == (422, {"timezone": ["Sent more than once"]})
