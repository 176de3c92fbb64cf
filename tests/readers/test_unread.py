"""Files of apps that are not read: refused in words that say what can be done."""

import gzip
import io

import pytest

from fitness.readers.recognition import recognise
from fitness.readers.records import UnreadableFile

JEFIT = b'### ROUTINES ###\n\nrow_id,name\n1,Push\n\n### EXERCISE LOGS ###\n\nUSERID,TIMESTAMP,logs\n1,17,"135x10"\n'
NIKE = b'{"id": "1", "type": "run", "app_id": "com.nike.sport.running.ios", "start_epoch_ms": 1762085131000}'
RUNGAP = b'{"activityType": {"sourceName": "running"}, "startTime": {"time": "2025-11-02T12:05:31Z"}}'


@pytest.mark.parametrize(("content", "app"), [(JEFIT, "Jefit"), (NIKE, "Nike Run Club"), (RUNGAP, "RunGap")])
@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_an_app_that_is_not_read_is_named_and_so_is_the_mapping(content, app, packed):
    with pytest.raises(UnreadableFile, match=rf"This is a file of {app}, .* the mapping of its columns"):
        recognise(io.BytesIO(packed(content)))
