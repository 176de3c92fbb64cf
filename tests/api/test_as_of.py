"""`as_of`: what the log said at an instant, against what it answered then."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fitness.db.history import as_of as as_of_module
from fitness.db.history import walks

LISTS = [
    "/runs?include_deleted=true",
    "/runs?sort_by=distance&limit=3",
    "/runs?q=windy",
    "/runs/details?sort_by=shoes",
    "/runs/totals",
    "/runs/totals?include_duplicates=false&type=Outdoor%20Run",
    "/shoes?include_deleted=true",
    "/exercises/my-exercises?include_deleted=true",
    "/exercises?name=squat",
    "/workouts?include_deleted=true",
    "/workouts?q=squat",
    "/workouts?limit=3",
    "/planned-workouts?include_deleted=true",
    "/timeline?limit=4",
    "/timeline?kind=workout&sort_order=asc",
    "/timeline?sort_by=distance&include_deleted=true",
    "/timeline?sort_by=duration&kind=workout",
    "/timeline/totals",
    "/timeline/totals?start=2026-02-01&end=2026-02-28",
    "/summary?period=month",
    "/summary?period=day&start=2026-02-01&end=2026-03-31",
    "/metrics/seconds/total",
    "/metrics/mileage/total",
    "/metrics/mileage/by-day",
    "/metrics/mileage/by-day?start=2026-02-01&end=2026-03-31",
    "/metrics/mileage/by-week",
    "/metrics/mileage/by-month",
    "/metrics/mileage/rolling-by-day?window=7",
    "/metrics/mileage/by-shoe?include_retired=true",
    "/metrics/records",
    "/metrics/streaks",
    "/metrics/trimp/by-day",
    "/metrics/training-load/by-day",
    "/metrics/reps?days=3650",
    "/metrics/reps?start=1900-01-01",
    "/users/me/stats",
    "/users/me/stats?start=2026-02-01&end=2026-03-31",
    "/plan/adherence?start=2026-02-01&end=2026-03-31",
]
"""Every list, metric and statistic that looks back; those of single records come with the records."""
HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
DAYS = [f"2026-0{month}-{day:02}" for month in (2, 3) for day in (2, 9, 16)]

Ask = Callable[..., Any]


@pytest.fixture
def clock(owner: psycopg.Connection) -> Callable[[], datetime]:
    """Return the time of the database."""

    def read() -> datetime:
        row = owner.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        return row[0]

    return read


@pytest.fixture
def call(client) -> Ask:
    """Send a person's request; return the answer, with its status if that is an error."""

    def send(person, method, path, **kwargs):
        response = client.open(f"/v1{path}", method=method, headers=person.headers, **kwargs)
        assert response.status_code < 500, (path, response.text)
        answer = response.json if response.data else None
        return answer if response.status_code < 300 else (response.status_code, answer)

    return send


@pytest.fixture
def look(call) -> Ask:
    """Return what a person's log answers, or answered at an instant."""

    def read(person, paths, as_of=None):
        def ask(path):
            query = "" if as_of is None else f"{'&' if '?' in path else '?'}as_of={as_of:%Y-%m-%dT%H:%M:%S.%fZ}"
            answer = call(person, "GET", path + query)
            if isinstance(answer, dict) and answer.get("next_cursor"):
                answer["next_cursor"] = "a cursor has the instant"
            return answer

        return {path: ask(path) for path in paths}

    return read


