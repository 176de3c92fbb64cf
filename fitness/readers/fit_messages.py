"""The messages in a FIT file: bytes in; the values of the messages that are read, and what is broken, out. Pure.

A file is one or more parts, each with a header, definitions of messages, their values, and a checksum. Points, of which
there are thousands, stay bytes until the end, those of one definition together, and become columns then; the few other
messages are dictionaries of values by field. Values are in the units of the file (scaled, without offset), None where
it has none.
"""

import struct
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat
from typing import Any, NamedTuple

from fitness.deadline import go_on
from fitness.readers.activity import MOST_POINTS

MAGIC = b".FIT"
MAGIC_AT = 8
MOST_MESSAGES = 100_000
"""Besides points, of those that are read."""
MOST_DEFINITIONS = 10_000
_BLOCK_BYTES = 256 * 1024
_MOST_AT_ONCE = 64
"""Points that are taken from the file at once at most."""
_CRC_BYTES = 2
_TIMESTAMP = 253

FILE_ID, SPORT, SESSION, LAP, RECORD, EVENT, DEVICE, ACTIVITY, HEART_RATES, SET = (
    0, 12, 18, 19, 20, 21, 23, 34, 132, 225,
)  # fmt: skip

_TOTALS = {
    _TIMESTAMP: ("timestamp", 1), 2: ("start", 1), 7: ("elapsed", 1000), 8: ("timer", 1000), 9: ("distance", 100),
    11: ("calories", 1),
}  # fmt: skip
_FIELDS: Mapping[int, Mapping[int, tuple[str, float]]] = {
    FILE_ID: {0: ("type", 1), 1: ("manufacturer", 1), 2: ("product", 1), 3: ("serial", 1), 8: ("product_name", 1)},
    SPORT: {0: ("sport", 1), 1: ("sub_sport", 1)},
    SESSION: {
        **_TOTALS, 5: ("sport", 1), 6: ("sub_sport", 1), 16: ("avg_heart_rate", 1), 17: ("max_heart_rate", 1),
        18: ("avg_cadence", 1), 20: ("avg_power", 1), 22: ("ascent", 1), 57: ("temperature", 1),
    },
    LAP: {
        **_TOTALS, 15: ("avg_heart_rate", 1), 16: ("max_heart_rate", 1), 21: ("ascent", 1), 25: ("sport", 1),
        39: ("sub_sport", 1),
    },
    RECORD: {
        0: ("lat", 2**31 / 180), 1: ("lon", 2**31 / 180), 2: ("altitude", 5), 3: ("heart_rate", 1), 4: ("cadence", 1),
        5: ("distance", 100), 6: ("speed", 1000), 7: ("power", 1), 8: ("speed_distance", 1), 13: ("temperature", 1),
        73: ("enhanced_speed", 1000), 78: ("enhanced_altitude", 5),
    },
    EVENT: {_TIMESTAMP: ("timestamp", 1), 0: ("event", 1), 1: ("event_type", 1)},
    DEVICE: {0: ("index", 1), 2: ("manufacturer", 1), 3: ("serial", 1), 4: ("product", 1), 27: ("product_name", 1)},
    ACTIVITY: {_TIMESTAMP: ("timestamp", 1), 0: ("timer", 1000), 5: ("local_timestamp", 1)},
    HEART_RATES: {
        _TIMESTAMP: ("timestamp", 1), 0: ("fraction", 32768), 6: ("bpm", 1), 9: ("event", 1024), 10: ("events", 1),
    },
    SET: {
        254: ("timestamp", 1), 0: ("duration", 1000), 3: ("reps", 1), 4: ("weight", 16), 5: ("type", 1),
        6: ("start", 1), 7: ("category", 1), 8: ("subtype", 1),
    },
}  # fmt: skip
"""The fields that are read, by message: {number: (name, divisor)}."""

# {base type: (its code in struct, the value that stands for none)}
_SIGNED = {1: ("b", 0x7F), 3: ("h", 0x7FFF), 5: ("i", 0x7FFFFFFF), 14: ("q", 2**63 - 1)}
_UNSIGNED = {0: ("B", 0xFF), 2: ("B", 0xFF), 4: ("H", 0xFFFF), 6: ("I", 0xFFFFFFFF), 15: ("Q", 2**64 - 1)}
_NOT_ZERO = {10: ("B", 0), 11: ("H", 0), 12: ("I", 0), 16: ("Q", 0)}
_FLOATS = {8: ("f", None), 9: ("d", None)}
_TYPES: Mapping[int, tuple[str, int | None]] = {**_SIGNED, **_UNSIGNED, **_NOT_ZERO, **_FLOATS}
_TEXT, _BYTES = 7, 13

