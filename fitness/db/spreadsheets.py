"""Spreadsheets of an account, for people. Deleted records are left out."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, LiteralString

from fitness.db.connection import stream


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A spreadsheet: its header, and the statement that selects its rows."""

    name: str
    headings: str
    query: LiteralString


SPREADSHEETS = (
    Spreadsheet(
        "runs",
        "id,datetime_utc,type,distance_miles,duration_seconds,avg_heart_rate,shoe,source,name,notes,"
        "elapsed_seconds,ascent_metres,calories,max_heart_rate,avg_cadence,avg_power,temperature_celsius,device,"
        "time_zone,time_zone_source",
        """
        SELECT r.id, r.datetime_utc, r.type, r.distance, r.duration, r.avg_heart_rate, s.name, r.source, r.name,
          r.notes, r.elapsed, r.ascent, r.calories, r.max_heart_rate, r.avg_cadence, r.avg_power, r.temperature,
          r.device, r.time_zone ->> 'name', r.time_zone ->> 'source'
        FROM runs AS r
        LEFT JOIN shoes AS s ON s.user_id = %(user_id)s AND s.id = r.shoe_id
        WHERE r.user_id = %(user_id)s
          AND r.deleted_at IS NULL
        ORDER BY r.datetime_utc, r.id
        """,
    ),
    Spreadsheet(
        "shoes",
        "id,name,retired_at,retirement_notes,notes,runs,miles",
        """
        SELECT s.id, s.name, s.retired_at, s.retirement_notes, s.notes, count(r.id),
          coalesce(sum(r.distance ORDER BY r.id), 0)
        FROM shoes AS s
        LEFT JOIN runs AS r ON r.user_id = %(user_id)s AND r.shoe_id = s.id AND r.deleted_at IS NULL
        WHERE s.user_id = %(user_id)s
          AND s.deleted_at IS NULL
        GROUP BY s.user_id, s.id
        ORDER BY s.name
        """,
    ),
    Spreadsheet(
        "workouts",
        "id,workout_type,title,start_ts,end_ts,finished_at,calories_burned,source,notes,"
        "sport,distance_miles,duration_seconds,avg_heart_rate,rep_exercise,reps_count,"
        "ascent_metres,max_heart_rate,avg_cadence,avg_power,temperature_celsius,device,time_zone,time_zone_source",
        """
        SELECT w.id, w.workout_type, w.title, w.start_ts, w.end_ts, w.finished_at, w.calories_burned, w.source, w.notes,
          c.sport, c.distance_miles, coalesce(c.duration_seconds, p.duration_seconds), c.avg_heart_rate,
          p.exercise_type, p.reps_count, c.ascent, c.max_heart_rate, c.avg_cadence, c.avg_power, c.temperature,
          w.device, w.time_zone ->> 'name', w.time_zone ->> 'source'
        FROM workouts AS w
        LEFT JOIN cardio_sessions AS c ON c.user_id = %(user_id)s AND c.workout_id = w.id
        LEFT JOIN rep_sessions AS p ON p.user_id = %(user_id)s AND p.workout_id = w.id
        WHERE w.user_id = %(user_id)s
          AND w.deleted_at IS NULL
        ORDER BY w.start_ts, w.id
        """,
    ),
    Spreadsheet(
        "sets",
        "workout_id,start_ts,exercise,set_index,set_type,weight,weight_unit,reps,forced_reps,rpe,"
        "duration_seconds,distance_miles,note",
        """
        SELECT w.id, w.start_ts, e.name, s.set_index, s.set_type, s.weight, s.weight_unit, s.reps, s.forced_reps, s.rpe,
          s.duration_seconds, s.distance_miles, s.note
        FROM workouts AS w
        JOIN strength_sets AS s ON s.user_id = %(user_id)s AND s.workout_id = w.id
        JOIN exercises AS e ON e.user_id = %(user_id)s AND e.id = s.exercise_id
        WHERE w.user_id = %(user_id)s
          AND w.deleted_at IS NULL
        ORDER BY w.start_ts, w.id, s.position
        """,
    ),
)


def stream_spreadsheet(spreadsheet: Spreadsheet) -> Generator[tuple[Any, ...]]:
    """Yield the rows of a spreadsheet."""
    return stream(tuple, spreadsheet.query)
