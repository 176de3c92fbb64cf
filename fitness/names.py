"""Names that people give: how one is kept, and when two are the same."""

import unicodedata

from fitness.caches import kept_by_text
from fitness.ranges import LONGEST_NAME

# Between letters and in emoji these two change what is seen.
_JOINERS = "\u200c\u200d"
_SELECTORS = tuple(map(chr, range(0xFE00, 0xFE10)))


# An import asks for the same few names again and again.
_kept = kept_by_text(most=4096, longest=LONGEST_NAME)


@_kept
def normal_name(name: str) -> str:
    """Return a name as it is kept: composed (NFC), without invisible characters, its blanks single and none around it.

    A name of nothing that can be seen becomes the empty text.
    """
    if name.isascii() and name.isprintable():
        return " ".join(name.split())
    seen = "".join(map(_visible, unicodedata.normalize("NFC", name)))
    kept = " ".join(seen.split()).strip(_JOINERS)
    return kept if any(map(_is_seen, kept)) else ""


@_kept
def name_key(name: str) -> str:
    """Return what equal names share: composed or not, upper or lower case, `Straße` or `STRASSE`, `ΟΔΟΣ` or `οδος`."""
    if name.isascii() and name.isprintable():
        return " ".join(name.split()).lower()
    # Unicode's canonical caseless matching (D145), and blind to what cannot be seen.
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFD", normal_name(name)).casefold())
    return "".join(filter(_is_seen, folded)) if folded else ""


def normal_address(address: str) -> str:
    """Return an e-mail address or username as it is kept: in compatible characters (NFKC), without invisible ones."""
    return address if address.isascii() else "".join(filter(_is_seen, unicodedata.normalize("NFKC", address)))


def _visible(character: str) -> str:
    """Return a character, a blank in place of a control character, or nothing for one that is never seen."""
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category == "Cf" and character not in _JOINERS else character


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in {"Cf", "Cc"} and character not in _SELECTORS
