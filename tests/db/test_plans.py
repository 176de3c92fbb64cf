"""No statement depends on the database's statistics: right after a first import, none reads rows over and over.

The tests' server never analyses a table by itself. Rows are counted, not time: where every row meets every other one,
that is thousands of times more.
"""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, LiteralString, cast
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import psycopg
import pytest

from fitness.db import connection, nouns, pool, runs_import, users
from fitness.db.bound import Bound
from fitness.db.history import versions
from fitness.db.history.as_of import LOOK_BACK
from fitness.db.history.versions import Change
from fitness.readers.hevy import export_id
from fitness.readers.records import ParsedExercise, ParsedRun, ParsedSet, ParsedWorkout
from fitness.sync import activities_import, undoing
from fitness.sync.activities_import import load_activities
from fitness.sync.report import Report
from fitness.sync.runs_import import load_runs
from fitness.sync.workouts_import import load_export
from tests import databases
from tests.server.serving import wait_for

WORKOUTS, EXERCISES, SETS, RUNS = 500, 4, 3, 2_000
LIFTS = 20
"""Names of exercises; their table is so small that it may be read whole for each of a workout's exercises."""
NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
TABLES = ("workouts", "workouts_history", "exercises", "exercise_executions", "strength_sets", "runs", "runs_history")
JOINING = ("runs", "runs_history", "activity_keys", "activity_sources")
DAYS = "start=2020-01-01&end=2021-12-31"
REPORTS = [
    "/users/me/stats",
    f"/users/me/stats?{DAYS}",
    "/exercises/{exercise_id}/stats",
    f"/exercises/{{exercise_id}}/stats?{DAYS}",
    "/exercises/{exercise_id}/sets?limit=500",
    "/metrics/reps",
    "/timeline?limit=500",
    f"/timeline?kind=workout&{DAYS}",
    "/summary?period=month",
    f"/summary?period=day&{DAYS}",
    "/workouts?limit=500",
    "/workouts?exercise_id={exercise_id}",
    "/timeline?exercise_id={exercise_id}",
    "/timeline/totals?exercise_id={exercise_id}",
    "/workouts?q=lift%201",
    "/exercises?limit=500",
    "/exercises/body-parts",
    "/runs/details?limit=500",
    "/runs?sort_by=shoes&limit=500",
    "/runs/duplicates",
    "/workouts/duplicates",
    "/metrics/mileage/total",
    "/metrics/mileage/by-day",
    "/metrics/mileage/rolling-by-day?window=28",
    "/metrics/mileage/by-shoe",
    "/metrics/records",
    "/metrics/streaks",
    "/metrics/training-load/by-day",
    "/shoes",
    "/plan/adherence?start=2020-01-01&end=2020-12-31",
]
OF_TODAY = ("/exercises/body-parts", "/runs/duplicates", "/workouts/duplicates")
"""Those that do not look back."""


def workouts() -> Iterator[ParsedWorkout]:
    for n in range(WORKOUTS):
        title, start = f"Day {n % 5}", NOON + timedelta(days=n)
        one = ParsedSet("normal", 40.0 + n % 60, "kg", 8, None, None, None, None, None)
        names = [f"Lift {(n + place) % LIFTS}" for place in range(EXERCISES)]
        exercises = tuple(ParsedExercise(name, None, None, (one,) * SETS) for name in names)
        end = start + timedelta(hours=1)
        yield ParsedWorkout(n, export_id(title, start), None, title, start, end, None, exercises)


