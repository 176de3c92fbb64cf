"""Load runs of a provider: one changeset, set-based SQL, first versions in the same transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from fitness.db import runs, runs_import, shoes
from fitness.db.activity_keys import key_of_id
from fitness.db.activity_search import JOINED_RUNS
from fitness.db.best_sources import GUESSED
from fitness.db.fields import names_of
from fitness.db.history import provider_deletes
from fitness.db.history.deletions import Deleted, bring_back, find_deleted
from fitness.db.history.merges import Merge
from fitness.db.history.versions import Change
from fitness.db.runs import MEASURED, PROVIDER_FIELDS, RUNS, NewRun
from fitness.db.runs_import import CHUNK_ROWS, PackedRuns
from fitness.names import name_key
from fitness.readers.records import ParsedRun, Problem, Skipped
from fitness.sync import joining
from fitness.sync.activity_points import files_stored, store_measured
from fitness.sync.joining import Match
from fitness.sync.report import Report, changeset_of, parsed_of

T = TypeVar("T")


def load_runs(
    records: Iterable[ParsedRun | Skipped | Problem],
    report: Report,
    *,
    source: str,
    actor: str,
    sent: Collection[str] = PROVIDER_FIELDS,
    mostly_new: bool = False,
    worn: "ShoesOfImport | None" = None,
) -> Report:
    """Store new runs with their shoes, and merge known ones, in the bound transaction; return the report.

    A known run gets the provider's values, except in fields that the person has edited, which are reported as
    conflicts. A deleted run comes back, unless the person deleted it, see `deletions`. `sent` has the fields that the
    records can have. Where the runs are `mostly_new`, looking first for those that are as they were would be in vain.
    `worn` are the shoes of the import so far, for which this is not the first call.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        worn = worn or ShoesOfImport(actor, changeset_id)
        remaining, fields = iter(records), tuple(sent)
        while chunk := list(islice(remaining, CHUNK_ROWS)):
            unread = [record.id for record in chunk if not isinstance(record, ParsedRun) and record.id]
            provider_deletes.found_again(RUNS, unread)
            parsed = list(parsed_of(ParsedRun, chunk, report))
            worn.look_up(parsed)
            changed = parsed if mostly_new else _without_unchanged(parsed, worn, report, source, fields)
            for some in joining.rounds(changed):
                _load_round(some, worn, report, source=source, sent=fields, mostly_new=mostly_new)
    return report


def _without_unchanged(
    parsed: Sequence[ParsedRun],
    worn: "ShoesOfImport",
    report: Report,
    source: str,
    sent: tuple[str, ...],
) -> Sequence[ParsedRun]:
    """Count the runs that are here just as they are sent; return the others."""
    asked = ((run.unsaid, place) for place, run in enumerate(parsed) if run.points is None and run.original is None)
    unchanged = set[int]()
    for unsaid, places in _by_unsaid(asked):
        sent_ones = _sent_columns([parsed[place] for place in places], source, worn.ids)
        numbers = runs_import.find_unchanged(sent_ones, sent=_fields_said(unsaid, sent))
        unchanged |= {places[number - 1] for number in numbers}
    report.add_known(len(unchanged), ())
    return [run for place, run in enumerate(parsed) if place not in unchanged]


def _load_round(
    parsed: Sequence[ParsedRun],
    worn: "ShoesOfImport",
    report: Report,
    *,
    source: str,
    sent: tuple[str, ...],
    mostly_new: bool,
) -> None:
    """Store runs of which none has a key of another one: those of other sources too, and those of this one."""
    stored = files_stored(parsed)
    matches = joining.find_matches(JOINED_RUNS, [joining.sent_run(run, source) for run in parsed], source)
    # Made while the database looks, and still stores the runs before; those with a match may get other ids.
    made = {run.id: run for run in _new_runs(parsed, source, worn.ids)}
    packed = runs_import.pack(made.values()) if mostly_new else None
    own, joined = joining.sort(parsed, matches())
    provider_deletes.found_again(RUNS, [match.id for _, match in (*own, *joined) if match])
    again = iter(_new_runs([run for run, match in own if match], source, worn.ids))
    new = [next(again) if match else made[run.id] for run, match in own]
    _load_own(own, new, worn, report, stored, source=source, sent=sent, packed=packed)
    known = {run.id: {*match.guessed} & {*_fields_said(run.unsaid, sent)} for run, match in own if match}
    known = {run_id: fields for run_id, fields in known.items() if fields}
    runs_import.know(known, changeset_id=worn.changeset_id)
    if joined:
        store_measured([(match.id, run) for run, match in joined], stored())
        said = [
            joining.Said(run.row, match, (key_of_id(run.id), *run.keys), values_said(run, source, worn.ids, sent))
            for run, match in joined
        ]
        joining.store(
            JOINED_RUNS,
            said,
            report,
            source=source,
            changeset_id=worn.changeset_id,
            prepare=lambda merges: worn.make({merge.taken.get("shoe_id") for merge in merges}),
        )


