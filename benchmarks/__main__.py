"""Runs the measures, prints them as they come, and writes them as JSON."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

import click
import orjson

from benchmarks.activities import activity_measures
from benchmarks.as_of import as_of_measures
from benchmarks.bulk import bulk_measures
from benchmarks.changes import change_measures
from benchmarks.dashboard import dashboard_measures
from benchmarks.database import RUNS_OF_A_USER, fill_runs, make_database
from benchmarks.huge import huge_measures
from benchmarks.kills import run_kills
from benchmarks.lifts import lift_measures
from benchmarks.measures import Bench, Measure, run_measures
from benchmarks.metrics import metric_measures
from benchmarks.service import serving
from benchmarks.sync import sync_measures
from benchmarks.trips import trip_measures
from benchmarks.uploads import upload_measures
from benchmarks.workouts import workout_measures
from fitness.server.postgres import throwaway_postgres

RESULTS = Path(__file__).parent / "results"
DEEP_RUNS = 10_050
SMALL_USERS = 10


@click.command()
@click.option("--quick", is_flag=True, help="A minute's run on smaller data; its figures are only a hint.")
@click.option("--huge", is_flag=True, help="Measure 10,000,000 runs against 1,000,000; a tenth of both with --quick.")
@click.option("--kills", type=float, metavar="MINUTES", help="Kill connections under mixed load, and look for losses.")
def main(quick: bool, huge: bool, kills: float | None) -> None:
    """Measure the program against PostgreSQL alone."""
    if kills is not None:
        _run_kills(kills)
        return
    if huge:
        _run_huge(quick)
        return
    users = 50 if quick else 1_000
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fitness-bench-")))
        postgres = stack.enter_context(throwaway_postgres(fsync="on", shared_buffers="1GB"))
        click.echo(f"Filling a database with {users * RUNS_OF_A_USER:,} runs of {users:,} users …")
        large = make_database(postgres, "large", partial(fill_runs, users=users, deep_runs=DEEP_RUNS))
        small = make_database(postgres, "small", partial(fill_runs, users=SMALL_USERS, deep_runs=RUNS_OF_A_USER))
        bench = Bench(
            postgres=postgres,
            large=stack.enter_context(serving(large, directory)),
            small=stack.enter_context(serving(small, directory)),
            directory=directory,
            seconds=2 if quick else 10,
            rounds=1 if quick else 5,
            upload_rows=20_000 if quick else 100_000,
            lifters=10 if quick else 100,
            lifted_sets=30_000 if quick else 300_000,
            dropped_files=50 if quick else 200,
            exported_activities=200 if quick else 2_000,
            long_rounds=1 if quick else 3,
        )
        every = chain(
            run_measures(bench),
            upload_measures(bench),
            trip_measures(bench),
            activity_measures(bench),
            bulk_measures(bench),
            change_measures(bench),
            sync_measures(bench),
            metric_measures(bench),
            workout_measures(bench),
            lift_measures(bench),
            as_of_measures(bench),
            dashboard_measures(bench),
        )
        _report(every, "latest", quick)


def _run_kills(minutes: float) -> None:
    with tempfile.TemporaryDirectory(prefix="fitness-bench-") as directory, throwaway_postgres(fsync="on") as postgres:
        run_kills(postgres, Path(directory), minutes=minutes)


def _run_huge(quick: bool) -> None:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fitness-bench-")))
        postgres = stack.enter_context(throwaway_postgres(fsync="on", shared_buffers="1GB", max_wal_size="8GB"))
        users, rounds = (1_000, 1) if quick else (10_000, 5)
        _report(huge_measures(postgres, directory, users=users, rounds=rounds), "huge", quick)


def _report(measures: Iterable[Measure], name: str, quick: bool) -> None:
    """Print the measures as they come, and write them to a file of that name."""
    results = []
    for measure in measures:
        target = f"≥ {measure.at_least}" if measure.at_least is not None else f"≤ {measure.at_most}"
        spread = f"; {measure.spread}" if measure.spread else ""
        click.echo(
            f"{measure.name:<36} {measure.ours:>10,.2f} ÷ {measure.reference:>10,.2f} {measure.unit:<7}"
            f" = {measure.ratio:.2f}  ({target}: {'reached' if measure.reached else 'MISSED'}{spread})"
        )
        results.append({**asdict(measure), "ratio": measure.ratio, "reached": measure.reached})
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_bytes(orjson.dumps({"quick": quick, "measures": results}, option=orjson.OPT_INDENT_2))
    click.echo(f"Written to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
