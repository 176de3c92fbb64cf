"""The files of drops as folders: ZIPs in them are opened where they lie, and whole exports are found in either."""

import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from io import BytesIO
from typing import BinaryIO, cast

from fitness.db import drop_files
from fitness.db.drop_files import DropFile
from fitness.readers import unread, zips
from fitness.readers.folder import HEAD_BYTES, Budget, Counted, Folder, ZipFolder
from fitness.readers.reader import Reader
from fitness.readers.recognition import recognise_folder
from fitness.readers.records import UnreadableFile
from fitness.readers.sorting import is_worth_reading
from fitness.sync.drops import outcome_of
from fitness.sync.report import Report

SPOOLED_BYTES = 8 * 1024 * 1024
"""A larger file is kept on the disk while it is read."""
LONGEST_NAME = 1000


def content_of(import_id: int, number: int) -> BinaryIO:
    """Return the content of a file as it was sent, to be closed by the caller."""
    with ExitStack() as opened:
        content = opened.enter_context(tempfile.SpooledTemporaryFile(SPOOLED_BYTES))
        with closing(drop_files.stream_pieces(import_id, number)) as pieces:
            content.writelines(pieces)
        content.seek(0)
        opened.pop_all()
    return cast(BinaryIO, content)


class DropFolder:
    """The files that were sent for a drop, as those of an export; `opened` are those that were read."""

    def __init__(self, import_id: int, files: Sequence[DropFile], heads: Mapping[int, bytes], budget: Budget) -> None:
        self._import_id, self._heads, self._budget = import_id, heads, budget
        self._furthest: dict[str, int] = {}
        self.files = {file.name: file for file in files}
        self.opened: dict[str, DropFile] = {}

    def names(self) -> Sequence[str]:
        return list(self.files)

    def size(self, name: str) -> int:
        return self.files[name].size

    def head(self, name: str) -> bytes:
        with suppress(zlib.error):
            return zips.unpacked_head(self._heads.get(self.files[name].number, b""), HEAD_BYTES)
        return b""

    def open(self, name: str) -> BinaryIO:
        self.opened[name] = self.files[name]
        content = content_of(self._import_id, self.files[name].number)
        if self._heads.get(self.files[name].number, b"").startswith(zips.GZIP):
            content = cast(BinaryIO, zips.Unpacked(content))
        return cast(BinaryIO, Counted(content, name, self._budget, self._furthest))


class Folders:
    """The folders of a drop while it is loaded: the drop itself, and the ZIPs in it, each opened once.

    They read the drop's pieces: call `sort` and `of` inside of a transaction.
    """

    def __init__(self, import_id: int, most_files: int) -> None:
        self._import_id, self._most_files = import_id, most_files
        self._budget = Budget()
        self._opened = ExitStack()
        self._zips: dict[int, ZipFolder] = {}
        self._labels: dict[int, dict[str, str]] = {}
        self._heads: dict[int, bytes] = {}
        self._contents: dict[int, bytes] = {}

    def close(self) -> None:
        self._opened.close()

    def sort(self) -> None:
        """Find out the roles of new files; the files of ZIPs that are no whole export get lines of their own."""
        files = [file for file in drop_files.list_files(self._import_id) if file.role == "new"]
        if not files:
            return
        self._heads = drop_files.list_heads(self._import_id, HEAD_BYTES)
        roles = {
            file.number: self._role_of_zip(file) if self._is_zip(file) and file.state == "waiting" else "file"
            for file in files
        }
        listing = self._listing()
        drop_files.set_roles(self._import_id, roles | ({listing.number: "export"} if listing else {}))

    def of(self, file: DropFile) -> tuple[Folder, Reader]:
        """Return the whole export that a file is or lists, and its reader. Raises UnreadableFile."""
        folder = self.zip_of(file.number) if self._is_zip(file) else self._drop()
        reader = recognise_folder(folder)
        return folder, reader

    def fetch(self, files: Iterable[DropFile]) -> None:
        """Read the contents of files that fit in memory together, before each is opened."""
        numbers = [file.number for file in files if file.container is None]
        self._contents = drop_files.list_contents(self._import_id, numbers) if numbers else {}

    def open(self, file: DropFile) -> BinaryIO:
        """Return the content of a file, also of one in a ZIP. Raises UnreadableFile."""
        if file.number in self._contents:
            return BytesIO(self._contents.pop(file.number))
        if file.container is None:
            return content_of(self._import_id, file.number)
        folder = self.zip_of(file.container)
        if file.container not in self._labels:
            (archive,) = (one for one in drop_files.list_files(self._import_id) if one.number == file.container)
            self._labels[file.container] = {_label(archive, name): name for name in folder.names()}
        return folder.open(self._labels[file.container][file.name])

    def zip_of(self, number: int) -> ZipFolder:
        """Return what is in a ZIP. Raises UnreadableFile."""
        if number not in self._zips:
            stream = self._opened.enter_context(content_of(self._import_id, number))
            self._zips[number] = self._opened.enter_context(ZipFolder(stream, self._budget))
        return self._zips[number]

    def _is_zip(self, file: DropFile) -> bool:
        self._heads = self._heads or drop_files.list_heads(self._import_id, HEAD_BYTES)
        return self._heads.get(file.number, b"").startswith(zips.ZIP)

    def _drop(self) -> DropFolder:
        files = [file for file in drop_files.list_files(self._import_id) if file.container is None]
        self._heads = self._heads or drop_files.list_heads(self._import_id, HEAD_BYTES)
        return DropFolder(self._import_id, files, self._heads, self._budget)

    def _role_of_zip(self, file: DropFile) -> str:
        try:
            folder = self.zip_of(file.number)
            unread.refuse_folder(folder)
        except UnreadableFile:
            return "file"  # it is refused in the same words when it is loaded
        with suppress(UnreadableFile):
            recognise_folder(folder)
            return "export"
        members = {
            _label(file, name): folder.size(name) for name in folder.names() if is_worth_reading(folder.head(name))
        }
        if not members:
            return "file"
        sent = drop_files.count_sent(self._import_id)
        if sent.files + len(members) > self._most_files:
            why = f"With its {len(members):,} files, this import would have more than {self._most_files:,} files"
            outcome = outcome_of(Report(), None, detail=f"{why} (MAX_DROP_FILES).")
            drop_files.set_outcomes(self._import_id, [(file.number, "refused", outcome)])
            return "new"  # so that it is refused in the same words after a dry run
        drop_files.add_members(self._import_id, file.number, sent.highest + 1, members)
        if folder.problems:
            report = Report()
            report.add_problems(folder.problems)
            drop_files.set_taken(self._import_id, file.number, 0, outcome_of(report, None))
        return "archive"

    def _listing(self) -> DropFile | None:
        """Return the file that lists the others, if the files of the drop together are a whole export."""
        folder = self._drop()
        if len(folder.files) < 2:
            return None
        with suppress(UnreadableFile):
            recognise_folder(folder)
            return next(iter(folder.opened.values()), None)
        return None


def _label(archive: DropFile, name: str) -> str:
    """Return what a file in a ZIP is called; of a very long name, its end."""
    return f"{archive.name}/{name}"[-LONGEST_NAME:]
