"""Store what was measured beside the records of an import: points, best efforts, and the files they were read from."""

from collections.abc import Collection

from fitness.db import activity_files, activity_points
from fitness.db.activity_files import NewFile, NewLink
from fitness.db.activity_points import NewEffort, NewPoints, Removed
from fitness.readers.records import ParsedRun, ParsedWorkout


def store_measured(read: Collection[tuple[str, ParsedRun | ParsedWorkout]]) -> None:
    """Store the points and files of records, each with its id here, in the bound transaction.

    What is stored already is passed over: the same file twice adds nothing.
    """
    points = {one.points.id: one.points for _, one in read if one.points}
    waiting = []
    if points:
        new = [NewPoints(one.id, one.content, one.laps, one.pauses) for one in points.values()]
        efforts = [NewEffort(one.id, name, seconds) for one in points.values() for name, seconds in one.efforts.items()]
        named = [Removed(id, one.points.id) for id, one in read if one.points]
        waiting.append(activity_points.store_points(new, efforts, named))
    originals = [(id, one.original) for id, one in read if one.original]
    if originals:
        # Packing a file takes longer than asking whether it is there.
        unknown = activity_files.list_unknown([one.sha256 for _, one in originals])
        files = {one.sha256: one for _, one in originals if one.sha256 in unknown}
        links = [NewLink(id, one.sha256, one.place, one.laps) for id, one in originals]
        new_files = [NewFile.of(one.sha256, one.kind, one.content) for one in files.values()]
        waiting.append(activity_files.store_files(new_files, links))
    for wait in waiting:
        wait()