class Log:
    """Changes of a person's log, each by a number that chooses among what there is."""

    def __init__(self, call: Ask, person: Any) -> None:
        self.person = person
        self.send = call
        self.changesets: list[int] = []
        self.paths: list[str] = []
        self.instants: list[datetime] = []

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self.send(self.person, method, path, **kwargs)
        assert not isinstance(answer, tuple) or answer[0] in {404, 409}, (path, kwargs, answer)
        if isinstance(answer, dict) and answer.get("changeset_id"):
            self.changesets.append(answer["changeset_id"])
        return answer

    def chosen(self, noun: str, number: int) -> str | None:
        paths = [path for path in self.paths if path.startswith(f"/{noun}/")]
        return paths[number % len(paths)] if paths else None

    def made(self, path: str) -> None:
        if path not in self.paths:
            self.paths.append(path)

    def add_run(self, n: int) -> None:
        body = {"datetime_utc": f"{DAYS[n % 6]}T06:00:00Z", "type": "Outdoor Run", "distance": 1 + n, "duration": 900}
        self.made(f"/runs/{self.call('POST', '/runs', json=body)['id']}")

    def edit_run(self, n: int) -> None:
        shoe = self.chosen("shoes", n)
        changes = [
            {"distance": n + 0.5},
            {"notes": "windy"},
            {"datetime_utc": f"{DAYS[n % 6]}T23:30:00Z"},
            {"avg_heart_rate": 120 + n},
            {"type": "Treadmill Run"},
            {"shoe_id": shoe and shoe.split("/")[-1]},
        ]
        if path := self.chosen("runs", n):
            self.call("PATCH", path, json=changes[n % 6])

    def upload(self, n: int) -> None:
        rows = [f'"May {m + 1}, 2025",Run,{m + 2},1500,Shoes: Ghost {m},http://x.example/workout/{m}' for m in {n, 3}]
        file = (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")
        self.call("POST", "/mmf/upload-csv", data={"file": file})
        for m in {n, 3}:
            self.made(f"/runs/mmf_{m}")
            self.made(f"/shoes/ghost_{m}")

    def mark_duplicate(self, n: int) -> None:
        one, other = self.chosen("runs", n), self.chosen("runs", n + 1)
        if one and other:
            self.call("PUT", f"{one}/duplicate-of", json={"run_id": other.split("/")[-1]})

    def edit_shoe(self, n: int) -> None:
        changes = [{"name": f"Ghost the {n}."}, {"retired_at": "2026-02-20"}, {"notes": "soft"}]
        if path := self.chosen("shoes", n):
            self.call("PATCH", path, json=changes[n % 3])

    def merge_shoes(self, n: int) -> None:
        one, other = self.chosen("shoes", n), self.chosen("shoes", n + 1)
        if one and other:
            self.call("POST", f"{one}/merge", json={"into": other.split("/")[-1]})

    def add_workout(self, n: int) -> None:
        bodies = [
            {"workout_type": "CARDIO", "cardio_session": {"distance_miles": n, "sport": "Ride"}},
            {
                "workout_type": "REPS",
                "rep_session": {"exercise_type": "push-up", "reps_count": n, "duration_seconds": 60},
            },
            {
                "workout_type": "STRENGTH",
                "strength_sets": [
                    {"exercise_name": name, "weight": 100 + n, "reps": reps}
                    for name in ("Squat", f"Lift {n % 2}")
                    for reps in (5, n)
                ],
            },
        ]
        start = f"{DAYS[n % 6]}T17:00:00Z"
        answer = self.call("POST", "/workouts", json={**bodies[n % 3], "start_ts": start, "end_ts": start})
        self.made(f"/workouts/{answer['workout_id']}")
        for exercise in self.call("GET", "/exercises/my-exercises")["items"]:
            for path in ("", "/stats", "/sets?limit=2"):
                self.made(f"/exercises/{exercise['id']}{path}")

    def edit_workout(self, n: int) -> None:
        changes = [{"title": f"Day {n}"}, {"start_ts": f"{DAYS[n % 6]}T05:00:00Z", "end_ts": None}, {"notes": "squat"}]
        if path := self.chosen("workouts", n):
            self.call("PATCH", path, json=changes[n % 3])

    def edit_sets(self, n: int) -> None:
        """Change a set of a workout that is reopened for it, and finished again."""
        path = self.chosen("workouts", n) or ""
        workout = path and self.call("GET", path)
        if not isinstance(workout, dict) or not workout["exercise_executions"]:
            return
        execution = workout["exercise_executions"][0]
        self.call("PATCH", path, json={"finished_at": None})
        of_set = f"{path}/exercise-executions/{execution['exercise_id']}/sets/{execution['sets'][0]['id']}"
        self.call("PATCH", of_set, json={"weight": n, "change_reason": "Wrong plates"})
        self.call("PATCH", f"{path}/finish")

    def edit_exercise(self, n: int) -> None:
        changes = [{"name": f"Squat {n}"}, {"is_assisted": True}, {"body_part": "Legs"}]
        if path := self.chosen("exercises", n):
            self.call("PATCH", path.partition("/stats")[0].partition("/sets")[0], json=changes[n % 3])

    def plan(self, n: int) -> None:
        body = {"title": f"Plan {n}", "workout_type": "Run", "originally_planned_day": DAYS[n % 6]}
        self.made(f"/planned-workouts/{self.call('POST', '/planned-workouts', json=body)['id']}")

    def edit_plan(self, n: int) -> None:
        changes = [{"title": f"Tempo {n}"}, {"originally_planned_day": DAYS[n % 6]}, {"tss": n}]
        if path := self.chosen("planned-workouts", n):
            self.call("PATCH", path, json=changes[n % 3])

    def delete(self, n: int) -> None:
        paths = [path for path in self.paths if "/stats" not in path and "/sets" not in path]
        if paths:
            self.call("DELETE", paths[n * 7 % len(paths)])

    def restore(self, n: int) -> None:
        paths = [path for path in self.paths if "/stats" not in path and "/sets" not in path]
        if paths:
            self.call("POST", f"{paths[n * 5 % len(paths)]}/restore/1")

    def revert(self, n: int) -> None:
        if self.changesets:
            self.call("POST", f"/changesets/{self.changesets[n % len(self.changesets)]}/revert")

    def rewind(self, n: int) -> None:
        if self.instants:
            self.call("POST", "/users/me/rewind", json={"to": self.instants[n % len(self.instants)].isoformat()})


CHANGES = [
    *(["add_run", "edit_run", "upload", "add_workout", "edit_sets", "delete", "restore"] * 2),
    *("mark_duplicate", "edit_shoe", "merge_shoes", "edit_workout", "edit_exercise", "plan", "edit_plan", "revert"),
    "rewind",
]
STEPS = st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 6)), min_size=6, max_size=14)
PARTS = 8
rarely = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("few", ["1000", "2"])
def test_every_list_record_and_statistic_answers_as_it_did_at_that_instant(
    make_person, call, look, clock, monkeypatch, few
):
    """For more than few versions, looking back takes another way, see `history/walks.py`."""
    monkeypatch.setattr(walks, "_FEW", few)
    monkeypatch.setattr(as_of_module, "_past", cache(as_of_module._past.__wrapped__))
    numbers = count()

    @rarely
    @given(STEPS)
    def check(steps):
        person = make_person(f"ada{next(numbers)}")
        call(person, "PATCH", "/users/me", json={"max_heart_rate": 180, "resting_heart_rate": 50})
        log = Log(call, person)
        asked: list[tuple[datetime, dict[str, Any]]] = []
        for step, (name, number) in enumerate([("add_run", 1), ("upload", 2), ("add_workout", 2), *steps]):
            getattr(log, name)(number)
            # Each step asks for a part of all there is, the next one for another part; an example has steps for all.
            asked.append((clock(), look(person, [*LISTS, *log.paths][step % PARTS :: PARTS])))
            log.instants.append(clock())

        for instant, then in asked:
            now = look(person, then, as_of=instant)
            different = [path for path in then if now[path] != then[path]]
            assert [(path, now[path]) for path in different] == [(path, then[path]) for path in different]

    check()


