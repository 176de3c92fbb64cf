"""Read the sessions of Google Fit in a Takeout, one JSON file each: bytes in; an activity, or what is broken, out.

A session has its sport, start, end and sums. Nothing shows whether a walk was recorded or detected.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from fitness.readers import jsons
from fitness.readers.activity import Activity, Contents
from fitness.readers.reader import activity_reader
from fitness.readers.sports import sport_of
from fitness.readers.tracks import number_of, time_of
from fitness.readers.values import is_number

SOURCE = "Google Fit"
_DISTANCE, _CALORIES, _HEART_RATE = (
    f"com.google.{name}" for name in ("distance.delta", "calories.expended", "heart_rate.summary")
)
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")


def read(data: bytes) -> Contents:
    """Return the activity of a session. Raises UnreadableFile for a file that is no JSON."""
    session = jsons.read(data)
    start, end = time_of(jsons.text(session.get("startTime"))), time_of(jsons.text(session.get("endTime")))
    if start is None:
        return Contents(problems=["A session without a start."])
    sport, sub_sport = sport_of(jsons.text(session.get("fitnessActivity")))
    written = _SECONDS.fullmatch(jsons.text(session.get("duration")) or "")
    sums = _sums(session)
    return Contents(
        [
            Activity(
                start,
                sport,
                sub_sport,
                distance=sums.get(_DISTANCE),
                moving_seconds=number_of(written[1]) if written else None,
                elapsed_seconds=(end - start).total_seconds() if end and end >= start else None,
                avg_heart_rate=sums.get(_HEART_RATE),
                calories=sums.get(_CALORIES),
            )
        ]
    )


def _sums(session: Mapping[str, Any]) -> dict[str, float]:
    """Return {name: value} of the sums of a session."""
    found = session.get("aggregate")
    sums: dict[str, float] = {}
    for one in found if isinstance(found, list) else []:
        value = one.get("floatValue", one.get("intValue")) if isinstance(one, dict) else None
        if is_number(value):
            sums[str(one.get("metricName"))] = float(value)
    return sums


READER = activity_reader(
    SOURCE,
    "a session of Google Fit (JSON)",
    partial(jsons.recognise, keys=(b"fitnessActivity", b"startTime"), file="a session of Google Fit"),
    read,
    most_bytes=jsons.MOST_BYTES,
)
