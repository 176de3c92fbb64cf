"""Read FIT files, as watches and bike computers write them: bytes in; activities, and what is broken, out. Pure.

One file can be several joined to each other, each with several sessions. The totals of a session win over those of its
points; without a session, as when the battery was empty, they are made of the points.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from fitness.readers import derived, fit_messages, zips, zones
from fitness.readers.activity import BOUNDS, Activity, Column, Contents, Lap, LiftedSet, Points, bounded
from fitness.readers.fit_messages import Message, Part
from fitness.readers.fit_words import (
    ACTIVITY_FILE,
    FILE_TYPES,
    SPORTS,
    SUB_SPORTS,
    TRANSITION,
    device_name,
    exercise_name,
)
from fitness.readers.reader import activity_reader
from fitness.readers.records import UnreadableFile
from fitness.readers.tracks import STRAYED, left_out, stray_places
from fitness.times import FARTHEST_OFFSET

SOURCE = "FIT"

_EPOCH = 631_065_600  # 1989-12-31, in seconds since 1970
_SINCE_SWITCHED_ON = 0x10000000
"""Below it, times count from when the device was switched on: its clock was not set."""
_WITHOUT_TIME = 0xFFFFFFFF
_TIMER, _START, _STOPS = 0, 0, (1, 4)  # event, and types of events
_CREATOR = 0  # index of the device that wrote the file
_ACTIVE = 1  # a type of set
_QUARTER = 900
_STRAYING = 3_600.0
"""Seconds by which a session and its points may be apart: some devices begin to measure late."""
_STALE = 5.0
"""Seconds for which a heart rate of a strap holds."""


def read(data: bytes) -> Contents:
    """Return the activities in a FIT file. Raises nothing, whatever the bytes."""
    contents = Contents()
    for parts in _files(fit_messages.parts_of(data)):
        problems = [problem for part in parts for problem in part.problems]
        kind = _number(parts[0].first(fit_messages.FILE_ID), "type")
        if kind not in (None, ACTIVITY_FILE):
            contents.skipped.append(f"A FIT file of {FILE_TYPES.get(int(kind), 'another kind')}, not of an activity.")
            contents.problems += problems
            continue
        activities = list(_activities(parts))
        if not activities:
            contents.problems += problems or [_nothing(sum(len(part.times) for part in parts))]
        for activity in activities:
            activity.remarks[:0] = problems
        contents.activities += activities
        passed = sum(_number(one, "sport") == TRANSITION for one in _all(parts, fit_messages.SESSION))
        contents.skipped += ["A transition between two sports."] * passed
    return contents


def _nothing(points: int) -> str:
    return f"No activity: the file has {points:,} points, none with a time, and no session."


def _files(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield the parts of each file: one without an id goes on with the file before it, as those of heart straps."""
    file: list[Part] = []
    for part in parts:
        if file and (fit_messages.FILE_ID in part.messages or not (part.messages or part.times)):
            yield file
            file = []
        file.append(part)
    if file:
        yield file


def _activities(parts: Sequence[Part]) -> Iterator[Activity]:
    """Yield the activity of each session, with the points from its start to the start of the next one."""
    points, remarks = _points(parts)
    _add_heart_rates(points, _all(parts, fit_messages.HEART_RATES))
    sessions = sorted(
        (one for one in _all(parts, fit_messages.SESSION) if _seconds(one, "start") is not None),
        key=lambda one: _seconds(one, "start") or 0,
    )
    if not sessions:
        if points:
            yield _activity(_sport_alone(parts), points, parts, remarks, alone=True)
        return
    starts = [_seconds(one, "start") or 0.0 for one in sessions]
    for place, session in enumerate(sessions):
        since = starts[place] if place else 0.0
        until = starts[place + 1] if place + 1 < len(starts) else float("inf")
        if _number(session, "sport") != TRANSITION:
            own = points if len(sessions) == 1 else points.between(since, until)
            yield _activity(session, own, parts, remarks, alone=len(sessions) == 1, until=until)


