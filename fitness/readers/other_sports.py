"""Activities other than runs, of providers that send both: they become workouts with a cardio session."""

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from fitness.readers.hevy_values import NAMESPACE
from fitness.readers.records import ParsedCardio, ParsedWorkout, Zone

_NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def workout_id_of(source: str, external_id: str) -> UUID:
    """Return our workout id of a provider's activity."""
    return uuid5(NAMESPACE, f"{source.lower()}:{external_id}")


def sport_name(written: str) -> str:
    """Return a sport as people write it: Strava's API says VirtualRide and EBikeRide, its website Virtual Ride, …."""
    return re.sub(r"^E (?=\w)", "E-", " ".join(_NEXT_WORD.sub(" ", written).split()))


def workout_of(
    row: int,
    source: str,
    external_id: str,
    sport: str,
    start: datetime,
    *,
    seconds: float,
    elapsed_seconds: float | None = None,
    miles: float | None,
    heart_rate: float | None,
    title: str | None,
    notes: str | None,
    lifting: bool = False,
    remark: str | None = None,
    unsaid: frozenset[str] = frozenset(),
    time_zone: Zone | None = None,
) -> ParsedWorkout:
    """Return the workout of an activity: of type CARDIO, or STRENGTH without sets if it is `lifting`.

    A distance or duration of 0 means that there is none. Without elapsed seconds, the end is unknown.
    """
    return ParsedWorkout(
        row,
        workout_id_of(source, external_id),
        external_id,
        title,
        start,
        start + timedelta(seconds=elapsed_seconds) if elapsed_seconds else None,
        notes,
        (),
        remark=remark,
        workout_type="STRENGTH" if lifting else "CARDIO",
        cardio_session=None if lifting else ParsedCardio(sport_name(sport), miles or None, seconds or None, heart_rate),
        unsaid=unsaid,
        time_zone=time_zone,
    )
