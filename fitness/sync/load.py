"""Loads what a provider's file says: one changeset, set-based, original versions in the same transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice

from fitness.db import changesets, runs, shoes
from fitness.db.connection import discard
from fitness.db.runs import CHUNK_ROWS, NewRun
from fitness.providers.records import ParsedRun, Problem, Skipped

MOST_PROBLEMS = 1000
"""How many problems an answer lists one by one; `failed` counts them all."""


@dataclass(slots=True)
class Report:
    """What a load did. `kept`: the provider changed what the person had changed, and theirs stayed."""

    changeset_id: int | None = None
    dry_run: bool = False
    found: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    deleted: int = 0
    skipped: int = 0
    failed: int = 0
    problems: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[dict[str, object]] = field(default_factory=list)

    def add_problem(self, problem: Problem) -> None:
        self.failed += 1
        if self.failed <= MOST_PROBLEMS:
            self.problems.append(problem._asdict())

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in asdict(self).items() if type(value) is int and name != "changeset_id"}


def load_runs(
    records: Iterable[ParsedRun | Skipped | Problem], *, source: str, actor: str, dry_run: bool = False
) -> Report:
    """Store the runs that are new, with their shoes, in the bound transaction; a dry run takes all of it back.

    A run that is there already stays as it is, be it deleted. A load that changes nothing leaves no changeset.
    """
    report = Report(dry_run=dry_run)
    changeset_id = changesets.create_changeset("import", source=source, actor=actor)
    wardrobe = _Wardrobe(actor, changeset_id)
    remaining = iter(records)
    while chunk := list(islice(remaining, CHUNK_ROWS)):
        parsed = list(_runs(chunk, report))
        wardrobe.add_shoes_of(parsed)
        created = runs.bulk_create_runs(
            (_new_run(run, source, wardrobe.ids) for run in parsed), changed_by=actor, changeset_id=changeset_id
        )
        report.created += created
        report.unchanged += len(parsed) - created
    _close(report, changeset_id, changed=report.created > 0 or wardrobe.grew)
    return report


@dataclass(slots=True)
class _Wardrobe:
    """The shoes that a load's runs name: their ids by name, and whether any of them was made."""

    actor: str
    changeset_id: int
    ids: dict[str, str] = field(default_factory=dict)
    grew: bool = False

    def add_shoes_of(self, parsed: list[ParsedRun]) -> None:
        """Look up the shoes that the runs name, and make those that are missing.

        What only a run names that is here already is not made: that run stays as it is.
        """
        names = {run.shoe_name for run in parsed if run.shoe_name} - self.ids.keys()
        self.ids |= shoes.get_existing_shoes_by_names(names) if names else {}
        wearers = {run.id: run.shoe_name for run in parsed if run.shoe_name and run.shoe_name not in self.ids}
        if not wearers:
            return
        missing = {wearers[run_id] for run_id in wearers.keys() - runs.get_existing_run_ids(among=wearers)}
        if missing:
            self.ids |= shoes.bulk_create_shoes_by_names(missing, changed_by=self.actor, changeset_id=self.changeset_id)
            self.grew = True


def _runs(chunk: list[ParsedRun | Skipped | Problem], report: Report) -> Iterator[ParsedRun]:
    """Yield the runs among the records, and count the records."""
    report.found += len(chunk)
    for record in chunk:
        if isinstance(record, ParsedRun):
            yield record
        elif isinstance(record, Skipped):
            report.skipped += 1
        else:
            report.add_problem(record)


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


def _close(report: Report, changeset_id: int, *, changed: bool) -> None:
    """Write down what was done; without a change, or in a dry run, the changeset goes again."""
    if report.dry_run:
        discard()
    elif changed:
        changesets.set_counts(changeset_id, report.counts())
        report.changeset_id = changeset_id
    else:
        changesets.delete_changeset(changeset_id)
