"""What holds after every step of the machine: see `Checked.look` and its invariants."""

from collections.abc import Iterator, Set
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.machine.log import Json, Key, Log
from tests.machine.providers import Providers
from tests.machine.steps import CREATED, MARKED

WRITES = ("version", "live_edits", "last_edited_at", "last_edited_by", "updated_at")
"""What counts writes of a record, and says nothing of what was done."""

PRESENT = ("conflicts", "sync_status")
"""What has no versions, so that it is answered as it is now."""

State = dict[Key, Json]


def shown(state: State, *without: str) -> State:
    """Return the records that are not deleted, without what only counts their writes."""
    return {
        key: {name: value for name, value in record.items() if name not in {*WRITES, *without}}
        for key, record in state.items()
        if record["deleted_at"] is None
    }


def with_new_sets(state: State) -> State:
    """Return the records with the sets of workouts as if they had just been made: without ids."""
    return {
        key: record
        if key[0] != "workouts"
        else {
            **record,
            "exercise_executions": [
                {**one, "sets": [{**a_set, "id": None} for a_set in one["sets"]]}
                for one in record["exercise_executions"]
            ],
        }
        for key, record in state.items()
    }


def is_counted(run: Json, runs: dict[str, Json]) -> bool:
    """Say whether statistics count a run: of duplicates the one that is kept, or the first if that is deleted."""
    if run["duplicate_of"] is None:
        return True
    same = [one["id"] for one in runs.values() if one["duplicate_of"] == run["duplicate_of"]]
    return run["duplicate_of"] not in runs and run["id"] == min(same)


