"""Which source of an activity is the best one for each field, and what all sources say together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fitness.db.workouts_compare import SESSION

Json = Mapping[str, Any]

BEST = (
    "Strava", "Garmin", "Polar", "Runkeeper", "Apple Health", "FIT", "TCX", "Google Fit", "MapMyFitness", "GPX",
)  # fmt: skip
"""The sources of a field, the best one first: accounts, in which a person can correct a value, before files.

Of the files, FIT has totals of the device and TCX has laps; the totals of GPX are computed from its points.
"""

BEST_OF_POINTS = ("FIT", "TCX", "Polar", "GPX")
"""The sources of `points_id` and `device`, the best one first: nearest to what the device wrote."""

FILES = ("FIT", "TCX", "GPX", "CSV")
"""The sources that are files: each file, and each table of one's own, is a source by itself.

The export of an account is one with that account.
"""

SEVERAL_IDS = ("FIT", "TCX", "GPX", "Garmin")
"""The sources that may have one activity under several ids: the list of Garmin Connect has no ids, the export has."""

GUESSED = "guessed"
"""The name beside those of fields under which are the values that a source does not know, or only roughly."""

KEYS = "keys"
"""The name beside those of fields under which are the keys that a source brought; another one may own them."""

PLAIN_GUESSES = {"type": "Outdoor Run"}
"""What a source guesses of a field of which it knows nothing: any other guess counts before it."""

_OF_POINTS = {"points_id", "device"}

TIME_ZONE = "time_zone"
_BEST_ZONES = ("provider", "file", "answer", "account")
"""Where a zone came from, the best first: the one who recorded the activity knows it."""


@dataclass(slots=True)
class Source:
    """What a source says of a record: the last value of each field in changesets that count, and what it guesses."""

    key: str
    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, said: Json) -> None:
        """Add what the source says in a later changeset."""
        before, guessed = self.values, with_guesses(self.values.get(GUESSED, {}), said.get(GUESSED, {}))
        self.values = {**before, **said}
        if before.get(SESSION) and said.get(SESSION):
            self.values[SESSION] = combined_session([said[SESSION], before[SESSION]])
        if guessed:
            self.values[GUESSED] = guessed


def combined(sources: Collection[Source]) -> dict[str, Any]:
    """Return, for each field, the value of the best source that has one; of a session, for each of its fields.

    Of two sources of one name, it is the one with the longer activity, then the one whose key sorts first. What is
    guessed counts only where nothing is said. Of zones, it is the one that came from where it is known best.
    """
    values: dict[str, Any] = {}
    by_values, by_points = _ordered(sources, BEST), _ordered(sources, BEST_OF_POINTS)
    names = {name for source in sources for name in (*source.values, *source.values.get(GUESSED, ()))}
    for name in names - {GUESSED, KEYS}:
        ordered = by_points if name in _OF_POINTS else by_values
        said = [source.values.get(name) for source in ordered]
        said += [source.values.get(GUESSED, {}).get(name) for source in ordered]
        known = [one for one in said if one is not None and one != []]
        if name == TIME_ZONE:
            known.sort(key=_rank_of_zone)
        values[name] = combined_session(known) if name == SESSION else next(iter(known), said[0])
    return values


def with_guesses(before: Json, guessed: Json) -> dict[str, Any]:
    """Return what a source guesses, with what it guessed before: the first guess of a field counts."""
    values = dict(before)
    for name, value in guessed.items():
        if name == SESSION:
            values[name] = combined_session([before.get(name) or {}, value])
        elif before.get(name) is None or before[name] == PLAIN_GUESSES.get(name):
            values[name] = value
    return values


def _rank_of_zone(zone: Json) -> int:
    return _BEST_ZONES.index(zone["source"]) if zone["source"] in _BEST_ZONES else len(_BEST_ZONES)


def _ordered(sources: Collection[Source], best: Sequence[str]) -> list[Source]:
    def place(source: Source) -> tuple[Any, ...]:
        rank = best.index(source.name) if source.name in best else len(best)
        of_rest = BEST.index(source.name) if source.name in BEST else len(BEST)
        return rank, of_rest, source.name, -_seconds(source.values), source.key

    return sorted(sources, key=place)


def _seconds(values: Json) -> float:
    session = values.get(SESSION) or {}
    return values.get("duration") or session.get("duration_seconds") or 0.0


def combined_session(said: Sequence[Json]) -> dict[str, Any] | None:
    names = [name for one in said for name in one]
    return {name: next((one[name] for one in said if one.get(name) is not None), None) for name in names} or None
