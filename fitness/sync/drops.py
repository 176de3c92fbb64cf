"""Drops into the database: the files of one are loaded some at a time, as one changeset.

Each transaction loads at most BATCH_FILES files or BATCH_BYTES bytes, and stores what came of each. So whoever finishes
a drop again, after the server was killed or an answer has come, goes on where it stopped. One bad file is refused by
itself.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

import psycopg

from fitness.db import drop_files, drops
from fitness.db.connection import savepoint, transaction
from fitness.db.deadlocks import tried_twice
from fitness.db.drop_files import DropFile
from fitness.db.drops import Drop
from fitness.db.turns import PATIENT_SECONDS, take_turn
from fitness.errors import Abandoned, Conflict, ImportExpired, TookTooLong, found
from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import UnreadableFile
from fitness.sync.files import answer_key, answers_or_questions, load_file
from fitness.sync.report import COUNTS, Report, changeset_of, watcher

logger = logging.getLogger(__name__)

BATCH_FILES = 25
BATCH_BYTES = 8 * 1024 * 1024
SPOOLED_BYTES = 8 * 1024 * 1024
"""A larger file is kept on the disk while it is read."""
MOST_UNFINISHED = 20
"""How many drops a person may have that have not ended."""
MOST_PROBLEMS = 20
"""Largest number of problems, of remarks and of skip reasons that are kept of a file."""
MOST_NAMED = 5
"""How many files an error names."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who finishes a drop: the name that the history stores, and their own time zone."""

    user_id: int
    actor: str
    time_zone: str | None


def begin_drop() -> dict[str, Any]:
    """Begin a drop, in the bound transaction; raises Conflict if the person has too many."""
    if drops.count_unfinished() >= MOST_UNFINISHED:
        raise Conflict(f"You have {MOST_UNFINISHED} imports that are not finished: finish or delete one of them first")
    return describe_drop(drops.create_drop(), [])


def get_drop(import_id: int) -> dict[str, Any]:
    """Return a drop with what came of its files, in the bound transaction; raises NotFound."""
    return describe_drop(found(drops.get_drop(import_id), "Import"), drop_files.list_files(import_id))


def lock_drop(import_id: int, *states: str) -> Drop:
    """Return a drop in one of the states, locked in the bound transaction.

    Raises NotFound, ImportExpired, and Conflict if it is in another state.
    """
    drop = found(drops.lock_drop(import_id), "Import")
    if drop.state == "expired":
        raise ImportExpired
    if states and drop.state not in states:
        raise Conflict(f"This import is {drop.state}: begin a new one")
    return drop


def answer_questions(import_id: int, kind: str | None, answers: Mapping[str, Any]) -> None:
    """Store answers for the files of a kind, in the bound transaction, and remember them; None: for all of the drop."""
    drop = lock_drop(import_id, "open", "loading", "asking")
    known = drop.answers.get(kind or "", {})
    drops.set_answers(import_id, {**drop.answers, kind or "": {**known, **answers}})
    if kind:
        drops.remember_answers(kind, answers)


def load_drop(asker: Asker, import_id: int, report: Report) -> None:
    """Load the files of a drop that are not loaded yet, or try to; the report says how many records were found so far.

    Raises NotFound, ImportExpired, QuotaExceeded, and Conflict while a part of a file is missing.
    """
    token = watcher.set(None)  # whoever watches is to see the count of all files, not that of the last one
    try:
        if report.dry_run:
            _try_out(asker, import_id, report)
        elif _begin(asker, import_id, report):
            while (added := tried_twice(lambda: _load_some(asker, import_id, report))) is not None:
                report.found += added
    finally:
        watcher.reset(token)


def _try_out(asker: Asker, import_id: int, report: Report) -> None:
    """Load all files in one transaction that is rolled back, so that each meets the records of those before it."""
    with transaction(asker.user_id):
        take_turn()
        drop = lock_drop(import_id, "open")
        files = [file for file in _all_whole(import_id) if file.state not in drop_files.ENDED]
        outcomes = _load(asker, drop, files, report)
    with transaction(asker.user_id):
        lock_drop(import_id)
        _store(import_id, [(number, "waiting" if state == "loaded" else state, one) for number, state, one in outcomes])
        drops.touch_drop(import_id)


def _begin(asker: Asker, import_id: int, report: Report) -> bool:
    """Let the files wait to be loaded; return False if the drop has ended."""
    with transaction(asker.user_id):
        drop = lock_drop(import_id)
        report.found = drop.counts.get("found", 0)
        if drop.state == "done":
            return False
        _all_whole(import_id)
        drop_files.ask_again(import_id)
        drops.touch_drop(import_id, "loading")
    return True


def _all_whole(import_id: int) -> list[DropFile]:
    """Return the files of a drop; raises Conflict while a part of one is missing."""
    files = drop_files.list_files(import_id)
    lacking = [file for file in files if file.state == "incomplete"]
    if lacking:
        named = [f"{file.name} ({file.received:,} of {file.size:,} bytes)" for file in lacking[:MOST_NAMED]]
        more = [f"{len(lacking) - MOST_NAMED} more"] if len(lacking) > MOST_NAMED else []
        raise Conflict(f"Parts of {len(lacking)} files are missing: {', '.join(named + more)}")
    return files


