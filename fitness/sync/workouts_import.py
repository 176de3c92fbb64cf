"""Load workouts of a provider: one changeset, set-based SQL, first versions in the same transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from operator import itemgetter
from os import urandom
from types import MappingProxyType
from typing import Any
from uuid import UUID

from fitness.db import exercises_import, workouts_import, workouts_moves
from fitness.db.activity_search import JOINED_WORKOUTS
from fitness.db.best_sources import GUESSED, TIME_ZONE
from fitness.db.exercises import NewExercise
from fitness.db.history import provider_deletes
from fitness.db.history.deletions import Deleted, bring_back
from fitness.db.history.versions import Change
from fitness.db.plans import plan_anew
from fitness.db.workout_sessions import MEASURED
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT, SESSION
from fitness.db.workouts_import import ProviderWorkout
from fitness.names import name_key, normal_name
from fitness.readers.hevy import export_id
from fitness.readers.records import ParsedExercise, ParsedSet, ParsedTemplate, ParsedWorkout, Problem, Skipped
from fitness.sync import joining
from fitness.sync.activity_points import files_stored, store_measured
from fitness.sync.joining import Match, Said, sent_workout
from fitness.sync.report import Report, changeset_of, chunks_ahead, parsed_of


def load_workouts(
    records: Iterable[ParsedWorkout | Skipped | Problem],
    report: Report,
    *,
    source: str,
    actor: str,
    templates: Mapping[str, ParsedTemplate] = MappingProxyType({}),
    problems_are_records: bool = True,
) -> Report:
    """Store new workouts with their exercises, and merge known ones, in the bound transaction; return the report.

    A known workout gets the provider's values, except in fields that the person has edited, which are reported as
    conflicts; all exercises and sets are one field. A deleted workout comes back, unless the person deleted it, see
    `deletions`. `templates` has the provider's data of exercises that are new here. No record changes what another one
    of the same call stored.

    A workout that may be a known one at another time or under another title is put aside until all are read, as the
    known one may be among them; it then is moved, see `workouts_moves`.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        exercises = _ExercisesOfImport(source, actor, changeset_id, templates)
        mostly_new = False  # as those before them, once there are some
        for number, chunk in enumerate(chunks_ahead(records, CHUNK_WORKOUTS), 1):
            plan_anew(number)
            created = report.created
            parsed = list(parsed_of(ParsedWorkout, chunk, report, problems_are_records=problems_are_records))
            for some in joining.rounds(parsed):
                sent = [sent_workout(workout, source) for workout in some]
                matches = joining.find_matches(JOINED_WORKOUTS, sent, source)
                if mostly_new:
                    exercises.make_ready(some)
                own, joined = joining.sort(some, matches())
                if own:
                    _load_chunk([workout for workout, _ in own], exercises, report, last=False)
                _load_joined(joined, exercises, report)
            mostly_new = report.created - created == len(parsed)
        while aside := exercises.aside[:CHUNK_WORKOUTS]:
            del exercises.aside[:CHUNK_WORKOUTS]
            _load_chunk(aside, exercises, report, last=True)
    return report


def load_export(
    records: Iterable[ParsedWorkout | Skipped | Problem], report: Report, *, source: str, actor: str
) -> Report:
    """Store the workouts of a file, as load_workouts does; its problems are of single sets."""
    return load_workouts(records, report, source=source, actor=actor, problems_are_records=False)


CHUNK_WORKOUTS = 200

_SAID_OF_SET = ("position", "set_index", *ParsedSet._fields)
_VALUES_SAID_OF_SET = itemgetter(*_SAID_OF_SET)
_PLACED_SET = ("id", *_SAID_OF_SET)


Base = Mapping[str, Any]
"""The values that a provider sent for a workout before; empty for a new one."""


