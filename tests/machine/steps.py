"""What a person, their files and their provider may do next: small choices, so that steps meet in the same records."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

RUN_IDS = (1, 2, 3)

DAYS = st.sampled_from(["2025-05-06", "2025-05-07"])
MILES = st.sampled_from([3, 4, 5.25])
NOTES = st.sampled_from(["Mine", "Windy", None])
HOURS = st.sampled_from(["07:00", "08:30"])

CREATED: dict[str, SearchStrategy[dict[str, Any]]] = {
    "runs": st.fixed_dictionaries(
        {
            "datetime_utc": st.builds("{}T{}:00Z".format, DAYS, HOURS),
            "type": st.sampled_from(["Outdoor Run", "Treadmill Run"]),
            "distance": MILES,
            "duration": st.just(1500),
        }
    ),
    "shoes": st.fixed_dictionaries({"name": st.sampled_from(["Ghost", "Ride", "Own"])}),
    "exercises": st.fixed_dictionaries({"name": st.sampled_from(["My Lift", "Own Lift"])}),
    "workouts": st.fixed_dictionaries(
        {
            "workout_type": st.just("STRENGTH"),
            "start_ts": st.builds("{}T{}:00Z".format, DAYS, HOURS),
            "title": st.sampled_from(["Legs", None]),
            "in_progress": st.booleans(),
            "strength_sets": st.lists(
                st.fixed_dictionaries(
                    {
                        "exercise_name": st.sampled_from(["Squat", "My Lift"]),
                        "weight": st.sampled_from([100, 105]),
                        "reps": st.just(5),
                    }
                ),
                max_size=2,
            ),
        }
    ),
    "planned-workouts": st.fixed_dictionaries(
        {
            "title": st.sampled_from(["Tempo", "Long"]),
            "workout_type": st.just("Run"),
            "originally_planned_day": st.sampled_from(["2025-11-03", "2025-11-04"]),
        }
    ),
}
"""The body of a POST, by noun."""

EDITS: dict[str, SearchStrategy[dict[str, Any]]] = {
    "runs": st.one_of(
        st.fixed_dictionaries({"distance": MILES}),
        st.fixed_dictionaries({"name": NOTES, "notes": NOTES}),
        st.fixed_dictionaries({"shoe_id": st.sampled_from(["ghost", "ride", None])}),
    ),
    "shoes": st.one_of(
        st.fixed_dictionaries({"notes": NOTES}),
        st.fixed_dictionaries({"retired_at": st.sampled_from(["2025-06-01", None])}),
    ),
    "exercises": st.fixed_dictionaries({"notes": NOTES}),
    "workouts": st.fixed_dictionaries({"notes": NOTES, "title": st.sampled_from(["Legs", "Push", None])}),
    "planned-workouts": st.fixed_dictionaries({"description": st.sampled_from(["Easy", "Mine", None])}),
}
"""The body of a PATCH, by noun."""

BULK_EDITS: dict[str, SearchStrategy[dict[str, Any]]] = {
    "runs": st.one_of(
        st.fixed_dictionaries({"name": NOTES}), st.fixed_dictionaries({"shoe_id": st.sampled_from(["ghost", None])})
    ),
    "shoes": EDITS["shoes"],
    "workouts": EDITS["workouts"],
    "planned-workouts": EDITS["planned-workouts"],
}
"""The changes of a bulk edit, by noun."""

ROWS: dict[str, SearchStrategy[str]] = {
    "runs": st.builds(
        '"May {}, 2025",Run,{},1500,{},http://x.example/workout/{}'.format,
        st.sampled_from([6, 7]), MILES, st.sampled_from(["", "Shoes: Ghost", "Shoes: Ride"]), st.sampled_from(RUN_IDS),
    ),
    "workouts": st.builds(
        '"{}","12 Mar 2025, 07:00","12 Mar 2025, {}","{}","{}","","",{},"normal",{},5,"","",""'.format,
        st.sampled_from(["Legs", "Push"]), st.sampled_from(["08:00", "08:30"]), st.sampled_from(["", "Good"]),
        st.sampled_from(["Squat", "My Lift"]), st.sampled_from([0, 1]), st.sampled_from([80, 82.5]),
    ),
    "planned-workouts": st.builds(
        '"{}","Run","{}","{}","2025-11-03"'.format,
        st.sampled_from(["Tempo", "Long"]), st.sampled_from(["", "Easy"]), st.sampled_from([1, 2]),
    ),
}  # fmt: skip
"""A row of a file, by noun."""

SELECTIONS: SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"userNotes": NOTES}),
    st.fixed_dictionaries({"currentPlanDay": st.sampled_from(["2025-11-05", None])}),
    st.fixed_dictionaries({"isSelected": st.booleans()}),
    st.fixed_dictionaries({"timeOfDay": st.sampled_from(["morning", None]), "workoutLocation": st.just("Track")}),
)
"""Changes of a selection."""

AT_STRAVA = st.fixed_dictionaries(
    {
        "day": DAYS,
        "miles": MILES,
        "name": st.sampled_from(["Lunch", "Lake"]),
        "sport": st.sampled_from(["Run", "Run", "Ride"]),
        "gear_id": st.sampled_from([None, "g1", "g2"]),
    }
)
AT_HEVY = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Legs", "Push"]),
        "weight_kg": st.sampled_from([80, 82.5]),
        "exercises": st.sampled_from([["Squat"], ["My Lift"], ["Squat", "My Lift"]]),
    }
)


def changes_at(provider: str) -> SearchStrategy[list[tuple[str, int, dict[str, Any] | None]]]:
    """Return what happens at a provider between two syncs: activities that appear, change or are deleted there."""
    like = AT_STRAVA if provider == "strava" else AT_HEVY
    one = st.tuples(st.just(provider), st.sampled_from([1, 2, 3]), st.one_of(like, like, st.none()))
    return st.lists(one, max_size=3)


PROVIDERS = st.sampled_from(["strava", "hevy"])

SYNCS: SearchStrategy[tuple[str, list[tuple[str, int, dict[str, Any] | None]]]] = PROVIDERS.flatmap(
    lambda provider: st.tuples(st.just(provider), changes_at(provider))
)
"""A provider, and what happened there since the last sync."""

MARKED = {"runs": "run_id", "workouts": "workout_id", "planned-workouts": "planned_workout_id"}
"""Nouns whose records may be duplicates → the name of their id."""

NOUNS = st.sampled_from(sorted(CREATED))


def files() -> SearchStrategy[tuple[str, list[str]]]:
    """Return files as (noun, rows)."""
    return st.sampled_from(sorted(ROWS)).flatmap(
        lambda noun: st.tuples(st.just(noun), st.lists(ROWS[noun], min_size=1, max_size=4))
    )


def bodies(of: dict[str, SearchStrategy[dict[str, Any]]]) -> SearchStrategy[tuple[str, dict[str, Any]]]:
    """Return requests as (noun, body)."""
    return st.sampled_from(sorted(of)).flatmap(lambda noun: st.tuples(st.just(noun), of[noun]))
