"""Local days and instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1024)
def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def day_bounds(start: date | None, end: date | None, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the start of the local day `start` and the end of the local day `end`, as UTC instants."""
    return (
        start and _midnight(start, time_zone),
        end and _midnight(end + timedelta(days=1), time_zone),
    )
