"""Drops into the database: their files are loaded some at a time, as one changeset.

Each transaction loads at most BATCH_FILES files or BATCH_BYTES bytes, or so many activities of a whole export, and
stores what came of each. So whoever finishes a drop again, after the server was killed or an answer has come, goes on
where it stopped. One bad file is refused by itself.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

import psycopg

from fitness.db import drop_files, drops
from fitness.db.connection import savepoint, transaction
from fitness.db.deadlocks import tried_twice
from fitness.db.drop_files import DropFile
from fitness.db.drops import Drop
from fitness.db.later import start
from fitness.db.turns import PATIENT_SECONDS, take_turn
from fitness.errors import Abandoned, Conflict, NotFound, TookTooLong
from fitness.readers.reader import Answers, Question, Reader
from fitness.readers.recognition import recognise
from fitness.readers.records import UnreadableFile
from fitness.sync.drop_folders import DropFolder, Folders
from fitness.sync.drops import lock_drop, outcome_of
from fitness.sync.files import OWN_ZONE, answers_or_questions, load_parsed, load_records
from fitness.sync.report import COUNTS, Report, begun, changeset_of, watcher

logger = logging.getLogger(__name__)

BATCH_FILES = 25
BATCH_BYTES = 8 * 1024 * 1024
SLICE_RECORDS = 500
"""How many records of a whole export are loaded at once, if they have no files."""
TRIED_IN = ("open", "asking")
"""The states of a drop that allow a dry run: of all files, or of those that still wait for an answer."""
MOST_NAMED = 5
"""How many files an error names."""
FAILED = "The server failed to read this file. Its log says why."

Outcome = tuple[int, str, dict[str, Any]]
"""What came of a file: its number, its new state, and the fields of it that people see."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who finishes a drop: the name that the history stores, their own time zone, and the most files of a drop."""

    user_id: int
    actor: str
    time_zone: str | None
    most_files: int


def load_drop(asker: Asker, import_id: int, report: Report) -> None:
    """Load the files of a drop that are not loaded yet, or try to; the report says how many records were found so far.

    Raises NotFound, ImportExpired, QuotaExceeded, and Conflict while a part of a file is missing, or if the drop is
    given up meanwhile.
    """
    token = watcher.set(None)  # whoever watches is to see the count of all files, not that of the last one
    try:
        with closing(Folders(import_id, asker.most_files)) as folders:
            _Loading(asker, import_id, report, folders).run()
    finally:
        watcher.reset(token)