class Checked(RuleBasedStateMachine):
    """A person's log beside somebody else's."""

    people: ClassVar[Iterator[tuple[Log, Log]]]
    providers: ClassVar[Providers]

    def __init__(self) -> None:
        super().__init__()
        self.log, self.other = next(type(self).people)
        self.providers.begin(self.log)
        self.state: State = {}
        self.versions: dict[Key, list[Json]] = {}
        self.bookmarks: list[tuple[str, State]] = []
        self.past: list[tuple[str, State]] = []
        self.replica: State = {}
        self.others = self.other.records()

    def look(self, keys: Set[Key] = frozenset(), nouns: Set[str] = frozenset()) -> set[Key]:
        """Read everything; only these records, or records of these nouns, have changed. Return which did."""
        before, self.state = self.state, self.log.records()
        assert before.keys() <= self.state.keys()
        changed = {key for key in self.state if key not in before or self.is_written(key, before[key])}
        assert {key for key in changed if key not in keys and key[0] not in nouns} == set()
        for key in changed:
            self.check(key, before.get(key))
        self.past.append((datetime.now(UTC).isoformat().replace("+00:00", "Z"), self.state))
        self.follow()
        return changed

    def follow(self) -> None:
        """A copy that follows the feed of changes is equal to the log."""
        for one in self.log.follow():
            key = one["noun"], str(one["id"])
            self.replica[key] = {**one["record"], "deleted": one["change_type"] == "deletion"}
        assert self.replica.keys() == self.state.keys()
        for key, record in self.state.items():
            copy = self.replica[key]
            assert copy["deleted"] == (record["deleted_at"] is not None)
            same = copy.keys() & record.keys()
            assert {name: copy[name] for name in same} == {name: record[name] for name in same}

    def is_written(self, key: Key, before: Json) -> bool:
        """Say whether something changed that versions keep; a conflict is noted without one, a shoe's miles follow."""
        after = self.state[key]
        return any(before[name] != after[name] for name in self.versions[key][-1].keys() & after.keys() | {"version"})

    def check(self, key: Key, before: Json | None) -> None:
        """Check the versions of a record that has changed."""
        versions, record = self.log.versions(key), self.state[key]
        known = self.versions.get(key, [])
        # The version of a live workout takes in what is done in one session.
        closed = known[:-1] if before and key[0] == "workouts" and not known[-1]["finished_at"] else known
        assert [one["version_number"] for one in versions] == list(range(1, record["version"] + 1))
        assert versions[: len(closed)] == closed
        assert {name: versions[-1][name] for name in versions[-1].keys() & record.keys()} == {
            name: record[name] for name in versions[-1].keys() & record.keys()
        }
        instants = [one["changed_at"] for one in versions]
        assert instants == sorted(instants)
        self.versions[key] = versions

    def done(self, before: State, answer: Json | None) -> None:
        """Check what a changeset says that it did."""
        changed = self.look(nouns=CREATED.keys())
        if answer is None or answer["changeset_id"] in {None, *self.log.changesets}:
            assert changed == set()
            return
        self.log.changesets.append(answer["changeset_id"])
        records = self.log.every(f"/changesets/{answer['changeset_id']}/records")
        assert {(one["noun"], str(one["id"])) for one in records} == changed
        for one in records:
            key = one["noun"], str(one["id"])
            was, now = before.get(key), self.state[key]
            if was is None:
                assert one["what"] == "created"
            else:
                turns = was["deleted_at"] is not None, now["deleted_at"] is not None
                assert one["what"] == {(False, True): "deleted", (True, False): "restored"}.get(turns, "updated")
            if was is not None:
                for name in one["changes"].keys() & was.keys() - {"exercise_executions", "deleted_at"}:
                    assert one["changes"][name] == [was[name], now[name]], (key, name)

    def revert(self, changeset_id: int) -> int:
        """Revert a changeset; return the number of the changeset that did it."""
        before = self.state
        answer = self.log.call("POST", f"/changesets/{changeset_id}/revert")
        self.done(before, answer)
        return answer["changeset_id"]

    def is_back_at(self, then: State, *without: str, made_anew: bool = False) -> None:
        """Check that everything is as it was; a deleted shoe or exercise comes back with a record that uses it."""
        found, wanted = shown(self.state, *without), shown(then, *without)
        if made_anew:
            found, wanted = with_new_sets(found), with_new_sets(wanted)
        back = {key for key in found.keys() - wanted.keys() if key in then and key[0] in {"shoes", "exercises"}}
        assert {key: found[key] for key in found.keys() - back} == wanted

    def pick(self, noun: str, which: int, *, deleted: bool = False) -> Key | None:
        """Return one of the noun's records; None if there are none."""
        keys = sorted(key for key in self.state if key[0] == noun and (deleted or not self.state[key]["deleted_at"]))
        return keys[which % len(keys)] if keys else None

    def links(self) -> list[tuple[Key, Json]]:
        """Return the planned workouts that are not deleted and that something fulfils."""
        planned = [(key, one) for key, one in self.state.items() if key[0] == "planned-workouts"]
        return [(key, one) for key, one in planned if one["done"] and not one["deleted_at"]]

    def suggestions(self, noun: str) -> list[tuple[Any, Any]]:
        """Return the ids of the possible duplicates of a noun, and of what each is to be marked as."""
        items = self.log.call("GET", f"/{noun}/duplicates?limit=500")["items"]
        name = MARKED[noun].removesuffix("_id")
        return [(item[name]["id"], item["duplicate_of"]["id"]) for item in items]

    @invariant()
    def sums_are_those_of_the_lists(self) -> None:
        runs = {one["id"]: one for key, one in shown(self.state).items() if key[0] == "runs"}
        counted = [one for one in runs.values() if is_counted(one, runs)]
        total = self.log.call("GET", "/metrics/mileage/total")
        assert total["runs"] == len(counted)
        # The runs and their sum are rounded to four decimals, each for itself.
        miles = sum(one["distance"] for one in counted)
        assert total["miles"] == pytest.approx(miles, rel=0, abs=0.00005 * (len(counted) + 1.1))
        assert self.log.call("GET", "/runs/totals")["runs"] == len(runs)

    @invariant()
    def what_was_done_fulfils_one_planned_workout(self) -> None:
        done = [tuple(one["done"].values()) for _, one in self.links()]
        assert len(done) == len(set(done))

    def teardown(self) -> None:
        assert self.other.records() == self.others