@dataclass(slots=True)
class _ExercisesOfImport:
    """The exercises named by the workouts of an import: the person's own ones, and templates of the others."""

    source: str
    actor: str
    changeset_id: int
    templates: Mapping[str, ParsedTemplate] = field(default_factory=lambda: MappingProxyType({}))
    named: dict[tuple[str, str | None], NewExercise] = field(default_factory=dict)
    ids: dict[NewExercise, UUID] = field(default_factory=dict)
    written: set[UUID] = field(default_factory=set)
    aside: list[ParsedWorkout] = field(default_factory=list)
    ready: dict[UUID, tuple[ParsedWorkout, ProviderWorkout]] = field(default_factory=dict)
    new_ids: Iterator[str] = field(default_factory=lambda: _random_ids())

    def look_up(self, parsed: Iterable[ParsedWorkout]) -> None:
        """Look up the exercises that the person has."""
        named = {self._new(exercise) for workout in parsed for exercise in workout.exercises} - self.ids.keys()
        if named:
            self.ids |= exercises_import.find_exercises(list(named))

    def make_for(self, parsed: Iterable[tuple[ParsedWorkout, Base]]) -> None:
        """Create the exercises that the person does not have."""
        named = {
            self._new(exercise)
            for workout, base in parsed
            for exercise in workout.exercises
            if not _before(base).get(_key(exercise))
        }
        if named:
            self.ids |= exercises_import.use_provider_exercises(
                list(named), changed_by=self.actor, changeset_id=self.changeset_id
            )

    def _new(self, exercise: ParsedExercise) -> NewExercise:
        named = exercise.name, exercise.template_id
        if (new := self.named.get(named)) is None:
            new = self.named[named] = provider_exercise(exercise, self.source, self.templates)
        return new

    def make_ready(self, parsed: Iterable[ParsedWorkout]) -> None:
        """Make workouts as new ones, if their exercises are known, while the database still stores those before."""
        self.ready.clear()
        for workout in parsed:
            if all(self._new(exercise) in self.ids for exercise in workout.exercises):
                self.ready[workout.id] = workout, self.stored(workout)

    def stored(self, workout: ParsedWorkout, base: Base = MappingProxyType({})) -> ProviderWorkout:
        """Return a workout as it is stored: the blocks of each exercise joined, the order of all sets kept.

        Exercises and sets that the provider sent before, in `base`, keep their ids. An exercise that the person does
        not have yet has no id.
        """
        made_of, made = self.ready.get(workout.id, (None, None))
        if made and made_of is workout and not base:
            return made
        return ProviderWorkout(
            workout.id,
            workout.title,
            workout.start_ts,
            workout.end_ts,
            workout.notes,
            workout.external_id,
            self._executions(workout.exercises, base),
            workout.workout_type,
            _session(workout, base),
            workout.calories_burned,
            workout.device,
            workout.points and workout.points.id,
            workout.time_zone and workout.time_zone.stored(),
            _guessed(workout),
            _unsaid(workout),
        )

    def _executions(self, sent: Sequence[ParsedExercise], base: Base) -> list[dict[str, Any]]:
        stored = base.get(CONTENT, ())
        if _are_as_before(sent, stored):
            return list(stored)
        before = _before(base)
        set_ids = {
            (execution["exercise_id"], one["set_index"]): one["id"] for execution in stored for one in execution["sets"]
        }
        executions: dict[str, dict[str, Any]] = {}
        positions = count(1)
        for exercise in sent:
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
                set_id = set_ids.get((execution["exercise_id"], set_index)) or next(self.new_ids)
                execution["sets"].append(
                    dict(zip(_PLACED_SET, (set_id, next(positions), set_index, *one), strict=True))
                )
        return list(executions.values())


