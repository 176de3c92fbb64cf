"""The list of nouns with history, which reverts and archives use."""

from typing import Any

from fitness.db.exercises import EXERCISES
from fitness.db.history.versioned import Versioned
from fitness.db.planned_workouts import PLANNED_WORKOUTS
from fitness.db.runs import RUNS
from fitness.db.shoes import SHOES
from fitness.db.workouts import WORKOUTS

NOUNS: tuple[Versioned[Any, Any], ...] = (SHOES, RUNS, EXERCISES, WORKOUTS, PLANNED_WORKOUTS)
"""Each noun comes after those that it refers to."""
