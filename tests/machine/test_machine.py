"""Whatever is done, in whatever order, the history holds: see `Machine.check`.

`scripts/test tests/machine` takes a minute; `task soak` sets `SOAK_MINUTES` and goes on for an hour.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Set
from datetime import UTC, datetime
from itertools import count
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import Person
from tests.machine.log import Json, Key, Log
from tests.machine.steps import BULK_EDITS, CREATED, EDITS, NOUNS, bodies, files

MINUTES = float(os.environ.get("SOAK_MINUTES", "1"))
WRITES = ("version", "live_edits", "last_edited_at", "last_edited_by", "updated_at")
"""What counts writes of a record, and says nothing of what was done."""

PRESENT = ("conflicts", "sync_status", "selection")
"""What has no versions, so that it is answered as it is now."""

MANY = st.integers(0, 10**6)

State = dict[Key, Json]


def shown(state: State, *without: str) -> State:
    """Return the records that are not deleted, without what only counts their writes."""
    return {
        key: {name: value for name, value in record.items() if name not in {*WRITES, *without}}
        for key, record in state.items()
        if record["deleted_at"] is None
    }


class Machine(RuleBasedStateMachine):
    """A person's log beside somebody else's."""

    people: ClassVar[Iterator[tuple[Log, Log]]]

    def __init__(self) -> None:
        super().__init__()
        self.log, self.other = next(type(self).people)
        self.state: State = {}
        self.versions: dict[Key, list[Json]] = {}
        self.bookmarks: list[tuple[str, State]] = []
        self.past: list[tuple[str, State]] = []
        self.replica: State = {}
        self.others = self.other.records()

    # What a person does

    @rule(one=bodies(CREATED))
    def create(self, one: tuple[str, Json]) -> None:
        noun, body = one
        # A shoe or exercise of this name may be there.
        answer = self.log.call("POST", f"/{noun}", json=body, allowed=(409,))
        # The exercises of a workout are made with it.
        made = set() if answer is None else {(noun, str(answer.get("id", answer.get("workout_id"))))}
        self.look(made, {"exercises"} if noun == "workouts" else set())

    @rule(one=bodies(EDITS), which=MANY)
    def edit(self, one: tuple[str, Json], which: int) -> None:
        noun, body = one
        if (key := self.pick(noun, which)) is None:
            return
        # A shoe that is deleted cannot be worn; a finished workout is closed but for its title and notes.
        answer = self.log.call("PATCH", f"/{noun}/{key[1]}", json=body, allowed=(409, 422))
        self.look({key})
        if answer is not None:
            assert {name: self.state[key][name] for name in body} == body

    @rule(noun=NOUNS, which=MANY)
    def delete(self, noun: str, which: int) -> None:
        if (key := self.pick(noun, which)) is None:
            return
        answer = self.log.call("DELETE", f"/{noun}/{key[1]}", allowed=(409,))
        self.look({key})
        assert answer is None or self.state[key]["deleted_at"]

    @rule(noun=NOUNS, which=MANY, version=MANY)
    def restore(self, noun: str, which: int, version: int) -> None:
        if (key := self.pick(noun, which, deleted=True)) is None:
            return
        wanted = self.versions[key][version % len(self.versions[key])]
        answer = self.log.call("POST", f"/{noun}/{key[1]}/restore/{wanted['version_number']}", allowed=(409,))
        # What the version used comes back with it.
        self.look({key}, {"shoes", "exercises"})
        if answer is not None:
            assert self.state[key]["deleted_at"] is None

    @rule(from_=st.sampled_from(["ghost", "ride"]))
    def merge(self, from_: str) -> None:
        into = "ride" if from_ == "ghost" else "ghost"
        before = self.state
        answer = self.log.call("POST", f"/shoes/{from_}/merge", json={"into": into}, allowed=(404, 409))
        self.done(before, answer)

    # What changesets do

    @rule(file=files())
    def upload(self, file: tuple[str, list[str]]) -> None:
        noun, rows = file
        before = self.state
        self.done(before, self.log.upload(noun, rows))

    @rule(file=files(), redone=st.booleans())
    def upload_and_revert(self, file: tuple[str, list[str]], redone: bool) -> None:
        noun, rows = file
        before = self.state
        report = self.log.upload(noun, rows)
        self.done(before, report)
        if report["changeset_id"] is None:
            return
        after = self.state
        undone = self.revert(report["changeset_id"])
        self.is_back_at(before)
        if redone:
            self.revert(undone)
            self.is_back_at(after)

    @precondition(lambda self: self.log.changesets)
    @rule(which=MANY, force=st.booleans())
    def revert_any(self, which: int, force: bool) -> None:
        changesets = self.log.changesets
        changeset_id = changesets[which % len(changesets)]
        preview = self.log.call("POST", f"/changesets/{changeset_id}/revert?dry_run=true&force={force}", allowed=(409,))
        self.look()
        before = self.state
        answer = self.log.call("POST", f"/changesets/{changeset_id}/revert?force={force}", allowed=(409,))
        self.done(before, answer)
        if preview and answer:
            assert preview["reverted"] == answer["reverted"] or answer["changeset_id"] is None

    @rule()
    def bookmark(self) -> None:
        instant = self.log.call("POST", "/bookmarks", json={"name": f"Point {len(self.bookmarks)}"})["instant"]
        self.bookmarks.append((instant, self.state))

    @precondition(lambda self: self.bookmarks)
    @rule(which=MANY, undone=st.booleans())
    def rewind(self, which: int, undone: bool) -> None:
        instant, then = self.bookmarks[which % len(self.bookmarks)]
        before = self.state
        answer = self.log.call("POST", "/users/me/rewind", json={"to": instant})
        self.done(before, answer)
        self.is_back_at(then, "conflicts")
        if undone and answer["changeset_id"]:
            self.revert(answer["changeset_id"])
            self.is_back_at(before, "conflicts")

    @rule(one=bodies(BULK_EDITS), which=MANY, delete=st.booleans())
    def bulk(self, one: tuple[str, Json], which: int, delete: bool) -> None:
        noun, changes = one
        ids = [key[1] for n, key in enumerate(sorted(self.state)) if key[0] == noun and which >> n % 20 & 1]
        selection = {"ids": ids} if ids else {"filters": {}}
        before = self.state
        edit = {"delete": True} if delete else {"changes": changes}
        # A shoe that is deleted cannot be worn.
        self.done(before, self.log.call("POST", f"/{noun}/bulk", json={**selection, **edit}, allowed=(409, 422)))

    @precondition(lambda self: self.past)
    @rule(which=MANY)
    def look_back(self, which: int) -> None:
        """What the log said at an instant is what `as_of` answers."""
        instant, then = self.past[which % len(self.past)]
        # The newest version of a live workout is answered as it is now, as it has no others.
        live = {key for key, record in then.items() if key[0] == "workouts" and record["finished_at"] is None}
        found = shown(self.log.records(as_of=instant), *PRESENT)
        assert {key: found[key] for key in found.keys() - live} == {
            key: record for key, record in shown(then, *PRESENT).items() if key not in live
        }

    # What holds after each of them

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

    def is_back_at(self, then: State, *without: str) -> None:
        """Check that everything is as it was; a deleted shoe or exercise comes back with a record that uses it."""
        found, wanted = shown(self.state, *without), shown(then, *without)
        back = {key for key in found.keys() - wanted.keys() if key in then and key[0] in {"shoes", "exercises"}}
        assert {key: found[key] for key in found.keys() - back} == wanted

    def pick(self, noun: str, which: int, *, deleted: bool = False) -> Key | None:
        """Return one of the noun's records; None if there are none."""
        keys = sorted(key for key in self.state if key[0] == noun and (deleted or not self.state[key]["deleted_at"]))
        return keys[which % len(keys)] if keys else None

    @invariant()
    def sums_are_those_of_the_lists(self) -> None:
        runs = [one for key, one in shown(self.state).items() if key[0] == "runs"]
        counted = [one for one in runs if one["duplicate_of"] is None]
        total = self.log.call("GET", "/metrics/mileage/total")
        assert total == {"miles": round(sum(one["distance"] for one in counted), 4), "runs": len(counted)}
        assert self.log.call("GET", "/runs/totals")["runs"] == len(runs)

    def teardown(self) -> None:
        assert self.other.records() == self.others


