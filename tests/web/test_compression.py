"""Large responses are compressed for clients that accept it, and their ETags still name versions."""

import gzip

import pytest
from flask import request

from fitness.web.compression import zstd

READ = {"gzip": gzip.decompress, "zstd": zstd.decompress, None: bytes}


@pytest.fixture
def many(alice, make_run):
    """A person with a page of runs, larger than what is left uncompressed."""
    for number in range(5):
        make_run(alice, notes=f"Windy, felt slow {number}")
    return alice


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("gzip;q=0, br", None),
        ("gzip;q=0.5, identity", None),
        ("*", "zstd"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_large_answer_comes_in_the_coding_that_the_client_prefers(client, many, accepted, coding):
    plain = client.get("/v1/runs", headers=many.headers)

    answer = client.get("/v1/runs", headers={**many.headers, "Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == coding
    assert READ[coding](answer.data) == plain.data
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    for one in (plain, answer):
        assert "Accept-Encoding" in one.headers["Vary"]


def test_a_small_answer_and_an_error_stay_as_they_are(client, alice):
    for path in ("/v1/runs", "/v1/runs/mmf_1"):
        answer = client.get(path, headers={**alice.headers, "Accept-Encoding": "gzip"})

        assert "Content-Encoding" not in answer.headers


@pytest.fixture
def long_run(alice, make_run):
    """A run whose answer is compressed alone."""
    return make_run(alice, notes="Windy " * 400)


def test_the_tag_of_a_compressed_answer_differs_but_stands_for_the_same_version(client, alice, long_run):
    path = f"/v1/runs/{long_run.id}"
    packed = client.get(path, headers={**alice.headers, "Accept-Encoding": "gzip"}).headers["ETag"]
    assert packed != client.get(path, headers=alice.headers).headers["ETag"] == '"1"'

    first = client.patch(path, json={"distance": 6}, headers={**alice.headers, "If-Match": packed})
    second = client.patch(path, json={"distance": 7}, headers={**alice.headers, "If-Match": packed})

    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    assert (second.status_code, second.headers["ETag"]) == (412, '"2"')


@pytest.mark.own_app
@pytest.mark.parametrize(
    ("sent", "confirmed"), [('"7"', '"7"'), ('"7:gzip"', '"7:gzip"'), ('"1", "7:zstd"', '"7:zstd"')]
)
def test_a_304_names_the_answer_that_the_client_has(app, sent, confirmed):
    @app.get("/tagged")
    def tagged():
        response = app.make_response(app.json.response({"text": "x" * 5000}))
        response.set_etag("7")
        return response.make_conditional(request)

    answer = app.test_client().get("/tagged", headers={"If-None-Match": sent, "Accept-Encoding": "gzip"})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", confirmed)
    fresh = app.test_client().get("/tagged", headers={"If-None-Match": '"6:gzip"', "Accept-Encoding": "gzip"})
    assert (fresh.status_code, fresh.headers["ETag"]) == (200, '"7:gzip"')
