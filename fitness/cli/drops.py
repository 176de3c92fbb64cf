"""Send several files, folders and large archives to a running server, as one import that can be reverted."""

import hashlib
import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import click
import httpx
from rich import progress
from rich.console import Console

from fitness.cli.remote import (
    COUNTS,
    Refused,
    answer,
    name_of,
    print_counts,
    print_question,
    print_skipped,
    print_some,
    print_way_back,
    refuse_failed,
)
from fitness.readers import unread, zips
from fitness.readers.folder import HEAD_BYTES, Folder, ZipFolder
from fitness.readers.records import UnreadableFile
from fitness.readers.sorting import is_worth_reading

LARGE_BYTES = 8 * 1024 * 1024
"""A larger file is sent in pieces, and the files of a larger ZIP one by one."""
POLL_SECONDS = 0.5
MOST_ATTEMPTS = 5
SECONDS_TO_GIVE_UP = 5


class Source(NamedTuple):
    """A file to send: its label, its size, and what opens it."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def is_drop(paths: Iterable[Path]) -> bool:
    """Return whether these files and folders are sent as one import of several files."""
    several = list(paths)
    return len(several) > 1 or any(path.is_dir() or path.stat().st_size > LARGE_BYTES for path in several)


def find_sources(paths: Iterable[Path], opened: ExitStack) -> list[Source]:
    """Return what is sent of files and folders, of archives while they are open; raises Refused if that is nothing."""
    sources = [source for path in paths for source in _sources(path, opened)]
    if not sources:
        raise Refused(f"Nothing to import in {', '.join(map(str, paths))}: there is no file that may be of use.")
    return sources


def import_drop(
    client: httpx.Client,
    sources: Sequence[Source],
    answers: Mapping[str, str | None],
    options: Mapping[str, bool | None],
) -> int:
    """Import files as one; print what became of each, and return the code to leave with."""
    console = Console(stderr=True)
    drop = answer(_patiently(partial(client.post, "/imports")))
    path = f"/imports/{drop['import_id']}"
    with _given_up_on_errors(client, path):
        with progress.Progress(console=console) as bar:
            task = bar.add_task(f"Sending {len(sources)} files", total=sum(source.size for source in sources))
            for source in sources:
                for sent in _send(client, path, source, drop["piece_bytes"]):
                    bar.advance(task, sent)
        given: dict[str, Any] = {field: said for field, said in answers.items() if said}
        if "mapping" in given:
            given["mapping"] = json.loads(given["mapping"])
        if given:
            answer(client.post(f"{path}/answers", json=given))
    loaded = _finish(client, path, options, console)
    if loaded["state"] != "done":
        refuse_failed(client.delete(path))  # no second command goes on with it
    return _print(loaded)


@contextmanager
def _given_up_on_errors(client: httpx.Client, path: str) -> Iterator[None]:
    """Delete the import if the block fails or is interrupted: no second command goes on with it, and few are kept."""
    try:
        yield
    except BaseException:
        with suppress(httpx.HTTPError):
            client.delete(path, timeout=SECONDS_TO_GIVE_UP)
        raise


def _sources(path: Path, opened: ExitStack) -> Iterator[Source]:
    """Yield what is sent of a path: the files of a folder or of a large archive that may be worth it, or the file."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                yield from _files(file, name_of(file.relative_to(path)), opened, pass_over=True)
    else:
        yield from _files(path, name_of(Path(path.name)), opened, pass_over=False)


def _files(file: Path, name: str, opened: ExitStack, *, pass_over: bool) -> Iterator[Source]:
    size = file.stat().st_size
    if size > LARGE_BYTES and zipfile.is_zipfile(file):
        try:
            folder = opened.enter_context(ZipFolder(opened.enter_context(file.open("rb"))))
            unread.refuse_folder(folder)
        except UnreadableFile as error:
            raise Refused(f"{name}: {error}") from error
        for problem in folder.problems:
            click.echo(f"Error: {name}: {problem}", err=True)
        yield from _members(folder, name)
    elif not pass_over or _is_worth_sending(file):
        yield Source(name, size, partial(file.open, "rb"))


def _is_worth_sending(file: Path) -> bool:
    with file.open("rb") as content:
        head = content.read(HEAD_BYTES)
    # What is packed is looked at by the server.
    return head.startswith((zips.GZIP, zips.ZIP)) or is_worth_reading(head)


def _members(folder: Folder, name: str) -> Iterator[Source]:
    for member in folder.names():
        if is_worth_reading(folder.head(member)):
            yield Source(f"{name}/{member}", folder.size(member), partial(folder.open, member))


def _send(client: httpx.Client, path: str, source: Source, piece_bytes: int) -> Iterator[int]:
    """Send a file; yield how many bytes of it were sent each time."""
    with source.open() as content:
        sha256 = hashlib.file_digest(cast(Any, content), "sha256").hexdigest()
        size = content.tell()
        content.seek(0)
        for first in range(0, max(size, 1), piece_bytes):
            piece = content.read(piece_bytes)
            where = {"Content-Range": f"bytes {first}-{first + len(piece) - 1}/{size}"} if size else {}
            ask = partial(client.put, f"{path}/files/{sha256}", params={"name": source.name}, content=piece)
            refuse_failed(_patiently(partial(ask, headers=where)))
            yield len(piece)


def _patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Send a request that changes nothing the second time; again if the connection was lost or it came too early."""
    attempts = 1
    while True:
        try:
            response = ask()
        except httpx.TransportError:
            if attempts == MOST_ATTEMPTS:
                raise
            attempts += 1
            time.sleep(POLL_SECONDS)
            continue
        if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            return response
        time.sleep(int(response.headers.get("Retry-After", "1")))


def _finish(client: httpx.Client, path: str, options: Mapping[str, bool | None], console: Console) -> dict[str, Any]:
    """Let the server load the files as a job, and wait for its end; return the drop."""
    params = {name: value for name, value in options.items() if value is not None}
    ask = partial(client.post, f"{path}/finish", params=params, headers={"Prefer": "respond-async"})
    job = answer(_patiently(ask))
    with console.status("Loading") as status:
        while job["ended_at"] is None:
            time.sleep(POLL_SECONDS)
            job = answer(_patiently(partial(client.get, f"/jobs/{job['job_id']}")))
            status.update(f"Loading: {job['found']} records so far")
    if job["state"] == "failed":
        raise Refused(job["result"]["detail"])
    return job["result"]


def _print(drop: dict[str, Any]) -> int:
    """Print a line for each file, the questions, the counts, and how to take the import back; return the exit code."""
    refused = False
    for file in drop["files"]:
        if file["state"] == "refused":
            refused = True
            click.echo(f"Error: {file['name']}: {file['detail']}", err=True)
        else:
            counts = [f"{file[name]} {name}" for name in COUNTS[1:] if file[name]]
            what = file["detail"] or f"{file['kind']}: {', '.join(counts) or file['state']}"
            click.echo(f"{file['name']}: {what}")
    for asked in drop["questions"]:
        print_question(f"{asked['files']} files of {asked['kind']}", asked)
    print_counts(drop)
    print_skipped(sum((Counter(file["skipped_why"]) for file in drop["files"]), Counter()))
    console = Console()
    for what, title in (("problems", "Not imported"), ("remarks", "Read otherwise")):
        rows = [{**one, "file": file["name"]} for file in drop["files"] for one in file[what]]
        print_some(console, title, ("file", "row", "detail"), rows, len(rows))
    print_way_back(drop)
    return Refused.exit_code if refused or drop["questions"] else int(drop["failed"] > 0)
