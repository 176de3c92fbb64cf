"""An import of what is known already takes a short way, which ends where the long one does: see `find_unchanged`.

Two people do the same things in the same order. The imports of one of them never take the short way.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from psycopg import sql

from fitness.config import Settings
from fitness.db import runs_import
from tests.conftest import Person
from tests.connecting import connect, with_strava
from tests.machine.log import Json, Log
from tests.machine.steps import NOTES
from tests.standins.strava import StravaStandIn, make_activity, make_gear

TABLES = (
    "runs", "runs_history", "runs_merges", "shoes", "shoes_history", "activity_keys", "activity_sources", "changesets",
)  # fmt: skip
WHOSE = {"account_id", "user_id", "write_id", "history_id"}
METRES_PER_MILE = 1609.344
REWOUND = re.compile(r"Back to [0-9 :-]{19} UTC")
MANY = st.integers(0, 50)
HEADINGS = {
    "mmf": "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link",
    "strava": "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename",
}
NUMBERS = st.sampled_from([1, 2])
MILES = st.sampled_from([3, 4])
GEAR = st.sampled_from(["", "Ghost"])
LUNCH = {"name": "Lunch", "miles": 3, "seconds": 1500, "gear_id": "g1"}
SLOW = LUNCH | {"seconds": 1520}
AT_STRAVA = st.sampled_from([LUNCH, LUNCH | {"name": "Lake"}, LUNCH | {"miles": 4, "gear_id": "g2"}, SLOW])
OF_MMF = st.builds(
    '"May {0}, 2025",Run,{1},1500,{2},http://x.example/workout/{0}'.format,
    NUMBERS, MILES, GEAR.map(lambda name: name and f"Shoes: {name}"),
)  # fmt: skip
OF_STRAVA = st.builds(
    '1600000000{0},"May 6, 2025, 7:0{0}:00 AM",{1},Run,1500,{2},{3},{4}'.format,
    NUMBERS, st.sampled_from(["Lunch", "Lake"]), st.sampled_from(["4.8280", "6.4374"]), GEAR,
    st.sampled_from(["", "activities/1700000001.gpx", "activities/1700000002.gpx"]),
)  # fmt: skip
FILES = st.one_of(
    st.tuples(st.just("mmf"), st.lists(OF_MMF, min_size=1, max_size=4)),
    st.tuples(st.just("strava"), st.lists(OF_STRAVA, min_size=1, max_size=3)),
)
FIRST_ROWS = [f'"May {number}, 2025",Run,3,1500,,http://x.example/workout/{number}' for number in (1, 2)]
EDITS = st.one_of(
    st.fixed_dictionaries({"distance": MILES}),
    st.fixed_dictionaries({"name": NOTES}),
    st.fixed_dictionaries({"shoe_id": st.sampled_from(["ghost", "ride", None])}),
)
FIRST = (("sync", [(1, LUNCH)]), ("upload", ("mmf", FIRST_ROWS), False))
STEPS = st.one_of(
    st.tuples(st.just("upload"), FILES, st.booleans()),
    st.tuples(st.just("upload_again"), MANY, st.booleans()),
    st.tuples(st.just("upload_track"), NUMBERS, MILES),
    st.tuples(st.just("sync"), st.lists(st.tuples(NUMBERS, st.one_of(AT_STRAVA, st.none())), max_size=2)),
    st.tuples(st.just("sync"), st.just([])),
    st.tuples(st.just("edit"), MANY, EDITS),
    st.tuples(st.just("delete"), st.sampled_from(["runs", "shoes"]), MANY),
    st.tuples(st.just("restore"), st.sampled_from(["runs", "shoes"]), MANY, MANY),
    st.tuples(st.just("merge"), st.sampled_from([("ghost", "ride"), ("ride", "ghost")])),
    st.tuples(st.just("rename"), st.sampled_from(["ghost", "ride"]), st.sampled_from(["Ghost", "Ride", "Old"])),
    st.tuples(st.just("decide"), MANY, st.sampled_from(["mine", "theirs"])),
    st.tuples(st.just("mark"), MANY, MANY),
    st.tuples(st.just("revert"), MANY, st.booleans()),
    st.tuples(st.just("bookmark")),
    st.tuples(st.just("rewind"), MANY),
)


@dataclass
class Runner:
    """Somebody who does the steps; what depends on who they are is left out of what they see."""

    log: Log
    strava: StravaStandIn
    athlete_id: int
    owner: psycopg.Connection
    files: list[tuple[str, list[str]]] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)

    def upload(self, file: tuple[str, list[str]], restore_deleted: bool) -> Any:
        self.files.append(file)
        kind, rows = file
        return self._import("\n".join((HEADINGS[kind], *rows)), restore_deleted=restore_deleted)

    def upload_again(self, which: int, restore_deleted: bool) -> Any:
        return self.upload(self.files[which % len(self.files)], restore_deleted) if self.files else None

    def upload_track(self, number: int, miles: float) -> Any:
        """Import a file of what Strava may have, too."""
        points = "".join(
            f'<trkpt lat="{41.9 + miles * METRES_PER_MILE / 111_195 * minute / 25:.6f}" lon="-87.6">'
            f"<time>2025-05-06T07:{number + minute:02}:00Z</time></trkpt>"
            for minute in range(26)
        )
        head = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><type>running</type><trkseg>'
        return self._import(f"{head}{points}</trkseg></trk></gpx>")

    def _import(self, file: str, **query: Any) -> Any:
        data = {"file": (io.BytesIO(file.encode()), "file"), "timezone": "UTC"}
        return self.log.call("POST", "/imports", data=data, query_string=query)

    def sync(self, changes: list[tuple[int, Json | None]]) -> Any:
        for number, like in changes:
            activity = make_activity(number)
            activity_id = 16_000_000_000 + number
            if like is not None:
                activity |= {
                    "id": activity_id,
                    "athlete": {"id": self.athlete_id, "resource_state": 1},
                    "start_date": f"2025-05-06T07:0{number}:00Z",
                    "name": like["name"],
                    "distance": like["miles"] * METRES_PER_MILE,
                    "moving_time": like["seconds"],
                    "elapsed_time": like["seconds"],
                    "gear_id": like["gear_id"],
                }
                self.strava.add(activity, athlete_id=self.athlete_id)
            elif activity_id in self.strava.activities.get(self.athlete_id, {}):
                self.strava.remove(activity_id, self.athlete_id)
        return self.log.call("POST", "/strava/sync?full_sync=true&allow_deletes=true")

    def edit(self, which: int, changes: Json) -> Any:
        path = self._pick("runs", which)
        return path and self.log.call("PATCH", path, json=changes, allowed=(409, 422))

    def delete(self, noun: str, which: int) -> Any:
        path = self._pick(noun, which)
        return path and self.log.call("DELETE", path, allowed=(409,))

    def restore(self, noun: str, which: int, version: int) -> Any:
        path = self._pick(noun, which, "?include_deleted=true")
        if path is None:
            return None
        versions = self.log.every(f"{path}/history")
        number = versions[version % len(versions)]["version_number"]
        return self.log.call("POST", f"{path}/restore/{number}", allowed=(409,))

    def merge(self, shoes: tuple[str, str]) -> Any:
        return self.log.call("POST", f"/shoes/{shoes[0]}/merge", json={"into": shoes[1]}, allowed=(404, 409))

    def rename(self, shoe_id: str, name: str) -> Any:
        return self.log.call("PATCH", f"/shoes/{shoe_id}", json={"name": name}, allowed=(404, 409))

    def mark(self, which: int, other: int) -> Any:
        one, two = self._pick("runs", which), self._pick("runs", other)
        if one is None or two is None:
            return None
        body = {"run_id": two.rpartition("/")[2]}
        return self.log.call("PUT", f"{one}/duplicate-of", json=body, allowed=(404, 409, 422))

    def decide(self, which: int, take: str) -> Any:
        conflicts = self.log.every("/conflicts")
        if not conflicts:
            return None
        one = conflicts[which % len(conflicts)]
        path = f"/{one['noun']}/{one['id']}/conflicts/{one['field']}"
        return self.log.call("POST", path, json={"take": take}, allowed=(409, 422))

    def revert(self, which: int, force: bool) -> Any:
        changesets = self._changesets()
        if not changesets:
            return None
        number = changesets[which % len(changesets)]
        return self.log.call("POST", f"/changesets/{number}/revert?force={force}", allowed=(409,))

    def bookmark(self) -> None:
        answer = self.log.call("POST", "/bookmarks", json={"name": f"Point {len(self.bookmarks)}"})
        self.bookmarks.append(answer["instant"])

    def rewind(self, which: int) -> Any:
        if not self.bookmarks:
            return None
        return self.log.call("POST", "/users/me/rewind", json={"to": self.bookmarks[which % len(self.bookmarks)]})

    def _pick(self, noun: str, which: int, query: str = "?include_deleted=false") -> str | None:
        ids = sorted(one["id"] for one in self.log.every(f"/{noun}{query}"))
        return f"/{noun}/{ids[which % len(ids)]}" if ids else None

    def _changesets(self) -> list[int]:
        query = "SELECT changeset_id FROM changesets WHERE user_id = %s ORDER BY changeset_id"
        return [number for (number,) in self.owner.execute(query, [self.log.person.user_id])]

    def everything(self) -> dict[str, list[str]]:
        """Return what the tables of runs and shoes hold."""
        found = {}
        for table in TABLES:
            query = sql.SQL("SELECT to_jsonb(t) FROM {} AS t WHERE user_id = %s").format(sql.Identifier(table))
            rows = self.owner.execute(query, [self.log.person.user_id]).fetchall()
            found[table] = sorted(str(self.plain(row)) for (row,) in rows)
        return found

    def plain(self, value: Any, name: str = "") -> Any:
        """Return JSON without what only says who it is of, and when it was written."""
        if isinstance(value, dict):
            return {key: self.plain(one, key) for key, one in sorted(value.items()) if key not in WHOSE}
        if isinstance(value, list):
            return [self.plain(one, name) for one in value]
        if isinstance(value, int) and name in {"changeset_id", "reverts", "reverted_by", "changeset"}:
            return self._changesets().index(value)
        if name.endswith("_at") or name in {"instant", "back_to", "synced_before"}:
            return value is not None
        if isinstance(value, str):
            value = value.replace(self.log.person.email.partition("@")[0], "me")
            return REWOUND.sub("Back to … UTC", value)
        return value


@pytest.fixture
def settings(settings: Settings, strava: StravaStandIn) -> Settings:
    """Strava is the stand-in, which has shoes."""
    strava.limits = strava.read_limits = (10**9, 10**9)
    strava.add_gear(make_gear("g1", "Ghost"), make_gear("g2", "Ride"))
    return with_strava(settings, strava)


@pytest.fixture
def make_runner(client, strava: StravaStandIn, owner, make_person: Callable[..., Person]) -> Callable[[str], Runner]:
    def make(name: str) -> Runner:
        strava.athlete_id += 1
        log = Log(client, make_person(name))
        connect(client, log.person.headers)
        return Runner(log, strava, strava.athlete_id, owner)

    return make


numbers = count(1)
OURS, GONE, BACK = ("edit", 2, {"name": "Mine"}), ("sync", [(1, None)]), ("sync", [(1, LUNCH)])
IN_RIDE = ("sync", [(1, LUNCH | {"gear_id": "g2"})])
NEW_KEY = [
    '16000000001,"May 6, 2025, 7:01:00 AM",Lunch,Run,1500,4.8280,Ghost,activities/1700000001.gpx',
    '16000000002,"May 6, 2025, 7:02:00 AM",Lake,Run,1500,6.4374,,',
]
AGAIN, RESTORED = ("upload_again", 0, False), ("upload_again", 0, True)


# The fixtures hold for all examples: each has people of its own.
@examples(
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(steps=[GONE, BACK, BACK])
@example(steps=[OURS, GONE, BACK, GONE, ("decide", 0, "mine"), BACK, GONE])
@example(steps=[("delete", "runs", 0), AGAIN, RESTORED, AGAIN, ("revert", 1, False), AGAIN, AGAIN])
@example(steps=[("upload_track", 1, 3), BACK, ("edit", 2, {"distance": 4}), BACK, ("revert", 2, True), BACK])
@example(steps=[IN_RIDE, ("merge", ("ride", "ghost")), IN_RIDE, ("delete", "shoes", 0), IN_RIDE, BACK])
@example(steps=[("sync", [(1, SLOW)]), ("upload_track", 1, 3), BACK, ("sync", [(1, SLOW)]), ("revert", 2, True)])
@example(steps=[("upload", ("strava", NEW_KEY), False), AGAIN, ("revert", 0, False), AGAIN])
@example(steps=[("edit", 0, {"name": "Mine"}), ("revert", 1, False), AGAIN, AGAIN, ("upload_track", 1, 3), AGAIN])
@given(steps=st.lists(STEPS, min_size=6, max_size=14))
def test_the_short_way_ends_where_the_long_one_does(make_runner, monkeypatch, steps):
    number = next(numbers)
    one, other = (make_runner(f"{name}{number}") for name in ("short", "long"))

    for name, *arguments in (*FIRST, *steps):
        answer = getattr(one, name)(*arguments)
        with monkeypatch.context() as patch:
            patch.setattr(runs_import, "find_unchanged", lambda *_, **__: [])
            expected = getattr(other, name)(*arguments)

        assert one.plain(answer) == other.plain(expected), name
        assert one.everything() == other.everything(), name