def _load_chunk(parsed: Sequence[ParsedWorkout], exercises: _ExercisesOfImport, report: Report, *, last: bool) -> None:
    """Store workouts, new and known ones, and count them in the report; put those aside that may have been moved.

    When they come back in the `last` round, they are moved or new.
    """
    stored = files_stored(parsed)
    sent: dict[UUID, ParsedWorkout] = {}
    for workout in parsed:
        sent.setdefault(workout.id, workout)  # if it is sent twice, the first one counts
    known = workouts_import.lock_known(
        list(sent.values()),
        source=exercises.source,
        apart=lambda sent_id, here: here in exercises.written or _is_another(sent[sent_id], here),
    )
    exercises.written |= {one.id for one in known.values()}
    moved = workouts_moves.lock_moved(
        [workout for workout in sent.values() if workout.id not in known],
        lambda sent_id: exercises.stored(sent[sent_id]).exercise_executions,
        source=exercises.source,
        without=exercises.written,
    )
    read = len(parsed)
    if last:
        known |= workouts_moves.unambiguous(moved)
    else:
        aside = [sent.pop(sent_id) for sent_id in dict.fromkeys(sent_id for sent_id, _ in moved)]
        exercises.aside += aside
        read -= len(aside)
    exercises.written |= {one.id for one in known.values()} | (sent.keys() - known.keys())
    deleted = Deleted()
    for one in known.values():
        if one.deleted_by:
            deleted.add(one.id, one.deleted_by, restore_deleted=report.restore_deleted)
    bring_back(WORKOUTS, deleted.returning, Change(exercises.source, changeset_id=exercises.changeset_id))
    anew = {sent_id: one.id for sent_id, one in known.items() if one.id in deleted.taken_away}
    known = {
        sent_id: replace(one, followed=True) if one.id in deleted.returning else one
        for sent_id, one in known.items()
        if sent_id not in anew
    }
    new = [
        workout._replace(id=anew.get(workout.id, workout.id)) for workout in sent.values() if workout.id not in known
    ]
    again = {str(one.id): (sent[one.sent_id], one.base) for one in known.values()}
    exercises.look_up(sent.values())
    merges = workouts_import.compare_with_provider(
        (exercises.stored(sent[one.sent_id], one.base), one) for one in known.values()
    )
    taking = [merge for merge in merges if CONTENT in merge.taken]
    exercises.make_for([*((workout, {}) for workout in new), *(again[merge.id] for merge in taking)])
    for merge in taking:
        merge.taken[CONTENT] = merge.theirs[CONTENT] = exercises.stored(*again[merge.id]).exercise_executions
    created = _create([exercises.stored(workout) for workout in new], deleted, exercises)
    workouts_import.take_from_provider(merges, changed_by=exercises.source, changeset_id=exercises.changeset_id)
    by_api = {one.id: external_id for one in known.values() if (external_id := sent[one.sent_id].external_id)}
    unlinked = {one.id: by_api[one.id] for one in known.values() if one.id in by_api and one.external_id is None}
    workouts_import.set_external_ids(unlinked, source=exercises.source, changeset_id=exercises.changeset_id)
    provider_deletes.found_again(WORKOUTS, by_api)
    ids = anew | {one.sent_id: one.id for one in known.values()}
    here = [workout._replace(id=ids.get(workout.id, workout.id)) for workout in sent.values()]
    joining.add_keys_of_own(JOINED_WORKOUTS, here, changeset_id=exercises.changeset_id)
    store_measured([(str(workout.id), workout) for workout in here], stored())
    report.created += created
    report.add_deleted_here(deleted.staying)
    report.add_known(read - created - len(deleted.staying), merges, deleted.returning)


def _load_joined(joined: Sequence[tuple[ParsedWorkout, Match]], exercises: _ExercisesOfImport, report: Report) -> None:
    """Store what this source says of workouts that other sources have too."""
    if not joined:
        return
    stored = files_stored([workout for workout, _ in joined])
    exercises.look_up(workout for workout, _ in joined)
    exercises.make_for((workout, {}) for workout, _ in joined)
    said = [
        Said(
            workout.row,
            match,
            sent_workout(workout, exercises.source).keys,
            _values_said(workout, exercises.stored(workout)),
        )
        for workout, match in joined
    ]
    store_measured([(str(match.id), workout) for workout, match in joined], stored())
    joining.store(JOINED_WORKOUTS, said, report, source=exercises.source, changeset_id=exercises.changeset_id)
    by_api = {match.id: external_id for workout, match in joined if (external_id := workout.external_id)}
    workouts_import.set_external_ids(by_api, source=exercises.source, changeset_id=exercises.changeset_id)


def values_said(workout: ParsedWorkout, source: str) -> dict[str, Any]:
    """Return the values that a source says of a workout without exercises, as JSON."""
    return _values_said(workout, as_stored(workout, source))


def as_stored(workout: ParsedWorkout, source: str) -> ProviderWorkout:
    """Return a workout without exercises as it is stored."""
    return _ExercisesOfImport(source, source, 0).stored(workout)


def _values_said(workout: ParsedWorkout, stored: ProviderWorkout) -> dict[str, Any]:
    values = workouts_import.values_said(stored)
    if session := values.get(SESSION):
        values[SESSION] = {name: value for name, value in session.items() if name not in workout.unsaid}
    if guessed := _guessed(workout):
        values[GUESSED] = guessed
    return values


