"""Files of any kind that is read, into the database."""

from typing import BinaryIO
from zoneinfo import ZoneInfo

from fitness.db.runs import TOLD
from fitness.readers.reader import Reader
from fitness.sync.load import Report, load_runs, load_workouts
from fitness.sync.plan import load_plan


def load_file(reader: Reader, stream: BinaryIO, report: Report, *, zone: ZoneInfo, actor: str) -> Report:
    """Store what a file says, in the bound transaction; return the report. Raises UnreadableFile.

    `zone` is that of its local times, which the report names where the file has such.
    """
    report.time_zone = None if reader.zone == "none" else zone.key
    records = reader.parse(stream, zone)
    if reader.noun == "runs":
        told = [field for field in TOLD if field not in reader.unsaid]
        return load_runs(records, report, source=reader.source, actor=actor, told=told)
    load = load_workouts if reader.noun == "workouts" else load_plan
    return load(records, report, source=reader.source, actor=actor)
