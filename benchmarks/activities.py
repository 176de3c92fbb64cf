"""Measures of files of activities: drops, whole exports, and what points cost those who have them."""

import gzip
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import click
import fitdecode
import httpx
import psycopg

from benchmarks.database import fill_users, make_database
from benchmarks.measures import Bench, Measure, asking, in_turn, latencies_in_turn
from benchmarks.service import Service, serving
from fitness.readers import fit, points_bytes
from fitness.readers.folder import HEAD_BYTES, ZipFolder
from fitness.readers.sorting import sorted_files
from tests import strava_export
from tests.readers.fit import writer

POINTS = 3_600
"""Of a file: an hour at a point a second."""
READ = 10
"""How many files a round only reads."""
MEMBERS, ACTIVITIES = 7_800, 355
"""Files in the export of a Garmin account, and those of them that are activities."""
RECORDED, PLAIN = 1, 2
"""The people with the same records, of whom the first one has points."""
FIRST_DROPPER = 3
ASK_AGAIN = 0.05
"""Seconds between two questions whether an import has ended."""
YEARS = "start=2020-01-01&end=2020-12-31&time_zone=Europe/Berlin"
SHOWN = {
    "runs": "/v1/runs?limit=50",
    "workouts": "/v1/workouts?limit=50",
    "mileage by day": f"/v1/metrics/mileage/by-day?{YEARS}",
    "training load": f"/v1/metrics/training-load/by-day?{YEARS}",
    "summary": f"/v1/summary?{YEARS}",
}
"""Lists and metrics that do not show points."""


def activity_measures(bench: Bench) -> Iterator[Measure]:
    """Take one measure after the other, in a database of its own."""
    packed = [gzip.compress(_fit(number), mtime=0) for number in range(bench.dropped_files)]
    yield _reading(bench, packed)
    yield _sorting(bench)
    url = make_database(bench.postgres, "activities", partial(fill_users, users=100))
    with serving(url, bench.directory, {"SYNC_INTERVAL_MINUTES": "0"}) as service:
        yield from _drops(bench, service, packed)
        seconds = _exports(bench, service)
        click.echo(f"A Strava export of {bench.exported_activities:,} activities: {seconds:.0f} s.")
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute("UPDATE runs SET points_id = NULL WHERE user_id = %s", [PLAIN])
            owner.execute("UPDATE workouts SET points_id = NULL WHERE user_id = %s", [PLAIN])
            owner.execute("DELETE FROM activity_points WHERE user_id = %s", [PLAIN])
            owner.execute("VACUUM ANALYZE")
        recorded, plain = service.token(RECORDED), service.token(PLAIN)
        for name, path in SHOWN.items():
            ours, reference = latencies_in_turn(bench, asking(service, recorded, path), asking(service, plain, path))
            yield Measure(f"{name}, with points ÷ without", "ms", ours * 1000, reference * 1000, at_most=1.1)


