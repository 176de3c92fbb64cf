"""Hevy's API, with made-up workouts."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Self
from uuid import UUID, uuid5

from tests.samples import DATA
from tests.standins.server import Answer, Request, StandIn, json_answer

KEY = "00000000-0000-4000-8000-00000000a001"
_NAMESPACE = UUID("00000000-0000-4000-8000-00000000b001")

Json = dict[str, Any]


class HevyStandIn(StandIn):
    """Answers as Hevy does, to `key` only.

    `put` and `delete` are what the person does in the app; both make an event. `has_events` False is a key that
    came after all of that. Beyond the end of a list comes a 404, or with `beyond` "empty" an empty page.
    """

    def __init__(self, workouts: Iterable[Json] = (), templates: Iterable[Json] = (), *, key: str = KEY) -> None:
        super().__init__()
        self.key = key
        self.beyond = "404"
        self.has_events = True
        self._workouts: dict[str, Json] = {}
        self._templates = list(templates)
        self._events: list[tuple[datetime, Json]] = []
        self._newest_first: list[Json] = []
        self._webhook: Json | None = None
        for workout in workouts:
            self.put(workout)

    @classmethod
    def of_samples(cls) -> Self:
        """Return one that holds the workouts and templates of the samples."""
        workouts = [workout for page in (1, 2) for workout in sample(f"hevy_workouts_page{page}.json")["workouts"]]
        return cls(workouts, sample("hevy_exercise_templates.json")["exercise_templates"])

    def put(self, workout: Json) -> None:
        """Let there be a workout, or be it as given now; its `updated_at` is when that happened."""
        with self.lock:
            self._workouts[workout["id"]] = workout
            self._note(workout["updated_at"], {"type": "updated", "workout": workout})

    def delete(self, workout_id: str, deleted_at: str) -> None:
        """Let a workout be gone."""
        with self.lock:
            del self._workouts[workout_id]
            self._note(deleted_at, {"type": "deleted", "id": workout_id, "deleted_at": deleted_at})

    def clear(self) -> None:
        """Let there be nothing, as in another account."""
        with self.lock:
            self._workouts.clear()
            self._events.clear()
            self._newest_first = []

    def _note(self, instant: str, event: Json) -> None:
        self._events.append((datetime.fromisoformat(instant), event))
        self._newest_first = []

    def answer(self, request: Request) -> Answer:
        if request.headers.get("api-key") != self.key:
            return Answer(401, b"InvalidApiKey", {"Content-Type": "text/plain; charset=utf-8"})
        with self.lock:
            match request.method, request.path.removeprefix("/v1/").split("/"):
                case "GET", ["workouts"]:
                    # Sorted once, not for every page: benchmarks read many.
                    self._newest_first = self._newest_first or sorted(
                        self._workouts.values(), key=lambda one: one["start_time"], reverse=True
                    )
                    return self._page(request, "workouts", self._newest_first, most=10)
                case "GET", ["workouts", "count"]:
                    return json_answer({"workout_count": len(self._workouts)})
                case "GET", ["workouts", "events"]:
                    return self._events_since(request)
                case "GET", ["workouts", workout_id] if workout_id in self._workouts:
                    return json_answer(self._workouts[workout_id])
                case "GET", ["exercise_templates"]:
                    return self._page(request, "exercise_templates", self._templates, most=100)
                case "GET", ["exercise_templates", template_id]:
                    found = [template for template in self._templates if template["id"] == template_id]
                    return json_answer(found[0]) if found else _not_found()
                case "GET", ["user", "info"]:
                    return json_answer({"data": {"id": "made-up", "name": "ada", "url": "https://hevy.com/user/ada"}})
                case method, ["webhook-subscription"]:
                    return self._subscription(method, request)
                case _:
                    return _not_found()

    def _events_since(self, request: Request) -> Answer:
        try:
            since = datetime.fromisoformat(request.query.get("since", "1970-01-01T00:00:00Z"))
        except ValueError:
            return json_answer({"error": "since must be an ISO 8601 date"}, 400)
        newest_first = sorted(self._events, key=lambda noted: noted[0], reverse=True)
        told = [event for instant, event in newest_first if instant >= since] if self.has_events else []
        return self._page(request, "events", told, most=10)

    def _page(self, request: Request, name: str, items: list[Json], *, most: int) -> Answer:
        try:
            page, size = (int(request.query.get(given, default)) for given, default in (("page", 1), ("pageSize", 5)))
        except ValueError:
            return json_answer({"error": "page and pageSize must be numbers"}, 400)
        if page < 1 or not 1 <= size <= most:
            return json_answer({"error": f"pageSize must be less than or equal to {most}"}, 400)
        page_count = ceil(len(items) / size)
        if page > max(page_count, 1) and self.beyond == "404":
            return json_answer({"error": "Page not found"}, 404)
        return json_answer({"page": page, "page_count": page_count, name: items[(page - 1) * size : page * size]})

    def _subscription(self, method: str, request: Request) -> Answer:
        match method:
            case "POST":
                given = request.json
                self._webhook = {"url": given["url"], "auth_token": given.get("authToken", given.get("auth_token"))}
                return json_answer(self._webhook, 201)
            case "GET" if self._webhook:
                return json_answer(self._webhook)
            case "DELETE" if self._webhook:
                self._webhook = None
                return Answer(200)
            case _:
                return _not_found()

    def page_before(self, request: Request, right: Callable[[], Answer]) -> Answer:
        """Answer, as a fault, with what is on the page before, under the number of the one asked for."""
        asked = int(request.query["page"])
        earlier = self.answer(replace(request, query={**request.query, "page": str(asked - 1)}))
        return json_answer(json.loads(earlier.body) | {"page": asked})


def without_items(request: Request, right: Callable[[], Answer]) -> Answer:
    """Answer, as a fault, with the page asked for, but nothing on it."""
    page = json.loads(right().body)
    return json_answer({name: [] if isinstance(value, list) else value for name, value in page.items()})


def sample(name: str) -> Any:
    """Return one of the samples."""
    return json.loads((DATA / name).read_text())


def made_workouts(count: int, *, sets: int = 4) -> list[Json]:
    """Return made-up workouts, one a day back from 29 October 2025, of four exercises each; always the same."""
    templates = sample("hevy_exercise_templates.json")["exercise_templates"][:4]
    newest = datetime(2025, 10, 29, 17, 30, 12, tzinfo=UTC)
    return [
        made_workout(
            str(uuid5(_NAMESPACE, str(number))),
            newest - timedelta(days=number),
            [_exercise(order, template, sets, number) for order, template in enumerate(templates)],
        )
        for number in range(count)
    ]


def made_workout(workout_id: str, start: datetime, exercises: list[Json], **given: Any) -> Json:
    """Return a workout of an hour, with all of its keys; `given` replaces some."""
    end = start + timedelta(hours=1)
    entered = (end + timedelta(seconds=1)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.006Z")
    return {
        "id": workout_id,
        "title": f"Day {start:%j}",
        "routine_id": None,
        "description": "",
        "start_time": start.isoformat(),
        "end_time": end.isoformat(),
        "updated_at": entered,
        "created_at": entered,
        "exercises": exercises,
        **given,
    }


def _exercise(index: int, template: Mapping[str, Any], sets: int, number: int) -> Json:
    return {
        "index": index,
        "title": template["title"],
        "notes": "",
        "exercise_template_id": template["id"],
        "superset_id": None,
        "sets": [made_set(index=place, weight_kg=40 + 2.5 * ((number + place) % 20), reps=8) for place in range(sets)],
    }


def made_set(**given: Any) -> Json:
    """Return a set with all of its keys, of which most say nothing."""
    return {
        "index": 0,
        "type": "normal",
        "weight_kg": None,
        "reps": None,
        "distance_meters": None,
        "duration_seconds": None,
        "rpe": None,
        "custom_metric": None,
        **given,
    }


def _not_found() -> Answer:
    return json_answer({"error": "Not found"}, 404)
