"""Load runs of a provider: one changeset, set-based SQL, first versions in the same transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import islice

from fitness.db import runs, runs_import, shoes
from fitness.db.runs import PROVIDER_FIELDS, NewRun
from fitness.db.runs_import import CHUNK_ROWS
from fitness.readers.records import ParsedRun, Problem, Skipped
from fitness.sync.report import Report, changeset_of, parsed_of


def load_runs(
    records: Iterable[ParsedRun | Skipped | Problem],
    report: Report,
    *,
    source: str,
    actor: str,
    sent: Collection[str] = PROVIDER_FIELDS,
) -> Report:
    """Store new runs with their shoes, and merge known ones, in the bound transaction; return the report.

    A known run gets the provider's values, except in fields that the person has edited, which are reported as
    conflicts. A run that the person deleted stays deleted. `sent` has the fields that the records can have.
    """
    with changeset_of(report, source=source, actor=actor) as changeset_id:
        worn = _ShoesOfImport(actor, changeset_id)
        remaining = iter(records)
        while chunk := list(islice(remaining, CHUNK_ROWS)):
            parsed = list(parsed_of(ParsedRun, chunk, report))
            worn.look_up(parsed)
            new = [_new_run(run, source, worn.ids) for run in parsed]
            worn.make_for(new)
            created = runs_import.bulk_create_runs(new, changed_by=actor, changeset_id=changeset_id)
            report.created += created
            if created < len(new):
                merges = runs_import.compare_with_provider(new, sent=sent)
                worn.make({merge.taken.get("shoe_id") for merge in merges})
                runs_import.take_from_provider(merges, changed_by=source, changeset_id=changeset_id)
                report.add_known(len(new) - created, merges)
    return report


def _new_run(run: ParsedRun, source: str, shoe_ids: dict[str, str]) -> NewRun:
    return NewRun(
        run.id,
        datetime_utc=run.datetime_utc,
        type=run.type,
        distance=run.distance,
        duration=run.duration,
        source=source,
        avg_heart_rate=run.avg_heart_rate,
        shoe_id=shoe_ids.get(run.shoe_name) if run.shoe_name else None,
        name=run.name,
        notes=run.notes,
    )


@dataclass(slots=True)
class _ShoesOfImport:
    """The shoes named by the runs of an import: their ids, and those that must still be created."""

    actor: str
    changeset_id: int
    ids: dict[str, str] = field(default_factory=dict)
    unmade: dict[str, str] = field(default_factory=dict)

    def look_up(self, parsed: Iterable[ParsedRun]) -> None:
        """Look up the shoes named by the runs; missing ones get ids from their names."""
        names = {run.shoe_name for run in parsed if run.shoe_name} - self.ids.keys()
        if names:
            self.ids |= shoes.get_existing_shoes_by_names(names)
            missing = {name: shoes.shoe_id_of(name) for name in names - self.ids.keys()}
            self.unmade |= {shoe_id: name for name, shoe_id in missing.items()}
            self.ids |= missing

    def make_for(self, new: Iterable[NewRun]) -> None:
        """Create the missing shoes of new runs; known runs may keep other shoes."""
        wearers = {run.id: run.shoe_id for run in new if run.shoe_id in self.unmade}
        if wearers:
            self.make({wearers[run_id] for run_id in wearers.keys() - runs.get_existing_run_ids(among=wearers)})

    def make(self, shoe_ids: Collection[str | None]) -> None:
        """Create the missing ones of these shoes."""
        names = {self.unmade.pop(shoe_id) for shoe_id in shoe_ids if shoe_id in self.unmade}
        if names:
            shoes.bulk_create_shoes_by_names(names, changed_by=self.actor, changeset_id=self.changeset_id)
