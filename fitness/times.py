"""Local days and instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from fitness.ranges import FIRST_YEAR, LAST_YEAR


@lru_cache(maxsize=1024)
def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(time_zone)).astimezone(UTC)


def day_bounds(start: date | None, end: date | None, time_zone: str) -> tuple[datetime | None, datetime | None]:
    """Return the start of the local day `start` and the end of the local day `end`, as UTC instants."""
    return (
        start and _midnight(start, time_zone),
        end and _midnight(end + timedelta(days=1), time_zone),
    )


@lru_cache(maxsize=1024)
def skipped_days(time_zone: str) -> tuple[date, ...]:
    """Return the local days that a zone has skipped: 2011-12-30 in Apia, which moved across the date line.

    Four weeks in which its clocks were put forward by about a day are searched for the day that never began.
    """
    zone, weeks = ZoneInfo(time_zone), 4
    first = datetime(FIRST_YEAR, 1, 1, 12, tzinfo=zone)
    noons = [first + timedelta(weeks=week) for week in range(0, (LAST_YEAR - FIRST_YEAR + 1) * 53, weeks)]
    offsets = [noon.utcoffset() or timedelta() for noon in noons]
    skipping = [
        noon for noon, before, after in zip(noons, offsets, offsets[1:], strict=False) if after - before > _MOST
    ]
    searched = [noon + timedelta(days=day) for noon in skipping for day in range(7 * weeks)]
    return tuple(noon.date() for noon in searched if noon.astimezone(UTC).astimezone(zone).date() != noon.date())


_MOST = timedelta(hours=20)
"""More than the clocks of any zone were ever put forward without skipping a day."""
