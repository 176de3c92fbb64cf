"""A training log as its person uses it, and all that can be read of it after each step."""

import io
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Person

Json = dict[str, Any]
Key = tuple[str, str]
"""A noun's path and an id."""

LISTS = {
    "runs": "/runs",
    "shoes": "/shoes",
    "workouts": "/workouts",
    "planned-workouts": "/planned-workouts",
    "exercises": "/exercises/my-exercises",
}
"""Where the records of each noun are listed."""

RUNS = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
PLANS = '"Title","WorkoutType","WorkoutDescription","PlannedDuration","WorkoutDay"'
SETS = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)
FILES = {
    "runs": ("/mmf/upload-csv", RUNS),
    "workouts": ("/hevy/upload-csv", SETS),
    "planned-workouts": ("/planned-workouts/import", PLANS),
}
"""The upload of each noun, and the heading of its file."""


@dataclass
class Log:
    """Somebody's log: calls that change it, and its records."""

    client: FlaskClient
    person: Person
    changesets: list[int] = field(default_factory=list)
    after: str | None = None
    last: tuple[dict[str, Any], TestResponse] | None = None
    """The last request that changed something, with its `Idempotency-Key`, and the answer."""

    def call(self, method: str, path: str, *, allowed: tuple[int, ...] = (), **kwargs: Any) -> Any:
        """Return the answer to a call; None if it has a status that is allowed to come instead of a good one."""
        writes = method != "GET" and "dry_run" not in path and "data" not in kwargs
        headers = {**self.person.headers, **({"Idempotency-Key": str(uuid4())} if writes else {})}
        request = {"path": f"/v1{path}", "method": method, "headers": headers, **kwargs}
        answer = self.client.open(**request)
        if answer.status_code in allowed:
            return None
        assert answer.status_code < 300, (method, path, kwargs, answer.status_code, answer.text)
        if writes:
            self.last = request, answer
        return answer.json if answer.data else {}

    def repeat(self) -> tuple[TestResponse, TestResponse] | None:
        """Send the last request that changed something again; return the first answer and this one."""
        return self.last and (self.last[1], self.client.open(**self.last[0]))

    def upload(self, noun: str, rows: list[str], **query: str) -> Json:
        """Import a file of the noun's rows; return the report."""
        path, heading = FILES[noun]
        file = io.BytesIO("\n".join((heading, *rows)).encode())
        data = {"file": (file, "file.csv"), "timezone": "UTC"}
        return self.call("POST", path, data=data, query_string=query)

    def records(self, as_of: str | None = None) -> dict[Key, Json]:
        """Return every record, deleted ones as well, as it is or was at an instant."""
        query = "include_deleted=true" + (f"&as_of={as_of}" if as_of else "")
        return {(noun, str(item["id"])): item for noun, path in LISTS.items() for item in self.every(f"{path}?{query}")}

    def every(self, path: str) -> list[Json]:
        """Return the items of all pages of a list."""
        items: list[Json] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.call("GET", f"{path}{'&' if '?' in path else '?'}cursor={cursor}" if cursor else path)
            items += page["items"]
            cursor = page.get("next_cursor")
        return items

    def follow(self) -> list[Json]:
        """Return the changes since the last call, in the order of the feed."""
        items: list[Json] = []
        while True:
            page = self.call("GET", f"/changes?after={self.after}" if self.after else "/changes")
            self.after = page["next_cursor"] or self.after
            items += page["items"]
            if not page["items"]:
                return items

    def versions(self, key: Key) -> list[Json]:
        """Return the versions of a record, oldest first."""
        noun, id = key
        return self.every(f"/{noun}/{id}/history")[::-1]