def as_of(instant: datetime) -> dict[str, str]:
    return {"as_of": instant.isoformat()}


def test_each_version_is_there_while_it_was_the_newest(client, alice, clock, make_run):
    path = f"/v1/runs/{make_run(alice, distance=5.0).id}"
    instants = [clock()]
    for send in (
        lambda: client.patch(path, json={"distance": 6}, headers=alice.headers),
        lambda: client.delete(path, headers=alice.headers),
        lambda: client.post(f"{path}/restore/1", headers=alice.headers),
    ):
        assert send().status_code < 300
        instants.append(clock())

    answers = [client.get(path, query_string=as_of(instant), headers=alice.headers) for instant in instants]
    query = {"include_deleted": "true", **as_of(instants[2])}
    deleted = client.get(path, query_string=query, headers=alice.headers).json

    assert [answer.status_code for answer in answers] == [200, 200, 404, 200]
    assert [answer.headers.get("ETag") for answer in answers] == ['"1"', '"2"', None, '"4"']
    assert [answer.json.get("distance") for answer in answers] == [5.0, 6.0, None, 5.0]
    assert (deleted["version"], deleted["deleted_at"]) == (3, deleted["last_edited_at"])


def test_before_it_was_made_a_record_is_not_found(client, alice, clock, make_run):
    instant = clock()
    run = make_run(alice)

    one = client.get(f"/v1/runs/{run.id}", query_string=as_of(instant), headers=alice.headers)
    all_of_them = client.get("/v1/runs", query_string=as_of(instant), headers=alice.headers)

    assert (one.status_code, all_of_them.json["items"]) == (404, [])


