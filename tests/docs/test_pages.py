"""README.md and docs/: short pages that link each other, and name only what exists."""

import re
from pathlib import Path

import click
import pytest
from flask.testing import FlaskClient

from fitness.cli import main
from fitness.config import VARIABLES
from tests.docs.pages import PAGES, README, ROOT, blocks, prose

LONGEST = 120
LONGEST_README = 62
LINK = re.compile(r"\]\(([^)#\s]*)#?([^)\s]*)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as web pages of repositories make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pages_are_short() -> None:
    lengths = {page.name: len(page.read_text().splitlines()) for page in PAGES if page != README}

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert len(README.read_text().splitlines()) <= LONGEST_README


def test_blocks_are_commands_or_say_what_they_are() -> None:
    assert {language for page in PAGES for language, _ in blocks(page)} <= {"console", "sh", "text"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link[0]]
    targets = [((page.parent / name).resolve() if name else page, anchor) for name, anchor in links]

    assert [target for target, anchor in targets if anchor and anchor not in anchors(target)] == []
    assert [target for target, _ in targets if not target.exists()] == []


@pytest.mark.parametrize("index", [README, ROOT / "docs" / "README.md"], ids=["README.md", "docs/README.md"])
def test_both_indexes_link_every_page(index: Path) -> None:
    linked = {(index.parent / name).resolve() for name, _ in LINK.findall(index.read_text()) if name}

    assert set(PAGES) - {README, ROOT / "docs" / "README.md"} - linked == set()


def test_every_file_that_a_page_names_exists() -> None:
    named = {
        path
        for page in PAGES
        for path in re.findall(
            r"(?<!/)\b(?:scripts|tests|fitness|migrations|benchmarks|deploy|docs)/[\w./-]*\w", page.read_text()
        )
    }

    assert "scripts/server" in named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_call_that_a_page_names_exists(client: FlaskClient) -> None:
    spec = client.get("/v1/openapi.json").json
    assert spec is not None
    described = {(method, parts(path)) for path, item in spec["paths"].items() for method in item}
    named = {
        (method.lower(), parts(path))
        for page in PAGES
        for methods, path in re.findall(r"`([A-Z]{3,}(?:` and `[A-Z]{3,})*)\s+(/v1/[\w/{}-]+)`", prose(page))
        for method in re.findall(r"[A-Z]+", methods)
    }

    assert len(named) > 20
    assert named - described == set()


def parts(path: str) -> tuple[str, ...]:
    """Return a path without the names of its parameters."""
    return tuple(re.sub(r"\{.*\}", "{}", part) for part in path.split("/"))


def test_every_command_that_a_page_names_exists() -> None:
    named = {
        tuple(words.split())
        for page in PAGES
        for words in re.findall(r"(?:`|\.venv/bin/)fitness((?: [a-z]+)+)", page.read_text())
    }

    assert len(named) > 10
    assert [words for words in named if not is_command(words)] == []


def is_command(words: tuple[str, ...]) -> bool:
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            return True  # the rest are its arguments
        command = command.get_command(click.Context(command), word)
    return command is not None


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (?:`(.*?)`|–) \| (.+) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )

    assert {name: default for name, default, _ in rows} == {
        variable.name: variable.default or "" for variable in VARIABLES
    }
    assert len(rows) == len(VARIABLES)
