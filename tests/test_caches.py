from collections.abc import Callable

from fitness.caches import kept_by_text
from fitness.names import name_key, normal_name
from fitness.readers import times


def shouting(asked: list[str]) -> Callable[[str], str]:
    """Return a function that keeps two short texts, and notes what it is really called for."""

    @kept_by_text(most=2, longest=3)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    return shout


def test_what_a_short_text_gives_is_kept_and_what_a_long_one_gives_is_not():
    asked: list[str] = []
    shout = shouting(asked)

    assert [shout(text) for text in ("abc", "long", "abc", "long")] == ["ABC", "LONG", "ABC", "LONG"]
    assert asked == ["abc", "long", "long"]


def test_no_more_texts_are_kept_than_there_is_room_for():
    asked: list[str] = []
    shout = shouting(asked)

    assert [shout(text) for text in "abcaca"] == list("ABCACA")
    assert asked == ["a", "b", "c", "a"]


def test_a_long_text_reads_as_a_short_one_does():
    blanks = " " * 1_000
    assert normal_name(f"Brooks{blanks}Ghost") == "Brooks Ghost"
    assert name_key(f"Brooks{blanks}Ghost") == "brooks ghost"
    assert times.day(f"Nov{blanks}2, 2025") == times.day("Nov 2, 2025")
    assert times.time(f"Nov{blanks}2, 2025, 5:31 PM{blanks}") == times.time("Nov 2, 2025, 5:31 PM")