def _guessed(workout: ParsedWorkout) -> dict[str, Any] | None:
    """Return the values, as JSON, that a source does not know, or only roughly."""
    if not workout.unsaid:
        return None
    session = workout.cardio_session._asdict() if workout.cardio_session else {}
    values = {
        TIME_ZONE: workout.time_zone and workout.time_zone.stored(),
        "end_ts": workout.end_ts and workout.end_ts.isoformat(),
        "calories_burned": workout.calories_burned,
        "points_id": workout.points and workout.points.id,
    }
    guessed = {
        SESSION: {name: value for name, value in session.items() if name in workout.unsaid and value is not None},
        **{name: value for name, value in values.items() if name in workout.unsaid},
    }
    return {name: value for name, value in guessed.items() if value} or None


def _unsaid(workout: ParsedWorkout) -> frozenset[str]:
    """Return the fields of which nothing is said, with those of the session that have no value."""
    if workout.cardio_session is None:
        return workout.unsaid
    return workout.unsaid | {name for name, value in workout.cardio_session._asdict().items() if value is None}


def _create(workouts: Sequence[ProviderWorkout], deleted: Deleted, exercises: _ExercisesOfImport) -> int:
    """Store new workouts, and those that a revert took away; return their number."""
    by_import: dict[str, Any] = {
        "source": exercises.source, "changed_by": exercises.actor, "changeset_id": exercises.changeset_id,
    }  # fmt: skip
    anew = [workout for workout in workouts if workout.id in deleted.taken_away]
    new = [workout for workout in workouts if workout.id not in deleted.taken_away]
    return workouts_import.make_workouts_anew(anew, **by_import) + workouts_import.bulk_create_workouts(
        new, **by_import
    )


def _random_ids() -> Iterator[str]:
    """Yield ids as uuid4 does; asking the system for each one alone takes longer than all else that is done with it."""
    while True:
        block = urandom(16 * 256).hex()
        for start in range(0, len(block), 32):
            one = block[start : start + 32]
            variant = "89ab"[int(one[16], 16) % 4]
            yield f"{one[:8]}-{one[8:12]}-4{one[13:16]}-{variant}{one[17:20]}-{one[20:]}"


MOST_OF_A_MINUTE = 10


def _is_another(workout: ParsedWorkout, id: UUID) -> bool:
    """Return whether an id is that of another workout of the same title and minute in a file."""
    if workout.external_id is not None or id == workout.id:
        return False
    return any(id == export_id(workout.title, workout.start_ts, n) for n in range(1, MOST_OF_A_MINUTE + 1))


def _session(workout: ParsedWorkout, base: Base) -> dict[str, Any] | None:
    """Return the cardio session of a workout; what was said before counts before what is not said of it now."""
    if workout.cardio_session is None:
        return None
    said = workout.cardio_session._asdict()
    before = {name: value for name, value in (base.get(SESSION) or {}).items() if value is not None}
    return {
        name: before.get(name, value) if name in workout.unsaid or (value is None and name in MEASURED) else value
        for name, value in said.items()
    }


def _before(base: Base) -> dict[str, str]:
    """Return {name: exercise id} of the exercises that a provider sent before for a workout."""
    return {
        name_key(execution["exercise_name"]): execution["exercise_id"]
        for execution in base.get(CONTENT, ())
        if execution["exercise_id"]
    }


def _are_as_before(sent: Sequence[ParsedExercise], stored: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether exercises with their sets are just those that the provider sent before."""
    positions = count(1)
    return len(sent) == len(stored) and all(
        execution["exercise_id"] is not None
        and (execution["exercise_name"], execution["execution_order"], execution["note"])
        == (normal_name(exercise.name), order, exercise.note)
        and _said_of(execution["sets"])
        == [(next(positions), set_index, *one) for set_index, one in enumerate(exercise.sets, 1)]
        for order, (exercise, execution) in enumerate(zip(sent, stored, strict=True), 1)
    )


def _said_of(stored: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what a provider said of sets; earlier programs did not store all of it."""
    try:
        return list(map(_VALUES_SAID_OF_SET, stored))
    except KeyError:
        return [tuple(map(one.get, _SAID_OF_SET)) for one in stored]


def _key(exercise: ParsedExercise) -> str:
    return name_key(exercise.name)


def provider_exercise(exercise: ParsedExercise, source: str, templates: Mapping[str, ParsedTemplate]) -> NewExercise:
    """Return a new exercise from a provider's workout and templates."""
    template = templates.get(exercise.template_id or "")
    return NewExercise(
        normal_name(exercise.name),
        template and template.body_part,
        template and template.modality,
        external_id=exercise.template_id and f"{source.lower()}:{exercise.template_id}",
        is_assisted=template and template.is_assisted,
    )
