"""Which column of a person's own table says what: proposed from headings and values, confirmed by the person. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from statistics import median
from typing import Literal, NamedTuple, TypeVar

from fitness.readers import times
from fitness.readers.records import BadValue, shown
from fitness.units import METRES_PER_MILE

U = TypeVar("U", bound=str)

Field = Literal[
    "date", "time_of_day", "sport", "name", "notes", "shoe", "distance", "duration", "elapsed", "avg_heart_rate",
    "max_heart_rate", "avg_cadence", "ascent", "calories", "strava_id",
]  # fmt: skip
DateOrder = Literal["day", "month"]
Length = Literal["km", "mi", "m"]
Height = Literal["m", "ft"]
Clock = Literal["m:ss", "h:mm"]
Duration = Literal["hours", "minutes", "seconds"]

_HEADINGS: Mapping[Field, str] = {
    "date": "date day datum tag fecha data dato start start_time start_date start_date_local begin beginn",
    "time_of_day": "time_of_day clock uhrzeit startzeit hora heure",
    "sport": "sport type activity activity_type kind sportart art deporte",
    "name": "name title titel workout titre nombre activity_name",
    "notes": "notes note comment comments remarks description bemerkung bemerkungen notiz notizen kommentar notas",
    "shoe": "shoe shoes gear schuh schuhe zapatillas chaussures schoenen activity_gear",
    "distance": "distance dist miles mile mi km kilometers kilometres kilometer strecke distanz distancia afstand",
    "duration": "time duration moving_time zeit dauer tiempo temps durée duración tijd duur minutes seconds",
    "elapsed": "elapsed elapsed_time total_time gesamtzeit",
    "avg_heart_rate": "heart_rate hr avg_hr average_hr avg_heart_rate average_heart_rate average_heartrate bpm"
    " puls pulse herzfrequenz fc avg_bpm",
    "max_heart_rate": "max_hr max_heart_rate max_heartrate maximum_heart_rate max_puls max_bpm",
    "avg_cadence": "cadence avg_cadence average_cadence schrittfrequenz",
    "ascent": "ascent climb elevation_gain total_elevation_gain total_ascent elev_gain höhenmeter",
    "calories": "calories kcal kalorien calorías",
    "strava_id": "strava_id",
}
_FIELDS: dict[str, Field] = {word: field for field, words in _HEADINGS.items() for word in words.split()}
_LENGTHS: dict[str, Length] = {
    "km": "km", "kilometers": "km", "kilometres": "km", "kilometer": "km", "mi": "mi", "mile": "mi", "miles": "mi",
    "m": "m", "meters": "m", "metres": "m", "meter": "m",
}  # fmt: skip
METRES = {"km": 1_000.0, "mi": METRES_PER_MILE, "miles": METRES_PER_MILE, "m": 1.0, "ft": 0.3048}
_HEIGHTS: dict[str, Height] = {"m": "m", "ft": "ft", "feet": "ft", "total_elevation_gain": "m"}
_DURATIONS: dict[str, Duration] = {
    "h": "hours", "hours": "hours", "min": "minutes", "minutes": "minutes", "mins": "minutes", "s": "seconds",
    "sec": "seconds", "seconds": "seconds", "moving_time": "seconds", "elapsed_time": "seconds",
}  # fmt: skip
_UNIT = re.compile(r"(.*?)[\s_]*(?:[(\[]([^)\]]*)[)\]]|[\s_](km|mi|miles|min|sec|bpm|ft|m))\s*")
_SLASHED = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9])(.*)", re.DOTALL)
BARE_NUMBER = re.compile(r"([0-9][0-9.,]*)\s*(km|mi|miles|m|ft|min|bpm|kcal)?", re.IGNORECASE)
SHORT_CLOCK = re.compile(r"([0-9]{1,3}):([0-9]{2})")
_FASTEST = 12.0
"""Metres a second: where minutes and seconds would make most rows faster, they are hours and minutes."""
_MOST_KM = 300
"""Of distances above it, metres are likelier than kilometres or miles."""
_LOOKED_AT = 1_000
NOON = time(12)
"""When activities begin of which only the day is known."""


class ColumnMapping(NamedTuple):
    """What the columns of a table are: {what: heading}, and what their headings and values leave open.

    `date_order` is what stands first in dates such as 04/05/2024, `duration_unit` is that of durations that are mere
    numbers, `clock` says what 45:12 is. `sport` is that of rows that name none.
    """

    columns: Mapping[Field, str]
    date_order: DateOrder | None = None
    distance_unit: Length | None = None
    duration_unit: Duration | None = None
    clock: Clock = "m:ss"
    ascent_unit: Height | None = None
    sport: str = "Run"


class Open(NamedTuple):
    """What of a mapping must still be said: the name of its field, and a value read each way."""

    field: str
    readings: str


def columns_of(heading: Sequence[str]) -> dict[Field, str]:
    """Return {what: heading} of the columns whose headings say what they are, in several languages."""
    found: dict[Field, str] = {}
    for name in heading:
        if field := _FIELDS.get(_word(_base(name)[0])) or _FIELDS.get(_word(name)):
            found.setdefault(field, name)
    return found


def proposed(columns: Mapping[Field, str], rows: Iterable[Mapping[Field, str]]) -> tuple[ColumnMapping, list[Open]]:
    """Return the mapping that headings and values speak for, and what they leave open."""
    seen = _Seen()
    for row in rows:
        seen.add(row)
    mapping = ColumnMapping(
        columns,
        seen.date_order(),
        _unit(columns.get("distance"), _LENGTHS) or seen.length(),
        _unit(columns.get("duration"), _DURATIONS) if seen.bare_durations else None,
        ascent_unit=_unit(columns.get("ascent"), _HEIGHTS),
    )
    mapping = mapping._replace(clock=seen.clock(mapping.distance_unit))
    return mapping, list(_left_open(mapping, seen))


def _left_open(mapping: ColumnMapping, seen: "_Seen") -> Iterable[Open]:
    if seen.ambiguous_date and mapping.date_order is None:
        day, month = (instant_of(seen.ambiguous_date, order) for order in ("day", "month"))
        yield Open("date_order", f"{seen.ambiguous_date}: day first {_day(day)}, month first {_day(month)}")
    if seen.distances and mapping.distance_unit is None:
        yield Open("distance_unit", " or ".join(f"{seen.distances[0]:g} {unit}" for unit in ("km", "mi", "m")))
    if seen.bare_durations and mapping.duration_unit is None:
        yield Open("duration_unit", " or ".join(f"{seen.bare_durations[0]} {one}" for one in _ALL_DURATIONS))
    if seen.ascent and mapping.ascent_unit is None:
        yield Open("ascent_unit", f"{seen.ascent} m or {seen.ascent} ft")


_ALL_DURATIONS: tuple[Duration, ...] = ("seconds", "minutes", "hours")


def _day(found: datetime | None) -> str:
    return f"{found.day} {found:%b %Y}" if found else "is no day"


class _Seen:
    """What the values of the first rows speak for; the dates are those of all rows."""

    def __init__(self) -> None:
        self.ambiguous_date: str | None = None
        self.distances: list[float] = []
        self.bare_durations: list[str] = []
        self.ascent: str | None = None
        self._orders: set[DateOrder] = set()
        self._short_clocks: list[tuple[float, float]] = []  # distance, seconds if they are minutes and seconds

    def add(self, row: Mapping[Field, str]) -> None:
        self._add_date(row.get("date", ""))
        if len(self.distances) >= _LOOKED_AT:
            return
        distance, duration = _number_or_none(row.get("distance", "")), row.get("duration", "")
        if distance:
            self.distances.append(distance)
        if short := SHORT_CLOCK.fullmatch(duration):
            self._short_clocks.append((distance or 0, int(short[1]) * 60 + int(short[2])))
        elif _number_or_none(duration):
            self.bare_durations.append(duration)
        self.ascent = self.ascent or row.get("ascent") or None

    def _add_date(self, written: str) -> None:
        if found := _SLASHED.fullmatch(written):
            first, second = int(found[1]), int(found[3])
            if first > 12 or second > 12:
                self._orders.add("day" if first > 12 else "month")
            elif first != second:
                self.ambiguous_date = self.ambiguous_date or written

    def date_order(self) -> DateOrder | None:
        """Return what stands first in dates: what any of them shows; None where none does, or they contradict."""
        return next(iter(self._orders)) if len(self._orders) == 1 else None

    def length(self) -> Length | None:
        return "m" if self.distances and median(self.distances) > _MOST_KM else None

    def clock(self, unit: Length | None) -> Clock:
        metres = METRES[unit or "km"]
        speeds = [metres * distance / seconds for distance, seconds in self._short_clocks if distance and seconds]
        return "h:mm" if speeds and median(speeds) > _FASTEST else "m:ss"


def instant_of(written: str, order: DateOrder | None) -> datetime | None:
    """Return a day, at noon, or a day with a time of day; None for what is none, or may be two days."""
    if found := _SLASHED.fullmatch(written):
        first, second, year = found[1], found[3], found[4]
        if order is None and int(first) <= 12 and int(second) <= 12 and first != second:
            return None
        day, month = (second, first) if order == "month" or (order is None and int(second) > 12) else (first, second)
        written = f"{year if len(year) == 4 else f'20{year}'}-{month:0>2}-{day:0>2}{found[5]}"
    if instant := times.time(written):
        return instant
    day_alone = times.day(written)
    return None if day_alone is None else datetime.combine(day_alone, NOON)


def number_of(written: str) -> tuple[float, str | None]:
    """Return a number and the unit beside it, if there is one; either sign can stand before its decimals.

    Raises BadValue for what is none, and where a comma may stand before decimals or between thousands.
    """
    found = BARE_NUMBER.fullmatch(written.strip())
    if found is None:
        raise BadValue(f"{shown(written)} is no number.")
    digits, unit = found[1], found[2]
    if "," in digits and "." in digits:
        decimal = max(",.", key=digits.rindex)
        digits = digits.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    elif "," in digits:
        if len(digits.rpartition(",")[2]) == 3 and not digits.startswith("0,"):
            raise BadValue(f"{shown(written)}: the comma may stand before decimals or between thousands.")
        digits = digits.replace(",", ".")
    try:
        return float(digits), unit and unit.casefold()
    except ValueError:
        raise BadValue(f"{shown(written)} is no number.") from None


def _number_or_none(written: str) -> float | None:
    try:
        return number_of(written)[0]
    except BadValue:
        return None


def _base(heading: str) -> tuple[str, str | None]:
    """Return a heading without its unit, and that unit."""
    found = _UNIT.fullmatch(heading)
    return (found[1], found[2] or found[3]) if found else (heading, None)


def _unit(heading: str | None, units: Mapping[str, U]) -> U | None:
    """Return the unit that a heading names, in brackets or as a word of its own."""
    if heading is None:
        return None
    base, unit = _base(heading)
    return units.get(_word(unit or "")) or units.get(_word(base))


def _word(written: str) -> str:
    return re.sub(r"[^\w]+", "_", written).strip("_").casefold()
