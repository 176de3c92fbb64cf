"""Constraints of the database that stand for a domain error."""

import re

import psycopg

from fitness.errors import Conflict, FitnessError, Invalid

CONFLICTS = {
    "users_email_lower_key": "This e-mail address is already taken",
    "users_username_lower_key": "This username is already taken",
    "shoes_pkey": "There is already a shoe of this name",
    "shoes_user_id_name_key": "There is already a shoe of this name",
    "users_google_id_key": "This Google account is linked with another account",
    "uq_exercises_user_name_lower": "There is already an exercise of this name",
    "plan_links_run_id_key": "This run fulfils another planned workout",
    "plan_links_workout_id_key": "This workout fulfils another planned workout",
}
INVALID = {
    "runs_shoe_id_fkey": ("shoe_id", "There is no such shoe"),
    "strength_sets_set_index_key": ("set_index", "The exercise has a set of this set_index"),
    "workouts_end_ts_check": ("end_ts", "It ends before it starts"),
    "users_heart_rates_order_check": ("resting_heart_rate", "Must be lower than the maximum heart rate"),
}


def from_integrity_error(error: psycopg.IntegrityError) -> FitnessError | None:
    """Return the domain error that a known constraint stands for, or None when the violation is a bug of ours.

    Sharded databases append a shard number to the constraint's name; it is stripped before the look-up.
    """
    name = re.sub(r"_\d{4,}$", "", error.diag.constraint_name or "")
    if name in CONFLICTS:
        return Conflict(CONFLICTS[name])
    if name in INVALID:
        field, why = INVALID[name]
        return Invalid(why, errors={field: [why]})
    return None
