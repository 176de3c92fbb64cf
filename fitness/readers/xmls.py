"""XML files from outside, read piece by piece: memory does not grow with the file, nothing is fetched or expanded."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO, Protocol

from lxml import etree

from fitness.deadline import go_on
from fitness.readers import zips
from fitness.readers.records import UnreadableFile

_PIECE = 65_536
_BLANKS = b" \t\r\n"
_DEEPEST = 100
"""How many elements may stand in each other."""
_MOST_NAMES = 1_000
_MARKS = ("utf-8", "utf-16-le", "utf-16-be")
_LONGEST_MARK = 2 * len("<!ENTITY")


class Handler(Protocol):
    """What is called while a file is read, with names without their namespaces."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` is what stands in it behind its last child, without blanks around it."""


def read(data: bytes, handler: Handler) -> str | None:
    """Call `handler` with the elements of a file; see `read_stream`."""
    return read_stream(BytesIO(data), handler)


def read_stream(stream: BinaryIO, handler: Handler) -> str | None:
    """Call `handler` with the elements of a file; return None, or a sentence on where the file is broken.

    Blanks before the declaration are passed over. Raises UnreadableFile for a file that declares entities, which no
    file of activities needs and attacks are made of.
    """
    target = _Target(handler)
    parser = _parser(target)
    before = b""
    try:
        for piece in _pieces(stream):
            if not target.has_begun:  # behind its first element a file declares nothing
                before += piece
                if any("<!ENTITY".encode(mark) in before for mark in _MARKS):
                    raise UnreadableFile("The file declares entities, which are not read.")
                before = before[-_LONGEST_MARK:]
            parser.feed(piece)
        parser.close()
    except etree.XMLSyntaxError as error:
        return f"The file is cut or broken in line {error.lineno or 1:,}: what stands before it was read."
    return None


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the pieces of a file, without the blanks before its declaration."""
    begun = False
    while piece := stream.read(_PIECE):
        go_on()
        if not begun:
            piece = piece.lstrip(_BLANKS)
            begun = bool(piece)
        if begun:
            yield piece


def root_of(head: bytes) -> str | None:
    """Return the name of the first element of a file that begins with `head`; None for what is no XML."""
    found = _First()
    parser = _parser(_Target(found))
    with suppress(etree.XMLSyntaxError):
        parser.feed(head.lstrip(_BLANKS))
    return found.name


class _First:
    name: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.name = self.name or name

    def end(self, name: str, text: str) -> None:
        pass


class _Names(dict[str, str]):
    """The names of tags without their namespaces."""

    def __missing__(self, tag: str) -> str:
        if len(self) > _MOST_NAMES:
            self.clear()
        name = self[tag] = tag.rpartition("}")[2]
        return name


class _Target:
    """Hands what lxml calls it with on to a handler; most of the time to read a file goes into these calls."""

    def __init__(self, handler: Handler) -> None:
        self._start, self._end = handler.start, handler.end
        self._names = _Names()
        self._depth = 0
        self.has_begun = False
        self._text: list[str] = []
        self.data: Callable[[str], None] = self._text.append

    def start(self, tag: str, attributes: Any) -> None:
        self._text.clear()
        self._depth += 1
        self.has_begun = True
        if self._depth > _DEEPEST:
            raise UnreadableFile(f"More than {_DEEPEST} elements of the file stand in each other.")
        self._start(self._names[tag], dict(attributes) if attributes else {})

    def end(self, tag: str) -> None:
        text = "".join(self._text).strip() if self._text else ""
        self._text.clear()
        self._depth -= 1
        self._end(self._names[tag], text)

    def close(self) -> None:
        pass


def _parser(target: Any) -> Any:  # the stubs of lxml want every method that a target may have
    return etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def recognise(stream: BinaryIO, *, root: str, file: str) -> None:
    """Raise UnreadableFile for a file, as it is or packed by gzip, whose first element is not `root`."""
    with zips.unpacked(stream) as content:
        head = content.read(_PIECE)
    if root_of(head) != root:
        raise UnreadableFile(f"This is not {file}.")
