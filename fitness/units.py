"""Definitions of units of measurement."""

METRES_PER_MILE = 1609.344
KM_PER_MILE = METRES_PER_MILE / 1000
KG_PER_LB = 0.45359237

MILES_DECIMALS = 4
"""Decimals of miles in answers; they are stored, added up and compared as precisely as they came."""
SUM_DECIMALS = 2
"""Decimals of volumes, converted weights and other sums in answers."""
