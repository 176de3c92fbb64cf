"""The report and the changeset of an import or sync."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from itertools import chain, islice
from typing import Generic, TypeVar

from fitness.db.connection import discard
from fitness.db.history import changesets
from fitness.db.history.merges import Merge
from fitness.db.history.records import PREVIEW, ChangedRecord, list_records
from fitness.db.later import meanwhile
from fitness.db.paging import Cursor
from fitness.readers.records import ParsedRun, ParsedWorkout, Problem, Skipped, weight_of

T = TypeVar("T")

COUNTS = (
    "found", "created", "updated", "unchanged", "kept", "joined", "deleted", "deleted_here", "skipped", "failed",
)  # fmt: skip
"""The fields of a report that count records."""

CHUNK_BYTES = 8 * 1024 * 1024
"""What the files and points of the records that are stored at once may have: two lists are in memory."""
READ_AT_ONCE = 16
"""How many records without files are read between two looks for an answer of the database."""
FIRST_RECORDS = 1000
"""How many records of a file are read while those of the file before are stored."""
MOST_PROBLEMS = 1000
"""Largest number of problems, and of skip reasons, in a report; `failed` counts all problems."""

MOST_IDS = 100
"""Largest number of ids in `deleted_here_ids`; `deleted_here` counts all."""


watcher: ContextVar[Callable[["Report"], None] | None] = ContextVar("watcher", default=None)
"""Called with each new report, to follow its counts while they grow."""


@dataclass(slots=True)
class Preview:
    """The records that a dry run would change: at most `limit` after a cursor, and the cursor of the next page."""

    limit: int = 50
    after: Cursor | None = None
    items: list[ChangedRecord] = field(default_factory=list)
    following: Cursor | None = None

    def add(self, changeset_id: int) -> None:
        """Add the records of a changeset that will be rolled back, up to the limit of all."""
        if room := self.limit - len(self.items):
            found, self.following = list_records(changeset_id, limit=room, after=self.after, preview=True)
            self.items += found


@dataclass(slots=True)
class Report:
    """The report of an import or sync (`kind`); all pages of a sync share one report.

    `restore_deleted`: bring records back that the person deleted; otherwise `deleted_here` counts those that came.
    `kept`: changed by the provider and the person; the person's value stayed. `joined`: of a record that other sources
    have too, something new was said; it also counts as updated, unchanged, …. `skipped_why` counts `skipped` by reason.
    `has_rows`: the file is a table, whose rows problems and remarks name.
    `other_sports`: whether to store activities other than runs; None: as the person's setting says. `remarks` name
    records that were not read as they stand in the file. `time_zone` is the zone of the file's local times. `reverted`
    has the counts of pages that were reverted while later ones were read. `questions` must be answered before the file
    can be read. If the provider's rate limit stopped a sync, `complete` is False, and it can continue at `resume_at`.
    `preview` has the records that a dry run would change.
    """

    kind: str = "import"
    dry_run: bool = False
    other_sports: bool | None = None
    restore_deleted: bool = False
    has_rows: bool = True
    changeset_id: int | None = None
    open_changeset_id: int | None = None
    found: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    joined: int = 0
    deleted: int = 0
    deleted_here: int = 0
    skipped: int = 0
    failed: int = 0
    skipped_why: dict[str, int] = field(default_factory=dict)
    deleted_here_ids: list[str] = field(default_factory=list)
    problems: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[dict[str, object]] = field(default_factory=list)
    remarks: list[dict[str, object]] = field(default_factory=list)
    time_zone: str | None = None
    questions: list[dict[str, object]] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    complete: bool = True
    resume_at: datetime | None = None
    reverted: dict[str, int] = field(default_factory=dict)
    preview: Preview = field(default_factory=Preview)

    def __post_init__(self) -> None:
        if watch := watcher.get():
            watch(self)

    @contextmanager
    def taken_back_on_error(self) -> Iterator[None]:
        """Put the report back to what it was if the block fails: what the block did was rolled back."""
        before = {one.name: copy(getattr(self, one.name)) for one in fields(self)}
        before["preview"] = replace(self.preview, items=list(self.preview.items))
        try:
            yield
        except BaseException:
            for name, value in before.items():
                setattr(self, name, value)
            raise

    def add_problem(self, problem: Problem) -> None:
        self.failed += 1
        if self.failed <= MOST_PROBLEMS:
            self.problems.append({"row": self._shown(problem.row), "id": problem.id, "detail": problem.detail})

    def add_problems(self, details: Iterable[str]) -> None:
        """Say what of a file as a whole could not be read."""
        for detail in details:
            self.add_problem(Problem(0, None, detail))

    def add_remark(self, record: ParsedRun | ParsedWorkout) -> None:
        if record.remark and len(self.remarks) < MOST_PROBLEMS:
            self.remarks.append({"row": self._shown(record.row), "id": str(record.id), "detail": record.remark})

    def add_joined(self, row: int, id: object, reason: str) -> None:
        """Say why a record is one with that of other sources."""
        if len(self.remarks) < MOST_PROBLEMS:
            detail = f"Joined with this record. {reason}"
            self.remarks.append({"row": self._shown(row), "id": str(id), "detail": detail})

    def _shown(self, row: int) -> int | None:
        return row or None if self.has_rows else None

    def add_skipped(self, record: Skipped) -> None:
        self.skipped += 1
        if record.detail in self.skipped_why or len(self.skipped_why) < MOST_PROBLEMS:
            self.skipped_why[record.detail] = self.skipped_why.get(record.detail, 0) + 1

    def add_deleted_here(self, ids: Iterable[object]) -> None:
        """Count records that stay deleted, because the person deleted them."""
        for id in ids:
            self.deleted_here += 1
            if len(self.deleted_here_ids) < MOST_IDS and str(id) not in self.deleted_here_ids:
                self.deleted_here_ids.append(str(id))

    def add_known(self, known: int, merges: Iterable[Merge], returned: Collection[object] = ()) -> None:
        """Count known records: updated ones, which those that `returned` are too, ones with only conflicts, the rest.

        `returned` has the ids of records that were deleted and came back.
        """
        updated, kept = set(map(str, returned)), set[str]()
        for merge in merges:
            if merge.taken:
                updated.add(merge.id)
            elif merge.conflicts:
                kept.add(merge.id)
            self.conflicts += [
                {"id": merge.id, "field": field, "yours": merge.yours[field], "theirs": theirs}
                for field, theirs in merge.conflicts.items()
            ]
        kept -= updated
        self.updated += len(updated)
        self.kept += len(kept)
        self.unchanged += known - len(updated) - len(kept)

    @property
    def changed(self) -> int:
        """Return the number of changes, of which conflicts are some; one of a record joined and updated are two."""
        return self.created + self.updated + self.kept + self.deleted + self.joined

    @property
    def records(self) -> dict[str, object] | None:
        """Return the page of records that a dry run would change; a sync has only the first page."""
        if not self.dry_run:
            return None
        following = self.preview.following if self.kind == "import" else None
        return {"items": self.preview.items, "next_cursor": following and following.encode(PREVIEW)}

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTS}

    def standing(self) -> dict[str, int]:
        """Return the counts without those of pages that were reverted."""
        return {name: count - self.reverted.get(name, 0) for name, count in self.counts().items()}

    def part(self) -> "Report":
        """Return an empty report of a part of the import, of the same options."""
        return Report(
            dry_run=self.dry_run,
            other_sports=self.other_sports,
            restore_deleted=self.restore_deleted,
            open_changeset_id=self.open_changeset_id,
        )

    def add(self, part: "Report", *, of: str | None = None) -> None:
        """Add what came of a part; `of` is the file that its sentences are about."""
        said = f"{of}: " if of else ""
        self.add_counts(part.counts())
        for ours, theirs in ((self.problems, part.problems), (self.remarks, part.remarks)):
            ours += [{**one, "detail": f"{said}{one['detail']}"} for one in theirs[: MOST_PROBLEMS - len(ours)]]
        self.conflicts += part.conflicts
        self.deleted_here_ids += part.deleted_here_ids[: MOST_IDS - len(self.deleted_here_ids)]
        for why, count in part.skipped_why.items():
            self.skipped_why[why] = self.skipped_why.get(why, 0) + count
        self.files += part.files
        self.questions += [question for question in part.questions if question not in self.questions]
        self.time_zone = self.time_zone or part.time_zone

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """Add the counts of a part of the import."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + counts[name])


