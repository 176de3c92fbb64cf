"""Records and their changes, as commands name and print them."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

NOUNS = ("runs", "shoes", "workouts", "exercises", "planned-workouts")
RECORD = "NOUN/ID"


def path_of(record: str) -> str:
    """Return the path of a record such as `runs/strava_1`; raises UsageError."""
    noun, _, id = record.partition("/")
    if noun not in NOUNS or not id:
        raise click.UsageError(f"Name the record as {RECORD}, such as runs/strava_1; nouns are {', '.join(NOUNS)}.")
    kind = _IDS.get(noun)
    if kind and not re.fullmatch(kind.pattern, id):
        raise click.UsageError(f"{RECORD}: {noun} have {kind.name} as ids, not {id}.")
    return f"/{noun}/{quote(id, safe='')}"


class _Kind(NamedTuple):
    name: str
    pattern: str


_UUIDS = _Kind("UUIDs", r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_IDS = {"workouts": _UUIDS, "exercises": _UUIDS, "planned-workouts": _Kind("numbers", "[0-9]+")}
"""What is an id, where not any text is one."""


def when(instant: str) -> str:
    """Return an instant to the second, in UTC."""
    return f"{instant[:10]} {instant[11:19]}"


def written(changes: Mapping[str, Any]) -> str:
    """Return changes as lines: `distance: 3.1 → 3.2`."""
    return "\n".join(f"{field}: {' → '.join(pair)}" for field, pair in _pairs(changes))


def print_changes(changes: Mapping[str, Any], before: str, after: str) -> None:
    """Print changes as a table with these headings."""
    table = Table("Field", before, after)
    for field, (old, new) in _pairs(changes):
        table.add_row(Text(field), Text(old), Text(new))
    Console().print(table)


def _pairs(changes: Mapping[str, Any]) -> list[tuple[str, tuple[str, str]]]:
    pairs: list[tuple[str, tuple[str, str]]] = []
    for field, change in changes.items():
        if field == "exercise_executions":
            pairs += [(one["exercise_name"], ("", _of_exercise(one))) for one in change]
        else:
            pairs.append((field, (_value(change[0]), _value(change[1]))))
    return pairs


def _of_exercise(change: Mapping[str, Any]) -> str:
    """Return what happened to an exercise of a workout: `changed, 2 sets`."""
    sets = len(change["sets"])
    return f"{change['what']}, {sets} {'set' if sets == 1 else 'sets'}"


def _value(value: Any) -> str:
    """Return a value as text; of an object, what it has: `name Asia/Tokyo, source person`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items() if one is not None)
    return "–" if value is None else str(value)
