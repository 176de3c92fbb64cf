"""Load the activities of a provider of runs: runs as runs, other sports as workouts, in one changeset.

An activity has one record. People can change its type at the provider: then the record that it was is deleted like one
that is deleted there, and the other one takes its place. A file that does not say the sport says no other type.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from fitness.db import users, workouts_import
from fitness.db.activity_search import JOINED_RUNS, JOINED_WORKOUTS, find_candidates
from fitness.db.history import provider_deletes
from fitness.db.history.provider_deletes import Gone
from fitness.db.history.versioned import Versioned
from fitness.db.history.versions import Change
from fitness.db.plans import plan_anew
from fitness.db.runs import PROVIDER_FIELDS, RUNS
from fitness.db.runs_import import CHUNK_ROWS
from fitness.db.workouts import WORKOUTS
from fitness.readers.other_sports import workout_id_of
from fitness.readers.records import OtherSport, ParsedRun, Record
from fitness.sync import files_without_sport
from fitness.sync.files_without_sport import File
from fitness.sync.joining import is_of_any_sport, may_be, sent_run
from fitness.sync.report import Report, changeset_of, chunks_ahead
from fitness.sync.runs_import import ShoesOfImport, load_runs
from fitness.sync.session import delete_gone
from fitness.sync.workouts_import import load_workouts

R = TypeVar("R", bound=Record)


def load_activities(
    records: Iterable[Record],
    report: Report,
    *,
    source: str,
    actor: str,
    sent: Collection[str] = PROVIDER_FIELDS,
) -> Report:
    """Store runs as `load_runs` does, and activities of other sports as `load_workouts` does; return the report.

    Other sports are skipped if the report, or else the person's setting, does not want them. A run that is of another
    sport now is deleted, unless the person has edited it: then it stays, with a conflict, and no workout is stored. A
    workout that is a run now is deleted, or stays with a conflict; the run is stored in any case. Of a run that is sent
    twice, as in files that were joined, the first one counts.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        worn = ShoesOfImport(actor, changeset_id)
        has_workouts = workouts_import.has_workouts(source)
        mostly_new = False  # as those before them, once there are some
        seen = set[str]()
        for number, chunk in enumerate(chunks_ahead(records, CHUNK_ROWS), 1):
            plan_anew(number)
            chunk = _with_runs_here(chunk, source)
            others = [record for record in chunk if isinstance(record, OtherSport)]
            others = _without_edited_runs(others, report, source=source, actor=actor)
            runs = _once((record for record in chunk if not isinstance(record, OtherSport)), seen, report)
            if runs:
                taken = _take_workouts(runs, report, source=source, actor=actor) if has_workouts.of_any_sport else []
                if has_workouts.of_source:
                    _delete_workouts_of(runs, report, source=source, actor=actor)
                created = report.created
                load_runs(runs, report, source=source, actor=actor, sent=sent, mostly_new=mostly_new, worn=worn)
                mostly_new = report.created - created == len(runs)
                for workout_id, files in taken:
                    if files_without_sport.move_to_run(workout_id, files, Change(source, changeset_id=changeset_id)):
                        report.joined += len(files)
            if others:
                wanted = wants_other_sports(report)
                workouts = [other.workout if wanted else other.skipped for other in others]
                load_workouts(workouts, report, source=source, actor=actor)
    return report


def wants_other_sports(report: Report) -> bool:
    """Say whether other sports are stored: as the report, or else the person's setting, says."""
    return users.imports_other_sports() if report.other_sports is None else report.other_sports


def _with_runs_here(chunk: Sequence[Record], source: str) -> Sequence[Record]:
    """Return the records; an activity of unsaid sport that is a run here, or is likely to be, is a file of that run."""
    unsaid = {place: one.as_run for place, one in enumerate(chunk) if isinstance(one, OtherSport) and one.as_run}
    if not unsaid:
        return chunk
    sent = [sent_run(run, source) for run in unsaid.values()]
    found = find_candidates(JOINED_RUNS, sent)()
    here = {
        one.place
        for one in found
        if one.by != "former key" and one.deleted_by != "revert" and may_be(sent[one.place], one, source)
    }
    runs = {place: run for number, (place, run) in enumerate(unsaid.items()) if number in here}
    return [runs.get(place, one) for place, one in enumerate(chunk)]


def _take_workouts(
    runs: Sequence[Record], report: Report, *, source: str, actor: str
) -> list[tuple[UUID, Sequence[File]]]:
    """Delete workouts of files that do not say the sport, and that are likely to be one of the runs.

    Returns them with their files. A workout that the person has edited stays, and so does one that something else says
    than such files.
    """
    sent = [sent_run(run, source)._replace(ids=(), keys=()) for run in runs if isinstance(run, ParsedRun)]
    found = find_candidates(JOINED_WORKOUTS, sent)()
    here = {
        one.id: (one.source, files)
        for one in found
        if one.deleted_by is None
        and is_of_any_sport(one)
        and may_be(sent[one.place], one, source)
        and (files := files_without_sport.files_of(WORKOUTS, one.id))
    }
    taken: list[tuple[UUID, Sequence[File]]] = []
    for its_source in sorted({its_source for its_source, _ in here.values()}):
        ids = [id for id, (one, _) in here.items() if one == its_source]
        gone = _delete_retyped(WORKOUTS, ids, report, source=its_source, actor=actor, of_others=True)
        taken += [(one.id, here[one.id][1]) for one in gone if not one.edited]
    return taken


def _once(runs: Iterable[R], seen: set[str], report: Report) -> list[R]:
    """Return the runs that were not seen yet, and note their ids; the others count as unchanged."""
    first: list[R] = []
    for run in runs:
        if isinstance(run, ParsedRun):
            if run.id in seen:
                report.found += 1
                report.add_known(1, ())
                continue
            seen.add(run.id)
        first.append(run)
    return first


def _without_edited_runs(
    others: Sequence[OtherSport], report: Report, *, source: str, actor: str
) -> Sequence[OtherSport]:
    """Delete the runs that are of other sports now; return the activities without those whose edited runs stay."""
    run_ids = [other.id for other in others if other.id]
    stay = {one.id for one in _delete_retyped(RUNS, run_ids, report, source=source, actor=actor) if one.edited}
    report.found += len(stay)
    return [other for other in others if other.id not in stay]


def _delete_workouts_of(runs: Sequence[Record], report: Report, *, source: str, actor: str) -> None:
    """Delete the workouts of activities that are runs now."""
    numbers = [run.id.partition("_")[2] for run in runs if isinstance(run, ParsedRun)]
    _delete_retyped(WORKOUTS, [workout_id_of(source, one) for one in numbers], report, source=source, actor=actor)


def _delete_retyped(
    kind: Versioned[Any, Any],
    ids: Sequence[str | UUID],
    report: Report,
    *,
    source: str,
    actor: str,
    of_others: bool = False,
) -> list[Gone]:
    """Delete the records of activities that are another noun now, and return them, with edited ones, which stay.

    However many: the provider says it of each one, so that nothing is inferred.
    """
    if not ids:
        return []
    gone = provider_deletes.find_gone(
        kind, source=source, condition="r.id = ANY(%(ids)s)", of_others=of_others, ids=list(ids)
    )
    if gone:
        delete_gone(kind, gone, report, covered=len(gone), source=source, actor=actor, allow_deletes=True)
    return gone
