"""Reading of files of activities against fitdecode, which reads FIT files too."""

import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import fitdecode

from benchmarks.measures import Bench, Measure, in_turn
from fitness.readers import fit, points_bytes

SAMPLES = Path(__file__).parent.parent / "tests" / "data" / "activities" / "fit"
NAMES = ("null_component", "indoor_ride_no_gps", "compressed_timestamps_no_distance", "run_2013_header12")
"""Whole files with many points."""
FILES = 20
"""How many files a round reads."""


def file_measures(bench: Bench) -> Iterator[Measure]:
    """Yield how many packed FIT files a second are read, summed up and encoded, against their mere reading."""
    packed = [gzip.compress((SAMPLES / f"{name}.fit").read_bytes()) for name in NAMES] * (FILES // len(NAMES))
    ours, reference = in_turn(bench.rounds, lambda: _per_second(_read, packed), lambda: _per_second(_decode, packed))
    yield Measure("Reading of FIT files", "files/s", ours, reference, at_least=8)


def _per_second(read: Callable[[bytes], None], packed: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for content in packed:
        read(gzip.decompress(content))
    return len(packed) / (time.perf_counter() - started)


def _read(content: bytes) -> None:
    for activity in fit.read(content).activities:
        points_bytes.encode(activity.points)


def _decode(content: bytes) -> None:
    with fitdecode.FitReader(content) as frames:
        for _ in frames:
            pass
