"""Files of any kind that is read, into the database."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import orjson

from fitness import signals
from fitness.db.connection import savepoint
from fitness.readers import zips
from fitness.readers.folder import OverBudget, ZipFolder
from fitness.readers.mapping import ColumnMapping
from fitness.readers.reader import Answers, Question, Reader
from fitness.readers.recognition import recognise
from fitness.readers.records import OfAnotherKind, Problem, UnreadableFile
from fitness.readers.sorting import is_worth_reading
from fitness.sync.activities_import import load_activities
from fitness.sync.planned_workouts_import import load_planned_workouts
from fitness.sync.report import Report, changeset_of
from fitness.sync.workouts_import import load_export

LOADERS = {"runs": load_activities, "workouts": load_export, "planned workouts": load_planned_workouts}

OWN_ZONE = "own_timezone"
"""The name of the zone of a person's profile among what is given."""
_SAID = ("weight_unit", "distance_unit", "mapping")

WHICH_ZONE = Question(
    "timezone", "The times in this file name no zone: say in which one they are, such as Europe/Berlin", (), ()
)


def in_zone(reader: Reader, said: str | None, own: str | None) -> Answers | None:
    """Return answers with the zone of a file's local times: the one that was `said` of it, or else the person's `own`.

    Who says their own zone says no more than their account: the same file has one origin, whether asked or not. None
    where it has times of day and nobody knows their zone. Mere days are in UTC then.
    """
    if said and said != own:
        return Answers(ZoneInfo(said), zone_source="answer")
    if own:
        return Answers(ZoneInfo(own), zone_source="account")
    return None if reader.zone == "times" else Answers(ZoneInfo("UTC"))


def answers_or_questions(
    reader: Reader, stream: BinaryIO, given: Mapping[str, Any], used: set[str] | None = None
) -> Answers | list[Question]:
    """Return what a person said of a file, by `key_of` of the questions, or what must still be said.

    `given` has the zone of the person's profile under OWN_ZONE. The keys of questions that are answered are added to
    `used`.
    """
    questions = reader.questions(stream)
    stream.seek(0)
    if used is not None:
        used |= {key for question in questions if (key := key_of(question)) in given}
    said = {name: given[name] for name in _SAID if given.get(name)}
    said |= {question.field: answer for question in questions if (answer := given.get(key_of(question)))}
    asked = [question for question in questions if question.field not in said]
    answers = in_zone(reader, given.get("timezone"), given.get(OWN_ZONE))
    if answers is None:
        asked.append(WHICH_ZONE)
    if asked or answers is None:
        return asked
    if isinstance(said.get("mapping"), dict):
        said["mapping"] = ColumnMapping(**said["mapping"])
    return answers._replace(**said)


def key_of(question: Question) -> str:
    """Return what an answer is stored under: the field, and where it depends on the headings of a file, those."""
    return answer_key(question.field, question.headings)


def answer_key(field: str, headings: Sequence[str]) -> str:
    """Return what an answer is stored under, see `key_of`."""
    if not headings:
        return field
    return f"{field} {hashlib.sha256(orjson.dumps(list(headings))).hexdigest()}"


def field_of(key: str) -> str:
    """Return the field of the question whose answer is stored under a key, see `key_of`."""
    return key.partition(" ")[0]


def load_file(reader: Reader, stream: BinaryIO, report: Report, *, answers: Answers, actor: str) -> Report:
    """Store what a file holds, in the bound transaction; return the report. Raises UnreadableFile."""
    return load_parsed(reader, reader.parse(stream, answers), report, answers=answers, actor=actor)


def load_parsed(reader: Reader, records: Iterator[Any], report: Report, *, answers: Answers, actor: str) -> Report:
    """Store the records of a file that is being parsed, as load_file does.

    The report names the zone of its local times where the file has such.
    """
    report.time_zone = None if reader.zone == "none" else answers.zone.key
    return load_records(reader, records, report, actor=actor)


def load_any(stream: BinaryIO, name: str, report: Report, *, given: Mapping[str, Any], actor: str) -> Report:
    """Store what a file of any kind holds, in the bound transaction; return the report.

    Of a ZIP that is no whole export, each file in it that may be worth it; one bad file stops no other. What must be
    known first is in the questions of the report: nothing of such a file is stored. `given` is what the person said,
    see `answers_or_questions`. Raises UnreadableFile.
    """
    try:
        reader = recognise(stream)
    except OfAnotherKind:
        if not zips.is_zip(stream):
            raise
        with ZipFolder(stream) as folder:
            names = [one for one in folder.names() if is_worth_reading(folder.head(one))]
            if not names:
                raise
            _load_folder(folder, names, name, report, given=given, actor=actor)
    else:
        _load_known(reader, stream, name, report, given=given, actor=actor)
    return report


def _load_folder(
    folder: ZipFolder, names: Iterable[str], within: str, report: Report, *, given: Mapping[str, Any], actor: str
) -> None:
    report.add_problems(folder.problems)
    with changeset_of(report, source=None, actor=actor):
        for name in names:
            own = report.part()
            try:
                with folder.open(name) as stream, savepoint():
                    _load_known(recognise(stream), stream, f"{within}/{name}", own, given=given, actor=actor)
            except OverBudget:
                raise
            except UnreadableFile as refusal:
                own = report.part()
                own.add_problem(Problem(0, None, str(refusal)))
            report.add(own, of=name)


def _load_known(
    reader: Reader, stream: BinaryIO, name: str, report: Report, *, given: Mapping[str, Any], actor: str
) -> None:
    answers = answers_or_questions(reader, stream, given)
    report.files.append({"name": name, "source": reader.source})
    if isinstance(answers, Answers):
        load_file(reader, stream, report, answers=answers, actor=actor)
    else:
        report.questions += [question.fields() for question in answers]


def load_records(reader: Reader, records: Iterator[Any], report: Report, *, actor: str) -> Report:
    """Store records of a file, as load_file does."""
    report.has_rows = reader.has_rows
    before, outcome = report.changed, "failed"
    try:
        LOADERS[reader.noun](records, report, source=reader.source, actor=actor)
        outcome = "stored" if report.changed > before else "unchanged"
    finally:
        if not report.dry_run:
            signals.file_loaded.send(source=reader.source, outcome=outcome)
    return report
