"""Requests with an `Idempotency-Key`: sending one again answers the same, and changes nothing."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial, wraps
from typing import Any

from flask import Response, request

from fitness.auth import user_id
from fitness.db import idempotency_keys
from fitness.db.connection import transaction
from fitness.db.idempotency_keys import Stored
from fitness.errors import Conflict, Invalid, TooManyRequests, invalid_field

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "A text that you make up for this request, such as a UUID. Sent again within 24 hours, the same"
    f" request with the same key changes nothing and answers the same, with `{REPLAYED}: true`; another request with"
    " this key answers 422. A request that becomes a job needs none: done twice, it changes nothing the second time.",
    "example": "0c5e8b1e-6c0d-4c2f-9a54-6b3f6c1a7d10",
}
"""The header, as a parameter in the API description."""

_STORED_HEADERS = ("Content-Type", "ETag", "Location")
_PIECE = 65_536
_FULL_SECONDS = 3600


def idempotent(view: Callable[..., Response], *, keyed: Mapping[str, bool]) -> Callable[..., Response]:
    """Run a view of a logged-in user, unless the request's `Idempotency-Key` has an answer already.

    `keyed` has the HTTP methods that accept a key, and whether their view opens its transactions itself; otherwise the
    answer commits with the changes of the request. Only successful answers are stored: an error changes nothing, so
    the request can run again.
    """

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        if HEADER not in request.headers or request.method not in keyed:
            return view(*args, **kwargs)
        return _run_once(partial(view, *args, **kwargs), own_transactions=keyed[request.method])

    return run


def _run_once(view: Callable[[], Response], *, own_transactions: bool) -> Response:
    key, digest = _key(), _digest()
    scope = _own_transaction if own_transactions else nullcontext
    with scope():
        claimed = idempotency_keys.claim(key, digest)
        stored = None if claimed else idempotency_keys.get_stored(key)
        is_full = not (claimed or stored or idempotency_keys.has_room())
    if stored is not None:
        return _replay(stored, digest)
    if is_full:
        raise TooManyRequests(_FULL_SECONDS, f"Too many answers are kept for you: send it without {HEADER}, or later")
    try:
        response = view()
    except BaseException:
        if own_transactions:
            with scope():
                idempotency_keys.release(key)
        raise
    headers = {name: response.headers[name] for name in _STORED_HEADERS if name in response.headers}
    with scope():
        idempotency_keys.store_answer(key, status=response.status_code, headers=headers, body=response.get_data())
    return response


def _key() -> str:
    key = request.headers[HEADER]
    if 0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    raise invalid_field(HEADER, f"Must be 1 to {LONGEST_KEY} printable ASCII characters")


def _own_transaction() -> AbstractContextManager[None]:
    return transaction(user_id())


def _replay(stored: Stored, digest: bytes) -> Response:
    if stored.request != digest:
        why = "This key was used for another request"
        raise Invalid(why, errors={HEADER: [why]})
    if stored.status is None:
        raise Conflict("The first request with this key is still running", headers={"Retry-After": "2"})
    return Response(stored.body, stored.status, {**(stored.headers or {}), REPLAYED: "true"})


def _digest() -> bytes:
    """Return the digest of what is asked: method, path, query, condition, and body.

    The parts of a form are digested one by one, as their boundary differs each time.
    """
    digest = hashlib.sha256()
    for part in _asked():
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _asked() -> Iterator[bytes]:
    yield from (request.method.encode(), request.path.encode(), request.query_string)
    yield request.headers.get("If-Match", "").encode()
    if request.mimetype != "multipart/form-data":
        yield request.get_data()
        return
    for name, value in request.form.items(multi=True):
        yield from (name.encode(), value.encode())
    for name, file in request.files.items(multi=True):
        yield from (name.encode(), (file.filename or "").encode())
        while piece := file.stream.read(_PIECE):
            yield piece
        file.stream.seek(0)
