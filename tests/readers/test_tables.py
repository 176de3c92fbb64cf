"""Tables in text files: any encoding and separator, a heading below titles, rows that are cut or a cell too long."""

import gzip
import io
import random
from typing import NamedTuple

import pytest

from fitness.readers import encodings, tables, zips
from fitness.readers.recognition import recognise
from fitness.readers.records import UnreadableFile
from fitness.readers.tables import ColumnsMissing

HEADING = "name,weight,id\n"


class Columns(NamedTuple):
    names: list[str]

    @property
    def read(self):
        return range(len(self.names))

    @property
    def numbers(self):
        return [self.names.index("weight")]


def find(heading):
    missing = [name for name in ("name", "weight") if name not in heading]
    if missing:
        raise ColumnsMissing("a list", missing, 2 - len(missing), heading)
    return Columns(heading)


def read(content):
    """Return (row, cells without the one at the end, or what is wrong)."""
    content = content.encode() if isinstance(content, str) else content
    with tables.opened(io.BytesIO(content), find) as table:
        return [(row, cells if isinstance(cells, str) else cells[:-1]) for row, cells in table]


def refusal(content):
    with pytest.raises(UnreadableFile) as refused:
        read(content)
    return str(refused.value)


WHOLE = [(2, ["Zoë", "1.5", "10"]), (3, ["b", "", "11"])]
TEXT = HEADING + "Zoë,1.5,10\nb,,11\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end_of_spreadsheets_is_read(encoding, separator, ending):
    assert read(TEXT.replace(",", separator).replace("\n", ending).encode(encoding)) == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "l’été à Nîmes",
        "Straße – Köln",
        "señor: ¿qué?",
        "5 m² in 3 °C",
        "“quoted” … €5",
        "Ångström, Ærø",
        "naïve",
    ],
)
def test_windows_1252_is_read_where_its_bytes_can_be_nothing_else(text):
    assert read(f'name;weight\n"{text}";1\n'.encode("cp1252")) == [(2, [text, "1"])]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Бег в парке", "cp1251"), ("Bieg po trawie, śląsk", "cp1250"), ("café", "mac-roman"), ("τρέξιμο", "cp1253"),
     ("ÿ", "cp1252"), ("走る", "shift-jis")],
)  # fmt: skip
def test_where_the_bytes_may_be_another_encoding_the_row_is_named(text, encoding):
    ((row, why),) = read(f'name;weight\n"{text}";1\n'.encode(encoding))

    assert (row, why) == (2, "Text that is not UTF-8; save the file as “CSV UTF-8”.")


def test_one_bad_line_in_a_file_of_utf_8_is_one_bad_row():
    assert read("name,weight\nZoë,1\n".encode() + b"caf\xe9,2\n") == [
        (2, ["Zoë", "1"]), (3, "Text that is not UTF-8; save the file as “CSV UTF-8”."),
    ]  # fmt: skip


