"""Files of drops as they are received: each whole or in pieces, any of them again, and checked against its hash."""

import hashlib
from contextlib import closing
from dataclasses import dataclass

from fitness.db import drop_files, drops
from fitness.db.drop_files import DropFile
from fitness.db.usage import require_room
from fitness.errors import Conflict, TooLarge, invalid_field
from fitness.sync.drops import lock_drop


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a file of so many bytes, from the one with the number `first_byte` on."""

    first_byte: int
    content: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The most files and bytes of a drop."""

    files: int
    bytes: int


def receive_piece(import_id: int, sha256: str, name: str, piece: Piece, limits: Limits) -> bool:
    """Store a piece of a file, in the bound transaction, or the whole file; what is here already changes nothing.

    Returns False if the file is complete but has another hash: then nothing of it stays. Raises NotFound,
    ImportExpired, QuotaExceeded, TooLarge, Invalid if the size is another one than before, and Conflict if files cannot
    be sent any more, or if a part of the piece is here as a part of another one.
    """
    lock_drop(import_id, "open")
    drops.touch_drop(import_id)
    file = drop_files.get_file(import_id, sha256) or _add_file(import_id, sha256, name, piece.size, limits)
    if file.size != piece.size:
        raise invalid_field("Content-Range", f"Earlier, this file had {file.size:,} bytes, and now {piece.size:,}")
    if file.state != "incomplete":
        return True
    received = _add_piece(import_id, file, piece)
    whole = received == file.size
    if whole and _hash(import_id, file, piece) != sha256:
        drop_files.delete_file(import_id, file.number)
        return False
    drop_files.set_received(import_id, file.number, received=received, state="waiting" if whole else "incomplete")
    return True


def _add_file(import_id: int, sha256: str, name: str, size: int, limits: Limits) -> DropFile:
    sent = drop_files.count_sent(import_id)
    if sent.files >= limits.files:
        raise TooLarge(f"One import may have {limits.files:,} files (MAX_DROP_FILES): send the others in another one")
    if sent.bytes + size > limits.bytes:
        raise TooLarge(
            f"One import may have {limits.bytes:,} bytes (MAX_DROP_MB), and with {name} it would have"
            f" {sent.bytes + size:,}: send the others in another one"
        )
    return drop_files.add_file(import_id, sent.highest + 1, sha256=sha256, name=name, size=size)


def _add_piece(import_id: int, file: DropFile, piece: Piece) -> int:
    """Store a piece; return how much of the file is here."""
    size = len(piece.content)
    if file.received:
        place = {"first_byte": piece.first_byte, "size": size}
        if overlapping := drop_files.find_overlapping(import_id, file.number, **place):
            first, size = overlapping
            raise Conflict(
                f"The bytes {first} to {first + size - 1} are here as another piece: send pieces that follow it"
            )
        drop_files.delete_within(import_id, file.number, **place)
    drops.hold_off_others()
    require_room(size)
    return drop_files.add_piece(import_id, file.number, first_byte=piece.first_byte, content=piece.content)


def _hash(import_id: int, file: DropFile, last: Piece) -> str:
    """Return the hash of a file that is here as a whole; most come in one piece, which is not read again."""
    digest = hashlib.sha256()
    if len(last.content) == file.size:
        digest.update(last.content)
        return digest.hexdigest()
    with closing(drop_files.stream_pieces(import_id, file.number)) as pieces:
        for content in pieces:
            digest.update(content)
    return digest.hexdigest()