def values_said(
    run: ParsedRun,
    source: str,
    shoe_ids: Mapping[str, str] = MappingProxyType({}),
    sent: tuple[str, ...] = PROVIDER_FIELDS,
) -> dict[str, Any]:
    """Return the values that a source says of a run, as JSON."""
    (new,) = _new_runs([run], source, shoe_ids)
    said: dict[str, Any] = {}
    for name in _fields_said(run.unsaid, sent):
        value = getattr(new, name)
        if value is not None or name not in _MEASURED:
            said[name] = value.isoformat() if isinstance(value, datetime) else value
    if new.guessed:
        said[GUESSED] = new.guessed
    return said


@cache
def _fields_said(unsaid: frozenset[str], sent: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field for field in sent if field in _READ and _AS_PARSED.get(field, field) not in unsaid)


def _load_own(
    own: Sequence[tuple[ParsedRun, Match | None]],
    new: Sequence[NewRun],
    worn: "ShoesOfImport",
    report: Report,
    stored: Callable[[], Collection[str]],
    *,
    source: str,
    sent: tuple[str, ...],
    packed: PackedRuns | None,
) -> None:
    """Store runs that are new, or that this source alone has: these have a match. `new` are the runs as new ones."""
    actor, changeset_id = worn.actor, worn.changeset_id
    parsed = [run for run, _ in own]
    matched = {run.id: match for run, match in own if match}
    deleted_ids = {run_id for run_id, match in matched.items() if match.deleted}
    deleted = find_deleted(RUNS, deleted_ids, restore_deleted=report.restore_deleted)
    worn.make_for(new, deleted)
    unmatched = [run for run in new if run.id not in matched]
    created = runs_import.bulk_create_runs(unmatched, changed_by=actor, changeset_id=changeset_id, packed=packed)
    created += runs_import.make_runs_anew(new, deleted.taken_away, changed_by=actor, changeset_id=changeset_id)
    joining.add_keys_of_own(JOINED_RUNS, parsed, changeset_id=changeset_id)
    report.created += created
    store_measured([(run.id, run) for run in parsed], stored())
    if created < len(new):
        bring_back(RUNS, deleted.returning, Change(source, changeset_id=changeset_id))
        merges = _compare(parsed, new, sent)
        worn.make({merge.taken.get("shoe_id") for merge in merges})
        runs_import.take_from_provider(merges, changed_by=source, changeset_id=changeset_id)
        stayed = [run.id for run in new if run.id in deleted.staying]
        report.add_deleted_here(stayed)
        report.add_known(len(new) - created - len(stayed), merges, deleted.returning)


def _compare(parsed: Sequence[ParsedRun], new: Sequence[NewRun], sent: tuple[str, ...]) -> list[Merge]:
    """Compare the runs that are here with what is said of them; what a file does not say changes nothing."""
    return [
        merge
        for unsaid, some in _by_unsaid((run.unsaid, one) for run, one in zip(parsed, new, strict=True))
        for merge in runs_import.compare_with_provider(some, sent=_fields_said(unsaid, sent))
    ]


def _by_unsaid(pairs: Iterable[tuple[frozenset[str], T]]) -> Iterable[tuple[frozenset[str], list[T]]]:
    """Return the runs by the fields of which nothing is said: one statement compares those that are alike in that."""
    alike: dict[frozenset[str], list[T]] = defaultdict(list)
    for unsaid, run in pairs:
        alike[unsaid].append(run)
    return alike.items()


_AS_PARSED = {"shoe_id": "shoe_name"}
_MEASURED = frozenset(MEASURED)
_CONVERTED = ("source", "shoe_id", "points_id", "time_zone")
_COPIED = tuple(field for field in PROVIDER_FIELDS if field in ParsedRun._fields and field not in _CONVERTED)
_READ = frozenset((*_COPIED, *_CONVERTED))
"""The fields of which a provider or file can say something; others are a person's alone."""


