"""Which kind of file an unknown one is: all readers in one tuple, each asked whether it knows the file."""

from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from fitness.readers import (
    any_csv,
    apple,
    fit,
    fitbod,
    fitnotes,
    garmin,
    garmin_list,
    google_fit,
    gpx,
    health_auto_export,
    hevy,
    mapmyfitness,
    polar,
    runkeeper,
    strava_export,
    strong,
    stronglifts,
    tcx,
    trainingpeaks,
    unread,
    zips,
)
from fitness.readers.folder import Folder, ZipFolder
from fitness.readers.reader import Reader
from fitness.readers.records import OfAnotherKind, UnreadableFile, shown
from fitness.readers.tables import ColumnsMissing

READERS: tuple[Reader, ...] = (
    fit.READER, gpx.READER, tcx.READER, polar.READER, google_fit.READER, apple.READER,
    health_auto_export.READER, garmin.READER, strava_export.READER, mapmyfitness.READER, hevy.READER,
    strong.READER, fitnotes.READER, fitbod.READER, stronglifts.READER, runkeeper.READER,
    garmin_list.READER, trainingpeaks.READER, any_csv.READER,
)  # fmt: skip
"""In the order in which they are asked: first those that look at a few bytes alone, last that of any table."""

_NEAR = 0.5
"""The share of needed columns that a file may lack to be taken for a damaged one of its kind."""


def recognise(stream: BinaryIO) -> Reader:
    """Return the reader that knows a file; raise UnreadableFile, with the most likely reason, where none does."""
    if zips.is_zip(stream):
        try:
            with ZipFolder(stream) as folder:
                return recognise_folder(folder)
        finally:
            stream.seek(0)
    unread.refuse(stream)
    refusals: list[UnreadableFile] = []
    for reader in READERS:
        stream.seek(0)
        try:
            reader.recognise(stream)
        except zips.BrokenArchive:
            raise
        except UnreadableFile as refusal:
            refusals.append(refusal)
        else:
            return reader
        finally:
            stream.seek(0)
    lacking = [refusal for refusal in refusals if isinstance(refusal, ColumnsMissing)]
    if not lacking:
        raise refusals[-1]
    nearest = min(lacking, key=lambda refusal: refusal.share)
    if nearest.share <= _NEAR:
        raise nearest
    raise UnreadableFile(
        f"This file is of another kind than those that can be imported: {_files(READERS)}. Its header row is"
        f" {shown(', '.join(nearest.heading))}."
    )


def recognise_folder(folder: Folder) -> Reader:
    """Return the reader that knows a whole export; raise UnreadableFile where none does."""
    unread.refuse_folder(folder)
    exports = [(reader, reader.of_folder) for reader in READERS if reader.of_folder]
    for reader, of_folder in exports:
        with suppress(OfAnotherKind):
            of_folder.recognise(folder)
            return reader
    raise OfAnotherKind(
        f"The archive is of another kind than those that can be imported: {_files(reader for reader, _ in exports)}."
        " Unpack it and send the files in it."
    )


def _files(readers: Iterable[Reader]) -> str:
    return ", ".join(reader.file for reader in readers)
