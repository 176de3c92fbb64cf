"""ZIPs as folders: what is found in them, and those that are made to use memory up."""

import gzip
import io
import time
import tracemalloc
import zipfile

import pytest

from fitness.readers import zips
from fitness.readers.folder import MOST_NESTED, Budget, OverBudget, ZipFolder
from fitness.readers.records import UnreadableFile
from fitness.readers.sorting import sorted_files
from tests.archives import packed
from tests.samples import ACTIVITIES

ZIPS = ACTIVITIES / "zip"
MB = 1024**2
WATCH = (ACTIVITIES / "same_run" / "watch.fit").read_bytes()


def folder(content, budget=None):
    return ZipFolder(io.BytesIO(content), budget)


def nested(content, depth):
    for number in range(depth):
        content = packed({f"{number}.zip": content})
    return content


def test_files_of_archives_in_archives_stand_beside_the_others():
    content = packed({"a/part.bin": packed({"run.fit": WATCH, "note.txt": b"n, o"}), "b.csv": b"a,b"})

    with folder(content) as found:
        assert found.names() == ["a/part.bin/run.fit", "a/part.bin/note.txt", "b.csv"]
        assert (found.size("a/part.bin/run.fit"), found.problems) == (len(WATCH), [])
        with found.open("a/part.bin/run.fit") as run:
            assert run.read() == WATCH
            run.seek(0)
            assert run.read(4) == WATCH[:4]


def test_what_is_packed_by_gzip_is_unpacked():
    with folder(packed({"run.fit.gz": gzip.compress(WATCH)})) as found:
        assert found.head("run.fit.gz") == WATCH[: len(found.head("run.fit.gz"))]
        assert sorted_files(found) == {"run.fit.gz": "fit"}
        with found.open("run.fit.gz") as run:
            assert run.read() == WATCH


def test_names_are_labels_and_what_systems_add_is_passed_over():
    with folder((ZIPS / "evil_names.zip").read_bytes()) as found:
        assert found.names() == ["../../etc/run.fit", "/abs/run.fit", "C:/x/run.fit", "ok/rün \ufffd.fit"]
        assert set(sorted_files(found).values()) == {"fit"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_one_name_are_told_apart():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(3):
            archive.writestr("run.csv", f"a,{number}")

    with folder(content.getvalue()) as found:
        assert found.names() == ["run.csv", "run.csv (2)", "run.csv (3)"]
        assert found.head("run.csv (3)") == b"a,2"


def test_files_are_sorted_by_how_they_begin():
    samples = {path.name: path.read_bytes() for path in sorted((ACTIVITIES / "fit").iterdir())}
    samples |= {path.name: path.read_bytes() for path in sorted((ACTIVITIES / "gpx").glob("made*"))}
    samples |= {path.name: path.read_bytes() for path in sorted((ACTIVITIES / "tcx").iterdir())}
    others = {"x.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF,", "x.html": b"<html>"}
    with folder(packed(samples | others | {"a.json": b" {}", "b.csv": b"a;b"})) as found:
        kinds = sorted_files(found)

    for name in samples:
        kind = name.removesuffix(".gz").rpartition(".")[2]
        assert kinds.pop(name) == ("other fit" if name.startswith("not_activity") else kind), name
    assert kinds == {"x.jpg": "other", "x.html": "other", "a.json": "json", "b.csv": "table"}


def test_archives_deeper_than_allowed_are_not_opened_and_that_is_said():
    with folder(nested(b"a,b", MOST_NESTED + 1)) as found:
        assert (len(found.names()), found.problems) == (1, [])
    with folder((ZIPS / "nested_six_deep.zip").read_bytes()) as found:
        assert [found.names(), found.problems] == [
            ["n5.zip/n4.zip/n3.zip"],
            ["“n5.zip/n4.zip/n3.zip”: more than 2 archives stand in each other."],
        ]


def test_a_broken_archive_in_an_archive_hides_no_other_file():
    with folder(packed({"part.zip": packed({"run.fit": WATCH})[:500], "b.csv": b"a,b"})) as found:
        assert found.names() == ["part.zip", "b.csv"]
        assert found.problems == ["“part.zip”: The archive is broken or incomplete: download it again."]


def test_small_archives_that_unpack_to_huge_ones_are_refused_at_once():
    began = time.process_time()
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match="overlap"):
            folder((ZIPS / "bomb_overlapping_entries.zip").read_bytes())
        with folder((ZIPS / "bomb_300MB_of_blanks.zip").read_bytes()) as found:
            assert sorted_files(found) == {"a.gpx": "gpx"}
            with pytest.raises(UnreadableFile, match="larger than 64 MB"), found.open("a.gpx") as blanks:
                zips.whole(blanks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (peak < 100 * MB, time.process_time() - began < 1) == (True, True)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_all_files_together_have_one_budget(pack):
    content = packed({f"{number}.bin": pack(bytes(MB)) for number in range(4)})
    with folder(content, Budget(3 * MB)) as found:
        for name in [*found.names()[:3]] * 2:  # what is read twice counts once
            with found.open(name) as file:
                assert len(file.read()) == MB
        with pytest.raises(OverBudget, match="larger than 3 MB together"), found.open("3.bin") as file:
            file.read()


def test_archives_in_archives_count_too():
    stored = packed({"b.bin": bytes(MB)}, zipfile.ZIP_STORED)

    with pytest.raises(OverBudget):
        folder(packed({"a.zip": stored, "b.zip": stored}), Budget(3 * MB // 2))


def test_a_size_that_lies_gives_no_more_than_it_says():
    content = packed({"a.bin": bytes(50 * MB)})
    size = content.index(b"PK\x01\x02") + 24
    lying = content[:size] + (2_000).to_bytes(4, "little") + content[size + 4 :]
    with folder(lying) as found, pytest.raises(UnreadableFile, match="broken"), found.open("a.bin") as file:
        file.read()
