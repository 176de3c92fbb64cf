"""What a person has at Strava and at Hevy, which the steps of the machine change: the stand-ins of both."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from tests.connecting import connect
from tests.machine.log import Log
from tests.standins.hevy import HevyStandIn, made_set, made_workout
from tests.standins.strava import StravaStandIn, make_activity, make_gear

NAMESPACE = UUID("00000000-0000-4000-8000-00000000c001")
METRES_PER_MILE = 1609.344

Change = tuple[str, int, dict[str, Any] | None]
"""A provider, the number of one of its activities or workouts, and what that is like from now on; None: it is gone."""


class Providers:
    """The accounts of one person at a time."""

    def __init__(self, strava: StravaStandIn, hevy: HevyStandIn) -> None:
        self.strava, self.hevy = strava, hevy
        self.there: set[tuple[str, int]] = set()
        strava.limits = strava.read_limits = (10**9, 10**9)
        strava.add_gear(make_gear("g1", "Ghost"), make_gear("g2", "Ride"))

    def begin(self, log: Log) -> None:
        """Connect a person who has nothing at the providers yet."""
        self.there.clear()
        self.hevy.clear()
        self.strava.athlete_id += 1
        connect(log.client, log.person.headers)
        log.call("PUT", "/oauth/hevy/key", json={"key": self.hevy.key})
        log.last = None  # no call that takes a key for repeats

    def apply(self, change: Change) -> None:
        """Let an activity or workout be as it is said, or be gone."""
        provider, number, like = change
        if like is None and (provider, number) not in self.there:
            return
        if provider == "strava":
            self._at_strava(number, like)
        else:
            self._at_hevy(number, like)
        (self.there.discard if like is None else self.there.add)((provider, number))

    def _at_strava(self, number: int, like: dict[str, Any] | None) -> None:
        athlete_id = self.strava.athlete_id
        if like is None:
            self.strava.remove(make_activity(number)["id"], athlete_id)
            return
        sport, metres = like["sport"], like["miles"] * METRES_PER_MILE
        activity = make_activity(
            number,
            athlete={"id": athlete_id, "resource_state": 1},
            start_date=f"{like['day']}T07:0{number}:00Z",
            name=like["name"],
            type=sport,
            sport_type=sport,
            distance=metres,
            moving_time=1500,
            elapsed_time=1500,
            gear_id=like["gear_id"],
        )
        self.strava.add(activity, athlete_id=athlete_id)

    def _at_hevy(self, number: int, like: dict[str, Any] | None) -> None:
        workout_id, now = str(uuid5(NAMESPACE, str(number))), datetime.now(UTC).isoformat()
        if like is None:
            self.hevy.delete(workout_id, now)
            return
        exercises = [
            {
                "index": index,
                "title": name,
                "notes": "",
                "exercise_template_id": f"0000000{name[0]}",
                "superset_id": None,
                "sets": [made_set(index=0, weight_kg=like["weight_kg"], reps=5)],
            }
            for index, name in enumerate(like["exercises"])
        ]
        start = datetime(2025, 3, 12 + number, 7, tzinfo=UTC)
        self.hevy.put(made_workout(workout_id, start, exercises, title=like["title"], updated_at=now))
