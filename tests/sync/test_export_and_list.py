"""Strava's whole export and its list alone are one source, in whatever order they come and whatever came before."""

import itertools

import pytest

from fitness.db import connection
from fitness.db.runs import get_run_by_id
from fitness.db.runs_history import update_run_with_history

EXPORT, LIST = "strava_export.zip", "strava_export_activities.csv"
INDOORS, OUTDOORS = "strava_16309440012", "strava_16321877401"
OTHERS = ("watch.fit", "apple_health_export.zip")


def run_of(log, run_id):
    with connection.transaction(log.user_id):
        run = get_run_by_id(run_id)
    assert run
    return run


def edit(log, run_id, **updates):
    with connection.transaction(log.user_id):
        update_run_with_history(run_id=run_id, updates=updates, changed_by="ada")


@pytest.fixture
def export_alone(logs, whole_files):
    log = logs(whole_files)
    log.load(EXPORT)
    return log.runs()


def test_files_bring_to_a_list_what_they_know(logs, whole_files, export_alone):
    log = logs(whole_files)
    log.load(LIST)
    of_list = log.runs()

    report = log.load(EXPORT)

    assert log.runs() == export_alone
    assert run_of(log, INDOORS).type == "Treadmill Run"
    assert run_of(log, OUTDOORS).time_zone == {"name": "-06:00", "source": "file"}
    log.revert([report.changeset_id])
    assert log.runs() == of_list


def test_a_list_changes_nothing_that_files_said(logs, whole_files, export_alone):
    log = logs(whole_files)

    reports = [log.load(name) for name in (EXPORT, LIST, EXPORT, LIST)]

    assert [report.changeset_id for report in reports[1:]] == [None] * 3
    assert log.runs() == export_alone


@pytest.mark.parametrize("other", OTHERS)
def test_list_and_export_in_turn_say_each_thing_once(logs, whole_files, other):
    for first, second in ((EXPORT, LIST), (LIST, EXPORT)):
        log = logs(whole_files)
        log.load(other)
        log.load(first)
        log.load(second)

        again = [log.load(name) for name in (first, second, first, second, second)]

        assert [(report.changeset_id, report.joined) for report in again] == [(None, 0)] * 5, first


@pytest.mark.parametrize("other", OTHERS)
def test_list_export_and_another_source_in_any_order(logs, whole_files, other):
    found = []
    for order in itertools.permutations((other, EXPORT, LIST)):
        log = logs(whole_files)
        for name in order:
            log.load(name)
        found.append(log.runs())

    assert all(runs == found[0] for runs in found)


def test_a_guess_is_no_conflict_with_what_was_entered(logs, whole_files):
    log = logs(whole_files)
    log.load(LIST)
    edit(log, OUTDOORS, time_zone={"name": "Asia/Tokyo", "source": "person"})

    log.load(EXPORT)

    run = run_of(log, OUTDOORS)
    assert (run.time_zone, run.conflicts) == ({"name": "Asia/Tokyo", "source": "person"}, None)


def test_what_the_list_guessed_is_a_guess_again_after_revert(logs, whole_files):
    plain = logs(whole_files)
    log = logs(whole_files)
    for name in (LIST, "watch.fit"):
        plain.load(name)
    log.load(LIST)
    sync = log.load("api")  # which says the type and heart rate that the list guessed

    log.load("watch.fit")
    log.revert([sync.changeset_id])

    assert log.runs() == plain.runs()
