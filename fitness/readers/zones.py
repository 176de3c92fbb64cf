"""Time zones as files and providers name them; what no zone can be is none. Pure."""

from datetime import timedelta

from fitness.readers.records import Zone, ZoneSource
from fitness.times import is_time_zone, offset_name


def of_offset(offset: timedelta | None, source: ZoneSource = "file") -> Zone | None:
    """Return the zone of an offset from UTC; None for none, and for one that no zone has."""
    name = None if offset is None else offset_name(offset)
    return Zone(name, source) if name else None


def of_name(name: str | None, source: ZoneSource = "file") -> Zone | None:
    """Return the zone of an IANA name; None for none, and for a name that is not known."""
    return Zone(name, source) if name and is_time_zone(name) else None
