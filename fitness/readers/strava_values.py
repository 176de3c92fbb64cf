"""The values of a Strava activity that its API and its exports share: checked, and in our units."""

from fitness.ranges import FASTEST_HEART, LONGEST_NAME, LONGEST_NOTE, SLOWEST_HEART
from fitness.readers.values import text
from fitness.units import METRES_PER_MILE


def id_of_run(activity_id: int) -> str:
    """Return our id of the run that Strava calls `activity_id`, in its API and its exports alike."""
    return f"strava_{activity_id}"


def activity_id_of(run_id: str) -> int:
    """Return what Strava calls a run of ours."""
    return int(run_id.removeprefix("strava_"))


def title(value: object, name: str) -> str | None:
    """Return the name of a run; one that is too long for ours is cut, which is better than to lose the run."""
    found = text(value, name, LONGEST_NOTE)
    return f"{found[: LONGEST_NAME - 1]}…" if found and len(found) > LONGEST_NAME else found


def miles(metres: float) -> float:
    """Return metres in miles; rounded to decimetres, as in the API, so that exports, which say more, say the same."""
    return round(round(metres, 1) / METRES_PER_MILE, 9)


def heart_rate(beats_per_minute: float) -> float | None:
    """Return a heart rate with the one decimal of the API; None for one that no heart has, such as 0."""
    return round(beats_per_minute, 1) if SLOWEST_HEART <= beats_per_minute <= FASTEST_HEART else None
