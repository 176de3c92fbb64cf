"""Check and convert single values from providers' JSON and files; raises BadValue if one is not valid."""

import reprlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard, cast
from zoneinfo import ZoneInfo

from fitness.names import normal_name
from fitness.ranges import FIRST_YEAR, LAST_YEAR, LONGEST_NAME
from fitness.readers import times
from fitness.readers.records import BadValue, shown


def json_object(value: object, name: str) -> Mapping[str, Any]:
    """Return a JSON object unchanged."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    raise BadValue(f"{name} is not a JSON object.")


def text(value: object, name: str, longest: int) -> str | None:
    """Return a text without spaces around it and with \\n line breaks; None if it is missing or empty."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadValue(f"{name}: {shown_json(value)} is not text.")
    clean = value.replace("\r\n", "\n").strip()
    if "\0" in clean:
        raise BadValue(f"{name}: the text contains a null byte.")
    if not clean.isascii() and any("\ud800" <= character <= "\udfff" for character in clean):
        raise BadValue(f"{name}: the text contains half a character.")
    if len(clean) > longest:
        raise BadValue(f"{name}: longer than {longest:,} characters.")
    return clean or None


def name(value: object, label: str, longest: int = LONGEST_NAME) -> str | None:
    """Return a name as it is kept (see normal_name); None for none, and for one of nothing that can be seen."""
    return normal_name(text(value, label, longest) or "") or None


def number(value: object, name: str, least: float, most: float, unit: str = "") -> float | None:
    """Return a JSON number from `least` to `most`, or None for None."""
    if value is None:
        return None
    if is_number(value) and least <= value <= most:  # NaN is neither
        return float(value) + 0.0  # -0.0 becomes 0.0
    raise BadValue(f"{name}: {shown_json(value)} is not a number from {least:,} to {f'{most:,} {unit}'.strip()}.")


def written_number(text: str, name: str, most: float, unit: str) -> float:
    """Parse a number with a decimal point, from 0 to `most`; NaN and everything else is rejected."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if 0 <= found <= most and "_" not in text:  # float() reads 1_000 as a thousand
        return found + 0.0  # -0.0 becomes 0.0
    raise BadValue(f"{name}: {shown(text)} is not a number from 0 to {f'{most:,} {unit}'.strip()}.")


def instant(value: object, name: str) -> datetime | None:
    """Parse an ISO 8601 instant to UTC, or return None for None; an instant without an offset is rejected."""
    written = text(value, name, LONGEST_NAME)
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
        if found.tzinfo and times.can_be(found):
            return found.astimezone(UTC)
    except ValueError:
        pass
    raise BadValue(
        f"{name}: {shown(written)} is not an instant like 2025-10-29T22:31:48Z from {FIRST_YEAR} to {LAST_YEAR}."
    )


def local_instant(written: str, zone: ZoneInfo) -> datetime:
    """Parse a day with a time of day, which is local in the zone unless it names an offset."""
    found = times.time(written, zone)
    if found is None:
        raise BadValue(f"Date: {shown(written)} is not a time like 2025-10-29 17:31:48.")
    return found


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a JSON value is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def shown_json(value: object) -> str:
    """Return a JSON value for a message; reprlib limits its depth and length."""
    return shown(value if isinstance(value, str) else reprlib.repr(value))
