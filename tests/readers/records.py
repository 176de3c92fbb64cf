"""What a reader gave, by kind."""

from fitness.readers.records import ParsedRun, ParsedWorkout, Problem, Skipped


def run_of(record):
    assert isinstance(record, ParsedRun), record
    return record


def problem_of(record):
    assert isinstance(record, Problem), record
    return record


def skipped_of(record):
    assert isinstance(record, Skipped), record
    return record


def workout_of(record):
    assert isinstance(record, ParsedWorkout), record
    return record