def test_the_deletion_of_a_record_is_dated_by_its_first_version_without_it(client, alice, clock, make_run, make_shoe):
    """A deleted run gets a version when its shoe is merged."""
    worn, other = make_shoe(alice, "Ghost"), make_shoe(alice, "Ride")
    path, query = f"/v1/runs/{make_run(alice, shoe_id=worn.id).id}", {"include_deleted": "true"}
    client.delete(path, headers=alice.headers)
    client.post(f"/v1/shoes/{worn.id}/merge", json={"into": other.id}, headers=alice.headers)
    then, instant = client.get(path, query_string=query, headers=alice.headers).json, clock()
    client.post(f"{path}/restore/1", headers=alice.headers)

    now = client.get(path, query_string={**query, **as_of(instant)}, headers=alice.headers).json

    assert now["version"] == 3
    assert now == then


def test_within_a_growing_version_a_live_workout_is_as_it_was_at_its_last_change(client, alice, clock):
    def send(method, path, **body):
        answer = client.open(f"/v1/workouts{path}", method=method, json=body, headers=alice.headers)
        assert answer.status_code < 300, answer.json
        return answer.json

    before = clock()
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    path = "/" + send("POST", "", workout_type="STRENGTH", in_progress=True, strength_sets=sets)["workout_id"]
    begun = clock()
    send("PATCH", path, title="Legs")
    growing = clock()
    send("PATCH", path, title="Legs and arms")
    send("PATCH", f"{path}/finish")
    send("PATCH", path, title="Leg day")

    answers = [
        client.get(f"/v1/workouts{path}", query_string=as_of(at), headers=alice.headers)
        for at in (before, begun, growing, clock())
    ]

    assert answers[0].status_code == 404
    assert [answer.json["title"] for answer in answers[1:]] == [None, "Legs and arms", "Leg day"]
    assert [answer.json["finished_at"] is None for answer in answers[1:]] == [True, True, False]
    assert [len(answer.json["exercise_executions"][0]["sets"]) for answer in answers[1:]] == [1, 1, 1]


def test_what_was_still_live_then_does_not_count_in_statistics(call, alice, clock):
    sets = [{"exercise_name": "Squat", "weight": 100, "reps": 5}]
    body = {"workout_type": "STRENGTH", "in_progress": True, "strength_sets": sets}
    path = f"/workouts/{call(alice, 'POST', '/workouts', json=body)['workout_id']}"
    instant = clock()
    call(alice, "PATCH", f"{path}/finish")

    then = call(alice, "GET", f"/users/me/stats?as_of={instant:%Y-%m-%dT%H:%M:%S.%fZ}")
    now = call(alice, "GET", "/users/me/stats")

    assert [stats["totals"]["sets"] for stats in (then, now)] == [0, 1]


def test_nobody_sees_what_another_person_had(alice, bob, call, look, clock, make_run, make_shoe):
    run, shoe = make_run(alice), make_shoe(alice)
    instant = clock()
    call(alice, "PATCH", f"/runs/{run.id}", json={"distance": 9})
    call(alice, "DELETE", f"/shoes/{shoe.id}")
    empty = look(bob, LISTS)

    seen = look(bob, [*LISTS, f"/runs/{run.id}", f"/shoes/{shoe.id}"], as_of=instant)

    assert {seen.pop(path)[0] for path in (f"/runs/{run.id}", f"/shoes/{shoe.id}")} == {404}
    assert seen == empty


