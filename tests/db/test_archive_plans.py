"""A connection that has imported small archives keeps no plans that read rows over and over for a large one."""

import io
from itertools import islice

from fitness.accounts import archive
from fitness.db import connection, users
from fitness.sync.report import Report
from fitness.sync.workouts_import import load_export
from tests.db.test_plans import RUNS, TABLES, load_list, read_rows, workouts


def test_archives_read_each_row_a_few_times_where_tables_were_empty(owner, make_person):
    archives = [io.BytesIO(), io.BytesIO()]
    for name, last, file in (("some", 4, archives[0]), ("many", RUNS, archives[1])):
        person = make_person(name)
        load_list(person, "Strava", 0, last)
        with connection.transaction(person.user_id):
            load_export(islice(workouts(), last), Report(), source="Hevy", actor=name)
            archive.write(file)
        with connection.system_transaction():
            users.delete_account(person.user_id)
    owner.execute("VACUUM ANALYZE")

    for number in range(7):  # the plans of the small ones are kept
        archive.load(archives[0], user_id=make_person(f"small{number}").user_id)
    archive.load(archives[1], user_id=make_person("large").user_id)

    assert {table: read for table, read in read_rows(owner, TABLES).items() if read > RUNS * RUNS / 2} == {}
