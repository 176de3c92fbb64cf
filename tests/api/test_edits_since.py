"""Your edits win: what you edited stays when what brought the record is reverted, and when a source says it too."""

import io

import pytest

from tests.samples import ACTIVITIES

HEADING = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
SAME_RUN = ACTIVITIES / "same_run"
GPX, WATCH, STRAVA_ZIP = SAME_RUN / "strava_17405838535.gpx", SAME_RUN / "watch.fit", SAME_RUN / "strava_export.zip"
POLAR, OF_HEALTH = ACTIVITIES / "polar" / "session.json", SAME_RUN / "health_auto_export.json"
TREADMILL = ACTIVITIES / "fit" / "made_treadmill.fit"


@pytest.fixture
def load(call):
    """Import runs (number, miles, shoe); return the report."""

    def load(*runs, query=""):
        rows = [
            f'"May 6, 2025",Run,{miles},1500,{f"Shoes: {shoe}" if shoe else ""},http://x.example/workout/{number}'
            for number, miles, shoe in runs
        ]
        file = (io.BytesIO("\n".join((HEADING, *rows)).encode()), "history.csv")
        return call("POST", f"/mmf/upload-csv{query}", data={"file": file})

    return load


@pytest.fixture
def send(call):
    return lambda path: call("POST", "/imports", data={"file": (io.BytesIO(path.read_bytes()), path.name)})


@pytest.fixture
def revert(call):
    return lambda report: call("POST", f"/changesets/{report['changeset_id']}/revert")


@pytest.fixture
def read(call):
    return lambda path: call("GET", f"/{path}?include_deleted=true")


def named(answer):
    return {(one["noun"], one["id"]): one["fields"] for one in answer["problems"]}


@pytest.mark.parametrize("redone", [False, True])
def test_an_edit_keeps_what_came_back(call, load, revert, read, redone):
    undone = revert(load((1, 3.1, None), (2, 5, None)))
    again = revert(undone) if redone else load((1, 4.2, None), (2, 5, None))
    call("PATCH", "/runs/mmf_1", json={"distance": 9, "name": "Mine"})

    answer = revert(again)

    assert (answer["reverted"], answer["kept"]) == (1, 1)
    assert named(answer) == {("runs", "mmf_1"): ["distance", "name"]}
    assert (read("runs/mmf_1")["deleted_at"], read("runs/mmf_2")["deleted_at"] is None) == (None, False)
    assert load((1, 4.2, None), (2, 5, None))["created"] == 1
    assert (read("runs/mmf_1")["distance"], read("runs/mmf_1")["name"]) == (9, "Mine")


def test_what_came_back_goes_with_the_last_import_of_it(load, revert, read):
    revert(load((1, 3.1, None)))
    again, later = load((1, 4.2, None)), load((1, 4.5, None))

    kept = revert(again)
    assert named(kept) == {("runs", "mmf_1"): ["distance"]}
    assert (read("runs/mmf_1")["deleted_at"], read("runs/mmf_1")["distance"]) == (None, 4.5)
    assert revert(later)["reverted"] == 1
    assert read("runs/mmf_1")["deleted_at"] is not None


def test_what_an_import_says_stays_though_a_later_one_is_reverted(load, revert, read):
    undone = revert(load((1, 3.1, None)))
    again = load((1, 4.2, None))
    revert(undone)

    revert(again)

    assert (read("runs/mmf_1")["deleted_at"], read("runs/mmf_1")["distance"]) == (None, 3.1)


def test_with_force_an_edit_does_not_keep_what_came_back(call, load, revert, read):
    revert(load((1, 3.1, None)))
    again = load((1, 4.2, None))
    call("PATCH", "/runs/mmf_1", json={"name": "Mine"})

    call("POST", f"/changesets/{again['changeset_id']}/revert?force=true")

    assert read("runs/mmf_1")["deleted_at"] is not None


def test_an_edit_keeps_what_a_person_deleted_and_an_import_brought_back(call, load, revert, read):
    load((1, 3.1, None))
    call("DELETE", "/runs/mmf_1")
    returned = load((1, 4.2, None), query="?restore_deleted=true")
    call("PATCH", "/runs/mmf_1", json={"name": "Mine"})

    answer = revert(returned)

    assert ("runs", "mmf_1") in named(answer)
    run = read("runs/mmf_1")
    assert (run["deleted_at"], run["distance"], run["name"]) == (None, 3.1, "Mine")


