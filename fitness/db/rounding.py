"""Round the sums that PostgreSQL writes as JSON; the schemas round all others."""

from typing import LiteralString

from fitness.units import MILES_DECIMALS, SUM_DECIMALS

_POWERS: dict[int, LiteralString] = {MILES_DECIMALS: "10000", SUM_DECIMALS: "100"}


def rounded(value: LiteralString, decimals: int = SUM_DECIMALS) -> LiteralString:
    """Return the SQL of a value, 0 if it is null, rounded. As numeric it would take much longer."""
    power = _POWERS[decimals]
    return "round(coalesce(" + value + ", 0)::float8 * " + power + ") / " + power
