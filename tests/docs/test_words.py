"""Plain words: what we write is understood at once, also by readers whose English is a second language."""

import re

from tests.docs.pages import ROOT

PLACES = (
    *("README.md", "CHANGELOG.md", "docs", ".env.dev", ".env.prod", "Taskfile.yml"),
    *("fitness", "scripts", "migrations", "dashboard/src"),
)
WRITTEN = {"", ".css", ".dev", ".mako", ".md", ".prod", ".py", ".ts", ".tsx", ".yml"}
"""The endings of files that we write; a script has none."""
AVOIDED = (
    r"told",
    r"tells nothing",
    r"do(es)? not do",
    r"(is|are) none of",
    r"is nobody",
    r"who is new",
    r"looks so dear",
)


def test_words_that_confused_readers_are_not_used() -> None:
    avoided = re.compile(rf"\b({'|'.join(AVOIDED)})\b", re.IGNORECASE)
    places = [ROOT / place for place in PLACES]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    texts = {file: file.read_text() for file in files if file.is_file() and file.suffix in WRITTEN}

    assert len(texts) >= len(PLACES)
    assert [
        f"{file.relative_to(ROOT)}: {match[0]}" for file, text in texts.items() for match in avoided.finditer(text)
    ] == []
