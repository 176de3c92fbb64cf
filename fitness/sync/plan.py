"""Loads a plan as a provider tells it: one changeset, set-based, original versions in the same transaction."""

from collections.abc import Iterable
from itertools import islice

from fitness.db import planned_workouts
from fitness.db.planned_workouts import ToldPlannedWorkout
from fitness.db.runs import CHUNK_ROWS
from fitness.readers.records import ParsedPlannedWorkout, Problem, Skipped
from fitness.sync.load import Report, changeset_of, parsed_of


def load_plan(
    records: Iterable[ParsedPlannedWorkout | Skipped | Problem], report: Report, *, source: str, actor: str
) -> Report:
    """Store the planned workouts that are new and merge the others, in the bound transaction; return the report.

    A known one follows the provider in every field that the person left alone, and stays as it is in the others, which
    are reported as conflicts; one that the person deleted stays deleted.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        remaining = iter(records)
        while chunk := list(islice(remaining, CHUNK_ROWS)):
            told = [
                ToldPlannedWorkout(parsed.id, parsed.number, parsed.values)
                for parsed in parsed_of(ParsedPlannedWorkout, chunk, report)
            ]
            created = planned_workouts.bulk_create_planned_workouts(told, changed_by=actor, changeset_id=changeset_id)
            report.created += created
            merges = planned_workouts.compare_with_provider(told)
            planned_workouts.take_from_provider(merges, changed_by=source, changeset_id=changeset_id)
            report.add_known(len(told) - created, merges)
    return report
