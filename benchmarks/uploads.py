"""Measures of uploads of runs: against COPY of the same rows, and of the same file once more."""

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString, cast

import httpx
import psycopg

from benchmarks.measures import USER, Bench, Measure, in_turn
from benchmarks.service import Service
from fitness.db.schema import metadata
from tests.standins.strava import make_activity

MONTHS = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
STRAVA_HEADING = [
    *("Activity ID", "Activity Date", "Activity Name", "Activity Type", "Activity Description", "Elapsed Time"),
    *("Distance", "Max Heart Rate", "Relative Effort", "Commute", "Activity Private Note", "Activity Gear", "Filename"),
    *("Athlete Weight", "Bike Weight", "Elapsed Time", "Moving Time", "Distance"),
]
COPIED: tuple[LiteralString, ...] = ("runs", "activity_keys", "runs_history")


def upload_measures(bench: Bench) -> Iterator[Measure]:
    """Rows a second of uploads end to end; then the memory that a worker takes."""
    rows, most = bench.upload_rows, 2 * (bench.rounds + 1)
    idle = bench.large.memory_kib("VmRSS")
    for provider, export, first in (("mmf", _mapmyfitness_export, USER + 1), ("strava", _strava_export, USER + 30)):
        file = bench.directory / f"{provider}.csv"
        export(file, rows)
        yield from _upload(bench, provider, file, range(first, first + most))
    peak = bench.large.memory_kib("VmHWM")
    yield Measure("memory above idle ÷ 150 MiB", "MiB", (peak - idle) / 1024, 150, at_most=1)


def _upload(bench: Bench, provider: str, file: Path, users: Sequence[int]) -> Iterator[Measure]:
    """Rows a second of an upload, against COPY of the same rows; and of the same file once more, against the first."""
    new, known, copied = iter(users[::2]), iter(users[::2]), iter(users[1::2])
    ours, again, reference = in_turn(
        bench.rounds,
        lambda: upload_file(bench.large, provider, file, next(new)),
        lambda: upload_file(bench.large, provider, file, next(known)),
        lambda: copy_newest(bench.large, next(copied), COPIED, named="shoes", condition=_of_newest)["runs"],
    )
    yield Measure(f"{provider}: {bench.upload_rows:,} rows ÷ COPY", "rows/s", ours, reference, at_least=0.7)
    yield Measure(f"{provider}: the same file again ÷ first", "rows/s", again, ours, at_least=3)


def upload_file(service: Service, provider: str, file: Path, user_id: int, **form: str) -> float:
    """Upload a provider's file to a user, and return the records a second that were new, or as they were."""
    headers = {"Authorization": f"Bearer {service.token(user_id)}"}
    started = time.perf_counter()
    with file.open("rb") as stream:
        answer = httpx.post(
            f"{service.url}/v1/{provider}/upload-csv",
            headers=headers,
            files={"file": stream},
            data=form,
            timeout=600,
        )
    taken = time.perf_counter() - started
    counts = answer.raise_for_status().json()
    return (counts["created"] + counts["unchanged"]) / taken


def _mapmyfitness_export(file: Path, rows: int) -> None:
    """Write a MapMyFitness export with a dozen shoes."""
    lines = [
        "Date Submitted,Workout Date,Activity Type,Calories Burned (kCal),Distance (mi),Workout Time (seconds),"
        "Avg Pace (min/mi),Max Pace (min/mi),Avg Speed (mi/h),Max Speed (mi/h),Avg Heart Rate,Steps,Notes,Source,Link"
    ]
    for n in range(rows):
        day = f'"{MONTHS[n % 12]} {n % 28 + 1}, {2000 + n % 25}"'
        miles, seconds = 3 + n % 90 / 10, 1500 + n % 4000
        pace, speed = seconds / 60 / miles, miles / seconds * 3600
        lines.append(
            f"{day},{day},Run,402,{miles},{seconds},{pace},{pace},{speed},{speed},{130 + n % 40},5011,"
            f"Windy. Shoes: Brooks Ghost {n % 12},MapMyRun,http://www.mapmyfitness.com/workout/{8_000_000_000 + n}"
        )
    file.write_text("\n".join(lines) + "\n")


