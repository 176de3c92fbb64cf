"""Ranges of stored values; `schemas/`, `readers/` and the constraints of the tables all check them."""

from fitness.units import METRES_PER_MILE

FIRST_YEAR, LAST_YEAR = 1900, 2199

LAST_VERSION = 2**31 - 1
LAST_ID = 2**63 - 1
"""Of changesets and planned workouts."""

FARTHEST_MILES = 1_000
FARTHEST_METRES = FARTHEST_MILES * METRES_PER_MILE
LONGEST_SECONDS = 3_600_000
LONGEST_HOURS = LONGEST_SECONDS / 3600
SLOWEST_HEART, FASTEST_HEART = 20, 300
HIGHEST_CLIMB = 100_000
"""Metres climbed in an activity."""
FASTEST_CADENCE = 300
MOST_WATTS = 5_000
COLDEST, HOTTEST = -90, 90
"""Degrees Celsius."""

FASTEST_MPH = 200
STEEPEST_PERCENT = 100
MOST_CALORIES = 100_000
MOST_COUNTED = 1_000_000
"""Repetitions of a rep session."""

MOST_SETS = 1_000
"""Largest number of sets in a workout."""
HIGHEST_SET = 10_000
"""Largest number of a set within its exercise."""
LAST_POSITION = 1_000_000_000
"""Behind all sets of a workout."""
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
LONGEST_BODY_PART = 100
LONGEST_TIME_OF_DAY = 50
LONGEST_REASON = 1_000
"""Characters of the reason of a change; the operator's reason comes before it."""
LONGEST_OPERATORS_REASON = 500
LONGEST_EMAIL = 254
LONGEST_URL = 2_000

LAST_BIRTH_YEAR = 2100
MAX_HEART_RATES = 60, 250
"""Also of the lactate threshold."""
RESTING_HEART_RATES = 20, 150
