"""Parse the JSON of activities from Strava's API into runs, and into workouts if they are of other sports.

Strava's distances are metres, durations seconds, instants UTC. Other keys are ignored, such as map, splits, elevation,
power and kudos.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fitness.ranges import FARTHEST_METRES, LONGEST_NAME, LONGEST_NOTE, LONGEST_SECONDS
from fitness.readers import zones
from fitness.readers.other_sports import workout_of
from fitness.readers.records import BadValue, OtherSport, ParsedRun, ParsedWorkout, Problem, RunType, Zone
from fitness.readers.strava_values import SOURCE, activity_id_of, heart_rate, id_of_run, miles, title
from fitness.readers.values import instant, is_number, json_object, name, number, shown_json, text

_LARGEST_ID = 2**63 - 1
_RUNS = ("Run", "TrailRun", "VirtualRun")
_LIFTING = "WeightTraining"
_NO_GEAR: Mapping[str, str] = {}


def parse_activity(
    activity: object, row: int, gear_names: Mapping[str, str] = _NO_GEAR
) -> ParsedRun | OtherSport | Problem:
    """Return the run of a summary or detailed activity, with its distance in miles and its duration in seconds.

    The duration is the moving time, or the elapsed time if the moving time is 0 or longer. The shoe name comes from
    `gear_names` by gear id, or from a detailed activity itself. Only detailed activities have notes. An activity that
    is not a run becomes an OtherSport, and an unreadable one a Problem that names the key. Nothing is raised,
    whatever the JSON.
    """
    run_id = None
    try:
        given = json_object(activity, "The activity")
        run_id = _run_id(given.get("id"))
        sport = _sport(given)
        if sport not in _RUNS:
            return OtherSport(row, run_id, sport, _other_sport(given, row, run_id, sport))
        if run_id is None:
            raise BadValue("id: missing.")
        metres = _metres(given)
        if metres is None:
            raise BadValue("distance: missing.")
        duration, remark = _duration(given)
        return ParsedRun(
            row,
            run_id,
            _start(given),
            _run_type(sport, given.get("trainer")),
            miles(metres),
            duration,
            _heart_rate(given.get("average_heartrate")),
            _shoe_name(given, gear_names),
            title(given.get("name"), "name"),
            text(given.get("description"), "description", LONGEST_NOTE),
            remark,
            time_zone=_time_zone(given),
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))


def _other_sport(given: Mapping[str, object], row: int, run_id: str | None, sport: str) -> ParsedWorkout | Problem:
    try:
        if run_id is None:
            raise BadValue("id: missing.")
        metres = _metres(given)
        seconds, remark = _duration(given)
        return workout_of(
            row,
            SOURCE,
            str(activity_id_of(run_id)),
            sport,
            _start(given),
            seconds=seconds,
            elapsed_seconds=number(given.get("elapsed_time"), "elapsed_time", 0, LONGEST_SECONDS, "seconds"),
            miles=None if metres is None else miles(metres),
            heart_rate=_heart_rate(given.get("average_heartrate")),
            title=title(given.get("name"), "name"),
            notes=text(given.get("description"), "description", LONGEST_NOTE),
            lifting=sport == _LIFTING,
            remark=remark,
            unsaid=frozenset() if "description" in given else frozenset({"notes"}),
            time_zone=_time_zone(given),
        )
    except BadValue as error:
        return Problem(row, run_id, str(error))


def gear_id(activity: object) -> str | None:
    """Return the gear id of a run, whose name must be fetched; None if the activity is not a run or has none."""
    try:
        given = json_object(activity, "The activity")
        return text(given.get("gear_id"), "gear_id", LONGEST_NAME) if _sport(given) in _RUNS else None
    except BadValue:  # parse_activity() reports it
        return None


def athlete_id(activity: Mapping[str, object]) -> str | None:
    """Return the athlete id of an activity, or None if it has none."""
    athlete = activity.get("athlete")
    return str(athlete.get("id")) if isinstance(athlete, dict) else None


def gear_name(gear: object) -> str | None:
    """Return the name of a gear (brand, model and nickname, joined by Strava), or None."""
    try:
        return name(json_object(gear, "The gear").get("name"), "name")
    except BadValue:
        return None


def _start(given: Mapping[str, object]) -> datetime:
    start = instant(given.get("start_date"), "start_date")  # not start_date_local, whose zone is wrong
    if start is None:
        raise BadValue("start_date: missing.")
    return start


def _time_zone(given: Mapping[str, object]) -> Zone | None:
    """Return the zone that an activity names, as in "(GMT-06:00) America/Chicago", or else its offset at the start.

    The offset in brackets is that of winter.
    """
    named, seconds = given.get("timezone"), given.get("utc_offset")
    zone = zones.of_name(named.rpartition(" ")[2], "provider") if isinstance(named, str) else None
    if zone is None and is_number(seconds) and abs(seconds) <= LONGEST_SECONDS:
        return zones.of_offset(timedelta(seconds=seconds), "provider")
    return zone


def _metres(given: Mapping[str, object]) -> float | None:
    return number(given.get("distance"), "distance", 0, FARTHEST_METRES, "metres")


def _run_id(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is int and 0 < value <= _LARGEST_ID:
        return id_of_run(value)
    raise BadValue(f"id: {shown_json(value)} is not an activity id.")


def _sport(given: Mapping[str, object]) -> str:
    sport = text(given.get("sport_type"), "sport_type", LONGEST_NAME) or text(given.get("type"), "type", LONGEST_NAME)
    if sport is None:
        raise BadValue("sport_type: missing, and so is type.")
    return sport


def _run_type(sport: str, trainer: object) -> RunType:
    if not isinstance(trainer, bool | None):
        raise BadValue(f"trainer: {shown_json(trainer)} is neither true nor false.")
    return "Treadmill Run" if trainer or sport == "VirtualRun" else "Outdoor Run"


def _duration(given: Mapping[str, object]) -> tuple[float, str | None]:
    """Return the moving time, and a remark if the elapsed one was taken because a moving time cannot be longer."""
    moving = number(given.get("moving_time"), "moving_time", 0, LONGEST_SECONDS, "seconds")
    elapsed = given.get("elapsed_time")
    if moving:
        if is_number(elapsed) and 0 < elapsed < moving - 1:
            return elapsed, f"moving_time: {moving:.6g} of {elapsed:.6g} elapsed seconds cannot be; these were taken."
        return moving, None
    elapsed = number(elapsed, "elapsed_time", 0, LONGEST_SECONDS, "seconds")
    if elapsed is None and moving is None:
        raise BadValue("moving_time: missing, and so is elapsed_time.")
    return elapsed or 0.0, None


def _heart_rate(value: object) -> float | None:
    if value is None:
        return None
    if not is_number(value):
        raise BadValue(f"average_heartrate: {shown_json(value)} is not a number.")
    return heart_rate(value)


def _shoe_name(given: Mapping[str, object], gear_names: Mapping[str, str]) -> str | None:
    worn = text(given.get("gear_id"), "gear_id", LONGEST_NAME)
    return (gear_names.get(worn) or gear_name(given.get("gear"))) if worn else None
