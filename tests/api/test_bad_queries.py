"""Queries, cursors and ids that make no sense are refused by their field, or lead nowhere; never a 500."""

import base64
import json

import pytest


@pytest.fixture
def run(alice, make_run):
    return make_run(alice, id="manual_run")


@pytest.fixture
def shoe(alice, make_shoe):
    return make_shoe(alice, "Ghost")


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE runs; --", "' OR '1'='1", "%(user_id)s %s %% %", "{table} $1 :name \\' \\"]
)
def test_sql_in_a_query_or_a_path_finds_nothing(client, alice, run, text):
    assert client.get("/v1/runs", query_string={"shoe_id": text}, headers=alice.headers).json["items"] == []
    for name in ("type", "source", "sort_by", "sort_order", "sync_status", "start", "time_zone", "limit", "cursor"):
        assert client.get("/v1/runs", query_string={name: text}, headers=alice.headers).status_code == 422
    for path in (f"/v1/runs/{text}", f"/v1/shoes/{text}"):
        assert client.get(path, headers=alice.headers).status_code == 404


LISTS = (
    "/v1/runs", "/v1/runs/details", "/v1/runs/duplicates", "/v1/runs/manual_run/history", "/v1/shoes/ghost/history",
    "/v1/changesets",
)  # fmt: skip


@pytest.mark.usefixtures("run", "shoe")
@pytest.mark.parametrize("path", LISTS)
def test_a_limit_is_a_whole_number_from_1_to_500(client, alice, path):
    for limit in ("0", "501", "-1", "abc", "1.5", "", "1e2", "9" * 5000, "\0", "1_0", "٣", " 5", "+5"):
        response = client.get(path, query_string={"limit": limit}, headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, ["limit"]), limit
    for limit in ("1", "500"):
        assert client.get(path, query_string={"limit": limit}, headers=alice.headers).status_code == 200


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


BAD_CURSORS = [
    "", "x", "====", "\0", "é", "WyJkYXRl", base64.b64encode(b"no JSON").decode(),
    base64.b64encode(b"\xff\xfe").decode(), base64.b64encode(b"[" * 2000).decode(),
    base64.b64encode(b"1" * 3000).decode(),
    *(forged(*parts) for parts in ((), (1, 2, 3), ("date desc",), ("date desc", None, None), ("shoes asc", "a", "b"))),
    *(
        forged(order, *rest)
        for order in ("date desc", "duplicates", "version_number", "changeset_id")
        for rest in (("no", "x"), ("\ud800", "x"), ("\0", "x"), ("", "x"), ("1\n", "x"), (1, "x"), ("9" * 9999, "x"))
    ),
]  # fmt: skip


@pytest.mark.usefixtures("run", "shoe")
@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_no_page_gave_is_refused(client, alice, path):
    for cursor in BAD_CURSORS:
        response = client.get(path, query_string={"cursor": cursor}, headers=alice.headers)

        assert response.status_code == 422, cursor


@pytest.mark.parametrize("sort_by", ["distance", "duration", "pace", "heart_rate"])
def test_a_cursor_with_another_key_than_the_orders_is_refused(client, alice, run, sort_by):
    for key in ("x", "1e999", "1,5"):
        response = client.get(
            "/v1/runs", query_string={"sort_by": sort_by, "cursor": forged(f"{sort_by} desc", key, "x")},
            headers=alice.headers,
        )  # fmt: skip

        assert response.status_code == 422, key


@pytest.mark.parametrize("id", ["\ud800", "\0"])
def test_a_cursor_with_an_id_that_cannot_be_is_refused(client, alice, run, id):
    cursor = forged("date desc", "2025-01-01", id)

    assert client.get("/v1/runs", query_string={"cursor": cursor}, headers=alice.headers).status_code == 422


