"""Find out which activities that a source sends are here already, whatever source they came from first.

An activity is a record for certain if it has one of its keys or its id. It is taken for one, which the report says, if
it starts within two seconds of it, is of the same family of sport, and differs by at most 2 % in distance or time; of a
file that is cut, it is enough that it has no more than the whole. A file that does not say the sport may be of any one.
What is less alike is only suggested as a duplicate, see `fitness.db.duplicates`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from fitness.db import activity_keys, activity_search, activity_sources, joined_records, workouts_import
from fitness.db.activity_keys import FILE, NewKey, key_of_id
from fitness.db.activity_search import Candidate, Kind, Sent
from fitness.db.best_sources import FILES, KEYS, SEVERAL_IDS, Source
from fitness.db.bound import uncounted
from fitness.db.history.deletions import bring_back, find_deleted
from fitness.db.history.merges import Merge
from fitness.db.history.versions import Change
from fitness.db.workouts_compare import SESSION
from fitness.readers.hevy_values import NAMESPACE
from fitness.readers.records import ParsedRun, ParsedWorkout
from fitness.sync.report import Report

P = TypeVar("P", ParsedRun, ParsedWorkout)

ALIKE = 0.02
"""The largest difference in distance or time, as a share of the larger value, of activities that are joined."""

NO_SPORT = "Workout"
"""What an activity is called whose source does not say the sport; some sources also have a sport of this name."""

_WITH_SETS = ("STRENGTH", "REPS")
"""What stands for the sport of workouts that are sets: no recording without a sport is taken for one."""

UNTIMED = ("MapMyFitness",)
"""The sources that know only the day."""

_FAMILIES = {
    "cycling": ("ride", "cycl", "bik"), "walking": ("walk", "hik"), "swimming": ("swim",), "running": ("run", "jog"),
    "rowing": ("row",), "skiing": ("ski",),
}  # fmt: skip


_NAMES = {"file": "file", "device": "device and start", "strava_upload": "upload to Strava"}
"""What keys with a prefix name, if that is not the id of the activity somewhere."""


def family_of(sport: str) -> str:
    """Return the family of a sport: rides of all kinds are one, walks and hikes another."""
    word = sport.casefold()
    return next((family for family, parts in _FAMILIES.items() if any(part in word for part in parts)), word)


class Match(NamedTuple):
    """The record that a sent activity is, and why. `known`: this source has said it before.

    `several`: other sources have joined in the record, or this one does so now. `guessed` are the fields that the
    source of the record did not know.
    """

    id: Any
    source_key: str
    reason: str
    known: bool
    several: bool
    deleted: bool
    guessed: Collection[str]


def rounds(parsed: Sequence[P]) -> Iterator[list[P]]:
    """Yield the activities in lists in which none has a key of another one: the first must be stored before the second.

    Those with the same id stay in one list.
    """
    remaining = list(parsed)
    while remaining:
        owners: dict[str, Any] = {}
        first: list[P] = []
        later: list[P] = []
        for one in remaining:
            names = {key_of_id(one.id), *one.keys}
            (later if any(owners.get(name, one.id) != one.id for name in names) else first).append(one)
            owners |= dict.fromkeys(names, one.id)
        yield first
        remaining = later


def sent_run(run: ParsedRun, source: str) -> Sent:
    """Return what a run is recognised by."""
    keys = (key_of_id(run.id), *run.keys)
    ids = tuple(key.replace(":", "_", 1) for key in _of_ids(keys))
    return Sent(
        run.id, ids, keys, _source_key(run, source), run.datetime_utc, run.distance, run.duration,
        run.elapsed or 0.0, "running", source not in UNTIMED, run.unsaid,
    )  # fmt: skip


def sent_workout(workout: ParsedWorkout, source: str) -> Sent:
    """Return what a workout is recognised by."""
    own = [f"{source.casefold().replace(' ', '')}:{workout.external_id}"] if workout.external_id else []
    session = workout.cardio_session
    elapsed = (workout.end_ts - workout.start_ts).total_seconds() if workout.end_ts else 0.0
    return Sent(
        workout.id,
        (workout.id, *(uuid5(NAMESPACE, key) for key in _of_ids(workout.keys))),
        (key_of_id(workout.id), *own, *workout.keys),
        _source_key(workout, source),
        workout.start_ts,
        (session and session.distance_miles) or 0.0,
        (session and session.duration_seconds) or 0.0,
        elapsed,
        session.sport if session else workout.workout_type,
        source not in UNTIMED,
        workout.unsaid,
    )


def _of_ids(keys: Iterable[str]) -> Iterator[str]:
    """Yield the keys that are ids of activities somewhere."""
    return (key for key in keys if key.partition(":")[0] not in _NAMES)


def _source_key(parsed: ParsedRun | ParsedWorkout, source: str) -> str:
    """Return the key under which a source says an activity: that of its file if it is one of FILES, or else its id.

    An account is not the file that its export has of the activity: the file alone says less.
    """
    if source in FILES:
        for key in parsed.keys:
            if key.startswith(FILE):
                return key
    return key_of_id(parsed.id)


def further_keys(id: str | UUID, keys: Collection[str]) -> list[str]:
    """Return the keys beside the one that the id of a record is: that one leads there anyway."""
    own = key_of_id(id)
    return [key for key in keys if key != own]


def find_matches(kind: Kind, sent: Sequence[Sent], source: str) -> Callable[[], dict[int, Match]]:
    """Let the database look for the sent activities; return what waits for {place: match} of those that are here."""
    if any(key.startswith(FILE) for one in sent for key in one.keys):
        workouts_import.wait_for_loads()  # of other files of the same activities
    candidates = activity_search.find_candidates(kind, sent)

    def matches() -> dict[int, Match]:
        found: dict[int, list[Candidate]] = defaultdict(list)
        for candidate in candidates():
            if may_be(sent[candidate.place], candidate, source):
                found[candidate.place].append(candidate)
        return {place: _match(sent[place], _without_others(some), source) for place, some in found.items()}

    return matches


def _without_others(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates without those that are only alike, if the activity has had a record of its own.

    That is one of two that a person has marked as different: their activities do not change places.
    """
    apart = any(one.apart for one in candidates)
    return [one for one in candidates if one.by != "start"] if apart else candidates


