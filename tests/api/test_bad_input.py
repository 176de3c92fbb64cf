"""Bad input of every kind is refused for what it is, changes nothing, and is never a 500."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fitness.app import create_app
from fitness.config import load_settings
from fitness.db import pool

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 6.21, "duration": 3180}
SHOE = {"name": "Ride"}

BAD_TEXT = ("", "  \n ", "a\0b", 5, True, ["a"], {"a": "b"})
RUN_FIELDS = {
    "datetime_utc": (
        None, "", "yesterday", 0, 1762085131, True, [], "2025-11-02", "2025-11-02T12:05:31", "2025-02-30T00:00:00Z",
        "2025-11-02T25:00:00Z", "2025-11-02T12:00:00+99:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z",
        "2025-11-02T12:05:31Z\0",
    ),
    "type": (None, "", "Walk", "outdoor run", 5, ["Outdoor Run"], {}),
    "distance": (None, -1, -1e-300, 1000.0001, 1e308, "5", "NaN", True, [], {}),
    "duration": (None, -1, 3_600_001, 10**30, "60", False, [60]),
    "avg_heart_rate": (0, 19.9, 300.1, -150, "150", True, [150]),
    "shoe_id": (*BAD_TEXT, "x" * 201, "no_such_shoe"),
    "name": (*BAD_TEXT, "x" * 201, "x" * 10_240, "é" * 201),
    "notes": (*BAD_TEXT, "x" * 10_001),
}  # fmt: skip
SHOE_FIELDS = {
    "name": (None, *BAD_TEXT, "x" * 201, "x" * 10_240),
    "notes": (*BAD_TEXT, "x" * 10_001),
}
SHOE_CHANGES = {
    **SHOE_FIELDS,
    "retired_at": ("", "soon", "2025-02-30", "0000-01-01", "1899-12-31", "2200-01-01", 20251201, True, "T", []),
    "retirement_notes": (*BAD_TEXT, "x" * 10_001),
    "change_reason": (*BAD_TEXT, "x" * 1001),
}


@pytest.fixture
def run(alice, make_run):
    return make_run(alice, id="manual_run")


@pytest.fixture
def shoe(alice, make_shoe):
    return make_shoe(alice, "Ghost")


@pytest.fixture
def writes(run, shoe):
    """Every route that takes JSON, with a body that is good."""
    return [
        ("POST", "/v1/runs", RUN),
        ("PATCH", "/v1/runs/manual_run", {"distance": 9}),
        ("PUT", "/v1/runs/manual_run/duplicate-of", {"run_id": "manual_other"}),
        ("POST", "/v1/shoes", SHOE),
        ("PATCH", "/v1/shoes/ghost", {"notes": "New"}),
        ("POST", "/v1/shoes/ghost/merge", {"into": "own"}),
    ]


def send(client, person, method, path, body):
    """Send a body as it is, bytes or text, as JSON."""
    return client.open(path, method=method, data=body, content_type="application/json", headers=person.headers)


@pytest.fixture
def stored(owner):
    """Return all that is stored of runs, shoes and changesets."""

    def read():
        return [
            owner.execute(query).fetchall()
            for query in ("TABLE runs", "TABLE shoes", "TABLE changesets", "TABLE runs_history", "TABLE shoes_history")
        ]

    return read


FIELDS = [
    *(("POST", "/v1/runs", RUN, field, values) for field, values in RUN_FIELDS.items()),
    *(("PATCH", "/v1/runs/manual_run", {}, field, values) for field, values in RUN_FIELDS.items()),
    ("PUT", "/v1/runs/manual_run/duplicate-of", {}, "run_id", (None, *BAD_TEXT, "x" * 201, "manual_run")),
    ("PUT", "/v1/planned-workouts/1/duplicate-of", {}, "planned_workout_id", (None, "5", 1.5, True, 0, -1, 2**63)),
    ("PATCH", "/v1/runs/manual_run", {"distance": 9}, "change_reason", SHOE_CHANGES["change_reason"]),
    ("POST", "/v1/runs", RUN, "client_uuid", ("", "1", 5, None, [], "0b8e2c1e-3d0f-4a57-9a43-6f1f8c2f5a1g")),
    *(("POST", "/v1/shoes", SHOE, field, values) for field, values in SHOE_FIELDS.items()),
    *(("PATCH", "/v1/shoes/ghost", {"notes": "New"}, field, values) for field, values in SHOE_CHANGES.items()),
    ("POST", "/v1/shoes/ghost/merge", {}, "into", (None, *BAD_TEXT, "x" * 201)),
]


@pytest.mark.usefixtures("run", "shoe")
@pytest.mark.parametrize(
    ("method", "path", "rest", "field", "values"), FIELDS, ids=[f"{field[0]} {field[1]} {field[3]}" for field in FIELDS]
)
def test_a_value_that_makes_no_sense_is_refused_by_its_field(client, alice, stored, method, path, rest, field, values):
    before = stored()

    for value in values:
        response = send(client, alice, method, path, json.dumps({**rest, field: value}))

        assert response.status_code == 422, value
        assert list(response.json["errors"]) == [field], value
        assert response.json.keys() == {"detail", "errors"}
    assert stored() == before


def test_unknown_fields_are_refused_by_name_everywhere(client, alice, writes, stored):
    before = stored()

    for method, path, good in writes:
        response = send(client, alice, method, path, json.dumps({**good, "distence": 1, "user_id": 1}))

        assert response.status_code == 422
        assert response.json["errors"] == {"distence": ["Unknown field."], "user_id": ["Unknown field."]}
    assert stored() == before


UNREADABLE = {
    "cut off": b'{"name": "x"',
    "no JSON": b"name=x",
    "empty": b" ",
    "two values": b"{} {}",
    "single quotes": b"{'name': 'x'}",
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a raw null byte": b'{"name": "a\0b"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_json_cannot_be_read(client, alice, writes, stored, body):
    before = stored()

    for method, path, _ in writes:
        response = send(client, alice, method, path, body)

        assert (response.status_code, response.json) == (400, {"detail": "The request cannot be read"})
    assert stored() == before


REFUSED = {
    "NaN": '{"distance": NaN}',
    "Infinity": '{"distance": Infinity}',
    "-Infinity": '{"avg_heart_rate": -Infinity}',
    "beyond any float": '{"distance": 1e400}',
    "400 digits": '{"distance": 1' + "0" * 400 + "}",
    "5000 digits": '{"distance": 1' + "0" * 5000 + "}",
    "a lone surrogate": r'{"name": "a\ud800"}',
    "a lone surrogate as a shoe": r'{"shoe_id": "a\udfff"}',
    "a lone surrogate as a key": r'{"a\ud800": 1}',
    "a null byte as a key": r'{"\u0000": 1}',
    "deep lists": '{"name": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "deep objects": '{"name":' * 50_000 + "1" + "}" * 50_000,
    "a list": "[]",
    "null": "null",
    "a number": "5",
    "a string": '"name"',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_json_that_cannot_be_meant_is_refused(client, alice, run, stored, body):
    before = stored()

    response = send(client, alice, "PATCH", f"/v1/runs/{run.id}", body)

    assert response.status_code in (400, 422)
    assert "request_id" not in response.json
    assert stored() == before


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_of_another_content_type_is_refused_as_such(client, alice, writes, content_type):
    for method, path, good in writes:
        response = client.open(
            path, method=method, data=json.dumps(good), content_type=content_type, headers=alice.headers
        )

        assert response.status_code == 415


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(sorted({*RUN_FIELDS, *SHOE_CHANGES, "client_uuid", "into", "run_id", "id", "source"}))


@pytest.mark.parametrize("number", range(6))
@given(
    body=JSON | st.dictionaries(NAMES, JSON | st.text(max_size=30), max_size=5) | NAMES.map(lambda name: {name: None})
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_at_all_is_a_500(client, alice, writes, number, body):
    method, path, _ = writes[number]

    response = send(client, alice, method, path, json.dumps(body))

    assert response.status_code in (200, 201, 400, 404, 409, 422)
    assert response.status_code < 300 or response.json["detail"]


@given(fields=st.fixed_dictionaries({}, optional={"name": st.text(), "notes": st.text(), "change_reason": st.text()}))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_text_is_stored_as_it_came_but_for_blanks_around_it_or_refused(client, alice, run, fields):
    response = client.patch(f"/v1/runs/{run.id}", json=fields, headers=alice.headers)

    if response.status_code == 200:
        newest = client.get(f"/v1/runs/{run.id}/history?limit=1", headers=alice.headers).json["items"][0]
        assert {field: newest[field] for field in fields} == {field: text.strip() for field, text in fields.items()}
    else:
        assert response.status_code == 422
        assert not {"name", "notes"} & fields.keys() or any(
            not text.strip() or "\0" in text for text in fields.values()
        )


INJECTIONS = (
    "'; DROP TABLE runs; --",
    "' OR '1'='1",
    "x'); DELETE FROM shoes; --",
    "%(user_id)s %s %% %",
    "{table} $1 :name \\' \\",
    "\N{RIGHT-TO-LEFT OVERRIDE}<script>alert(1)</script>",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_sql_is_text_like_any_other(client, alice, bob, run, make_run, text):
    make_run(bob)

    made = client.post("/v1/runs", json={**RUN, "name": text, "notes": text}, headers=alice.headers).json
    edited = client.patch(
        f"/v1/runs/{run.id}", json={"name": text, "notes": text, "change_reason": text}, headers=alice.headers
    ).json
    shoe = client.post("/v1/shoes", json={"name": text, "notes": text}, headers=alice.headers).json
    worn = client.patch(
        f"/v1/shoes/{shoe['id']}",
        json={"name": f"{text}!", "retired_at": "2025-12-01", "retirement_notes": text},
        headers=alice.headers,
    ).json
    heading = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
    file = f'{heading}\n2025-05-06,Run,1,1,"{text}",x/workout/1'
    client.post("/v1/mmf/upload-csv", data={"file": (io.BytesIO(file.encode()), "a.csv")}, headers=alice.headers)

    assert (made["name"], made["notes"], edited["name"], edited["notes"]) == (text,) * 4
    name = text.lstrip("\N{RIGHT-TO-LEFT OVERRIDE}")  # names of shoes hold nothing invisible
    assert (shoe["name"], shoe["notes"], worn["name"], worn["retirement_notes"]) == (name, text, f"{name}!", text)
    history = client.get(f"/v1/runs/{run.id}/history", headers=alice.headers).json["items"]
    assert history[0]["change_reason"] == text
    listed = {item["id"]: item for item in client.get("/v1/runs", headers=alice.headers).json["items"]}
    assert listed.keys() == {made["id"], run.id, "mmf_1"}
    assert listed["mmf_1"]["notes"] == text
    assert len(client.get("/v1/runs", headers=bob.headers).json["items"]) == 1


FILES = {
    "a workbook": b"PK\x03\x04\x14\x00\x06\x00" + b"\x00" * 100,
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "empty": b"",
    "blank": b" \r\n\r\n",
    "a byte order mark": b"\xef\xbb\xbf",
    "binary": bytes(range(256)) * 8,
    "null bytes": b"\0" * 1000,
    "UTF-16": "Workout Date,Link\n".encode("utf-16"),
    "a web page": b"<!doctype html><html></html>",
    "prose": b"Dear runner,\nthank you for asking.\n",
    "Latin-1": "Datum,Länge\n".encode("latin-1"),
    "an endless line": b"a" * 300_000,
    "an open quote": b'"Workout Date,Link\n' * 100,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_is_no_export_is_refused_and_leaves_nothing(client, alice, stored, content):
    before = stored()

    response = client.post(
        "/v1/mmf/upload-csv", data={"file": (io.BytesIO(content), "history.csv")}, headers=alice.headers
    )

    assert (response.status_code, list(response.json["errors"])) == (422, ["file"])
    assert stored() == before


UPLOADS = {
    "nothing": ({}, "file"),
    "text for the file": ({"data": {"file": "Workout Date"}}, "file"),
    "another name": ({"data": {"csv": (io.BytesIO(b"x"), "a")}}, "file"),
    "JSON": ({"json": {"file": "x"}}, "file"),
    "a form that breaks off": ({"data": b"--x\r\nCont", "content_type": "multipart/form-data; boundary=x"}, "file"),
    "no boundary": ({"data": b"--x\r\n", "content_type": "multipart/form-data"}, "file"),
}


@pytest.mark.parametrize(("request_", "field"), UPLOADS.values(), ids=UPLOADS)
def test_an_upload_without_a_file_is_refused(client, alice, request_, field):
    response = client.post("/v1/mmf/upload-csv", headers=alice.headers, **request_)

    assert response.status_code == 422
    assert field in response.json["errors"]


@pytest.mark.parametrize(
    ("query", "form", "field"),
    [
        ("", {"timezone": "Mars/Olympus"}, "timezone"),
        ("", {"timezone": ""}, "timezone"),
        ("", {"timezone": "UTC\0"}, "timezone"),
        ("", {"time_zone": "UTC"}, "time_zone"),
        ("?dry_run=perhaps", {}, "dry_run"),
        ("?dryrun=true", {}, "dryrun"),
    ],
)
def test_an_upload_with_a_parameter_that_makes_no_sense_is_refused_by_its_field(client, alice, query, form, field):
    response = client.post(
        f"/v1/mmf/upload-csv{query}", data={"file": (io.BytesIO(b"x"), "a.csv"), **form}, headers=alice.headers
    )

    assert (response.status_code, list(response.json["errors"])) == (422, [field])


class Endless:
    """A body without end, which knows how much of it was read."""

    taken = 0

    def read(self, size):
        assert size >= 0, "the whole body at once"
        self.taken += size
        return b"x" * size

    readline = read


@pytest.mark.parametrize("path", ["/v1/mmf/upload-csv", "/v1/runs", "/v1/shoes"])
def test_a_body_of_200_megabytes_is_refused_before_any_of_it_is_read(client, alice, path):
    body = Endless()

    response = client.post(
        path,
        environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(200 * 1024 * 1024)},
        content_type="multipart/form-data; boundary=x" if "csv" in path else "application/json",
        headers=alice.headers,
    )

    assert (response.status_code, response.json) == (413, {"detail": "The body is too large"})
    assert body.taken == 0


def test_json_that_does_not_tell_its_length_is_read_to_the_limit_only(client, alice):
    body = Endless()

    response = client.post(
        "/v1/runs",
        content_type="application/json",
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
        headers={**alice.headers, "Transfer-Encoding": "chunked"},
    )

    assert response.status_code in (400, 413)
    assert body.taken < 2 * 1024 * 1024


@pytest.fixture
def small_uploads(database_url, alice, settings, tmp_path):
    """A client of an application that takes uploads of one megabyte; Alice's token is good there too."""
    pool.close_pool()
    app = create_app(
        load_settings(
            {
                "FITNESS_DATA_DIR": str(settings.data_dir),
                "DATABASE_URL": database_url,
                "MAX_UPLOAD_MB": "1",
            }
        )
    )
    return app.test_client()


def test_the_limit_of_an_upload_is_a_setting(small_uploads, alice):
    row = b'"May 6, 2025",Run,3.1,1500,http://x.example/workout/1\n'
    heading = b"Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Link\n"

    def upload(size):
        part = b'--y\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = part + heading + row * (size // len(row)) + b"\r\n--y--\r\n"
        return small_uploads.post(
            "/v1/mmf/upload-csv", data=body, content_type="multipart/form-data; boundary=y", headers=alice.headers
        )

    assert upload(1024 * 1024 - 2000).json["created"] == 1
    assert upload(1024 * 1024 + 2000).status_code == 413


def test_an_upload_that_does_not_tell_its_length_is_read_to_the_limit_only(small_uploads, alice):
    body = Endless()

    response = small_uploads.post(
        "/v1/mmf/upload-csv",
        content_type="multipart/form-data; boundary=y",
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
        headers={**alice.headers, "Transfer-Encoding": "chunked"},
    )

    assert (response.status_code, response.json) == (413, {"detail": "The body is too large"})
    assert body.taken < 2 * 1024 * 1024
