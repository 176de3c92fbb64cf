"""The files of an export, whether it came as one ZIP or file by file, and ZIPs that are made to use memory up.

Names are labels: they may be any text, and lead nowhere. What a file is, its content says.
"""

import io
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import BinaryIO, NamedTuple, Protocol, Self, cast

from fitness.deadline import go_on
from fitness.readers import zips
from fitness.readers.records import UnreadableFile, shown
from fitness.readers.zips import Archive

HEAD_BYTES = 512
"""How much of a file shows what it is."""
MOST_FILES = 50_000
MOST_NESTED = 2
"""How deep archives may stand in archives."""
MOST_BYTES = 4 * 1024**3
"""How many bytes all files of an export may have together, unpacked."""
_LOCAL_HEADER = 30
_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 64 * 1024


class Folder(Protocol):
    """Files by their names. What is packed by gzip is unpacked; what cannot be read raises UnreadableFile."""

    def names(self) -> Sequence[str]:
        """Return the names of all files, without what systems add for themselves."""
        ...

    def size(self, name: str) -> int:
        """Return the bytes of a file, before it is unpacked by gzip."""
        ...

    def head(self, name: str) -> bytes:
        """Return the first HEAD_BYTES of a file; b"" for one that cannot be read."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Return the content of a file, to be closed by the caller."""
        ...


class OverBudget(UnreadableFile):
    """The files together are larger than they may be: none of the others can be read either."""


class Budget:
    """How many unpacked bytes may still be read."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = self._left = most_bytes

    def take(self, count: int) -> None:
        """Count bytes that were read; raises OverBudget."""
        self._left -= count
        if self._left < 0:
            raise OverBudget(f"Unpacked, the files are larger than {self.most_bytes // 1024**2:,} MB together.")


class _Member(NamedTuple):
    archive: Archive
    info: zipfile.ZipInfo


class ZipFolder:
    """The files in a ZIP and in those in it, under the names of all of them. The stream stays open.

    `problems` are sentences on what could not be looked at. Raises UnreadableFile for what is no ZIP.
    """

    def __init__(
        self, stream: BinaryIO, budget: Budget | None = None, *, advice: str = "unpack it and send the files in it"
    ) -> None:
        self.problems: list[str] = []
        self._budget = budget or Budget()
        self._advice = advice
        self._members: dict[str, _Member] = {}
        self._heads: dict[str, bytes] = {}
        self._furthest: dict[str, int] = {}
        self._same: Counter[str] = Counter()
        with ExitStack() as opened:
            self._add(stream, "", 0, opened)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def names(self) -> Sequence[str]:
        return list(self._members)

    def size(self, name: str) -> int:
        return self._members[name].info.file_size

    def head(self, name: str) -> bytes:
        return self._heads[name]

    def open(self, name: str) -> BinaryIO:
        content = self._raw(name)
        with zips.broken():
            is_packed = content.read(len(zips.GZIP)) == zips.GZIP
            content.seek(0)
        if is_packed:
            content = cast(BinaryIO, zips.Unpacked(content))
        return io.BufferedReader(Counted(content, name, self._budget, self._furthest))

    def _raw(self, name: str) -> BinaryIO:
        member = self._members[name]
        return member.archive.open(member.info, self._budget.most_bytes)

    def _add(self, stream: BinaryIO, within: str, nested: int, opened: ExitStack) -> None:
        """Add the files of a ZIP that stands in the archives named `within`."""
        archive = opened.enter_context(zips.opened(stream, advice=self._advice))
        files = [info for info in archive.infolist() if not _is_of_a_system(info)]
        _refuse_overlapping(files)
        for info in files:
            go_on()
            if len(self._members) == MOST_FILES:
                raise UnreadableFile(f"More than {MOST_FILES:,} files in the archive.")
            name = self._label(within, info.filename)
            self._members[name] = _Member(archive, info)
            self._heads[name] = self._head(name)
            if self._heads[name].startswith(zips.ZIP):
                self._add_nested(name, nested + 1, opened)

    def _add_nested(self, name: str, nested: int, opened: ExitStack) -> None:
        if nested > MOST_NESTED:
            self.problems.append(f"{shown(name)}: more than {MOST_NESTED} archives stand in each other.")
            return
        try:
            self._add(self._unpacked(name, opened), f"{name}/", nested, opened)
        except OverBudget:
            raise
        except UnreadableFile as refusal:
            self.problems.append(f"{shown(name)}: {refusal}")
        else:
            del self._members[name], self._heads[name]

    def _unpacked(self, name: str, opened: ExitStack) -> BinaryIO:
        """Return a copy of a ZIP in a ZIP: inside of it every step back would begin at its start."""
        copy = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, the stack closes it
        opened.enter_context(copy)
        with self.open(name) as content:
            while piece := content.read(_PIECE):
                go_on()
                copy.write(piece)
        copy.seek(0)
        return cast(BinaryIO, copy)

    def _head(self, name: str) -> bytes:
        try:
            with self._raw(name) as content, zips.broken():
                return zips.unpacked_head(content.read(HEAD_BYTES), HEAD_BYTES)
        except UnreadableFile as refusal:
            self.problems.append(f"{shown(name)}: {refusal}")
            return b""

    def _label(self, within: str, written: str) -> str:
        """Return a name that no other file has, without signs that would mislead, such as those of direction."""
        plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in written.replace("\\", "/"))
        name = within + plain
        while name in self._members:
            self._same[within + plain] += 1
            name = f"{within}{plain} ({self._same[within + plain] + 1})"
        return name


def _is_of_a_system(info: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a folder, or a file that a system keeps beside those of people."""
    *folders, name = info.filename.replace("\\", "/").split("/")
    return not name or name == ".DS_Store" or name.startswith("._") or "__MACOSX" in folders


def _refuse_overlapping(files: Iterable[zipfile.ZipInfo]) -> None:
    """Raise UnreadableFile where bytes belong to several files: so a small archive gets huge."""
    places = sorted((info.header_offset, info.compress_size) for info in files)
    for (start, size), (following, _) in pairwise(places):
        if start + _LOCAL_HEADER + size > following:
            raise UnreadableFile("Files in the archive overlap: it is broken, or made to use memory up.")


class Counted(io.RawIOBase):
    """The content of a file, which is counted as far as it has been read."""

    def __init__(self, content: BinaryIO, name: str, budget: Budget, furthest: dict[str, int]) -> None:
        self._content, self._name, self._budget, self._furthest = content, name, budget, furthest

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with zips.broken():
            return self._content.seek(offset, whence)

    def tell(self) -> int:
        return self._content.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        with zips.broken():
            found = self._content.read(min(len(buffer), _PIECE))  # which exists twice for a moment
        buffer[: len(found)] = found
        here = self.tell()
        if here > (known := self._furthest.get(self._name, 0)):
            self._furthest[self._name] = here
            self._budget.take(here - known)
        return len(found)

    def close(self) -> None:
        self._content.close()
        super().close()
