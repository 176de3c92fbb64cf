"""A revert reads what was said of the records that it touches, not of all others."""

from fitness.db import connection
from fitness.sync import undoing
from tests.db.test_plans import load_list, read_rows

OTHERS, TIMES = 500, 20


def test_reverts_and_redos_of_one_record_do_not_read_what_was_said_of_all_others(owner, make_person):
    person = make_person("ada")
    load_list(person, "Strava", 0, OTHERS)
    load_list(person, "Strava", 0, OTHERS, 1)

    for n in range(TIMES):
        number = load_list(person, "Strava", n, n + 1, 2).changeset_id
        for _ in ("revert", "redo", "revert"):
            with connection.transaction(person.user_id):
                assert number is not None
                number = undoing.revert_changeset(number, actor="ada").changeset_id

    assert read_rows(owner, ("runs_merges",))["runs_merges"] < 10 * OTHERS
