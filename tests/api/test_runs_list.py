"""Lists of runs over HTTP: filters, sort orders, paging, and how many statements they take."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from fitness.db import runs_import
from fitness.db.connection import transaction
from fitness.db.runs import NewRun
from fitness.db.runs_list import SORTS

LISTS = ("/v1/runs", "/v1/runs/details")


def ids(client, person, path="/v1/runs", **query):
    response = client.get(path, query_string=query, headers=person.headers)
    assert response.status_code == 200, response.json
    return {run["id"] for run in response.json["items"]}


def walk(client, person, path="/v1/runs", **query):
    """Return the pages of a list from the first to the last."""
    pages, cursor = [], {}
    while True:
        page = client.get(path, query_string={**query, **cursor}, headers=person.headers).json
        pages.append(page["items"])
        if page["next_cursor"] is None:
            return pages
        cursor = {"cursor": page["next_cursor"]}


def set_calendar(owner, person, run_id, status):
    owner.execute(
        "INSERT INTO synced_runs (user_id, run_id, run_version, google_event_id, sync_status, error_message) "
        "VALUES (%s, %s, 1, 'event', %s, 'why')",
        [person.user_id, run_id, status],
    )


DAYS = {
    # zone, day, its first instant, the first instant of the next day
    "far east": ("Pacific/Kiritimati", "2025-11-02", "2025-11-01T10:00:00Z", "2025-11-02T10:00:00Z"),
    "far west": ("Pacific/Pago_Pago", "2025-11-02", "2025-11-02T11:00:00Z", "2025-11-03T11:00:00Z"),
    "a day of 25 hours": ("America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
    "a day of 23 hours": ("America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"),
    "a day without midnight": ("Africa/Cairo", "2025-04-25", "2025-04-24T22:00:00Z", "2025-04-25T21:00:00Z"),
    "utc": ("UTC", "2025-11-02", "2025-11-02T00:00:00Z", "2025-11-03T00:00:00Z"),
}


@pytest.mark.parametrize(("zone", "day", "begin", "end"), DAYS.values(), ids=DAYS)
def test_days_are_local_to_the_users_time_zone_or_the_one_asked_for(
    client, make_person, make_run, zone, day, begin, end
):
    resident, guest = make_person("resident", time_zone=zone), make_person("guest", time_zone="Asia/Tokyo")
    first, after = datetime.fromisoformat(begin), datetime.fromisoformat(end)
    instants = {
        "manual_before": first - timedelta(microseconds=1),
        "manual_first": first,
        "manual_last": after - timedelta(microseconds=1),
        "manual_after": after,
    }
    for person, (run_id, instant) in itertools.product((resident, guest), instants.items()):
        make_run(person, id=run_id, datetime_utc=instant)

    for path in LISTS:
        assert ids(client, resident, path, start=day, end=day) == {"manual_first", "manual_last"}
        assert ids(client, guest, path, start=day, end=day, time_zone=zone) == {"manual_first", "manual_last"}
        assert ids(client, resident, path, start=day) == {"manual_first", "manual_last", "manual_after"}
        assert ids(client, resident, path, end=day) == {"manual_first", "manual_last", "manual_before"}


def test_without_any_time_zone_days_are_utc(client, alice, make_run):
    make_run(alice, id="manual_in", datetime_utc="2025-11-02T23:59:59Z")
    make_run(alice, id="manual_out", datetime_utc="2025-11-03T00:00:00Z")

    assert ids(client, alice, start="2025-11-02", end="2025-11-02") == {"manual_in"}


@pytest.fixture
def assorted(client, owner, alice, bob, make_run, make_shoe):
    """Runs that differ in what can be filtered by."""
    for name in ("Ghost", "Ride"):
        make_shoe(alice, name)
    make_run(alice, id="manual_1", shoe_id="ghost")
    make_run(alice, id="strava_2", source="Strava", type="Treadmill Run", shoe_id="ride")
    make_run(alice, id="mmf_3", source="MapMyFitness")
    make_run(alice, id="mmf_4", source="MapMyFitness", type="Treadmill Run", shoe_id="ghost")
    make_run(alice, id="manual_gone", shoe_id="ghost")
    make_run(bob, id="manual_bobs")
    for run_id, status in (("manual_1", "synced"), ("strava_2", "failed"), ("mmf_3", "pending")):
        set_calendar(owner, alice, run_id, status)
    client.delete("/v1/runs/manual_gone", headers=alice.headers)


FILTERS = {
    "": ["manual_1", "mmf_3", "mmf_4", "strava_2"],
    "type=Treadmill Run": ["mmf_4", "strava_2"],
    "source=MapMyFitness": ["mmf_3", "mmf_4"],
    "source=Strava&type=Outdoor Run": [],
    "shoe_id=ghost": ["manual_1", "mmf_4"],
    "shoe_id=unheard_of": [],
    "sync_status=synced": ["manual_1"],
    "sync_status=failed": ["strava_2"],
    "sync_status=pending": ["mmf_3"],
    "sync_status=none": ["mmf_4"],
    "include_deleted=true": ["manual_1", "manual_gone", "mmf_3", "mmf_4", "strava_2"],
    "only_deleted=true": ["manual_gone"],
    "sync_status=none&include_deleted=true": ["manual_gone", "mmf_4"],
    "shoe_id=ghost&type=Treadmill Run&sync_status=none&start=2025-11-02": ["mmf_4"],
    "shoe_id=ghost&end=2025-11-01": [],
}


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize("query", FILTERS)
def test_filters_choose_the_runs(client, alice, query):
    for path in LISTS:
        response = client.get(f"{path}?{query}", headers=alice.headers)

        assert sorted(run["id"] for run in response.json["items"]) == FILTERS[query]


@pytest.mark.usefixtures("assorted")
@pytest.mark.parametrize(
    "query",
    ["type=Walk", "source=strava", "sync_status=lost", "shoe=ghost", "include_deleted=perhaps", "sort_by=id",
     "sort_order=up", "shoe_id="],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused_by_name(client, alice, query):
    response = client.get(f"/v1/runs?{query}", headers=alice.headers)

    assert response.status_code == 422
    assert list(response.json["errors"]) == [query.partition("=")[0]]


def test_details_tell_the_shoe_and_the_state_in_the_calendar(client, owner, alice, make_run, make_shoe):
    make_shoe(alice, "Brooks Ghost 16")
    client.patch(
        "/v1/shoes/brooks_ghost_16",
        json={"retired_at": "2025-12-01", "retirement_notes": "Worn out"},
        headers=alice.headers,
    )
    make_run(alice, id="manual_worn", shoe_id="brooks_ghost_16")
    make_run(alice, id="manual_bare", datetime_utc="2020-01-01T00:00:00Z")
    set_calendar(owner, alice, "manual_worn", "failed")

    worn, bare = client.get("/v1/runs/details", headers=alice.headers).json["items"]

    plain = client.get("/v1/runs/manual_worn", headers=alice.headers).json
    assert {field: worn[field] for field in plain} == plain
    assert {field: worn[field] for field in worn if field not in plain} == {
        "shoes": "Brooks Ghost 16",
        "shoe_retired_at": "2025-12-01",
        "shoe_retirement_notes": "Worn out",
        "sync_status": "failed",
        "synced_at": None,
        "synced_version": 1,
        "google_event_id": "event",
        "sync_error": "why",
        "trimp": None,
    }
    assert {bare[field] for field in bare if field not in plain} == {None}


@pytest.fixture
def many(owner, alice, make_shoe):
    """Runs with ties and gaps in everything that a list can be sorted by."""
    for name in ("alpha", "Bravo", "charlie", "Zulu"):
        make_shoe(alice, name)
    # Two shoes with names that differ in case only sort alike.
    owner.execute("UPDATE shoes SET name = 'ALPHA' WHERE id = 'zulu'")
    dice = random.Random(7)
    new = [
        NewRun(
            id=f"manual_{number}",
            datetime_utc=datetime(2025, 1, dice.randrange(1, 9), tzinfo=UTC),
            type=dice.choice(("Outdoor Run", "Treadmill Run")),
            distance=dice.choice((0.0, 1.0, 2.5, 3.1000000000000001, 26.2, 1e-9)),
            duration=dice.choice((0.0, 600.0, 600.5, 7200.0)),
            source=dice.choice(("Manual", "Strava", "MapMyFitness")),
            avg_heart_rate=dice.choice((None, 140.0, 140.1, 155.0)),
            shoe_id=dice.choice((None, "alpha", "bravo", "charlie", "zulu")),
        )
        for number in range(34)
    ]
    with transaction(alice.user_id):
        runs_import.bulk_create_runs(new)
    return {run.id: run for run in new}


SHOE_NAMES = {"alpha": "alpha", "bravo": "bravo", "charlie": "charlie", "zulu": "alpha", None: None}
KEYS = {
    "date": lambda run: run.datetime_utc,
    "distance": lambda run: run.distance,
    "duration": lambda run: run.duration,
    "pace": lambda run: run.duration / run.distance if run.distance else None,
    "heart_rate": lambda run: run.avg_heart_rate,
    "source": lambda run: run.source,
    "type": lambda run: run.type,
    "shoes": lambda run: SHOE_NAMES[run.shoe_id],
}


def test_every_sort_order_is_one_that_is_tested():
    assert set(SORTS) == set(KEYS)


@pytest.mark.parametrize("sort_by", KEYS)
def test_pages_in_any_order_hold_every_run_once_and_the_unknown_last(client, alice, many, sort_by):
    key = KEYS[sort_by]
    known = [key(run) for run in many.values() if key(run) is not None]
    unknown = [None] * (len(many) - len(known))

    for path, order, limit in (
        ("/v1/runs", "asc", 5),
        ("/v1/runs", "desc", 5),
        ("/v1/runs/details", "asc", 17),
        ("/v1/runs/details", "desc", 4),
    ):
        pages = walk(client, alice, path, sort_by=sort_by, sort_order=order, limit=limit)
        listed = [run["id"] for page in pages for run in page]

        assert {len(page) for page in pages[:-1]} == {limit}
        assert sorted(listed) == sorted(many)
        assert [key(many[run_id]) for run_id in listed] == sorted(known, reverse=order == "desc") + unknown


def test_a_list_that_fits_its_page_exactly_has_no_next_page(client, alice, make_run):
    for _ in range(3):
        make_run(alice)

    assert [len(page) for page in walk(client, alice, limit=3)] == [3]
    assert [len(page) for page in walk(client, alice, limit=2)] == [2, 1]


def test_an_empty_list_is_one_empty_page(client, alice):
    assert client.get("/v1/runs", headers=alice.headers).json == {"items": [], "next_cursor": None}


def test_fifty_runs_newest_first_are_a_page_unless_said_otherwise(client, alice):
    new = [
        NewRun(f"manual_{n}", datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=n), "Outdoor Run", 1.0, 1.0, "Manual")
        for n in range(51)
    ]
    with transaction(alice.user_id):
        runs_import.bulk_create_runs(new)

    pages = walk(client, alice)

    assert [run["id"] for page in pages for run in page] == [f"manual_{n}" for n in range(50, -1, -1)]
    assert [len(page) for page in pages] == [50, 1]


def test_paging_neither_repeats_nor_skips_a_run_when_others_come_and_go(client, alice, make_run):
    for day in range(1, 7):
        make_run(alice, id=f"manual_{day}", datetime_utc=f"2025-01-0{day}T00:00:00Z")
    first = client.get("/v1/runs?limit=3", headers=alice.headers).json
    make_run(alice, id="manual_newest", datetime_utc="2025-02-01T00:00:00Z")
    client.delete("/v1/runs/manual_4", headers=alice.headers)  # where the first page ended

    second = client.get("/v1/runs", query_string={"cursor": first["next_cursor"]}, headers=alice.headers).json

    assert [run["id"] for run in second["items"]] == ["manual_3", "manual_2", "manual_1"]


def test_a_page_may_end_at_a_shoe_of_the_longest_name(client, alice, make_shoe, make_run):
    make_shoe(alice, "👟" * 200)
    for _ in range(3):
        make_run(alice, shoe_id=client.get("/v1/shoes", headers=alice.headers).json["items"][0]["id"])

    assert [len(page) for page in walk(client, alice, sort_by="shoes", limit=1)] == [1, 1, 1]


def test_paging_keeps_the_filters(client, alice, many):
    expected = {run.id for run in many.values() if run.type == "Treadmill Run" and run.shoe_id == "alpha"}

    pages = walk(client, alice, type="Treadmill Run", shoe_id="alpha", sort_by="pace", limit=1)

    assert [len(page) for page in pages] == [1] * len(expected)
    assert {run["id"] for page in pages for run in page} == expected


@pytest.mark.parametrize("path", [*LISTS, "/v1/shoes"])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_none(client, alice, statements, path, request):
    client.get(path, headers=alice.headers)
    for_none = len(statements)
    request.getfixturevalue("many")
    statements.clear()

    response = client.get(path, query_string={"limit": 500} if "runs" in path else {}, headers=alice.headers)

    # Who asks, and the rows.
    assert len(response.json["items"]) >= 4
    assert len(statements) == for_none == 2


def test_runs_are_found_by_text_in_title_and_notes_whatever_its_capitals(client, alice, bob, make_run):
    make_run(alice, id="manual_title", name="Windy 100% loop")
    make_run(alice, id="manual_notes", notes="It was WINDY")
    make_run(alice, id="manual_other", name="Calm")
    make_run(bob, id="manual_bobs", name="windy")

    for path in LISTS:
        assert ids(client, alice, path, q="windy") == {"manual_title", "manual_notes"}
        assert ids(client, alice, path, q="100% l") == {"manual_title"}
        assert ids(client, alice, path, q="w_ndy") == set()


def test_runs_without_a_shoe_are_found(client, alice, make_run, make_shoe):
    make_run(alice, id="manual_shod", shoe_id=make_shoe(alice).id)
    make_run(alice, id="manual_bare")

    assert ids(client, alice, without_shoe=True) == {"manual_bare"}


def test_totals_are_those_of_the_list_with_the_same_filters(client, alice, bob, make_run, make_shoe):
    make_shoe(alice, "Ghost")
    make_run(alice, distance=1.5, duration=600.0, shoe_id="ghost", name="Windy")
    make_run(alice, distance=2.5, duration=900.0, type="Treadmill Run", datetime_utc="2025-11-05T12:00:00Z")
    make_run(bob, distance=9.0)
    deleted = make_run(alice, distance=4.0).id
    client.delete(f"/v1/runs/{deleted}", headers=alice.headers)
    queries = [
        {}, {"q": "windy"}, {"shoe_id": "ghost"}, {"without_shoe": True}, {"type": "Treadmill Run"},
        {"start": "2025-11-05"}, {"end": "2025-11-04"}, {"include_deleted": True}, {"only_deleted": True},
        {"sync_status": "none"}, {"sync_status": "synced"}, {"source": "Strava"}, {"include_duplicates": False},
    ]  # fmt: skip

    for query in queries:
        runs = client.get("/v1/runs", query_string=query, headers=alice.headers).json["items"]
        totals = client.get("/v1/runs/totals", query_string=query, headers=alice.headers).json
        assert totals == {
            "runs": len(runs),
            "distance": sum(run["distance"] for run in runs),
            "duration": sum(run["duration"] for run in runs),
        }, query


def test_totals_are_rounded_as_other_sums(client, alice, make_run):
    for distance, duration in ((1_000, 0.125), (10.000000001, 0.25)):
        make_run(alice, distance=distance, duration=duration)

    totals = client.get("/v1/runs/totals", headers=alice.headers).json

    assert totals == {"runs": 2, "distance": 1010, "duration": 0.38}


@pytest.mark.parametrize("name", ["limit", "cursor", "sort_by", "search"])
def test_totals_take_the_filters_of_the_list_alone(client, alice, name):
    response = client.get("/v1/runs/totals", query_string={name: "1"}, headers=alice.headers)

    assert (response.status_code, list(response.json["errors"])) == (422, [name])