Message = Mapping[str, Any]


@dataclass(slots=True)
class Part:
    """One of the parts of a file: its messages by number, its points as columns, and sentences on what is broken.

    `times` are those of the points, in seconds of the file's clock, in the order of the file; a column has one value,
    or None, for each of them. `end` is where the next part begins. `share` of its bytes were read.
    """

    messages: dict[int, list[Message]] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    end: int = 0

    def first(self, number: int) -> Message:
        """Return the first message of a kind, an empty one if there is none."""
        return next(iter(self.messages.get(number, ())), {})


class _Field(NamedTuple):
    """A field of a definition: its bytes in a message, and how they are read."""

    name: str
    bytes: slice
    divisor: float
    code: str | None  # of struct; None: text, or bytes
    values: int
    none: int | None
    is_text: bool


@dataclass(slots=True)
class _Layout:
    """A definition of a message, and what it defined if that are points: one behind the other, as they are in the file.

    `size` is that of a message with its header. Points that have no `clock` themselves are at `times`.
    """

    number: int
    size: int
    fields: tuple[_Field, ...]
    clock: slice | None  # the bytes of the time
    order: str
    points: bytearray = field(default_factory=bytearray)
    times: list[int] = field(default_factory=list)

    def count(self) -> int:
        """Return the number of points."""
        return len(self.points) // self.size

    def numbers(self, place: slice, code: str) -> tuple[Any, ...]:
        """Return the numbers that stand in the same bytes of all points."""
        width = place.stop - place.start
        packed = bytearray(self.count() * width)
        for byte in range(width):
            packed[byte::width] = self.points[place.start + byte :: self.size]
        return struct.unpack(f"{self.order}{self.count()}{code}", packed)


def parts_of(data: bytes) -> list[Part]:
    """Return the parts of a file; what cannot be read is a problem of the part in which it stands."""
    parts: list[Part] = []
    position = 0
    while position < len(data):
        if data[position + MAGIC_AT : position + MAGIC_AT + 4] != MAGIC:
            before = parts[-1] if parts else Part()
            before.problems.append(f"The last {len(data) - position:,} of {len(data):,} bytes are no FIT file.")
            return parts or [before]
        parts.append(_part(data, position))
        position = parts[-1].end
    return parts


def file_type(head: bytes) -> int | None:
    """Return the type in the id of a file that begins like this; None if its first message is no id."""
    at = head[0] if head else 0
    definition = head[at : at + 6]
    if len(definition) < 6 or definition[0] & 0xE0 != 0x40 or any(definition[3:5]):  # 3:5, the number of FILE_ID
        return None
    fields = head[at + 6 : at + 6 + 3 * definition[5]]
    place = at + 6 + len(fields) + 1
    for number, size in zip(fields[::3], fields[1::3], strict=False):
        if number == 0:
            return head[place] if place < len(head) else None
        place += size
    return None


def _part(data: bytes, start: int) -> Part:
    part = Part()
    header_size = data[start]
    first = start + max(header_size, MAGIC_AT + len(MAGIC))
    size = int.from_bytes(data[start + 4 : start + 8], "little")
    if header_size not in (12, 14):
        part.problems.append(f"The header has a size of {header_size}, which no FIT file has.")
    following = first + _CRC_BYTES + MAGIC_AT
    is_open = size == 0 and data[following : following + len(MAGIC)] != MAGIC
    end = len(data) if is_open else first + size
    part.end = len(data) if is_open else min(end + _CRC_BYTES, len(data))
    is_cut = not is_open and end + _CRC_BYTES > len(data)
    try:
        _Messages(data, min(end, len(data)), part).read(first)
    except _Broken as broken:
        if not (broken.at_end and (is_cut or is_open)):
            part.problems.append(f"{broken} What stands before it was read.")
    if is_open:
        part.problems.append("The recording was never closed: what is in the file was read, to its end.")
    elif is_cut:
        share = 100 * len(data) // (end + _CRC_BYTES)
        part.problems.append(f"The file is cut at {share} %: what was recorded before was read.")
    elif _crc(data[start:end]) != int.from_bytes(data[end : end + _CRC_BYTES], "little"):
        part.problems.append("The checksum is wrong: some values may be damaged.")
    return part


