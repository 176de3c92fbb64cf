"""Definitions of units of measurement."""

METRES_PER_MILE = 1609.344
KM_PER_MILE = METRES_PER_MILE / 1000
KG_PER_LB = 0.45359237
