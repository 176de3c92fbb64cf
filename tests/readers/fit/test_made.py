"""FIT files that were written for it: recordings that are open, chained, interleaved, of several sports."""

import struct
from datetime import UTC, datetime
from random import Random

import pytest

from fitness.readers import fit, fit_messages
from tests.readers.fit import writer
from tests.readers.fit.writer import EPOCH, START, activity, file, message, points, session


def only_activity(content):
    (found,) = fit.read(content).activities
    return found


def test_a_recording_that_was_never_closed_is_read_to_its_end():
    content = file(activity(), points(2_319), size=0)[:-2]

    found = only_activity(content)

    assert len(found.points) == 2_319
    assert found.distance == 3 * 2_318
    assert found.remarks == [
        "The recording was never closed: what is in the file was read, to its end.",
        "The recording has no end: its totals are from its 2,319 points.",
    ]


def test_heart_rates_that_a_strap_stored_come_from_the_parts_without_an_id():
    ticks = [1024 * second for second in range(1, 9)]
    zero = message(132, time=START, fraction=0, bpm=100, event=5 * 1024)
    later = message(
        132, local=1, bpm=list(range(101, 109)), events=writer.packed_events([5 * 1024 + tick for tick in ticks])
    )
    content = file(activity(), points(9, heart_rate=60), session(sport=5, metres=24)) + file(zero) + file(later)
    alone = file(activity(), session(sport=5)) + file(zero, later)

    found = only_activity(content)

    assert found.sport == "swimming"
    assert found.remarks == []
    # Each part has a clock of its own, which the second one does not set.
    assert found.points.heart_rate == list(range(100, 109))
    assert only_activity(alone).points.time == [EPOCH + START + second for second in range(9)]
    assert only_activity(alone).points.heart_rate == list(range(100, 109))


def test_points_of_definitions_that_take_turns_are_in_the_order_of_time():
    content = file(
        activity(),
        *(
            message(20, local=second % 2, time=START + second, distance=100 * second, **beat)
            for second, beat in ((0, {}), (1, {"heart_rate": 141}), (2, {}), (3, {"heart_rate": 143}))
        ),
        session(metres=3),
    )

    found = only_activity(content)

    assert found.points.time == [EPOCH + START + second for second in range(4)]
    assert found.points.distance == [0, 1, 2, 3]
    assert found.points.heart_rate == [None, 141, None, 143]


def test_each_leg_of_a_multisport_is_an_activity_and_transitions_are_passed_over():
    content = file(
        activity(),
        points(60),
        points(30, start=START + 60),
        points(60, start=START + 90),
        session(sport=5),
        session(start=START + 60, seconds=30, sport=3),
        session(start=START + 90, sport=2, metres=177),
    )

    found = fit.read(content)

    assert [(one.sport, len(one.points)) for one in found.activities] == [("swimming", 60), ("cycling", 60)]
    assert found.activities[1].start == datetime.fromtimestamp(EPOCH + START + 90, UTC)
    assert found.skipped == ["A transition between two sports."]


def test_pauses_are_between_a_stop_of_the_timer_and_its_next_start():
    events = [
        message(21, time=START + second, event=event, type=type_)
        for second, event, type_ in ((0, 0, 0), (10, 0, 4), (15, 3, 3), (20, 0, 0), (40, 0, 4))
    ]

    found = only_activity(file(activity(), *events, points(41)))

    assert found.pauses == [(EPOCH + START + 10, EPOCH + START + 20)]
    assert (found.elapsed_seconds, found.moving_seconds) == (40, 30)


def test_totals_that_contradict_the_points_win_and_are_remarked_on():
    found = only_activity(file(activity(), points(61), session(metres=200)))

    assert found.distance == 200
    assert found.remarks == ["The file says 200 metres, its points 180: the former were taken."]


def test_enhanced_heights_win_over_the_older_ones():
    content = file(
        activity(),
        message(20, time=START, altitude=5 * 600, enhanced_altitude=5 * 700),
        message(20, time=START + 1, altitude=5 * 601, enhanced_altitude=2**32 - 1),
        message(20, time=START + 2, altitude=5 * 602),
    )

    assert only_activity(content).points.altitude == [200, 101, 102]


