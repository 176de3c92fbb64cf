"""Damaged copies of whole exports: nothing is raised but a sentence."""

import io
from zoneinfo import ZoneInfo

import pytest

from fitness.readers.reader import Answers
from fitness.readers.recognition import recognise
from fitness.readers.records import UnreadableFile
from tests.readers.cuts import damaged
from tests.samples import ACTIVITIES


@pytest.mark.parametrize("name", ["strava_export.zip", "garmin_account_export.zip", "apple_health_export.zip"])
def test_damage_to_an_archive_raises_nothing_but_a_sentence(name):
    content = (ACTIVITIES / "same_run" / name).read_bytes()
    whole = len(read(content))

    for copy, is_cut in damaged(content):
        try:
            found = read(copy)
        except UnreadableFile:
            continue
        assert (is_cut, len(found) >= whole - 1) == (False, True)


def read(content):
    stream = io.BytesIO(content)
    return list(recognise(stream).parse(stream, Answers(ZoneInfo("UTC"))))