def may_be(sent: Sent, one: Candidate, source: str) -> bool:
    """Say whether an activity that a source sends is likely to be this candidate."""
    if one.by == "former key":
        return one.deleted_by == "revert" or one.apart
    if one.by != "start":
        return True
    names = {*one.source_keys.values()} if one.joined else {one.source}
    return (
        # An account that has an activity twice means two; of files, two may be of one.
        not names & {*UNTIMED, *(() if source in SEVERAL_IDS else (source,))}
        and _are_of_one_sport(one, sent)
        and _are_of_one_size(one, sent)
    )


def is_of_any_sport(one: Sent | Candidate) -> bool:
    """Say whether no source of an activity says its sport, as a file that is cut may not."""
    return one.sport == NO_SPORT and "sport" in _names_guessed(one)


def _are_of_one_sport(one: Candidate, sent: Sent) -> bool:
    sports = {one.sport, sent.sport}
    return len({*map(family_of, sports)}) == 1 or (
        (is_of_any_sport(one) or is_of_any_sport(sent)) and sports.isdisjoint(_WITH_SETS)
    )


def _are_of_one_size(one: Candidate, sent: Sent) -> bool:
    """Say whether something that both know is alike, or else is less in what is cut."""
    measures = [(ours, theirs) for _, ours, theirs in _measures(one, sent)]
    if any(_alike(ours, theirs) for ours, theirs in measures):
        return True
    of_ours, of_theirs = _is_cut(one), _is_cut(sent)
    return bool(measures) and all(of_ours if ours < theirs else of_theirs for ours, theirs in measures)


def _names_guessed(one: Sent | Candidate) -> Collection[str]:
    return one.guessed if isinstance(one, Sent) else {*one.guessed, *(one.guessed.get(SESSION) or ())}


_MEASURES = {
    "distance": ("distance", {"distance", "distance_miles"}),
    "time": ("duration", {"duration", "duration_seconds"}),
    "time from start to end": ("elapsed", {"elapsed", "end_ts"}),
}
"""What is compared: its name for people, its name of what is sent, and those of the fields of runs and workouts."""


def _sizes(one: Sent | Candidate, *, said: bool) -> dict[str, float]:
    """Return what is known of distance and time, by its name: what a source `said`, or all that it read of a part."""
    guessed = {*_names_guessed(one)} if said else set[str]()
    sizes = {name: getattr(one, field) for name, (field, names) in _MEASURES.items() if guessed.isdisjoint(names)}
    return {name: size for name, size in sizes.items() if size}


def _is_cut(one: Sent | Candidate) -> bool:
    """Say whether all sources of an activity are files that are cut: they know the size of a part of it."""
    return not _sizes(one, said=True) and bool(_sizes(one, said=False))


def _measures(one: Candidate, sent: Sent) -> Iterator[tuple[str, float, float]]:
    """Yield the name, and the two values, of what both know of distance and time.

    Where a source said something of it, a part of the activity does not count.
    """
    ours, theirs = (_sizes(each, said=True) or _sizes(each, said=False) for each in (one, sent))
    yield from ((name, size, theirs[name]) for name, size in ours.items() if name in theirs)


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= ALIKE * max(one, other)