class _Loading:
    """The loading of a drop; its exports are read once, and go on where the last transaction stopped."""

    def __init__(self, asker: Asker, import_id: int, report: Report, folders: Folders) -> None:
        self._asker, self._import_id, self._report, self._folders = asker, import_id, report, folders
        self._exports: dict[int, _Export] = {}
        self._remembered: drops.Answers = {}
        self._used: dict[str, set[str]] = defaultdict(set)
        self._changeset_id: int | None = None

    def run(self) -> None:
        if self._begin():
            if self._report.dry_run:
                self._try_out()
            else:
                self._load_all()

    def _load_all(self) -> None:
        try:
            while (added := tried_twice(self._load_some)) is not None:
                self._report.found += added
        except NotFound as error:
            stored = (
                f"What was loaded is changeset {self._changeset_id}" if self._changeset_id else "Nothing was stored"
            )
            raise Conflict(f"This import was given up while it was loaded. {stored}.") from error

    @contextmanager
    def _turn(self, *states: str) -> Iterator[Drop]:
        """Lock the drop, in a transaction of its own."""
        with transaction(self._asker.user_id):
            take_turn(PATIENT_SECONDS)
            yield lock_drop(self._import_id, *states)

    def _begin(self) -> bool:
        """Find out what the files are, and let them wait to be loaded; return False if the drop has ended."""
        with self._turn(*(TRIED_IN if self._report.dry_run else ())) as drop:
            if drop.state == "done":
                return False
            _refuse_incomplete(drop_files.list_files(self._import_id))
            # While it is open, only dry runs have refused files: as they are, or as the answers were.
            drop_files.wait_again(self._import_id, ("asked", "refused") if drop.state == "open" else ("asked",))
            self._folders.sort()
            self._remembered = drops.list_answers()
            drops.touch_drop(self._import_id, None if self._report.dry_run else "loading")
            self._report.found, self._changeset_id = drop.counts.get("found", 0), drop.changeset_id
        return True

    def _try_out(self) -> None:
        """Load all files in one transaction that is rolled back, so that each meets the records of those before it."""
        outcomes: dict[int, Outcome] = {}
        with self._turn(*TRIED_IN) as drop, changeset_of(self._report, source=None, actor=self._asker.actor):
            waiting = drop_files.list_waiting(self._import_id, self._asker.most_files)
            for export in waiting:
                if export.role == "export" and export.number not in outcomes:
                    outcomes |= _by_number(self._load_export(drop, export, self._report))
            files = [file for file in waiting if file.number not in outcomes]
            outcomes |= _by_number(self._load_files(drop, files, self._report))
        # What is refused while the drop is open is tried anew; later, only what waits is.
        still = {"loaded", "refused"} if drop.state == "asking" else {"loaded"}
        tried = [(number, "waiting" if state in still else state, one) for number, state, one in outcomes.values()]
        with self._turn():
            if tried:
                drop_files.set_outcomes(self._import_id, tried)
            drops.touch_drop(self._import_id)

    def _load_some(self) -> int | None:
        """Load the next files in a transaction; return the number of records in them, or None if no file is left.

        What was loaded so far is read anew, as the drop may be finished twice at once.
        """
        with self._turn() as drop:
            files = list(_batch(drop_files.list_waiting(self._import_id, BATCH_FILES)))
            if not files:
                self._end()
                return None
            if len(files) > 1:  # a single one may be larger than BATCH_BYTES
                self._folders.fetch(files)
            counts: Any = {name: drop.counts.get(name, 0) for name in COUNTS}
            part = replace(self._report, changeset_id=drop.changeset_id, **counts)
            with changeset_of(part, source=None, actor=self._asker.actor):
                if files[0].role == "export":
                    outcomes = self._load_slice(drop, files[0], part)
                else:
                    outcomes = list(self._load_files(drop, files, part))
            if outcomes:
                drop_files.set_outcomes(self._import_id, outcomes)
                ended = (number for number, state, _ in outcomes if state in drop_files.ENDED)
                drop_files.delete_pieces_of(self._import_id, ended)
            drops.set_changeset(self._import_id, part.changeset_id, part.standing())
        self._changeset_id = part.changeset_id
        return part.found - counts["found"]

    def _end(self) -> None:
        for kind, keys in self._used.items():
            if used := keys & self._remembered.get(kind, {}).keys():
                drops.use_answers(kind, used)
        asking = any(file.state == "asked" for file in drop_files.list_files(self._import_id))
        drops.touch_drop(self._import_id, "asking" if asking else "done")
        if not asking:
            drop_files.delete_pieces(self._import_id)

    def _load_files(self, drop: Drop, files: Iterable[DropFile], report: Report) -> Iterator[Outcome]:
        """Load files, each or nothing of it; while the database stores the last of one, the next one is read."""
        opened = map(self._open, files)
        current = following = next(opened, None)
        try:
            while current:
                following = next(opened, None)
                with closing(current):
                    self._read(drop, current)
                    state, outcome = self._load_file(drop, current, report, following)
                    yield current.file.number, state, outcome
                current = following
        finally:
            if following:
                following.close()

    def _open(self, file: DropFile) -> "_Opened":
        opened = _Opened(file)
        try:
            opened.stream = self._folders.open(file)
        except Exception as error:
            opened.error = error
        return opened

    def _read(self, drop: Drop, opened: "_Opened") -> None:
        """Find out what a file is, and read its first records, unless that was done; it runs no statement."""
        if opened.reader or opened.error:
            return
        try:
            reader = opened.reader = recognise(opened.stream)
            given, used = self._given(drop, reader.source), self._used[reader.source]
            opened.answers = answers_or_questions(reader, opened.stream, given, used)
            if isinstance(opened.answers, Answers):
                opened.records = begun(reader.parse(opened.stream, opened.answers))
        except Exception as error:
            opened.error = error

    def _load_file(
        self, drop: Drop, opened: "_Opened", report: Report, following: "_Opened | None"
    ) -> tuple[str, dict[str, Any]]:
        """Load a file that was read, or nothing of it; return its new state, and what people see of it."""
        reader, answers = opened.reader, opened.answers
        kind = reader.source if reader else None
        try:
            if opened.error:
                raise opened.error
            assert reader is not None
            if not isinstance(answers, Answers):
                return "asked", outcome_of(Report(), kind, questions=[question.fields() for question in answers])
            own = report.part()
            with savepoint():
                load_parsed(reader, opened.records, own, answers=answers, actor=self._asker.actor)
                start()
                if following:
                    self._read(drop, following)
        except Exception as error:
            return "refused", outcome_of(Report(), kind, detail=self._why(error))
        report.add_counts(own.counts())
        return "loaded", outcome_of(own, kind)

    def _load_export(self, drop: Drop, file: DropFile, report: Report) -> Iterable[Outcome]:
        """Load a whole export at once."""
        outcomes: Iterable[Outcome] = ()
        while not outcomes:
            outcomes = self._load_slice(drop, file, report)
        self._exports.pop(file.number, None)
        return outcomes

    def _load_slice(self, drop: Drop, file: DropFile, report: Report) -> Iterable[Outcome]:
        """Load the next records of a whole export; return what came of its files at its end, otherwise nothing."""
        export = self._exports.get(file.number)
        try:
            if export is None or (export.taken > file.taken and not report.dry_run):
                opened = self._open_export(drop, file)
                if not isinstance(opened, _Export):
                    return [(file.number, "asked", opened)]
                export = self._exports[file.number] = opened
            records = export.following(max(file.taken, export.taken))
            with savepoint():
                own = report.part()
                load_records(export.reader, iter(records), own, actor=self._asker.actor)
        except Exception as error:
            done = export.report if export else Report()
            kind = export.reader.source if export else None
            return [(file.number, "refused", outcome_of(done, kind, detail=self._why(error)))]
        report.add_counts(own.counts())
        export.report.add(own)
        if not records:
            return export.outcomes(file)
        if not report.dry_run:
            outcome = outcome_of(export.report, export.reader.source)
            drop_files.set_taken(self._import_id, file.number, export.taken, outcome)
        return ()

    def _open_export(self, drop: Drop, file: DropFile) -> "_Export | dict[str, Any]":
        """Return a whole export, or the outcome of a file with an open question."""
        folder, reader = self._folders.of(file)
        assert reader.of_folder is not None
        given = self._given(drop, reader.source)
        answers = answers_or_questions(reader, BytesIO(), given, self._used[reader.source])
        if not isinstance(answers, Answers):
            return outcome_of(Report(), reader.source, questions=[question.fields() for question in answers])
        so_far = self._report.part()
        if file.taken:
            so_far.add_counts(file.outcome)
        opened = folder.opened if isinstance(folder, DropFolder) else {}
        return _Export(reader, iter(reader.of_folder.parse(folder, answers)), so_far, opened)

    def _given(self, drop: Drop, kind: str) -> dict[str, Any]:
        """Return the answers for a kind of files: those of the account, of this import, of this import for the kind."""
        return {
            OWN_ZONE: self._asker.time_zone,
            **self._remembered.get(kind, {}),
            **drop.answers.get("", {}),
            **drop.answers.get(kind, {}),
        }

    def _why(self, error: Exception) -> str:
        """Return the sentence for a file that cannot be loaded; raises what is about the work as a whole."""
        if isinstance(error, UnreadableFile):
            return str(error)
        if isinstance(error, Abandoned | TookTooLong | MemoryError | psycopg.OperationalError):
            raise error
        if isinstance(error, OSError) and error.errno is not None:  # of the system: no room among temporary files
            raise error
        logger.error("a file of import %s failed", self._import_id, exc_info=error)
        return FAILED


