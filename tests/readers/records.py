"""What a reader gave, by kind."""

from fitness.readers.records import OtherSport, ParsedRun, ParsedWorkout, Problem, Skipped


def run_of(record):
    assert isinstance(record, ParsedRun), record
    return record


def problem_of(record):
    assert isinstance(record, Problem), record
    return record


def runs_only(records):
    """Return what there is for somebody who wants no other sports."""
    return [record.skipped if isinstance(record, OtherSport) else record for record in records]


def skipped_of(record):
    (record,) = runs_only([record])
    assert isinstance(record, Skipped), record
    return record


def workout_of(record):
    assert isinstance(record, ParsedWorkout), record
    return record
