"""A clock that was ahead for a while leaves instants in the future: they hold up nothing, and nothing is missed."""

from uuid import uuid4

import pytest

from fitness.db import leases
from fitness.db.connection import system_transaction
from tests.connecting import status, sync
from tests.standins.server import Fault
from tests.standins.strava import TOO_MANY, make_activity
from tests.sync.strava.reports import ago, counts, listed, on, run_id

AHEAD = (
    "lease_id = gen_random_uuid(), lease_until = now() + interval '1 day'",
    "ended_at = now() + interval '1 day'",
    "retry_at = now() + interval '2 days'",
    "retry_at = now() + interval '2 days', resume_at = now() - interval '8 days'",
)


@pytest.fixture
def left(owner, client, ada, strava):
    """Let a sync have left an instant."""
    strava.add(make_activity(1))
    sync(client, ada.headers)

    def leave(assignments):
        owner.execute(f"UPDATE sync_metadata SET {assignments} WHERE user_id = %s", [ada.user_id])

    return leave


@pytest.mark.parametrize("assignments", AHEAD)
def test_no_instant_that_cannot_be_holds_up_a_sync(client, ada, strava, owner, left, assignments):
    left(assignments)
    strava.add(ago(2, hours=3))

    state = status(client, ada.headers)
    assert (state["syncing"], state["retry_at"]) == (False, None)
    assert owner.execute("SELECT %s::timestamptz <= now() + interval '70 minutes'", [state["next_sync_at"]]).fetchone()[
        0
    ]
    assert sync(client, ada.headers).json["created"] == 1


def test_what_came_before_a_watermark_in_the_future_is_fetched(client, ada, strava, left):
    left("last_synced_at = now() + interval '30 days'")
    strava.add(make_activity(2), ago(3, hours=2))

    assert sync(client, ada.headers).json["created"] == 2
    strava.add(ago(4, hours=1))
    before = len(strava.requests)
    assert counts(sync(client, ada.headers).json) == {"created": 1, "unchanged": 1}
    assert len(strava.requests) > before


def test_a_run_that_was_made_while_the_clock_was_ahead_is_deleted_when_it_is_gone(client, ada, strava, owner):
    strava.add(*(ago(number, hours=number) for number in range(1, 21)))
    sync(client, ada.headers)
    owner.execute("UPDATE runs SET created_at = now() + interval '1 day' WHERE id = %s", [run_id(2)])
    strava.remove(16_000_000_002)

    assert sync(client, ada.headers).json["deleted"] == 1


def test_a_lease_that_is_held_and_a_limit_that_holds_still_count(client, ada, strava, left):
    left("lease_id = gen_random_uuid(), lease_until = now() + interval '1 minute'")
    assert sync(client, ada.headers).status_code == 409
    left("lease_until = NULL")
    strava.fail(on("/api", Fault(TOO_MANY)))
    assert sync(client, ada.headers).status_code == 429
    assert sync(client, ada.headers).status_code == 429
    assert len(listed(client, ada)) == 1


def test_a_lease_for_all_ends_too(app, owner):
    held, mine = uuid4(), uuid4()
    owner.execute("INSERT INTO leases VALUES ('syncs', %s, now() + interval '1 minute')", [held])

    with system_transaction():
        assert not leases.take_lease("syncs", mine)
    owner.execute("UPDATE leases SET lease_until = now() + interval '1 day'")
    with system_transaction():
        assert leases.take_lease("syncs", mine)
