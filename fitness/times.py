"""Local days, instants, and time zones."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from fitness.ranges import FIRST_YEAR, LAST_YEAR

FARTHEST_OFFSET = timedelta(hours=14)
"""How far from UTC the time of a zone may be."""
_OFFSET = re.compile(r"[+-]([0-9]{2}):([0-5][0-9])")


@cache
def _time_zones() -> set[str]:
    """Return the zones that PostgreSQL knows too; "localtime" exists only on this machine."""
    return available_timezones() - {"localtime"}


def is_time_zone(name: str) -> bool:
    """Return whether there is a time zone of this name."""
    return name in _time_zones()


def is_offset(written: str) -> bool:
    """Return whether a text is an offset from UTC as `offset_name` writes it."""
    found = _OFFSET.fullmatch(written)
    return found is not None and timedelta(hours=int(found[1]), minutes=int(found[2])) <= FARTHEST_OFFSET


def offset_name(offset: timedelta) -> str | None:
    """Return an offset from UTC as text, such as +05:30; None for one that no zone has."""
    minutes, rest = divmod(abs(offset), timedelta(minutes=1))
    if rest or abs(offset) > FARTHEST_OFFSET:
        return None
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"


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