def _load_some(asker: Asker, import_id: int, report: Report) -> int | None:
    """Load the next files in a transaction; return the number of records in them, or None if no file is left.

    What was loaded so far is read anew, as the drop may be finished twice at once.
    """
    with transaction(asker.user_id):
        take_turn(PATIENT_SECONDS)
        drop = lock_drop(import_id)
        files = list(_batch(drop_files.list_waiting(import_id, BATCH_FILES)))
        if not files:
            asking = any(file.state == "asked" for file in drop_files.list_files(import_id))
            drops.touch_drop(import_id, "asking" if asking else "done")
            return None
        part = replace(report, changeset_id=drop.changeset_id, **{name: drop.counts.get(name, 0) for name in COUNTS})
        before = part.found
        _store(import_id, _load(asker, drop, files, part))
        drops.set_changeset(import_id, part.changeset_id, part.standing())
    return part.found - before


def _batch(files: Iterable[DropFile]) -> Iterator[DropFile]:
    """Yield the first files, at least one, up to BATCH_BYTES."""
    size = 0
    for file in files:
        size += file.size
        if size > BATCH_BYTES and size > file.size:
            return
        yield file


Outcome = tuple[int, str, dict[str, Any]]
"""What came of a file: its number, its new state, and the fields of it that people see."""


def _load(asker: Asker, drop: Drop, files: Iterable[DropFile], report: Report) -> list[Outcome]:
    """Load files in the bound transaction."""
    remembered = drops.list_answers()

    def given(kind: str) -> Mapping[str, Any]:
        said = (remembered.get(kind, {}), drop.answers.get("", {}), drop.answers.get(kind, {}))
        return {"timezone": asker.time_zone, **said[0], **said[1], **said[2]}

    with changeset_of(report, source=None, actor=asker.actor):
        return [(file.number, *_load_one(asker, drop.import_id, file, given, report)) for file in files]


def _load_one(asker: Asker, import_id: int, file: DropFile, given: Any, report: Report) -> tuple[str, dict[str, Any]]:
    """Load a file, or none of it; return its new state and outcome."""
    kind = None
    try:
        with _content(import_id, file) as stream:
            reader = recognise(stream)
            kind = reader.source
            answers = answers_or_questions(reader, stream, given(kind))
            if not isinstance(answers, Answers):
                return "asked", _outcome(Report(), kind, questions=[question.fields() for question in answers])
            own = Report(
                dry_run=report.dry_run,
                other_sports=report.other_sports,
                restore_deleted=report.restore_deleted,
                open_changeset_id=report.open_changeset_id,
            )
            with savepoint():
                load_file(reader, stream, own, answers=answers, actor=asker.actor)
    except UnreadableFile as error:
        return "refused", _outcome(Report(), kind, detail=str(error))
    except (Abandoned, TookTooLong, psycopg.OperationalError):
        raise  # it is about the work as a whole
    except Exception:
        logger.exception("a file of import %s failed", import_id)
        return "refused", _outcome(Report(), kind, detail="The server failed to read this file. Its log says why.")
    report.add_counts(own.counts())
    return "loaded", _outcome(own, kind)


@contextmanager
def _content(import_id: int, file: DropFile) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(SPOOLED_BYTES) as content:
        with closing(drop_files.stream_pieces(import_id, file.number)) as pieces:
            content.writelines(pieces)
        content.seek(0)
        yield cast(BinaryIO, content)


def _outcome(
    report: Report, kind: str | None, *, detail: str | None = None, questions: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the fields of a file that say what came of it."""
    return {
        "kind": kind,
        "detail": detail,
        "time_zone": report.time_zone,
        **report.counts(),
        "skipped_why": dict(list(report.skipped_why.items())[:MOST_PROBLEMS]),
        "problems": report.problems[:MOST_PROBLEMS],
        "remarks": report.remarks[:MOST_PROBLEMS],
        "questions": list(questions),
    }


def _store(import_id: int, outcomes: list[Outcome]) -> None:
    if outcomes:
        drop_files.set_outcomes(import_id, outcomes)


NOTHING_YET = _outcome(Report(), None)


def describe_drop(drop: Drop, files: Iterable[DropFile]) -> dict[str, Any]:
    """Return a drop as people see it, with a line for each file, and each question once for a kind of file."""
    lines = [
        {
            "name": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "received": file.received,
            "state": file.state,
            **(file.outcome if file.outcome and (file.state != "waiting" or drop.state == "open") else NOTHING_YET),
        }
        for file in files
    ]
    questions: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        for question in line.pop("questions"):
            kind, key = line["kind"], answer_key(question["field"], question["headings"])
            asked = questions.setdefault((kind, key), {"kind": kind, **question, "files": 0})
            asked["files"] += 1
    return {
        "import_id": drop.import_id,
        "state": drop.state,
        "changeset_id": drop.changeset_id,
        "created_at": drop.created_at,
        "expires_at": drop.expires_at,
        **{name: sum(line[name] for line in lines) for name in COUNTS},
        "questions": list(questions.values()),
        "files": lines,
    }