def _match(sent: Sent, candidates: Collection[Candidate], source: str) -> Match:
    """Return the match with the best of the candidates: what is certain and not deleted comes first."""

    def place(one: Candidate) -> tuple[Any, ...]:
        how = ("key", "former key", "id", "start").index(one.by)
        apart = abs((one.start - sent.start).total_seconds())
        return one.deleted_by == "revert", how, one.key != sent.source_key, one.deleted_by or "", apart, str(one.id)

    best = min(candidates, key=place)
    by_file = sent.source_key.startswith(FILE)
    alone = sent.source_key in best.file_keys if by_file and best.file_keys else best.id == sent.id
    counts = best.stands or best.deleted_by is not None  # a deleted one is made anew, or stays as it is
    only = not best.joined and alone and best.source == source and counts
    known = sent.source_key in best.source_keys or only
    several, deleted = best.joined or not known, best.deleted_by is not None
    return Match(best.id, sent.source_key, _reason(sent, best), known, several, deleted, best.guessed)


def _reason(sent: Sent, best: Candidate) -> str:
    if best.by != "start":
        prefix, _, rest = (best.key or key_of_id(best.id)).partition(":")
        return f"The same {_NAMES.get(prefix, f'id of {prefix}')}: {rest}."
    apart = abs((best.start - sent.start).total_seconds())
    if not any(_alike(ours, theirs) for _, ours, theirs in _measures(best, sent)):
        return f"Starts {apart:.0f} s apart, and one of the two is cut."
    differences = (
        f"{name} {abs(ours - theirs) / max(ours, theirs):.1%} apart" for name, ours, theirs in _measures(best, sent)
    )
    return f"Starts {apart:.0f} s apart, {', '.join(differences)}."


def sort(
    parsed: Sequence[P], matches: Mapping[int, Match]
) -> tuple[list[tuple[P, Match | None]], list[tuple[P, Match]]]:
    """Return the activities that are new, or that this source alone has, and those of records of several sources.

    The former have the ids of their records; new ones have no match.
    """
    own: list[tuple[P, Match | None]] = []
    joined: list[tuple[P, Match]] = []
    for place, one in enumerate(parsed):
        match = matches.get(place)
        if match is None:
            own.append((one, None))
        elif match.several:
            joined.append((one, match))
        else:
            own.append((one._replace(id=match.id), match))
    return own, joined


def add_keys_of_own(kind: Kind, parsed: Iterable[ParsedRun | ParsedWorkout], *, changeset_id: int) -> None:
    """Store the keys of activities that one source alone has, under the ids that they have now.

    Keys alone change nothing that anybody sees: if the changeset ends without changes, they go with it.
    """
    keys = [NewKey(key, one.id) for one in parsed for key in further_keys(one.id, one.keys)]
    if keys:
        with uncounted():
            activity_keys.add_keys(kind.of, keys, changeset_id=changeset_id)


class Said(NamedTuple):
    """An activity that is one with a record of other sources: its match, its keys, and the values that it says."""

    row: int
    match: Match
    keys: tuple[str, ...]
    values: Mapping[str, Any]


def store(
    kind: Kind,
    said: Sequence[Said],
    report: Report,
    *,
    source: str,
    changeset_id: int,
    prepare: Callable[[Sequence[Merge]], None] = lambda _: None,
) -> None:
    """Store what a source says of records that other sources have too, and count it in the report.

    Each record gets what its sources say together, see `joined_records`; `prepare` makes what the new values use. Of
    a record that a person deleted, it is only stored what is said. One that a revert took away is made anew of it.
    """
    ids = {one.match.id for one in said}
    deleted = find_deleted(kind.of, ids, restore_deleted=report.restore_deleted)
    activity_sources.begin(kind.of, ids, changeset_id=changeset_id)
    news = activity_sources.say(
        kind.of,
        [(one.match.id, Source(one.match.source_key, source, {**one.values, KEYS: one.keys})) for one in said],
        changeset_id=changeset_id,
    )
    keys = [NewKey(key, one.match.id, one.match.reason, one.match.source_key) for one in said for key in one.keys]
    activity_keys.add_keys(kind.of, keys, changeset_id=changeset_id)
    bring_back(kind.of, deleted.returning, Change(source, changeset_id=changeset_id))
    anew = deleted.taken_away
    joined_records.make_anew(kind.of, anew, source)
    merges = joined_records.compare(kind.of, ids - deleted.staying, news.changed, anew=anew)
    prepare(merges)
    joined_records.take(kind.of, merges, changed_by=source, changeset_id=changeset_id)
    report.created += len(anew)
    known = [one for one in said if one.match.id not in anew]
    report.joined += len(news.keys & {one.match.source_key for one in known})
    for one in known:
        if not one.match.known:
            report.add_joined(one.row, one.match.id, one.match.reason)
    stayed = [one.match.id for one in known if one.match.id in deleted.staying]
    report.add_deleted_here(stayed)
    made_anew = set(map(str, anew))
    here = [merge for merge in merges if merge.id not in made_anew]
    report.add_known(len(said) - len(anew) - len(stayed), here, deleted.returning)
