"""README.md, CHANGELOG.md and the pages of docs/: their blocks of commands, as a reader sees them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A command, and the answer that the page shows below it; None in sh blocks, which show no answers."""

    command: str
    answer: str | None


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the text of each fenced block."""
    return BLOCK.findall(page.read_text())


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return BLOCK.sub("", page.read_text())


def steps(page: Path) -> list[Step]:
    """Return the commands of a page's console and sh blocks, in order."""
    readers = {"console": _with_answers, "sh": _without_answers}
    return [step for language, text in blocks(page) if language in readers for step in readers[language](text)]


def _with_answers(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, answer = part.partition("\n")
        yield Step(command, answer.strip())


def _without_answers(text: str) -> Iterator[Step]:
    """Yield each line, without its comment."""
    commands = (re.sub(r"(^| +)# .*", "", line) for line in text.splitlines())
    return (Step(command, None) for command in commands if command)
