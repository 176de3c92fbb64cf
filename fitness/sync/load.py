"""Loads what a provider says: one changeset, set-based, original versions in the same transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count, islice
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID, uuid4

from fitness.db import exercises, runs, runs_merge, shoes, workouts, workouts_merge
from fitness.db.connection import discard
from fitness.db.exercises import NewExercise, normal_name
from fitness.db.history import changesets, provider_deletes
from fitness.db.history.merges import Merge
from fitness.db.runs import CHUNK_ROWS, NewRun
from fitness.db.workouts import WORKOUTS, ToldWorkout
from fitness.db.workouts_merge import CONTENT
from fitness.readers.records import ParsedExercise, ParsedRun, ParsedTemplate, ParsedWorkout, Problem, Skipped

T = TypeVar("T")

MOST_PROBLEMS = 1000
"""How many problems an answer lists one by one; `failed` counts them all. And how many reasons to skip a record."""


@dataclass(slots=True)
class Report:
    """What an import did, or a sync (`kind`), whose pages are loaded one after the other into the same report.

    `kept`: the provider changed what the person had changed, and theirs stayed. `skipped_why` counts those `skipped` by
    reason. `remarks` are on records that were read otherwise than they stand in the file, `time_zone` is the zone of
    the file's local times, `questions` are what must be answered before it can be read. A sync that the provider's
    limits stopped is not `complete`; it goes on at `resume_at`.
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
    remarks: list[dict[str, object]] = field(default_factory=list)
    time_zone: str | None = None
    questions: list[dict[str, object]] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    complete: bool = True
    resume_at: datetime | None = None

    def add_problem(self, problem: Problem) -> None:
        self.failed += 1
        if self.failed <= MOST_PROBLEMS:
            self.problems.append(problem._asdict())

    def add_remark(self, record: ParsedRun | ParsedWorkout) -> None:
        if record.remark and len(self.remarks) < MOST_PROBLEMS:
            self.remarks.append({"row": record.row, "id": str(record.id), "detail": record.remark})

    def add_skipped(self, record: Skipped) -> None:
        self.skipped += 1
        if record.detail in self.skipped_why or len(self.skipped_why) < MOST_PROBLEMS:
            self.skipped_why[record.detail] = self.skipped_why.get(record.detail, 0) + 1

    def add_known(self, known: int, merges: Iterable[Merge]) -> None:
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
            parsed = list(parsed_of(ParsedRun, chunk, report))
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


def load_workouts(
    records: Iterable[ParsedWorkout | Skipped | Problem],
    report: Report,
    *,
    source: str,
    actor: str,
    templates: Mapping[str, ParsedTemplate] = MappingProxyType({}),
) -> Report:
    """Store the workouts that are new, with their exercises, and merge the others, in the bound transaction.

    A known workout follows the provider in every field that the person left alone, what was done in it being one, and
    stays as it is in the others, which are reported as conflicts; one that the person deleted stays deleted.
    `templates` are what the provider knows of the exercises that the person does not have yet. Returns the report.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        gym = _Gym(source, actor, changeset_id, templates)
        remaining = iter(records)
        while chunk := list(islice(remaining, CHUNK_WORKOUTS)):
            parsed = list(parsed_of(ParsedWorkout, chunk, report))
            created, merges = _load_chunk(parsed, gym)
            report.created += created
            report.add_known(len(parsed) - created, merges)
    return report


CHUNK_WORKOUTS = 200


Base = Mapping[str, Any]
"""What a provider told before of a workout; empty for a new one."""


@dataclass(slots=True)
class _Gym:
    """The exercises that a load's workouts name: those that the person has, and what is told of the others."""

    source: str
    actor: str
    changeset_id: int
    templates: Mapping[str, ParsedTemplate]
    ids: dict[NewExercise, UUID] = field(default_factory=dict)

    def look_up(self, parsed: Iterable[ParsedWorkout]) -> None:
        """Find those of the exercises that the person has."""
        named = {self._new(exercise) for workout in parsed for exercise in workout.exercises} - self.ids.keys()
        if named:
            self.ids |= exercises.find_exercises(list(named))

    def make_for(self, parsed: Iterable[tuple[ParsedWorkout, Base]]) -> None:
        """Make those of the exercises that the person has not."""
        named = {
            self._new(exercise)
            for workout, base in parsed
            for exercise in workout.exercises
            if not _before(base).get(_key(exercise))
        }
        if named:
            self.ids |= exercises.use_told_exercises(list(named), changed_by=self.actor, changeset_id=self.changeset_id)

    def _new(self, exercise: ParsedExercise) -> NewExercise:
        return told_exercise(exercise, self.source, self.templates)

    def told(self, workout: ParsedWorkout, base: Base = MappingProxyType({})) -> ToldWorkout:
        """Return a workout as it is stored: the blocks of an exercise joined, the order of all sets kept.

        An exercise that the provider told before, in `base`, is still the same one, and so are its sets. One that
        the person does not have has no id.
        """
        before = _before(base)
        set_ids = {
            (execution["exercise_id"], one["set_index"]): one["id"]
            for execution in base.get(CONTENT, ())
            for one in execution["sets"]
        }
        executions: dict[str, dict[str, Any]] = {}
        positions = count(1)
        for exercise in workout.exercises:
            exercise_id = before.get(_key(exercise)) or self.ids.get(self._new(exercise))
            execution = executions.setdefault(
                str(exercise_id or _key(exercise)),
                {
                    "exercise_id": exercise_id and str(exercise_id),
                    "exercise_name": normal_name(exercise.name),
                    "execution_order": len(executions) + 1,
                    "note": None,
                    "sets": [],
                },
            )
            execution["note"] = "\n".join(filter(None, (execution["note"], exercise.note))) or None
            for one in exercise.sets:
                set_index = len(execution["sets"]) + 1
                set_id = set_ids.get((execution["exercise_id"], set_index)) or str(uuid4())
                placed = {"id": set_id, "position": next(positions), "set_index": set_index}
                execution["sets"].append({**one._asdict(), **placed})
        return ToldWorkout(
            workout.id,
            workout.title,
            workout.start_ts,
            workout.end_ts,
            workout.notes,
            workout.external_id,
            list(executions.values()),
        )