def runs() -> Iterator[ParsedRun]:
    for n in range(RUNS):
        day = NOON + timedelta(days=n // 2, hours=n % 2)
        yield ParsedRun(n, f"mmf_{n}", day, "Outdoor Run", 3.1 + n % 7, 1500.0, 140.0, f"Shoe {n % 9}")


@pytest.fixture(params=["never analysed", "vacuumed in the middle"])
def loaded(request: pytest.FixtureRequest, owner: psycopg.Connection, make_person: Any) -> Any:
    """Somebody right after the first import, of which VACUUM may have seen the first half before it was committed."""
    person = make_person("ada")

    def interrupted(records: Iterator[Any], half: int) -> Iterator[Any]:
        for n, record in enumerate(records):
            if n == half and request.param == "vacuumed in the middle":
                for table in TABLES:
                    owner.execute(f"VACUUM {table}")
            yield record

    with connection.transaction(person.user_id):
        users.update_user({"max_heart_rate": 186, "resting_heart_rate": 52})
        load_export(interrupted(workouts(), WORKOUTS // 2), Report(), source="Hevy", actor="ada")
        load_runs(interrupted(runs(), RUNS // 2), Report(), source="MapMyFitness", actor="ada")
    return person


def test_a_first_import_reads_each_row_a_few_times(owner, loaded):
    read = read_rows(owner, TABLES)

    of_lifts = WORKOUTS * EXERCISES * SETS
    assert sum(read.values()) > 0
    assert {table: count for table, count in read.items() if count > 10 * max(of_lifts, RUNS)} == {}


def read_rows(owner: psycopg.Connection, tables: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows were read of each of the tables."""
    pool.close_pool()
    others = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    wait_for(lambda: owner.execute(others).fetchone() is None)  # connections report what they read when they end
    return dict(
        owner.execute(
            """
            SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
            FROM pg_stat_user_tables
            WHERE relname = ANY(%s)
            """,
            [list(tables)],
        ).fetchall()
    )


def load_list(person: Any, source: str, first: int, last: int, longer: float = 0.0) -> Report:
    """Load runs that a source lists, from the first up to before the last."""
    listed = (
        run._replace(id=f"{source.lower()}_{n}", distance=run.distance + longer, keys=(f"device:{source}:{n}",))
        for n, run in islice(enumerate(runs()), first, last)
    )
    with connection.transaction(person.user_id):
        return load_activities(listed, Report(), source=source, actor="ada")


def test_pages_of_syncs_read_each_row_a_few_times_where_tables_were_empty(owner, make_person):
    """Each page is a transaction of its own, whose connection has the plans of those before."""
    person = make_person("ada")
    for table in JOINING:
        owner.execute(f"VACUUM ANALYZE {table}")

    for n in range(6):  # their plans are kept
        for source in ("Strava", "Runkeeper"):
            load_list(person, source, n, n + 1)
    for source, longer in (("Strava", 0), ("Strava", 1), ("Runkeeper", 1), ("Runkeeper", 1)):
        for first in range(0, RUNS // 2, 100):
            load_list(person, source, first, first + 100, longer)

    assert {table: read for table, read in read_rows(owner, JOINING).items() if read > RUNS * RUNS} == {}


def test_reverts_read_each_base_a_few_times_where_tables_were_empty(owner, make_person):
    person = make_person("ada")
    owner.execute("VACUUM ANALYZE changesets, runs_merges")

    def revert_the_newest() -> None:
        with connection.transaction(person.user_id):
            newest = connection.fetch_one(int, "SELECT max(changeset_id) FROM changesets WHERE user_id = %(user_id)s")
            assert newest is not None
            undoing.revert_changeset(newest, actor="ada")

    for first, last in (*((n, n + 1) for n in range(6)), (6, RUNS)):  # plans of the first ones are kept
        for longer in (0, 1, 2):
            load_list(person, "Strava", first, last, longer)
            if longer:
                revert_the_newest()
                revert_the_newest()

    assert read_rows(owner, ("runs_merges",))["runs_merges"] < 200 * RUNS


def test_lists_that_join_read_each_row_a_few_times_where_tables_were_empty(owner, make_person, monkeypatch):
    person = make_person("ada")
    for module in (activities_import, runs_import):
        monkeypatch.setattr(module, "CHUNK_ROWS", RUNS // 4)
    for table in JOINING:
        owner.execute(f"VACUUM ANALYZE {table}")

    load = partial(load_list, person)
    for n in range(6):  # their plans are kept
        for source in ("Strava", "Runkeeper"):
            load(source, n, n + 1)
    assert load("Strava", 6, RUNS).created == RUNS - 6
    assert load("Runkeeper", 6, RUNS).joined == RUNS - 6
    assert load("Strava", 6, RUNS).unchanged == RUNS - 6

    assert {table: read for table, read in read_rows(owner, JOINING).items() if read > 2 * RUNS * RUNS} == {}


def test_reports_right_after_a_first_import_read_each_row_a_few_times(reading_much, loaded):
    slow = reading_much(loaded, REPORTS, 8 * max(WORKOUTS * EXERCISES * SETS, RUNS))

    assert not slow, "\n".join(slow)


def test_an_import_into_a_full_log_compares_each_workout_with_few(client, owner, loaded, statements_of):
    heading = (
        "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,"
        "reps,distance_km,duration_seconds,rpe"
    )
    days = [NOON + timedelta(days=2 * WORKOUTS + n) for n in range(WORKOUTS)]
    rows = [f'Legs,"{day:%d %b %Y}, 12:00","{day:%d %b %Y}, 13:00",,Squat,,,0,normal,100,5,,,' for day in days]
    data = {"file": (io.BytesIO("\n".join([heading, *rows, ""]).encode()), "hevy.csv"), "timezone": "UTC"}

    asked = statements_of(partial(client.post, "/v1/hevy/upload-csv", data=data, headers=loaded.headers))

    slow = [
        query
        for query, params in asked
        for node in nodes(explained(owner, loaded.user_id, query, params, None))
        if rows_of(node) > 8 * max(WORKOUTS * EXERCISES * SETS, RUNS)
    ]
    assert any("sent" in query for query, _ in asked)
    assert slow == []


def test_an_import_of_known_runs_looks_each_of_them_up(client, owner, loaded, statements_of):
    heading = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename"
    days = [NOON + timedelta(days=n, minutes=7) for n in range(RUNS)]
    rows = [
        f'{n},"{day:%b %d, %Y, %I:%M:%S %p}",Run,Run,1500,5,Ghost,activities/9{n}.gpx' for n, day in enumerate(days, 1)
    ]

    def upload() -> Any:
        data = {"file": (io.BytesIO("\n".join([heading, *rows, ""]).encode()), "activities.csv")}
        return client.post("/v1/strava/upload-csv", data=data, headers=loaded.headers)

    assert upload().json["created"] == RUNS
    asked = [(query, params) for query, params in statements_of(upload) if "ids" not in params and "id" in params]

    many = [
        (node["Node Type"], node.get("Relation Name"), rows_of(node))
        for query, params in asked
        for node in nodes(explained(owner, loaded.user_id, query, params, None))
        if rows_of(node) > 4 * len(params["id"])
    ]
    assert sum(len(params["id"]) for _, params in asked) == RUNS
    assert many == []


@pytest.mark.parametrize(
    ("part", "title"),
    [(10, "title = 'Legs'"), (1, "title = 'Legs'"), (1, "")],
    ids=["a tenth changed since", "all changed since", "all changed since, with their sets"],
)
def test_reports_as_of_an_instant_read_each_row_a_few_times(owner, reading_much, loaded, part, title):
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    change = Change("ada")
    with connection.transaction(loaded.user_id):
        some: LiteralString = "hashtext(r.id::text) %% %(part)s = 0"
        versions.write_all(nouns.RUNS, "distance = distance + 1", some, change, part=part)
        versions.write_all(nouns.WORKOUTS, title, some, change, part=part)
        versions.write_all(nouns.EXERCISES, "notes = 'Heavy'", "true", change)
        versions.write_all(nouns.SHOES, "notes = 'Worn'", "true", change)

    slow = reading_much(
        loaded,
        [path for path in REPORTS if path not in OF_TODAY],
        12 * max(WORKOUTS * EXERCISES * SETS, RUNS),
        as_of=instant,
    )

    assert not slow, "\n".join(slow)


def test_sets_that_have_not_changed_are_not_read_from_versions(client, owner, loaded, statements_of):
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    with connection.transaction(loaded.user_id):
        versions.write_all(nouns.WORKOUTS, "title = 'Legs'", "true", Change("ada"))

    path = f"/v1/users/me/stats?as_of={instant:%Y-%m-%dT%H:%M:%S.%fZ}"
    asked = statements_of(partial(client.get, path, headers=loaded.headers))
    read = [
        node["Actual Loops"]
        for query, params in asked
        for node in nodes(explained(owner, loaded.user_id, query, params, instant))
        if node.get("Function Name") == "json_to_recordset"
    ]

    assert {*read} == {0}


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/v1/users/me/stats", WORKOUTS),
        ("/v1/exercises/{exercise_id}/stats", WORKOUTS * EXERCISES // LIFTS),
        ("/v1/exercises/{exercise_id}/sets", WORKOUTS * EXERCISES // LIFTS),
    ],
)
def test_versions_without_arrays_are_parsed_once_if_needed(request, client, owner, loaded, statements_of, path, most):
    if databases.VERSION < 18 and "vacuumed in the middle" in request.node.name and path.endswith("sets"):
        pytest.skip("PostgreSQL 16 finds all workouts of the exercise here first, and parses those of the page again")
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    with connection.transaction(loaded.user_id):
        versions.write_all(nouns.WORKOUTS, "title = 'Legs'", "true", Change("ada"))
    owner.execute("UPDATE workouts SET parts_changed_at = last_edited_at")
    owner.execute("UPDATE workouts_history SET working_exercise_id = NULL")
    (exercise_id,) = owner.execute("SELECT id FROM exercises WHERE name = 'Lift 1'").fetchone()

    address = f"{path.format(exercise_id=exercise_id)}?as_of={instant:%Y-%m-%dT%H:%M:%S.%fZ}"
    asked = statements_of(partial(client.get, address, headers=loaded.headers))
    parsed = [
        node["Actual Loops"]
        for query, params in asked
        for node in nodes(explained(owner, loaded.user_id, query, params, instant))
        if node.get("Function Name") == "json_to_recordset" and re.fullmatch(r"e(_\d+)?", node["Alias"])
    ]

    assert 0 < sum(parsed) <= most


@pytest.mark.parametrize("path", ["exercises/{exercise_id}/sets?", "workouts?exercise_id={exercise_id}&"])
def test_a_page_of_an_exercise_as_it_was_looks_up_the_versions_of_its_own_workouts_alone(
    client, owner, loaded, statements_of, path
):
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    with connection.transaction(loaded.user_id):
        versions.write_all(nouns.WORKOUTS, "", "true", Change("ada"))
    (exercise_id,) = owner.execute("SELECT id FROM exercises WHERE name = 'Lift 1'").fetchone()
    address = f"/v1/{path.format(exercise_id=exercise_id)}as_of={instant:%Y-%m-%dT%H:%M:%S.%fZ}"
    asked = statements_of(partial(client.get, address, headers=loaded.headers))
    read = [node for query, params in asked for node in nodes(explained(owner, loaded.user_id, query, params, instant))]

    looked_up = [node["Actual Loops"] for node in read if node.get("Relation Name") == "workouts_history"]
    assert 0 < max(looked_up) <= 51 * EXERCISES < WORKOUTS


def test_versions_of_records_made_later_are_not_looked_up(client, owner, loaded, statements_of):
    (instant,) = owner.execute("SELECT created_at FROM users WHERE user_id = %s", [loaded.user_id]).fetchone()
    paths = ["/v1/runs/totals", "/v1/summary", "/v1/timeline/totals", "/v1/metrics/mileage/by-shoe"]

    for path in paths:
        then = {"as_of": instant.isoformat()}
        asked = statements_of(partial(client.get, path, query_string=then, headers=loaded.headers))
        many = [
            (path, node["Node Type"], node["Actual Loops"])
            for query, params in asked
            for node in nodes(explained(owner, loaded.user_id, query, params, instant))
            if node["Actual Loops"] > WORKOUTS / 10
        ]
        assert asked
        assert many == []


def test_a_page_of_runs_by_date_as_of_an_instant_reads_few_versions(request, owner, reading_much, loaded):
    if databases.VERSION < 18 and "vacuumed in the middle" in request.node.name:
        pytest.skip("PostgreSQL 16 sorts all runs here, until the table is analysed")
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    change_all_runs(loaded)

    slow = reading_much(loaded, ["/runs?limit=5", "/runs?limit=5&include_duplicates=false"], 60, as_of=instant)

    assert not slow, "\n".join(slow)


def test_workouts_by_date_as_of_an_instant_read_few_versions(request, owner, reading_much, loaded):
    if databases.VERSION < 18 and "vacuumed in the middle" in request.node.name:
        pytest.skip("PostgreSQL 16 sorts all runs of the timeline here, until the table is analysed")
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    change_all_runs(loaded)
    with connection.transaction(loaded.user_id):
        versions.write_all(nouns.WORKOUTS, "", "true", Change("ada"))

    slow = reading_much(loaded, ["/workouts?limit=5", "/timeline?limit=5", "/metrics/reps"], 60, as_of=instant)

    assert [part for part in slow if "history" in part] == []


def test_many_older_versions_are_not_read(owner, reading_much, loaded):
    for _ in range(6):
        change_all_runs(loaded)
    (instant,) = owner.execute("SELECT clock_timestamp()").fetchone()
    change_all_runs(loaded)

    paths = ["/runs/totals", "/runs?sort_by=distance&limit=5", "/metrics/mileage/total", "/runs/mmf_7"]
    slow = reading_much(loaded, paths, 2 * RUNS, as_of=instant)

    assert [part for part in slow if "runs_history" in part] == []


def test_a_page_by_date_passes_over_younger_versions(owner, reading_much, loaded):
    (instant,) = owner.execute("SELECT created_at FROM users WHERE user_id = %s", [loaded.user_id]).fetchone()
    change_all_runs(loaded)
    change_all_runs(loaded)

    paths = ["/runs?limit=5", "/runs?limit=5&sort_order=asc", "/runs/details?limit=5"]
    slow = reading_much(loaded, paths, 60, as_of=instant)

    assert [part for part in slow if "runs_history" in part] == []


def change_all_runs(person: Any) -> None:
    with connection.transaction(person.user_id):
        versions.write_all(nouns.RUNS, "distance = distance + 1", "true", Change("ada"))


@pytest.fixture
def reading_much(client: Any, owner: psycopg.Connection, statements_of: Any) -> Any:
    """Return the parts of the plans of a person's reports that read more rows than `most`, in all their loops."""

    def reading_much(person: Any, reports: list[str], most: int, *, as_of: datetime | None = None) -> list[str]:
        with connection.transaction(person.user_id):
            exercise_id = connection.fetch_one(UUID, "SELECT id FROM exercises WHERE user_id = %(user_id)s LIMIT 1")
        slow: list[str] = []
        for path in reports:
            address = f"/v1{path.format(exercise_id=exercise_id)}"
            query_string = {
                **dict(parse_qsl(urlsplit(address).query)),
                **({"as_of": as_of.isoformat()} if as_of else {}),
            }
            asked = statements_of(
                partial(client.get, urlsplit(address).path, query_string=query_string, headers=person.headers)
            )
            assert asked, path
            for query, params in asked:
                for node in nodes(explained(owner, person.user_id, query, params, as_of)):
                    if rows_of(node) > most:
                        read = node.get("Index Name", node.get("Relation Name"))
                        slow.append(f"{path}: {node['Node Type']} {read} {rows_of(node):,.0f}")
        return slow

    return reading_much


@pytest.fixture
def statements_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the statements, with their parameters, that a request runs in the person's transaction."""

    def statements_of(request: Any) -> list[tuple[str, dict[str, Any]]]:
        ran: list[tuple[str, dict[str, Any]]] = []
        queue = Bound.queue

        def note(bound: Bound, query: Any, params: dict[str, Any]) -> Any:
            call = queue(bound, query, params)
            ran.append((call.text, dict(params)))
            return call

        with monkeypatch.context() as patched:
            patched.setattr(Bound, "queue", note)
            answer = request()
            assert answer.status_code == 200, answer.text
        return [
            (query, params)
            for query, params in ran
            if query.lstrip().startswith(("SELECT", "WITH")) and "set_config" not in query and "pg_class" not in query
        ]

    return statements_of


TYPES = {int: "integer", float: "float8", bool: "boolean", datetime: "timestamptz", date: "date", UUID: "uuid"}


def explained(
    owner: psycopg.Connection, user_id: int, query: str, params: dict[str, Any], as_of: datetime | None
) -> dict[str, Any]:
    """Return the plan of a statement after it ran, as the program's connections plan it: without the parameters."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", query)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", query).replace("%%", "%")
    types = [TYPES.get(type(params[name]), "unknown") for name in names]
    with owner.transaction(), psycopg.ClientCursor(owner) as cursor:
        cursor.execute("SET LOCAL ROLE fitness_app")
        cursor.execute("SELECT set_config('fitness.user_id', %s, true)", [str(user_id)])
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        if as_of:
            cursor.execute(LOOK_BACK, {"instant": as_of, "user_id": user_id})
        placeholders = ", ".join(["%s"] * len(names))
        cursor.execute(cast("LiteralString", f"PREPARE report ({', '.join(types)}) AS {numbered}"))
        cursor.execute(
            cast("LiteralString", f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE report ({placeholders})"),
            [params[name] for name in names],
        )
        (row,) = cursor.fetchall()
        cursor.execute("DEALLOCATE report")
    return row[0][0]["Plan"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def rows_of(node: dict[str, Any]) -> float:
    """Return how many rows a node of a plan returned or threw away, in all its loops."""
    each = node["Actual Rows"] + sum(rows for name, rows in node.items() if name.startswith("Rows Removed by"))
    return each * node["Actual Loops"]