# Series end with the day of the instant


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Kiritimati", "2026-03-02"), ("Etc/GMT+12", "2026-02-28")])
def test_today_is_the_local_day_of_the_instant(client, owner, alice, make_run, zone, day):
    make_run(alice, datetime_utc="2026-02-01T12:00:00Z")
    owner.execute("UPDATE users SET created_at = '2026-01-01'")
    owner.execute("UPDATE runs SET created_at = '2026-02-01'")
    query = {"time_zone": zone, "as_of": "2026-03-01T11:00:00Z"}

    by_day = client.get("/v1/metrics/mileage/by-day", query_string=query, headers=alice.headers).json["days"]

    assert by_day[-1]["date"] == day


# Pages


def test_the_next_page_takes_the_same_instant(client, alice, clock, make_run):
    for n in range(4):
        make_run(alice, distance=1.0 + n)
    instant = clock()
    for run in client.get("/v1/runs", headers=alice.headers).json["items"]:
        client.patch(f"/v1/runs/{run['id']}", json={"distance": 9}, headers=alice.headers)
    query = {"limit": 2, "sort_by": "distance", **as_of(instant)}
    first = client.get("/v1/runs", query_string=query, headers=alice.headers).json

    def following(**changed):
        return client.get(
            "/v1/runs", query_string={**query, "cursor": first["next_cursor"], **changed}, headers=alice.headers
        )

    pages = [[run["distance"] for run in answer["items"]] for answer in (first, following().json)]
    refused = [following(**as_of(instant + timedelta(microseconds=-1))), following(as_of=None)]

    assert pages == [[4.0, 3.0], [2.0, 1.0]]
    assert [(answer.status_code, list(answer.json["errors"])) for answer in refused] == [(422, ["cursor"])] * 2


def test_an_instant_may_have_another_offset_on_the_next_page(client, alice, clock, make_run):
    for _ in range(2):
        make_run(alice)
    instant = clock()
    query = {"limit": 1, **as_of(instant)}
    cursor = client.get("/v1/runs", query_string=query, headers=alice.headers).json["next_cursor"]

    moved = f"{instant.astimezone(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%S.%f}+01:00"
    answer = client.get("/v1/runs", query_string={**query, "cursor": cursor, "as_of": moved}, headers=alice.headers)

    assert (answer.status_code, len(answer.json["items"])) == (200, 1)


# Bad input


@pytest.mark.parametrize(
    ("instant", "why"),
    [
        ("2100-01-01T00:00:00Z", "This instant is in the future"),
        ("2001-01-01T00:00:00Z", "This instant is before your account"),
        ("2026-03-01T07:00:00", "Time zone missing: end with Z or an offset such as +01:00"),
        ("2026-03-01", "Time zone missing: end with Z or an offset such as +01:00"),
        ("yesterday", "Not a valid datetime."),
        ("", "Not a valid datetime."),
        ("9999-01-01T00:00:00Z", "Must be greater than or equal to 1900-01-01 00:00:00+00:00 and less than 2200-"),
    ],
)
@pytest.mark.parametrize("path", ["/runs", "/metrics/mileage/total", "/workouts"])
def test_an_instant_that_is_not_past_is_refused(client, alice, path, instant, why):
    response = client.get(f"/v1{path}", query_string={"as_of": instant}, headers=alice.headers)

    assert response.status_code == 422
    assert list(response.json["errors"]) == ["as_of"]
    assert response.json["errors"]["as_of"][0].startswith(why)


def test_the_catalog_has_no_past_without_a_login(client, clock):
    assert client.get("/v1/exercises", query_string=as_of(clock())).status_code == 401


def test_what_writes_does_not_look_back(client, alice, clock, make_run):
    path = f"/v1/runs/{make_run(alice).id}"

    answers = [
        client.open(f"{path}?as_of={clock():%Y-%m-%dT%H:%M:%SZ}", method=method, json=body, headers=alice.headers)
        for method, body in (("PATCH", {"distance": 9}), ("DELETE", None))
    ]

    assert [answer.status_code for answer in answers] == [200, 204]
    assert client.get(path, headers=alice.headers).status_code == 404
