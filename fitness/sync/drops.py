"""Drops: imports of several files, begun, asked about and described; `drop_loading` loads them."""

from collections.abc import Iterable, Mapping
from typing import Any

from fitness.db import drop_files, drops
from fitness.db.drop_files import DropFile
from fitness.db.drops import Drop
from fitness.errors import Conflict, ImportExpired, found
from fitness.sync.files import answer_key, field_of
from fitness.sync.report import COUNTS, Report

MOST_UNFINISHED = 20
"""How many drops a person may have that have not ended."""
MOST_PROBLEMS = 20
"""Largest number of problems, of remarks and of skip reasons that are kept of a file."""
MOST_ANSWERS = 1000
"""How many questions of a kind of file can be answered in a drop; fewer are remembered, see `drops.MOST_ANSWERS`."""
MOST_NAMES = 20
"""How many of the files that wait for an answer a question names."""


def begin_drop() -> dict[str, Any]:
    """Begin a drop, in the bound transaction; raises Conflict if the person has too many."""
    drops.hold_off_others()
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
    known = {**drop.answers.get(kind or "", {}), **answers}
    if len(known) > MOST_ANSWERS:
        raise Conflict(f"One import may have {MOST_ANSWERS:,} answers for a kind of file: begin another one")
    drops.set_answers(import_id, {**drop.answers, kind or "": known})
    if kind:
        drops.remember_answers(kind, answers)


def list_remembered() -> list[dict[str, Any]]:
    """Return the remembered answers in the order of their kinds; `key` is what one is stored under."""
    return [
        {
            "kind": kind,
            "key": key,
            "field": field_of(key),
            "value": None if isinstance(answer, dict) else answer,
            "mapping": answer if isinstance(answer, dict) else None,
        }
        for kind, answers in sorted(drops.list_answers().items())
        for key, answer in sorted(answers.items())
    ]


def outcome_of(
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


OF_ARCHIVE = "A ZIP: those of its files that may be activities have lines of their own"
NOTHING_YET = outcome_of(Report(), None)


def _outcome_shown(drop: Drop, file: DropFile) -> dict[str, Any]:
    """Return what came of a file; while others are loaded, what a dry run said of one that waits is left out."""
    if file.role == "archive":
        return {**(file.outcome or NOTHING_YET), "detail": OF_ARCHIVE}
    if file.outcome and (file.state != "waiting" or file.taken or drop.state in ("open", "asking")):
        return file.outcome
    return NOTHING_YET


def describe_drop(drop: Drop, files: Iterable[DropFile]) -> dict[str, Any]:
    """Return a drop as people see it, with a line for each file, and each question once for a kind of file."""
    lines = [
        {
            "name": file.name,
            "sha256": file.sha256,
            "size": file.size,
            "received": file.received,
            "state": file.state,
            **_outcome_shown(drop, file),
        }
        for file in files
    ]
    questions: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        for question in line.pop("questions"):
            kind, key = line["kind"], answer_key(question["field"], question["headings"])
            asked = questions.setdefault((kind, key), {"kind": kind, **question, "files": 0, "names": []})
            asked["files"] += 1
            if len(asked["names"]) < MOST_NAMES:
                asked["names"].append(line["name"])
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
