"""Whatever is done, in whatever order, the history holds: see `Checked`.

Alone, it runs the same few examples each time; `task soak` sets `SOAK_MINUTES` and goes on for an hour, from random
seeds.
"""

import dataclasses
import os
import random
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import hypothesis
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from fitness.config import Settings
from tests.conftest import Person
from tests.connecting import with_strava
from tests.machine.checked import PRESENT, Checked, shown
from tests.machine.log import Json, Log
from tests.machine.providers import Change, Providers
from tests.machine.steps import BULK_EDITS, CREATED, EDITS, MARKED, NOUNS, SELECTIONS, SYNCS, bodies, files
from tests.standins.hevy import HevyStandIn
from tests.standins.strava import StravaStandIn

MANY = st.integers(0, 10**6)


class Machine(Checked):
    """What may be done."""

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

    @precondition(lambda self: self.log.last)
    @rule()
    def repeat(self) -> None:
        """The last request, sent again with its key, answers the same and changes nothing."""
        first, again = self.log.repeat() or (None, None)
        assert first is not None
        assert again is not None
        assert (again.status_code, again.data) == (first.status_code, first.data)
        assert again.headers["Idempotency-Replayed"] == "true"
        self.look()

    # The plan

    @rule(which=MANY, changes=SELECTIONS)
    def select(self, which: int, changes: Json) -> None:
        if (key := self.pick("planned-workouts", which)) is None:
            return
        before = self.state[key]
        self.log.call("PUT", f"/selections/{key[1]}", json=changes)
        self.look({key})
        cleared = {"timeOfDay": None} if changes.get("isSelected") is False else {}
        selection = {**before["selection"], **changes, **cleared}
        assert self.state[key]["selection"] == selection
        assert self.state[key]["version"] == before["version"] + (selection != before["selection"])

    @rule(which=MANY)
    def reset_selection(self, which: int) -> None:
        if (key := self.pick("planned-workouts", which)) is None:
            return
        self.log.call("DELETE", f"/selections/{key[1]}")
        self.look({key})
        assert self.state[key]["current_day"] == self.state[key]["originally_planned_day"]

    @rule(which=MANY, noun=st.sampled_from(["runs", "workouts"]), other=MANY)
    def link(self, which: int, noun: str, other: int) -> None:
        key, done = self.pick("planned-workouts", which), self.pick(noun, other)
        if key is None or done is None:
            return
        by = {MARKED[noun]: done[1]}
        elsewhere = {one for one, record in self.links() if by.items() <= record["done"].items() and one != key}
        answer = self.log.call("PUT", f"/planned-workouts/{key[1]}/done", json=by, allowed=(409,))
        self.look({key})
        assert (answer is None) == bool(elsewhere)
        assert answer is None or by.items() <= self.state[key]["done"].items()

    @rule(which=MANY)
    def unlink(self, which: int) -> None:
        if (key := self.pick("planned-workouts", which)) is None:
            return
        self.log.call("DELETE", f"/planned-workouts/{key[1]}/done")
        self.look({key})
        assert self.state[key]["done"] is None

    # Duplicates and conflicts

    @rule(noun=st.sampled_from(sorted(MARKED)), which=MANY, other=MANY, same=st.booleans())
    def mark(self, noun: str, which: int, other: int, same: bool) -> None:
        one, two = self.pick(noun, which), self.pick(noun, other, deleted=True)
        if one is None or two is None:
            return
        path = f"/{noun}/{one[1]}/duplicate-of"
        if same:
            body = {MARKED[noun]: int(two[1]) if noun == "planned-workouts" else two[1]}
            answer = self.log.call("PUT", path, json=body, allowed=(404, 409, 422))
        else:
            answer = self.log.call("DELETE", f"{path}/{two[1]}", allowed=(422,))
        self.look({one, two})
        if answer is not None:
            assert (str(self.state[one]["duplicate_of"]) == two[1]) is same

    @rule(noun=st.sampled_from(sorted(MARKED)), same=st.booleans())
    def decide_duplicate(self, noun: str, same: bool) -> None:
        """A suggestion that was decided comes no more."""
        suggested = self.suggestions(noun)
        if not suggested:
            return
        one, two = suggested[0]
        path = f"/{noun}/{one}/duplicate-of"
        if same:  # one that has duplicates itself cannot be one
            answer = self.log.call("PUT", path, json={MARKED[noun]: two}, allowed=(409,))
        else:
            answer = self.log.call("DELETE", f"{path}/{two}")
        self.look({(noun, str(one)), (noun, str(two))})
        assert answer is None or (one, two) not in self.suggestions(noun)

    @rule(which=MANY, take=st.sampled_from(["mine", "theirs"]))
    def decide_conflict(self, which: int, take: str) -> None:
        conflicts = self.log.every("/conflicts")
        if not conflicts:
            return
        one = conflicts[which % len(conflicts)]
        key, field = (one["noun"], str(one["id"])), one["field"]
        before = self.state[key]
        path = f"/{one['noun']}/{one['id']}/conflicts/{field}"
        answer = self.log.call("POST", path, json={"take": take}, allowed=(409, 422))
        # What the provider's value names is made.
        self.look({key}, {"shoes", "exercises"})
        if answer is None:
            return
        after, newest = self.state[key], self.versions[key][-1]
        assert (newest["version_number"], newest["change_reason"].split()[0]) == (before["version"] + 1, field)
        assert field not in (after["conflicts"] or {})
        if take == "mine":
            assert newest["changes"] == {}
        elif field == "deleted_at":
            assert after["deleted_at"]
        elif field not in {"exercise_executions", "shoe_id"}:  # these may lead to what they were merged into
            assert after[field] == one["theirs"]

    # What changesets do

    @rule(sync=SYNCS, full=st.booleans(), allowed=st.booleans())
    def sync(self, sync: tuple[str, list[Change]], full: bool, allowed: bool) -> None:
        """A second sync finds nothing new, unless the first one was refused."""
        provider, changes = sync
        for change in changes:
            self.providers.apply(change)
        before = self.state
        path = f"/{provider}/sync?full_sync={full}&allow_deletes={allowed}"
        report = self.log.call("POST", path, allowed=(409,))
        if report is None:  # it would delete too much; what was read before is stored
            self.look(nouns=CREATED.keys())
            return
        self.done(before, report)
        before = self.state
        self.done(before, self.log.call("POST", path))
        assert shown(self.state) == shown(before)

    @rule(sync=SYNCS)
    def sync_and_revert(self, sync: tuple[str, list[Change]]) -> None:
        """The sync after a revert brings all of it back."""
        provider, changes = sync
        for change in changes:
            self.providers.apply(change)
        before, path = self.state, f"/{provider}/sync?full_sync=true&allow_deletes=true"
        report = self.log.call("POST", path)
        self.done(before, report)
        if report["changeset_id"] is None:
            return
        after = self.state
        self.revert(report["changeset_id"])
        self.is_back_at(before)
        self.done(self.state, self.log.call("POST", path))
        self.is_back_at(after, "conflicts", "created_at", made_anew=True)

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


@pytest.fixture
def hevy() -> Iterator[HevyStandIn]:
    with HevyStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def settings(settings: Settings, strava: StravaStandIn, hevy: HevyStandIn) -> Settings:
    """The providers are stand-ins."""
    return dataclasses.replace(with_strava(settings, strava), hevy_api_url=hevy.url)


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


def test_history_holds_whatever_is_done(
    people: Iterator[tuple[Log, Log]], strava: StravaStandIn, hevy: HevyStandIn
) -> None:
    Machine.people, Machine.providers = people, Providers(strava, hevy)
    minutes = float(os.environ.get("SOAK_MINUTES", "0"))
    first = int(os.environ.get("SOAK_SEED", random.randrange(2**32) if minutes else 1))
    often = hypothesis.settings(
        max_examples=5,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if "SOAK_SEED" in os.environ else [])],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        report_multiple_bugs=False,
    )
    end = time.monotonic() + 60 * minutes
    for number in count(first):
        print(f"SOAK_SEED={number}")
        run_state_machine_as_test(seeded(number)(Machine), settings=often)
        if time.monotonic() > end:
            break
