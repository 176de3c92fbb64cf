"""Which files of an export are worth reading, by how they begin: most are photographs, settings and measurements."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from fitness.readers import fit, gpx, tcx, xmls, zips
from fitness.readers.activity import Contents
from fitness.readers.folder import HEAD_BYTES, Folder
from fitness.readers.records import Original
from fitness.readers.stored_points import stored_laps

Kind = Literal["fit", "gpx", "tcx", "health", "json", "table", "other fit", "other"]
"""`other fit`: a FIT file of no activity, such as one of the steps of a day. `health`: Apple's export.xml."""

_ROOTS: dict[str | None, Kind] = {"gpx": "gpx", "TrainingCenterDatabase": "tcx", "HealthData": "health"}
_READ: Mapping[Kind, tuple[str, Callable[[bytes], Contents]]] = {
    "fit": (fit.SOURCE, fit.read), "gpx": (gpx.SOURCE, gpx.read), "tcx": (tcx.SOURCE, tcx.read),
}  # fmt: skip
ACTIVITIES = frozenset(_READ)
"""The kinds of files of recorded activities."""
_PASSED_OVER = frozenset({"other", "other fit"})
_MARK = b"\xef\xbb\xbf"
_SEPARATORS = (b",", b";", b"\t")


def is_worth_reading(head: bytes) -> bool:
    """Say whether a file that begins with `head` may be one that people want to import, among all others of theirs."""
    return kind_of(head) not in _PASSED_OVER


def sorted_files(folder: Folder) -> dict[str, Kind]:
    """Return {name: kind} of the files in a folder."""
    return {name: kind_of(folder.head(name)) for name in folder.names()}


class ActivityFile(NamedTuple):
    """A file of recorded activities: what it holds, and the file as that of the first of them."""

    contents: Contents
    first: Original

    def original(self, place: int) -> Original:
        """Return the file as that of its activity number `place`."""
        return self.first._replace(place=place)


def read_activities(folder: Folder, name: str, kind: Kind) -> ActivityFile:
    """Read a file of one of ACTIVITIES. Raises UnreadableFile."""
    source, read = _READ[kind]
    with folder.open(name) as content:
        data = zips.whole(content)
    contents = read(data)
    return ActivityFile(contents, Original.of(source, data, activities=len(contents.activities)))


def laps_in(data: bytes, place: int) -> list[dict[str, float | None]]:
    """Return the laps of activity number `place` of an unpacked file, as they are stored; [] for other kinds of files.

    Raises UnreadableFile.
    """
    kind = kind_of(data[:HEAD_BYTES])
    found = _READ[kind][1](data).activities if kind in ACTIVITIES else []
    return stored_laps(found[place - 1]) if place <= len(found) else []


def kind_of(head: bytes) -> Kind:
    """Return what a file is that begins with `head`, of folder.HEAD_BYTES."""
    if fit.is_fit(head):
        return "fit" if fit.may_be_activity(head) else "other fit"
    begins = head.removeprefix(_MARK).lstrip()
    if b"<!DOCTYPE HealthData" in begins:
        return "health"  # what it declares is longer than the head
    if begins.startswith(b"<") or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _ROOTS.get(xmls.root_of(head), "other")
    if begins.startswith((b"{", b"[")):
        return "json"
    return "table" if b"\0" not in head and any(sign in head for sign in _SEPARATORS) else "other"
