"""The points of an activity as bytes, small enough to keep them all: columns of differences, packed. Pure.

Each column is whole numbers at the precision that its instruments have, of which only the differences are kept, most of
them small. Their bytes stand in planes: all lowest bytes, then all second ones, … so that zlib finds long runs of equal
bytes. A column with gaps has a bit for each point before it.

The first byte is the version of the format. A later version reads all earlier ones.
"""

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate
from math import gcd

from fitness.readers import lanes
from fitness.readers.activity import MEASURED, MOST_POINTS, Column, Points

VERSION = 1
_LEVEL = 6
_HEADER = struct.Struct("<BI")  # version, number of points
# Place of the column, whether it has gaps, bytes of a difference, first value, what all differences are multiples of.
_COLUMN = struct.Struct("<BBBqQ")
_WIDTHS = {1: "b", 2: "h", 4: "i", 8: "q"}
"""Bytes of a difference → its code in struct."""
_ROUNDING = 1.5 * 2**52
"""What is added to a number below 2**51 is rounded to a whole one by that, which stands in its lowest bits then."""
_FEW = 100
"""How many differences say, of most columns, that all of them have no divisor in common."""
_ROUNDED_ZERO = int.from_bytes(struct.pack("<d", _ROUNDING), "little")

SCALES = {
    "time": 1000, "lat": 1_000_000, "lon": 1_000_000, "altitude": 10, "distance": 10, "speed": 100, "heart_rate": 1,
    "cadence": 2, "power": 1, "temperature": 1,
}  # fmt: skip
"""How many whole numbers a unit has: times to a millisecond, positions to 0.1 m, heights and distances to 0.1 m."""
_COLUMNS = ("time", *MEASURED)


class BrokenPoints(ValueError):
    """Bytes that are no points, or of a later version."""


def plain(points: Points) -> bytes:
    """Return points as bytes that are not packed yet: the same for the same points, while builds of zlib differ."""
    columns = [_column(_COLUMNS.index(name), column) for name, column in points.columns()]
    return b"".join([_HEADER.pack(VERSION, len(points)), _column(0, points.time), *columns])


def pack(content: bytes) -> bytes:
    """Return what is stored of plain points."""
    return content[: _HEADER.size] + zlib.compress(content[_HEADER.size :], _LEVEL)


def decode(stored: bytes) -> Points:
    """Return the points that were packed, at the precision of SCALES. Raises BrokenPoints."""
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
    if len(time) != count:
        raise BrokenPoints("Not all points have a time.")
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
    scale, rounding = SCALES[_COLUMNS[place]], _ROUNDING
    rounded = [one * scale + rounding for one in column if one is not None]
    has_gaps = len(rounded) < len(column)
    gaps = _bits([one is not None for one in column]) if has_gaps else b""
    values = struct.pack(f"<{len(rounded)}d", *rounded)
    first = int.from_bytes(values[: lanes.WIDTH], "little") - _ROUNDED_ZERO if values else 0
    unit, differences = _in_units(lanes.differences(values) if values else b"")
    packed = lanes.folded(differences)
    planes = [packed[plane :: lanes.WIDTH] for plane in range(lanes.WIDTH)]
    empty = bytes(len(planes[0]))
    width = next(width for width in _WIDTHS if all(plane == empty for plane in planes[width:]))
    return _COLUMN.pack(place, has_gaps, width, first, unit) + gaps + b"".join(planes[:width])


def _in_units(differences: bytes) -> tuple[int, bytes]:
    """Return what all differences are multiples of, and of which multiples."""
    few = differences[: _FEW * lanes.WIDTH]
    if gcd(*struct.unpack(f"<{len(few) // lanes.WIDTH}q", few)) == 1:
        return 1, differences
    code = f"<{len(differences) // lanes.WIDTH}q"
    numbers = struct.unpack(code, differences)
    unit = gcd(*numbers) or 1
    return unit, differences if unit == 1 else struct.pack(code, *[one // unit for one in numbers])


def _read_column(content: bytes, position: int, count: int) -> tuple[str, Column, int]:
    place, has_gaps, width, first, unit = _COLUMN.unpack_from(content, position)
    position += _COLUMN.size
    flags = ""
    if has_gaps:
        flags = _flags(content[position : position + (count + 7) // 8], count)
        position += (count + 7) // 8
    known = flags.count("1") if has_gaps else count
    size = max(known - 1, 0)
    end = position + size * width
    if width not in _WIDTHS or end > len(content):
        raise BrokenPoints("A column is cut.")
    packed = bytearray(end - position)
    for plane in range(width):
        packed[plane::width] = content[position + plane * size : position + (plane + 1) * size]
    differences = struct.unpack(f"<{size}{_WIDTHS[width]}", lanes.unfolded(bytes(packed), width))
    name = _COLUMNS[place]
    values = _summed(first, differences, unit, SCALES[name]) if known else []
    if has_gaps:
        following = iter(values)
        values = [next(following) if flag == "1" else None for flag in flags]
    return name, values, end


def _summed(first: int, differences: Sequence[int], unit: int, scale: int) -> Column:
    """Return the values, from the first one on, of differences in units of which `scale` units of 1 make a whole."""
    shared = gcd(first, unit, scale)
    first, unit, scale = first // shared, unit // shared, scale // shared
    steps = differences if unit == 1 else [unit * one for one in differences]
    return [one / scale for one in accumulate(steps, initial=first)]


def _bits(flags: Sequence[bool]) -> bytes:
    """Return eight flags a byte, the first one lowest."""
    number = int("".join("1" if flag else "0" for flag in reversed(flags)) or "0", 2)
    return number.to_bytes((len(flags) + 7) // 8, "little")


def _flags(bits: bytes, count: int) -> str:
    """Return the first flags of `_bits`, "1" or "0" each."""
    return f"{int.from_bytes(bits, 'little'):0{count}b}"[::-1][:count]
