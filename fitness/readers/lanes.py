"""Arithmetic on many whole numbers at once, as lanes of one large integer: much faster than one after the other. Pure.

Lanes are bytes: little-endian numbers of one width, negative ones in two's complement. No operation carries a bit from
a lane into the next one.
"""

from functools import lru_cache

WIDTH = 8
"""Bytes of the lanes of `differences` and `folded`."""


def differences(lanes: bytes) -> bytes:
    """Return what is between each number and the next, of numbers from 0 to 2**63 - 1."""
    size = len(lanes) - WIDTH
    number, high = _number(lanes), _in_each(1 << 63, WIDTH, size)
    # The high bit of a lane is lent to it, so that it borrows nothing from the next one.
    return _bytes((number >> 8 * WIDTH | high) - (number & (1 << 8 * size) - 1) ^ high, size)


def folded(lanes: bytes) -> bytes:
    """Return 0, 1, 2, 3, … for 0, -1, 1, -2, …: the upper bytes of small numbers are empty then."""
    number = _number(lanes)
    negative = number & _in_each(1 << 63, WIDTH, len(lanes))
    return _bytes((number ^ negative) << 1 ^ _filled(negative >> 63, WIDTH), len(lanes))


def unfolded(lanes: bytes, width: int) -> bytes:
    """Return the numbers that `folded` was given, in lanes of so many bytes."""
    number = _number(lanes)
    odd = number & _in_each(1, width, len(lanes))
    return _bytes((number ^ odd) >> 1 ^ _filled(odd, width), len(lanes))


def _number(lanes: bytes) -> int:
    return int.from_bytes(lanes, "little")


def _bytes(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")


@lru_cache(maxsize=4)
def _in_each(one: int, width: int, size: int) -> int:
    """Return `one` in each lane of so many bytes."""
    return _number(one.to_bytes(width, "little") * (size // width))


def _filled(ones: int, width: int) -> int:
    """Return all bits of each lane in which there is a 1."""
    return (ones << 8 * width) - ones
