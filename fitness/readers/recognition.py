"""Which kind of file an unknown one is: all readers in one tuple, each asked whether it knows the file."""

from typing import BinaryIO

from fitness.readers import (
    fit,
    fitbod,
    fitnotes,
    google_fit,
    gpx,
    hevy,
    mapmyfitness,
    polar,
    runkeeper,
    strava,
    strong,
    stronglifts,
    tcx,
    trainingpeaks,
)
from fitness.readers.reader import Reader
from fitness.readers.records import UnreadableFile, shown
from fitness.readers.tables import ColumnsMissing

READERS: tuple[Reader, ...] = (
    fit.READER, gpx.READER, tcx.READER, polar.READER, google_fit.READER, strava.READER, mapmyfitness.READER,
    hevy.READER, strong.READER, fitnotes.READER, fitbod.READER, stronglifts.READER, runkeeper.READER,
    trainingpeaks.READER,
)  # fmt: skip
"""In the order in which they are asked: first those that look at a few bytes alone."""

_NEAR = 0.5
"""The share of needed columns that a file may lack to be taken for a damaged one of its kind."""


def recognise(stream: BinaryIO) -> Reader:
    """Return the reader that knows a file; raise UnreadableFile, with the most likely reason, where none does."""
    refusals: list[UnreadableFile] = []
    for reader in READERS:
        stream.seek(0)
        try:
            reader.recognise(stream)
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
    files = ", ".join(reader.file for reader in READERS)
    raise UnreadableFile(
        f"This file is of another kind than those that can be imported: {files}. Its header row is"
        f" {shown(', '.join(nearest.heading))}."
    )
