"""Packed files from outside: broken ones, and those that are made to use memory up, are refused in words."""

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from fitness.readers.records import UnreadableFile

MOST_DIRECTORY_BYTES = 16 * 1024 * 1024
"""Largest list of files in an archive, in bytes, as it is read into memory; 100,000 files take about 10 MB."""
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
"""How large a file packed by gzip may be."""
MOST_WHOLE_BYTES = 64 * 1024 * 1024
"""How large a file of one activity may be, unpacked; a day at a point a second takes about 3 MB, as XML 40 MB."""
ZIP, EMPTY_ZIP, GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
"""How files of these kinds begin."""
_PIECE = 1024 * 1024
# zipfile does not document what it raises for malicious archives; these were seen.
_TROUBLE = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, OverflowError)
_UNPACKING = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)


class Archive:
    """An open archive; `advice` is what a person can do if it cannot be read."""

    def __init__(self, archive: zipfile.ZipFile, advice: str) -> None:
        self.infolist = archive.infolist
        self._archive = archive
        self._advice = advice

    def open(self, info: zipfile.ZipInfo, most_bytes: int) -> BinaryIO:
        """Return one of its files, of at most `most_bytes` bytes; read it within `broken`. Raises UnreadableFile."""
        if info.flag_bits & 0x1:
            raise UnreadableFile(f"The archive is encrypted: {self._advice}.")
        if info.file_size > most_bytes:
            name = PurePosixPath(info.filename).name
            raise UnreadableFile(f"The {name} is larger than {most_bytes // 1024**2} MB.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnreadableFile(f"The archive uses an unsupported compression: {self._advice}.")
        with broken(*_TROUBLE):
            return cast(BinaryIO, self._archive.open(info))  # it never gives more bytes than info.file_size

    @contextmanager
    def member(self, info: zipfile.ZipInfo, most_bytes: int) -> Iterator[BinaryIO]:
        """Yield one of its files, as `open` does; raises UnreadableFile also while the file is read."""
        with self.open(info, most_bytes) as member, broken():
            yield member


def is_zip(stream: BinaryIO) -> bool:
    """Say whether a file is a ZIP, by its first bytes."""
    head = stream.read(len(ZIP))
    stream.seek(0)
    return head in (ZIP, EMPTY_ZIP)


@contextmanager
def opened(stream: BinaryIO, *, advice: str) -> Iterator[Archive]:
    """Yield the archive in a file; raises UnreadableFile."""
    with broken(*_TROUBLE):
        archive = zipfile.ZipFile(cast(BinaryIO, _Sparing(stream, advice)))
    with archive:
        yield Archive(archive, advice)


class BrokenArchive(UnreadableFile):
    """A ZIP or gzip file that cannot be unpacked, or not to its end."""


@contextmanager
def unpacked(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give what a file packed by gzip holds, and any other file as it is; raises BrokenArchive while it is read."""
    packed = stream.read(len(GZIP)) == GZIP
    stream.seek(0)
    if not packed:
        yield stream
        return
    with broken(), _Limited(fileobj=stream, mode="rb") as content:
        yield cast(BinaryIO, content)


def unpacked_head(head: bytes, most_bytes: int) -> bytes:
    """Return how a file begins, from the first bytes of it, packed by gzip or not. Raises zlib.error."""
    return zlib.decompressobj(31).decompress(head, most_bytes) if head.startswith(GZIP) else head


def whole(stream: BinaryIO, most_bytes: int = MOST_WHOLE_BYTES) -> bytes:
    """Return all of a file that is read at once, unpacked; raises UnreadableFile."""
    pieces, size = list[bytes](), 0
    with unpacked(stream) as content:
        while piece := content.read(_PIECE):  # one large read would take the memory twice before it is refused
            pieces.append(piece)
            size += len(piece)
            if size > most_bytes:
                raise UnreadableFile(f"The file is larger than {most_bytes // 1024**2} MB.")
    return b"".join(pieces)


class Unpacked(gzip.GzipFile):
    """What a gzip file holds; closing it closes that file."""

    def __init__(self, packed: BinaryIO) -> None:
        # Without a mode, gzip takes that of the stream, and only writes to a temporary file.
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


class _Limited(gzip.GzipFile):
    """What a gzip file holds, up to a limit."""

    def read(self, size: int | None = -1) -> bytes:
        self._refuse_endless()
        return super().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        self._refuse_endless()
        return super().readline(size)

    def _refuse_endless(self) -> None:
        if self.tell() > MOST_UNPACKED_BYTES:
            raise BrokenArchive(f"Unpacked, the file is larger than {MOST_UNPACKED_BYTES // 1024**2} MB.")


@contextmanager
def broken(*trouble: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong with packed bytes into UnreadableFile: `trouble`, by default that of reading them."""
    trouble = trouble or _UNPACKING
    try:
        yield
    except UnreadableFile:
        raise
    except trouble as error:
        raise BrokenArchive("The archive is broken or incomplete: download it again.") from error


class _Sparing:
    """A stream that rejects very large reads, as zipfile reads the list of files at once."""

    def __init__(self, stream: BinaryIO, advice: str) -> None:
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, lambda: True
        self._read: Callable[[int], bytes] = stream.read
        self._advice = advice

    def read(self, size: int = -1) -> bytes:
        if size > MOST_DIRECTORY_BYTES:
            raise UnreadableFile(f"The archive has too many files: {self._advice}.")
        return self._read(size)