@pytest.fixture
def people(client: FlaskClient, make_person: Callable[..., Person]) -> Iterator[tuple[Log, Log]]:
    """Two new people again and again, of whom the second has a little of everything."""

    def pairs() -> Iterator[tuple[Log, Log]]:
        for number in count():
            log, other = (Log(client, make_person(f"{name}{number}")) for name in ("ada", "bob"))
            for noun, body in OTHERS.items():
                other.call("POST", f"/{noun}", json=body)
            yield log, other

    return pairs()


OTHERS: dict[str, Any] = {
    "runs": {"datetime_utc": "2025-05-06T07:00:00Z", "type": "Outdoor Run", "distance": 3, "duration": 1500},
    "shoes": {"name": "Ghost"},
    "exercises": {"name": "My Lift"},
    "workouts": {"workout_type": "STRENGTH", "start_ts": "2025-05-06T07:00:00Z"},
    "planned-workouts": {"title": "Tempo", "workout_type": "Run", "originally_planned_day": "2025-11-03"},
}


def test_history_holds_whatever_is_done(people: Iterator[tuple[Log, Log]]) -> None:
    Machine.people = people
    first = int(os.environ.get("SOAK_SEED", random.randrange(2**32) if "SOAK_MINUTES" in os.environ else 1))
    often = settings(
        max_examples=5,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if "SOAK_SEED" in os.environ else [])],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        report_multiple_bugs=False,
    )
    end = time.monotonic() + 60 * MINUTES
    for number in count(first):
        print(f"SOAK_SEED={number}")
        run_state_machine_as_test(seeded(number)(Machine), settings=often)
        if time.monotonic() > end:
            break
