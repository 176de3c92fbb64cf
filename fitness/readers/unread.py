"""Files that are known and not read: they are refused with what can be done instead."""

import re
from typing import BinaryIO

from fitness.readers import zips
from fitness.readers.folder import Folder
from fitness.readers.records import UnreadableFile

_HEAD_BYTES = 4_096
_OF_ACCOUNT = {"manifest.json", "data/profile.jsonl"}
_KINDS = (
    ("Jefit", re.compile(rb"\s*### [A-Z ]+ ###"), "Send the days of its workouts"),
    (
        "Nike Run Club",
        re.compile(rb'\s*\{.*"app_id"\s*:\s*"com\.nike\.', re.DOTALL),
        "Send FIT or GPX files, or its runs",
    ),
    (
        "RunGap",
        re.compile(rb'\s*\{.*(?:"activityType"\s*:\s*\{[^}]*"sourceName"|rungap)', re.DOTALL | re.IGNORECASE),
        "Let it export FIT, GPX or TCX files, or send its activities",
    ),
)


def refuse(stream: BinaryIO) -> None:
    """Raise UnreadableFile for a file of an app that is not read; the stream is back at its start otherwise."""
    with zips.unpacked(stream) as content:
        head = content.read(_HEAD_BYTES)
    stream.seek(0)
    for app, begins, instead in _KINDS:
        if begins.match(head):
            raise UnreadableFile(
                f"This is a file of {app}, which is not read. {instead} as a table (CSV) with a date, and a distance"
                " or a time, in each row: you are asked for the mapping of its columns then."
            )


def refuse_folder(folder: Folder) -> None:
    """Raise UnreadableFile for the archive of an account, which this program writes."""
    if _OF_ACCOUNT.issubset(folder.names()):
        raise UnreadableFile(
            "This is the archive of an account, with its history: load it into an empty account by POST"
            " /users/me/import, or fitness import archive."
        )