def test_values_that_cannot_be_are_none():
    content = file(
        activity(),
        message(20, time=START, heart_rate=10, lat=2**31 - 1, lon=0, distance=0),
        message(20, time=START + 1, heart_rate=140, lat=2**30, lon=2**29, distance=300),
        session(seconds=1, metres=3),
    )

    found = only_activity(content).points

    assert found.heart_rate == [None, 140]
    assert found.lat == [None, pytest.approx(90)]


def test_a_file_with_more_points_than_any_has_is_read_no_further(monkeypatch):
    monkeypatch.setattr("fitness.readers.fit_messages.MOST_POINTS", 10)
    monkeypatch.setattr("fitness.readers.fit_messages._BLOCK_BYTES", 100)

    found = only_activity(file(activity(), points(100)))

    assert 10 < len(found.points) < 20
    assert found.remarks[0] == "More than 10 points. What stands before it was read."


def test_a_file_with_more_messages_than_any_has_is_read_no_further(monkeypatch):
    monkeypatch.setattr("fitness.readers.fit_messages.MOST_MESSAGES", 10)
    events = [message(21, time=START, event=3, type=3)] * 20

    found = only_activity(file(activity(), points(5), *events))

    assert len(found.points) == 5
    assert found.remarks[0] == "More than 10 messages besides points. What stands before it was read."


@pytest.mark.parametrize("size", [0, 1, 2, 4_095, 4_096, 32_766, 32_767, 32_768, 65_534, 70_001])
def test_the_checksum_of_any_size_is_that_of_each_byte(size):
    content = Random(size).randbytes(size)

    assert fit_messages._crc(content) == writer.checksum(content)


def test_points_of_definitions_that_take_turns_are_all_read():
    other = [message(20, local=1, time=START + 200 + second, heart_rate=150) for second in range(3)]
    content = file(activity(), points(150), other[0], points(1, start=START + 150), *other[1:], session(seconds=203))

    found = only_activity(content).points

    assert found.time == [START + EPOCH + second for second in (*range(151), 200, 201, 202)]
    assert found.heart_rate == [None] * 151 + [150] * 3


def test_a_field_that_stands_twice_in_a_definition_is_read_once():
    fields = [(253, 4, 0x86), (3, 1, 0x02), (3, 1, 0x02)]
    definition = bytes([0x40, 0, 0]) + struct.pack("<HB", 20, len(fields)) + b"".join(map(bytes, fields))
    twice = b"".join(struct.pack("<BIBB", 0, START + second, 90 + second, 60) for second in range(3))

    found = only_activity(file(activity(), definition, twice)).points

    assert found.heart_rate == [90, 91, 92]


@pytest.mark.parametrize("off", [-(2**29), 2**20, -(2**13)])
def test_a_start_that_the_points_contradict_is_that_of_the_first_lap(off):
    lap = message(19, start=START - 2, elapsed=62_000, timer=62_000)
    content = file(activity(), points(61), lap, session(start=START + off))

    found = only_activity(content)

    assert found.start == datetime.fromtimestamp(EPOCH + START - 2, UTC)
    begun = datetime.fromtimestamp(EPOCH + START + off, UTC)
    assert found.remarks[0] == (
        f"The session begins at {begun:%Y-%m-%d %H:%M:%S} UTC, which its points contradict: it was taken to begin at"
        f" {found.start:%Y-%m-%d %H:%M:%S}."
    )


def test_without_a_lap_beside_them_the_first_point_is_the_start():
    lap = message(19, start=START - 2**28, elapsed=62_000, timer=62_000)

    found = only_activity(file(activity(), points(61), lap, session(start=START + 2**25)))

    assert found.start == datetime.fromtimestamp(EPOCH + START, UTC)


def test_a_device_that_begins_to_measure_late_contradicts_nothing():
    content = file(activity(), points(61, start=START + 1_800), session(seconds=3_000))

    found = only_activity(content)

    assert (found.start, found.remarks) == (datetime.fromtimestamp(EPOCH + START, UTC), [])
