"""Ranges of stored values; `schemas/`, `readers/` and the constraints of the tables all check them."""

from fitness.units import METRES_PER_MILE

FIRST_YEAR, LAST_YEAR = 1900, 2199

FARTHEST_MILES = 1_000
FARTHEST_METRES = FARTHEST_MILES * METRES_PER_MILE
LONGEST_SECONDS = 3_600_000
LONGEST_HOURS = LONGEST_SECONDS / 3600
SLOWEST_HEART, FASTEST_HEART = 20, 300

MOST_SETS = 1_000
"""Largest number of sets in a workout."""
HEAVIEST = 5_000
"""In pounds and in kilograms; assistance can be as low as `-HEAVIEST`."""
MOST_REPS = 100_000
HARDEST = 10
"""Highest rate of perceived exertion."""
LARGEST_SUPERSET = 1_000_000

MOST_TSS = 10_000
HIGHEST_INTENSITY = 10

LONGEST_NAME = 200
LONGEST_TYPE = 50
"""Characters of the type of a planned workout."""
LONGEST_NOTE = 10_000
