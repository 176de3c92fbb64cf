"""Damaged copies of files of activities."""

from random import Random

CUTS, FLIPS, LARGE = 12, 200, 3_000


def damaged(content):
    """Yield (copy, whether it is cut): cut ones, and others of which one bit is wrong, fewer of large files."""
    random = Random(20)
    for place in range(1, CUTS + 1):
        yield content[: len(content) * place // (CUTS + 1)], True
    for _ in range(FLIPS if len(content) < LARGE else FLIPS // 10):
        copy = bytearray(content)
        copy[random.randrange(len(copy))] ^= 1 << random.randrange(8)
        yield bytes(copy), False
