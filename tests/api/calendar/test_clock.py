"""A clock that was ahead or behind for a while leaves instants that cannot be: the calendar is right all the same."""

import pytest

from tests.api.calendar.requests import counts, edit, summaries, sync_all

LEFT = (
    "UPDATE oauth_credentials SET expires_at = now() + interval '30 days'",
    "UPDATE oauth_credentials SET expires_at = now() - interval '30 days'",
    "UPDATE sync_metadata SET lease_id = gen_random_uuid(), lease_until = now() + interval '1 day'",
    "UPDATE sync_metadata SET retry_at = now() + interval '2 days'",
    "UPDATE sync_metadata SET last_synced_at = now() + interval '30 days', ended_at = now() + interval '30 days'",
    "UPDATE synced_runs SET synced_at = now() + interval '30 days', updated_at = now() + interval '30 days'",
    "UPDATE synced_runs SET synced_at = now() - interval '30 years', updated_at = now() - interval '30 years'",
)


@pytest.mark.parametrize("left", LEFT)
def test_what_changed_is_sent_once_whatever_the_clock_was(client, owner, google, alice, make_run, left):
    runs = [make_run(alice, name=name) for name in ("first", "second")]
    sync_all(client, alice)
    owner.execute(left)
    google.expire_access()
    edit(client, alice, runs[0], distance=9)
    client.delete(f"/v1/runs/{runs[1].id}", headers=alice.headers)
    make_run(alice, name="third")

    assert counts(sync_all(client, alice).json) == (3, 1, 1, 1, 0)
    assert summaries(google) == ["first 9.0 mi", "third 5.0 mi"]
    assert counts(sync_all(client, alice).json) == (0, 0, 0, 0, 0)