@dataclass(slots=True)
class _Opened:
    """A file, as far as it is read: what is known of it, and the error that ended its reading."""

    file: DropFile
    stream: BinaryIO = field(default_factory=BytesIO)
    reader: Reader | None = None
    answers: Answers | Sequence[Question] = ()
    records: Iterator[Any] = field(default_factory=lambda: iter(()))
    error: Exception | None = None

    def close(self) -> None:
        self.stream.close()


@dataclass(slots=True)
class _Export:
    """A whole export while it is read: `taken` records so far, with what came of them; `opened` are its files."""

    reader: Reader
    records: Iterator[Any]
    report: Report
    opened: Mapping[str, DropFile]
    taken: int = 0

    def following(self, taken: int) -> list[Any]:
        """Return the records behind the first `taken` ones: of BATCH_FILES files, BATCH_BYTES or SLICE_RECORDS."""
        for _ in islice(self.records, taken - self.taken):
            pass
        self.taken = taken
        records, files, size = [], 0, 0
        for record in self.records:
            records.append(record)
            original = getattr(getattr(record, "workout", record), "original", None)
            files, size = files + (original is not None), size + (len(original.content) if original else 0)
            if files == BATCH_FILES or size >= BATCH_BYTES or len(records) == SLICE_RECORDS:
                break
        self.taken += len(records)
        return records

    def outcomes(self, file: DropFile) -> list[Outcome]:
        """Return what came of the export: its records at the one file, and its other files as parts of it."""
        part = outcome_of(Report(), self.reader.source, detail=f"Read with {file.name}")
        parts = [(one.number, "loaded", part) for one in self.opened.values() if one.number != file.number]
        return [(file.number, "loaded", outcome_of(self.report, self.reader.source)), *parts]


def _by_number(outcomes: Iterable[Outcome]) -> dict[int, Outcome]:
    return {outcome[0]: outcome for outcome in outcomes}


def _refuse_incomplete(files: Iterable[DropFile]) -> None:
    """Raise Conflict while a part of a file is missing."""
    lacking = [file for file in files if file.state == "incomplete"]
    if lacking:
        named = [f"{file.name} ({file.received:,} of {file.size:,} bytes)" for file in lacking[:MOST_NAMED]]
        more = [f"{len(lacking) - MOST_NAMED} more"] if len(lacking) > MOST_NAMED else []
        raise Conflict(f"Parts of {len(lacking)} files are missing: {', '.join(named + more)}")


def _batch(files: Iterable[DropFile]) -> Iterator[DropFile]:
    """Yield the first files, at least one, up to BATCH_BYTES; a whole export comes alone."""
    size = 0
    for file in files:
        size += file.size
        if size > file.size and (size > BATCH_BYTES or file.role == "export"):
            return
        yield file
        if file.role == "export":
            return
