"""Queries of statistics of runs: what makes no sense is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.training import (
    FAR_EAST,
    FAR_WEST,
    METRICS,
    Run,
)

ALL = [*(f"/v1/metrics/{metric}" for metric in METRICS), "/v1/summary"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=2025-11-02&end=2025-11-01", "end"),
        ("start=2025-01-01&end=12025-01-01", "end"),
        ("start=0000-01-01", "start"),
        ("start=0001-01-01&end=2025-01-01", "start"),
        ("start=-44-03-15", "start"),
        ("end=9999-12-31", "end"),
        ("end=yesterday", "end"),
        ("time_zone=Mars/Olympus", "time_zone"),
        ("time_zone=", "time_zone"),
        ("type=Swim", "type"),
        ("source=Suunto", "source"),
        ("shoe=ghost", "shoe"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_name(client, alice, query, field):
    for path in (*ALL, "/v1/timeline"):
        response = client.get(f"{path}?{query}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, [field]), path


def test_a_hundred_years_are_a_range_and_more_are_none(client, alice):
    for path in ALL:
        hundred, more = (
            client.get(f"{path}?start=1925-01-01&end={end}", headers=alice.headers)
            for end in ("2024-12-31", "2025-12-31")
        )

        assert hundred.status_code == 200
        assert (more.status_code, list(more.json["errors"])) == (422, ["end"])


def test_a_range_with_an_open_end_reaches_to_today(client, alice):
    for path in ALL:
        for query in ("start=1900-01-01", "end=2199-12-31"):
            response = client.get(f"{path}?{query}", headers=alice.headers)

            assert (response.status_code, list(response.json["errors"])) == (422, [query[:-11]])


def test_a_window_is_from_a_day_to_ten_years(client, alice):
    for window in ("0", "-1", "3651", "100000", "1.5", "week", ""):
        response = client.get(f"/v1/metrics/mileage/rolling-by-day?window={window}", headers=alice.headers)

        assert (response.status_code, list(response.json["errors"])) == (422, ["window"])


@pytest.mark.parametrize("zone", [FAR_EAST, FAR_WEST, "Europe/Berlin"])
def test_the_first_and_the_last_days_there_are_can_be_asked_for(get, zone):
    for day in ("1900-01-01", "2199-12-31"):
        query = {"start": day, "end": day, "time_zone": zone}

        assert [one["date"] for one in get("mileage/by-day", **query)["days"]] == [day]
        assert [one["date"] for one in get("training-load/by-day", **query)["days"]] == [day]
        assert len(get("mileage/rolling-by-day", window=3650, **query)["days"]) == 1


def test_metrics_take_as_many_statements_for_many_runs_as_for_none(get, alice, run_log, statements):
    def count(path):
        statements.clear()
        get(path)
        return len(statements)

    for_none = [count(path) for path in METRICS]
    noon = datetime(2025, 11, 2, 12, tzinfo=UTC)
    run_log(alice, [Run(noon - timedelta(days=n), shoe="Ghost", avg_heart_rate=150) for n in range(60)])

    assert [count(path) for path in METRICS] == for_none
    assert max(for_none) <= 4
