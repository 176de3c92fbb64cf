"""Damaged and forged archives, and bombs: refused, and nothing is stored."""

import base64
import gzip
import json
import struct
import zlib
from typing import Any

import pytest

from fitness.readers import points_bytes
from fitness.readers.activity import Points
from tests.archives import export, load, manifest_of, packed, sealed


def damaged(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return archives that are not as they were exported, by what is wrong with them."""
    runs, history, profile = "data/runs.jsonl", "data/runs_history.jsonl", "data/profile.jsonl"
    good = packed(files)
    manifest = json.loads(files["manifest.json"])

    def with_manifest(**changes: Any) -> bytes:
        return packed({**files, "manifest.json": json.dumps({**manifest, **changes}).encode()})

    def with_row(path: str, **changes: Any) -> bytes:
        first, _, rest = files[path].partition(b"\n")
        return sealed({**files, path: json.dumps({**json.loads(first), **changes}).encode() + b"\n" + rest})

    def with_changeset(number: int) -> bytes:
        path = "data/changesets.jsonl"
        row = {**json.loads(files[path].partition(b"\n")[0]), "reverts": None, "reverted_by": None}
        return sealed({**files, path: files[path] + json.dumps({**row, "changeset_id": number}).encode() + b"\n"})

    return {
        "no archive": b"%PDF-1.7\n",
        "empty": b"",
        "cut off": good[:-100],
        "broken": good[:200] + bytes(50) + good[250:],
        "an edited row": packed({**files, runs: files[runs].replace(b"MapMyFitness", b"Strava", 1)}),
        "a missing row": packed({**files, runs: files[runs].partition(b"\n")[2]}),
        "no runs": packed({name: data for name, data in files.items() if name != runs}),
        "no manifest": packed({name: data for name, data in files.items() if name != "manifest.json"}),
        "a manifest of something else": packed({**files, "manifest.json": b"[]"}),
        "a manifest that is no JSON": packed({**files, "manifest.json": b"{"}),
        "another format": with_manifest(format=2),
        "a table of the future": with_manifest(tables={**manifest["tables"], "dreams": 0}),
        "another hash": with_manifest(sha256="0" * 64),
        "a line that is no object": sealed({**files, runs: files[runs] + b"[]\n"}),
        "a line that is no JSON": sealed({**files, runs: files[runs] + b"{\n"}),
        "a column that does not exist": with_row(runs, speed=7),
        "somebody else's row": with_row(runs, user_id=1),
        "a row that refers to none": with_row(runs, shoe_id="nobodys"),
        "a version of no run": with_row(history, run_id="manual_nobodys"),
        "a changeset that is not there": with_row(history, changeset_id=999),
        "a changeset of another type": with_row(history, changeset_id="1; DROP TABLE runs"),
        "a changeset without a number of its own": with_changeset(1),
        "a changeset with a number below 1": with_changeset(0),
        "a changeset with a number that leaves no room": with_changeset(2**63 - 1),
        "a value out of range": with_row(runs, distance=-1),
        "a value of another type": with_row(runs, distance="far"),
        "a profile of another type": with_row(profile, max_heart_rate="high"),
        "an administrator": with_row(profile, is_admin=True),
        "two of the same": sealed({**files, runs: files[runs] + files[runs].splitlines(keepends=True)[-1]}),
    }


def test_a_damaged_or_forged_archive_is_refused_and_nothing_stored(files, client, bob):
    before = manifest_of(export(client, bob.headers))
    answers = {what: load(client, bob.headers, content) for what, content in damaged(files).items()}

    assert {what: answer.status_code for what, answer in answers.items()} == dict.fromkeys(answers, 422)
    assert manifest_of(export(client, bob.headers)) == before
    assert load(client, bob.headers, packed(files)).status_code == 200


def test_bombs_are_refused(files, client, bob, monkeypatch):
    monkeypatch.setattr("fitness.accounts.archive.MOST_BYTES", 10 * 1024**2)
    monkeypatch.setattr("fitness.accounts.archive.LONGEST_LINE", 1024**2)
    large = sealed({**files, "data/runs.jsonl": files["data/runs.jsonl"] + b" " * 10 * 1024**2 + b"\n"})
    long = sealed({**files, "data/runs.jsonl": files["data/runs.jsonl"] + b" " * 2 * 1024**2 + b"\n"})

    answers = [load(client, bob.headers, content) for content in (large, long)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "larger than 10 MB" in answers[0].json["detail"]
    assert "a line that is too long or has no end" in answers[1].json["detail"]
    assert len(large) < 1024**2


def changed(line, **values):
    return json.dumps({**json.loads(line), **values}).encode() + b"\n"


BOMB = struct.pack("<BI", 1, 5) + zlib.compress(bytes(10_000_000))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("activity_points", {"content": "no base64"}),
        ("activity_points", {"content": None}),
        ("activity_points", {"content": base64.b64encode(b"no points").decode()}),
        ("activity_points", {"content": base64.b64encode(BOMB).decode()}),
        (
            "activity_points",
            {"content": base64.b64encode(points_bytes.pack(points_bytes.plain(Points([1e12])))).decode()},
        ),
        (
            "activity_points",
            {"content": base64.b64encode(points_bytes.pack(points_bytes.plain(Points([1], lat=[200])))).decode()},
        ),
        ("activity_points", {"laps": [{"start": 1}]}),
        ("activity_points", {"laps": {}}),
        ("activity_points", {"pauses": [[1]]}),
        ("activity_points", {"pauses": [[1, "2"]]}),
        ("activity_files", {"content": base64.b64encode(b"no gzip").decode()}),
        ("activity_files", {"content": base64.b64encode(gzip.compress(b"another")).decode()}),
        ("activity_files", {"size": 999}),
        ("activity_files", {"size": "large"}),
        ("activity_files", {"size": -1}),
        ("activity_files", {"size": 10**12}),
    ],
)
def test_points_and_files_that_cannot_be_read_are_refused(files, client, bob, name, values):
    path = f"data/{name}.jsonl"

    answer = load(client, bob.headers, sealed({**files, path: changed(files[path], **values)}))

    assert answer.status_code == 422
    assert answer.json["detail"] == f"{path}, line 1: the content cannot be read."
