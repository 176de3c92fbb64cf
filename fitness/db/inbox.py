"""The inbox: what waits for a decision of the person."""

from dataclasses import dataclass

from fitness.db import calendar, duplicates
from fitness.db.history import conflicts


@dataclass(frozen=True, slots=True)
class Inbox:
    """How many fields are in conflict, runs may be duplicates, and records could not be sent to the calendar."""

    conflicts: int
    duplicates: int
    failed_calendar_syncs: int


def get_inbox(*, time_zone: str) -> Inbox:
    """Return what waits; duplicates are found by local days in `time_zone`."""
    return Inbox(
        conflicts.count_conflicts(),
        duplicates.count_suggestions(time_zone=time_zone),
        calendar.count_failed(),
    )
