"""The times of the versions of a record are in the order of the versions, whatever a clock says."""

from datetime import timedelta

import pytest
from psycopg import sql

from fitness.db.connection import fetch_all, transaction
from fitness.db.history import reading, versions
from fitness.db.history.versions import Change
from fitness.db.nouns import NOUNS

CHANGE = Change("ada")
WRITES = [
    lambda noun, record_id: versions.write(noun, record_id, [], CHANGE),
    lambda noun, record_id: versions.delete(noun, record_id, CHANGE),
    lambda noun, record_id: versions.restore(noun, record_id, 1, changed_by="ada"),
    lambda noun, record_id: versions.write_all(noun, "", "r.id = %(id)s", CHANGE, id=record_id),
]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.table)
def test_the_time_of_a_version_never_goes_back_though_a_clock_was_set_back(owner, full, noun):
    """All that is there was stored by a clock that was an hour fast."""
    fast = timedelta(hours=1)
    for query in (
        "UPDATE {table} SET created_at = created_at + %s, last_edited_at = last_edited_at + %s WHERE user_id = %s",
        "UPDATE {history} SET changed_at = changed_at + %s WHERE %s IS NOT NULL AND user_id = %s",
    ):
        names = {"table": sql.Identifier(noun.table), "history": sql.Identifier(noun.history)}
        owner.execute(sql.SQL(query).format(**names), [fast, fast, full.user_id])
    with transaction(full.user_id):
        query = "SELECT r.id FROM {table} AS r WHERE r.user_id = %(user_id)s AND r.deleted_at IS NULL"
        ids = fetch_all(object, noun.sql(query))

    for write in WRITES:
        with transaction(full.user_id):
            write(noun, ids[0])

    with transaction(full.user_id):
        instants = [version.changed_at for version in reading.get_histories(noun, [ids[0]])]
    assert len(instants) > len(WRITES)
    assert instants == sorted(instants)
