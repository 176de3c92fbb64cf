"""The points of an activity as bytes, small enough to keep them all: columns of differences, packed. Pure.

Each column is whole numbers at the precision that its instruments have, of which only the differences are kept, most of
them small. Their bytes stand in planes: all lowest bytes, then all second ones, … so that zlib finds long runs of equal
bytes. A column with gaps has a bit for each point before it.

The first byte is the version of the format. A later version reads all earlier ones.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import gcd

from fitness.readers.activity import MEASURED, MOST_POINTS, Column, Points

VERSION = 1
_LEVEL = 6
_HEADER = struct.Struct("<BI")  # version, number of points
# Place of the column, whether it has gaps, bytes of a difference, first value, what all differences are multiples of.
_COLUMN = struct.Struct("<BBBqQ")
_WIDTHS = ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))

SCALES = {
    "time": 1000, "lat": 1_000_000, "lon": 1_000_000, "altitude": 10, "distance": 10, "speed": 100, "heart_rate": 1,
    "cadence": 2, "power": 1, "temperature": 1,
}  # fmt: skip
"""How many whole numbers a unit has: times to a millisecond, positions to 0.1 m, heights and distances to 0.1 m."""
_COLUMNS = ("time", *MEASURED)


class BrokenPoints(ValueError):
    """Bytes that are no points, or of a later version."""


def encode(points: Points) -> bytes:
    """Return points as bytes."""
    content = [_column(0, points.time)]
    content += [_column(_COLUMNS.index(name), column) for name, column in points.columns()]
    return _HEADER.pack(VERSION, len(points)) + zlib.compress(b"".join(content), _LEVEL)


def decode(stored: bytes) -> Points:
    """Return the points that were encoded, at the precision of SCALES. Raises BrokenPoints."""
    try:
        version, count = _HEADER.unpack_from(stored)
        if version != VERSION:
            raise BrokenPoints(f"Points of version {version}, which this program does not read.")
        content = _unpacked(stored[_HEADER.size :], count)
        columns: dict[str, Column] = {}
        position = 0
        while position < len(content):
            name, column, position = _read_column(content, position, count)
            columns[name] = column
    except (struct.error, zlib.error, ValueError, IndexError) as error:
        raise BrokenPoints(str(error)) from error
    time = [one for one in columns.pop("time", []) if one is not None]
    return Points(time, **columns)


def _unpacked(packed: bytes, count: int) -> bytes:
    """Return what is packed, no more than so many points can take. Raises BrokenPoints."""
    if count > MOST_POINTS:
        raise BrokenPoints(f"More than {MOST_POINTS:,} points.")
    most = len(_COLUMNS) * (_COLUMN.size + count * 8 + (count + 7) // 8)
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, most)
    if not unpacker.eof:
        raise BrokenPoints("The points are cut, or too long.")
    return content


def _column(place: int, column: Sequence[float | None]) -> bytes:
    scale = SCALES[_COLUMNS[place]]
    values = [round(one * scale) for one in column if one is not None]
    has_gaps = len(values) < len(column)
    gaps = _bits([one is not None for one in column]) if has_gaps else b""
    first = values[0] if values else 0
    differences = [later - one for one, later in pairwise(values)]
    unit = gcd(*differences) or 1
    # Zigzag: 0, -1, 1, -2, … become 0, 1, 2, 3, …, so that small differences have empty upper bytes.
    folded = [one // unit << 1 if one >= 0 else (-one // unit << 1) - 1 for one in differences]
    width, code = next(width for width in _WIDTHS if max(folded, default=0) < 1 << 8 * width[0])
    packed = _little(array(code, folded)).tobytes()
    planes = b"".join(packed[plane::width] for plane in range(width))
    return _COLUMN.pack(place, has_gaps, width, first, unit) + gaps + planes


def _read_column(content: bytes, position: int, count: int) -> tuple[str, Column, int]:
    place, has_gaps, width, first, unit = _COLUMN.unpack_from(content, position)
    position += _COLUMN.size
    is_known = [True] * count
    if has_gaps:
        is_known = [bool(content[position + point // 8] >> point % 8 & 1) for point in range(count)]
        position += (count + 7) // 8
    known = sum(is_known)
    size = max(known - 1, 0)
    planes = content[position : position + size * width]
    packed = bytearray(len(planes))
    for plane in range(width):
        packed[plane::width] = planes[plane * size : (plane + 1) * size]
    folded = _little(array(dict(_WIDTHS)[width], bytes(packed)))
    differences = [unit * (one >> 1) if not one & 1 else -unit * (one + 1 >> 1) for one in folded]
    scale = SCALES[_COLUMNS[place]]
    values = [one / scale for one in accumulate(differences, initial=first)] if known else []
    following = iter(values)
    column: Column = [next(following) if is_there else None for is_there in is_known] if has_gaps else [*values]
    return _COLUMNS[place], column, position + size * width


def _bits(flags: Sequence[bool]) -> bytes:
    """Return eight flags a byte, the first one lowest."""
    number = int("".join("1" if flag else "0" for flag in reversed(flags)) or "0", 2)
    return number.to_bytes((len(flags) + 7) // 8, "little")


def _little(values: "array[int]") -> "array[int]":
    """Return numbers in the order of bytes that is stored, on whatever machine."""
    if sys.byteorder == "big":
        values.byteswap()
    return values
