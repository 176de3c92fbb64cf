"""What another request does in between makes no answer that fits neither before nor after."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fitness.db.connection import transaction
from fitness.db.history import versions
from fitness.db.runs import RUNS


@pytest.mark.parametrize("if_match", [None, '"3"'])
def test_an_edit_of_a_record_that_comes_back_meanwhile_goes_through(client, alice, make_run, monkeypatch, if_match):
    """Before: 412 "The record is now at version 3", also without If-Match, and also for the one that was named."""
    run = make_run(alice)
    client.delete(f"/v1/runs/{run.id}", headers=alice.headers)
    look = versions._refuse_unless_meant

    def restore():
        with transaction(alice.user_id):
            versions.restore(RUNS, run.id, 1, changed_by="alice")

    def come_back_first(*args, **kwargs):
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as threads:
            threads.submit(restore).result()
        look(*args, **kwargs)

    monkeypatch.setattr(versions, "_refuse_unless_meant", come_back_first)
    headers = {**alice.headers, **({"If-Match": if_match} if if_match else {})}

    answer = client.patch(f"/v1/runs/{run.id}", json={"notes": "Easy"}, headers=headers)

    assert (answer.status_code, answer.json["version"], answer.json["notes"]) == (200, 4, "Easy")