def _load_chunk(parsed: Iterable[ParsedWorkout], gym: _Gym) -> tuple[int, list[Merge]]:
    """Store workouts; return how many were new, and what became of those that were here."""
    told: dict[UUID, ParsedWorkout] = {}
    for workout in parsed:
        told.setdefault(workout.id, workout)  # of one that is told twice, the first holds
    known = workouts_merge.lock_known([gym.told(workout) for workout in told.values()], source=gym.source)
    new = [workout for workout in told.values() if workout.id not in known]
    again = {str(one.id): (told[one.told_id], one.base) for one in known.values()}
    gym.look_up(told.values())
    merges = workouts_merge.compare_with_provider(
        (gym.told(told[one.told_id], one.base), one) for one in known.values()
    )
    taking = [merge for merge in merges if CONTENT in merge.taken]
    gym.make_for([*((workout, {}) for workout in new), *(again[merge.id] for merge in taking)])
    for merge in taking:
        merge.taken[CONTENT] = merge.theirs[CONTENT] = gym.told(*again[merge.id]).exercise_executions
    created = workouts.bulk_create_workouts(
        [gym.told(workout) for workout in new],
        source=gym.source,
        changed_by=gym.actor,
        changeset_id=gym.changeset_id,
    )
    workouts_merge.take_from_provider(merges, changed_by=gym.source, changeset_id=gym.changeset_id)
    by_api = {one.id: external_id for one in known.values() if (external_id := told[one.told_id].external_id)}
    workouts_merge.set_external_ids(by_api)
    provider_deletes.found_again(WORKOUTS, by_api)
    return created, merges


def _before(base: Base) -> dict[str, str]:
    """Return the exercises that a provider told before of a workout, by name."""
    return {
        execution["exercise_name"].lower(): execution["exercise_id"]
        for execution in base.get(CONTENT, ())
        if execution["exercise_id"]
    }


def _key(exercise: ParsedExercise) -> str:
    return normal_name(exercise.name).lower()


def told_exercise(exercise: ParsedExercise, source: str, templates: Mapping[str, ParsedTemplate]) -> NewExercise:
    """Return what a provider tells of an exercise, by a workout and by its templates."""
    template = templates.get(exercise.template_id or "")
    return NewExercise(
        normal_name(exercise.name),
        template and template.body_part,
        template and template.modality,
        external_id=exercise.template_id and f"{source.lower()}:{exercise.template_id}",
    )


def parsed_of(kind: type[T], chunk: Iterable[object], report: Report) -> Iterator[T]:
    """Yield those of the records that could be read and are wanted, and count all of them."""
    for record in chunk:
        report.found += 1
        if isinstance(record, ParsedRun | ParsedWorkout):
            report.add_remark(record)
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