def test_a_shoe_that_came_back_stays_while_something_uses_it(call, load, revert, read):
    revert(load((1, 3.1, "Ghost"), (2, 5, None)))
    again = load((1, 3.1, "Ghost"), (2, 5, None))
    call("PATCH", "/runs/mmf_2", json={"shoe_id": "ghost"})

    answer = revert(again)

    assert named(answer) == {("runs", "mmf_2"): ["shoe_id"], ("shoes", "ghost"): []}
    assert (read("runs/mmf_1")["deleted_at"] is None, read("shoes/ghost")["deleted_at"]) == (False, None)


@pytest.mark.parametrize("newcomer", [WATCH, POLAR])
def test_a_value_that_a_source_says_too_stays_yours(call, send, revert, read, newcomer):
    send(GPX)
    (run,) = call("GET", "/runs")["items"]
    assert run["duration"] == 2790
    call("PATCH", f"/runs/{run['id']}", json={"duration": 2712})
    joined = send(newcomer)

    answer = revert(joined)

    assert named(answer) == {("runs", run["id"]): ["duration"]}
    assert read(f"runs/{run['id']}")["duration"] == 2712
    revert(answer)
    assert read(f"runs/{run['id']}")["duration"] == 2712


@pytest.mark.parametrize("reverted", [False, True])
def test_a_value_that_its_source_says_later_stays_yours(call, load, revert, read, reverted):
    load((1, 4, None), (2, 5, None))
    call("PATCH", "/runs/mmf_1", json={"distance": 4.2})
    agreed = load((1, 4.2, None), (2, 6, None))
    if reverted:
        revert(agreed)

    report = load((1, 4.5, None), (2, 6, None))

    assert read("runs/mmf_1")["distance"] == 4.2
    assert [(one["id"], one["field"], one["theirs"]) for one in report["conflicts"]] == [("mmf_1", "distance", 4.5)]


def test_a_value_of_the_source_that_you_take_follows_it_again(call, load, read):
    load((1, 4, None))
    call("PATCH", "/runs/mmf_1", json={"distance": 4.2})
    for miles in (4.2, 4.5):
        load((1, miles, None))
    call("POST", "/runs/mmf_1/conflicts/distance", json={"take": "theirs"})

    load((1, 4.7, None))

    assert read("runs/mmf_1")["distance"] == 4.7


def test_a_run_whose_shoe_was_merged_follows_its_source(call, load, read):
    load((1, 4, "Ghost"), (2, 5, "Ride"))
    call("POST", "/shoes/ghost/merge", json={"into": "ride"})
    load((1, 4, "Ride"), (2, 5, "Ride"))

    assert load((1, 4, "Clifton"), (2, 5, "Ride"))["conflicts"] == []

    assert read("runs/mmf_1")["shoe_id"] == "clifton"


@pytest.fixture
def joined(call, send):
    """The reports of a file and an export of one run whose shoe was merged since, and its id."""
    reports = [send(TREADMILL), send(STRAVA_ZIP)]
    id = call("GET", "/runs/strava_16309440012")["id"]
    assert id != "strava_16309440012"
    call("POST", "/shoes/adidas_adizero_sl_gym_pair/merge", json={"into": "brooks_ghost_16"})
    return reports, id


def test_the_export_again_and_its_revert_leave_a_merge_of_shoes(send, revert, read, joined):
    _, id = joined
    again = send(STRAVA_ZIP)
    if again["changeset_id"]:
        revert(again)

    assert read(f"runs/{id}")["shoe_id"] == "brooks_ghost_16"
    assert read("shoes/adidas_adizero_sl_gym_pair")["merged_into"] == "brooks_ghost_16"


def test_a_merged_shoe_goes_with_the_source_that_said_it(revert, read, joined):
    (_, export), id = joined

    answer = revert(export)

    assert answer["problems"] == []
    assert read(f"runs/{id}")["shoe_id"] is None


def test_a_rewind_brings_the_source_back(call, send, revert, read):
    first = send(OF_HEALTH)
    (run,) = call("GET", "/runs?start=2025-11-02&end=2025-11-02")["items"]
    instant = call("POST", "/bookmarks", json={"name": "Then"})["instant"]
    undone = revert(first)
    polar = send(POLAR)
    assert read(f"runs/{run['id']}")["source"] == "Polar"

    rewound = call("POST", "/users/me/rewind", json={"to": instant})
    assert read(f"runs/{run['id']}")["source"] == "Apple Health"
    revert(rewound)
    assert read(f"runs/{run['id']}")["source"] == "Polar"
    revert(polar)
    revert(undone)
    assert read(f"runs/{run['id']}")["source"] == "Apple Health"
