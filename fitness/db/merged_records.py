"""What values name that was merged since: the shoe of a run, the exercises of a workout. Merges are nobody's edits."""

from collections.abc import Collection
from typing import Any

from fitness.db import exercise_names, shoes, workout_parts
from fitness.db.history.versioned import Versioned
from fitness.db.runs import RUNS
from fitness.db.workouts import WORKOUTS
from fitness.db.workouts_compare import CONTENT

NAMING: dict[Versioned[Any, Any], str] = {RUNS: "shoe_id", WORKOUTS: CONTENT}
"""The field of a noun that names what may be merged."""


def follow(kind: Versioned[Any, Any], said: Collection[dict[str, Any]]) -> None:
    """Let values, as JSON, name what their shoes and exercises were merged into."""
    name = NAMING.get(kind)
    naming = [values for values in said if name and values.get(name)]
    if naming and kind is WORKOUTS:
        merged = exercise_names.get_merged()
        for values in naming if merged else ():
            values[CONTENT] = workout_parts.with_merged(values[CONTENT], merged)
    elif naming:
        leads_to = shoes.follow_merges({values["shoe_id"] for values in naming})
        for values in naming:
            values["shoe_id"] = leads_to.get(values["shoe_id"], values["shoe_id"])
