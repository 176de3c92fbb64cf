"""Write small FIT files for tests: messages with the fields that are given, and files of them."""

import struct

EPOCH = 631_065_600
START = 1_762_085_131 - EPOCH  # 2025-11-02T12:05:31Z in the time of FIT files

# Message and field numbers, base types and their codes in struct.
U8, U16, U32, ENUM, BYTES, SINT32 = (0x02, "B"), (0x84, "H"), (0x86, "I"), (0x00, "B"), (0x0D, "s"), (0x85, "i")
FILE_ID = {"type": (0, *ENUM), "serial": (3, 0x8C, "I"), "created": (4, *U32)}
RECORD = {
    "time": (253, *U32), "lat": (0, *SINT32), "lon": (1, *SINT32), "heart_rate": (3, *U8), "distance": (5, *U32),
    "altitude": (2, *U16), "enhanced_altitude": (78, *U32), "cadence": (4, *U8), "speed": (6, *U16), "power": (7, *U16),
    "temperature": (13, 0x01, "b"),
}  # fmt: skip
SESSION = {
    "time": (253, *U32), "start": (2, *U32), "elapsed": (7, *U32), "timer": (8, *U32), "distance": (9, *U32),
    "sport": (5, *ENUM), "sub_sport": (6, *ENUM),
}  # fmt: skip
HEART_RATES = {
    "time": (253, *U32), "fraction": (0, *U16), "bpm": (6, *U8), "event": (9, *U32), "events": (10, *BYTES),
}  # fmt: skip
EVENT = {"time": (253, *U32), "event": (0, *ENUM), "type": (1, *ENUM)}
LAP = {"time": (253, *U32), "start": (2, *U32), "elapsed": (7, *U32), "timer": (8, *U32)}
MESSAGES = {0: FILE_ID, 18: SESSION, 19: LAP, 20: RECORD, 21: EVENT, 132: HEART_RATES}


def message(number, *, local=0, **values):
    """Return a definition and a message of it; a list or bytes make a field of several values."""
    fields, content = b"", b""
    for name, value in values.items():
        field, base, code = MESSAGES[number][name]
        packed = value if isinstance(value, bytes) else b"".join(struct.pack("<" + code, one) for one in listed(value))
        fields += bytes([field, len(packed), base])
        content += packed
    return bytes([0x40 | local, 0, 0]) + struct.pack("<HB", number, len(values)) + fields + bytes([local]) + content


def listed(value):
    return value if isinstance(value, list) else [value]


def file(*messages, size=None):
    """Return a FIT file of messages; `size` is what its header says instead of the truth."""
    content = b"".join(messages)
    header = struct.pack("<BBHI4s", 14, 0x20, 2132, len(content) if size is None else size, b".FIT")
    whole = header + struct.pack("<H", checksum(header)) + content
    return whole + struct.pack("<H", checksum(whole))


def checksum(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def activity(serial=3_900_000_001):
    return message(0, type=4, serial=serial, created=START)


def points(count, *, start=START, **values):
    """Return points, one a second, each 3 metres further; a list has the values of all points."""
    columns = {name: value if isinstance(value, list) else [value] * count for name, value in values.items()}
    return track(time=range(start, start + count), distance=range(0, 300 * count, 300), **columns)


def track(**columns):
    """Return points of columns: one definition, and a message for each point."""
    row = struct.Struct("<x" + "".join(RECORD[name][2] for name in columns))
    first, *others = zip(*columns.values(), strict=True)
    return message(20, **dict(zip(columns, first, strict=True))) + b"".join(row.pack(*point) for point in others)


def session(*, start=START, seconds=60, metres=180.0, sport=1, **values):
    return message(
        18, time=start + seconds, start=start, elapsed=1000 * seconds, timer=1000 * seconds,
        distance=round(100 * metres), sport=sport, **values,
    )  # fmt: skip


def packed_events(ticks):
    """Return times of beats, in 1/1024 s, as three bytes for two of them, of 12 bits each."""
    packed = b""
    for first, second in zip(ticks[::2], ticks[1::2], strict=True):
        first, second = first & 0xFFF, second & 0xFFF
        packed += bytes([first & 0xFF, first >> 8 | (second & 0x0F) << 4, second >> 4])
    return packed
