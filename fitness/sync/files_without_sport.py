"""Files that do not say the sport, as those that are cut may not: of a run, if something else says that it is one.

Otherwise they are of a workout. When that changes, because something is imported, reverted or redone, what these files
say moves to the run or to the workout, in the changesets that brought them: so the order does not matter.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fitness.db import (
    activity_files,
    activity_keys,
    activity_sources,
    files_without_sport,
    joined_records,
    moved_sources,
    workouts_import,
)
from fitness.db.activity_keys import NewKey
from fitness.db.activity_search import JOINED_RUNS, JOINED_WORKOUTS
from fitness.db.activity_search import Kind as JoinedKind
from fitness.db.activity_sources import Kind, find_source_of_file
from fitness.db.best_sources import KEYS
from fitness.db.history import reverts
from fitness.db.history.reverts import Touched
from fitness.db.history.versions import Change
from fitness.db.joined_records import Settled
from fitness.db.moved_sources import Place
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout
from fitness.sync import runs_import
from fitness.sync import workouts_import as workouts
from fitness.sync.activity_points import files_stored, store_measured
from fitness.sync.joining import find_matches, sent_run, sent_workout
from fitness.sync.stored_files import read_stored


class File(NamedTuple):
    """What a file says of an activity, as a run and as a workout; `key` and `source` are those of its source."""

    key: str
    source: str
    run: ParsedRun
    workout: ParsedWorkout

    def said_of(self, kind: Kind) -> dict[str, Any]:
        """Return the values that it says of a record of a noun, with its keys."""
        if kind is RUNS:
            return runs_import.values_said(self.run, self.source) | {KEYS: sent_run(self.run, self.source).keys}
        return workouts.values_said(self.workout, self.source) | {KEYS: sent_workout(self.workout, self.source).keys}


def files_of(kind: Kind, id: Any) -> list[File]:
    """Return the files of a record if all sources that say it are such files; otherwise none."""
    read: dict[str, File] = {}
    for link in activity_files.list_places(str(id)):
        for _, record, key in read_stored(link):
            source = find_source_of_file(kind, id, key)
            if (
                source
                and isinstance(record, OtherSport)
                and record.as_run
                and isinstance(record.workout, ParsedWorkout)
            ):
                read.setdefault(source.key, File(source.key, source.name, record.as_run, record.workout))
    said = activity_sources.list_sources(kind, [id]).get(id, {})
    return list(read.values()) if said.keys() <= read.keys() else []


def move_to_run(workout_id: UUID, files: Sequence[File], change: Change) -> Settled | None:
    """Let files of a workout be of the run that they are likely to be of, if there is one; it follows what they say."""
    run_id = _find(JOINED_RUNS, [sent_run(file.run, file.source) for file in files], files[0].source, live=True)
    if run_id is None:
        return None
    return _move(Place(WORKOUTS, workout_id), Place(RUNS, run_id), files, change)


def _find(kind: JoinedKind, sent: Sequence[Any], source: str, *, live: bool) -> Any:
    """Return the record that one of the activities is likely to be, or None."""
    matches = find_matches(kind, sent, source)().values()
    return next((match.id for match in matches if not (live and match.deleted)), None)


def _move(old: Place, new: Place, files: Sequence[File], change: Change) -> Settled:
    assert change.changeset_id is not None
    for one in (old, new):
        activity_sources.begin(one.kind, [one.id], changeset_id=change.changeset_id)
    moved_sources.move(old, new, [file.key for file in files])
    said = {file.key: file.said_of(new.kind) for file in files}
    activity_sources.set_values(said)
    keys = [NewKey(key, new.id, source_key=file.key) for file in files for key in said[file.key][KEYS]]
    activity_keys.add_keys(new.kind, keys, changeset_id=change.changeset_id)
    measured = [(str(new.id), file.run if new.kind is RUNS else file.workout) for file in files]
    store_measured(measured, files_stored([one for _, one in measured])())
    return joined_records.settle(new.kind, [new.id], [], change)


def follow(touched: Collection[Touched], change: Change) -> None:
    """Let files be of runs or of workouts, now that something was reverted or stands again, see the top."""
    runs, others = (next(one for one in touched if one.kind is kind) for kind in (RUNS, WORKOUTS))
    run_ids, workout_ids = ({*one.ids, *one.said, *one.changed} for one in (runs, others))
    for one in files_without_sport.list_runs(run_ids):
        files = [] if one.left else files_of(RUNS, one.id)
        if files:
            _note(others, _move_to_workout(one.id, files, change))
        if files or one.left:
            runs.changed |= reverts.delete(RUNS, [one.id], change)
    for one in files_without_sport.list_workouts(workout_ids | others.changed, run_ids):
        files = [] if one.left else files_of(WORKOUTS, one.id)
        settled = move_to_run(one.id, files, change) if files else None
        if settled:
            _note(runs, settled)
        if settled or one.left:
            others.changed |= reverts.delete(WORKOUTS, [one.id], change)


def _note(touched: Touched, settled: Settled) -> None:
    touched.changed |= settled.changed
    touched.kept += settled.kept


def _move_to_workout(run_id: str, files: Sequence[File], change: Change) -> Settled:
    first = files[0]
    sent = [sent_workout(file.workout, file.source) for file in files]
    id = _find(JOINED_WORKOUTS, sent, first.source, live=False)
    if id is None:
        id = first.workout.id
        new = workouts.as_stored(first.workout, first.source)
        by: dict[str, Any] = {"changed_by": change.changed_by, "changeset_id": change.changeset_id}
        workouts_import.bulk_create_workouts([new], source=first.source, **by)
    settled = _move(Place(RUNS, run_id), Place(WORKOUTS, id), files, change)
    return settled._replace(changed=settled.changed | {id})
