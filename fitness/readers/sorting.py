"""Which files of an export are worth reading, by how they begin: most are photographs, settings and measurements."""

from typing import Literal

from fitness.readers import fit, xmls
from fitness.readers.folder import Folder

Kind = Literal["fit", "gpx", "tcx", "health", "json", "table", "other fit", "other"]
"""`other fit`: a FIT file of no activity, such as one of the steps of a day. `health`: Apple's export.xml."""

_ROOTS: dict[str | None, Kind] = {"gpx": "gpx", "TrainingCenterDatabase": "tcx", "HealthData": "health"}
_MARK = b"\xef\xbb\xbf"
_SEPARATORS = (b",", b";", b"\t")


def sorted_files(folder: Folder) -> dict[str, Kind]:
    """Return {name: kind} of the files in a folder."""
    return {name: kind_of(folder.head(name)) for name in folder.names()}


def kind_of(head: bytes) -> Kind:
    """Return what a file is that begins with `head`, of folder.HEAD_BYTES."""
    if fit.is_fit(head):
        return "fit" if fit.may_be_activity(head) else "other fit"
    begins = head.removeprefix(_MARK).lstrip()
    if begins.startswith(b"<") or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _ROOTS.get(xmls.root_of(head), "other")
    if begins.startswith((b"{", b"[")):
        return "json"
    return "table" if b"\0" not in head and any(sign in head for sign in _SEPARATORS) else "other"