def _new_runs(parsed: Sequence[ParsedRun], source: str, shoe_ids: Mapping[str, str]) -> list[NewRun]:
    if not parsed:
        return []
    columns = _columns(parsed, source, shoe_ids)
    return [NewRun(*values) for values in zip(*map(columns.__getitem__, names_of(NewRun)), strict=True)]


def _sent_columns(parsed: Sequence[ParsedRun], source: str, shoe_ids: dict[str, str]) -> dict[str, Sequence[Any]]:
    """Return the values of SentRun, by field."""
    keys = [(run.keys and joining.further_keys(run.id, run.keys)) or None for run in parsed]
    return {**_columns(parsed, source, shoe_ids), "keys": keys}


def _columns(parsed: Sequence[ParsedRun], source: str, shoe_ids: Mapping[str, str]) -> dict[str, Sequence[Any]]:
    """Return the values of the runs as new ones, by field: far less work than to put each run together."""
    of_parsed: dict[str, Sequence[Any]] = dict(zip(ParsedRun._fields, zip(*parsed, strict=True), strict=True))
    columns = dict.fromkeys(names_of(NewRun), (None,) * len(parsed))
    columns |= {name: of_parsed[name] for name in ("id", *_COPIED)}
    columns["source"] = (source,) * len(parsed)
    columns["shoe_id"] = [shoe_ids.get(name) for name in of_parsed["shoe_name"]]
    columns["points_id"] = [points and points.id for points in of_parsed["points"]]
    columns["time_zone"] = [zone and zone.stored() for zone in of_parsed["time_zone"]]
    columns["guessed"] = _guessed(of_parsed["unsaid"], columns)
    return columns


def _guessed(unsaid: Sequence[frozenset[str]], columns: dict[str, Sequence[Any]]) -> Sequence[dict[str, Any] | None]:
    if not any(unsaid):
        return columns["guessed"]
    return [
        {field: value for field in _fields_of(names) if (value := columns[field][place]) is not None} or None
        for place, names in enumerate(unsaid)
    ]


@cache
def _fields_of(unsaid: frozenset[str]) -> tuple[str, ...]:
    return tuple(field for field in PROVIDER_FIELDS if _AS_PARSED.get(field, field) in unsaid)


@dataclass(slots=True)
class ShoesOfImport:
    """The shoes named by the runs of an import: their ids, and those that must still be created.

    `new_ids` has the ids of missing shoes by the keys of their names.
    """

    actor: str
    changeset_id: int
    ids: dict[str, str] = field(default_factory=dict)
    unmade: dict[str, str] = field(default_factory=dict)
    new_ids: dict[str, str] = field(default_factory=dict)

    def look_up(self, parsed: Iterable[ParsedRun]) -> None:
        """Look up the shoes named by the runs; missing ones get ids from their names.

        What is found stays so until the transaction ends; what is missing, somebody else may make meanwhile.
        """
        if self.unmade:
            self.ids = {name: shoe_id for name, shoe_id in self.ids.items() if shoe_id not in self.unmade}
            self.unmade.clear()
        names = {run.shoe_name for run in parsed if run.shoe_name} - self.ids.keys()
        if names:
            self.ids |= shoes.get_existing_shoes_by_names(names)
            for name in sorted(names - self.ids.keys()):
                shoe_id = self.new_ids.setdefault(name_key(name), shoes.shoe_id_of(name))
                self.unmade.setdefault(shoe_id, name)
                self.ids[name] = shoe_id

    def make_for(self, new: Iterable[NewRun], deleted: Deleted) -> None:
        """Create the missing shoes of new runs; known runs may keep other shoes."""
        wearers = {run.id: run.shoe_id for run in new if run.shoe_id in self.unmade}
        if wearers:
            known = runs.get_existing_run_ids(among=wearers) - deleted.taken_away
            self.make({wearers[run_id] for run_id in wearers.keys() - known})

    def make(self, shoe_ids: Collection[str | None]) -> None:
        """Create the missing ones of these shoes."""
        names = {self.unmade.pop(shoe_id) for shoe_id in shoe_ids if shoe_id in self.unmade}
        if names:
            shoes.bulk_create_shoes_by_names(names, changed_by=self.actor, changeset_id=self.changeset_id)
