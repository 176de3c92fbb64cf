"""The files of an import come in pieces, within limits, and may be sent again."""

import random

import pytest

from fitness.sync import drops
from fitness.web import pieces
from tests.drops import HISTORY, STRAVA, Drop, count, sha256_of


def test_a_file_comes_in_pieces_in_any_order_and_any_of_them_twice(drop, owner):
    half = len(HISTORY) // 2
    assert drop.send_piece(HISTORY, half, len(HISTORY) - 1).status_code == 204
    assert drop.send_piece(HISTORY, half, len(HISTORY) - 1).status_code == 204
    (line,) = drop.read()["files"]
    assert (line["state"], line["received"], line["size"]) == ("incomplete", len(HISTORY) - half, len(HISTORY))

    assert drop.send_piece(HISTORY, 0, half - 1).status_code == 204
    assert drop.send_piece(HISTORY, 0, half - 1).status_code == 204
    assert drop.send(HISTORY).status_code == 204

    assert drop.read()["files"][0]["state"] == "waiting"
    assert drop.finished()["created"] == 15
    assert count(owner, "drop_pieces") == 0


def test_a_file_with_another_hash_is_refused_and_can_be_sent_again(drop):
    wrong = drop.send(HISTORY + b"x", sha256=sha256_of(HISTORY))

    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["sha256"])
    assert drop.read()["files"] == []
    assert drop.send(HISTORY).status_code == 204
    assert drop.finished()["created"] == 15


@pytest.mark.parametrize("sha256", ["x", "A" * 64, "a" * 63, "a" * 65])
def test_what_is_no_hash_is_refused(drop, sha256):
    assert list(drop.send(b"a", sha256=sha256).json["errors"]) == ["sha256"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("bytes 0-9/5", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 3-12/11", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 0-9/*", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes */100", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 9-0/100", "Must be bytes FIRST-LAST/SIZE"),
        ("lines 0-9/100", "Must be bytes FIRST-LAST/SIZE"),
        ("nonsense", "Must be bytes FIRST-LAST/SIZE"),
        ("bytes 0-8/100", "Names 9 bytes, and the body has 10"),
        ("bytes 0-999999999999/9999999999999", "Names 1,000,000,000,000 bytes"),
        ("bytes 0-99999999999999999999/999999999999999999999", "Must be bytes FIRST-LAST/SIZE"),
    ],
)
def test_a_piece_outside_of_its_file_is_refused(drop, header, says):
    refused = drop.send_piece(HISTORY, 0, 9, **{"Content-Range": header})

    assert refused.status_code == 422
    assert refused.json["errors"]["Content-Range"][0].startswith(says)
    assert drop.read()["files"] == []


def test_pieces_that_share_bytes_and_a_file_of_another_size_are_refused(drop):
    drop.send_piece(HISTORY, 0, 99)

    overlapping = drop.send_piece(HISTORY, 50, 149)
    other = drop.send_piece(HISTORY, 100, 199, size=len(HISTORY) + 1)

    assert (overlapping.status_code, overlapping.json["detail"]) == (
        409,
        "The bytes 0 to 99 are here as another piece: send pieces that follow it",
    )
    assert other.status_code == 422
    assert drop.read()["files"][0]["received"] == 100


def test_a_file_of_which_pieces_are_here_can_be_sent_as_a_whole(drop, owner):
    for first, last in ((0, 9), (10, 19), (40, 49)):
        assert drop.send_piece(HISTORY, first, last).status_code == 204

    assert drop.send_piece(HISTORY, 5, 30).status_code == 409
    assert drop.send_piece(HISTORY, 10, 60).status_code == 204
    assert drop.read()["files"][0]["received"] == 61
    assert drop.send(HISTORY).status_code == 204

    assert count(owner, "drop_pieces") == 1
    assert drop.finished()["created"] == 15


@pytest.mark.parametrize(("first", "size"), [(20_000, 20_000), (32_767, 1), (32_767, 32_767), (1, 32_767)])
def test_a_piece_may_begin_and_end_anywhere(drop, first, size):
    content = random.Random(1).randbytes(first + size)

    assert drop.send_piece(content, 0, first - 1).status_code == 204
    assert drop.send_piece(content, first, first + size - 1).status_code == 204

    assert drop.read()["files"][0]["state"] == "waiting"


def test_an_import_with_missing_pieces_is_not_loaded_and_says_which(drop, everything):
    drop.send(STRAVA, "activities.csv")
    drop.send_piece(HISTORY, 0, 99)
    before = everything()

    for query in ("", "?dry_run=true"):
        refused = drop.finish(query)
        assert refused.status_code == 409
        assert refused.json["detail"] == f"Parts of 1 files are missing: a.csv (100 of {len(HISTORY):,} bytes)"
    assert everything() == before
    assert drop.read()["state"] == "open"


def test_limits_say_their_number(drop, limit, monkeypatch):
    monkeypatch.setattr(pieces, "MOST_BYTES", 10)
    piece = drop.send(b"a" * 11)
    assert (piece.status_code, "10 bytes" in piece.json["detail"]) == (413, True)

    limit(max_drop_files=1, max_drop_bytes=15)
    assert drop.send(b"a" * 10).status_code == 204
    files = drop.send(b"b")
    assert (files.status_code, files.json["detail"].startswith("One import may have 1 files (MAX_DROP_FILES)")) == (
        413,
        True,
    )

    limit(max_drop_files=2, max_drop_bytes=15)
    size = drop.send(b"b" * 6)
    assert size.status_code == 413
    assert size.json["detail"].startswith("One import may have 15 bytes (MAX_DROP_MB), and with a.csv it would have 16")


def test_a_person_has_a_limited_number_of_unfinished_imports(client, alice, bob, drop, monkeypatch):
    monkeypatch.setattr(drops, "MOST_UNFINISHED", 1)

    refused = client.post("/v1/imports", headers=alice.headers)

    assert (refused.status_code, refused.json["detail"].startswith("You have 1 imports")) == (409, True)
    assert Drop(client, bob.headers)
    drop.finished()
    assert Drop(client, alice.headers)
