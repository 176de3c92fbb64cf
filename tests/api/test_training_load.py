"""Training load over HTTP, against a plain computation in Python of the same random runs."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training import (
    FILTERS,
    RANGES,
    RUN_LOGS,
    ZONES,
    Run,
    at_random,
    close,
    counted_runs,
    days_between,
    last_day,
    query_of,
    store_runs,
)

NOON = datetime(2025, 11, 3, 12, tzinfo=UTC)
PROFILES = st.fixed_dictionaries(
    {
        "sex": st.sampled_from([None, "female", "male"]),
        "max_heart_rate": st.sampled_from([None, 185, 185, 192]),
        "resting_heart_rate": st.sampled_from([None, 48, 48, 60]),
        "lactate_threshold_heart_rate": st.sampled_from([None, 168, 168, 60, 240]),
    }
)


@pytest.fixture
def say(owner: psycopg.Connection) -> Callable[..., None]:
    """Set the profile of everybody, and store runs of a person instead of those of before."""

    def store(person: Any, runs: list[Run], **profile: Any) -> None:
        with owner.transaction():
            owner.execute(
                """
                UPDATE users
                SET sex = %(sex)s, max_heart_rate = %(max_heart_rate)s, resting_heart_rate = %(resting_heart_rate)s,
                    lactate_threshold_heart_rate = %(lactate_threshold_heart_rate)s
                """,
                {
                    "sex": "male",
                    "max_heart_rate": 190,
                    "resting_heart_rate": 50,
                    "lactate_threshold_heart_rate": 169,
                    **profile,
                },
            )
            store_runs(owner, person, runs)

    return store


@pytest.fixture
def get(client, alice):
    def ask(path="training-load", **query):
        response = client.get(f"/v1/metrics/{path}/by-day", query_string=query or None, headers=alice.headers)
        assert response.status_code == 200, response.json
        return response.json

    return ask


def banister(minutes: float, heart_rate: float | None, profile: dict[str, Any]) -> float:
    """Return the TRIMP of a run; without a heart rate it has none."""
    if heart_rate is None:
        return 0
    reserve = (heart_rate - profile["resting_heart_rate"]) / (profile["max_heart_rate"] - profile["resting_heart_rate"])
    reserve = min(max(reserve, 0), 1)
    man, woman = 0.64 * math.exp(1.92 * reserve), 0.86 * math.exp(1.67 * reserve)
    return minutes * reserve * {"male": man, "female": woman, None: (man + woman) / 2}[profile["sex"]]


def expected_load(
    runs: list[Run],
    zone: str,
    days: tuple[date | None, date | None],
    profile: dict[str, Any],
    **filters: str,
) -> dict[str, Any]:
    start, end = days
    highest, resting, threshold = (profile[f"{name}_heart_rate"] for name in ("max", "resting", "lactate_threshold"))
    missing = [field for field in ("max_heart_rate", "resting_heart_rate") if profile[field] is None]
    estimated = ["sex"] if profile["sex"] is None else []
    if missing:
        threshold = None
    elif threshold is None or threshold > highest or threshold <= resting:
        threshold = resting + 0.85 * (highest - resting)
        estimated.append("lactate_threshold_heart_rate")
    counted = counted_runs(runs, zone, None, end, **filters)
    ran = [run.day(zone) for run in counted]
    first = min([*ran, start or date.max])
    last = last_day(ran, zone, end) if ran or start else date.min
    series, atl, ctl = [], 0.0, 0.0
    for day in days_between(first, last):
        row: dict[str, Any] = dict.fromkeys(("hr_tss", "trimp", "atl", "ctl", "tsb"))
        if not missing:
            trimp = sum(
                banister(run.duration / 60, run.avg_heart_rate, profile) for run in counted if run.day(zone) == day
            )
            hr_tss = 100 * trimp / banister(60, threshold, profile)
            form = ctl - atl
            atl, ctl = atl + (hr_tss - atl) / 7, ctl + (hr_tss - ctl) / 42
            row = {"hr_tss": hr_tss, "trimp": trimp, "atl": atl, "ctl": ctl, "tsb": form}
        if start is None or day >= start:
            series.append({"date": str(day), **row})
    return {
        "missing": missing,
        "estimated": estimated,
        "lactate_threshold_heart_rate": threshold,
        "runs_without_heart_rate": sum(
            run.avg_heart_rate is None for run in counted if start is None or run.day(zone) >= start
        ),
        "days": series,
    }


def test_load_is_that_of_a_plain_computation(get, alice, bob, say):
    @at_random
    @given(RUN_LOGS, RUN_LOGS, ZONES, RANGES, FILTERS, PROFILES)
    def check(runs, bobs, zone, days, filters, profile):
        say(bob, bobs)
        say(alice, runs, **profile)
        query = {**query_of(zone, *days), **filters}

        load, trimp = get(**query), get("trimp", **query)

        expected = expected_load(runs, zone, days, profile, **filters)
        assert close(load, expected), (load, expected)
        # Without what only hrTSS needs, and from the first run of these days on.
        assert trimp["estimated"] == [field for field in expected["estimated"] if field == "sex"]
        first = trimp["days"][0]["date"] if trimp["days"] else "9999"
        assert close(
            trimp["days"],
            [{"date": day["date"], "trimp": day["trimp"]} for day in expected["days"] if day["date"] >= first],
        )
        assert not any(day["trimp"] for day in expected["days"] if day["date"] < first)
        assert trimp["runs_without_heart_rate"] == expected["runs_without_heart_rate"]

    check()


def test_an_hour_at_the_threshold_is_100(get, alice, say):
    for sex in ("male", "female", None):
        say(alice, [Run(NOON, duration=3600, avg_heart_rate=169)], sex=sex)

        (day,) = get(end="2025-11-03")["days"]

        assert day["hr_tss"] == pytest.approx(100)
        assert (day["atl"], day["ctl"], day["tsb"]) == (pytest.approx(100 / 7), pytest.approx(100 / 42), 0)


@pytest.mark.parametrize(("sex", "trimp"), [("male", 72.9104), ("female", 84.3265), (None, 78.6185)])
def test_trimp_is_weighted_by_sex(get, alice, say, sex, trimp):
    say(alice, [Run(NOON, duration=3600, avg_heart_rate=134)], sex=sex)

    (day,) = get("trimp", end="2025-11-03")["days"]

    # 60 minutes at 0.6 of the reserve.
    assert day["trimp"] == pytest.approx(trimp, abs=0.0001) == get()["days"][0]["trimp"]


@pytest.mark.parametrize("sex", ["male", "female", None])
def test_the_trimp_of_each_run_is_listed_and_sorted_by_and_adds_up_to_the_days(client, get, alice, say, sex):
    rates = [134, None, 171, 50]
    say(
        alice,
        [Run(NOON + timedelta(hours=n), duration=1800, avg_heart_rate=rate) for n, rate in enumerate(rates)],
        sex=sex,
    )

    def pages(order: str) -> list[float | None]:
        found, cursor = [], {}
        while cursor is not None:
            query = {"sort_by": "trimp", "sort_order": order, "limit": 1, **cursor}
            page = client.get("/v1/runs/details", query_string=query, headers=alice.headers).json
            found += [run["trimp"] for run in page["items"]]
            cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
        return found

    rising = pages("asc")
    known = [trimp for trimp in rising if trimp is not None]
    assert rising == [*sorted(known), None]
    assert pages("desc") == [*reversed(known), None]
    assert sum(known) == pytest.approx(get("trimp")["days"][0]["trimp"])
    assert known[0] == 0


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        ({"max_heart_rate": None}, ["max_heart_rate"]),
        ({"resting_heart_rate": None}, ["resting_heart_rate"]),
        ({"max_heart_rate": None, "resting_heart_rate": None}, ["max_heart_rate", "resting_heart_rate"]),
    ],
)
def test_what_the_profile_lacks_is_named_and_loads_are_unknown(client, get, alice, say, profile, missing):
    say(alice, [Run(NOON, avg_heart_rate=150), Run(NOON + timedelta(days=2))], **profile)

    load, trimp = get(end="2025-11-05"), get("trimp", end="2025-11-05")
    listed = client.get("/v1/runs/details?sort_by=trimp", headers=alice.headers).json["items"]

    assert [run["trimp"] for run in listed] == [None, None]
    unknown = dict.fromkeys(("hr_tss", "trimp", "atl", "ctl", "tsb"))
    assert load["missing"] == trimp["missing"] == missing
    assert load["days"] == [{"date": f"2025-11-0{day}", **unknown} for day in (3, 4, 5)]
    assert trimp["days"] == [{"date": f"2025-11-0{day}", "trimp": None} for day in (3, 4, 5)]
    assert load["runs_without_heart_rate"] == trimp["runs_without_heart_rate"] == 1


def test_a_resting_heart_rate_above_the_maximum_is_refused_and_loads_stay(client, get, alice, say):
    say(alice, [Run(NOON, avg_heart_rate=150)])
    before = get()

    for resting in (190, 150, 200):
        profile = {"resting_heart_rate": resting, "max_heart_rate": 150}
        answer = client.patch("/v1/users/me", json=profile, headers=alice.headers)

        assert (answer.status_code, set(answer.json["errors"])) == (422, {"resting_heart_rate"})
    assert get() == before


def test_heart_rates_beyond_resting_and_maximum_count_as_these(get, alice, say):
    rates = (20, 50, 190, 300)
    say(alice, [Run(NOON + timedelta(days=n), avg_heart_rate=rate) for n, rate in enumerate(rates)])

    below, resting, highest, above = (day["trimp"] for day in get("trimp", end="2025-11-06")["days"])

    assert below == resting == 0
    assert above == highest == pytest.approx(40 * 0.64 * math.exp(1.92))


def test_averages_neither_overflow_nor_jump_over_a_lifetime(get, alice, say):
    every_day = [Run(NOON + timedelta(days=n), duration=3600, avg_heart_rate=169) for n in range(400)]
    long_ago = Run(datetime(1900, 1, 1, 12, tzinfo=UTC), duration=3600, avg_heart_rate=169)
    say(alice, [long_ago, *every_day])

    last = NOON + timedelta(days=399)
    days = get(end=last.date())["days"]

    assert len(days) == (NOON.date() - date(1900, 1, 1)).days + 400
    assert days[0]["atl"] == pytest.approx(100 / 7)
    assert (days[-1]["atl"], days[-1]["ctl"]) == (pytest.approx(100), pytest.approx(100, rel=1e-3))
    assert get(start=last.date(), end=last.date())["days"] == days[-1:]