def _activity(
    session: Message,
    points: Points,
    parts: Sequence[Part],
    remarks: Sequence[str],
    *,
    alone: bool,
    until: float = float("inf"),
) -> Activity:
    start, contradiction = _start(session, points, parts) if alone else (_seconds(session, "start") or 0.0, [])
    since = 0.0 if alone else start
    file_id = parts[0].first(fit_messages.FILE_ID)
    creator = next((one for one in _all(parts, fit_messages.DEVICE) if one.get("index") == _CREATOR), {})
    activity = Activity(
        datetime.fromtimestamp(start, UTC),
        SPORTS.get(_whole(session, "sport"), "generic"),
        SUB_SPORTS.get(_whole(session, "sub_sport")),
        time_zone=zones.of_offset(_utc_offset(parts)),
        distance=_number(session, "distance"),
        moving_seconds=_number(session, "timer"),
        elapsed_seconds=_number(session, "elapsed"),
        ascent=_number(session, "ascent"),
        avg_heart_rate=_number(session, "avg_heart_rate") or None,
        max_heart_rate=_number(session, "max_heart_rate") or None,
        avg_cadence=_number(session, "avg_cadence"),
        avg_power=_number(session, "avg_power"),
        calories=_number(session, "calories"),
        temperature=_number(session, "temperature"),
        device=device_name(file_id) or device_name(creator),
        serial=_serial(file_id) or _serial(creator),
        is_cut="elapsed" not in session,
        points=points,
        pauses=_pauses(_all(parts, fit_messages.EVENT), since, until),
        laps=[_lap(one) for one in _within(_all(parts, fit_messages.LAP), since, until)],
        sets=[_set(one) for one in _within(_all(parts, fit_messages.SET), since, until) if one.get("type") == _ACTIVE],
        remarks=[*contradiction, *remarks],
    )
    if activity.is_cut:
        activity.remarks.append(f"The recording has no end: its totals are from its {len(points):,} points.")
    if start - _EPOCH < _SINCE_SWITCHED_ON:
        activity.remarks.append("The clock of the device was not set: the start counts from when it was switched on.")
    if any(one.exercise != "Unknown" for one in activity.sets):
        activity.remarks.append("The exercises are what the watch guessed.")
    derived.complete(activity)
    return activity


