"""Loads what a provider says: one changeset, set-based, original versions in the same transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count, islice
from typing import TypeVar
from uuid import UUID, uuid4

from fitness.db import changesets, exercises, runs, runs_merge, shoes, workouts
from fitness.db.connection import discard
from fitness.db.runs import CHUNK_ROWS, NewRun
from fitness.providers.records import ParsedRun, ParsedWorkout, Problem, Skipped

T = TypeVar("T")

MOST_PROBLEMS = 1000
"""How many problems an answer lists one by one; `failed` counts them all. And how many reasons to skip a record."""


@dataclass(slots=True)
class Report:
    """What an import did, or a sync (`kind`), whose pages are loaded one after the other into the same report.

    `kept`: the provider changed what the person had changed, and theirs stayed. `skipped_why` counts those `skipped` by
    reason. A sync that the provider's limits stopped is not `complete`; it goes on at `resume_at`.
    """

    kind: str = "import"
    dry_run: bool = False
    changeset_id: int | None = None
    found: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    deleted: int = 0
    skipped: int = 0
    failed: int = 0
    skipped_why: dict[str, int] = field(default_factory=dict)
    problems: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[dict[str, object]] = field(default_factory=list)
    complete: bool = True
    resume_at: datetime | None = None

    def add_problem(self, problem: Problem) -> None:
        self.failed += 1
        if self.failed <= MOST_PROBLEMS:
            self.problems.append(problem._asdict())

    def add_skipped(self, record: Skipped) -> None:
        self.skipped += 1
        if record.detail in self.skipped_why or len(self.skipped_why) < MOST_PROBLEMS:
            self.skipped_why[record.detail] = self.skipped_why.get(record.detail, 0) + 1

    def add_known(self, known: int, merges: Iterable[runs_merge.Merge]) -> None:
        """Count records that were here already: those that took something over, those that only are in conflict."""
        for merge in merges:
            self.updated += bool(merge.taken)
            self.kept += bool(merge.conflicts) and not merge.taken
            known -= bool(merge.conflicts or merge.taken)
            self.conflicts += [
                {"id": merge.id, "field": field, "yours": merge.yours[field], "theirs": theirs}
                for field, theirs in merge.conflicts.items()
            ]
        self.unchanged += known

    @property
    def changed(self) -> int:
        """How many records are no longer what they were."""
        return self.created + self.updated + self.deleted

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in asdict(self).items() if type(value) is int and name != "changeset_id"}


def load_runs(
    records: Iterable[ParsedRun | Skipped | Problem],
    report: Report,
    *,
    source: str,
    actor: str,
    told: Collection[str] = runs.TOLD,
) -> Report:
    """Store the runs that are new, with their shoes, and merge the others, in the bound transaction; return the report.

    A known run follows the provider in every field that the person left alone, and stays as it is in the others, which
    are reported as conflicts; one that the person deleted stays deleted. `told` are the fields that the records tell.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        wardrobe = _Wardrobe(actor, changeset_id)
        remaining = iter(records)
        while chunk := list(islice(remaining, CHUNK_ROWS)):
            parsed = list(_parsed(ParsedRun, chunk, report))
            wardrobe.look_up(parsed)
            new = [_new_run(run, source, wardrobe.ids) for run in parsed]
            wardrobe.make_for(new)
            created = runs.bulk_create_runs(new, changed_by=actor, changeset_id=changeset_id)
            report.created += created
            if created < len(new):
                merges = runs_merge.compare_with_provider(new, told=told)
                wardrobe.make({merge.taken.get("shoe_id") for merge in merges})
                runs_merge.take_from_provider(merges, changed_by=source, changeset_id=changeset_id)
                report.add_known(len(new) - created, merges)
    return report


@contextmanager
def changeset_of(report: Report, *, source: str, actor: str) -> Iterator[int]:
    """Give the changeset that the report's records are written as: that of its pages before, or else a new one.

    Afterwards it tells what was done. A dry run takes all of it back, and without a change no changeset is left.
    """
    before = report.changed
    changeset_id = report.changeset_id or changesets.create_changeset(report.kind, source=source, actor=actor)
    yield changeset_id
    if report.dry_run:
        discard()
    elif report.changed > before:
        report.changeset_id = changeset_id
        changesets.set_counts(changeset_id, report.counts())
    elif report.changeset_id is None:
        changesets.delete_changeset(changeset_id)


