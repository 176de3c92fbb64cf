"""Days and times of day as files write them, in several languages; where the order of the numbers is not sure, none."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from fitness.caches import kept_by_text
from fitness.ranges import FIRST_YEAR, LAST_YEAR

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar ene enero janv janvier januari 1월",
            "feb february februar febrero févr février februari 2월",
            "mar march mär märz marzo mars mrt maart 3월",
            "apr april abr abril avr avril 4월",
            "may mai mayo mei 5월",
            "jun june juni junio juin 6월",
            "jul july juli julio juil juillet 7월",
            "aug august ago agosto août augustus 8월",
            "sep sept september septiembre septembre 9월",
            "oct october okt oktober octubre octobre 10월",
            "nov november noviembre novembre 11월",
            "dec december dez dezember dic diciembre déc décembre 12월",
        ],
        start=1,
    )
    for name in names.split()
}

_NAMED = r"(?P<month>[^\W\d_]+|[0-9]{1,2}월)\.?"
_DAY, _YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
# Not 11/2/2025: whether that is in November or in February, the file does not say.
_DAYS = (
    rf"{_NAMED} {_DAY},? {_YEAR}",  # Nov 2, 2025
    rf"{_DAY}\.? (?:de )?{_NAMED} (?:de )?{_YEAR}",  # 2 Nov 2025
    rf"{_DAY}-{_NAMED}-(?P<year>[0-9]{{4}}|[0-9]{{2}})",  # 2-Nov-25, which spreadsheets make of the others
    rf"{_DAY}\.(?P<month>[0-9]{{1,2}})\.{_YEAR}",  # 02.11.2025
    rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})",  # 2025-11-02
)
_DAY_FORMS = [re.compile(day, re.IGNORECASE) for day in _DAYS]
_BEFORE_CLOCK = re.compile(r"(?P<day>.+?)(?:,? (?:à |um |at |a las )?|T)", re.IGNORECASE)
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,6})?)?"
    r"(?: ?([AP])\.? ?M\.?)?(?: ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)

# Rows of one day stand together; these are the days of 20 years.
_kept = kept_by_text(most=8_192, longest=64)


@_kept
def day(written: str) -> date | None:
    """Return a day from 1900 to 2199, or None for what is none."""
    one_spaced = _one_spaced(written)
    found = next(filter(None, (form.fullmatch(one_spaced) for form in _DAY_FORMS)), None)
    if found is None:
        return None
    year, month, number = found.group("year", "month", "day")
    try:
        return date(_year(year), _month(month), int(number))
    except ValueError:  # no such month or day
        return None


def time(written: str, zone: tzinfo | None = None) -> datetime | None:
    """Return a day with a time of day, or None for what is none. It is in the zone unless the text names an offset."""
    found = _time(written, zone)
    return _time(one_spaced, zone) if found is None and (one_spaced := _one_spaced(written)) != written else found


def _time(written: str, zone: tzinfo | None) -> datetime | None:
    before = written.partition(":")[0].rstrip("0123456789")  # of the hour
    on, found = _day_before_clock(before), _CLOCK.fullmatch(written, len(before))
    if on is None or found is None:
        return None
    hours, minutes, seconds, half, offset = found.groups()
    hour = int(hours)
    if half:
        hour = hour % 12 + 12 * (half in "pP") if 1 <= hour <= 12 else 24
    try:
        instant = datetime(on.year, on.month, on.day, hour, int(minutes), int(seconds or 0), 0, _offset(offset) or zone)
    except ValueError:  # no such hour or offset
        return None
    return instant if can_be(instant) else None


@_kept
def _day_before_clock(written: str) -> date | None:
    found = _BEFORE_CLOCK.fullmatch(written)
    return day(found["day"]) if found else None


def can_be(instant: datetime) -> bool:
    """Say whether a record can be of an instant: its year in UTC counts, which is another one at the turn of some."""
    if FIRST_YEAR < instant.year < LAST_YEAR or instant.tzinfo is None:
        return FIRST_YEAR <= instant.year <= LAST_YEAR
    try:
        return FIRST_YEAR <= instant.astimezone(UTC).year <= LAST_YEAR
    except OverflowError:
        return False


def _one_spaced(written: str) -> str:
    """Return a text with single spaces, as some write a narrow one before PM; letters with their accents are one."""
    return " ".join((written if written.isascii() else unicodedata.normalize("NFC", written)).split())


def _year(written: str) -> int:
    """Return a year; raises ValueError for one that no record can be of."""
    year = int(written)
    if len(written) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX reads it
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    return year


def _month(name: str) -> int:
    """Return 1 to 12 for a month's number or name; 0 for what is none."""
    if name.isdecimal() and name.isascii():
        return int(name)
    return _MONTHS.get(name.casefold(), 0)


def _offset(written: str | None) -> timezone | None:
    if not written:
        return None
    if written.upper() in {"Z", "UTC"}:
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
