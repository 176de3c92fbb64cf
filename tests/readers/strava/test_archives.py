"""Strava's archives, damaged ones among them."""

import io
import tracemalloc
import zipfile
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitness.readers import strava_export, zips
from fitness.readers.records import ParsedRun, Skipped, UnreadableFile
from fitness.readers.strava_export import parse_export
from tests.readers.strava.tables import LOOP, PLAIN, read, table


def packed(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("name", ["activities.csv", "export_40123456/activities.csv", "a/b/Activities.csv"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_whole_archive_reads_like_the_file_in_it(name, compression):
    content = packed(
        ("__MACOSX/activities.csv", b"\0"),
        ("shoes.csv", b""),
        (name, table(PLAIN)),
        ("deep/er/than/all/activities.csv", b"rubbish"),
        compression=compression,
    )

    assert read(content) == [LOOP]


def flipped(content: bytes, place: int, bits: int = 0xFF) -> bytes:
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


def encrypted() -> bytes:
    content = packed(("activities.csv", table(PLAIN)))
    return flipped(flipped(content, 6, 1), content.index(b"PK\x01\x02") + 8, 1)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (packed(("shoes.csv", b"")), "no activities.csv"),
        (packed(), "no activities.csv"),
        (b"PK\x03\x04", "broken or incomplete"),
        (packed(("activities.csv", table(PLAIN)))[:200], "broken or incomplete"),
        (flipped(packed(("activities.csv", table(PLAIN) * 9), compression=0), 2_000), "broken or incomplete"),
        (flipped(packed(("activities.csv", table(PLAIN) * 9)), 300), "broken or incomplete"),
        (encrypted(), "encrypted"),
        (packed(("activities.csv", table(PLAIN)), compression=zipfile.ZIP_BZIP2), "unsupported compression"),
        (packed(("activities.csv", b"")), "empty"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused_with_a_reason(content, says):
    with pytest.raises(UnreadableFile, match=says):
        read(content)


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(strava_export, "MOST_CSV_BYTES", 10 * 1024**2)
    monkeypatch.setattr(zips, "MOST_DIRECTORY_BYTES", 5_000)

    with pytest.raises(UnreadableFile, match=r"The activities\.csv is larger than 10 MB\."):
        read(packed(("activities.csv", table(PLAIN) + bytes(10 * 1024**2))))
    with pytest.raises(UnreadableFile, match="too many files"):
        read(packed(*[(f"activities/{number}.fit.gz", b"") for number in range(200)], ("activities.csv", table(PLAIN))))


def test_a_size_that_lies_gives_no_more_than_it_says():
    content = packed(("activities.csv", table(PLAIN) + b"," * 50_000_000))
    size = content.index(b"PK\x01\x02") + 24

    with pytest.raises(UnreadableFile, match="broken or incomplete"):
        read(content[:size] + (2_000).to_bytes(4, "little") + content[size + 4 :])


@pytest.mark.parametrize("zipped", [False, True])
def test_memory_does_not_grow_with_the_file(tmp_path, zipped):
    path = tmp_path / "export"
    ride = [*PLAIN[:3], "Ride", "x" * 9_000, *PLAIN[5:]]
    content = table(PLAIN, *[ride] * 2_000)  # 18 MB
    path.write_bytes(packed(("activities.csv", content)) if zipped else content)
    del content

    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            kinds = Counter(type(record) for record in parse_export(stream))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kinds == {ParsedRun: 1, Skipped: 2_000}
    assert peak < 4_000_000


@pytest.mark.parametrize("content", [table(PLAIN), packed(("activities.csv", table(PLAIN)))])
def test_the_callers_stream_stays_open(content):
    with io.BytesIO(content) as stream:
        found = parse_export(stream)
        next(found)
        found.close()

        assert not stream.closed


def read_or_refuse(content):
    try:
        return read(content)
    except UnreadableFile as refused:
        assert str(refused).endswith(".")
        return []


ZIPPED = packed(("activities.csv", table(PLAIN)))


@given(st.integers(0, len(ZIPPED) - 1), st.integers(1, 255), st.integers(0, len(ZIPPED)))
def test_a_damaged_archive_raises_nothing_but_unreadable_file(place, bits, end):
    read_or_refuse(flipped(ZIPPED, place, bits))
    read_or_refuse(ZIPPED[:end])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=103, max_size=103))
def test_no_cells_raise(cells):
    assert len(read_or_refuse(table([*cells[:3], "Run", *cells[4:]]))) <= 1