def _start(session: Message, points: Points, parts: Sequence[Part]) -> tuple[float, list[str]]:
    """Return when the only session of a file began, and a remark where the points show that this cannot be.

    Then its first lap counts, or if that is off as well, the first point.
    """
    said = _seconds(session, "start")
    if not points:
        return said or 0.0, []
    first, middle, last = points.time[0], points.time[len(points) // 2], points.time[-1]
    if said is None:
        return first, []
    elapsed = _number(session, "elapsed") or 0.0
    if said - _STRAYING <= middle <= said + max(elapsed, last - first) + _STRAYING:
        return said, []
    laps = sorted(filter(None, (_seconds(lap, "start") for lap in _all(parts, fit_messages.LAP))))
    near = next((lap for lap in laps if abs(lap - first) <= _STRAYING), first)
    begun, taken = (datetime.fromtimestamp(one, UTC) for one in (said, near))
    return near, [
        f"The session begins at {begun:%Y-%m-%d %H:%M:%S} UTC, which its points contradict: it was taken to begin at"
        f" {taken:%Y-%m-%d %H:%M:%S}."
    ]


def _sport_alone(parts: Sequence[Part]) -> Message:
    """Return the sport of a recording without a session: as it was chosen at the start, or as a lap says it."""
    said = (*_all(parts, fit_messages.SPORT), *_all(parts, fit_messages.LAP))
    return next(
        ({name: one.get(name) for name in ("sport", "sub_sport")} for one in said if one.get("sport") is not None), {}
    )


def _points(parts: Sequence[Part]) -> tuple[Points, list[str]]:
    """Return the points of all parts whose times can be, sorted by them, and a remark on the others.

    Values outside of their bounds are none.
    """
    points = Points([time + _EPOCH for part in parts for time in part.times])
    columns = {name: _first_of(parts, f"enhanced_{name}", name) for name in BOUNDS}
    columns["altitude"] = [None if one is None else one - 500 for one in columns["altitude"]]
    if not columns["distance"] and (packed := _first_of(parts, "speed_distance")):
        columns["speed"], columns["distance"] = _unpacked(packed)
    for name, column in columns.items():
        setattr(points, name, bounded(name, column))
    if points.time != sorted(points.time) or _is_timeless(points.time):
        order = sorted(range(len(points)), key=points.time.__getitem__)
        points = points.at([place for place in order if not _is_timeless(points.time[place : place + 1])])
    strays = stray_places(points.time)
    if strays:
        points = points.at([place for place in range(len(points)) if place not in strays])
    return points, left_out(len(strays), STRAYED)


def _is_timeless(times: Sequence[float]) -> bool:
    """Say whether the first or the last of the times is none."""
    return bool(times) and (times[0] == _EPOCH or times[-1] == _EPOCH + _WITHOUT_TIME)


def _first_of(parts: Sequence[Part], *names: str) -> list[Any]:
    """Return a column of all parts, each value from the first of the fields that has one; [] if no part has any."""
    if not any(name in part.columns for part in parts for name in names):
        return []
    column: list[Any] = []
    for part in parts:
        found = [part.columns[name] for name in names if name in part.columns]
        if len(found) == 2:
            column += [second if first is None else first for first, second in zip(*found, strict=True)]
        else:
            column += found[0] if found else [None] * len(part.times)
    return column


def _unpacked(packed: Iterable[bytes | None]) -> tuple[Column, Column]:
    """Return speeds and distances from three bytes a point: 12 bits each, the distance counting on from 0 at 4,096."""
    speeds, distances = list[float | None](), list[float | None]()
    ticks = last = None
    for one in packed:
        if one is None or len(one) != 3 or one == b"\xff\xff\xff":
            speeds.append(None)
            distances.append(None)
            continue
        found = one[1] >> 4 | one[2] << 4
        ticks = found if ticks is None or last is None else ticks + (found - last & 0xFFF)
        last = found
        speeds.append((one[0] | (one[1] & 0x0F) << 8) / 100)
        distances.append(ticks / 16)
    return speeds, distances


def _add_heart_rates(points: Points, messages: Sequence[Message]) -> None:
    """Give points the heart rates of a strap that stored them itself, which are better than those of the wrist."""
    beats = sorted(_beats(messages))
    times = [time for time, _ in beats]
    if not beats:
        return
    if not points:
        points.time, points.heart_rate = [*times], [rate for _, rate in beats]
        return
    before = points.heart_rate or [None] * len(points)
    points.heart_rate = []
    for time, rate in zip(points.time, before, strict=True):
        place = bisect_right(times, time + 0.5) - 1
        fresh = place >= 0 and time - times[place] <= _STALE
        points.heart_rate.append(beats[place][1] if fresh else rate)


def _beats(messages: Iterable[Message]) -> Iterator[tuple[float, float]]:
    """Yield (time, heart rate) of what a strap stored: its clock, in 1/1024 s, is set by the messages with a time."""
    zero: float | None = None  # the instant at which its clock was 0
    ticks = 0
    for message in messages:
        event = message.get("event")
        if isinstance(event, int | float):
            ticks = round(event * 1024)
            if (time := _seconds(message, "timestamp")) is not None:
                zero = time + (_number(message, "fraction") or 0) - ticks / 1024
        events: list[int] = []
        for later in _twelve_bits(message.get("events")):
            ticks += (later - ticks) & 0xFFF
            events.append(ticks)
        rates = message.get("bpm")
        low, high = BOUNDS["heart_rate"]
        for at, rate in zip(events or [ticks], rates if isinstance(rates, list) else [rates], strict=False):
            if zero is not None and isinstance(rate, int) and low <= rate <= high:
                yield zero + at / 1024, rate


def _twelve_bits(packed: object) -> Iterator[int]:
    """Yield the numbers of 12 bits in bytes."""
    if isinstance(packed, bytes):
        for at in range(0, len(packed) - 2, 3):
            yield packed[at] | (packed[at + 1] & 0x0F) << 8
            yield packed[at + 1] >> 4 | packed[at + 2] << 4


def _pauses(events: Iterable[Message], since: float, until: float) -> list[tuple[float, float]]:
    """Return the times between each stop of the timer and its next start."""
    pauses: list[tuple[float, float]] = []
    stopped: float | None = None
    timed = [(_seconds(one, "timestamp"), one.get("event_type")) for one in events if one.get("event") == _TIMER]
    for time, type_ in sorted((time, type_) for time, type_ in timed if time is not None and isinstance(type_, int)):
        if not since <= time < until:
            continue
        if type_ in _STOPS and stopped is None:
            stopped = time
        elif type_ == _START and stopped is not None:
            pauses.append((stopped, time))
            stopped = None
    return pauses


def _lap(message: Message) -> Lap:
    return Lap(
        datetime.fromtimestamp(_seconds(message, "start") or 0, UTC),
        _number(message, "elapsed"),
        _number(message, "timer"),
        _number(message, "distance"),
        _number(message, "avg_heart_rate") or None,
        _number(message, "ascent"),
    )


def _set(message: Message) -> LiftedSet:
    return LiftedSet(
        exercise_name(_first(message, "category"), _first(message, "subtype")),
        reps=_whole(message, "reps"),
        weight=_number(message, "weight"),
        seconds=_number(message, "duration"),
    )


def _utc_offset(parts: Sequence[Part]) -> timedelta | None:
    """Return how far the local time is from UTC; None if the file does not say it, or says what cannot be."""
    for message in _all(parts, fit_messages.ACTIVITY):
        time, local = _number(message, "timestamp"), _number(message, "local_timestamp")
        if time is None or local is None:
            continue
        quarters = round((local - time) / _QUARTER)
        offset = timedelta(seconds=quarters * _QUARTER)
        if abs(offset) <= FARTHEST_OFFSET and abs(local - time - quarters * _QUARTER) <= 60:
            return offset
    return None


def _serial(message: Message) -> str | None:
    serial = _whole(message, "serial")
    return str(serial) if serial else None


def _all(parts: Iterable[Part], number: int) -> list[Message]:
    return [message for part in parts for message in part.messages.get(number, ())]


def _within(messages: Iterable[Message], since: float, until: float) -> list[Message]:
    """Return the messages that start in a time."""
    timed = [(_seconds(message, "start"), message) for message in messages]
    return [message for start, message in timed if start is not None and since <= start < until]


def _seconds(message: Mapping[str, Any], name: str) -> float | None:
    """Return a time in seconds since 1970; None for none."""
    found = _number(message, name)
    return None if found is None or not 0 < found < _WITHOUT_TIME else found + _EPOCH


def _number(message: Mapping[str, Any], name: str) -> float | None:
    """Return a number; None for what is none, as in damaged definitions."""
    found = message.get(name)
    return found if isinstance(found, int | float) and abs(found) < 1e12 else None


def _whole(message: Mapping[str, Any], name: str) -> int | None:
    found = _number(message, name)
    return None if found is None else int(found)


def _first(message: Mapping[str, Any], name: str) -> int | None:
    """Return the first of the numbers of a field."""
    found = message.get(name)
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, int) else None


def recognise(stream: BinaryIO) -> None:
    """Raise UnreadableFile for what is no FIT file, as it is or packed by gzip."""
    with zips.unpacked(stream) as content:
        head = content.read(fit_messages.MAGIC_AT + len(fit_messages.MAGIC))
    if not is_fit(head):
        raise UnreadableFile("This is not a FIT file.")


def is_fit(head: bytes) -> bool:
    """Say whether a file that begins like this is a FIT file."""
    return head[fit_messages.MAGIC_AT :].startswith(fit_messages.MAGIC)


def may_be_activity(head: bytes) -> bool:
    """Say whether a FIT file that begins like this may be one of an activity: its id says so, or is not to be found."""
    return fit_messages.file_type(head) in (None, ACTIVITY_FILE)


READER = activity_reader(
    SOURCE,
    "a FIT file of a watch or bike computer",
    recognise,
    read,
)
