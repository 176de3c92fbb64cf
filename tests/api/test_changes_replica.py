"""A client that follows the feed while everything is written at once ends equal to the server."""

import io
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fitness.db import connection
from fitness.db.history.records import KINDS
from tests.api.test_changes import RUN
from tests.samples import DATA

THREADS = 16
STEPS = 12


class Replica:
    """The newest version of every record, as a follower knows it."""

    def __init__(self) -> None:
        self.after: str | None = None
        self.records: dict[tuple[str, str], tuple[int, bool, dict[str, Any]]] = {}

    def poll(self, client, headers, limit: int) -> int:
        """Read one page and return its size; versions of a record come in their order."""
        query = {"limit": limit} | ({"after": self.after} if self.after else {})
        answer = client.get("/v1/changes", query_string=query, headers=headers)
        assert answer.status_code == 200, answer.json
        for change in answer.json["items"]:
            key = change["noun"], str(change["id"])
            known = self.records.get(key, (0, False, {}))
            assert change["version"] == known[0] + 1 or (change["version"] == known[0] and change["noun"] == "workouts")
            self.records[key] = change["version"], change["change_type"] == "deletion", change["record"]
        self.after = answer.json["next_cursor"]
        return len(answer.json["items"])


def state_of(person) -> dict[tuple[str, str], tuple[int, bool]]:
    """Return the version of every record of a person, and whether it is deleted."""
    with connection.transaction(person.user_id):
        return {
            (kind.path, str(id)): (version, deleted)
            for kind in KINDS.values()
            for id, version, deleted in connection.fetch_all(
                tuple,
                kind.sql(
                    "SELECT r.id, r.version, r.deleted_at IS NOT NULL FROM {table} AS r WHERE user_id = %(user_id)s"
                ),
            )
        }


class Writer:
    """Somebody who writes at random; it may be refused, as others were faster or the database is busy."""

    def __init__(self, app, headers, seed: int) -> None:
        self.client, self.headers, self.random = app.test_client(), headers, random.Random(seed)

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self.client.open(f"/v1{path}", method=method, headers=self.headers, **kwargs)
        assert answer.status_code not in {500, 502}, (path, answer.json)
        return answer.json if answer.data else None

    def pick(self, path: str) -> Any:
        items = self.call("GET", path)["items"]
        return self.random.choice(items)["id"] if items else "absent"

    def run(self) -> None:
        steps = [
            self.add,
            self.edit,
            self.edit,
            self.edit,
            self.delete,
            self.restore,
            self.live,
            self.load,
            self.revert,
        ]
        for _ in range(STEPS):
            self.random.choice(steps)()

    def add(self) -> None:
        self.call("POST", "/runs", json=RUN)

    def edit(self) -> None:
        self.call("PATCH", f"/runs/{self.pick('/runs?limit=5')}", json={"notes": str(self.random.random())})

    def delete(self) -> None:
        self.call("DELETE", f"/runs/{self.pick('/runs')}")

    def restore(self) -> None:
        self.call("POST", f"/runs/{self.pick('/runs?only_deleted=true')}/restore/1")

    def live(self) -> None:
        sets = [{"exercise_name": "Squat", "weight": 225.5, "reps": 5}]
        body = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": sets}
        workout = self.call("POST", "/workouts", json=body)
        for title in ("One", "Two", "Three"):
            self.call("PATCH", f"/workouts/{workout['workout_id']}", json={"title": title})

    def load(self) -> None:
        export = io.BytesIO((DATA / "mapmyfitness.csv").read_bytes())
        self.call("POST", "/mmf/upload-csv", data={"file": (export, "export.csv")})

    def revert(self) -> None:
        changesets = self.call("GET", "/changesets")["items"]
        if changesets:
            self.call("POST", f"/changesets/{self.random.choice(changesets)['changeset_id']}/revert?force=true")


def test_the_feed_leads_to_the_state_of_the_server_whatever_is_written_meanwhile(app, alice):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    replica, client = Replica(), app.test_client()
    with ThreadPoolExecutor(THREADS) as pool:
        writing = [pool.submit(Writer(app, alice.headers, seed + n).run) for n in range(THREADS)]
        polls = 0
        while not all(one.done() for one in writing):
            replica.poll(client, alice.headers, limit=7)
            polls += 1
        for one in writing:
            one.result()
    while replica.poll(client, alice.headers, limit=7):
        pass

    assert polls > 10
    assert {key: (version, deleted) for key, (version, deleted, _) in replica.records.items()} == state_of(alice)
    again = Replica()
    while again.poll(client, alice.headers, limit=500):
        pass
    assert again.records == replica.records
