"""Load planned workouts of a provider: one changeset, set-based SQL, first versions in the same transaction."""

from collections.abc import Iterable
from itertools import islice

from fitness.db import planned_workouts_import
from fitness.db.history.deletions import bring_back
from fitness.db.history.versions import Change
from fitness.db.planned_workouts import PLANNED_WORKOUTS
from fitness.db.planned_workouts_import import ProviderPlannedWorkout
from fitness.readers.records import ParsedPlannedWorkout, Problem, Skipped
from fitness.sync.report import Report, changeset_of, parsed_of

CHUNK_ROWS = 1000


def load_planned_workouts(
    records: Iterable[ParsedPlannedWorkout | Skipped | Problem], report: Report, *, source: str, actor: str
) -> Report:
    """Store new planned workouts and merge known ones, in the bound transaction; return the report.

    A known one gets the provider's values, except in fields that the person has edited, which are reported as
    conflicts. A deleted one comes back, unless the person deleted it, see `deletions`, and one that the provider moved
    to another day is moved.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        whole = [
            ProviderPlannedWorkout(parsed.id, parsed.number, parsed.values)
            for parsed in parsed_of(ParsedPlannedWorkout, records, report)
        ]
        planned_workouts_import.follow_moves(whole)
        remaining = iter(whole)
        while sent := list(islice(remaining, CHUNK_ROWS)):
            deleted = planned_workouts_import.find_deleted_planned_workouts(
                sent, restore_deleted=report.restore_deleted
            )
            created = planned_workouts_import.bulk_create_planned_workouts(
                sent, changed_by=actor, changeset_id=changeset_id
            )
            created += planned_workouts_import.make_planned_workouts_anew(
                sent, deleted.taken_away, changed_by=actor, changeset_id=changeset_id
            )
            report.created += created
            bring_back(PLANNED_WORKOUTS, deleted.returning, Change(source, changeset_id=changeset_id))
            merges = planned_workouts_import.compare_with_provider(sent)
            planned_workouts_import.take_from_provider(merges, changed_by=source, changeset_id=changeset_id)
            report.add_deleted_here(deleted.staying)
            report.add_known(len(sent) - created - len(deleted.staying), merges, deleted.returning)
    return report
