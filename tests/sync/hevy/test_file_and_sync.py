"""Workouts of a file and of the API are one each, whatever is imported, reverted and redone, and in any order."""

import random

import pytest

from tests.samples import DATA
from tests.sync.hevy.reports import listed, sync
from tests.sync.hevy.test_merge import upload

CSV = (DATA / "hevy_export.csv").read_bytes()
STEPS = 8


@pytest.fixture
def load(client, alice, hevy):
    """Import the file or sync everything; return the number of the changeset, or None."""

    def load(name):
        report = upload(client, alice, CSV) if name == "file" else sync(client, alice, "?full_sync=true").json
        return report["changeset_id"]

    return load


@pytest.fixture
def revert(client, alice):
    return lambda number: client.post(f"/v1/changesets/{number}/revert", headers=alice.headers).json["changeset_id"]


def titles(client, alice):
    return sorted(workout["title"] for workout in listed(client, alice))


@pytest.mark.parametrize("seed", range(12))
def test_after_any_history_each_workout_is_there_once(client, alice, load, revert, seed):
    dice, done = random.Random(seed), []
    load("sync")
    everything = titles(client, alice)
    of_file = [title for title in everything if title != "Empty log"]

    for _ in range(STEPS):
        items = client.get("/v1/changesets", headers=alice.headers).json["items"]
        standing = {"sync": [], "import": [], "revert": []}
        for one in items:
            if not one["reverted_by"]:
                standing[one["kind"]].append(one["changeset_id"])
        ways = [("file", None), ("sync", None)]
        ways += [("revert", number) for numbers in standing.values() for number in numbers]
        what, number = dice.choice(ways)
        done.append((what, number))
        revert(number) if number else load(what)

        items = client.get("/v1/changesets", headers=alice.headers).json["items"]
        stands = {one["kind"] for one in items if not one["reverted_by"]} - {"revert"}
        # A sync that says the same again does not count as having said it.
        wanted = [everything, of_file] if "import" in stands else [everything] if stands else [[]]
        assert titles(client, alice) in wanted, done


def test_workouts_of_a_file_that_a_sync_has_too_stay_when_the_file_is_reverted(client, alice, load, revert):
    file, synced = load("file"), load("sync")
    everything = titles(client, alice)

    undone = revert(file)
    assert titles(client, alice) == everything
    again = revert(synced)
    assert titles(client, alice) == []
    revert(again)
    assert titles(client, alice) == everything
    revert(undone)
    assert titles(client, alice) == everything
