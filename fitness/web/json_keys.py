"""Keys of JSON objects: each stands once. orjson would take the last value of one that stands twice, in silence."""

import json
from typing import Any

from fitness.errors import Unreadable


def _require_single(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Unreadable(f"The key {twice[:_SHOWN]} stands twice in one object")


_SHOWN = 100

# Numbers are not needed, and those with very many digits would be refused.
_READER = json.JSONDecoder(object_pairs_hook=_require_single, parse_int=float)


def require_single_keys(content: bytes) -> None:
    """Raise Unreadable if an object in this JSON has a key twice, which it names; `content` was read already.

    What is nested so deeply that Python cannot read it has no meaning here: the schemas refuse it.
    """
    try:
        _READER.decode(content.decode())
    except RecursionError:
        return
