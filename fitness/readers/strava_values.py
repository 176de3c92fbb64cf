"""Check and convert values that Strava's API and exports share."""

import re

from fitness.ranges import FASTEST_HEART, LONGEST_NAME, LONGEST_NOTE, SLOWEST_HEART
from fitness.readers.values import text
from fitness.units import METRES_PER_MILE

SOURCE = "Strava"
_UPLOAD = re.compile(r"([0-9]{1,18})\.[A-Za-z0-9.]+")


def id_of_run(activity_id: int) -> str:
    """Return our run id for a Strava activity id; the API and the exports have the same activity ids."""
    return f"strava_{activity_id}"


def activity_id_of(run_id: str) -> int:
    """Return the Strava activity id of a run id."""
    return int(run_id.removeprefix("strava_"))


def upload_id_of(filename: str) -> str | None:
    """Return the id of the upload of a file of an export, such as activities/17405838535.fit.gz; None for others."""
    found = _UPLOAD.fullmatch(filename, filename.rfind("/") + 1)
    return found and found[1]


def keys_of(activity_id: int, filename: str) -> tuple[str, ...]:
    """Return the names of an activity that no other one has, in the words of ParsedRun.keys."""
    key, upload_id = f"strava:{activity_id}", upload_id_of(filename)
    return (key, f"strava_upload:{upload_id}") if upload_id else (key,)


def title(value: object, name: str) -> str | None:
    """Return the name of a run; a name that is too long is cut, which is better than losing the run."""
    found = text(value, name, LONGEST_NOTE)
    return f"{found[: LONGEST_NAME - 1]}…" if found and len(found) > LONGEST_NAME else found


def miles(metres: float) -> float:
    """Convert metres to miles, rounded to 0.1 m as in the API, as exports have more digits."""
    return round(round(metres, 1) / METRES_PER_MILE, 9)


def heart_rate(beats_per_minute: float) -> float | None:
    """Return a heart rate with one decimal, as in the API; None if it is implausible, such as 0."""
    return round(beats_per_minute, 1) if SLOWEST_HEART <= beats_per_minute <= FASTEST_HEART else None