@contextmanager
def changeset_of(report: Report, *, source: str | None, actor: str) -> Iterator[int]:
    """Yield the changeset of the report's records: that of earlier pages, or a new one.

    If the changeset of earlier pages was reverted meanwhile, later pages get one of their own. At the end it gets the
    counts of its pages. A dry run is rolled back; a changeset without changes is deleted. Inside such a block, another
    one is part of it.
    """
    if report.open_changeset_id is not None:
        yield report.open_changeset_id
        return
    before = report.changed
    if report.changeset_id and not changesets.continue_changeset(report.changeset_id):
        report.changeset_id, report.reverted = None, report.counts()
    changeset_id = report.changeset_id or changesets.create_changeset(report.kind, source=source, actor=actor)
    report.open_changeset_id = changeset_id
    try:
        yield changeset_id
    finally:
        report.open_changeset_id = None
    if report.dry_run:
        report.preview.add(changeset_id)
        discard()
    elif report.changed > before:
        report.changeset_id = changeset_id
        changesets.set_counts(changeset_id, report.standing())
    elif report.changeset_id is None:
        changesets.delete_changeset(changeset_id)


def chunks_ahead(records: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the records in lists of `size`; while one is stored, and the database is waited for, the next one is read.

    A list ends before `size` where the files and points that come with its records have CHUNK_BYTES.
    """
    ahead = _Ahead(iter(records), size)
    while chunk := ahead.take():
        with meanwhile(ahead.read_on):
            yield chunk


@dataclass(slots=True)
class _Ahead(Generic[T]):
    """The next list of records, as far as it is read, and the error that ended the reading."""

    remaining: Iterator[T]
    size: int
    records: list[T] = field(default_factory=list)
    weight: int = 0
    error: Exception | None = None

    def take(self) -> list[T]:
        """Return the list once it is read; raises the error that ended its reading."""
        while self.read_on():
            pass
        if self.error:
            raise self.error
        taken, self.records, self.weight = self.records, [], 0
        return taken

    def read_on(self) -> bool:
        """Read some more records; return whether the list can have more of them."""
        room = self.size - len(self.records)
        if self.error or not room or self.weight >= CHUNK_BYTES:
            return False
        wanted = min(READ_AT_ONCE, room)
        try:
            for record in islice(self.remaining, wanted):
                self.records.append(record)
                wanted -= 1
                if weight := weight_of(record):
                    self.weight += weight
                    return True
        except Exception as error:
            self.error = error
        return not wanted


def begun(records: Iterator[T]) -> Iterator[T]:
    """Read the first records, at most FIRST_RECORDS or CHUNK_BYTES; return all of them."""
    first = _Ahead(records, FIRST_RECORDS).take()
    return chain(first, records)


def parsed_of(
    kind: type[T], chunk: Iterable[object], report: Report, *, problems_are_records: bool = True
) -> Iterator[T]:
    """Yield the records of a kind, and count all records, problems and skipped ones in the report.

    A problem may be one part of a record, such as a set of a workout; then it does not count as found.
    """
    for record in chunk:
        report.found += problems_are_records or not isinstance(record, Problem)
        if isinstance(record, (ParsedRun, ParsedWorkout)):
            report.add_remark(record)
        if isinstance(record, kind):
            yield record
        elif isinstance(record, Problem):
            report.add_problem(record)
        else:
            assert isinstance(record, Skipped)
            report.add_skipped(record)