@dataclass(slots=True)
class _Wardrobe:
    """The shoes that a load's runs name: their ids, and those that are still to be made."""

    actor: str
    changeset_id: int
    ids: dict[str, str] = field(default_factory=dict)
    unmade: dict[str, str] = field(default_factory=dict)

    def look_up(self, parsed: Iterable[ParsedRun]) -> None:
        """Find the shoes that the runs name; those that are missing have ids already, made of their names."""
        names = {run.shoe_name for run in parsed if run.shoe_name} - self.ids.keys()
        if names:
            self.ids |= shoes.get_existing_shoes_by_names(names)
            missing = {name: shoes.shoe_id_of(name) for name in names - self.ids.keys()}
            self.unmade |= {shoe_id: name for name, shoe_id in missing.items()}
            self.ids |= missing

    def make_for(self, new: Iterable[NewRun]) -> None:
        """Make the missing shoes of the runs that are not here yet; a known run may keep others."""
        wearers = {run.id: run.shoe_id for run in new if run.shoe_id in self.unmade}
        if wearers:
            self.make({wearers[run_id] for run_id in wearers.keys() - runs.get_existing_run_ids(among=wearers)})

    def make(self, shoe_ids: Collection[str | None]) -> None:
        """Make those of the shoes that are missing."""
        names = {self.unmade.pop(shoe_id) for shoe_id in shoe_ids if shoe_id in self.unmade}
        if names:
            shoes.bulk_create_shoes_by_names(names, changed_by=self.actor, changeset_id=self.changeset_id)


def load_workouts(records: Iterable[ParsedWorkout | Problem], report: Report, *, source: str, actor: str) -> Report:
    """Store the workouts that are new, with their exercises, in the bound transaction; return the report.

    A workout that is there already stays as it is, be it deleted.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        remaining = iter(records)
        while chunk := list(islice(remaining, CHUNK_WORKOUTS)):
            parsed = list(_parsed(ParsedWorkout, chunk, report))
            told = {workout.id: _told(workout) for workout in parsed}
            new = workouts.get_new_workout_ids(list(told.values()), source=source)
            made = [workout for workout in parsed if workout.id in new]
            created = workouts.bulk_create_workouts(
                [told[workout.id] for workout in made],
                _executions(made, actor, changeset_id),
                source=source,
                changed_by=actor,
                changeset_id=changeset_id,
            )
            report.created += created
            report.unchanged += len(parsed) - created
    return report


CHUNK_WORKOUTS = 200


def _told(workout: ParsedWorkout) -> workouts.ToldWorkout:
    return workouts.ToldWorkout(
        workout.id, workout.title, workout.start_ts, workout.end_ts, workout.notes, workout.external_id
    )


def _executions(
    parsed: Collection[ParsedWorkout], actor: str, changeset_id: int
) -> dict[UUID, list[dict[str, object]]]:
    """Return what was done in each workout, as JSON: the blocks of an exercise joined, the order of all sets kept."""
    names = {exercise.name for workout in parsed for exercise in workout.exercises}
    _, ids = exercises.use_exercises([], names, changed_by=actor, changeset_id=changeset_id)
    return {workout.id: _joined(workout, ids) for workout in parsed}


def _joined(workout: ParsedWorkout, exercise_ids: Mapping[str, UUID]) -> list[dict[str, object]]:
    sets: dict[UUID, list[dict[str, object]]] = {}
    notes: dict[UUID, list[str]] = {}
    positions = count(1)
    for exercise in workout.exercises:
        exercise_id = exercise_ids[exercise.name]
        of_exercise = sets.setdefault(exercise_id, [])
        for one in exercise.sets:
            placed = {"id": uuid4(), "position": next(positions), "set_index": len(of_exercise) + 1}
            of_exercise.append({**one._asdict(), **placed})
        if exercise.note:
            notes.setdefault(exercise_id, []).append(exercise.note)
    return [
        {"exercise_id": id, "execution_order": order, "note": "\n".join(notes.get(id, [])) or None, "sets": of_exercise}
        for order, (id, of_exercise) in enumerate(sets.items(), 1)
    ]


def _parsed(kind: type[T], chunk: Iterable[object], report: Report) -> Iterator[T]:
    """Yield those of the records that could be read and are wanted, and count all of them."""
    for record in chunk:
        report.found += 1
        if isinstance(record, kind):
            yield record
        elif isinstance(record, Problem):
            report.add_problem(record)
        else:
            assert isinstance(record, Skipped)
            report.add_skipped(record)


def _new_run(run: ParsedRun, source: str, shoe_ids: dict[str, str]) -> NewRun:
    return NewRun(
        run.id,
        run.datetime_utc,
        run.type,
        run.distance,
        run.duration,
        source,
        run.avg_heart_rate,
        shoe_ids.get(run.shoe_name) if run.shoe_name else None,
        run.name,
        run.notes,
    )