def _strava_export(file: Path, rows: int) -> None:
    write_strava_export(file, map(make_activity, range(rows)))


def write_strava_export(file: Path, activities: Iterable[dict[str, Any]]) -> None:
    """Write activities as Strava's export lists them, each with its file."""
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(STRAVA_HEADING)
        for one in activities:
            start = datetime.fromisoformat(one["start_date"])
            said = one["id"], f"{start:%b} {start.day}, {start:%Y, %I:%M:%S %p}", one["name"], "Run", ""
            shown = one["elapsed_time"], f"{one['distance'] / 1000:.2f}", "", "", "false", "", ""
            measured = float(one["elapsed_time"]), float(one["moving_time"]), float(one["distance"])
            writer.writerow([*said, *shown, f"activities/{one['upload_id']}.fit.gz", "", "", *measured])


def copy_newest(
    service: Service,
    user_id: int,
    copied: Sequence[LiteralString],
    *,
    named: LiteralString,
    condition: Callable[[LiteralString], LiteralString] = lambda _: "true",
) -> dict[str, float]:
    """COPY what the last upload stored in these tables to another user; return the rows a second by table.

    The rows meet the `condition`. The other user gets the changeset and the records `named` by the rows, such as shoes,
    before.
    """
    with psycopg.connect(service.database_url) as connection:
        newest = connection.execute("SELECT user_id, changeset_id FROM changesets ORDER BY created_at DESC").fetchone()
        assert newest is not None
        params = {"user_id": user_id, "of": newest[0], "changeset_id": newest[1]}
        for statement in (
            f"""
            INSERT INTO {named} (user_id, id, name)
            SELECT %(user_id)s, id, name
            FROM {named}
            WHERE user_id = %(of)s
            ON CONFLICT DO NOTHING
            """,
            """
            INSERT INTO changesets (user_id, changeset_id, kind, created_at)
            SELECT %(user_id)s, changeset_id, kind, created_at - interval '1 day'
            FROM changesets
            WHERE user_id = %(of)s
              AND changeset_id = %(changeset_id)s
            """,
        ):
            connection.execute(statement, params)
        texts = {table: _copied(connection, table, condition(table), params) for table in copied}
        connection.commit()
        started = time.perf_counter()
        for table in copied:
            with connection.cursor().copy(f"COPY {table} (user_id, {_columns_of(table)}) FROM STDIN") as copy:
                copy.write(texts[table])
        connection.commit()
        taken = time.perf_counter() - started
    return {table: text.count(b"\n") / taken for table, text in texts.items()}


def _copied(
    connection: psycopg.Connection,
    table: LiteralString,
    condition: LiteralString,
    params: dict[str, Any],
) -> bytes:
    """Return rows of a user's table as COPY writes them, as another user's."""
    rows: LiteralString = f"SELECT %(user_id)s::bigint, {_columns_of(table)} FROM {table}"
    query: LiteralString = f"COPY ({rows} WHERE user_id = %(of)s AND {condition}) TO STDOUT"
    with psycopg.ClientCursor(connection).copy(query, params) as copy:
        return b"".join(bytes(block) for block in copy)


def _columns_of(table: LiteralString) -> LiteralString:
    """Return all columns of a table, but the user's and those that the database numbers itself."""
    columns = [column for column in metadata.tables[table].columns if column.identity is None]
    names: list[LiteralString] = [cast(LiteralString, column.name) for column in columns if column.name != "user_id"]
    return ", ".join(names)


def _of_newest(table: LiteralString) -> LiteralString:
    """Return the SQL condition on rows of runs that the newest changeset made."""
    key: LiteralString = "id" if table == "runs" else "run_id"
    return f"{key} IN (SELECT run_id FROM runs_history WHERE user_id = %(of)s AND changeset_id = %(changeset_id)s)"