def _fit(number: int) -> bytes:
    """Return the file of a run of an hour with all that is kept of a point, a day before that of the number before."""
    chance = random.Random(number)
    start = writer.START - 86_400 * number

    def wandering(first: int, low: int, high: int, step: int) -> list[int]:
        steps = (chance.randint(-step, step) for _ in range(POINTS - 1))
        return list(accumulate(steps, lambda value, by: min(high, max(low, value + by)), initial=first))

    speed = wandering(3_000, 2_500, 3_500, 80)
    metres = list(accumulate(speed[1:], initial=0))
    track = writer.track(
        time=range(start, start + POINTS),
        lat=[450_000_000 + one // 9 + chance.randint(-40, 40) for one in metres],
        lon=wandering(-500_000_000, -(2**31), 2**31 - 1, 80),
        distance=[one // 10 for one in metres],
        altitude=wandering(2_600, 2_500, 3_500, 2),
        speed=speed,
        heart_rate=wandering(140, 100, 180, 2),
        cadence=wandering(85, 80, 90, 1),
        power=wandering(260, 200, 320, 9),
        temperature=[17 + second // 900 for second in range(POINTS)],
    )
    session = writer.session(start=start, seconds=POINTS - 1, metres=metres[-1] / 1000)
    return writer.file(writer.activity(), track, session)


def _reading(bench: Bench, packed: Sequence[bytes]) -> Measure:
    """Files a second that are read, summed up and encoded, against their mere reading by fitdecode."""
    ours, reference = in_turn(
        bench.rounds, lambda: _per_second(_read, packed[:READ]), lambda: _per_second(_decode, packed[:READ])
    )
    return Measure("reading of FIT files", "files/s", ours, reference, at_least=8)


def _per_second(read: Callable[[bytes], None], packed: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for content in packed:
        read(gzip.decompress(content))
    return len(packed) / (time.perf_counter() - started)


def _read(content: bytes) -> None:
    for activity in fit.read(content).activities:
        points_bytes.pack(points_bytes.plain(activity.points))


def _decode(content: bytes) -> None:
    with fitdecode.FitReader(content) as frames:
        for _ in frames:
            pass


def _sorting(bench: Bench) -> Measure:
    """Milliseconds to find the activities of a Garmin account in a ZIP in its ZIP, against reading their heads."""
    with TemporaryFile() as export, TemporaryFile() as inner:
        _write_garmin(inner)
        inner.seek(0)
        with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip", inner.read())
        ours, reference = in_turn(bench.rounds, lambda: _sort(export), lambda: _read_heads(inner))
    return Measure(f"sorting of a ZIP of {MEMBERS:,} files", "ms", ours * 1000, reference * 1000, at_most=3)


def _write_garmin(into: BinaryIO) -> None:
    """Write a ZIP with the files that devices have sent: most of them have the steps and the pulse of a day."""
    run, day = (
        _fit(0),
        writer.file(writer.message(0, type=32, serial=3_900_000_001, created=writer.START), bytes(4_000)),
    )
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(MEMBERS):
            is_activity = number * ACTIVITIES % MEMBERS < ACTIVITIES
            archive.writestr(f"ada@example.com_{number}.fit", run if is_activity else day)


def _sort(export: BinaryIO) -> float:
    started = time.perf_counter()
    export.seek(0)
    with ZipFolder(export) as folder:
        kinds = sorted_files(folder)
    taken = time.perf_counter() - started
    assert list(kinds.values()).count("fit") == ACTIVITIES
    return taken


def _read_heads(archive: BinaryIO) -> float:
    started = time.perf_counter()
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            with opened.open(info) as member:
                member.read(HEAD_BYTES)
    return time.perf_counter() - started


def _drops(bench: Bench, service: Service, packed: Sequence[bytes]) -> Iterator[Measure]:
    """Files a second of a drop, from the end of the sending on, against their mere reading; and a worker's memory."""
    users = iter(range(FIRST_DROPPER, 100))
    idle = service.memory_kib("VmRSS")
    ours, reference = in_turn(
        bench.long_rounds, lambda: _drop(service, next(users), packed), lambda: _per_second(_decode, packed[:READ])
    )
    yield Measure(f"drop of {len(packed)} FIT files", "files/s", ours, reference, at_least=8)
    peak = service.memory_kib("VmHWM")
    most = 64 + max(len(gzip.decompress(content)) for content in packed) / 1024**2
    yield Measure("memory above idle ÷ 64 MiB + file", "MiB", (peak - idle) / 1024, most, at_most=1)


def _drop(service: Service, user_id: int, packed: Sequence[bytes]) -> float:
    """Send files as one import; return how many of them were loaded a second."""
    headers = {"Authorization": f"Bearer {service.token(user_id)}"}
    with httpx.Client(base_url=f"{service.url}/v1", headers=headers, timeout=600) as client:
        path = f"/imports/{client.post('/imports').raise_for_status().json()['import_id']}"
        for content in packed:
            client.put(f"{path}/files/{sha256(content).hexdigest()}", content=content).raise_for_status()
        started = time.perf_counter()
        job = client.post(f"{path}/finish", headers={"Prefer": "respond-async"}).raise_for_status().json()
        while job["ended_at"] is None:
            time.sleep(ASK_AGAIN)
            job = client.get(f"/jobs/{job['job_id']}").raise_for_status().json()
        taken = time.perf_counter() - started
    assert job["result"]["created"] == len(packed)
    return len(packed) / taken


def _exports(bench: Bench, service: Service) -> float:
    """Import the same export for both people; return the seconds that one of them took."""
    export = bench.directory / "strava.zip"
    with export.open("wb") as stream:
        strava_export.write(stream, bench.exported_activities)
    return (
        sum(_import(service, user_id, export, created=bench.exported_activities) for user_id in (RECORDED, PLAIN)) / 2
    )


def _import(service: Service, user_id: int, file: Path, *, created: int) -> float:
    """Import a file by the command; return the seconds that it took."""
    token = service.token(user_id)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "fitness.cli", "import", file, "--url", service.url],
        env={**os.environ, "FITNESS_TOKEN": token},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    taken = time.perf_counter() - started
    with psycopg.connect(service.database_url) as owner:
        found = owner.execute("SELECT count(*) FROM activity_points WHERE user_id = %s", [user_id]).fetchone()
    assert found == (created,), found
    return taken