@pytest.mark.parametrize("directive", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_a_line_that_names_the_separator_is_no_row(directive):
    assert read(directive + TEXT.replace(",", ";")) == WHOLE


@pytest.mark.parametrize("text", [TEXT, "sep=,\n" + TEXT, TEXT.replace("name", '"name"')])
def test_a_byte_order_mark_before_another_one_is_no_letter_of_the_heading(text):
    assert read("\ufeff\ufeff" + text) == WHOLE


def test_titles_may_stand_above_the_heading():
    assert read("My list\n\nof 2025,,\n" + TEXT) == [(row + 3, cells) for row, cells in WHOLE]


def test_a_decimal_comma_is_a_point_where_commas_do_not_separate_cells():
    assert read("name;weight\n1,5;1,5\nb;1.5\nc;1,000,000\n") == [
        (2, ["1,5", "1.5"]), (3, ["b", "1.5"]), (4, ["c", "1,000,000"]),
    ]  # fmt: skip
    assert read('name,weight\na,"1,5"\n') == [(2, ["a", "1,5"])]


def test_empty_cells_too_many_change_nothing_and_others_are_named():
    rows = read("name,weight,id,,\na,1,2\nb,1,2,\nc,1,2,,,,\nd,1,2,3\n")

    assert [cells for _, cells in rows] == [
        ["a", "1", "2"], ["b", "1", "2"], ["c", "1", "2"], "4 cells, but the header has 3.",
    ]  # fmt: skip


def test_an_empty_cell_too_few_is_added_unless_the_file_writes_empty_cells_at_the_end():
    assert read("name,weight,id\na,1\nb,1,2\n") == [(2, ["a", "1", ""]), (3, ["b", "1", "2"])]
    assert read("name,weight,id\na,1\nb,1,\n") == [
        (2, "2 cells, but the header has 3."), (3, ["b", "1", ""]),
    ]  # fmt: skip


def test_a_row_that_a_spreadsheet_took_for_one_cell_is_unwrapped():
    assert read('name,weight,id\n"""a, b"",1,2"\nc,1,2\n') == [(2, ["a, b", "1", "2"]), (3, ["c", "1", "2"])]


def test_in_joined_files_each_heading_holds_for_the_rows_below_it():
    rows = read("name,weight,id\na,1,2\n\ufeffweight,name\n3,b\n")

    assert rows == [(2, ["a", "1", "2"]), (4, ["3", "b"])]


@pytest.mark.parametrize(
    ("last", "whole"),
    [
        ("c,1,1000", True),
        ("c,1,100", False),
        ("c,1,1", False),
        ("c,1,", True),
        ('c,1,"100"', True),
        ('c,1,"100', False),
        ("c,1,100,", True),
        ("c,1", False),
        ("c", False),
        ("c,1,10000", True),
    ],
)
def test_a_last_row_without_an_end_is_named_where_longer_values_begin_like_its_last(last, whole):
    rows = read(f"name,weight,id\na,1,1234\nb,1,5678\n{last}")

    assert [row for row, _ in rows] == [2, 3, 4]
    assert isinstance(rows[-1][1], list) is whole


def test_with_a_line_break_behind_it_the_same_row_is_whole():
    assert read("name,weight,id\na,1,1234\nb,1,100\n")[-1] == (3, ["b", "1", "100"])


def test_a_packed_file_is_read_and_a_broken_or_endless_one_refused(monkeypatch):
    packed = gzip.compress(TEXT.encode())

    assert read(packed) == WHOLE
    assert "broken or incomplete" in refusal(packed[:-10])
    monkeypatch.setattr(zips, "MOST_UNPACKED_BYTES", 10_000)
    assert "larger than" in refusal(gzip.compress(TEXT.encode() + b"a,1,2\n" * 100_000))


def test_what_is_endless_is_refused_by_its_top(monkeypatch):
    """Before: 300 kB that unpack to more than 256 MB took eleven seconds of a processor."""
    most, unpacked = 20_000_000, []
    monkeypatch.setattr(zips, "MOST_UNPACKED_BYTES", most)
    read_packed = gzip.GzipFile.read

    def count(self, size=-1):
        piece = read_packed(self, size)
        unpacked.append(len(piece))
        return piece

    monkeypatch.setattr(gzip.GzipFile, "read", count)

    with pytest.raises(UnreadableFile, match="is a quote not closed"):
        recognise(io.BytesIO(gzip.compress(b"0" * 3 * most)))

    assert sum(unpacked) < most


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"activities": []}', "This is JSON, not a CSV file."),
        (b"\n [1]", "This is JSON, not a CSV file."),
        ("{}".encode("utf-16"), "This is JSON, not a CSV file."),
        (b"<gpx>", "This is a web page or XML, not a CSV file."),
        (b"%PDF-1.7", "This is a PDF, not a CSV file."),
        (b"", "The file is empty."),
        (b"\xff\xfe", "The file is empty."),
        (b";;\n\n", "The file has no header row."),
        (b"a,b\n1,2\n", "Not a list: the header row lacks name, weight."),
        (b"a;weight;c\n1;2;3\n", "Not a list: the header row lacks name."),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(content, says):
    assert refusal(content) == says


@pytest.mark.parametrize("reads", [1, 2, 7, 64])
def test_it_makes_no_difference_how_much_is_read_at_once(monkeypatch, reads):
    text = HEADING + 'Zoë,1.5,10\r\n"of two\nlines",,11\r\n\rb,"2\n,12\r\n"c",3,13'
    expected = read(text)
    monkeypatch.setattr(tables, "READ_SIZE", reads)
    assert read(text) == expected


@pytest.mark.parametrize("reads", [1, 2, 7, 64])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_line_that_is_too_long_is_one_row_and_the_next_one_is_read(monkeypatch, reads, ending):
    monkeypatch.setattr(tables, "READ_SIZE", reads)
    monkeypatch.setattr(tables, "LONGEST_RECORD", 30)
    for longer in range(30, 40):
        found = read(ending.join(["name,weight,id", '"a', "b" * longer, "c,1,12", "d,2,13", ""]))
        assert [row for row, _ in found] == [2, 3, 4, 5]
        assert found[1][1] == "Longer than 30 characters: is a quote not closed?"
        assert found[2:] == [(4, ["c", "1", "12"]), (5, ["d", "2", "13"])]


def test_as_many_rows_as_are_allowed_are_read_and_not_one_more(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert read(TEXT) == WHOLE
    assert refusal(TEXT + "c,,12\n") == "The file has more than 3 rows."


# How much of a file is looked at


class Counted(io.BytesIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content


def test_a_large_file_of_another_kind_is_told_by_its_top():
    packed = Counted(gzip.compress(random.Random(1).randbytes(8 * 1024**2).hex().encode(), 1))

    with pytest.raises(UnreadableFile):
        recognise(packed)

    assert packed.taken < len(packed.getbuffer())


@pytest.mark.parametrize("letter", ["é".encode(), "é".encode("cp1252")])
def test_the_encoding_is_that_of_the_whole_file_however_far_down_a_letter_stands(monkeypatch, letter):
    monkeypatch.setattr(encodings, "_BLOCK_BYTES", 64)
    rows = b"Anna,1,2\n" * 100

    found = read(HEADING.encode() + rows + b"Ren" + letter + b"e,1,2\n")

    assert found[-1] == (102, ["Renée", "1", "2"])


def test_a_heading_is_read_again_where_a_later_line_tells_another_encoding(monkeypatch):
    monkeypatch.setattr(encodings, "_BLOCK_BYTES", 64)
    heading = "name,weight,größe\n".encode("cp1252")
    rows = b"Anna,1,2\n" * 20

    assert read(heading + rows)[0] == (2, ["Anna", "1", "2"])
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read(heading + rows + "René,1,2\n".encode())
