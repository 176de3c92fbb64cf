"""Store what was measured beside the records of an import: points, best efforts, and the files they were read from."""

from collections.abc import Callable, Collection

from fitness.db import activity_files, activity_points
from fitness.db.activity_files import NewFile, NewLink
from fitness.db.activity_points import NewEffort, NewPoints, Removed
from fitness.readers.records import ParsedRun, ParsedWorkout

Measured = ParsedRun | ParsedWorkout


def files_stored(parsed: Collection[Measured]) -> Callable[[], Collection[str]]:
    """Ask with the next message which files of records are stored; return what returns their hashes.

    Packing a file takes longer than asking whether it is there.
    """
    hashes = {one.original.sha256 for one in parsed if one.original}
    return activity_files.find_stored(list(hashes)) if hashes else tuple


def store_measured(read: Collection[tuple[str, Measured]], stored: Collection[str]) -> None:
    """Store the points and files of records, each with its id here, with the next message.

    What is there already is passed over: the same file twice adds nothing. `stored` are the hashes of such files.
    """
    points = {one.points.id: one.points for _, one in read if one.points}
    if points:
        new = [NewPoints(one.id, one.content, one.laps, one.pauses) for one in points.values()]
        efforts = [NewEffort(one.id, name, seconds) for one in points.values() for name, seconds in one.efforts.items()]
        named = [Removed(id, one.points.id) for id, one in read if one.points]
        activity_points.store_points(new, efforts, named)
    originals = [(id, one.original) for id, one in read if one.original]
    if originals:
        files = {one.sha256: one for _, one in originals if one.sha256 not in stored}
        links = [NewLink(id, one.sha256, one.place, one.laps) for id, one in originals]
        new_files = [NewFile.of(one.sha256, one.kind, one.content) for one in files.values()]
        activity_files.store_files(new_files, links)