def test_a_cursor_is_good_for_its_own_order_only(client, alice, make_run):
    for _ in range(2):
        make_run(alice)
    cursor = client.get("/v1/runs?limit=1&sort_by=distance", headers=alice.headers).json["next_cursor"]

    for order in ("sort_by=date", "sort_by=distance&sort_order=asc", ""):
        response = client.get(f"/v1/runs?{order}&cursor={cursor}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2025-11-02&end=2025-11-01", "end"),
        ("start=2025-02-30", "start"),
        ("start=0000-01-01", "start"),
        ("end=9999-12-31", "end"),
        ("start=2200-01-01", "start"),
        ("end=1899-12-31", "end"),
        ("start=2025-11-02T00:00:00Z", "start"),
        ("start=", "start"),
        ("start=%00", "start"),
        ("time_zone=Mars/Olympus", "time_zone"),
        ("time_zone=europe/berlin", "time_zone"),
        ("time_zone=../../etc/passwd", "time_zone"),
        ("time_zone=/etc/localtime", "time_zone"),
        ("time_zone=", "time_zone"),
        ("time_zone=UTC%00", "time_zone"),
        ("shoe_id=a%00", "shoe_id"),
        ("only_deleted=7", "only_deleted"),
        ("%00=1", "\0"),
        ("unheard_of=1", "unheard_of"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_its_field(client, alice, query, field):
    for path in ("/v1/runs", "/v1/runs/details"):
        response = client.get(f"{path}?{query}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "path",
    [
        "/metrics/mileage/rolling-by-day?window", "/runs/manual_run/points?most", "/runs/manual_run/diff?from",
        "/runs/manual_run/diff?to", "/changes?limit", "/metrics/reps?days",
    ],
)  # fmt: skip
def test_a_number_in_a_query_is_written_in_digits(client, alice, run, path):
    """Python reads more as a number: 1_0 is ten."""
    for number in ("1_0", "٣", "%203", "%2B3"):
        response = client.get(f"/v1{path}={number}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, [path.partition("?")[2]]), number


@pytest.mark.parametrize("days", ["start=1900-01-01&end=1900-01-01", "start=2199-12-31&end=2199-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_last_day_can_be_asked_for_in_any_zone(client, alice, days, zone):
    assert client.get(f"/v1/runs?{days}&time_zone={zone}", headers=alice.headers).status_code == 200


@pytest.mark.parametrize(
    "id", ["%00", "a%00b", "%ff", "%ed%a0%80", "%c0%80", "..", "%2e%2e", "x" * 5000, "'", "%F0%9F%91%9F"]
)
def test_an_id_that_cannot_be_is_not_found(client, alice, id):
    for method, path in (
        ("GET", "runs/{}"), ("PATCH", "runs/{}"), ("DELETE", "runs/{}"), ("GET", "runs/{}/history"),
        ("POST", "runs/{}/restore/1"), ("GET", "shoes/{}"), ("DELETE", "shoes/{}"), ("GET", "shoes/{}/history"),
    ):  # fmt: skip
        body = {"distance": 9} if method == "PATCH" else None
        response = client.open(f"/v1/{path.format(id)}", method=method, json=body, headers=alice.headers)

        assert response.status_code == 404, path
        assert list(response.json) == ["detail"]


def test_queries_that_are_not_utf8_find_nothing(client, alice, run):
    for query in ("shoe_id=%ff", "shoe_id=%ed%a0%80", "shoe_id=%c0%80"):
        response = client.get(f"/v1/runs?{query}", headers=alice.headers)

        assert (response.status_code, response.json["items"]) == (200, [])


def test_a_method_that_an_address_does_not_know_is_a_405(client, alice, run):
    response = client.put(f"/v1/runs/{run.id}", json={"distance": 9}, headers=alice.headers)

    assert response.status_code == 405
    assert {"GET", "PATCH", "DELETE"} <= set(response.headers["Allow"].split(", "))


@pytest.mark.parametrize("query", ["force=perhaps", "force=", "forced=true"])
def test_a_revert_with_a_query_that_makes_no_sense_is_refused(client, alice, query):
    response = client.post(f"/v1/changesets/1/revert?{query}", headers=alice.headers)

    assert (response.status_code, list(response.json["errors"])) == (422, [query.partition("=")[0]])