class _Broken(Exception):
    """A message that cannot be read, with a sentence on it; `at_end`: because the part ends before it does."""

    def __init__(self, sentence: str, *, at_end: bool = False) -> None:
        super().__init__(sentence)
        self.at_end = at_end


@dataclass(slots=True)
class _Messages:
    """The messages of a part, up to `end`, while they are read."""

    data: bytes
    end: int
    part: Part
    layouts: dict[int, _Layout] = field(default_factory=dict)  # by local number
    known: dict[bytes, _Layout] = field(default_factory=dict)  # by definition: most come again and again
    last: int = 0  # the time of the message before, from which the compressed times count
    others: int = 0

    def read(self, position: int) -> None:
        """Read all messages; raise _Broken at the first that cannot be read, when those before it were."""
        try:
            while position < self.end:
                go_on()
                position = self._read_block(position, min(self.end, position + _BLOCK_BYTES))
                if sum(layout.count() for layout in self.known.values()) > MOST_POINTS:
                    raise _Broken(f"More than {MOST_POINTS:,} points.")
        finally:
            _to_columns(self.known.values(), self.part)

    def _read_block(self, position: int, block_end: int) -> int:
        """Read the messages that begin before `block_end`; return where the next one begins."""
        data, end, layouts, last = self.data, self.end, self.layouts, self.last
        while position < block_end:
            header = data[position]
            if header & 0xC0 == 0x40:
                position, layouts[header & 0x0F] = self._definition(position)
                continue
            if header & 0x80:
                layout = layouts.get(header >> 5 & 0x03)
                last += (header - last) & 0x1F
            else:
                layout = layouts.get(header & 0x0F)
            if layout is None:
                raise _Broken(f"Byte {position:,} of {len(data):,} begins a message that is not defined.")
            size = layout.size
            if position + size > end:
                raise _Broken(f"Byte {position:,} of {len(data):,} begins a message that is cut.", at_end=True)
            until = position + size
            if layout.number == RECORD:
                if not header & 0x80:
                    until = self._end_of_points(position, size, block_end)
                layout.points += data[position:until]
            elif layout.fields:
                self._add(layout, data[position:until])
            if layout.clock is not None:
                message = data[until - size : until]
                last = struct.unpack(f"{layout.order}I", message[layout.clock])[0]
            elif layout.number == RECORD:
                layout.times += repeat(last, (until - position) // size)
            position = until
        self.last = last
        return position

    def _end_of_points(self, position: int, size: int, block_end: int) -> int:
        """Return where the points end that follow each other from `position` on, at most MOST_AT_ONCE of them.

        They begin with the same byte, and so are of the same layout. The first one is whole.
        """
        last = min(position + (_MOST_AT_ONCE - 1) * size, block_end - 1, self.end - size)
        headers = self.data[position : last + 1 : size]
        return position + size * (len(headers) - len(headers.lstrip(headers[:1])))

    def _add(self, layout: _Layout, message: bytes) -> None:
        self.others += 1
        if self.others > MOST_MESSAGES:
            raise _Broken(f"More than {MOST_MESSAGES:,} messages besides points.")
        self.part.messages.setdefault(layout.number, []).append(
            {one.name: _value(one, message[one.bytes], layout.order) for one in layout.fields}
        )

    def _definition(self, position: int) -> tuple[int, _Layout]:
        """Read a definition; return where the next message begins, and the layout."""
        data, end = self.data, self.end
        after = position + 6
        if after <= end:
            after += 3 * data[position + 5]
            if data[position] & 0x20 and after < end:
                after += 1 + 3 * data[after]
        if after > end:
            raise _Broken(f"Byte {position:,} of {len(data):,} begins a definition that is cut.", at_end=True)
        key = data[position + 1 : after]  # whatever its local number
        if key not in self.known:
            if len(self.known) == MOST_DEFINITIONS:
                raise _Broken(f"More than {MOST_DEFINITIONS:,} definitions.")
            self.known[key] = _layout(data[position:after])
        return after, self.known[key]


def _layout(written: bytes) -> _Layout:
    order = ">" if written[2] else "<"
    number = int.from_bytes(written[3:5], "big" if written[2] else "little")
    wanted = _FIELDS.get(number, {})
    fields, clock = list[_Field](), None
    own = 6 + 3 * written[5]
    end = 1  # behind the header
    for at in range(6, own, 3):
        field_number, size, base = written[at], written[at + 1], written[at + 2] & 0x1F
        place = slice(end, end + size)
        end += size
        code, none = _TYPES.get(base, (None, None))
        count, rest = divmod(size, struct.calcsize("<" + code)) if code else (1, 1)
        if (code and rest) or (not code and base not in (_TEXT, _BYTES)):
            continue
        if field_number == _TIMESTAMP and code == "I" and count == 1:
            clock = place
        if field_number in wanted:
            name, divisor = wanted[field_number]
            fields.append(_Field(name, place, divisor, code, count, none, base == _TEXT))
    end += sum(written[own + 2 :: 3])  # fields of developers
    return _Layout(number, end, tuple(fields), clock, order)


def _value(one: _Field, found: bytes, order: str) -> Any:
    """Return the value of a field, a list where it has several."""
    if one.is_text:
        return found.partition(b"\0")[0].decode("utf-8", "replace").strip() or None
    if one.code is None:
        return found
    values = [_scaled(one, value) for value in struct.unpack(f"{order}{one.values}{one.code}", found)]
    return values[0] if one.values == 1 else values


def _scaled(one: _Field, found: float) -> float | None:
    if found == one.none or found != found:
        return None
    return found if one.divisor == 1 else found / one.divisor


def _to_columns(layouts: Iterable[_Layout], part: Part) -> None:
    """Make columns of the points; those of several definitions stand one after the other."""
    for layout in layouts:
        if not layout.points:
            continue
        before = len(part.times)
        part.times += layout.times if layout.clock is None else layout.numbers(layout.clock, "I")
        for one in layout.fields:
            column = part.columns.setdefault(one.name, list(repeat(None, before)))
            if len(column) == before:  # a damaged definition can have a field twice
                column += _column(one, layout)
        for column in part.columns.values():
            column += repeat(None, len(part.times) - len(column))


def _column(one: _Field, layout: _Layout) -> Iterable[Any]:
    """Return the values of one field; what is no number but should be one, as in a damaged definition, is none."""
    if one.name == "speed_distance" and one.code is None and not one.is_text:
        starts = range(0, len(layout.points), layout.size)
        return [bytes(layout.points[at : at + layout.size][one.bytes]) for at in starts]
    if one.name == "speed_distance" or one.code is None or one.values != 1:
        return repeat(None, layout.count())
    values = layout.numbers(one.bytes, one.code)
    none, divisor = one.none, one.divisor
    if none is None:
        return [_scaled(one, value) for value in values]
    if divisor == 1:
        return [None if value == none else value for value in values] if none in values else values
    return [None if value == none else value / divisor for value in values]


@cache
def _crc_of_words() -> "array[int]":
    """Return the checksum of each word of two bytes: with it, a checksum takes one step for two bytes.

    An array, because its 128 kB stay near the processor, which a tuple of 65,536 numbers does not.
    """
    of_bytes = [_crc_of_byte(0, byte) for byte in range(256)]
    steps = (of_bytes[word & 0xFF] ^ word >> 8 for word in range(65536))
    return array("H", [step >> 8 ^ of_bytes[step & 0xFF] for step in steps])


_CRC_PERIOD = 2**15 - 1
"""Bits after which the checksum's polynomial, (x + 1)(x^15 + x + 1), comes again: it divides x^32767 - 1."""


def _crc(data: bytes) -> int:
    """Return the checksum of FIT files, which is CRC-16/ARC.

    Bits that are a period apart count alike, so that most are added up as large integers before the words are taken one
    by one. What is added before the first bit are zeros, which count nothing.
    """
    bits = 0
    for end in range(len(data), 0, -_CRC_PERIOD):
        bits ^= int.from_bytes(data[max(0, end - _CRC_PERIOD) : end].rjust(_CRC_PERIOD, b"\0"), "little")
    for periods in (4, 2, 1):
        bits = bits >> periods * _CRC_PERIOD ^ bits & (1 << periods * _CRC_PERIOD) - 1
    table, crc = _crc_of_words(), 0
    for word in struct.unpack("<2048H", (bits << 1).to_bytes(4096, "little")):
        crc = table[crc ^ word]
    return crc


def _crc_of_byte(crc: int, byte: int) -> int:
    crc ^= byte
    for _ in range(8):
        crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
